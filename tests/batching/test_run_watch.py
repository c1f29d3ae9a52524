"""Runs that hang: seen once, written off once, and let go when they come back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from tests.at_once import at_once
from tests.polling import poll_until
from tfs_notebook.batching.run_watch import RunWatch, WatchedRun, WrittenOff
from tfs_notebook.wire.errors import Code, Internal, ServingError

SECONDS = 30.0
LIMIT = 100.0


class Hanging(WatchedRun):
    """A run that ends when it is told to, and remembers what becomes of it."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.error: ServingError | None = None

    def describe(self) -> str:
        return "a hanging model"

    def write_off(self, error: ServingError) -> None:
        self.events.append("written off")
        self.error = error

    def come_back(self) -> None:
        self.events.append("come back")

    def work(self) -> str:
        """What runs."""
        self.begun.set()
        assert self.go_on.wait(SECONDS)
        return "answer"


class Caller(threading.Thread):
    """Makes one run, and keeps how it ended."""

    def __init__(self, watch: RunWatch, run: Hanging) -> None:
        super().__init__(name="the-caller")
        self.answer: str | None = None
        self.error: Exception | None = None
        self._watch, self._run = watch, run

    def run(self) -> None:
        try:
            self.answer = self._watch.run(self._run, self._run.work)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error


@pytest.fixture
def watch() -> Iterator[RunWatch]:
    """A watch that looks only when a test has it look."""
    one = RunWatch(LIMIT, name="tfs-test-watch")
    yield one
    one.stop()
    poll_until(lambda: not named("tfs-test-watch"), "its thread has ended")


