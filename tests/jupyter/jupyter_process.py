"""A real Jupyter server with the extension, for the tests of what only processes show."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from tests.polling import poll_until
from tests.server_process import ROOT, free_port, is_listening

TOKEN: Final = "3141592653"
BASE_URL: Final = "/a%40b/"

_READY_SECONDS: Final = 60.0


def runs(process: psutil.Process) -> bool:
    """Whether a process has not ended; nobody may have asked yet how it did."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class JupyterProcess:
    """``jupyter server`` with traits of the extension, under a base URL that is quoted."""

    program = "jupyter_server"

    def __init__(
        self,
        directory: Path,
        sockets: Path,
        options: Iterable[str],
        packages: Iterable[Path] = (),
    ) -> None:
        self.port = free_port()
        self.sockets = sockets
        self.root = directory
        self.runtime = directory / "runtime"
        self._log_path = directory / "jupyter.log"
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *packages))),
            "JUPYTER_NO_CONFIG": "1",
            "JUPYTER_CONFIG_DIR": str(directory / "config"),
            "JUPYTER_DATA_DIR": str(directory / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTER_PLATFORM_DIRS": "1",
            "XDG_RUNTIME_DIR": str(sockets),
        }
        with self._log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", self.program, "--no-browser", "--allow-root"),
                    f"--port={self.port}",
                    "--ServerApp.port_retries=0",
                    f"--IdentityProvider.token={TOKEN}",
                    f"--ServerApp.base_url={BASE_URL}",
                    "--ServerApp.jpserver_extensions={'tfs_notebook': True}",
                    *options,
                ],
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}{BASE_URL}",
            headers={"Authorization": f"token {TOKEN}"},
            timeout=60,
        )

    @property
    def log(self) -> str:
        """All it has written."""
        return self._log_path.read_text(errors="replace")

    def details(self) -> str:
        """What to show of it when a test fails."""
        try:
            lines = self.http.get("tfs/log").json().get("lines", [])
        except (httpx.HTTPError, ValueError):
            lines = []
        return "\n".join([self.log, *lines])

    def status(self) -> dict[str, Any]:
        """``tfs/status``, or nothing while nobody listens."""
        try:
            response = self.http.get("tfs/status")
        except httpx.TransportError:
            assert self.process.poll() is None, self.log
            return {}
        document: dict[str, Any] = response.json()
        return document

    def wait_for_state(self, state: str, *, seconds: float = _READY_SECONDS) -> dict[str, Any]:
        """Wait until the model server is in a state, and return its status."""

        def reached() -> dict[str, Any]:
            status = self.status()
            return status if status.get("state") == state else {}

        return poll_until(reached, f"it is {state}", seconds=seconds, details=self.details)

    def predict(self, *instances: float, model: str = "half") -> list[float]:
        """A prediction through the relay."""
        response = self.http.post(
            f"tfs/v1/models/{model}:predict", json={"instances": list(instances)}
        )
        predictions: list[float] = response.raise_for_status().json()["predictions"]
        return predictions

    def models(self) -> list[str]:
        """The names of what its model server serves."""
        answer = self.http.get("tfs/v1/models").raise_for_status().json()
        return [model["name"] for model in answer["models"]]

    def connection(self) -> dict[str, Any]:
        """The connection file, which is written when the model server is ready already."""
        path = self.runtime / f"tfs-notebook-{self.process.pid}.json"
        poll_until(path.exists, "there is a connection file", details=self.details)
        document: dict[str, Any] = json.loads(path.read_bytes())
        return document

    def left_behind(self) -> list[Path]:
        """Directories of sockets and connection files that are there."""
        return [*self.sockets.glob("tfs-*"), *self.runtime.glob("tfs-notebook-*.json")]

    def stop(self) -> None:
        """End it as a user does, and see that it leaves nothing."""
        children = self.children()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        assert not [child for child in children if runs(child)], self.log
        assert not self.left_behind(), self.log
        assert not is_listening(self.port)
        assert not self.faults(), self.log

    def faults(self) -> list[str]:
        """What in its log tells of a mistake."""
        return [line for line in self.log.splitlines() if "Traceback" in line]

    def children(self) -> list[psutil.Process]:
        """Its processes at the moment."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self) -> None:
        """End it without asking."""
        self.process.kill()
        self.process.wait()


@contextmanager
def jupyter_process(
    directory: Path,
    *options: str,
    sockets: Path | None = None,
    packages: Iterable[Path] = (),
    kind: type[JupyterProcess] = JupyterProcess,
) -> Iterator[JupyterProcess]:
    """Run a Jupyter server until the block ends; it has to end well.

    Args:
        directory: for its files.
        options: of its command line.
        sockets: its runtime directory for sockets, else one of its own.
        packages: directories of further packages.
        kind: of its class.
    """
    # Short, unlike pytest's: a socket's path has few bytes.
    with tempfile.TemporaryDirectory(prefix="j") as short:
        jupyter = kind(directory, sockets or Path(short), options, packages)
        try:
            yield jupyter
            if jupyter.process.poll() is None:
                jupyter.stop()
        finally:
            jupyter.http.close()
            if jupyter.process.poll() is None:
                jupyter.kill()
