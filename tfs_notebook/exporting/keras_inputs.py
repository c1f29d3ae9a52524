"""What a Keras model takes: its structure, and a name, shape and type for each part."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from tfs_notebook.exporting.structure import Path, leaves
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented

__all__ = ["KerasInput", "KerasInputs", "example_structure", "inputs_of"]

# Names that Keras made up, with a number that is another one in the next training.
_MADE_UP: Final = re.compile(r"(keras_tensor|input_layer)(_[0-9]+)?")
# As TensorFlow wants them.
_NAME: Final = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.-]*")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class KerasInput:
    """One input.

    Attributes:
        alias: how those who ask call it.
        own: how the model calls it.
        shape: with None where any size goes.
        dtype: Keras's name for it.
    """

    alias: str
    own: str
    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class KerasInputs:
    """All of them.

    Attributes:
        structure: dicts and lists as the model takes them, in which the leaves do not
            matter.
        parts: in the order of the leaves.
    """

    structure: object
    parts: tuple[KerasInput, ...]

    def renamed(self, names: object) -> KerasInputs:
        """With the names of :class:`~tfs_notebook.exporting.endpoint.SignatureNames`.

        Raises:
            InvalidArgument: they do not fit.
        """
        if isinstance(names, Mapping):
            return replace(self, parts=self._renamed_by_own(names))
        wanted = [names] if isinstance(names, str) else names
        if not isinstance(wanted, Sequence) or len(wanted) != len(self.parts):
            raise InvalidArgument(
                f"the model has the inputs {[part.own for part in self.parts]}; name each of "
                f"them, in this order, and not {names!r}"
            )
        pairs = zip(self.parts, wanted, strict=True)
        parts = tuple(replace(part, alias=_checked(name)) for part, name in pairs)
        return replace(self, parts=_checked_unique(parts))

    def _renamed_by_own(self, names: Mapping[str, Any]) -> tuple[KerasInput, ...]:
        by_own = {part.own: part for part in self.parts}
        found: dict[str, KerasInput] = {}
        for alias, value in names.items():
            own = value
            if not isinstance(value, str):
                own = alias if len(self.parts) > 1 else self.parts[0].own
            if own not in by_own or own in found:
                break
            part = replace(by_own[own], alias=_checked(alias))
            found[own] = part if isinstance(value, str) else _with_spec(part, value)
        if len(found) < max(len(by_own), len(names)):
            raise InvalidArgument(
                f"the model has the inputs {list(by_own)}; name each of them once, as "
                f"{{'new name': 'own name'}}, and not {dict(names)!r}"
            )
        return tuple(found[part.own] for part in self.parts)


def inputs_of(keras: Any, model: Any, example: object | None) -> KerasInputs:  # noqa: ANN401
    """What a built model takes.

    Args:
        keras: the package.
        model: functional, sequential, or of a class of somebody's own.
        example: of which the last kind takes its types; without one they are floats.

    Raises:
        InvalidArgument: it does not tell.
        Unimplemented: an input is sparse or ragged.
    """
    if isinstance(model, keras.Sequential) and model.inputs:
        return _of_tensors(model.inputs[0])
    try:
        structure = model.input
    except AttributeError:
        return _of_shapes(model, example)
    return _of_tensors(structure)


def example_structure(example: object) -> object:
    """An example for a model that does not say yet what it takes: arrays in dicts and lists.

    Raises:
        InvalidArgument: it is no example.
    """
    if isinstance(example, Mapping):
        return {str(key): example_structure(one) for key, one in example.items()}
    if isinstance(example, list | tuple) and all(hasattr(one, "shape") for one in example):
        return [_array(one) for one in example]
    return _array(example)


def _array(example: object) -> np.ndarray:
    try:
        array = np.asarray(example)
    except ValueError as error:
        raise InvalidArgument(f"the example is no array: {error}") from None
    return array.astype(object) if array.dtype.kind in "SU" else array


def _of_tensors(structure: object) -> KerasInputs:
    parts = []
    for path, tensor in leaves(structure):
        leaf: Any = tensor
        if getattr(leaf, "sparse", False) or getattr(leaf, "ragged", False):
            raise Unimplemented(
                f"the input {leaf.name} is sparse or ragged; give signatures= a tf.function "
                "that takes dense tensors and makes it"
            )
        shape = _with_free_rows(leaf.shape)
        parts.append(KerasInput("", _own_name(path, leaf.name), shape, leaf.dtype))
    return KerasInputs(structure, _with_aliases(parts))


def _of_shapes(model: Any, example: object | None) -> KerasInputs:  # noqa: ANN401
    config = model.get_build_config() or {}
    if "input_shape" not in config or _needed_arguments(model.call) > 1:
        raise InvalidArgument(
            f"the model {model.name!r} does not tell what it takes: its call() has several "
            "arguments, or build() was called without a shape. Give signatures= a tf.function "
            "with an input_signature, or let call() take one dict"
        )
    shapes = config["input_shape"]
    structure = _plain(shapes)
    found = list(leaves(structure))
    arrays = [] if example is None else [leaf for _, leaf in leaves(example_structure(example))]
    dtypes = [_dtype(array) for array in arrays] if len(arrays) == len(found) else []
    parts = [
        KerasInput("", _own_name(path, ""), _with_free_rows(shape.sizes), dtype)
        for (path, shape), dtype in zip(
            found, dtypes or [model.input_dtype] * len(found), strict=True
        )
        if isinstance(shape, _Shape)
    ]
    return KerasInputs(structure, _with_aliases(parts))


def _needed_arguments(call: Callable[..., object]) -> int:
    arguments = inspect.signature(call).parameters.values()
    return sum(
        one.default is one.empty
        and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        for one in arguments
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    sizes: tuple[int | None, ...]


def _plain(shapes: object) -> object:
    """The structure in which each shape, itself a tuple or list, is one leaf."""
    if isinstance(shapes, Mapping):
        return {key: _plain(shape) for key, shape in shapes.items()}
    assert isinstance(shapes, list | tuple)  # noqa: S101 - what Keras keeps
    if all(size is None or isinstance(size, int) for size in shapes):
        return _Shape(tuple(shapes))
    return [_plain(shape) for shape in shapes]


def _dtype(array: object) -> str:
    assert isinstance(array, np.ndarray)  # noqa: S101 - example_structure made it
    if array.dtype.kind == "O":
        return "string"
    # What Python's own numbers become in NumPy is nobody's choice.
    return "float32" if array.dtype == np.float64 else str(array.dtype.name)


def _with_free_rows(shape: Sequence[int | None]) -> tuple[int | None, ...]:
    return (None, *shape[1:]) if len(shape) else ()


def _own_name(path: Path, name: str) -> str:
    if path and isinstance(path[-1], str):
        return path[-1]
    return name or "_".join(["input", *map(str, path or (0,))])


def _with_aliases(parts: Sequence[KerasInput]) -> tuple[KerasInput, ...]:
    named: list[KerasInput] = []
    for index, part in enumerate(parts):
        made_up = _MADE_UP.fullmatch(part.own) is not None
        alias = f"input_{index}" if made_up else _NOT_IN_NAMES.sub("_", part.own)
        alias = alias if _NAME.fullmatch(alias) else f"input_{index}"
        taken = {one.alias for one in named}
        named.append(replace(part, alias=f"{alias}_{index}" if alias in taken else alias))
    return tuple(named)


def _with_spec(part: KerasInput, spec: Any) -> KerasInput:  # noqa: ANN401 - of TF or of Keras
    if not hasattr(spec, "shape") or not hasattr(spec, "dtype"):
        raise InvalidArgument(
            f"the input {part.alias} is the own name of an input, or a tf.TensorSpec; got "
            f"{spec!r}"
        )
    dtype = getattr(spec.dtype, "name", spec.dtype) or part.dtype
    return replace(part, shape=tuple(spec.shape), dtype=str(dtype))


def _checked(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"an input is named by letters, digits, _, - and points, and got {name!r}"
        )
    return name


def _checked_unique(parts: tuple[KerasInput, ...]) -> tuple[KerasInput, ...]:
    aliases = [part.alias for part in parts]
    if len(set(aliases)) < len(aliases):
        raise InvalidArgument(f"each input needs a name of its own, and got {aliases}")
    return parts
