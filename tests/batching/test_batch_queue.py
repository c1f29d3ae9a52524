"""When a batch is ready, what goes into it, and when a queue is full."""

from __future__ import annotations

import math

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.batching.tasks import rows
from tests.example_numbers import share_of
from tfs_notebook.batching.batch_queue import BatchQueue
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.task import Task
from tfs_notebook.batching.tuning import QueueLimits
from tfs_notebook.wire.errors import InvalidArgument, Unavailable


def queue(**parameters: int | bool) -> BatchQueue:
    """An empty queue."""
    return BatchQueue(BatchingParameters(**parameters))  # type: ignore[arg-type]


def sizes(queue: BatchQueue) -> list[list[int]]:
    """The rows of the tasks in each batch; the queue is empty afterwards."""
    batches = []
    while queue.due() is not None:
        batches.append([task.rows for task in queue.take().tasks])
    return batches


def test_an_empty_queue_has_nothing_to_run() -> None:
    assert queue().due() is None


def test_without_patience_a_batch_is_ready_at_once() -> None:
    waiting = queue(batch_timeout_micros=0)
    waiting.add(rows(1), now=5.0)
    assert waiting.due() == 0.0


def test_a_batch_waits_for_others_as_long_as_it_may() -> None:
    waiting = queue(batch_timeout_micros=2_000_000, max_batch_size=4)
    waiting.add(rows(1), now=5.0)
    waiting.add(rows(1), now=6.5)
    # The first one counts.
    assert waiting.due() == 7.0
    waiting.add(rows(2), now=6.6)
    assert waiting.due() == 0.0


def test_a_batch_is_closed_when_the_next_task_does_not_fit() -> None:
    waiting = queue(batch_timeout_micros=1_000_000, max_batch_size=4)
    waiting.add(rows(3), now=0.0)
    waiting.add(rows(2), now=0.5)
    assert waiting.due() == 0.0
    assert [task.rows for task in waiting.take().tasks] == [3]
    # The time of the second batch is that of its own first task.
    assert waiting.due() == 1.5


def test_tasks_run_in_the_order_they_came() -> None:
    waiting = queue(max_batch_size=4)
    for number in (1, 3, 4, 2, 1, 2):
        waiting.add(rows(number), now=0.0)
    assert sizes(waiting) == [[1, 3], [4], [2, 1], [2]]


def test_a_task_larger_than_any_batch_is_refused() -> None:
    with pytest.raises(InvalidArgument) as caught:
        queue(max_batch_size=4).add(rows(5), now=0.0)
    assert caught.value.message == "Task size 5 is larger than maximum input batch size 4"


def test_a_full_queue_refuses() -> None:
    waiting = queue(max_batch_size=2, max_enqueued_batches=2)
    for _ in range(4):
        waiting.add(rows(1), now=0.0)
    with pytest.raises(Unavailable) as caught:
        waiting.add(rows(1), now=0.0)
    assert caught.value.message == (
        "The batch scheduling queue to which this task was submitted is full; currently 2 "
        "batches enqueued and max_enqueued_batches is 2"
    )
    waiting.take()
    waiting.add(rows(1), now=0.0)


def test_what_was_given_up_makes_room() -> None:
    waiting = queue(max_batch_size=2, max_enqueued_batches=2)
    tasks = [rows(1) for _ in range(4)]
    for task in tasks:
        waiting.add(task, now=0.0)
    tasks[0].abandon()
    tasks[1].abandon()
    waiting.add(rows(2), now=0.0)
    assert sizes(waiting) == [[1, 1], [2]]
    assert waiting.rows == 0
    assert waiting.dropped == tasks[:2]


def test_zero_batches_mean_one() -> None:
    waiting = queue(max_batch_size=2, max_enqueued_batches=0)
    waiting.add(rows(2), now=0.0)
    with pytest.raises(Unavailable, match="max_enqueued_batches is 1"):
        waiting.add(rows(1), now=0.0)


def test_a_large_task_is_spread_when_it_may_be() -> None:
    waiting = queue(
        max_batch_size=100, max_execution_batch_size=4, enable_large_batch_splitting=True
    )
    waiting.add(rows(3), now=0.0)
    waiting.add(rows(10), now=0.0)
    # The open batch is filled up first.
    assert sizes(waiting) == [[3, 1], [4], [4], [1]]


def test_a_task_that_does_not_fit_even_when_spread_is_refused_whole() -> None:
    waiting = queue(
        max_batch_size=100,
        max_execution_batch_size=4,
        max_enqueued_batches=2,
        enable_large_batch_splitting=True,
    )
    waiting.add(rows(3), now=0.0)
    with pytest.raises(Unavailable) as caught:
        waiting.add(rows(6), now=0.0)
    assert caught.value.message == (
        "The batch scheduling queue to which this task was submitted is full; task size is 6 "
        "but scheduling capacity is only 5 (num_enqueued_batches=1, max_enqueued_batches=2, "
        "open_batch_size=3, max_execution_batch_size=4)"
    )
    waiting.add(rows(5), now=0.0)
    assert sizes(waiting) == [[3, 1], [4]]


