"""Features of a ``tf.Example``, of whichever message class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["fill"]


def fill(message: Any, values: Mapping[str, Any]) -> Any:
    """Give it one value a feature, of the kind that the value is of; returns it."""
    for name, value in values.items():
        feature = message.features.feature[name]
        if isinstance(value, float):
            feature.float_list.value.append(value)
        elif isinstance(value, int):
            feature.int64_list.value.append(value)
        else:
            feature.bytes_list.value.append(value)
    return message
