"""``tfs-notebook show`` as a real process, and models for it that need no TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.python_process import run_python
from tfs_notebook.wire.messages import (
    MetaGraphDef,
    SavedModel,
    SignatureDef,
    TensorInfo,
    TensorProto,
    TensorShapeProto,
)


class Shown(NamedTuple):
    """What the command answered."""

    code: int
    out: str
    err: str


def show(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Shown:
    """Run the subcommand."""
    result = run_python(
        "-m", "tfs_notebook", "show", *arguments, environment=environment, directory=Path()
    )
    return Shown(result.returncode, result.stdout, result.stderr)


def show_json(*arguments: str | Path) -> Any:
    """Run it with ``--json``; it has to succeed."""
    shown = show(*arguments, "--json")
    assert shown.code == 0, shown.err
    assert shown.err == ""
    return json.loads(shown.out)


def tensor(dtype: int, shape: list[int] | None, name: str) -> TensorInfo:
    """The message for one input or output."""
    return TensorInfo(name=name, dtype=dtype, tensor_shape=shape_message(shape))


def shape_message(shape: list[int] | None) -> TensorShapeProto:
    """Dimensions, or an unknown rank."""
    if shape is None:
        return TensorShapeProto(unknown_rank=True)
    return TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in shape])


def signature(
    inputs: Mapping[str, TensorInfo],
    outputs: Mapping[str, TensorInfo],
    defaults: Mapping[str, TensorProto] | None = None,
) -> SignatureDef:
    """A Predict signature."""
    return SignatureDef(
        inputs=inputs,
        outputs=outputs,
        defaults=defaults,
        method_name="tensorflow/serving/predict",
    )


def meta_graph(
    signatures: Mapping[str, SignatureDef], tags: tuple[str, ...] = ("serve",)
) -> MetaGraphDef:
    """A meta graph without a graph."""
    info = MetaGraphDef.MetaInfoDef(tags=tags, tensorflow_version="9.8.7")
    return MetaGraphDef(meta_info_def=info, signature_def=signatures)


def write_model(directory: Path, *graphs: MetaGraphDef) -> Path:
    """Write ``saved_model.pb`` into a version directory, and return the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    message = SavedModel(saved_model_schema_version=1, meta_graphs=graphs)
    (directory / "saved_model.pb").write_bytes(message.SerializeToString())
    return directory
