"""Messages as JSON, in the words and the order that TF Serving writes them in."""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tfs_notebook.wire.messages import POOL

__all__ = ["message_to_json"]


def message_to_json(message: Message) -> dict[str, object]:
    """A message as a JSON object.

    Fields have the names of their ``.proto`` file and its order, those of a oneof last;
    what is not set has its default, save in a oneof; 64-bit integers are strings. The
    entries of a map, whose order means nothing, are sorted.
    """
    told = json_format.MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
        descriptor_pool=POOL,
    )
    return _ordered(told, message.DESCRIPTOR)


def _ordered(told: dict[str, Any], descriptor: Any) -> dict[str, Any]:  # noqa: ANN401 - of any protobuf
    fields = sorted(descriptor.fields, key=lambda field: field.containing_oneof is not None)
    return {
        field.name: _ordered_field(told[field.name], field)
        for field in fields
        if field.name in told
    }


def _ordered_field(value: Any, field: FieldDescriptor) -> object:  # noqa: ANN401 - any JSON
    kind = field.message_type
    if kind is None:
        return value
    if kind.GetOptions().map_entry:
        of_entry = kind.fields_by_name["value"]
        return {key: _ordered_field(value[key], of_entry) for key in sorted(value)}
    if isinstance(value, list):
        return [_ordered(each, kind) for each in value]
    # A wrapped integer, say, is no object.
    return _ordered(value, kind) if isinstance(value, dict) else value