def named(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def begun(watch: RunWatch) -> tuple[Hanging, Caller]:
    run = Hanging()
    caller = Caller(watch, run)
    caller.start()
    assert run.begun.wait(SECONDS)
    return run, caller


def ended(run: Hanging, caller: Caller) -> None:
    run.go_on.set()
    caller.join(SECONDS)
    assert not caller.is_alive()


def test_a_run_in_time_has_its_answer(watch: RunWatch) -> None:
    run, caller = begun(watch)
    watch.look(time.perf_counter())
    ended(run, caller)
    assert (caller.answer, caller.error, run.events) == ("answer", None, [])
    watch.look(time.perf_counter() + 2 * LIMIT)
    assert run.events == []


def test_one_that_is_late_is_written_off_and_its_answer_dropped(watch: RunWatch) -> None:
    replaced: list[int] = []

    def replace(thread: int, _error: ServingError) -> bool:
        replaced.append(thread)
        return True

    watch.add_pool(replace)
    run, caller = begun(watch)
    for _ in range(2):
        watch.look(time.perf_counter() + LIMIT + 1)
    assert (run.events, replaced) == (["written off"], [caller.ident])
    assert run.error is not None
    assert run.error.code is Code.DEADLINE_EXCEEDED
    assert "the run of a hanging model took longer than the 100 s of" in run.error.message
    ended(run, caller)
    assert caller.answer is None
    assert isinstance(caller.error, WrittenOff)
    assert run.events == ["written off", "come back"]


def test_it_is_told_once_and_what_to_do(
    watch: RunWatch, caplog: pytest.LogCaptureFixture
) -> None:
    run, caller = begun(watch)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            watch.look(time.perf_counter() + LIMIT + 1)
        (told,) = caplog.records
        assert told.levelno == logging.ERROR
        for part in ("a hanging model", "thread the-caller", "101", "restart the server"):
            assert part in told.message
        ended(run, caller)
    assert "has come back" in caplog.records[-1].message


def test_an_error_that_comes_late_is_dropped_too(watch: RunWatch) -> None:
    run = Hanging()

    def fail() -> str:
        watch.look(time.perf_counter() + LIMIT + 1)
        raise Internal("too late")

    with pytest.raises(WrittenOff):
        watch.run(run, fail)
    assert run.events == ["written off", "come back"]


def test_errors_in_time_are_the_runs_own(watch: RunWatch) -> None:
    def fail() -> str:
        raise Internal("in time")

    run = Hanging()
    with pytest.raises(Internal, match="in time"):
        watch.run(run, fail)
    watch.look(time.perf_counter() + 2 * LIMIT)
    assert run.events == []


def test_only_the_one_that_hangs(watch: RunWatch) -> None:
    old, old_caller = begun(watch)
    old.since -= LIMIT
    young, young_caller = begun(watch)
    watch.look(time.perf_counter())
    assert (old.events, young.events) == (["written off"], [])
    ended(young, young_caller)
    ended(old, old_caller)
    assert young_caller.answer == "answer"


def test_who_comes_back_waits_until_it_is_written_off_in_full(watch: RunWatch) -> None:
    half, go_on = threading.Event(), threading.Event()

    class Slow(Hanging):
        def write_off(self, error: ServingError) -> None:
            half.set()
            assert go_on.wait(SECONDS)
            super().write_off(error)

    run = Slow()
    caller = Caller(watch, run)
    caller.start()
    assert run.begun.wait(SECONDS)
    looking = threading.Thread(target=watch.look, args=(time.perf_counter() + LIMIT + 1,))
    looking.start()
    assert half.wait(SECONDS)
    run.go_on.set()
    caller.join(0.05)
    assert caller.is_alive()
    go_on.set()
    looking.join(SECONDS)
    ended(run, caller)
    assert run.events == ["written off", "come back"]


def test_a_run_ends_once_whoever_is_first(watch: RunWatch) -> None:
    """Its thread and the watch race for its end, many times."""
    watch.limit = 0.0

    def race(_: int) -> None:
        for _ in range(300):
            run = Hanging()
            run.go_on.set()
            try:
                watch.run(run, run.work)
            except WrittenOff:
                assert run.events == ["written off", "come back"]
            else:
                assert run.events == []

    stop = threading.Event()

    def look_on() -> None:
        while not stop.is_set():
            watch.look(time.perf_counter())

    looking = threading.Thread(target=look_on)
    looking.start()
    try:
        at_once(3, race)
    finally:
        stop.set()
        looking.join(SECONDS)


def test_one_that_cannot_be_written_off_does_not_hide_the_next(watch: RunWatch) -> None:
    class Defect(Hanging):
        def write_off(self, error: ServingError) -> None:
            raise RuntimeError("defect")

    broken = Defect()
    broken_caller = Caller(watch, broken)
    broken_caller.start()
    run, caller = begun(watch)
    assert broken.begun.wait(SECONDS)
    watch.look(time.perf_counter() + LIMIT + 1)
    assert run.events == ["written off"]
    ended(run, caller)
    ended(broken, broken_caller)


def test_it_looks_by_itself_and_has_one_thread() -> None:
    watch = RunWatch(0.05, name="tfs-test-own")
    assert not named("tfs-test-own")
    runs = [begun(watch) for _ in range(3)]
    poll_until(
        lambda: all(run.events == ["written off"] for run, _ in runs), "all are written off"
    )
    assert len(named("tfs-test-own")) == 1
    for run, caller in runs:
        ended(run, caller)
    # It sleeps by now, or is about to; the next run wakes it.
    again, caller = begun(watch)
    poll_until(lambda: again.events == ["written off"], "it has woken up")
    ended(again, caller)
    watch.stop()
    poll_until(lambda: not named("tfs-test-own"), "its thread has ended")


def test_time_in_which_the_process_stood_still_does_not_count() -> None:
    stopped_for = [0.0]
    watch = RunWatch(1.0, clock=lambda: time.perf_counter() + stopped_for[0])
    run, caller = begun(watch)
    before = run.since
    stopped_for[0] = 1000.0
    poll_until(lambda: run.since > before + 990, "the watch has noticed")
    assert run.events == []
    ended(run, caller)
    assert caller.answer == "answer"
    watch.stop()


def test_it_rests_while_nothing_runs() -> None:
    watch = RunWatch(0.05)
    resting = [watch.is_resting]
    run, caller = begun(watch)
    resting.append(watch.is_resting)
    ended(run, caller)
    assert resting == [True, False]
    poll_until(lambda: watch.is_resting, "it rests")
    watch.stop()


def test_without_a_limit_nothing_is_written_off() -> None:
    watch = RunWatch(0, name="tfs-test-none")
    run, caller = begun(watch)
    assert not named("tfs-test-none")
    ended(run, caller)
    assert caller.answer == "answer"
    watch.stop()


def test_after_the_stop_runs_go_on(watch: RunWatch) -> None:
    watch.stop()
    run, caller = begun(watch)
    ended(run, caller)
    assert caller.answer == "answer"
    assert not named("tfs-test-watch")
