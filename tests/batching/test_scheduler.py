"""The threads that run batches: turns, times, limits, and the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from tests.batching.tasks import rows
from tests.polling import poll_until
from tfs_notebook.batching.batch_queue import Batch, BatchQueue
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.scheduler import BatchScheduler
from tfs_notebook.batching.task import Task
from tfs_notebook.wire.errors import Unavailable

SECONDS = 30.0


class Runs:
    """Takes batches, one by one where they are held up."""

    def __init__(self) -> None:
        self.batches: list[list[Task]] = []
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, batch: Batch) -> None:
        self.batches.append(batch.tasks)
        self.begun.release()
        assert self.go_on.wait(SECONDS)

    def wait(self, number: int = 1) -> None:
        """Wait until so many more have begun."""
        for _ in range(number):
            assert self.begun.acquire(timeout=SECONDS)


@pytest.fixture
def make() -> Iterator[Callable[..., BatchScheduler]]:
    """Makes schedulers, which have to end."""
    made: list[BatchScheduler] = []

    def scheduler(threads: int = 2) -> BatchScheduler:
        made.append(BatchScheduler(threads, name="tfs-test-batch"))
        return made[-1]

    yield scheduler
    for one in made:
        assert one.stop(SECONDS)
    assert not [t for t in threading.enumerate() if t.name.startswith("tfs-test-batch")]


def queue(**parameters: int) -> BatchQueue:
    """An empty queue."""
    return BatchQueue(BatchingParameters(**parameters))  # type: ignore[arg-type]


def test_a_task_is_run(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs, task = make(), Runs(), rows(1)
    scheduler.submit(scheduler.add(queue(), runs), task)
    runs.wait()
    assert runs.batches == [[task]]


def test_no_thread_is_started_before_there_is_work(
    make: Callable[..., BatchScheduler],
) -> None:
    make(40)
    assert not [t for t in threading.enumerate() if t.name.startswith("tfs-test-batch")]


def test_what_comes_meanwhile_shares_the_next_run(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs = make(1), Runs()
    waiting = scheduler.add(queue(), runs)
    runs.go_on.clear()
    scheduler.submit(waiting, rows(1))
    runs.wait()
    for _ in range(5):
        scheduler.submit(waiting, rows(1))
    runs.go_on.set()
    runs.wait()
    assert [len(batch) for batch in runs.batches] == [1, 5]


def test_a_first_task_waits_for_others_for_its_time(
    make: Callable[..., BatchScheduler],
) -> None:
    scheduler, runs = make(), Runs()
    waiting = scheduler.add(queue(batch_timeout_micros=100_000), runs)
    first = rows(1)
    scheduler.submit(waiting, first)
    scheduler.submit(waiting, rows(1))
    runs.wait()
    (batch,) = runs.batches
    assert len(batch) == 2


def test_a_full_batch_waits_for_nobody(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs = make(), Runs()
    waiting = scheduler.add(queue(batch_timeout_micros=3_600_000_000, max_batch_size=2), runs)
    scheduler.submit(waiting, rows(1))
    scheduler.submit(waiting, rows(1))
    runs.wait()
    assert [len(batch) for batch in runs.batches] == [2]


def test_an_earlier_time_of_another_queue_is_kept(make: Callable[..., BatchScheduler]) -> None:
    scheduler, patient, hasty = make(), Runs(), Runs()
    scheduler.submit(scheduler.add(queue(batch_timeout_micros=3_600_000_000), patient), rows(1))
    # Somebody keeps the patient queue's time by now, or is about to.
    scheduler.submit(scheduler.add(queue(batch_timeout_micros=1000), hasty), rows(1))
    hasty.wait()
    assert not patient.batches


def test_queues_take_turns(make: Callable[..., BatchScheduler]) -> None:
    scheduler, order = make(1), []
    held, blocked = Runs(), scheduler.add(queue(), Runs())
    blocked.process = held
    held.go_on.clear()
    scheduler.submit(blocked, rows(1))
    held.wait()
    done = threading.Event()

    def process_of(name: str) -> Callable[[Batch], None]:
        def process(_batch: Batch) -> None:
            order.append(name)
            if len(order) == 6:
                done.set()

        return process

    for name in ("a", "b", "c"):
        waiting = scheduler.add(queue(max_batch_size=1), process_of(name))
        for _ in range(2):
            scheduler.submit(waiting, rows(1))
    held.go_on.set()
    assert done.wait(SECONDS)
    assert order == ["a", "b", "c", "a", "b", "c"]


def test_as_many_batches_run_at_once_as_there_are_threads(
    make: Callable[..., BatchScheduler],
) -> None:
    scheduler, runs = make(3), Runs()
    waiting = scheduler.add(queue(max_batch_size=1), runs)
    runs.go_on.clear()
    for _ in range(5):
        scheduler.submit(waiting, rows(1))
    runs.wait(3)
    assert not runs.begun.acquire(timeout=0.05)
    runs.go_on.set()
    runs.wait(2)


def test_the_number_of_threads_may_change(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs = make(1), Runs()
    waiting = scheduler.add(queue(max_batch_size=1), runs)
    runs.go_on.clear()
    for _ in range(4):
        scheduler.submit(waiting, rows(1))
    runs.wait()
    scheduler.threads = 4
    scheduler.submit(waiting, rows(1))
    runs.wait(3)
    scheduler.threads = 1
    runs.go_on.set()
    runs.wait()
    poll_until(
        lambda: (
            len([t for t in threading.enumerate() if t.name.startswith("tfs-test-batch")]) <= 1
        ),
        "those that are too many have gone",
    )
    scheduler.submit(waiting, rows(1))
    runs.wait()


def test_what_is_held_back_is_one_batch(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs = make(), Runs()
    waiting = scheduler.add(queue(), runs)
    scheduler.hold_back()
    for _ in range(3):
        scheduler.submit(waiting, rows(1))
    assert not runs.batches
    scheduler.go_on()
    runs.wait()
    assert [len(batch) for batch in runs.batches] == [3]


def test_stop_runs_what_waits(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs = make(), Runs()
    waiting = scheduler.add(queue(batch_timeout_micros=3_600_000_000), runs)
    scheduler.submit(waiting, rows(1))
    assert scheduler.stop(SECONDS)
    assert len(runs.batches) == 1
    with pytest.raises(Unavailable, match="shutting down"):
        scheduler.submit(waiting, rows(1))


def test_stop_runs_what_was_held_back(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs = make(), Runs()
    scheduler.hold_back()
    scheduler.submit(scheduler.add(queue(), runs), rows(1))
    assert scheduler.stop(SECONDS)
    assert len(runs.batches) == 1


def test_stop_leaves_a_run_that_hangs(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs = make(), Runs()
    runs.go_on.clear()
    scheduler.submit(scheduler.add(queue(), runs), rows(1))
    runs.wait()
    assert not scheduler.stop(0.01)
    runs.go_on.set()


def test_an_error_ends_no_thread(
    make: Callable[..., BatchScheduler], caplog: pytest.LogCaptureFixture
) -> None:
    scheduler, runs = make(1), Runs()

    def fail(_batch: Batch) -> None:
        raise RuntimeError("unforeseen")

    scheduler.submit(scheduler.add(queue(), fail), rows(1))
    scheduler.submit(scheduler.add(queue(), runs), rows(1))
    runs.wait()
    assert "unforeseen" in caplog.text


def test_no_task_is_lost_between_threads(make: Callable[..., BatchScheduler]) -> None:
    scheduler = make(4)
    seen: list[Task] = []
    queues = [
        scheduler.add(
            queue(max_batch_size=7, batch_timeout_micros=micros, max_enqueued_batches=10_000),
            lambda batch: seen.extend(batch.tasks),
        )
        for micros in (0, 100, 1000)
    ]
    sent: list[Task] = []

    def send() -> None:
        for number in range(600):
            task = rows(1)
            sent.append(task)
            scheduler.submit(queues[number % 3], task)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    poll_until(lambda: len(seen) == len(sent), "all have been run", seconds=SECONDS)
    assert set(map(id, seen)) == set(map(id, sent))


def test_one_at_a_time_takes_one_thread(make: Callable[..., BatchScheduler]) -> None:
    scheduler, runs, others = make(2), Runs(), Runs()
    waiting = scheduler.add(queue(max_batch_size=2), runs, one_at_a_time=True)
    runs.go_on.clear()
    for _ in range(5):
        scheduler.submit(waiting, rows(1))
    runs.wait()
    # The other thread is there for other queues.
    scheduler.submit(scheduler.add(queue(), others), rows(1))
    others.wait()
    assert not runs.begun.acquire(timeout=0.05)
    runs.go_on.set()
    runs.wait(2)
    assert sorted(map(len, runs.batches)) == [1, 2, 2]
