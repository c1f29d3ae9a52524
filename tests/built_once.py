"""What takes long to make, made once for a state of its sources and then kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.server_process import ROOT

_BUILD_SECONDS: Final = 300


def content_key(sources: Iterable[Path], packages: Iterable[str]) -> str:
    """Return a name that changes when a source or the version of a package does."""
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    for package in packages:
        digest.update(f"{package}={version(package)}".encode())
    return digest.hexdigest()[:16]


def built_once(cache: Path, key: str, module: str, arguments: Sequence[str] = ()) -> Path:
    """Return the directory ``cache/key``, made by ``python -m module DIR arguments``.

    Several test runs may ask at once; one builds and the others wait. What was
    built for other keys is removed, and what a build that failed has left. It is a
    process of its own, so that this one imports neither TensorFlow nor Keras.
    """
    cache.mkdir(parents=True, exist_ok=True)
    built = cache / key
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.is_dir():
            _build(built, module, arguments)
    return built


def _build(built: Path, module: str, arguments: Sequence[str]) -> None:
    # Python 3.10 has files too in what glob("*/") gives.
    for stale in filter(Path.is_dir, built.parent.iterdir()):
        shutil.rmtree(stale)
    unfinished = built.with_suffix(".unfinished")
    environment = os.environ | {
        "CUDA_VISIBLE_DEVICES": "",
        # What goes wrong is at the end of stderr, not lost among notes on the CPU.
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.run(
        [sys.executable, "-m", module, str(unfinished), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(f"{module} failed:\n{process.stderr[-4000:]}")
    (unfinished / "stdout.txt").write_text(process.stdout, "utf-8")
    unfinished.rename(built)
