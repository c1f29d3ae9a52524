"""What an exported version answers, through the runtime that serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tfs_notebook.client.inputs import as_inputs
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model


def answers(
    version: Path, signature: str = "serving_default", /, **inputs: Any
) -> dict[str, Any]:
    """The outputs by alias."""
    model = load_saved_model(version, ["serve"])
    try:
        chosen = model.signatures[signature]
        names = list(chosen.outputs)
        given = as_inputs(inputs, {}, chosen)
        return dict(zip(names, map(np.copy, model.run(chosen, given, names)), strict=True))
    finally:
        model.close()


def left_in(base: Path) -> list[str]:
    """The names of what lies there, hidden things too."""
    return sorted(child.name for child in base.iterdir()) if base.is_dir() else []
