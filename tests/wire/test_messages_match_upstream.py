"""Our messages are, field by field, those of TensorFlow and TensorFlow Serving."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    FileDescriptor,
    ServiceDescriptor,
)
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message import Message

from tests.wire.proto_files import NOT_IN_PACKAGES, OPEN_INFERENCE
from tfs_notebook.wire import messages
from tfs_notebook.wire.messages import POOL, SERVICES

# Fields we have and a release of the official packages may lack, and why.
MAY_BE_MISSING_UPSTREAM = {
    # In tensorflow-serving-api 2.21, neither before nor in the sources after it.
    "tensorflow.serving.PredictRequest.RequestOptions.handshake",
}

# Fields of TensorFlow's own messages that we leave out; they stay unknown fields.
LEFT_OUT = {
    # Traces of a run: ten more messages that no part of the server reads.
    "tensorflow.RunMetadata.step_stats",
    "tensorflow.RunMetadata.cost_graph",
}


@dataclass(frozen=True)
class FieldFacts:
    """Everything about a field that shows on the wire, in text, in JSON or in Python."""

    number: int
    name: str
    json_name: str
    type_number: int
    type_name: str
    is_repeated: bool
    is_map: bool
    is_packed: bool
    has_presence: bool
    oneof: str
    default: object


def syntax_of(file: FileDescriptor) -> str:
    proto = FileDescriptorProto()
    file.CopyToProto(proto)
    return proto.syntax or "proto2"


def with_protos(
    message: Descriptor,
) -> Iterator[tuple[FieldDescriptor, FieldDescriptorProto]]:
    """Every field and how the file declares it, which says more in some respects."""
    proto = DescriptorProto()
    message.CopyToProto(proto)
    for field in proto.field:
        yield message.fields_by_name[field.name], field


def field_facts(
    field: FieldDescriptor, proto: FieldDescriptorProto, packs_by_default: bool
) -> FieldFacts:
    named = field.message_type or field.enum_type
    is_repeated = proto.label == FieldDescriptorProto.LABEL_REPEATED
    can_pack = is_repeated and field.type not in {
        FieldDescriptor.TYPE_MESSAGE,
        FieldDescriptor.TYPE_STRING,
        FieldDescriptor.TYPE_BYTES,
    }
    options = field.GetOptions()
    return FieldFacts(
        number=field.number,
        name=field.name,
        json_name=field.json_name,
        type_number=field.type,
        type_name=named.full_name if named else "",
        is_repeated=is_repeated,
        is_map=is_map(field),
        is_packed=can_pack
        and (options.packed if options.HasField("packed") else packs_by_default),
        has_presence=field.has_presence,
        oneof=field.containing_oneof.name if field.containing_oneof else "",
        default=None if is_repeated or field.message_type else field.default_value,
    )


def is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def fields_of(message: Descriptor) -> dict[str, FieldFacts]:
    packs_by_default = syntax_of(message.file) == "proto3"
    return {
        field.full_name: field_facts(field, proto, packs_by_default)
        for field, proto in with_protos(message)
    }


def enum_values(enum: EnumDescriptor) -> dict[str, int]:
    return {value.name: value.number for value in enum.values}


def with_nested(message: Descriptor) -> Iterator[Descriptor]:
    yield message
    for nested in message.nested_types:
        yield from with_nested(nested)


def messages_of(file: FileDescriptor) -> Iterator[Descriptor]:
    for message in file.message_types_by_name.values():
        yield from with_nested(message)


def enums_of(file: FileDescriptor) -> Iterator[EnumDescriptor]:
    yield from file.enum_types_by_name.values()
    for message in messages_of(file):
        yield from message.enum_types


def our_files() -> list[FileDescriptor]:
    """The files of the private pool, without Google's."""
    exposed = (vars(messages)[name] for name in dir(messages) if not name.startswith("_"))
    files = {
        value.DESCRIPTOR.file.name: value.DESCRIPTOR.file
        for value in exposed
        if getattr(value, "DESCRIPTOR", None) is not None
    }
    return [file for name, file in sorted(files.items()) if not name.startswith("google/")]


OUR_MESSAGES = {
    message.full_name: message for file in our_files() for message in messages_of(file)
}
OUR_ENUMS = {enum.full_name: enum for file in our_files() for enum in enums_of(file)}
NOT_COMPARED = (*NOT_IN_PACKAGES, OPEN_INFERENCE)
COMPARED_MESSAGES = sorted(
    name for name, ours in OUR_MESSAGES.items() if ours.file.name not in NOT_COMPARED
)
COMPARED_ENUMS = sorted(
    name for name, ours in OUR_ENUMS.items() if ours.file.name not in NOT_COMPARED
)


