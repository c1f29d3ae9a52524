"""The thread of a widget: what it does is in order, and it is gone when it is stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from tests.polling import poll_until
from tfs_notebook.notebook.widgets.loop_thread import LoopThread

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def failures() -> list[BaseException]:
    return []


@pytest.fixture
def thread(failures: list[BaseException]) -> Iterator[LoopThread]:
    thread = LoopThread("tfs-test", failures.append)
    yield thread
    thread.close()


def test_calls_come_in_their_order_on_one_thread(thread: LoopThread) -> None:
    assert not thread.is_running
    seen: list[tuple[int, bool]] = []

    def note(number: int) -> None:
        seen.append((number, thread.is_current()))

    for number in range(200):
        thread.call(partial(note, number))
    poll_until(lambda: len(seen) == 200, "all were called")
    assert seen == [(number, True) for number in range(200)]
    assert not thread.is_current()


def test_stopping_cancels_what_is_under_way(thread: LoopThread) -> None:
    events: list[str] = []

    async def wait() -> None:
        events.append("begun")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            events.append("cancelled")
            raise

    thread.call(lambda: thread.task(wait()))
    poll_until(lambda: events, "it has begun")
    thread.stop()
    assert events == ["begun", "cancelled"]
    assert not thread.is_running
    thread.stop()


def test_it_begins_anew_after_a_stop_and_never_after_a_close(thread: LoopThread) -> None:
    done = threading.Event()
    thread.call(done.set)
    assert done.wait(60)
    thread.stop()
    done.clear()
    thread.call(done.set)
    assert done.wait(60)
    thread.close()
    thread.call(done.clear)
    assert not thread.is_running
    assert done.is_set()


def test_it_may_stop_itself(thread: LoopThread) -> None:
    thread.call(thread.stop)
    poll_until(lambda: not thread.is_running, "it has ended")


def test_faults_are_told_and_end_nothing(
    thread: LoopThread, failures: list[BaseException]
) -> None:
    async def fail() -> None:
        raise ValueError("in a task")

    def wrong() -> None:
        raise KeyError("in a call")

    thread.call(wrong)
    thread.call(lambda: thread.task(fail()))
    poll_until(lambda: len(failures) == 2, "both are told")
    assert [type(one) for one in failures] == [KeyError, ValueError]
