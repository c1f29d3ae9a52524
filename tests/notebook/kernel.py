"""A real kernel, as a front end sees it."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.server_process import ROOT

_SECONDS: Final = 60.0


@dataclass
class Outcome:
    """What one cell gave.

    Attributes:
        status: ``ok`` or ``error``.
        results: the result's bundle by MIME type; empty if there was none.
        displays: bundles that were displayed or updated, in order.
        streams: what was written, by stream.
        traceback: of an error that has one.
        page: what was shown beside the cell, help for instance.
    """

    status: str = ""
    results: dict[str, str] = field(default_factory=dict)
    displays: list[dict[str, str]] = field(default_factory=list)
    streams: dict[str, str] = field(default_factory=dict)
    traceback: list[str] = field(default_factory=list)
    page: str = ""

    @property
    def text(self) -> str:
        """The result as text."""
        return self.results.get("text/plain", "")

    @property
    def stderr(self) -> str:
        """What was written to stderr."""
        return self.streams.get("stderr", "")


class Cells:
    """A kernel that somebody else has started, by its connection file."""

    def __init__(self, client: Any) -> None:
        self._client = client
        # Its heart is not listened to: one that has not come up yet would count as dead.
        self._client.start_channels(hb=False)
        self._client.wait_for_ready(timeout=_SECONDS)

    @classmethod
    def of(cls, connection_file: Path) -> Cells:
        """Connect to a kernel."""
        client: Any = BlockingKernelClient()
        client.load_connection_file(str(connection_file))
        return cls(client)

    def run(self, code: str, *, seconds: float = _SECONDS) -> Outcome:
        """Run a cell to its end."""
        outcome = Outcome()

        def take(message: dict[str, Any]) -> None:
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                before = outcome.streams.get(content["name"], "")
                outcome.streams[content["name"]] = before + content["text"]
            elif kind == "execute_result":
                outcome.results = content["data"]
            elif kind in ("display_data", "update_display_data"):
                outcome.displays.append(content["data"])
            elif kind == "error":
                outcome.traceback = content["traceback"]

        reply = self._client.execute_interactive(code, timeout=seconds, output_hook=take)
        outcome.status = reply["content"]["status"]
        for payload in reply["content"].get("payload", ()):
            outcome.page += payload.get("data", {}).get("text/plain", "")
        return outcome

    def ok(self, code: str) -> str:
        """Run a cell that has to succeed, and return its result as text."""
        outcome = self.run(code)
        assert outcome.status == "ok", (outcome.traceback, outcome.stderr)
        return outcome.text

    def begin(self, code: str) -> None:
        """Run a cell without waiting for it; the next one waits."""
        self._client.execute(code, store_history=False, silent=True)

    def send_comm(
        self, model_id: str, data: Mapping[str, Any], *, subshell: str | None = None
    ) -> None:
        """Send what a front end sends about a widget; waits for nothing.

        Args:
            model_id: of the widget.
            data: of the message.
            subshell: that is to handle it, of :meth:`create_subshell`; None for the main one.
        """
        content = {"comm_id": model_id, "data": dict(data)}
        message = self._client.session.msg("comm_msg", content)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self._client.shell_channel.send(message)

    def create_subshell(self) -> str:
        """A thread of the kernel's beside the one of the cells; the test is skipped without."""
        request = self._client.session.msg("create_subshell_request", {})
        self._client.control_channel.send(request)
        reply = self._client.control_channel.get_msg(timeout=_SECONDS)
        if "subshell_id" not in reply["content"]:
            pytest.skip("kernels have subshells from ipykernel 7 on")
        return str(reply["content"]["subshell_id"])

    def complete(self, code: str) -> list[str]:
        """What the kernel offers at the end of a cell."""
        reply = self._client.complete(code, reply=True, timeout=_SECONDS)
        matches: list[str] = reply["content"]["matches"]
        return matches

    def close(self) -> None:
        """Hang up."""
        self._client.stop_channels()


class Kernel(Cells):
    """One kernel with directories of its own; a context manager."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        """Start it.

        Args:
            directory: where it runs.
            environment: the whole of its environment.
        """
        self._manager: Any = KernelManager()
        self._manager.start_kernel(cwd=str(directory), env=dict(environment))
        super().__init__(self._manager.blocking_client())

    @property
    def process(self) -> psutil.Process:
        """The kernel's."""
        return psutil.Process(self._manager.provisioner.process.pid)

    def interrupt(self) -> None:
        """Interrupt what it runs, as front ends do."""
        self._manager.interrupt_kernel()

    def restart(self, *, now: bool = False) -> None:
        """Restart as front ends do, or without asking the kernel."""
        self._manager.restart_kernel(now=now)
        self._client.wait_for_ready(timeout=_SECONDS)

    def kill(self) -> None:
        """End it as the system does when memory runs out."""
        self._manager.signal_kernel(signal.SIGKILL)
        self.process.wait(_SECONDS)

    def close(self) -> None:
        """End it."""
        super().close()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def environment_in(directory: Path, base: Mapping[str, str]) -> dict[str, str]:
    """An environment in which a kernel sees nothing of this user's own."""
    places = {}
    for variable, name in (
        ("JUPYTER_RUNTIME_DIR", "r"), ("IPYTHONDIR", "i"), ("TMPDIR", "t"),
    ):  # fmt: skip
        (directory / name).mkdir(exist_ok=True)
        places[variable] = str(directory / name)
    return {**base, **places, "XDG_RUNTIME_DIR": "", "PYTHONPATH": str(ROOT)}
