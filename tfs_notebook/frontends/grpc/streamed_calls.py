"""A stream of requests, answered in their order, some of them at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

__all__ = ["answer_in_order"]

# So many requests of one stream may share a batch; and so many bodies lie in memory.
_MOST_UNDER_WAY: Final = 16


async def answer_in_order(
    requests: AsyncIterator[bytes],
    answer: Callable[[bytes], Awaitable[bytes]],
    write: Callable[[bytes], Awaitable[None]],
) -> None:
    """Answer each request, and write the answers in the order of the requests.

    Ends when there are no more; what is under way is cancelled with this, or if writing
    fails. An error that ``answer`` raises ends the stream.
    """
    under_way: asyncio.Queue[asyncio.Future[bytes] | None] = asyncio.Queue(_MOST_UNDER_WAY)
    answers: set[asyncio.Future[bytes]] = set()

    async def read() -> None:
        try:
            async for request in requests:
                future = asyncio.ensure_future(answer(request))
                answers.add(future)
                future.add_done_callback(answers.discard)
                await under_way.put(future)
        finally:
            await under_way.put(None)

    reader = asyncio.ensure_future(read())
    try:
        while (future := await under_way.get()) is not None:
            await write(await future)
        await reader
    finally:
        reader.cancel()
        for future in tuple(answers):
            future.cancel()
        # The end of the reader, which may wait for room.
        while not under_way.empty():
            under_way.get_nowait()
