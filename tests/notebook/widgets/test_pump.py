"""A thread that does one thing again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.polling import poll_until
from tfs_notebook.notebook.widgets.pump import Pump


class Steps:
    """Counts steps, and sees whether two threads are ever in one."""

    def __init__(self) -> None:
        self.count = 0
        self.threads: set[int] = set()
        self.together = False
        self._lock = threading.Lock()

    def __call__(self) -> float:
        if not self._lock.acquire(blocking=False):
            self.together = True
            return 0.0
        self.count += 1
        self.threads.add(threading.get_ident())
        self._lock.release()
        return 0.001


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def pump(steps: Steps) -> Iterator[Pump]:
    pump = Pump("pump", steps)
    yield pump
    pump.close()


def test_a_pause_ends_the_thread_and_a_start_brings_one_back(pump: Pump, steps: Steps) -> None:
    pump.wake()
    assert not pump.is_running
    pump.start()
    pump.start()
    poll_until(lambda: steps.count > 3, "it runs")
    pump.pause()
    poll_until(lambda: not pump.is_running, "it has ended")
    seen = steps.count
    pump.start()
    poll_until(lambda: steps.count > seen, "it runs again")


def test_never_two_threads_at_once(pump: Pump, steps: Steps) -> None:
    for _ in range(300):
        pump.start()
        pump.pause()
    pump.start()
    poll_until(lambda: steps.count > 3, "it runs")
    assert not steps.together
    pump.close()
    seen = steps.count
    pump.start()
    assert (pump.is_running, steps.count) == (False, seen)


def test_it_is_woken_from_a_long_pause() -> None:
    stepped = threading.Semaphore(0)

    def step() -> float:
        stepped.release()
        return 3600.0

    pump = Pump("pump", step)
    pump.start()
    assert stepped.acquire(timeout=60)
    pump.wake()
    assert stepped.acquire(timeout=60)
    pump.close()
    assert not pump.is_running
