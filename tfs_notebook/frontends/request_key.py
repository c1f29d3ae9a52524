"""What the choice of a version sticks to where a model's requests go by weights.

A client says it in the header ``tfs-request-id``, or in gRPC metadata of that name: the id
of a person, a session or a device, so that it meets one version all the while. Without it
``x-request-id`` counts, which proxies set, so that a request that is sent again meets the
version it met before; then the id that the Open Inference Protocol has in its requests.
Without any the choice is another one each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tfs_notebook.serving.model_server import ModelServer

__all__ = ["key_in_headers", "key_in_metadata", "key_of_id"]

_NAMES: Final = ("tfs-request-id", "x-request-id")
_LONGEST: Final = 512


def key_in_headers(server: ModelServer, headers: Mapping[str, str]) -> str | None:
    """The key of a request over HTTP; None if there is none, or it is of no use."""
    return _key(headers) if server.routes_requests else None


def key_in_metadata(
    server: ModelServer, metadata: Iterable[tuple[str, str | bytes]] | None
) -> str | None:
    """The key of a call over gRPC; likewise."""
    if not server.routes_requests:
        return None
    return _key({name: text for name, text in metadata or () if isinstance(text, str)})


def key_of_id(request_id: str) -> str | None:
    """The key of a request of the Open Inference Protocol with this id, which may be empty."""
    return request_id[:_LONGEST] or None


def _key(said: Mapping[str, str]) -> str | None:
    for name in _NAMES:
        if text := said.get(name):
            return text[:_LONGEST]
    return None
