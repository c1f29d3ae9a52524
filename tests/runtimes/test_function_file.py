"""Functions that version directories name: what may be named, and what is not imported."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tfs_notebook.runtimes.function_file import FUNCTION_FILE, read_function_file
from tfs_notebook.runtimes.named_function import load_named_function
from tfs_notebook.wire.errors import (
    DataLoss,
    FailedPrecondition,
    InvalidArgument,
    PermissionDenied,
)

MODULE = "tests.serving.ensembles.functions"


def named(directory: Path, function: object, **further: object) -> Path:
    said = {"schema_version": 1, "function": function, **further}
    (directory / FUNCTION_FILE).write_text(json.dumps(said))
    return directory


def test_a_function_of_an_allowed_module_runs(tmp_path: Path) -> None:
    model = load_named_function(named(tmp_path, f"{MODULE}:double"), [MODULE])
    signature = model.signatures["serving_default"]
    assert model.shares_runs
    [y] = model.run(signature, {"x": (np.ones((2, 1), np.float32), 1)}, ["y"])
    assert y.tolist() == [[2.0], [2.0]]


def test_specs_and_batches_may_be_told(tmp_path: Path) -> None:
    path = named(
        tmp_path,
        f"{MODULE}:double",
        inputs={"x": ["float32", [None, 3]]},
        outputs={"y": ["float32", [None, 3]]},
        batched=False,
    )
    model = load_named_function(path, [MODULE])
    assert str(model.signatures["serving_default"].inputs["x"]) == "x: float [?, 3]"
    assert not model.shares_runs
    with pytest.raises(InvalidArgument, match="nobody"):
        load_named_function(
            named(tmp_path, f"{MODULE}:double", inputs={"nobody": "float32"}), [MODULE]
        )


@pytest.mark.parametrize(
    "allowed", [[], ["tests"], ["tests.serving.ensembles"], ["antigravity.x"]]
)
def test_others_are_not_even_imported(tmp_path: Path, allowed: list[str]) -> None:
    with pytest.raises(PermissionDenied, match="--allowed_function_modules=antigravity"):
        load_named_function(named(tmp_path, "antigravity:geohash"), allowed)
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("tests.serving.ensembles.functions:nobody", "has no function nobody"),
        ("tests.serving.ensembles.functions:_hidden", "_hidden is not the module"),
        ("tests.serving.ensembles.functions:threading", "has no function threading"),
        # What it has imported is not its own.
        ("tests.polling:Callable", "Callable is not the module"),
        ("tests.no_such_module:f", "cannot be imported: ModuleNotFoundError"),
    ],
)
def test_only_what_a_module_offers_is_taken(tmp_path: Path, function: str, text: str) -> None:
    module = function.partition(":")[0]
    with pytest.raises(FailedPrecondition, match=text):
        load_named_function(named(tmp_path, function), [module])


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b'{"schema_version": 2, "function": "a:b"}',
        b'{"schema_version": 1, "function": "a.b"}',
        b'{"schema_version": 1, "function": "a:b.c"}',
        b'{"schema_version": 1, "function": "a:b()"}',
        b'{"schema_version": 1, "function": "../a:b"}',
        b'{"schema_version": 1, "function": 1}',
        b'{"schema_version": 1, "function": "a:b", "batched": 2}',
        b'{"schema_version": 1, "function": "a:b", "inputs": []}',
        b'{"schema_version": 1, "function": "a:b", "code": "1"}',
        b"[" * 100_000, b" " * (1 << 21),
    ],
)  # fmt: skip
def test_files_that_name_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FUNCTION_FILE
    path.write_bytes(content)
    with pytest.raises(DataLoss, match="names no function"):
        read_function_file(path)
