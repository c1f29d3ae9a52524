"""A second server beside a notebook's: it serves, can be changed, and outlives nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.polling import poll_until
from tests.server_process import ROOT, is_listening
from tfs_notebook.client import Client
from tfs_notebook.demo.separate_server import SeparateServer
from tfs_notebook.wire.errors import PermissionDenied, Unavailable


@pytest.fixture(autouse=True)
def _this_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def server(half_plus_two: Path) -> Iterator[SeparateServer]:
    server = SeparateServer({"half": half_plus_two.parent}, "--enable_batching")
    yield server
    server.stop()


def test_it_serves_and_stops(server: SeparateServer) -> None:
    with Client(server.address, rest_address=server.rest_address) as client:
        assert client.models() == ["half"]
        assert client["half"].predict([1.0]).tolist() == [2.5]  # type: ignore[union-attr]
        with pytest.raises(PermissionDenied):
            client["half"].set_batching(max_batch_size=4)
    with Client(server.address, rest_address=server.control_address) as client:
        client["half"].set_batching(max_batch_size=4)
    assert "Entering the event loop" in server.log
    server.stop()
    assert "(ended)" in repr(server)
    assert not is_listening(int(server.address.split(":")[1]))
    assert not Path(server.control_address.removeprefix("http+unix:")).parent.exists()
    server.stop()


def test_what_cannot_start_says_why() -> None:
    with pytest.raises(Unavailable, match=r"exit code 2:\n.*enable_bathing"):
        SeparateServer({}, "--enable_bathing")


def test_it_ends_when_its_owner_is_killed(half_plus_two: Path) -> None:
    script = (
        "import time; from tfs_notebook.demo.separate_server import SeparateServer; "
        f"server = SeparateServer({{'half': {str(half_plus_two.parent)!r}}}); "
        "print('up', flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert owner.stdout is not None
    try:
        assert owner.stdout.readline() == b"up\n"
        (child,) = psutil.Process(owner.pid).children()
    finally:
        owner.kill()
        owner.wait()
        owner.stdout.close()
    poll_until(lambda: not child.is_running(), "the server has ended")
