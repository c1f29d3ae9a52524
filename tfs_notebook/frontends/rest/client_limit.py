"""REST requests, as many as their client may make."""

from __future__ import annotations

from typing import Final

from tfs_notebook.frontends.client_address import ClientAddresses
from tfs_notebook.frontends.rest.http import Handler, Request, Response
from tfs_notebook.serving.client_limits import ClientLimits

__all__ = ["limited_requests"]

_HEALTH: Final = "/v2/health/"
_EVENTS: Final = "/v2/repository/events"


def limited_requests(
    limits: ClientLimits,
    addresses: ClientAddresses,
    handler: Handler,
    metrics_path: str | None,
) -> Handler:
    """What answers requests, within the limits of their clients.

    Those for health and metrics have none, and those over the Unix socket, which is its
    user's own. To wait for events, as every open web page does, does not count as under way.
    """

    async def limited(request: Request) -> Response:
        path = request.path
        if request.over_unix_socket or path.startswith(_HEALTH) or path == metrics_path:
            return await handler(request)
        forwarded = request.headers.get_list("X-Forwarded-For")
        client = addresses.client(request.peer, forwarded)
        with limits.taken(client, waits=path == _EVENTS):
            return await handler(request)

    return limited
