"""Calls as the access log and the traces see them."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from types import TracebackType

import grpc.aio

from tfs_notebook.frontends.grpc.cancelled_calls import why_cancelled
from tfs_notebook.frontends.request_observer import RequestObserver
from tfs_notebook.frontends.span_facts import rpc_facts

__all__ = ["ObservedCall"]


class ObservedCall:
    """One call; a context manager around its handling, and :meth:`end` after that."""

    def __init__(
        self,
        observer: RequestObserver,
        path: str,
        context: grpc.aio.ServicerContext[bytes, bytes],
    ) -> None:
        metadata = dict(context.invocation_metadata() or ())

        def header(name: str) -> str | None:
            value = metadata.get(name)
            return value if isinstance(value, str) else None

        self._context = context
        self._seen = observer.begin(
            "gRPC", path, context.peer(), header, partial(rpc_facts, path)
        )
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
