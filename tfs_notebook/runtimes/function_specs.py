"""What a function takes and gives, as it is declared or annotated."""

from __future__ import annotations

import collections.abc
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

import numpy as np

from tfs_notebook.runtimes.function_values import OUTPUT
from tfs_notebook.wire.dtypes import DataType, data_type_of
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import SignatureDef

__all__ = ["Declared", "Spec", "Specs", "annotations_of", "declared", "definition_of"]

Spec: TypeAlias = Any
"""What a person writes for one tensor: ``"float32"``, ``np.int64``, ``str``, or with its
shape ``("float32", [None, 20])``."""
Specs: TypeAlias = "Spec | Mapping[str, Spec]"
"""That by name, or for the only one there is."""

_ROWS: Final = (-1,)
_TEXTS: Final = frozenset({"str", "string", "text", "bytes"})
_LISTS: Final = (list, collections.abc.Sequence)
_FORMS: Final = (
    '"float32", np.int64, "str" …, or with its shape, None for the rows: ("float32", '
    "[None, 20])"
)


@dataclass(frozen=True, slots=True)
class Declared:
    """What is said of one tensor.

    Attributes:
        dtype: of its elements.
        shape: dimensions with -1 where open; None if even their number is.
        is_list: whether a function wants nested lists, and no array.
    """

    dtype: DataType
    shape: tuple[int, ...] | None
    is_list: bool = False

    @property
    def is_by_rows(self) -> bool:
        """Whether its first dimension may be that of the rows."""
        return self.shape is None or self.shape[:1] == _ROWS


def declared(spec: Spec, what: str) -> Declared:
    """What a person has written for one tensor; without a shape it has one value a row.

    Args:
        spec: see :data:`Spec`.
        what: it is for, in the error.

    Raises:
        InvalidArgument: it says nothing.
    """
    shape: object = None
    if isinstance(spec, tuple | list):
        if len(spec) != 2:
            raise InvalidArgument(f"{what} is declared as {_FORMS}; got {spec!r}")
        spec, shape = spec
    dtype = _dtype(spec)
    if dtype is None:
        raise InvalidArgument(f"{what} is declared as {_FORMS}; got {spec!r}")
    return Declared(dtype, _ROWS if shape is None else _shape(shape, what))


def _dtype(spec: object) -> DataType | None:
    if spec in (str, bytes) or (isinstance(spec, str) and spec in _TEXTS):
        return DataType.STRING
    if spec is None:  # float64 to NumPy
        return None
    try:
        dtype = np.dtype(spec)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return None
    return DataType.STRING if dtype.kind in "USO" else data_type_of(dtype)


def _shape(shape: object, what: str) -> tuple[int, ...]:
    if isinstance(shape, Sequence) and not isinstance(shape, str):
        sizes = tuple(-1 if size is None else size for size in shape)
        if all(type(size) is int and size >= -1 for size in sizes):
            return sizes
    raise InvalidArgument(
        f"the shape of {what} is a list of sizes, None for the rows and what is open: "
        f"[None, 20]; got {shape!r}"
    )


def annotations_of(
    function: Callable[..., Any],
) -> tuple[dict[str, Declared], dict[str, Declared]]:
    """What the annotations of a function say of its inputs, and of its outputs.

    ``NDArray[np.float32]`` and ``list[str]`` (which is given lists) say enough; what is
    returned may also be a ``TypedDict`` or a tuple of such. Everything else says nothing.
    """
    target = getattr(function, "func", function)  # of a partial
    if not hasattr(target, "__annotations__"):
        target = getattr(target, "__call__", target)  # noqa: B004 - a callable object's
    try:
        hints = typing.get_type_hints(target, include_extras=True)
    except Exception:  # noqa: BLE001 - names that are not there, say
        return {}, {}
    given = hints.pop("return", None)
    inputs = {name: said for name, hint in hints.items() if (said := _annotated(hint))}
    return inputs, _returned(given)


def _returned(hint: object) -> dict[str, Declared]:
    if typing.is_typeddict(hint):
        several = typing.get_type_hints(hint, include_extras=True)
    elif typing.get_origin(hint) is tuple:
        several = {f"{OUTPUT}_{i}": one for i, one in enumerate(typing.get_args(hint))}
    else:
        several = {OUTPUT: hint}
    said = {name: one for name, hint in several.items() if (one := _annotated(hint))}
    return said if len(said) == len(several) else {}


def _annotated(hint: object) -> Declared | None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _annotated(arguments[0])
    if origin is np.ndarray:
        [element] = typing.get_args(arguments[1]) or (None,)
        dtype = _element(element)
        return None if dtype is None else Declared(dtype, None)
    depth = 0
    while origin in _LISTS:
        depth += 1
        hint = arguments[0]
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    dtype = _element(hint)
    return Declared(dtype, _ROWS * depth, is_list=True) if depth and dtype else None


def _element(kind: object) -> DataType | None:
    if kind in (float, int, bool, str, bytes):
        return _dtype(kind)
    # Of abstract ones, np.floating say, NumPy makes something all the same.
    is_concrete = isinstance(kind, type) and kind in np.sctypeDict.values()
    return _dtype(kind) if is_concrete else None


def definition_of(
    inputs: Mapping[str, Declared], outputs: Mapping[str, Declared]
) -> SignatureDef:
    """The signature with these inputs and outputs."""
    definition = SignatureDef(method_name="tensorflow/serving/predict")
    for tensors, specs in ((definition.inputs, inputs), (definition.outputs, outputs)):
        for alias, spec in specs.items():
            info = tensors[alias]
            info.name = f"{alias}:0"
            info.dtype = spec.dtype
            info.tensor_shape.unknown_rank = spec.shape is None
            for size in spec.shape or ():
                info.tensor_shape.dim.add(size=size)
    return definition
