"""Ensembles for the tests, and base paths to serve them from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfs_notebook.serving.ensembles.description import ENSEMBLE_FILE

__all__ = ["chain", "document", "ensemble_in", "step"]


def step(model: str, /, signature: str | None = None, **inputs: str) -> dict[str, Any]:
    """A step of the newest version of a model."""
    said: dict[str, Any] = {"model": model, "inputs": inputs}
    return said if signature is None else said | {"signature": signature}


def document(steps: Mapping[str, Any], **outputs: str) -> dict[str, Any]:
    """An ensemble."""
    return {"schema_version": 1, "steps": dict(steps), "outputs": outputs}


def chain(*models: str) -> dict[str, Any]:
    """One after the other, each with an input ``x`` and an output ``y``."""
    steps, source = {}, "request.x"
    for number, model in enumerate(models):
        steps[f"s{number}"] = step(model, x=source)
        source = f"s{number}.y"
    return document(steps, y=source)


def ensemble_in(base_path: Path, said: object, version: int = 1) -> Path:
    """A version directory with this ensemble; it appears at once."""
    directory = base_path / str(version)
    unfinished = base_path / f"unfinished-{version}"
    unfinished.mkdir(parents=True)
    (unfinished / ENSEMBLE_FILE).write_text(json.dumps(said))
    unfinished.rename(directory)
    return directory
