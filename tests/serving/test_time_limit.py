"""Answers that expire, watched by one timer."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from tfs_notebook.serving.time_limit import TimeLimit
from tfs_notebook.wire.errors import DeadlineExceeded


async def test_what_is_not_there_in_time_fails() -> None:
    loop = asyncio.get_running_loop()
    limit = TimeLimit(loop, 0.05)
    late = [loop.create_future() for _ in range(3)]
    for answer in late:
        limit.watch(answer)
    for answer in late:
        with pytest.raises(DeadlineExceeded, match="longer than the 50 ms it may"):
            await asyncio.wait_for(answer, 60)


async def test_each_has_its_own_time() -> None:
    loop = asyncio.get_running_loop()
    limit = TimeLimit(loop, 0.2)
    first, second = loop.create_future(), loop.create_future()
    limit.watch(first)
    began = loop.time()
    await asyncio.sleep(0.1)  # The second is to come later than the first.
    limit.watch(second)
    with pytest.raises(DeadlineExceeded):
        await asyncio.wait_for(second, 60)
    assert first.done()
    assert loop.time() - began >= 0.3
    with pytest.raises(DeadlineExceeded):
        first.result()


async def test_what_has_ended_is_left_alone_and_not_kept() -> None:
    loop = asyncio.get_running_loop()
    limit = TimeLimit(loop, 3600)

    def ended() -> weakref.ReferenceType[asyncio.Future[str]]:
        answer: asyncio.Future[str] = loop.create_future()
        limit.watch(answer)
        answer.set_result("large")
        return weakref.ref(answer)

    open_one = loop.create_future()
    limit.watch(open_one)
    reference = ended()
    gc.collect()
    assert reference() is None
    assert not open_one.done()
    open_one.cancel()
