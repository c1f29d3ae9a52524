"""A model of ResNet-50's size: its network, untrained.

``python -m benchmarks.resnet_model DIR`` builds it, in a process of its own because Keras
takes most of a minute and a gigabyte for that.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["IMAGE", "resnet_model"]

IMAGE = (-1, 224, 224, 3)
"""Shape of its one input."""

# Kept between runs; the repository ignores it.
_CACHE = Path(".cache/benchmarks/resnet50")


def resnet_model() -> Path:
    """Return its base path with version 1; the first call builds it."""
    if not (_CACHE / "1" / "saved_model.pb").is_file():
        subprocess.run(
            [sys.executable, "-m", "benchmarks.resnet_model", str(_CACHE)],
            check=True,
            stdout=sys.stderr,
        )
    return _CACHE.absolute()


def _build(base: Path) -> None:
    import keras  # noqa: PLC0415 - seconds, which only this process is to spend

    keras.utils.set_random_seed(0)
    unfinished = base / "unfinished"
    keras.applications.ResNet50(weights=None).export(str(unfinished))
    unfinished.rename(base / "1")


if __name__ == "__main__":
    _build(Path(sys.argv[1]))
