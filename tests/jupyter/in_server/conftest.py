"""A Jupyter server in the process of the tests, by pytest-jupyter.

Its plug-in is taken for this folder alone: its fixtures run for every test they reach.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from pytest_jupyter.jupyter_server import *  # noqa: F403
from tornado.httpclient import HTTPResponse
from traitlets.config import Config

from tfs_notebook.jupyter.app import TfsNotebookApp

Run = Callable[[Awaitable[Any]], Any]
Ask = Callable[..., HTTPResponse]


@pytest.fixture
def short_directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where sockets lie."""
    with tempfile.TemporaryDirectory(prefix="j") as directory:
        monkeypatch.setenv("XDG_RUNTIME_DIR", directory)
        yield Path(directory)


@pytest.fixture
def traits() -> dict[str, Any]:
    """The extension's traits; a test module may have others."""
    return {}


@pytest.fixture  # type: ignore[no-redef] # in the place of the plug-in's
def jp_server_config(short_directory: Path, traits: dict[str, Any]) -> Config:
    """pytest-jupyter's: the configuration of the server."""
    return Config(
        {
            "ServerApp": {
                "jpserver_extensions": {
                    "tfs_notebook": True,
                    "jupyter_server_terminals": False,
                },
                "allow_unauthenticated_access": False,
            },
            "TfsNotebookApp": traits,
        }
    )


@pytest.fixture
def extension(jp_serverapp: ServerApp) -> TfsNotebookApp:
    """The extension, loaded and not started."""
    (app,) = jp_serverapp.extension_manager.extension_apps["tfs_notebook"]
    assert isinstance(app, TfsNotebookApp)
    return app


@pytest.fixture
def run(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Run:
    """Runs a coroutine on Jupyter's loop, which is not that of pytest-asyncio."""
    return jp_asyncio_loop.run_until_complete


@pytest.fixture
def ask(http_server_client: Any, jp_base_url: str, jp_auth_header: Any, run: Run) -> Ask:
    """Sends a request, with the token unless it has headers, whatever comes back."""

    def send(method: str, path: str, **options: Any) -> HTTPResponse:
        request = http_server_client.fetch(
            jp_base_url + path,
            method=method,
            raise_error=False,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            **{"headers": jp_auth_header, **options},
        )
        response: HTTPResponse = run(request)
        return response

    return send
