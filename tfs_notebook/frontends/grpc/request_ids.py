"""The id that a call is known by, in the log and to its client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from tfs_notebook.frontends.access_log import new_request_id

if TYPE_CHECKING:
    import grpc.aio

__all__ = ["SendId", "no_request_id", "send_request_id"]

_REQUEST_ID: Final = "x-request-id"
_Context: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"
SendId: TypeAlias = Callable[[_Context], Awaitable[str]]
"""Tells a call its id, and returns it; an empty one where there is none."""


async def send_request_id(context: _Context) -> str:
    """Tell a call the id that it has sent, or a new one."""
    sent = dict(context.invocation_metadata() or ()).get(_REQUEST_ID)
    request_id = new_request_id(sent if isinstance(sent, str) else None)
    await context.send_initial_metadata(((_REQUEST_ID, request_id),))
    return request_id


async def no_request_id(_context: _Context) -> str:
    """Tell it none."""
    return ""
