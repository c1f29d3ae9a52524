"""A Jupyter server in the process of the tests, by pytest-jupyter.

Its plug-in is taken for this folder alone: its fixtures run for every test they reach.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from pytest_jupyter.jupyter_server import *  # noqa: F403
from traitlets.config import Config

from tests.polling import poll_until
from tfs_notebook.jupyter.app import TfsNotebookApp

Fetch = Callable[..., Awaitable[Any]]


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


@pytest.fixture
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
