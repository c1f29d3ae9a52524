"""A pipeline small enough to reckon with: four words, two pieces, three values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tfs_notebook.pipelines.description import DIRECTORY, FILE_NAME
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.text import TextPipeline
from tfs_notebook.pipelines.text_description import TableFiles
from tfs_notebook.pipelines.vector_table import VectorTable, write_table

WORDS = {
    "free": [1.0, 0.0, 0.0],
    "see": [0.0, 1.0, 0.0],
    "微信": [0.0, 0.0, 1.0],
    "!": [1.0, 1.0, 0.0],
}
PIECES = {"<f": [2.0, 0.0, 0.0], "re": [0.0, 4.0, 0.0]}


def document(**changes: Any) -> dict[str, Any]:
    """A valid pipeline; ``changes`` replace what is at the top, or add to it."""
    return {
        "schema_version": 1,
        "kind": "text",
        "text": {},
        "vectors": {"words": {"vocabulary": "words.txt", "values": "words.npy"}},
        "input": {"name": "words", "words": 4, "values": 3},
        "output": {"name": "scores", "labels": ["spam", "pass"]},
    } | changes


def write_pipeline(version: Path, **changes: Any) -> Path:
    """Write the pipeline into a version directory, with both tables, and return its file."""
    directory = version / DIRECTORY
    directory.mkdir(exist_ok=True, parents=True)
    for name, vectors in (("words", WORDS), ("pieces", PIECES)):
        values = np.array(list(vectors.values()), np.float32)
        write_table(
            directory, TableFiles(f"{name}.txt", f"{name}.npy"), VectorTable(vectors, values)
        )
    path = directory / FILE_NAME
    path.write_text(json.dumps(document(**changes)), "utf-8")
    return path


def loaded(version: Path, **changes: Any) -> TextPipeline:
    """Write the pipeline and load it."""
    write_pipeline(version, **changes)
    pipeline = load_pipeline(version)
    assert isinstance(pipeline, TextPipeline)
    return pipeline


def with_pieces(**more: Any) -> dict[str, Any]:
    """The ``vectors`` of a pipeline that makes vectors of pieces."""
    return {
        "words": {"vocabulary": "words.txt", "values": "words.npy"},
        "pieces": {"vocabulary": "pieces.txt", "values": "pieces.npy"},
    } | more
