"""What a person passes to ``predict``, as the tensors a signature takes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from numbers import Integral, Number
from typing import Any, Final, TypeAlias

import numpy as np

from tfs_notebook.client.columns import as_frame, is_table, table_values
from tfs_notebook.client.raw_answers import PipelineFacts
from tfs_notebook.client.unfit_input import UnfitInput, taken_by
from tfs_notebook.wire.dtypes import DataType, base_type, numpy_type, type_name
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.predict_sample import sample_inputs
from tfs_notebook.wire.request_snippets import leaf_count, python_literal
from tfs_notebook.wire.signatures import Signature, TensorSpec

__all__ = [
    "NOTHING",
    "Inputs",
    "Nothing",
    "as_inputs",
    "converted",
    "passed",
    "sent",
    "unfit",
    "working_call",
    "working_value",
]

_FLOAT_KINDS: Final = "f"
_LONGEST_EXAMPLE: Final = 64
_MOST_SHOWN: Final = 8
# RuntimeError: tensors of PyTorch that need to be detached say so with it.
# BufferError: what DLPack cannot hand over.
_NO_ARRAY: Final = (ValueError, TypeError, RuntimeError, BufferError)


class Nothing:
    """The type of :data:`NOTHING`."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing()
"""No positional argument; None may be one."""

Inputs: TypeAlias = dict[str, tuple[np.ndarray, int]]
"""Array and ``DataType`` by alias."""


def as_inputs(value: object, named: Mapping[str, object], signature: Signature) -> Inputs:
    """Convert arguments to a signature's inputs. Pure.

    Types are converted where that loses nothing: ``int64`` to ``int32`` if every value
    fits, text to UTF-8, ``float64`` to the model's own precision (a float is rounded to
    it, as every framework does, but never becomes infinite). Shapes are not looked at.

    Args:
        value: an array or what NumPy makes one of, for a signature of one input; or a
            mapping by name; or :data:`NOTHING`.
        named: inputs by name.
        signature: what they are for.

    Returns:
        array and ``DataType`` by alias. Inputs with a default may be missing.

    Raises:
        InvalidArgument: names or values do not fit; the text says what does.
        Unimplemented: an input has a type of which there are no arrays.
    """
    values = dict(_by_name(value, named, signature))
    known = signature.inputs.keys()
    missing = known - values.keys() - signature.defaults.keys()
    if missing or values.keys() - known:
        raise InvalidArgument(f"the inputs are {_names(known)}, and got {_names(values)}")
    return {
        alias: (converted(values[alias], spec), base_type(spec.dtype))
        for alias, spec in signature.inputs.items()
        if alias in values
    }


def _by_name(
    value: object, named: Mapping[str, object], signature: Signature
) -> Mapping[str, object]:
    if isinstance(value, Nothing):
        return named
    if isinstance(value, Mapping):
        if named:
            raise InvalidArgument(
                "inputs come in a dict or as keyword arguments, not in both: got a dict of "
                f"{_names(value)} and {_names(named)} beside it"
            )
        return {str(alias): one for alias, one in value.items()}
    needed = signature.inputs.keys() - signature.defaults.keys() - named.keys()
    taking = sorted(needed) or sorted(signature.inputs.keys() - named.keys())
    if len(taking) != 1:
        raise InvalidArgument(
            f"one value without a name is for a signature with one input; the inputs are "
            f"{_names(signature.inputs)}"
        )
    return {taking[0]: value, **named}


def converted(value: object, spec: TensorSpec) -> np.ndarray:
    """One value as the tensor of an input; see :func:`as_inputs`. Pure."""
    target = numpy_type(spec.dtype)
    if target is None:
        raise Unimplemented(
            f"input {spec.alias} is {type_name(spec.dtype)}, of which there are no arrays"
        )
    if is_table(value):
        value = table_values(value)
    if base_type(spec.dtype) == DataType.STRING:
        return _strings(value, spec)
    if value is None:
        raise _misfit(spec, "got None, which is no value")
    array = _numbers(value, spec)
    if array.dtype == target:
        return array
    if array.dtype.kind == "O":
        return _cast_objects(array, target, spec)
    if array.dtype.kind in "SUMm":
        raise _misfit(spec, f"got {_described(array)}")
    return _cast(array, target, spec)


