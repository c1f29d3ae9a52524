"""Small TFLite files, written as their format says, without a converter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import flatbuffers
import flatbuffers.flexbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import SignatureDef

__all__ = ["fixed_rows", "half_plus_two", "maximum", "picked_texts", "version_of", "with_state"]

_FLOAT: Final = schema.TensorType.FLOAT32
_INT8: Final = schema.TensorType.INT8
_INT32: Final = schema.TensorType.INT32
_STRING: Final = schema.TensorType.STRING
_OP: Final = schema.BuiltinOperator


class _File:
    """One graph; tensors and ops are added in order."""

    def __init__(self) -> None:
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.buffers = [schema.BufferT()]
        self.model.operatorCodes = []
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.subgraphs = [self.graph]

    def tensor(
        self, name: str, kind: int, shape: Sequence[int], values: np.ndarray | None = None
    ) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.type = name, kind
        tensor.shape = [abs(size) for size in shape]
        if -1 in shape:
            tensor.shapeSignature = list(shape)
        if values is not None:
            tensor.buffer = self.buffer(values.tobytes())
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def buffer(self, content: bytes) -> int:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(content, np.uint8)
        self.model.buffers.append(buffer)
        return len(self.model.buffers) - 1

    def code(self, builtin: int) -> int:
        code = schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = (
            builtin,
            min(builtin, 127),
            1,
        )
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1

    def op(
        self,
        builtin: int,
        options: tuple[int, Any],
        inputs: Sequence[int],
        outputs: Sequence[int],
    ) -> None:
        operator = schema.OperatorT()
        operator.opcodeIndex = self.code(builtin)
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        operator.builtinOptionsType, operator.builtinOptions = options
        self.graph.operators.append(operator)

    def native(self, name: str, inputs: Mapping[str, int], outputs: Mapping[str, int]) -> None:
        signature = schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = name, 0
        signature.inputs, signature.outputs = _map(inputs), _map(outputs)
        self.model.signatureDefs = [*(self.model.signatureDefs or ()), signature]

    def metadata(self, name: str, content: bytes) -> None:
        entry = schema.MetadataT()
        entry.name, entry.buffer = name, self.buffer(content)
        self.model.metadata = [*(self.model.metadata or ()), entry]

    def content(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        self.graph.inputs, self.graph.outputs = list(inputs), list(outputs)
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def _map(tensors: Mapping[str, int]) -> list[Any]:
    entries = []
    for alias, index in tensors.items():
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = alias, index
        entries.append(entry)
    return entries


def half_plus_two(
    *,
    rows: int = -1,
    native: Sequence[str] = (),
    written: Mapping[str, str] | bytes | None = None,
    names: tuple[str, str] = ("x:0", "y:0"),
) -> bytes:
    """``y = x / 2 + 2`` of ``[rows, 1]``.

    Args:
        rows: -1 for any number.
        native: the names of TFLite's own signatures, from ``given`` to ``answer``.
        written: names of SignatureDefs in the metadata and their methods, from ``x`` to
            ``y``; or what is there in their place.
        names: of the tensors.
    """
    file = _File()
    shape = [rows, 1]
    x = file.tensor(names[0], _FLOAT, shape)
    half = file.tensor("half", _FLOAT, [1], np.array([0.5], np.float32))
    scaled = file.tensor("scaled", _FLOAT, shape)
    two = file.tensor("two", _FLOAT, [1], np.array([2.0], np.float32))
    y = file.tensor(names[1], _FLOAT, shape)
    options = schema.BuiltinOptions
    file.op(_OP.MUL, (options.MulOptions, schema.MulOptionsT()), [x, half], [scaled])
    file.op(_OP.ADD, (options.AddOptions, schema.AddOptionsT()), [scaled, two], [y])
    for name in native:
        file.native(name, {"given": x}, {"answer": y})
    if isinstance(written, bytes):
        file.metadata("signature_defs_metadata", written)
    elif written is not None:
        messages = {
            name: _message(method, names, rows).SerializeToString()
            for name, method in written.items()
        }
        file.metadata("signature_defs_metadata", _flexible(messages))
    return file.content([x], [y])


def _message(method: str, names: tuple[str, str], rows: int) -> SignatureDef:
    definition = SignatureDef(method_name=method)
    for infos, alias, name in (
        (definition.inputs, "x", names[0]),
        (definition.outputs, "y", names[1]),
    ):
        infos[alias].name, infos[alias].dtype = name, DataType.FLOAT
        for size in (rows, 1):
            infos[alias].tensor_shape.dim.add(size=size)
    return definition


class _RawText(str):  # noqa: SLOT000 - it has a field
    """A text to the format; converters put the bytes of a message into it as they are."""

    def __new__(cls, content: bytes) -> _RawText:
        made = super().__new__(cls, "")
        made._content = content  # type: ignore[attr-defined]
        return made

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        content: bytes = self._content  # type: ignore[attr-defined]
        return content


def _flexible(messages: Mapping[str, bytes]) -> bytes:
    builder = flatbuffers.flexbuffers.Builder()
    with builder.Map():
        for name, message in messages.items():
            builder.Key(name)
            builder.String(_RawText(message))
    return bytes(builder.Finish())


def picked_texts() -> bytes:
    """``picked[i] = texts[places[i]]``."""
    file = _File()
    texts = file.tensor("texts", _STRING, [-1])
    places = file.tensor("places", _INT32, [-1])
    picked = file.tensor("picked", _STRING, [-1])
    file.op(
        _OP.GATHER,
        (schema.BuiltinOptions.GatherOptions, schema.GatherOptionsT()),
        [texts, places],
        [picked],
    )
    return file.content([texts, places], [picked])


def maximum() -> bytes:
    """``y = max(x, 5)`` of eight bits."""
    file = _File()
    x = file.tensor("x", _INT8, [-1, 2])
    five = file.tensor("five", _INT8, [1], np.array([5], np.int8))
    y = file.tensor("y", _INT8, [-1, 2])
    for tensor in file.graph.tensors:
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = [0.5], [3]
    file.op(
        _OP.MAXIMUM,
        (schema.BuiltinOptions.MaximumMinimumOptions, schema.MaximumMinimumOptionsT()),
        [x, five],
        [y],
    )
    return file.content([x], [y])


def fixed_rows() -> bytes:
    """Takes ``[1, 4]`` and nothing else, and gives ``[1, 2, 2]``."""
    file = _File()
    x = file.tensor("x", _FLOAT, [1, 4])
    shape = file.tensor("shape", _INT32, [3], np.array([1, 2, 2], np.int32))
    y = file.tensor("y", _FLOAT, [1, 2, 2])
    options = schema.ReshapeOptionsT()
    options.newShape = [1, 2, 2]
    file.op(_OP.RESHAPE, (schema.BuiltinOptions.ReshapeOptions, options), [x, shape], [y])
    return file.content([x], [y])


def with_state() -> bytes:
    """As if it had a variable: an op that keeps one is among those it may use."""
    file = _File()
    x = file.tensor("x", _FLOAT, [-1, 1])
    y = file.tensor("y", _FLOAT, [-1, 1])
    file.op(_OP.RELU, (schema.BuiltinOptions.NONE, None), [x], [y])
    file.code(_OP.VAR_HANDLE)
    return file.content([x], [y])


def version_of(base_path: Path, content: bytes, version: int = 1) -> Path:
    """A version directory with this file as its ``model.tflite``."""
    directory = base_path / str(version)
    directory.mkdir(parents=True)
    (directory / "model.tflite").write_bytes(content)
    return directory
