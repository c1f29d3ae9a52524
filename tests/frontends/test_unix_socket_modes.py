"""Who may connect to the doors' Unix sockets: their user, from the first moment on."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.grpc.frontend import GrpcFrontend
from tfs_notebook.frontends.rest.control_access import ControlAccess
from tfs_notebook.frontends.unix_socket import SocketFile
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.errors import Unavailable


@pytest.fixture(params=[0o002, 0o022, 0o000], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    mask: int = request.param
    before = os.umask(mask)
    yield mask
    assert os.umask(before) == mask


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def pool() -> Iterator[RunPool]:
    pool = RunPool("test", 1)
    yield pool
    assert pool.stop(5)


class _Observed(GrpcFrontend):
    """Looks at the socket as soon as gRPC listens there."""

    mode_when_bound: int

    def _bind(self, address: str) -> None:
        super()._bind(address)
        self.mode_when_bound = mode(Path(address.removeprefix("unix:")))


async def test_grpcs_socket_is_private_when_it_is_bound(
    tmp_path: Path, pool: RunPool, umask: int
) -> None:
    path = tmp_path / "g.sock"
    config = ServerConfig(model_base_path=str(tmp_path), port=0, grpc_socket_path=str(path))
    server = ModelServer(config)
    runner = RequestRunner(server, pool)
    door = _Observed(server, config, runner, runner, runner, ControlAccess(config))
    try:
        await door.start()
        assert door.mode_when_bound & 0o077 == 0
        assert mode(path) == 0o600
    finally:
        await door.stop(0)
    assert not path.exists()


def test_directories_that_are_made_meanwhile_can_be_used(tmp_path: Path, umask: int) -> None:
    with SocketFile(str(tmp_path / "s.sock")).private():
        (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").touch()
    assert mode(tmp_path / "new" / "file") == 0o666 & ~umask


def test_a_failed_bind_leaves_the_umask(tmp_path: Path, umask: int) -> None:
    with (
        closing(socket.socket(socket.AF_UNIX)) as unbound,
        pytest.raises(OSError, match="such file"),
        SocketFile(str(tmp_path)).private(),
    ):
        unbound.bind(str(tmp_path / "nowhere" / "s.sock"))


def test_a_socket_that_is_listened_on_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(str(path))
        listening.listen()
        with pytest.raises(Unavailable, match="another server listens there"):
            SocketFile(str(path)).claim()
