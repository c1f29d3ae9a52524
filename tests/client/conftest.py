"""Clients of the server that all tests share, one for each way to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server_process import ServerProcess
from tfs_notebook.client import Client


@pytest.fixture(params=["grpc", "http"])
def client(server: ServerProcess, request: pytest.FixtureRequest) -> Iterator[Client]:
    address = server.grpc_address if request.param == "grpc" else server.url
    with Client(address) as client:
        yield client