@pytest.fixture(scope="module")
def serving_modules() -> list[ModuleType]:
    """Every module of messages of tensorflow-serving-api; imports tensorflow too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tensorflow_serving.apis
        import tensorflow_serving.config
        from tensorflow.core.example import example_pb2 as _example
        from tensorflow.core.protobuf import saved_model_pb2 as _saved_model
        from tensorflow.tsl.profiler.protobuf import profiler_options_pb2 as _profiler_options

        # Imported for what they add to the default pool.
        del _example, _saved_model, _profiler_options
        return [
            importlib.import_module(f"{package.__name__}.{module.name}")
            for package in (tensorflow_serving.apis, tensorflow_serving.config)
            for module in pkgutil.iter_modules(package.__path__)
            if module.name.endswith("_pb2")
        ]


@pytest.fixture
def upstream(serving_modules: list[ModuleType]) -> descriptor_pool.DescriptorPool:
    assert serving_modules
    return descriptor_pool.Default()


class TestOurMessages:
    @pytest.mark.parametrize("name", COMPARED_MESSAGES)
    def test_every_field_is_upstreams(
        self, name: str, upstream: descriptor_pool.DescriptorPool
    ) -> None:
        their_message = upstream.FindMessageTypeByName(name)
        ours, theirs = fields_of(OUR_MESSAGES[name]), fields_of(their_message)
        missing = ours.keys() - theirs.keys()
        assert missing <= MAY_BE_MISSING_UPSTREAM
        assert syntax_of(OUR_MESSAGES[name].file) == syntax_of(their_message.file)
        assert {field: ours[field] for field in ours.keys() - missing} == {
            field: theirs[field] for field in theirs.keys() & ours.keys()
        }

    @pytest.mark.parametrize("name", COMPARED_MESSAGES)
    def test_what_is_left_out_is_listed(
        self, name: str, upstream: descriptor_pool.DescriptorPool
    ) -> None:
        theirs = fields_of(upstream.FindMessageTypeByName(name))
        assert theirs.keys() - fields_of(OUR_MESSAGES[name]).keys() <= LEFT_OUT

    @pytest.mark.parametrize("name", COMPARED_ENUMS)
    def test_every_enum_is_upstreams(
        self, name: str, upstream: descriptor_pool.DescriptorPool
    ) -> None:
        theirs = upstream.FindEnumTypeByName(name)
        assert enum_values(OUR_ENUMS[name]) == enum_values(theirs)


class TestServingPackage:
    def test_nothing_of_it_is_missing(self, serving_modules: list[ModuleType]) -> None:
        files = [module.DESCRIPTOR for module in serving_modules]
        theirs = {message.full_name: message for file in files for message in messages_of(file)}
        assert theirs.keys() - OUR_MESSAGES.keys() == set()
        for name, message in theirs.items():
            assert fields_of(message).keys() - fields_of(OUR_MESSAGES[name]).keys() == set()
        enums = {enum.full_name for file in files for enum in enums_of(file)}
        assert enums - OUR_ENUMS.keys() == set()

    def test_services_are_the_same(self, serving_modules: list[ModuleType]) -> None:
        theirs = {
            service.full_name: methods_of(service)
            for module in serving_modules
            for service in module.DESCRIPTOR.services_by_name.values()
        }
        ours = {
            name: methods_of(POOL.FindServiceByName(name))
            for name in SERVICES
            if name.startswith("tensorflow.")
        }
        assert ours == theirs

    def test_the_method_table_is_that_of_the_services(self) -> None:
        for service, methods in SERVICES.items():
            table = {
                name: (full_name(types.request), full_name(types.response))
                for name, types in methods.items()
            }
            declared = methods_of(POOL.FindServiceByName(service))
            assert table == {name: types[:2] for name, types in declared.items()}


class TestOpenInference:
    """What Triton's client declares under the same names; of its further fields not all."""

    def test_messages_and_methods_are_those_of_its_client(self) -> None:
        service_pb2 = pytest.importorskip("tritonclient.grpc.service_pb2")
        theirs = {message.full_name: message for message in messages_of(service_pb2.DESCRIPTOR)}
        ours = [one for one in OUR_MESSAGES.values() if one.file.name == OPEN_INFERENCE]
        assert len(ours) > 30
        for message in ours:
            own = fields_of(message)
            assert own.items() <= fields_of(theirs[message.full_name]).items()
        service = POOL.FindServiceByName("inference.GRPCInferenceService")
        their_service = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
        assert methods_of(service).items() <= methods_of(their_service).items()


def full_name(message: type[Message]) -> str:
    return message.DESCRIPTOR.full_name


def methods_of(service: ServiceDescriptor) -> dict[str, tuple[str, str, bool, bool]]:
    return {
        name: (
            method.input_type.full_name,
            method.output_type.full_name,
            method.client_streaming,
            method.server_streaming,
        )
        for name, method in service.methods_by_name.items()
    }
