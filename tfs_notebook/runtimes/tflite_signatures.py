"""What a TFLite file offers: from what it says of signatures, or else from its tensors."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tfs_notebook.runtimes.tflite_interpreters import Runner, TensorRunner
from tfs_notebook.wire.dtypes import DataType, data_type_of
from tfs_notebook.wire.errors import AlreadyExists, Internal, InvalidArgument
from tfs_notebook.wire.messages import SignatureDef, TensorInfo
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["TFLiteOffer", "offer_of"]

_log = logging.getLogger(__name__)

_PREDICT: Final = "tensorflow/serving/predict"
# As TensorFlow's signature_def_util.h has it.
_METADATA: Final = "signature_defs_metadata"
# What is kept from one run to the next, in one interpreter and not in the others.
_KEEPING_OPS: Final = (
    "ASSIGN_VARIABLE", "CALL_ONCE", "HASHTABLE", "HASHTABLE_IMPORT", "VAR_HANDLE",
    "RNN", "LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "UNIDIRECTIONAL_SEQUENCE_RNN",
    "BIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_RNN", "SVDF",
)  # fmt: skip

_Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TFLiteOffer:
    """The signatures of a file, and how to run them.

    Attributes:
        definitions: by name, as clients read them.
        inputs: numbers of tensors by alias, by signature; None where the file has TFLite's
            own signatures, which the interpreter runs by name.
        outputs: likewise.
        keeps_state: whether a run may change what later ones find.
    """

    definitions: Mapping[str, SignatureDef]
    inputs: Mapping[str, Mapping[str, int]] | None
    outputs: Mapping[str, Mapping[str, int]] | None
    keeps_state: bool

    def runners(self, interpreter: Any) -> dict[str, Runner]:  # noqa: ANN401 - untyped library
        """How an interpreter, which nobody else may touch, runs each signature."""
        if self.inputs is None or self.outputs is None:
            native = {name: interpreter.get_signature_runner(name) for name in self.definitions}
            return {name: _named(runner) for name, runner in native.items()}
        return {
            name: TensorRunner(interpreter, self.inputs[name], self.outputs[name])
            for name in self.definitions
        }


def _named(runner: Any) -> Runner:  # noqa: ANN401 - untyped library
    def run(arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        given: Mapping[str, np.ndarray] = runner(**arrays)
        return given

    return run


def offer_of(content: bytes, path: Path, interpreter: Any) -> TFLiteOffer:  # noqa: ANN401
    """What a file offers.

    A file may have ``SignatureDef`` messages in its metadata, which TF Serving reads;
    TFLite's own signatures, which converters write today; or neither: then there is
    ``serving_default`` of its tensors, named as TF Serving names them, without ``:0``.

    Args:
        content: of the file.
        path: for the log.
        interpreter: that has loaded it, and runs nothing yet.

    Raises:
        InvalidArgument: the messages cannot be read; TF Serving's text.
        Internal: a signature names a tensor that is not there, a tensor has no name or a type
            that nobody can send; TF Serving's texts.
        AlreadyExists: two tensors have one name; TF Serving's text.
    """
    model = _read_model(content)
    keeps_state = _keeps_state(model)
    tensors = (
        _by_name(interpreter.get_input_details(), "Input"),
        _by_name(interpreter.get_output_details(), "Output"),
    )
    if written := _written_signatures(model):
        return _of_messages(written, *tensors, keeps_state=keeps_state)
    if native := interpreter.get_signature_list():
        return TFLiteOffer(_of_runners(interpreter, native), None, None, keeps_state)
    _log.info("No signature def found in TFLite model %s. Generating one.", path)
    return _of_tensors(*tensors, keeps_state=keeps_state)


def _read_model(content: bytes) -> Any:  # noqa: ANN401 - untyped library
    schema = importlib.import_module("ai_edge_litert.schema_py_generated")
    return schema.Model.GetRootAsModel(content, 0)


def _keeps_state(model: Any) -> bool:  # noqa: ANN401 - untyped library
    operators = importlib.import_module("ai_edge_litert.schema_py_generated").BuiltinOperator
    keeping = {getattr(operators, name) for name in _KEEPING_OPS}
    codes = [model.OperatorCodes(i) for i in range(model.OperatorCodesLength())]
    # Small numbers are in the older field too; whatever is custom may do anything.
    used = {max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) for code in codes}
    return not used.isdisjoint(keeping | {operators.CUSTOM})


def _written_signatures(model: Any) -> dict[str, SignatureDef]:  # noqa: ANN401 - as above
    for packed in _metadata(model):
        flexbuffers = importlib.import_module("flatbuffers.flexbuffers")
        try:
            # The texts of the map are messages, whose bytes need not be UTF-8.
            entries = flexbuffers.GetRoot(bytearray(packed)).AsMap
            return {
                entries.Keys[i].AsKey: SignatureDef.FromString(entries.Values[i].AsStringBytes)
                for i in range(len(entries))
            }
        except Exception as error:
            # Of bytes that are anything the library raises anything.
            raise InvalidArgument(
                f"Invalid SignatureDefs found in TfLite model: {error}"
            ) from error
    return {}


def _metadata(model: Any) -> Iterator[bytes]:  # noqa: ANN401 - untyped library
    for i in range(model.MetadataLength()):
        entry = model.Metadata(i)
        if entry.Name() == _METADATA.encode():
            yield bytes(model.Buffers(entry.Buffer()).DataAsNumpy())


def _by_name(details: Sequence[_Details], kind: str) -> dict[str, _Details]:
    tensors: dict[str, _Details] = {}
    for one in details:
        if not one["name"]:
            raise Internal(f"{kind} name missing for tensor index: {one['index']}")
        if one["name"] in tensors:
            raise AlreadyExists(f"{kind} tensor name: {one['name']} has multiple indices")
        tensors[one["name"]] = one
    return tensors


def _bare(name: str) -> str:
    """As converters of old have named tensors."""
    return name.partition(":")[0]


def _of_messages(
    written: Mapping[str, SignatureDef],
    inputs: Mapping[str, _Details],
    outputs: Mapping[str, _Details],
    *,
    keeps_state: bool,
) -> TFLiteOffer:
    indices: tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]] = ({}, {})
    for name, definition in written.items():
        sides = ((definition.inputs, inputs, "input"), (definition.outputs, outputs, "output"))
        for into, (infos, tensors, kind) in zip(indices, sides, strict=True):
            into[name] = {
                alias: _found(alias, info, tensors, kind)["index"]
                for alias, info in infos.items()
            }
    return TFLiteOffer(written, indices[0], indices[1], keeps_state)


def _found(
    alias: str, info: TensorInfo, tensors: Mapping[str, _Details], kind: str
) -> _Details:
    if info.name not in tensors and _bare(info.name) in tensors:
        info.name = _bare(info.name)
    if info.name not in tensors:
        raise Internal(
            f"Unknown tensor '{info.name}'.\n\tSignature {kind} {alias} references an unknown "
            "tensor"
        )
    return tensors[info.name]


def _of_runners(interpreter: Any, names: Iterable[str]) -> dict[str, SignatureDef]:  # noqa: ANN401
    runners = {name: interpreter.get_signature_runner(name) for name in sorted(names)}
    return {
        name: _definition(runner.get_input_details(), runner.get_output_details())
        for name, runner in runners.items()
    }


def _of_tensors(
    inputs: Mapping[str, _Details], outputs: Mapping[str, _Details], *, keeps_state: bool
) -> TFLiteOffer:
    sides = [{_bare(name): one for name, one in side.items()} for side in (inputs, outputs)]
    inputs_at, outputs_at = (
        {DEFAULT_SIGNATURE: {alias: int(one["index"]) for alias, one in side.items()}}
        for side in sides
    )
    definition = _definition(*sides)
    return TFLiteOffer({DEFAULT_SIGNATURE: definition}, inputs_at, outputs_at, keeps_state)


def _definition(
    inputs: Mapping[str, _Details], outputs: Mapping[str, _Details]
) -> SignatureDef:
    definition = SignatureDef(method_name=_PREDICT)
    for infos, side in ((definition.inputs, inputs), (definition.outputs, outputs)):
        for alias, one in side.items():
            info = infos[alias]
            info.name, info.dtype = one["name"], _data_type(one)
            for size in one["shape_signature"]:
                info.tensor_shape.dim.add(size=int(size))
    return definition


def _data_type(one: _Details) -> DataType:
    if one["dtype"] is np.bytes_:
        return DataType.STRING
    dtype = data_type_of(np.dtype(one["dtype"]))
    if dtype is None:
        raise Internal(f"Unknown TfLite type: {one['dtype'].__name__} (of {one['name']})")
    return dtype
