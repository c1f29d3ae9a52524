"""sources/: PollFilesystemOnlyOnce, AttemptToChangePollingPeriod; periods in general."""

from __future__ import annotations

import logging
import queue
import threading

import pytest

from tfs_notebook.lifecycle.poller import PeriodicPoller
from tfs_notebook.lifecycle.testing import ManualClock


class Polls:
    """Counts polls; ``wait`` returns when another one has been made."""

    def __init__(self) -> None:
        self._made: queue.SimpleQueue[None] = queue.SimpleQueue()

    def __call__(self) -> None:
        self._made.put(None)

    def wait(self) -> None:
        self._made.get(timeout=30)

    @property
    def none_more(self) -> bool:
        return self._made.empty()


def test_polls_at_once_and_then_at_the_interval() -> None:
    clock, polls = ManualClock(), Polls()
    with PeriodicPoller(polls, 5.0, clock=clock):
        polls.wait()
        assert clock.wait_for_sleeper() == 5.0
        clock.advance(4.9)
        assert polls.none_more
        clock.advance(0.1)
        polls.wait()
        assert clock.wait_for_sleeper() == 5.0
    assert polls.none_more


def test_poll_filesystem_only_once() -> None:
    clock, polls = ManualClock(), Polls()
    with PeriodicPoller(polls, 0, clock=clock):
        polls.wait()
        clock.advance(1e9)
    assert polls.none_more


def test_negative_interval_polls_never() -> None:
    polls = Polls()
    with PeriodicPoller(polls, -1, clock=ManualClock()):
        pass
    assert polls.none_more


def test_attempt_to_change_polling_period() -> None:
    poller = PeriodicPoller(Polls(), 5.0)
    with pytest.raises(AttributeError):
        poller.interval = 6.0  # type: ignore[misc]
    assert poller.interval == 5.0


def test_poll_that_fails_is_logged_and_the_next_one_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    polls = Polls()

    def fail() -> None:
        polls()
        raise ValueError("broken disk")

    clock = ManualClock()
    with PeriodicPoller(fail, 5.0, clock=clock):
        polls.wait()
        clock.wait_for_sleeper()
        clock.advance(5.0)
        polls.wait()
        clock.wait_for_sleeper()
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2
    assert "broken disk" in caplog.text


def test_stop_leaves_no_thread_behind() -> None:
    poller = PeriodicPoller(Polls(), 5.0, clock=ManualClock())
    poller.start()
    assert poller.stop()
    assert poller.stop()
    assert "tfs-poll" not in [thread.name for thread in threading.enumerate()]


def test_stop_before_start() -> None:
    assert PeriodicPoller(Polls(), 5.0).stop()


def test_stop_does_not_wait_for_ever_for_a_poll_that_hangs() -> None:
    entered, gate = threading.Event(), threading.Event()

    def hang() -> None:
        entered.set()
        gate.wait(30)

    poller = PeriodicPoller(hang, 5.0, clock=ManualClock())
    poller.start()
    assert entered.wait(30)
    assert not poller.stop(timeout=0)
    gate.set()
    assert poller.stop(timeout=30)
