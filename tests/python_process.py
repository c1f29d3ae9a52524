"""Programs in an interpreter of their own, on the code of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.server_process import ROOT


def run_python(
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    directory: Path = ROOT,
    seconds: float = 100.0,
) -> subprocess.CompletedProcess[str]:
    """Run ``python arguments`` to its end, whatever its exit code.

    Args:
        arguments: of the interpreter.
        environment: what to add to this process's environment.
        directory: its working directory.
        seconds: how long it may take.
    """
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def output_of(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """Run ``python arguments``, see that it succeeds, and return what it printed."""
    done = run_python(*arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
