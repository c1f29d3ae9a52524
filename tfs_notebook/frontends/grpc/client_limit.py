"""gRPC calls, as many as their client may make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfs_notebook.frontends.client_address import ClientAddresses, peer_host
from tfs_notebook.frontends.grpc.counted_calls import Call
from tfs_notebook.serving.client_limits import ClientLimits

if TYPE_CHECKING:
    import grpc.aio

__all__ = ["limited_call"]

_FORWARDED = "x-forwarded-for"


def limited_call(limits: ClientLimits, addresses: ClientAddresses, call: Call) -> Call:
    """What answers calls, within the limits of their clients; the Unix socket has none."""

    async def limited(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        host = peer_host(context.peer())
        if host is None:
            return await call(request, context)
        forwarded = [
            value
            for name, value in context.invocation_metadata() or ()
            if name == _FORWARDED and isinstance(value, str)
        ]
        with limits.taken(addresses.client(host, forwarded)):
            return await call(request, context)

    return limited
