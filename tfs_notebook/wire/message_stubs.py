"""Typed stubs for message classes that are made at run time.

Part of :mod:`tfs_notebook.wire.compile_protos`. Enums are ``int``, as protobuf
has them. Imported names begin with an underscore, so that messages may be
called ``Any``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

__all__ = ["write_stub"]

_HEADER = """\
# Types of the classes in messages.py.
#
# Written by `python -m tfs_notebook.wire.compile_protos`; edit the files in protos/.

# ruff: noqa: A002, E501, N802
# fmt: off

import typing as _t
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping

from google.protobuf.descriptor_pool import DescriptorPool as _DescriptorPool
from google.protobuf.internal.containers import MessageMap as _MessageMap
from google.protobuf.internal.containers import (
    RepeatedCompositeFieldContainer as _RepeatedComposite,
)
from google.protobuf.internal.containers import RepeatedScalarFieldContainer as _RepeatedScalar
from google.protobuf.internal.containers import ScalarMap as _ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper as _EnumTypeWrapper
from google.protobuf.internal.well_known_types import Any as _PackedAny
from google.protobuf.message import Message as _Message

from tfs_notebook.wire.descriptors import MethodMessages as MethodMessages

POOL: _DescriptorPool
SERVICES: _Mapping[str, _Mapping[str, MethodMessages]]
"""

_INDENT = "    "

_Field = FieldDescriptorProto

_SCALARS = {
    _Field.TYPE_BOOL: "bool",
    _Field.TYPE_BYTES: "bytes",
    _Field.TYPE_DOUBLE: "float",
    _Field.TYPE_FLOAT: "float",
    _Field.TYPE_STRING: "str",
}
"""Python's types of the scalars; what is not here, enums among it, is an int."""

# Messages whose classes protobuf gives methods of their own.
_EXTRA_BASES = {".google.protobuf.Any": "_PackedAny"}


def write_stub(file_set: FileDescriptorSet) -> str:
    """The text of a stub module for every type of a descriptor set.

    The set holds proto2 and proto3 files without extensions, in which no two messages or
    enums at top level have the same short name.
    """
    parts = [_HEADER]
    for file in file_set.file:
        scope = f".{file.package}"
        declared = file if file.syntax == "proto3" else _with_optional_marked(file)
        types = [_enum_lines(enum, is_nested=False) for enum in declared.enum_type]
        types += [_message_lines(message, scope) for message in declared.message_type]
        parts.extend("".join(f"{line}\n" for line in lines) for lines in types)
    return "\n".join(parts)


def _with_optional_marked(file: FileDescriptorProto) -> FileDescriptorProto:
    """A copy of a proto2 file in the terms of proto3, where presence is said field by field."""
    marked = FileDescriptorProto()
    marked.CopyFrom(file)
    pending = list(marked.message_type)
    while pending:
        message = pending.pop()
        pending.extend(message.nested_type)
        for field in message.field:
            field.proto3_optional = not (_is_repeated(field) or field.HasField("oneof_index"))
    return marked


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{_INDENT}{line}" if line else line for line in lines)


def _enum_lines(enum: EnumDescriptorProto, *, is_nested: bool) -> Iterator[str]:
    """A class for the wrapper with the values in it, and the wrapper."""
    wrapper = f"_{enum.name}Enum"
    yield f"class {wrapper}(_EnumTypeWrapper):"
    yield from (f"{_INDENT}{value.name}: int" for value in enum.value)
    if not is_nested:
        yield f"{enum.name}: {wrapper}"
        return
    yield f"{enum.name}: _t.ClassVar[{wrapper}]"
    yield from (f"{value.name}: _t.ClassVar[int]" for value in enum.value)


def _literals(names: Sequence[str]) -> str:
    return "_t.Literal[" + ", ".join(f'"{name}"' for name in names) + "]"


def _is_repeated(field: FieldDescriptorProto) -> bool:
    return field.label == _Field.LABEL_REPEATED


def _is_in_real_oneof(field: FieldDescriptorProto) -> bool:
    """Whether the file says ``oneof``; an ``optional`` scalar is one of its own only inside."""
    return field.HasField("oneof_index") and not field.proto3_optional


def _has_presence(field: FieldDescriptorProto) -> bool:
    if _is_repeated(field):
        return False
    is_message = field.type == _Field.TYPE_MESSAGE
    return is_message or field.proto3_optional or field.HasField("oneof_index")