def test_new_parameters_hold_for_what_comes() -> None:
    waiting = queue(max_batch_size=2, batch_timeout_micros=1_000_000)
    waiting.add(rows(2), now=0.0)
    waiting.change(BatchingParameters(max_batch_size=4, batch_timeout_micros=0))
    waiting.add(rows(2), now=0.0)
    assert sizes(waiting) == [[2, 2]]


class Queueing(RuleBasedStateMachine):
    """Any tasks at any times: none is lost, none is run twice, and the limits hold."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.parameters = BatchingParameters(
            max_batch_size=8, batch_timeout_micros=1_000_000, max_enqueued_batches=3
        )
        self.queue = BatchQueue(self.parameters)
        self.waiting: list[Task] = []

    @rule(number=st.integers(0, 9))
    def add(self, number: int) -> None:
        task = rows(number)
        try:
            self.queue.add(task, self.now)
        except InvalidArgument:
            assert number > 8
        except Unavailable:
            assert self.queue.batches == 3
        else:
            assert number <= 8
            self.waiting.append(task)

    @rule(seconds=st.floats(0.0, 0.7))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(index=st.integers(0, 30))
    def abandon(self, index: int) -> None:
        if index < len(self.waiting):
            self.waiting[index].abandon()

    @precondition(lambda self: (self.queue.due() or math.inf) <= self.now)
    @rule()
    def take(self) -> None:
        batch = self.queue.take()
        assert batch.rows == sum(task.rows for task in batch.tasks) <= 8
        kept = [task for task in self.waiting if not task.is_abandoned]
        assert [task for task in batch.tasks if not task.is_abandoned] == kept[
            : sum(not task.is_abandoned for task in batch.tasks)
        ]
        self.waiting = [task for task in self.waiting if task not in batch.tasks]

    @invariant()
    def nothing_waits_longer_than_it_may(self) -> None:
        due = self.queue.due()
        if any(not task.is_abandoned for task in self.waiting):
            assert due is not None
            assert due <= self.now + 1.0
        assert self.queue.batches <= 3


TestQueueing = Queueing.TestCase
TestQueueing.settings = settings(
    max_examples=share_of(60), stateful_step_count=40, deadline=None
)


# -- limits that were found ------------------------------------------------------


def limited(
    rows_of_a_run: int, timeout_micros: int = 0, **parameters: int | bool
) -> BatchQueue:
    """An empty queue with limits below its parameters."""
    waiting = queue(**parameters)
    waiting.change(waiting.parameters, QueueLimits(rows_of_a_run, timeout_micros))
    return waiting


def test_limits_hold_for_what_is_put_together() -> None:
    waiting = limited(4, 2_000_000, max_batch_size=100, batch_timeout_micros=7)
    waiting.add(rows(3), now=1.0)
    assert waiting.due() == 3.0
    for _ in range(2):
        waiting.add(rows(2), now=1.0)
    assert waiting.due() == 0.0
    assert sizes(waiting) == [[3], [2, 2]]


def test_a_task_above_the_limit_runs_by_itself() -> None:
    waiting = limited(4, 1_000_000, max_batch_size=100)
    waiting.add(rows(1), now=0.0)
    waiting.add(rows(100), now=0.0)
    waiting.add(rows(1), now=0.0)
    assert sizes(waiting) == [[1], [100], [1]]
    with pytest.raises(InvalidArgument, match="larger than maximum input batch size 100"):
        waiting.add(rows(101), now=0.0)


def test_as_many_rows_may_wait_as_without_limits() -> None:
    waiting = limited(4, max_batch_size=10, max_enqueued_batches=2)
    for _ in range(20):
        waiting.add(rows(1), now=0.0)
    # A larger one needs a batch of its own; nothing that was taken before is refused.
    waiting.add(rows(4), now=0.0)
    with pytest.raises(Unavailable, match=r"max_enqueued_batches is 6"):
        waiting.add(rows(1), now=0.0)


def test_what_is_split_is_split_at_the_limit_and_not_refused_for_it() -> None:
    waiting = limited(
        4, max_batch_size=100, max_enqueued_batches=1, enable_large_batch_splitting=True
    )
    waiting.add(rows(100), now=0.0)
    assert sizes(waiting) == [[4]] * 25


@pytest.mark.parametrize("splits", [False, True])
def test_limits_that_shrink_below_what_waits(splits: bool) -> None:
    waiting = queue(
        max_batch_size=100, batch_timeout_micros=10**9, enable_large_batch_splitting=splits
    )
    waiting.add(rows(50), now=0.0)
    waiting.change(waiting.parameters, QueueLimits(4, 10**9))
    assert waiting.due() == 0.0
    waiting.add(rows(6), now=0.0)
    assert sizes(waiting) == ([[50], [4], [2]] if splits else [[50], [6]])


def test_no_limits_any_more() -> None:
    waiting = limited(4, max_batch_size=8, batch_timeout_micros=1_000_000)
    waiting.change(waiting.parameters)
    for _ in range(2):
        waiting.add(rows(4), now=0.0)
    assert sizes(waiting) == [[4, 4]]
