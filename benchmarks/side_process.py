"""Another module of the benchmarks as a process that is asked line by line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["SideProcess", "side_process"]


class SideProcess:
    """A running module; it writes a JSON line when it is ready, and one an answer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.ready = self._read()

    def ask(self, **question: object) -> Any:  # noqa: ANN401 - JSON
        """Send a question as a JSON line, and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:  # noqa: ANN401 - JSON
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} has ended: {self._process.wait()}")
        return json.loads(line)


@contextmanager
def side_process(module: str, *arguments: str) -> Iterator[SideProcess]:
    """Run ``python -m benchmarks.module`` until the block ends, which closes its input."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield SideProcess(process)
    finally:
        process.terminate()
        process.communicate()
