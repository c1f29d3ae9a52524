"""A server on somebody else's loop: what it holds, it gives back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frontends.repository_client import socket_directory
from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.server import Server
from tfs_notebook.wire.errors import InvalidArgument, Unavailable


@pytest.fixture
def sockets() -> Iterator[Path]:
    with socket_directory() as directory:
        yield directory


async def test_its_journal_is_locked_until_it_stops(sockets: Path) -> None:
    flags = {
        "port": 0,
        "grpc_socket_path": str(sockets / "grpc.sock"),
        "journal_path": str(sockets / "journal.json"),
    }
    with pytest.raises(InvalidArgument, match="needs --lazy_loading"):
        Server(ServerConfig(**flags, pinned_models="m"))
    server = Server(ServerConfig(**flags))
    await server.start()
    with pytest.raises(Unavailable, match="another server keeps what it serves"):
        Server(ServerConfig(**flags))
    await server.stop(1.0)
    await Server(ServerConfig(**flags)).stop(1.0)
