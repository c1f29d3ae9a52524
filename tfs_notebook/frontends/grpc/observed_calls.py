"""Calls as the access log and the traces see them."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from types import TracebackType

import grpc.aio

from tfs_notebook.frontends.grpc.cancelled_calls import why_cancelled
from tfs_notebook.frontends.grpc.counted_calls import Call
from tfs_notebook.frontends.grpc.request_ids import SendId
from tfs_notebook.frontends.request_observer import ObservedRequest, RequestObserver
from tfs_notebook.frontends.span_facts import rpc_facts

__all__ = ["begin_call", "observed_call"]


def begin_call(
    observer: RequestObserver, path: str, context: grpc.aio.ServicerContext[bytes, bytes]
) -> ObservedRequest:
    """A call has come, or one of the requests of a stream."""
    metadata = dict(context.invocation_metadata() or ())

    def header(name: str) -> str | None:
        value = metadata.get(name)
        return value if isinstance(value, str) else None

    return observer.begin("gRPC", path, context.peer(), header, partial(rpc_facts, path))


def observed_call(
    observer: RequestObserver | None, path: str, call: Call, send_id: SendId
) -> Call:
    """What answers calls that have an id, and are seen by an observer if there is one."""

    async def identified(
        request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> bytes:
        await send_id(context)
        return await call(request, context)

    if observer is None:
        return identified

    async def observed(
        request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> bytes:
        seen = _ObservedCall(observer, path, context)
        request_id, response = "", b""
        try:
            with seen:
                request_id = await send_id(context)
                response = await call(request, context)
            return response
        finally:
            seen.end(len(request), len(response), request_id)

    return observed


class _ObservedCall:
    """One call; a context manager around its handling, and :meth:`end` after that."""

    def __init__(
        self,
        observer: RequestObserver,
        path: str,
        context: grpc.aio.ServicerContext[bytes, bytes],
    ) -> None:
        self._context = context
        self._seen = begin_call(observer, path, context)
        self._scope = self._seen.current()
        self._cancelled: grpc.StatusCode | None = None

    def __enter__(self) -> None:
        self._scope.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._scope.__exit__(kind, error, traceback)
        if isinstance(error, asyncio.CancelledError):
            elapsed = time.perf_counter() - self._seen.times.received
            self._cancelled = why_cancelled(self._context, elapsed)

    def end(self, received: int, sent: int, request_id: str) -> None:
        """Its answer is made, or there is none.

        Args:
            received: bytes of the request.
            sent: those of the answer.
            request_id: if it has one.
        """
        code = self._cancelled or self._context.code()
        status = getattr(code, "name", "OK") if code else "OK"
        if status != "OK":
            self._seen.error = self._context.details() or ""
        self._seen.end(status, received, sent, request_id)
