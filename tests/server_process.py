"""The standalone command as a real process, for the tests of the doors."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final

import httpx
import psutil

from tests.polling import poll_until

ROOT: Final = Path(__file__).parent.parent

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 60.0
# Linux gives away those from 32,768 on, macOS those from 49,152.
_FIRST_PORT: Final = 12_000
_PORTS_OF_A_WORKER: Final = 2500
_WORKERS: Final = 8
_offsets: Final = count(os.getpid() * 101)
_LISTENING: Final = "Entering the event loop"


def free_port() -> int:
    """A TCP port of this machine on which nobody listens at the moment.

    Below those that the system gives away, and in a range of each worker's own: what is
    free now is to be so when a server is told of it.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST_PORT + _PORTS_OF_A_WORKER * (worker % _WORKERS)
    while True:
        port = next(_offsets) % _PORTS_OF_A_WORKER + first
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def is_listening(port: int) -> bool:
    """Whether anybody takes connections on a port."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def config_text(models: Mapping[str, Path], **further: str) -> str:
    """A model config file; ``further`` is text for the entry of the model so named."""
    entries = [
        f'  config {{ name: "{name}" base_path: "{path}" model_platform: "tensorflow" '
        f"{further.get(name, '')} }}"
        for name, path in models.items()
    ]
    return "model_config_list {\n" + "\n".join(entries) + "\n}\n"


class ServerProcess:
    """``python -m tfs_notebook`` with flags, on ports of its own.

    A context manager: it waits until the server is up, and ends it with SIGTERM,
    which has to give exit code 0, no child left and no port taken.
    """

    def __init__(
        self,
        directory: Path,
        flags: Iterable[str] = (),
        *,
        environment: Mapping[str, str] | None = None,
        command: Iterable[str] = ("-m", "tfs_notebook"),
        port: int | None = None,
        rest_port: int | None = None,
        wait: bool = True,
    ) -> None:
        """Prepare; the process starts with :meth:`start`.

        Args:
            directory: where its log goes, and its working directory.
            flags: as on the command line; the ports are added.
            environment: what to add to this process's environment.
            command: the arguments of Python before the flags.
            port: the gRPC port, else a free one.
            rest_port: the REST port, else a free one; 0 for none.
            wait: whether :meth:`start` waits until the server is up.
        """
        self.directory = directory
        self.port = free_port() if port is None else port
        self.rest_port = free_port() if rest_port is None else rest_port
        self._wait = wait
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
        self._arguments = [
            sys.executable,
            *command,
            f"--port={self.port}",
            f"--rest_api_port={self.rest_port}",
            *flags,
        ]
        self._log_path = directory / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process; it has been started."""
        assert self._process is not None
        return self._process

    @property
    def grpc_address(self) -> str:
        """For a gRPC channel."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """For an HTTP client."""
        return f"http://127.0.0.1:{self.rest_port}"

    @property
    def log(self) -> str:
        """All it has written, to both streams."""
        return self._log_path.read_text(errors="replace")

    def start(self) -> ServerProcess:
        """Start the process, and wait until it is up."""
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments,
                cwd=self.directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if self._wait:
            try:
                self.wait_for_log(_LISTENING, seconds=_START_SECONDS)
            except BaseException:
                self.kill()
                raise
        return self

    def wait_for_log(self, text: str, *, seconds: float = 60.0) -> None:
        """Wait until the log says this; fail at once if the process has ended."""

        def said() -> bool:
            ended = self.process.poll() is not None
            if text in self.log:
                return True
            if ended:
                raise AssertionError(
                    f"the server ended with {self.process.returncode}, and not said {text!r}:\n"
                    + self.log
                )
            return False

        poll_until(said, f"the log says {text!r}", seconds=seconds, details=lambda: self.log)

    def wait_for_exit(self, *, seconds: float = _STOP_SECONDS) -> int:
        """Wait until the process has ended by itself, and return its exit code."""
        return self.process.wait(seconds)

    def wait_for_model(self, name: str, version: int, *, seconds: float = 60.0) -> None:
        """Wait until a version of a model is available."""
        states: dict[int, str] = {}

        def available() -> bool:
            states.clear()
            states.update(self.states(name))
            return states.get(version) == "AVAILABLE"

        poll_until(
            available,
            f"version {version} of {name} is available",
            seconds=seconds,
            details=lambda: f"{states}\n{self.log}",
        )

    def states(self, name: str) -> dict[int, str]:
        """The states of a model's versions, as REST tells them."""
        response = httpx.get(f"{self.url}/v1/models/{name}")
        if response.status_code == httpx.codes.NOT_FOUND:
            return {}
        return {
            int(status["version"]): status["state"]
            for status in response.raise_for_status().json()["model_version_status"]
        }

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, and see that it ends well."""
        if self.process.poll() is None:
            children = psutil.Process(self.process.pid).children(recursive=True)
            self.send(number)
        else:
            children = []
        try:
            code = self.wait_for_exit()
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        assert code == 0, f"exit code {code}\n{self.log}"
        assert not [child for child in children if child.is_running()], children
        for port in filter(None, (self.port, self.rest_port)):
            assert not is_listening(port), port

    def kill(self) -> None:
        """End it without asking."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> ServerProcess:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.stop()
        elif self.process.poll() is None:
            self.kill()
