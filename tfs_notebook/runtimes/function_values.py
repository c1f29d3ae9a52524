"""What goes into Python functions and comes out of them, as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from tfs_notebook.wire.dtypes import data_type_of
from tfs_notebook.wire.errors import ServingError

__all__ = ["OUTPUT", "are_close", "argument_of", "outputs_of", "tensor_of"]

OUTPUT: Final = "output"
"""What the one output is called, unless somebody says otherwise."""

# Sums are made in another order where there are more rows.
_RELATIVE: Final = 1e-3
_ABSOLUTE: Final = 1e-5


def tensor_of(value: object, what: str, refused: type[ServingError]) -> np.ndarray:
    """An array whose elements a tensor can have; texts are ``bytes``.

    Args:
        value: an array of any library, or nested lists.
        what: it is, in the error.
        refused: the error if it is none.
    """
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise refused(f"{what} is no array: {error}") from None
    if array.dtype.kind in "USO":
        flat = array.reshape(-1).tolist()
        if all(isinstance(one, str | bytes) for one in flat):
            texts = [
                one.encode("utf-8", "replace") if isinstance(one, str) else one for one in flat
            ]
            return _objects(texts, array.shape)
    if array.dtype.kind == "O" or data_type_of(array.dtype) is None:
        raise refused(f"{what} is {type(value).__name__} of {array.dtype}, which is no tensor")
    return array


def argument_of(array: np.ndarray, *, as_list: bool) -> np.ndarray | list[Any]:
    """A tensor as a function is given it: texts are ``str``, and it may be written to.

    Args:
        array: what came.
        as_list: nested lists instead.
    """
    if array.dtype == object:
        flat = [one.decode("utf-8", "replace") for one in array.reshape(-1).tolist()]
        array = _objects(flat, array.shape)
    elif not array.flags.writeable and not as_list:
        # It lies in the memory of a message.
        array = array.copy()
    return array.tolist() if as_list else array


def outputs_of(answer: object, names: Sequence[str] | None) -> dict[str, object]:
    """What a function has returned, by name.

    Args:
        answer: one value; or a dict, a named tuple or a tuple of arrays.
        names: of the outputs, if they were declared; else those of a tuple are
            ``output_0``, ``output_1`` …
    """
    if isinstance(answer, Mapping):
        return {str(name): value for name, value in answer.items()}
    if isinstance(answer, tuple) and (
        (names is not None and len(names) > 1)
        or (len(answer) > 1 and all(hasattr(one, "shape") for one in answer))
    ):
        fields = getattr(answer, "_fields", None)
        order = names or fields or [f"{OUTPUT}_{index}" for index in range(len(answer))]
        return dict(zip(order, answer, strict=False))
    return {names[0] if names and len(names) == 1 else OUTPUT: answer}


def are_close(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two answers are the same, but for how floats are rounded."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.dtype.kind in "OUSbiu":
        return bool(np.array_equal(one, other))
    # The short floats have no such functions of their own.
    wide = np.complex128 if one.dtype.kind == "c" else np.float64
    return np.allclose(
        one.astype(wide), other.astype(wide), _RELATIVE, _ABSOLUTE, equal_nan=True
    )


def _objects(flat: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    objects = np.empty(len(flat), object)
    objects[:] = flat
    return objects.reshape(shape)
