"""Runs trials in sacrificial processes, and tells which version ended one."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final

from tests.server_process import ROOT

_SECONDS: Final = 60.0


class Trials:
    """A process that loads and runs versions; another one takes its place when it dies."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    def of(self, version: Path) -> tuple[str, str]:
        """What became of a version: loaded, refused, unforeseen, crashed or hung, and why."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{version}\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(_SECONDS):
                self.close()
                return "hung", ""
        if not (line := process.stdout.readline()):
            code = process.wait()
            self.close()
            words = self._log.read_text(errors="replace").splitlines()[-2:]
            name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            return "crashed", f"{name}: {' | '.join(words)[-300:]}"
        [(outcome, reason)] = json.loads(line).items()
        return outcome, reason

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.fuzz.trial_process"],
                    cwd=ROOT,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        return self._process

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def __enter__(self) -> Trials:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
