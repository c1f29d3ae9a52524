"""Why a call has ended before its answer."""

from __future__ import annotations

from typing import Final

import grpc
import grpc.aio

__all__ = ["why_cancelled"]

# What a client's clock and its deadline may differ by on the way here.
_ROUNDED_SECONDS: Final = 0.01
_ROUNDED_PART: Final = 0.01


def why_cancelled(
    context: grpc.aio.ServicerContext[bytes, bytes], elapsed: float
) -> grpc.StatusCode:
    """Whether a call's time was up, or its client has left.

    Args:
        context: of the call.
        elapsed: seconds since it came.
    """
    # gRPC does not tell. A client gives up by its own clock, and has sent its deadline
    # rounded up, so that some of the time may seem to be left.
    left: float | None = context.time_remaining()
    if left is not None and left <= _ROUNDED_SECONDS + _ROUNDED_PART * (elapsed + left):
        return grpc.StatusCode.DEADLINE_EXCEEDED
    return grpc.StatusCode.CANCELLED
