"""Where the built models are, made when they are not there yet."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_ROOT: Final = _HERE.parent.parent
_BUILD_SECONDS: Final = 300


def built_models(cache: Path) -> Path:
    """Return the directory with all models below ``cache``; blocks while it is made.

    Several test runs may ask at once; one builds and the others wait.
    """
    cache.mkdir(parents=True, exist_ok=True)
    models = cache / _key()
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not models.is_dir():
            _build(models)
    return models


def _key() -> str:
    digest = hashlib.sha256()
    for source in sorted(_HERE.glob("*.py")):
        digest.update(source.read_bytes())
    for package in ("tensorflow", "keras", "tf_keras", "numpy"):
        digest.update(f"{package}={version(package)}".encode())
    return digest.hexdigest()[:16]


def _build(models: Path) -> None:
    for stale in filter(Path.is_dir, models.parent.iterdir()):
        shutil.rmtree(stale)
    unfinished = models.with_suffix(".unfinished")
    environment = os.environ | {
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONPATH": str(_ROOT),
    }
    built = subprocess.run(
        [sys.executable, "-m", "tests.models.build", str(unfinished)],
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    if built.returncode:
        raise RuntimeError(f"the test models cannot be built:\n{built.stderr[-4000:]}")
    unfinished.rename(models)
