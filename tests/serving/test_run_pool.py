"""The threads that runs are made on, and the way back to the loop."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from tests.polling import poll_until
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.errors import DeadlineExceeded, InvalidArgument, Unavailable


@pytest.fixture
def pool() -> Iterator[RunPool]:
    made = RunPool("test-run", 2)
    yield made
    assert made.stop(60)


class Blocker:
    """Work that goes on until it is released."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.release = threading.Event()

    def __call__(self) -> str:
        self.began.set()
        assert self.release.wait(60)
        return "released"


async def begun(*blockers: Blocker) -> None:
    """Wait, off the loop, until the work of each has begun."""
    for blocker in blockers:
        assert await asyncio.to_thread(blocker.began.wait, 60)


async def test_results_and_errors_come_back(pool: RunPool) -> None:
    assert await pool.run(lambda: 3) == 3

    def fail() -> None:
        raise InvalidArgument("no good")

    with pytest.raises(InvalidArgument, match="no good"):
        await pool.run(fail)
    assert await pool.run(threading.current_thread) is not threading.current_thread()


async def test_as_many_at_once_as_there_are_threads(pool: RunPool) -> None:
    blockers = [Blocker() for _ in range(3)]
    runs = [asyncio.ensure_future(pool.run(blocker)) for blocker in blockers]
    await begun(*blockers[:2])
    assert not blockers[2].began.is_set()
    blockers[0].release.set()
    await begun(blockers[2])
    for blocker in blockers:
        blocker.release.set()
    assert await asyncio.gather(*runs) == ["released"] * 3


async def test_a_deadline_is_answered_while_the_run_goes_on(pool: RunPool) -> None:
    blocker = Blocker()
    with pytest.raises(DeadlineExceeded, match="longer than the 500 ms it may"):
        await pool.run(blocker, timeout=0.5)
    assert blocker.began.is_set()
    blocker.release.set()
    assert await pool.run(lambda: "next", timeout=60) == "next"


async def test_what_has_expired_or_been_given_up_never_begins(pool: RunPool) -> None:
    blockers = [Blocker(), Blocker()]
    runs = [asyncio.ensure_future(pool.run(blocker)) for blocker in blockers]
    await begun(*blockers)
    done: list[str] = []
    with pytest.raises(DeadlineExceeded):
        await pool.run(lambda: done.append("expired"), timeout=0.01)
    given_up = asyncio.ensure_future(pool.run(lambda: done.append("given up")))
    await asyncio.sleep(0)  # It is queued now.
    given_up.cancel()
    last = asyncio.ensure_future(pool.run(lambda: done.append("last")))
    for blocker in blockers:
        blocker.release.set()
    await last
    await asyncio.gather(*runs)
    assert done == ["last"]


async def test_what_has_expired_is_freed_without_a_collection_of_garbage(pool: RunPool) -> None:
    class Work:
        def __call__(self) -> None:
            """Nothing: it is never called."""

    async def expired() -> weakref.ReferenceType[Work]:
        work = Work()
        with pytest.raises(DeadlineExceeded):
            await pool.run(work, timeout=0.01)
        return weakref.ref(work)

    blockers = [Blocker(), Blocker()]
    runs = [asyncio.ensure_future(pool.run(blocker)) for blocker in blockers]
    await begun(*blockers)
    gc.collect()
    gc.disable()
    try:
        reference = await expired()
        for blocker in blockers:
            blocker.release.set()
        await asyncio.gather(*runs)
        await asyncio.to_thread(poll_until, lambda: reference() is None, "it is freed")
    finally:
        gc.enable()


async def test_after_the_stop_nothing_is_taken(pool: RunPool) -> None:
    assert await asyncio.to_thread(pool.stop, 60)
    with pytest.raises(Unavailable, match="shutting down"):
        await pool.run(lambda: 1)


async def test_a_run_that_hangs_does_not_hold_up_the_stop() -> None:
    pool = RunPool("test-hang", 1)
    blocker = Blocker()
    run = asyncio.ensure_future(pool.run(blocker))
    await begun(blocker)
    assert not await asyncio.to_thread(pool.stop, 0.05)
    blocker.release.set()
    assert await run == "released"
    assert await asyncio.to_thread(pool.stop, 60)


async def test_a_thread_that_hangs_is_replaced_and_ends_when_it_comes_back() -> None:
    pool = RunPool("test-replaced", 1)
    blocker = Blocker()
    run = asyncio.ensure_future(pool.run(blocker))
    await begun(blocker)
    (hung,) = [t for t in threading.enumerate() if t.name.startswith("test-replaced")]
    assert hung.ident is not None
    behind = asyncio.ensure_future(pool.run(lambda: "behind"))
    assert pool.replace(hung.ident, DeadlineExceeded("it hangs"))
    assert not pool.replace(hung.ident, DeadlineExceeded("it hangs"))
    with pytest.raises(DeadlineExceeded, match="it hangs"):
        await run
    assert await behind == "behind"
    blocker.release.set()
    await asyncio.to_thread(hung.join, 30)
    assert not hung.is_alive()
    assert await pool.run(lambda: "next") == "next"
    assert await asyncio.to_thread(pool.stop, 60)


async def test_who_waits_for_a_hung_run_is_answered_although_no_other_thread_can_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise RuntimeError("can't start new thread")

    pool, hung, idents = RunPool("test-no-thread", 1), Blocker(), list[int]()

    def hang() -> str:
        idents.append(threading.get_ident())
        return hung()

    answer = asyncio.ensure_future(pool.run(hang))
    await begun(hung)
    with monkeypatch.context() as patched:
        patched.setattr(pool, "_start_thread", fail)
        with pytest.raises(RuntimeError, match="new thread"):
            pool.replace(idents[0], DeadlineExceeded("written off"))
    with pytest.raises(DeadlineExceeded, match="written off"):
        await asyncio.wait_for(answer, 60)
    hung.release.set()
    assert await asyncio.to_thread(pool.stop, 60)


async def test_the_stop_waits_for_the_replacement_alone() -> None:
    pool = RunPool("test-left", 1)
    blocker = Blocker()
    run = asyncio.ensure_future(pool.run(blocker))
    await begun(blocker)
    (hung,) = [t for t in threading.enumerate() if t.name.startswith("test-left")]
    assert not await asyncio.to_thread(pool.stop, 0.01)
    assert hung.ident is not None
    assert pool.replace(hung.ident, DeadlineExceeded("it hangs"))
    assert await asyncio.to_thread(pool.stop, 60)
    with pytest.raises(DeadlineExceeded):
        await run
    blocker.release.set()


async def test_a_thread_that_is_not_its_own_is_none_of_its_business(pool: RunPool) -> None:
    assert not pool.replace(threading.get_ident(), DeadlineExceeded("it hangs"))


def test_results_after_the_loop_has_closed_are_dropped() -> None:
    pool = RunPool("test-closed", 1)
    blocker = Blocker()

    async def begin() -> None:
        run = asyncio.ensure_future(pool.run(blocker))
        await begun(blocker)
        run.cancel()

    asyncio.run(begin())
    blocker.release.set()
    assert pool.stop(60)


def test_threads_end() -> None:
    pool = RunPool("test-ends", 3)
    names = {thread.name for thread in threading.enumerate()}
    assert {"test-ends-0", "test-ends-1", "test-ends-2"} <= names
    assert pool.stop(60)
    poll_until(
        lambda: not any(t.name.startswith("test-ends") for t in threading.enumerate()),
        "its threads have ended",
    )


def test_a_pool_needs_a_thread() -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        RunPool("none", 0)
