"""The private directory: short, private, and tidied up after those who could not."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tfs_notebook.jupyter.socket_directory import SocketDirectory
from tfs_notebook.wire.errors import Unavailable


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short runtime directory of the test's own."""
    with tempfile.TemporaryDirectory(prefix="r") as directory:
        monkeypatch.setenv("XDG_RUNTIME_DIR", directory)
        yield Path(directory)


@pytest.fixture
def ended_pid() -> int:
    """Of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    return process.pid


def test_it_is_private_and_in_the_runtime_directory(runtime: Path) -> None:
    directory = SocketDirectory()
    assert directory.path.parent == runtime
    assert stat.S_IMODE(directory.path.stat().st_mode) == 0o700
    assert len(os.fsencode(directory.rest_socket)) < 104


def test_it_is_removed_with_what_is_in_it(runtime: Path) -> None:
    directory = SocketDirectory()
    directory.journal.write_text("{}")
    directory.remove()
    directory.remove()
    assert not list(runtime.iterdir())


def test_those_of_processes_that_ended_are_removed(runtime: Path, ended_pid: int) -> None:
    stale = runtime / f"tfs-{ended_pid}-abc_1x"
    stale.mkdir()
    (stale / "rest.sock").touch()
    others = [runtime / name for name in ("tfs-1-abc", "tfs-x-abc", "tfs-", "else")]
    for other in others:
        other.mkdir()
    directory = SocketDirectory()
    assert set(runtime.iterdir()) == {*others, directory.path}


def test_one_that_answers_is_in_use(runtime: Path, ended_pid: int) -> None:
    # As in a container that counts its processes for itself.
    used = runtime / f"tfs-{ended_pid}-abc"
    used.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(used / "rest.sock"))
        listening.listen()
        SocketDirectory()
        assert used.exists()
    SocketDirectory()
    assert not used.exists()


def test_links_are_not_followed(runtime: Path, ended_pid: int, tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    (runtime / f"tfs-{ended_pid}-abc").symlink_to(tmp_path)
    SocketDirectory()
    assert (tmp_path / "kept").exists()


def test_a_long_place_is_passed_over(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = runtime / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    directory = SocketDirectory()
    assert directory.path.parent != long
    assert not list(long.iterdir())
    directory.remove()


def test_no_place_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> str:
        raise PermissionError

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(Unavailable, match="Set XDG_RUNTIME_DIR"):
        SocketDirectory()
