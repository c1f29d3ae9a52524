"""The official client of the server that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.server_process import ServerProcess

if TYPE_CHECKING:
    from tests.frontends.official import Client


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Iterator[Client]:
    # It imports tensorflow, which the tests of the REST door need not wait for.
    from tests.frontends.official import Client

    with Client.of(server) as client:
        yield client


@pytest.fixture(scope="module", params=["unbatched", "batched"])
def either_server(request: pytest.FixtureRequest) -> ServerProcess:
    """The server without batches, then the one with them."""
    name = "server" if request.param == "unbatched" else "batching_server"
    process: ServerProcess = request.getfixturevalue(name)
    return process


@pytest.fixture(scope="module")
def either(either_server: ServerProcess) -> Iterator[Client]:
    """The official client of either server."""
    from tests.frontends.official import Client

    with Client.of(either_server) as client:
        yield client
