"""A stream of requests, answered in their order, some of them at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from typing import Final, TypeAlias

import grpc.aio

from tfs_notebook.frontends.grpc.counted_calls import Call
from tfs_notebook.frontends.grpc.errors import status_of
from tfs_notebook.frontends.grpc.freed_memory import FreedMemory
from tfs_notebook.frontends.grpc.observed_calls import begin_call
from tfs_notebook.frontends.grpc.request_ids import SendId
from tfs_notebook.frontends.request_observer import RequestObserver
from tfs_notebook.wire.open_inference_messages import (
    encode_stream_answer,
    encode_stream_error,
    request_id_in,
)

__all__ = ["StreamHandler", "answer_in_order", "stream_handler"]

_Context: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"
StreamHandler: TypeAlias = Callable[[AsyncIterator[bytes], _Context], Awaitable[None]]
"""Answers the requests of a stream."""

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


def stream_handler(
    observer: RequestObserver | None,
    path: str,
    call: Call,
    send_id: SendId,
    memory: FreedMemory,
) -> StreamHandler:
    """What answers streams of inference requests, each of which an observer sees by itself.

    Args:
        observer: sees them; None if nobody does.
        path: of the method.
        call: answers one of them.
        send_id: tells the stream its id.
        memory: hears of the answers.
    """

    async def answered(request: bytes, context: _Context, request_id: str) -> bytes:
        seen = None if observer is None else begin_call(observer, path, context)
        name, answer = "CANCELLED", b""
        try:
            with nullcontext() if seen is None else seen.current():
                answer = encode_stream_answer(await call(request, context))
            name = "OK"
            memory.answered(request, answer)
        except Exception as error:  # noqa: BLE001 - the stream goes on
            status, text = status_of(error, path)
            name = status.name
            if seen is not None:
                seen.error = text
            return encode_stream_error(text, request_id_in(request))
        else:
            return answer
        finally:
            if seen is not None:
                seen.end(name, len(request), len(answer), request_id)

    async def handle(requests: AsyncIterator[bytes], context: _Context) -> None:
        request_id = await send_id(context)
        await answer_in_order(
            requests, lambda request: answered(request, context, request_id), context.write
        )

    return handle