def _message_lines(message: DescriptorProto, scope: str) -> Iterator[str]:
    """The class; ``scope`` is the full name, dot first, of what holds the message."""
    full_name = f"{scope}.{message.name}"
    bases = ["_Message", *filter(None, [_EXTRA_BASES.get(full_name)])]
    yield f"class {message.name}({', '.join(bases)}):"
    yield from _indented(list(_body_lines(message, full_name)) or ["..."])


def _body_lines(message: DescriptorProto, full_name: str) -> Iterator[str]:
    entries = {
        f"{full_name}.{nested.name}": nested
        for nested in message.nested_type
        if nested.options.map_entry
    }
    for enum in message.enum_type:
        yield from _enum_lines(enum, is_nested=True)
    for nested in message.nested_type:
        if not nested.options.map_entry:
            yield from _message_lines(nested, full_name)
    for field in message.field:
        yield f"{field.name.upper()}_FIELD_NUMBER: _t.ClassVar[_t.Literal[{field.number}]]"
    arguments = []
    for field in message.field:
        attribute, argument = _field_types(field, entries.get(field.type_name))
        yield from _attribute_lines(field, attribute)
        arguments.append(f"{field.name}: {argument} | None = ...")
    if arguments:
        yield f"def __init__(self, *, {', '.join(arguments)}) -> None: ..."
    yield from _presence_lines(message)
    yield from _oneof_lines(message)


def _python_type(field: FieldDescriptorProto) -> str:
    if field.type == _Field.TYPE_MESSAGE:
        return _python_name(field.type_name)
    return _SCALARS.get(field.type, "int")


def _python_name(full_name: str) -> str:
    """``.tensorflow.TensorInfo.CooSparse`` gives ``TensorInfo.CooSparse``.

    Packages are in lower case and messages are not.
    """
    return ".".join(part for part in full_name.split(".") if part[:1].isupper())


def _field_types(
    field: FieldDescriptorProto, map_entry: DescriptorProto | None
) -> tuple[str, str]:
    """The types of the attribute and of the constructor's argument."""
    if map_entry is not None:
        key, value = map_entry.field
        types = f"[{_python_type(key)}, {_python_type(value)}]"
        is_message = value.type == _Field.TYPE_MESSAGE
        return ("_MessageMap" if is_message else "_ScalarMap") + types, f"_Mapping{types}"
    plain = _python_type(field)
    if _is_repeated(field):
        is_message = field.type == _Field.TYPE_MESSAGE
        container = "_RepeatedComposite" if is_message else "_RepeatedScalar"
        return f"{container}[{plain}]", f"_Iterable[{plain}]"
    return plain, plain


def _attribute_lines(field: FieldDescriptorProto, attribute: str) -> Iterator[str]:
    if _is_repeated(field) or field.type == _Field.TYPE_MESSAGE:
        # What a message contains is changed, never assigned.
        yield "@property"
        yield f"def {field.name}(self) -> {attribute}: ..."
    else:
        yield f"{field.name}: {attribute}"


def _presence_lines(message: DescriptorProto) -> Iterator[str]:
    oneofs = sorted({_oneof_name(message, field) for field in _in_real_oneofs(message)})
    present = [field.name for field in message.field if _has_presence(field)]
    if present:
        yield f"def HasField(self, field_name: {_literals(present + oneofs)}) -> bool: ..."
    if message.field:
        clearable = [field.name for field in message.field] + oneofs
        yield f"def ClearField(self, field_name: {_literals(clearable)}) -> None: ..."


def _oneof_lines(message: DescriptorProto) -> Iterator[str]:
    members: dict[str, list[str]] = {}
    for field in _in_real_oneofs(message):
        members.setdefault(_oneof_name(message, field), []).append(field.name)
    for oneof, names in members.items():
        if len(members) > 1:
            yield "@_t.overload"
        argument = _literals([oneof])
        result = _literals(names)
        yield f"def WhichOneof(self, oneof_group: {argument}) -> {result} | None: ..."


def _in_real_oneofs(message: DescriptorProto) -> list[FieldDescriptorProto]:
    return [field for field in message.field if _is_in_real_oneof(field)]


def _oneof_name(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    return message.oneof_decl[field.oneof_index].name
