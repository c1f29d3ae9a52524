"""Packages of npm that a test needs, installed once and kept."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

__all__ = ["installed"]

_LOCK: Final = "package-lock.json"
_FILES: Final = ("package.json", _LOCK)


def installed(source: Path, cache: Path, *, further: Iterable[str] = ()) -> Path:
    """Install what a directory's lock file names; the test is skipped where that cannot be.

    Args:
        source: has ``package.json`` and its lock file.
        cache: where they are installed, unless they are there already.
        further: other files that go there with them.

    Returns:
        ``cache``.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip(f"node and npm are needed for {source.name}")
    lock = cache / _LOCK
    is_current = lock.exists() and lock.read_bytes() == (source / _LOCK).read_bytes()
    for name in (*_FILES, *further):
        shutil.copy(source / name, cache)
    if not is_current or not (cache / "node_modules").is_dir():
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=cache, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        if done.returncode:
            lock.unlink()
            pytest.skip(f"npm cannot install {source.name}: {done.stderr[-500:]}")
    return cache
