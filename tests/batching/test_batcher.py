"""Requests that share a run: who gets what, and whose error is whose."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.batching.tasks import Answers, task_of
from tests.polling import poll_until
from tfs_notebook.batching.batcher import Batcher, BatchRun, Run
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.rows import Parts
from tfs_notebook.batching.scheduler import BatchScheduler
from tfs_notebook.batching.task import Task
from tfs_notebook.batching.tuning import QueueLimits
from tfs_notebook.wire.errors import Cancelled, DeadlineExceeded, Internal, ServingError

SECONDS = 30.0


class Doubling:
    """A model that doubles what it is given, and refuses negative numbers."""

    def __init__(self) -> None:
        self.runs: list[np.ndarray] = []

    def __call__(self, parts: Parts) -> dict[str, np.ndarray]:
        rows = np.concatenate(parts["x"][0])
        self.runs.append(rows)
        if (rows < 0).any():
            raise Internal("negative")
        return {"y": rows * 2}


@pytest.fixture
def scheduler() -> Iterator[BatchScheduler]:
    one = BatchScheduler(2)
    yield one
    assert one.stop(SECONDS)


def opened(run: Run) -> Callable[[object], tuple[Run, Callable[[BatchRun], None]]]:
    """Whatever the key is, this runs it."""
    return lambda _key: (run, lambda _run: None)


def run_together(
    scheduler: BatchScheduler,
    run: Run,
    tasks: list[Task],
    **parameters: object,
) -> list[BatchRun]:
    """Have these tasks run in one batch, if they may be, and wait for their ends."""
    seen: list[BatchRun] = []
    batcher = Batcher(
        scheduler,
        BatchingParameters(**parameters),  # type: ignore[arg-type]
        lambda _key: (run, seen.append),
    )
    scheduler.hold_back()
    for task in tasks:
        batcher.submit("signature", task)
    scheduler.go_on()
    receivers = {id(task.receiver): task.receiver for task in tasks}.values()
    poll_until(
        lambda: (
            sum(len(receiver.tasks) for receiver in receivers if isinstance(receiver, Answers))
            == len(tasks)
        ),
        "all have their answers",
    )
    return seen


def test_each_request_gets_its_own_rows_in_one_delivery(scheduler: BatchScheduler) -> None:
    model, answers = Doubling(), Answers()
    tasks = [task_of(values, answers) for values in ([1.0], [2.0, 3.0], [], [4.0])]
    (run,) = run_together(scheduler, model, tasks)
    assert [task.result.tolist() for task in tasks] == [[2.0], [4.0, 6.0], [], [8.0]]
    assert len(model.runs) == 1
    assert answers.deliveries == [tasks]
    assert (run.tasks, run.rows, run.padded_rows) == (4, 4, 4)


def test_each_receiver_gets_its_own(scheduler: BatchScheduler) -> None:
    first, second = Answers(), Answers()
    tasks = [task_of([1.0], first), task_of([2.0], second), task_of([3.0], first)]
    run_together(scheduler, Doubling(), tasks)
    assert first.deliveries == [[tasks[0], tasks[2]]]
    assert second.deliveries == [[tasks[1]]]


def test_a_batch_is_filled_up_and_nobody_sees_it(scheduler: BatchScheduler) -> None:
    model = Doubling()
    tasks = [task_of([1.0]), task_of([2.0, 3.0])]
    (run,) = run_together(
        scheduler, model, tasks, max_batch_size=8, allowed_batch_sizes=(2, 4, 8)
    )
    assert model.runs[0].tolist() == [1.0, 2.0, 3.0, 2.0]
    assert [task.result.tolist() for task in tasks] == [[2.0], [4.0, 6.0]]
    assert (run.rows, run.padded_rows) == (3, 4)


def test_one_bad_request_does_not_fail_its_neighbours(scheduler: BatchScheduler) -> None:
    model = Doubling()
    tasks = [task_of([1.0]), task_of([-1.0]), task_of([3.0])]
    run_together(scheduler, model, tasks)
    assert [task.result is not None for task in tasks] == [True, False, True]
    assert isinstance(tasks[1].error, Internal)
    assert tasks[2].result.tolist() == [6.0]
    # Together, and then one by one.
    assert len(model.runs) == 4


def test_what_is_given_up_meanwhile_is_not_run_again(scheduler: BatchScheduler) -> None:
    model = Doubling()
    tasks = [task_of([1.0]), task_of([-1.0]), task_of([3.0])]

    def run(parts: Parts) -> dict[str, np.ndarray]:
        if model.runs:
            tasks[2].abandon()
        return model(parts)

    run_together(scheduler, run, tasks)
    assert [rows.tolist() for rows in model.runs] == [[1.0, -1.0, 3.0], [1.0], [-1.0]]
    assert isinstance(tasks[2].error, Cancelled)


def test_requests_of_other_shapes_run_by_themselves(scheduler: BatchScheduler) -> None:
    tasks = [
        task_of(np.ones((1, 2), np.float32)),
        task_of(np.ones((1, 3), np.float32)),
        task_of(np.ones((2, 2), np.float32)),
    ]
    runs = run_together(scheduler, Doubling(), tasks)
    assert sorted(run.rows for run in runs) == [1, 3]
    assert [task.result.shape for task in tasks] == [(1, 2), (1, 3), (2, 2)]


def test_shapes_are_padded_where_they_may_be(scheduler: BatchScheduler) -> None:
    tasks = [task_of(np.ones((1, 2), np.float32)), task_of(np.ones((1, 3), np.float32))]
    (run,) = run_together(scheduler, Doubling(), tasks, pad_variable_length_inputs=True)
    assert run.tasks == 2
    assert [task.result.shape for task in tasks] == [(1, 3), (1, 3)]


def test_what_cannot_be_padded_fails_alone(scheduler: BatchScheduler) -> None:
    tasks = [task_of(np.ones((1, 2), np.float32)), task_of(np.ones((1, 0), np.float32))]
    run_together(scheduler, Doubling(), tasks, pad_variable_length_inputs=True)
    assert [task.error for task in tasks] == [None, None]
    assert [task.result.shape for task in tasks] == [(1, 2), (1, 0)]


def test_an_answer_that_cannot_be_made_is_the_error_of_one(scheduler: BatchScheduler) -> None:
    def fail(_outputs: object) -> None:
        raise Internal("cannot be encoded")

    bad = Task({"x": (np.ones(1, np.float32), 1)}, fail)
    bad.enqueue_for(Answers())
    good = task_of([1.0])
    run_together(scheduler, Doubling(), [bad, good])
    assert isinstance(bad.error, Internal)
    assert good.result.tolist() == [2.0]


def test_a_model_that_gives_no_rows_fails_all_without_a_second_run(
    scheduler: BatchScheduler,
) -> None:
    runs = []

    def run(parts: Parts) -> dict[str, np.ndarray]:
        runs.append(parts)
        return {"y": np.array(1.0)}

    tasks = [task_of([1.0]), task_of([2.0])]
    run_together(scheduler, run, tasks)
    for task in tasks:
        assert isinstance(task.error, ServingError)
        assert task.error.message == "Batched output tensor has 0 dimensions"
    assert len(runs) == 1


def test_what_nobody_waits_for_is_not_run(scheduler: BatchScheduler) -> None:
    model = Doubling()
    gone, late, good = task_of([1.0]), task_of([2.0], timeout=0.0), task_of([3.0])
    gone.abandon()
    run_together(scheduler, model, [gone, late, good])
    assert [rows.tolist() for rows in model.runs] == [[3.0]]
    assert isinstance(gone.error, Cancelled)
    assert isinstance(late.error, DeadlineExceeded)
    assert late.error.message == "Run() timeout exceeded while waiting in batching queue"


def test_a_large_request_is_run_in_pieces(scheduler: BatchScheduler) -> None:
    model = Doubling()
    small, large = task_of([0.5]), task_of(np.arange(10, dtype=np.float32))
    run_together(
        scheduler,
        model,
        [small, large],
        max_batch_size=100,
        max_execution_batch_size=4,
        enable_large_batch_splitting=True,
    )
    assert small.result.tolist() == [1.0]
    assert large.result.tolist() == [2.0 * number for number in range(10)]
    assert max(len(rows) for rows in model.runs) <= 4


def test_the_error_of_a_piece_is_that_of_the_whole(scheduler: BatchScheduler) -> None:
    large = task_of([1.0, 1.0, 1.0, -1.0, 1.0])
    run_together(
        scheduler,
        Doubling(),
        [large],
        max_batch_size=100,
        max_execution_batch_size=2,
        enable_large_batch_splitting=True,
    )
    assert isinstance(large.error, Internal)
    assert large.result is None


def test_other_keys_do_not_share_a_run(scheduler: BatchScheduler) -> None:
    model, answers = Doubling(), Answers()
    batcher = Batcher(scheduler, BatchingParameters(), opened(model))
    scheduler.hold_back()
    for number in range(200):
        # More keys than queues are kept for.
        batcher.submit(number, task_of([1.0], answers))
    scheduler.go_on()
    poll_until(lambda: len(answers.tasks) == 200, "all have their answers")
    assert len(model.runs) == 200


def test_parameters_change_while_requests_wait(scheduler: BatchScheduler) -> None:
    model, answers = Doubling(), Answers()
    batcher = Batcher(
        scheduler,
        BatchingParameters(batch_timeout_micros=3_600_000_000, max_batch_size=100),
        opened(model),
    )
    batcher.submit("s", task_of([1.0], answers))
    batcher.change(BatchingParameters(batch_timeout_micros=0, max_batch_size=2))
    assert batcher.parameters.max_batch_size == 2
    poll_until(lambda: len(answers.tasks) == 1, "the new patience holds for what waits")


def test_parameters_that_change_after_the_end_let_nobody_wait(
    scheduler: BatchScheduler,
) -> None:
    answers = Answers()
    batcher = Batcher(scheduler, BatchingParameters(), opened(Doubling()))
    batcher.submit("s", task_of([1.0], answers))
    batcher.close()
    batcher.change(BatchingParameters(batch_timeout_micros=3_600_000_000))
    for key in ("s", "t"):
        batcher.submit(key, task_of([1.0], answers))
    poll_until(lambda: len(answers.tasks) == 3, "all have their answers")


def test_the_automatic_mode_finds_limits_until_it_is_turned_off(
    scheduler: BatchScheduler,
) -> None:
    answers = Answers()
    patient = BatchingParameters(batch_timeout_micros=3_600_000_000, max_batch_size=512)
    batcher = Batcher(scheduler, patient, opened(Doubling()), latency_target_micros=100_000)
    mode = batcher.automatic
    assert mode is not None
    assert mode.limits == QueueLimits(512, 0)

    sent = 0

    def has_found() -> bool:
        nonlocal sent
        for key in ("s", "t"):
            for _ in range(20):
                batcher.submit(key, task_of([1.0], answers))
                sent += 1
        poll_until(lambda: len(answers.tasks) == sent, "all have their answers")
        return mode.limits.rows < 512

    # It begins with no patience, or nobody would ever be answered.
    poll_until(has_found, "a size is found")
    assert mode.tuner.windows > 0
    assert mode.tuner.p99 is not None
    batcher.change(patient)
    assert batcher.automatic is None
    batcher.submit("s", task_of([1.0], answers))
    assert batcher.depth == 1
    batcher.change(BatchingParameters())
    poll_until(lambda: batcher.depth == 0, "it is not waited with any more")


def test_what_was_given_up_and_made_room_has_ended(scheduler: BatchScheduler) -> None:
    model, answers = Doubling(), Answers()
    batcher = Batcher(
        scheduler, BatchingParameters(max_batch_size=1, max_enqueued_batches=1), opened(model)
    )
    gone, good = task_of([1.0], answers), task_of([2.0], answers)
    scheduler.hold_back()
    batcher.submit("s", gone)
    gone.abandon()
    batcher.submit("s", good)
    assert isinstance(gone.error, Cancelled)
    assert answers.deliveries[0] == [gone]
    scheduler.go_on()
    poll_until(lambda: len(answers.tasks) == 2, "the other one has its answer")
    assert good.result.tolist() == [4.0]


def test_depth_counts_what_waits(scheduler: BatchScheduler) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()
    answers = Answers()

    def run(parts: Parts) -> dict[str, np.ndarray]:
        begun.release()
        assert go_on.wait(SECONDS)
        return {"y": np.concatenate(parts["x"][0])}

    batcher = Batcher(scheduler, BatchingParameters(max_batch_size=1), opened(run))
    for _ in range(5):
        batcher.submit("s", task_of([1.0], answers))
    for _ in range(2):
        assert begun.acquire(timeout=SECONDS)
    assert batcher.depth == 3
    go_on.set()
    poll_until(lambda: len(answers.tasks) == 5, "all have their answers")
