"""Calls of TensorFlow Serving's own methods, counted where they come in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import grpc.aio

from tfs_notebook.frontends.grpc.cancelled_calls import why_cancelled
from tfs_notebook.serving.monitoring.serving_metrics import ServingMetrics
from tfs_notebook.wire.model_spec import model_name_in

__all__ = ["COUNTED", "Call", "counted_call"]

COUNTED: Final = frozenset({"Predict", "Classify", "Regress"})
"""The methods that TensorFlow Serving counts; each has its ``ModelSpec`` first."""

_ENTRYPOINT: Final = "GRPC"

_Context: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"
Call = Callable[[bytes, _Context], Awaitable[bytes]]
"""Answers a serialised request; it, and what is awaited, may raise what is a ServingError."""


def counted_call(
    metrics: ServingMetrics,
    name: str,
    call: Call,
    model_in: Callable[[bytes], str] = model_name_in,
) -> Call:
    """What answers the requests of a method, and counts them.

    Args:
        metrics: count.
        name: of the method.
        call: answers.
        model_in: tells which model a serialised request asks for.
    """

    async def counted(request: bytes, context: _Context) -> bytes:
        with metrics.request(model_in(request), name, _ENTRYPOINT) as timed:
            try:
                return await call(request, context)
            except asyncio.CancelledError:
                timed.status = why_cancelled(context, timed.seconds).name
                raise

    return counted
