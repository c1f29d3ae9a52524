"""Loads and runs version directories, one after the other, in a process that may die of it.

``python -m tests.fuzz.trial_process``: a path a line comes in, a line of JSON goes out.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ServableId
from tfs_notebook.serving.served_model import load_served_model
from tfs_notebook.serving.warmup.version_warmup import WarmUp
from tfs_notebook.wire.errors import ServingError


def trial(path: Path) -> dict[str, str]:
    """Load, run and unload it."""
    try:
        served = load_served_model(str(path), ["serve"], b"")
    except ServingError as error:
        return {"refused": error.status_text}
    try:
        config = ServerConfig()
        WarmUp(config, RunWatch(0)).of_version(ServableId("m", 1), path, served).run()
    except ServingError as error:
        return {"refused": error.status_text}
    finally:
        served.close()
    return {"loaded": ""}


def main() -> None:
    """Try what standard input names."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            told = trial(Path(line.strip()))
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            told = {"unforeseen": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
