"""Model servers in this process, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.model_server import ModelServer


@pytest.fixture
def start() -> Iterator[Callable[..., ModelServer]]:
    """Starts servers with settings of a test's own, and waits for their models."""
    started: list[ModelServer] = []

    def start(**settings: object) -> ModelServer:
        server = ModelServer(ServerConfig(**settings))
        started.append(server)
        server.start()
        server.wait_for_models(30)
        return server

    yield start
    for server in started:
        server.stop(30)
