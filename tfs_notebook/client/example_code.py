"""Serialised ``tf.Example`` written as Python that makes them with tensorflow."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
from google.protobuf.message import DecodeError

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.messages import Example, Feature
from tfs_notebook.wire.request_snippets import python_literal

__all__ = ["as_examples", "examples_statement"]

_HEAD = "examples = [\n"


def examples_statement(examples: Sequence[bytes]) -> str:
    """Statements that give ``examples`` a list of ``tf.train.Example``; lines with their ends.

    Raises:
        InvalidArgument: one is no ``tf.Example``.
    """
    lines = []
    for index, data in enumerate(examples):
        example = _example(data)
        if example is None:
            raise InvalidArgument(f"example {index} is no serialised tf.Example")
        lines.append("    tf.train.Example(features=tf.train.Features(feature={\n")
        lines += [
            f"        {python_literal(name)}: {_feature(one)},\n"
            for name, one in sorted(example.features.feature.items())
        ]
        lines.append("    })),\n")
    return f"{_HEAD}{''.join(lines)}]\n"


def as_examples(value: JsonValue) -> list[bytes] | None:
    """The strings of a list that are all ``tf.Example`` with features; None if they are not.

    Args:
        value: of an input of strings, as a request's body has it.
    """
    if not isinstance(value, list) or not value:
        return None
    found = [_bytes(one) for one in value]
    examples = [None if one is None else _example(one) for one in found]
    if any(one is None or not one.features.feature for one in examples):
        return None
    return [one for one in found if one is not None]


def _bytes(one: JsonValue) -> bytes | None:
    if isinstance(one, dict) and isinstance(one.get("b64"), str):
        return base64.b64decode(str(one["b64"]))
    return one.encode() if isinstance(one, str) else None


def _example(data: bytes) -> Example | None:
    try:
        example: Example = Example.FromString(data)
    except DecodeError:
        return None
    # Other messages may be read as this one, with fields left over.
    known = Example()
    known.CopyFrom(example)
    known.DiscardUnknownFields()
    return example if known.ByteSize() == len(data) else None


def _feature(feature: Feature) -> str:
    kind = feature.WhichOneof("kind")
    if kind == "bytes_list":
        values, holder = ", ".join(map(repr, feature.bytes_list.value)), "BytesList"
    elif kind == "int64_list":
        values, holder = ", ".join(map(str, feature.int64_list.value)), "Int64List"
    else:
        numbers = [float(str(np.float32(one))) for one in feature.float_list.value]
        values, holder = ", ".join(map(_number, numbers)), "FloatList"
        kind = "float_list"
    return f"tf.train.Feature({kind}=tf.train.{holder}(value=[{values}]))"


def _number(value: float) -> str:
    return python_literal(value)
