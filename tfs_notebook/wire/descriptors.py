"""The committed descriptor set, as message classes that belong to no one else.

The messages live in a :class:`~google.protobuf.descriptor_pool.DescriptorPool`
of their own. The default pool is one for the whole process: a kernel that
imports ``tensorflow`` or ``tensorflow_serving`` fills it with files that
declare the same names, and two files with one name are an error there.

Users take their classes from :mod:`tfs_notebook.wire.messages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

__all__ = [
    "DESCRIPTOR_SET",
    "MethodMessages",
    "load_files",
    "services",
    "top_level_types",
]

DESCRIPTOR_SET = "descriptors.binpb"


class MethodMessages(NamedTuple):
    """The message classes of a method, of which a stream has several."""

    request: type[Message]
    response: type[Message]


def load_files(pool: DescriptorPool) -> tuple[FileDescriptor, ...]:
    """Add every file of the descriptor set to an empty pool.

    Raises:
        TypeError: if the pool already has other files that declare the same names.
    """
    data = resources.files(__package__).joinpath(DESCRIPTOR_SET).read_bytes()
    names = []
    for file in FileDescriptorSet.FromString(data).file:
        pool.AddSerializedFile(file.SerializeToString())
        names.append(file.name)
    return tuple(pool.FindFileByName(name) for name in names)


def top_level_types(
    files: tuple[FileDescriptor, ...], module: str
) -> Iterator[tuple[str, type[Message] | EnumTypeWrapper]]:
    """Every message class and every enum that is not inside a message, with its short name.

    Short names are unique over the packages: the compiler of the set sees to it.
    The classes say that they are of ``module``.
    """
    for file in files:
        for name, message in file.message_types_by_name.items():
            message_class = GetMessageClass(message)
            message_class.__module__ = module
            yield name, message_class
        for name, enum in file.enum_types_by_name.items():
            yield name, EnumTypeWrapper(enum)


def services(files: tuple[FileDescriptor, ...]) -> Mapping[str, Mapping[str, MethodMessages]]:
    """By the full name of the service and the name of the method; read-only."""
    return MappingProxyType(
        {
            service.full_name: MappingProxyType(_methods(service))
            for file in files
            for service in file.services_by_name.values()
        }
    )


def _methods(service: ServiceDescriptor) -> dict[str, MethodMessages]:
    return {
        name: MethodMessages(
            GetMessageClass(method.input_type), GetMessageClass(method.output_type)
        )
        for name, method in service.methods_by_name.items()
    }
