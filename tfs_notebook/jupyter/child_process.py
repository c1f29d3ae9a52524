"""The model server as a child process, which ends when its owner does."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from tfs_notebook.jupyter.log_lines import LogLines

__all__ = ["ChildProcess"]

# Beyond the grace for requests: unloading, and the end of the process.
_EXIT_SECONDS: Final = 4.0
_CHUNK: Final = 65536


class ChildProcess:
    """The standalone command, in a session of its own.

    Its standard input is a pipe that nobody writes to: the kernel closes it when this
    process ends, however that happens, and the command stops at its end. If this process
    was killed, it then removes the connection file and the sockets' directory.

    Args:
        flags: of the command.
        directory: its working directory; a private one, because Python imports from it.
        lines: take what it writes.
    """

    def __init__(self, flags: Mapping[str, object], directory: Path, lines: LogLines) -> None:
        self._flags = flags
        self._directory = directory
        self._lines = lines
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the child; None before it has started."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process.

        Raises:
            OSError: it cannot be started.
        """
        arguments = [f"--{name}={_text(value)}" for name, value in self._flags.items()]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tfs_notebook.cli.jupyter_child"),
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self._directory,
            env=_environment(),
            # Not Ctrl-C in the terminal, but Jupyter ends it.
            start_new_session=True,
        )
        self._reading = asyncio.ensure_future(self._read(self._process))

    async def ended(self) -> str:
        """Wait until the process has ended, and say how."""
        assert self._process is not None  # noqa: S101 - the protocol
        code = await self._process.wait()
        await self._read_the_rest()
        if code < 0:
            return f"the model server was ended by {_signal_name(-code)}"
        last = " ".join(self._lines.last(1))
        return f"the model server ended with exit code {code}; its last line: {last}"

    async def stop(self, grace: float) -> None:
        """Ask it to stop, and end it when it does not. May be repeated."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), grace + _EXIT_SECONDS)
            except asyncio.TimeoutError:
                self._lines.append("the model server did not stop in time; it is killed")
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        await self._read_the_rest()

    async def _read_the_rest(self) -> None:
        if self._reading is not None:
            # A grandchild may hold the other end.
            await asyncio.wait([self._reading], timeout=0.5)
            self._reading.cancel()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - for the types
        unfinished = b""
        while chunk := await process.stdout.read(_CHUNK):
            *whole, unfinished = (unfinished + chunk).split(b"\n")
            if len(unfinished) > _CHUNK:
                whole, unfinished = [*whole, unfinished], b""
            for line in whole:
                self._lines.append(line.decode("utf-8", "replace"))
        if unfinished:
            self._lines.append(unfinished.decode("utf-8", "replace"))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    if path := environment.get("PYTHONPATH"):
        # They were meant from where Jupyter was started.
        entries = (str(Path(entry).absolute()) for entry in path.split(os.pathsep))
        environment["PYTHONPATH"] = os.pathsep.join(entries)
    return environment


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