def _numbers(value: object, spec: TensorSpec) -> np.ndarray:
    if isinstance(value, np.ma.MaskedArray) and value.mask.any():
        raise _misfit(
            spec, f"values are missing in the masked array {_described(value)}; fill them first"
        )
    try:
        if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
            value = np.from_dlpack(value)
        return np.asarray(value)
    except _NO_ARRAY as error:
        raise _misfit(spec, _no_array(value, error)) from None


def _cast_objects(array: np.ndarray, target: np.dtype[Any], spec: TensorSpec) -> np.ndarray:
    """Python numbers that NumPy has no type for, or several kinds; or no numbers at all."""
    items = array.reshape(-1).tolist()
    for one in items:
        if not isinstance(one, Number | np.generic):
            what = f"got {one!r:.40} ({type(one).__name__})"
            raise _misfit(spec, f"{what} in {_described(array)}" if array.ndim else what)
    try:
        # All of them whole: what rounding would lose is found below.
        if _is_float(target) and not all(isinstance(one, Integral) for one in items):
            array = array.astype(np.float64)
        return _cast(array, target, spec)
    except (ValueError, TypeError, OverflowError) as error:
        raise _misfit(spec, f"got {_described(array)}: {error}") from None


def _cast(array: np.ndarray, target: np.dtype[Any], spec: TensorSpec) -> np.ndarray:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of complex numbers that lose a part: found below
        converted = array.astype(target)
        if array.dtype.kind == target.kind == "f" and np.isfinite(converted).all():
            return converted
        if _is_float(array.dtype) and _is_float(target):
            lost = np.isfinite(array) & ~np.isfinite(converted)
        else:
            lost = _differs(converted, array)
    if np.any(lost):
        first = array[lost].reshape(-1)[0]
        raise _misfit(
            spec,
            f"got {_described(array)}, and {first!s} would become "
            f"{converted[lost].reshape(-1)[0]!s}; convert it yourself if that is meant",
        )
    return converted


def _differs(converted: np.ndarray, array: np.ndarray) -> np.ndarray:
    back = converted.astype(array.dtype)
    unequal: np.ndarray = np.asarray(back != array)
    if array.dtype.kind in "iu" and converted.dtype.kind in "iu":
        # -1 comes back as -1 from the other side, 2**64 - 1.
        unequal |= (converted < 0) != (array < 0)
    elif array.dtype.kind in "fc":
        unequal &= ~(np.isnan(array) & np.isnan(back))
    return unequal


def _is_float(dtype: np.dtype[Any]) -> bool:
    # NumPy files the short floats of ml_dtypes under "void".
    return dtype.kind in _FLOAT_KINDS or "float" in dtype.name


def _strings(value: object, spec: TensorSpec) -> np.ndarray:
    array = value if isinstance(value, np.ndarray) else _object_array(value, spec)
    if array.dtype.kind not in "OSU":
        raise _misfit(spec, f"got {_described(array)}")
    flat = [_bytes(one, spec) for one in array.reshape(-1).tolist()]
    strings = np.empty(len(flat), object)
    strings[:] = flat
    return strings.reshape(array.shape)


def _object_array(value: object, spec: TensorSpec) -> np.ndarray:
    if isinstance(value, str | bytes):
        array = np.empty((), object)
        array[()] = value
        return array
    try:
        # As objects: NumPy's own strings would lose NUL bytes at the end.
        return np.asarray(value, object)
    except _NO_ARRAY as error:
        raise _misfit(spec, _no_array(value, error)) from None


def _no_array(value: object, error: Exception) -> str:
    # NumPy tells it in its own words.
    why = "what is in it is not equally long" if "inhomogeneous" in str(error) else str(error)
    return f"{_described(value)} is no array: {why}"


