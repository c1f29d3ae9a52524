"""``StructuredValue``: nested Python values as a SavedModel keeps them, as text.

The text is what ``repr`` gives for the value in TensorFlow, without TensorFlow:
``TensorSpec(shape=(None, 3), dtype=tf.float32, name='x')``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tfs_notebook.wire.dtypes import DataType, base_type, type_name
from tfs_notebook.wire.messages import (
    BoundedTensorSpecProto,
    NamedTupleValue,
    StructuredValue,
    TensorProto,
    TensorShapeProto,
    TensorSpecProto,
    TypeSpecProto,
)
from tfs_notebook.wire.tensor_reader import array_from_message

__all__ = ["structured_text"]

# Where the names of tf.DType differ from those of the enum.
_PYTHON_NAMES: Final[dict[int, str]] = {
    DataType.HALF: "float16",
    DataType.FLOAT: "float32",
    DataType.DOUBLE: "float64",
}


def structured_text(value: StructuredValue) -> str:
    """The value as ``repr`` shows it in TensorFlow; keys of dicts are sorted.

    A kind that this version does not know, and a value that was never set, are
    shown as ``?``. Safe on any thread.

    Raises:
        InvalidArgument: a tensor in it cannot be decoded.
    """
    kind = value.WhichOneof("kind")
    return "?" if kind is None else _WRITERS[kind](value)


def _list(value: StructuredValue) -> str:
    return f"[{', '.join(map(structured_text, value.list_value.values))}]"


def _tuple(value: StructuredValue) -> str:
    items = [structured_text(item) for item in value.tuple_value.values]
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _dict(value: StructuredValue) -> str:
    fields = value.dict_value.fields
    return f"{{{', '.join(f'{k!r}: {structured_text(fields[k])}' for k in sorted(fields))}}}"


def _named_tuple(value: NamedTupleValue) -> str:
    items = [f"{pair.key}={structured_text(pair.value)}" for pair in value.values]
    return f"{value.name}({', '.join(items)})"


def _shape(shape: TensorShapeProto) -> str:
    if shape.unknown_rank:
        return "<unknown>"
    sizes = _sizes(shape)
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def _sizes(shape: TensorShapeProto) -> list[str]:
    return ["None" if dim.size < 0 else str(dim.size) for dim in shape.dim]


def _tensor_shape(shape: TensorShapeProto) -> str:
    inner = "None" if shape.unknown_rank else f"[{', '.join(_sizes(shape))}]"
    return f"TensorShape({inner})"


def _dtype(number: int) -> str:
    base = base_type(number)
    name = _PYTHON_NAMES.get(base, type_name(base))
    return f"tf.{name}" if base == number else f"tf.{name}_ref"


def _tensor_spec(spec: TensorSpecProto) -> str:
    return f"TensorSpec({_spec_fields(spec)})"


def _bounded_tensor_spec(spec: BoundedTensorSpecProto) -> str:
    minimum, maximum = _array(spec.minimum), _array(spec.maximum)
    return f"BoundedTensorSpec({_spec_fields(spec)}, minimum={minimum}, maximum={maximum})"


def _spec_fields(spec: TensorSpecProto | BoundedTensorSpecProto) -> str:
    name = repr(spec.name) if spec.name else "None"
    return f"shape={_shape(spec.shape)}, dtype={_dtype(spec.dtype)}, name={name}"


def _type_spec(spec: TypeSpecProto) -> str:
    # The state is what the type's constructor takes, nearly always a tuple of it.
    state = spec.type_state
    if state.WhichOneof("kind") == "tuple_value":
        arguments = list(map(structured_text, state.tuple_value.values))
    else:
        arguments = [structured_text(state)]
    return f"{spec.type_spec_class_name}({', '.join(arguments)})"


def _array(tensor: TensorProto) -> str:
    return " ".join(repr(array_from_message(tensor)).split())


_WRITERS: Final[dict[str, Callable[[StructuredValue], str]]] = {
    "none_value": lambda _: "None",
    "float64_value": lambda value: repr(value.float64_value),
    "int64_value": lambda value: repr(value.int64_value),
    "string_value": lambda value: repr(value.string_value),
    "bool_value": lambda value: repr(value.bool_value),
    "tensor_shape_value": lambda value: _tensor_shape(value.tensor_shape_value),
    "tensor_dtype_value": lambda value: _dtype(value.tensor_dtype_value),
    "tensor_spec_value": lambda value: _tensor_spec(value.tensor_spec_value),
    "type_spec_value": lambda value: _type_spec(value.type_spec_value),
    "bounded_tensor_spec_value": lambda value: _bounded_tensor_spec(
        value.bounded_tensor_spec_value
    ),
    "list_value": _list,
    "tuple_value": _tuple,
    "dict_value": _dict,
    "named_tuple_value": lambda value: _named_tuple(value.named_tuple_value),
    "tensor_value": lambda value: _array(value.tensor_value),
    "numpy_value": lambda value: _array(value.numpy_value),
}
