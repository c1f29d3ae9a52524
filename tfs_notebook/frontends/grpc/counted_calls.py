"""Calls of TensorFlow Serving's own methods, counted where they come in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tfs_notebook.serving.serving_metrics import ServingMetrics
from tfs_notebook.wire.model_spec import model_name_in

__all__ = ["COUNTED", "counted_call"]

COUNTED: Final = frozenset({"Predict", "Classify", "Regress"})
"""The methods that TensorFlow Serving counts; each has its ``ModelSpec`` first."""

_ENTRYPOINT: Final = "GRPC"

Call = Callable[[bytes], Awaitable[bytes]]


def counted_call(metrics: ServingMetrics, name: str, call: Call) -> Call:
    """What answers the requests of one of these methods, and counts them."""

    async def counted(request: bytes) -> bytes:
        with metrics.request(model_name_in(request), name, _ENTRYPOINT):
            return await call(request)

    return counted
