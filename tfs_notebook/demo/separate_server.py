"""A model server in a process of its own: in a demo it stands for one that runs elsewhere."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tfs_notebook.jupyter.liveness import listens
from tfs_notebook.jupyter.socket_directory import SocketDirectory
from tfs_notebook.wire.errors import DeadlineExceeded, Unavailable

__all__ = ["SeparateServer"]

_START_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 20.0
_PAUSE_SECONDS: Final = 0.05
_LINES_TOLD: Final = 5


class SeparateServer:
    """The command ``tfs-notebook`` with some models, on free ports of this machine.

    ::

        production = SeparateServer({"half": path}, "--enable_batching")
        tfs_notebook.connect(production.address, rest_address=production.rest_address)
        production.stop()

    It ends with this process, however that ends: its standard input is a pipe that closes
    then.

    Attributes:
        address: of gRPC.
        rest_address: of REST.
        control_address: of REST on a private Unix socket, by which models may be changed.
    """

    def __init__(self, models: Mapping[str, str | os.PathLike[str]], *flags: str) -> None:
        """Start it, and return when its models have loaded; blocks.

        Args:
            models: directories with versions, by the names to serve them by.
            flags: further ones of the command.

        Raises:
            Unavailable: it has ended; the text has its last lines.
            DeadlineExceeded: its models take minutes.
        """
        self._directory = SocketDirectory()
        self._log = self._directory.path / "server.log"
        port, rest_port = _free_ports(2)
        self.address: Final = f"localhost:{port}"
        self.rest_address: Final = f"http://localhost:{rest_port}"
        self.control_address: Final = f"http+unix:{self._directory.rest_socket}"
        config = self._directory.path / "models.config"
        config.write_text(_config_text(models), "utf-8")
        command = [
            *(sys.executable, "-m", "tfs_notebook"),
            f"--port={port}",
            f"--rest_api_port={rest_port}",
            f"--rest_api_socket_path={self._directory.rest_socket}",
            f"--model_config_file={config}",
            "--exit_on_stdin_eof",
            *flags,
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - this package's own command
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # An interrupt of a cell is not meant for it.
                start_new_session=True,
            )
        self._owner = os.getpid()
        atexit.register(self.stop)
        try:
            self._wait()
        except BaseException:  # an interrupt too: nobody would have it to stop it
            self.stop()
            raise

    @property
    def log(self) -> str:
        """All that it has written; empty once it is stopped."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not listens(self._directory.rest_socket):
            last = "\n".join(self.log.splitlines()[-_LINES_TOLD:])
            if (code := self._process.poll()) is not None:
                raise Unavailable(f"the server ended with exit code {code}:\n{last}")
            if time.monotonic() > deadline:
                raise DeadlineExceeded(f"no server after {_START_SECONDS:g} s:\n{last}")
            time.sleep(_PAUSE_SECONDS)

    def stop(self) -> None:
        """End it; blocks for seconds at most. Idempotent; does nothing in a fork."""
        if os.getpid() != self._owner:
            return
        atexit.unregister(self.stop)
        self._process.terminate()
        assert self._process.stdin is not None  # noqa: S101 - for the types
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._directory.remove()

    def __repr__(self) -> str:
        ended = "" if self._process.poll() is None else " (ended)"
        return f"<model server, process {self._process.pid}, at {self.address}{ended}>"


def _config_text(models: Mapping[str, str | os.PathLike[str]]) -> str:
    entries = (
        f"  config {{ name: {json.dumps(name, ensure_ascii=False)} "
        f"base_path: {json.dumps(str(Path(path).absolute()), ensure_ascii=False)} "
        'model_platform: "tensorflow" }\n'
        for name, path in models.items()
    )
    return f"model_config_list {{\n{''.join(entries)}}}\n"


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        # All at once, or the second would be the first again.
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
