"""What a person passes to ``classify`` and ``regress``, as serialised ``tf.Example``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tfs_notebook.client.columns import as_frame, column_values, is_table
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import Example, Feature

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["EXAMPLES_FORMS", "serialized_examples"]

EXAMPLES_FORMS: Final = (
    'examples come as a list of dicts, [{"age": 30, "height": 1.8, "name": "x"}], as a '
    "DataFrame, or as serialised tf.Example"
)


def serialized_examples(value: object) -> list[bytes]:
    """The examples, each serialised. Pure.

    Integers and booleans become ``int64``, numbers with a point ``float``, text and bytes
    ``bytes``; a list of them is a feature of several values, and an empty one has none.

    Args:
        value: dicts of features by name (one, or a list of them), a DataFrame whose columns are
            features and whose rows are examples, ``bytes`` that are a ``tf.Example``, or
            ``tf.train.Example`` objects.

    Raises:
        InvalidArgument: it is none of that, or a value fits no feature; the text says which.
    """
    if is_table(value):
        return _of_frame(as_frame(value))
    if isinstance(value, np.ndarray) and not value.ndim:
        value = value.item()
    if isinstance(value, Mapping | bytes) or hasattr(value, "SerializeToString"):
        value = [value]
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidArgument(f"{EXAMPLES_FORMS}; got a {type(value).__name__}")
    examples = [_serialized(one, index) for index, one in enumerate(value)]
    if not examples:
        raise InvalidArgument(f"{EXAMPLES_FORMS}; got none")
    return examples


def _serialized(one: Any, index: int) -> bytes:  # noqa: ANN401 - what a person passes
    if isinstance(one, bytes):
        return one
    if isinstance(one, Mapping):
        return _example(one, index)
    if hasattr(one, "SerializeToString"):
        data: bytes = one.SerializeToString()
        return data
    raise InvalidArgument(f"{EXAMPLES_FORMS}; example {index} is a {type(one).__name__}")


def _of_frame(frame: DataFrame) -> list[bytes]:
    if not len(frame):
        raise InvalidArgument(f"{EXAMPLES_FORMS}; got a DataFrame without rows")
    names = [str(name) for name in frame.columns]
    columns = [column_values(frame.iloc[:, place]) for place in range(len(names))]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        _example(dict(zip(names, row, strict=True)), index) for index, row in enumerate(rows)
    ]


def _example(features: Mapping[Any, Any], index: int) -> bytes:
    message = Example()
    for name, value in features.items():
        feature = message.features.feature[str(name)]
        try:
            _fill(feature, value)
        except (TypeError, ValueError) as error:
            raise InvalidArgument(
                f"example {index}: feature {name!r} is to be numbers, or text or bytes, or a "
                f"list of one of them: {error}"
            ) from None
    return message.SerializeToString()


def _fill(feature: Feature, value: Any) -> None:  # noqa: ANN401 - what a person passes
    if isinstance(value, str | bytes):
        feature.bytes_list.value.append(_bytes(value))
        return
    array = np.asarray(value)
    if array.dtype.kind in "iub":
        feature.int64_list.value.extend(map(int, array.reshape(-1).tolist()))
    elif array.dtype.kind == "f":
        feature.float_list.value.extend(array.reshape(-1).tolist())
    elif array.dtype.kind in "SUO":
        items = np.asarray(value, object).reshape(-1).tolist()
        feature.bytes_list.value.extend(map(_bytes, items))
    else:
        raise TypeError(f"got {array.dtype}")


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    raise TypeError(f"got {value!r}")
