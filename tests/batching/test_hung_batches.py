"""Batches that hang: their threads, their neighbours, and what is left of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from tests.batching.tasks import Answers, task_of
from tests.polling import poll_until
from tfs_notebook.batching.batcher import Batcher, BatchRun
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.rows import Parts
from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.batching.scheduler import BatchScheduler
from tfs_notebook.batching.task import Task
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import DeadlineExceeded, Internal, ServingError, Unavailable

SECONDS = 30.0
HANGS, FAILS = -1.0, -2.0


@dataclass
class Model:
    """Doubles; hangs on one number until it is let go, and fails on another."""

    runs: list[list[float]] = field(default_factory=list)
    hanging: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    let_go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, parts: Parts) -> dict[str, np.ndarray]:
        rows = np.concatenate(parts["x"][0])
        self.runs.append(rows.ravel().tolist())
        if FAILS in rows:
            raise Internal("failed")
        if HANGS in rows:
            self.hanging.release()
            assert self.let_go.wait(SECONDS)
        return {"y": rows * 2}

    def wait(self) -> None:
        """Wait until one more run hangs."""
        assert self.hanging.acquire(timeout=SECONDS)


class Bench:
    """A scheduler of one thread, and a watch that looks when it is told to."""

    def __init__(self) -> None:
        self.watch = RunWatch(3600.0)
        self.scheduler = BatchScheduler(1, name="tfs-test-hung", watch=self.watch)
        self.model = Model()
        self.answers = Answers()
        self.seen: list[BatchRun] = []

    def batcher(self, **parameters: object) -> Batcher:
        return Batcher(
            self.scheduler,
            BatchingParameters(**parameters),  # type: ignore[arg-type]
            lambda _key: (self.model, self.seen.append),
        )

    def together(self, batcher: Batcher, *tasks: Task) -> None:
        """Submit tasks so that they come into one batch."""
        self.scheduler.hold_back()
        for task in tasks:
            batcher.submit("signature", task)
        self.scheduler.go_on()

    def task(self, *values: float) -> Task:
        return task_of(values, self.answers)

    def write_off(self) -> None:
        """Let the watch find that what runs now has taken too long."""
        self.watch.look(time.perf_counter() + 3601)

    def wait_for(self, number: int) -> None:
        """Wait until so many tasks have their answers."""
        poll_until(lambda: len(self.answers.tasks) >= number, f"{number} tasks are answered")

    @property
    def threads(self) -> list[str]:
        return [t.name for t in threading.enumerate() if t.name.startswith("tfs-test-hung")]


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.model.let_go.set()
    assert one.scheduler.stop(SECONDS)
    one.watch.stop()
    poll_until(lambda: not one.threads, "every thread has ended, those that hung too")


def result(task: Task) -> list[float]:
    assert task.error is None
    return task.result.tolist()  # type: ignore[no-any-return]


def error(task: Task) -> ServingError:
    assert isinstance(task.error, ServingError)
    return task.error


def test_who_waits_gets_an_error_and_the_others_a_thread(bench: Bench) -> None:
    batcher = bench.batcher(max_batch_size=2)
    hung, neighbour, other = bench.task(HANGS), bench.task(1.0), bench.task(2.0)
    bench.together(batcher, hung, neighbour)
    bench.model.wait()
    bench.together(bench.batcher(), other)
    assert not bench.answers.tasks
    bench.write_off()
    bench.wait_for(3)
    assert isinstance(error(hung), DeadlineExceeded)
    assert error(neighbour).message == error(hung).message
    assert "(2 requests)" in error(hung).message
    assert result(other) == [4.0]
    assert len(bench.threads) == 2


def test_a_late_answer_is_dropped_and_its_thread_ends(bench: Bench) -> None:
    hung = bench.task(HANGS)
    bench.together(bench.batcher(), hung)
    bench.model.wait()
    bench.write_off()
    bench.model.let_go.set()
    poll_until(lambda: not bench.threads, "the thread that hung has ended")
    assert len(bench.answers.tasks) == 1
    assert (hung.result, type(hung.error).__name__) == (None, "WrittenOff")
    assert bench.seen == []
    again = bench.task(3.0)
    bench.together(bench.batcher(), again)
    bench.wait_for(2)
    assert result(again) == [6.0]


def test_a_quick_queue_does_not_wait_for_ever(bench: Bench) -> None:
    """Of what takes no time one batch runs at once; the one that hangs is none of them."""
    bench.scheduler.threads = 2
    batcher = bench.batcher()
    first = bench.task(1.0)
    bench.together(batcher, first)
    bench.wait_for(1)
    bench.together(batcher, bench.task(HANGS))
    bench.model.wait()
    behind = bench.task(2.0)
    bench.together(batcher, behind)
    bench.write_off()
    bench.wait_for(3)
    assert result(behind) == [4.0]


def test_nor_does_it_wait_for_the_limit_while_requests_come(bench: Bench) -> None:
    bench.scheduler.threads = 2
    batcher = bench.batcher()
    bench.together(batcher, bench.task(1.0))
    bench.wait_for(1)
    bench.together(batcher, bench.task(HANGS))
    bench.model.wait()
    behind = bench.task(2.0)
    bench.together(batcher, behind)

    def answered() -> bool:
        bench.together(batcher, bench.task(3.0))
        return behind in bench.answers.tasks

    poll_until(answered, "it is run beside the one that hangs", seconds=SECONDS / 2)
    assert result(behind) == [4.0]


def make_quick(bench: Bench, batcher: Batcher) -> None:
    """Run something until its queue is known to be quick."""

    def is_quick() -> bool:
        batcher.submit("signature", bench.task(1.0))
        (scheduled,) = batcher._queues.values()
        return scheduled.process.is_quick()  # type: ignore[attr-defined,no-any-return]

    poll_until(is_quick, "its runs are quick")
    poll_until(lambda: not scheduler_is_busy(batcher), "all of them have ended")


def scheduler_is_busy(batcher: Batcher) -> bool:
    return any(one.running or len(one.queue) for one in batcher._queues.values())


def test_the_only_one_behind_waits_for_a_moment(bench: Bench) -> None:
    """Neither a further request nor the watch brings somebody to look."""
    bench.scheduler.threads = 2
    batcher = bench.batcher()
    make_quick(bench, batcher)
    bench.together(batcher, bench.task(HANGS))
    bench.model.wait()
    behind = bench.task(2.0)
    batcher.submit("signature", behind)
    poll_until(
        lambda: behind in bench.answers.tasks,
        "it is run beside the one that hangs",
        seconds=SECONDS / 2,
    )
    assert result(behind) == [4.0]


def test_what_has_ended_is_answered_and_what_has_not_begun_is_run(bench: Bench) -> None:
    """A batch that failed goes on one by one, until one of them hangs."""
    tasks = [bench.task(value) for value in (1.0, FAILS, HANGS, 2.0, 3.0)]
    bench.together(bench.batcher(max_batch_size=5), *tasks)
    bench.model.wait()
    assert bench.model.runs == [[1.0, FAILS, HANGS, 2.0, 3.0], [1.0], [FAILS], [HANGS]]
    bench.write_off()
    bench.wait_for(5)
    assert [result(tasks[index])[0] for index in (0, 3, 4)] == [2.0, 4.0, 6.0]
    assert (error(tasks[1]).message, type(tasks[2].error).__name__) == ("failed", "WrittenOff")
    assert bench.model.runs[4:] == [[2.0, 3.0]]
    assert [len(delivery) for delivery in bench.answers.deliveries] == [3, 2]


def test_groups_of_one_batch_hang_for_themselves(bench: Bench) -> None:
    narrow = bench.task(HANGS)
    wide = task_of(np.array([[1.0, 2.0]], np.float32), bench.answers)
    bench.together(bench.batcher(max_batch_size=2), narrow, wide)
    bench.model.wait()
    bench.write_off()
    bench.wait_for(2)
    assert isinstance(narrow.error, DeadlineExceeded)
    assert wide.result.tolist() == [[2.0, 4.0]]


def test_a_split_task_fails_as_a_whole_once_all_its_pieces_have_ended(bench: Bench) -> None:
    batcher = bench.batcher(
        max_batch_size=4, max_execution_batch_size=2, enable_large_batch_splitting=True
    )
    task = bench.task(HANGS, 1.0, 2.0, 3.0)
    bench.together(batcher, task)
    bench.model.wait()
    bench.write_off()
    bench.wait_for(1)
    assert isinstance(task.error, DeadlineExceeded)
    assert bench.model.runs == [[HANGS, 1.0], [2.0, 3.0]]


def test_what_a_run_uses_is_kept_until_it_comes_back(bench: Bench) -> None:
    events: list[str] = []

    class Keeping(Task):
        def strand(self) -> Callable[[], None]:
            events.append("kept")
            return lambda: events.append("let go")

        def fail(self, error: Exception) -> None:
            events.append("failed")
            super().fail(error)

    tasks = []
    for value in (HANGS, 1.0):
        x = np.array([value], np.float32)
        tasks.append(Keeping({"x": (x, DataType.FLOAT)}, lambda outputs: outputs["y"]))
        tasks[-1].enqueue_for(bench.answers)
    bench.together(bench.batcher(max_batch_size=2), *tasks)
    bench.model.wait()
    bench.write_off()
    assert events == ["kept", "failed", "failed"]
    bench.model.let_go.set()
    poll_until(lambda: events[3:] == ["let go"], "it has been let go")


def test_no_thread_for_a_moment_is_no_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    batcher = bench.batcher(max_batch_size=1)
    bench.together(batcher, bench.task(HANGS))
    bench.model.wait()
    behind, last = bench.task(1.0), bench.task(2.0)
    bench.together(batcher, behind)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        bench.write_off()
    bench.together(batcher, last)
    bench.wait_for(3)
    assert (result(behind), result(last)) == ([2.0], [4.0])


def test_more_threads_see_what_waits(bench: Bench) -> None:
    bench.together(bench.batcher(), bench.task(HANGS))
    bench.model.wait()
    waiting = bench.task(1.0)
    bench.together(bench.batcher(), waiting)
    bench.scheduler.threads = 2
    poll_until(
        lambda: waiting in bench.answers.tasks, "it is run by the new one", seconds=SECONDS / 2
    )
    assert result(waiting) == [2.0]


def test_what_is_refused_by_now_is_not_run(bench: Bench) -> None:
    class Refused(Task):
        def refusal(self) -> ServingError | None:
            return Unavailable("too many hang")

    x = np.array([1.0], np.float32)
    task = Refused({"x": (x, DataType.FLOAT)}, lambda outputs: outputs["y"])
    task.enqueue_for(bench.answers)
    bench.together(bench.batcher(), task)
    bench.wait_for(1)
    assert (error(task).message, bench.model.runs) == ("too many hang", [])


def test_the_stop_does_not_wait_for_what_was_written_off(bench: Bench) -> None:
    bench.together(bench.batcher(), bench.task(HANGS))
    bench.model.wait()
    assert not bench.scheduler.stop(0.01)
    bench.write_off()
    assert bench.scheduler.stop(SECONDS)
    assert len(bench.threads) == 1


def test_what_waits_is_run_although_the_stop_came_first(bench: Bench) -> None:
    batcher = bench.batcher(max_batch_size=1)
    behind = bench.task(1.0)
    bench.together(batcher, bench.task(HANGS), behind)
    bench.model.wait()
    assert not bench.scheduler.stop(0.01)
    bench.write_off()
    bench.wait_for(2)
    assert result(behind) == [2.0]