def _bytes(one: object, spec: TensorSpec) -> bytes:
    if isinstance(one, str):
        try:
            return one.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise _misfit(spec, f"got a text that has no UTF-8: {error}") from None
    if isinstance(one, bytes):
        return one
    raise _misfit(spec, f"got {one!r} ({type(one).__name__}) among the strings")


def _misfit(spec: TensorSpec, what: str) -> InvalidArgument:
    return InvalidArgument(f"input {spec.alias} is {type_name(spec.dtype)}; {what}")


def _described(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {list(value.shape)}"
    if is_table(value):
        frame = as_frame(value)
        columns = [f"{name} {dtype}" for name, dtype in frame.dtypes.items()]
        more = f", … ({len(columns)})" if len(columns) > _MOST_SHOWN else ""
        return (
            f"a {type(value).__name__} of {len(frame)} rows: "
            f"{', '.join(columns[:_MOST_SHOWN])}{more}"
        )
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{alias}: {_described(one)}" for alias, one in value.items())
        return f"a {type(value).__name__} of {pairs or 'nothing'}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    if dtype is not None and shape is not None:
        return f"a {type(value).__name__} {dtype} {list(shape)}"
    return f"a {type(value).__name__}"


def _names(names: Mapping[str, object] | Any) -> str:  # noqa: ANN401 - any collection of names
    return "{" + ", ".join(sorted(map(str, names))) + "}"


def unfit(
    reason: str,
    signature: Signature,
    came: str,
    call: str,
    pipeline: PipelineFacts | None = None,
) -> UnfitInput:
    """The error that says what the signature wants, what came, and what would work.

    Args:
        reason: why it failed, in the words of whoever refused it.
        signature: what was asked for.
        came: what was passed, or sent if it came to that; empty for nothing to tell.
        call: the handle as a person would write it.
        pipeline: what else it takes.
    """
    wants = taken_by(signature)
    lines = [reason, f"  {signature.name} takes  {wants}"]
    brief = f"{reason.splitlines()[0]}; {signature.name} takes {wants}"
    if came:
        lines.append(f"  it was given  {came}")
        brief += f"; it was given {came}"
    if (example := working_call(signature, call)) is not None:
        lines.append(f"  this would fit  {example}")
    if pipeline is not None:
        lines.append(f"  and this as well  {pipeline.example(call)}")
    return UnfitInput(
        "\n".join(lines), brief, signature, None if pipeline is None else pipeline.kind
    )


def sent(inputs: Inputs) -> str:
    """Inputs as an explanation shows them."""
    shown = (
        f"{alias}: {type_name(dtype)} {list(array.shape)}"
        for alias, (array, dtype) in inputs.items()
    )
    return "; ".join(shown) or "nothing"


def passed(value: object, named: Mapping[str, object]) -> str:
    """Arguments as an explanation shows them."""
    shown = [] if isinstance(value, Nothing) else [_described(value)]
    shown += [f"{alias}={_described(one)}" for alias, one in named.items()]
    return "; ".join(shown) or "nothing"


def working_call(signature: Signature, call: str) -> str | None:
    """A call of ``predict`` whose names, types and shapes fit; None if there is none."""
    value = working_value(signature)
    if value is None:
        return None
    chosen = "" if signature.name == "serving_default" else f', signature="{signature.name}"'
    return f"{call}.predict({value}{chosen})"


def working_value(signature: Signature) -> str | None:
    """What fits the inputs of a signature, as Python; None if there is nothing."""
    values = sample_inputs(signature)
    needed = [alias for alias in signature.inputs if alias not in signature.defaults]
    if any(alias not in values for alias in needed):
        return None
    literals = {}
    for alias in needed:
        if leaf_count(values[alias]) > _LONGEST_EXAMPLE:
            shape = np.shape(values[alias])  # type: ignore[arg-type]
            dtype = numpy_type(signature.inputs[alias].dtype)
            literals[alias] = f'np.ones({shape}, "{dtype}")'
        else:
            literals[alias] = python_literal(values[alias])
    if len(literals) == 1:
        return next(iter(literals.values()))
    pairs = (f'"{alias}": {literal}' for alias, literal in literals.items())
    return "{" + ", ".join(pairs) + "}"
