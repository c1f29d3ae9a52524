"""A client of ``/v2`` over the Unix socket or TCP."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.server_process import ServerProcess


@contextmanager
def socket_directory() -> Iterator[Path]:
    """A private directory with a path that is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="tfs") as directory:
        yield Path(directory)


class Repository:
    """What is asked of a server's repository; a context manager."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    @classmethod
    def over_socket(cls, path: Path) -> Repository:
        transport = httpx.HTTPTransport(uds=str(path))
        return cls(httpx.Client(transport=transport, base_url="http://localhost", timeout=60))

    @classmethod
    def over_tcp(cls, server: ServerProcess, token: str = "") -> Repository:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return cls(httpx.Client(base_url=server.url, headers=headers, timeout=60))

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def post(self, name: str, verb: str, **parameters: object) -> httpx.Response:
        body = {"parameters": parameters} if parameters else {}
        return self.client.post(f"/v2/repository/models/{name}/{verb}", json=body)

    def done(self, name: str, verb: str, **parameters: object) -> Any:
        """Post, and see that it is done; gives the answer."""
        response = self.post(name, verb, **parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def index(self, **body: object) -> Any:
        response = self.client.post("/v2/repository/index", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def states(self, name: str) -> dict[str, str]:
        return {e["version"]: e["state"] for e in self.index() if e["name"] == name}

    def get(self, path: str, status: int = 200) -> Any:
        response = self.client.get(path)
        assert response.status_code == status, response.text
        return response.json()


Start = Callable[..., ServerProcess]
