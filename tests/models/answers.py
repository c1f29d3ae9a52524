"""Recorded runs: what went into a signature and what TensorFlow gave for it.

Kept as JSON beside the model: numbers as the base64 of their bytes, strings one
by one, so that nothing is lost and nothing is pickled.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tfs_notebook.wire.dtypes import DataType, data_type_of, numpy_type

FILE_NAME: Final = "answers.json"
# The models that have answers.
ANSWERED: Final = (
    "half_plus_two", "half_plus_three", "identities", "coo_sparse", "string_keepers",
    "string_memory", "several", "texts", "tables", "compiled", "composites", "defaults", "slow",
    "large_outputs", "heavy", "hangs", "keras_3", "legacy_keras", "text_classifier",
    "string_lookup", "examples", "readings",
)  # fmt: skip

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Answer:
    """One run of a signature, made by TensorFlow.

    Attributes:
        signature: the signature's name.
        inputs: what was fed, by alias; strings as objects that are ``bytes``.
        outputs: what came out, by alias.
        tolerance: the relative difference that another run may show.
    """

    signature: str
    inputs: Arrays
    outputs: Arrays
    tolerance: float = 0.0

    def __str__(self) -> str:
        shapes = ",".join(f"{alias}{list(array.shape)}" for alias, array in self.inputs.items())
        return f"{self.signature}({shapes})"


def write_answers(version_directory: Path, answers: Sequence[Answer]) -> None:
    """Put the answers beside the version directory, where no server looks."""
    text = json.dumps(
        [
            {
                "signature": answer.signature,
                "tolerance": answer.tolerance,
                "inputs": _written_all(answer.inputs),
                "outputs": _written_all(answer.outputs),
            }
            for answer in answers
        ]
    )
    (version_directory.parent / FILE_NAME).write_text(text)


def read_answers(base_path: Path) -> list[Answer]:
    """Read what :func:`write_answers` wrote for a model."""
    return [
        Answer(
            entry["signature"],
            _read_all(entry["inputs"]),
            _read_all(entry["outputs"]),
            entry["tolerance"],
        )
        for entry in json.loads((base_path / FILE_NAME).read_text())
    ]


def _written_all(arrays: Arrays) -> dict[str, object]:
    return {alias: _written(array) for alias, array in arrays.items()}


def _written(array: np.ndarray) -> dict[str, object]:
    dtype = data_type_of(array.dtype)
    assert dtype is not None, array.dtype
    head = {"dtype": int(dtype), "shape": list(array.shape)}
    if dtype == DataType.STRING:
        return {**head, "strings": [b64encode(item).decode() for item in array.ravel()]}
    return {**head, "data": b64encode(np.ascontiguousarray(array).tobytes()).decode()}


def _read_all(entries: dict[str, Any]) -> dict[str, np.ndarray]:
    return {alias: _read(entry) for alias, entry in entries.items()}


def _read(entry: dict[str, Any]) -> np.ndarray:
    shape: list[int] = entry["shape"]
    if entry["dtype"] == DataType.STRING:
        strings = np.empty(len(entry["strings"]), object)
        strings[:] = [b64decode(text) for text in entry["strings"]]
        return strings.reshape(tuple(shape))
    target = numpy_type(entry["dtype"])
    assert target is not None
    return np.frombuffer(b64decode(entry["data"]), target).reshape(tuple(shape))
