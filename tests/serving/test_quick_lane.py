"""Quick predictions on one thread: one wake-up for many, nobody held up by one that is not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import pytest

from tests.polling import poll_until
from tfs_notebook.batching.task import Task
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.quick_lane import QuickLane
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.errors import DeadlineExceeded, InvalidArgument, Unavailable


@pytest.fixture
def pool() -> Iterator[RunPool]:
    made = RunPool("test-quick", 2)
    yield made
    assert made.stop(10)


class Job(Task):
    """What a lane runs, without a model."""

    __slots__ = ("_work", "is_brief")

    def __init__(self, work: Callable[[], Any], is_brief: bool) -> None:
        super().__init__({}, lambda outputs: outputs)
        self._work = work
        self.is_brief = is_brief

    def run_alone(self) -> None:
        if self.is_abandoned:
            return
        try:
            self.result = self._work()
        except Exception as error:  # noqa: BLE001
            self.error = error

    def refuse(self, error: Exception) -> None:
        self.error = error


def job(work: Callable[[], Any], is_brief: bool = False) -> Prediction[Any]:
    return cast("Prediction[Any]", Job(work, is_brief))


async def test_results_and_errors_come_back(pool: RunPool) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool)

    def fail() -> None:
        raise InvalidArgument("no good")

    failing = lane.submit(job(fail))
    numbers = [lane.submit(job(partial(int, number))) for number in range(100)]
    assert await asyncio.gather(*numbers) == list(range(100))
    with pytest.raises(InvalidArgument, match="no good"):
        await failing


async def test_one_thread_runs_what_came_together(pool: RunPool) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool)
    # The first is alone, and does not wait for company.
    await lane.submit(job(threading.current_thread))
    threads = [lane.submit(job(threading.current_thread)) for _ in range(50)]
    used = set(await asyncio.gather(*threads))
    assert len(used) == 1
    assert threading.current_thread() not in used


async def test_one_that_takes_long_does_not_hold_up_the_others(pool: RunPool) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool)
    began, release = threading.Event(), threading.Event()

    def take_long() -> bool:
        began.set()
        return release.wait(60)

    before = lane.submit(job(lambda: "before"))
    slow = lane.submit(job(take_long))
    behind = [lane.submit(job(lambda: "behind")) for _ in range(20)]
    try:
        assert await asyncio.wait_for(asyncio.gather(before, *behind), 60)
        assert began.is_set()
        assert not slow.done()
    finally:
        release.set()
    assert await slow


async def test_what_nobody_waits_for_does_not_run(pool: RunPool) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool)
    ran: list[str] = []
    given_up = lane.submit(job(lambda: ran.append("given up")))
    # The second is company: it is handed over a few turns later.
    given_up_too = lane.submit(job(lambda: ran.append("given up, too")))
    last = lane.submit(job(lambda: ran.append("last")))
    given_up_too.cancel()
    await asyncio.gather(given_up, last)
    assert "given up, too" not in ran


async def test_a_busy_pool_is_asked_for_one_thread_however_long_it_takes(
    pool: RunPool,
) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool)
    release = threading.Event()
    busy = [asyncio.ensure_future(pool.run(partial(release.wait, 60))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = lane.submit(job(lambda: "waited"))
    try:
        for _ in range(10):
            lane._look_after()
        assert len(lane._rounds) == 1
    finally:
        release.set()
    assert await asyncio.wait_for(waiting, 60) == "waited"
    await asyncio.gather(*busy)


async def test_a_stopped_pool_refuses(pool: RunPool) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool)
    assert await asyncio.to_thread(pool.stop, 60)
    # The first is refused at once, the others when they are handed over.
    for refused in [lane.submit(job(lambda: 1)) for _ in range(3)]:
        with pytest.raises(Unavailable, match="shutting down"):
            await asyncio.wait_for(refused, 60)


async def test_a_run_that_is_written_off_is_answered_and_replaced() -> None:
    pool = RunPool("test-hang", 1)
    lane = QuickLane(asyncio.get_running_loop(), pool)
    threads: list[int] = []
    began, release = threading.Event(), threading.Event()

    def hang() -> bool:
        threads.append(threading.get_ident())
        began.set()
        return release.wait(60)

    hung = lane.submit(job(hang))
    behind = lane.submit(job(threading.get_ident))
    assert await asyncio.to_thread(began.wait, 60)
    assert pool.replace(threads[0], DeadlineExceeded("written off"))
    with pytest.raises(DeadlineExceeded, match="written off"):
        await asyncio.wait_for(hung, 60)
    assert await asyncio.wait_for(behind, 60) != threads[0]
    release.set()
    assert await asyncio.wait_for(lane.submit(job(threading.get_ident)), 60) != threads[0]
    assert await asyncio.to_thread(pool.stop, 60)


# So many in a row that came alone, and one can be sure of it.
ALONE = 20


async def threads_of_lone_jobs(lane: QuickLane, number: int) -> list[threading.Thread]:
    """Each is submitted when the answer before it has had time to go out and come back."""
    threads = []
    for _ in range(number):
        threads.append(await lane.submit(job(threading.current_thread, is_brief=True)))
        await asyncio.sleep(0.001)
    return threads


async def test_what_is_brief_and_comes_alone_is_made_by_the_loop(pool: RunPool) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool, lambda: True)
    here = threading.current_thread()
    assert (await threads_of_lone_jobs(lane, ALONE))[-1] is here

    def fail() -> None:
        raise InvalidArgument("no good")

    with pytest.raises(InvalidArgument, match="no good"):
        await lane.submit(job(fail, is_brief=True))
    await asyncio.sleep(0.001)
    assert await lane.submit(job(threading.current_thread)) is not here


async def test_nothing_is_made_by_the_loop_while_something_runs(pool: RunPool) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool, lambda: False)
    assert threading.current_thread() not in await threads_of_lone_jobs(lane, ALONE)


async def test_those_that_come_together_are_not_made_by_the_loop(pool: RunPool) -> None:
    lane = QuickLane(asyncio.get_running_loop(), pool, lambda: True)
    here = threading.current_thread()
    assert (await threads_of_lone_jobs(lane, ALONE))[-1] is here
    # The first is alone, as far as can be seen; nobody has its answer when the next comes.
    jobs = [lane.submit(job(threading.current_thread, is_brief=True)) for _ in range(5)]
    assert [thread is here for thread in await asyncio.gather(*jobs)] == [True] + [False] * 4
    assert (await threads_of_lone_jobs(lane, 1))[0] is not here
    assert (await threads_of_lone_jobs(lane, ALONE))[-1] is here


async def test_a_pool_is_idle_when_its_threads_wait(pool: RunPool) -> None:
    began, release = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        assert release.wait(60)

    def is_idle() -> bool:
        return pool.is_idle

    assert is_idle()
    running = asyncio.ensure_future(pool.run(wait))
    await asyncio.to_thread(began.wait, 60)
    assert not is_idle()
    release.set()
    await running
    await asyncio.to_thread(poll_until, is_idle, "its thread waits")
