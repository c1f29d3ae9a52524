"""Messages that no official Python package has are those of TensorFlow Serving's sources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from tests.wire.proto_files import NOT_IN_PACKAGES
from tfs_notebook.wire.messages import POOL

# As the sources of TensorFlow Serving declare them, a field a line; "opt" is for
# explicit presence.
MESSAGES = {
    "tensorflow.serving.SerializedInput": """
        example_list=1 SerializedExampleList in kind
        example_list_with_context=2 SerializedExampleListWithContext in kind
    """,
    "tensorflow.serving.SerializedExampleList": "examples=1 rep bytes",
    "tensorflow.serving.SerializedExampleListWithContext": """
        examples=1 rep bytes
        context=2 bytes
    """,
    "tensorflow.serving.PrometheusConfig": """
        enable=1 bool
        path=2 string
    """,
    "tensorflow.serving.MonitoringConfig": "prometheus_config=1 PrometheusConfig",
    "tensorflow.serving.SSLConfig": """
        server_key=1 string
        server_cert=2 string
        custom_ca=3 string
        client_verify=4 bool
    """,
    "tensorflow.serving.ModelWarmupOptions": """
        num_request_iterations=1 Int32Value
        num_model_warmup_threads=2 Int32Value
        model_name=3 string
        model_version=4 int64
        enable_all_batch_sizes_warmup=5 bool
    """,
    "tensorflow.serving.SessionBundleConfig": """
        session_target=1 string
        session_config=2 ConfigProto
        batching_parameters=3 BatchingParameters
        session_run_load_threadpool_index=4 Int32Value
        experimental_transient_ram_bytes_during_load=5 uint64
        saved_model_tags=6 rep string
        in_graph_batching_parameters=7 BatchingOptions
        experimental_fixed_input_tensors=778 rep NamedTensorProto
        enable_model_warmup=779 bool
        model_warmup_options=780 ModelWarmupOptions
        enable_session_metadata=781 bool
        remove_unused_fields_from_bundle_metagraph=782 bool
        prefer_tflite_model=783 bool
        resource_estimation_uses_validation_result=784 bool
        num_tflite_interpreters=785 int32
        num_tflite_interpreters_per_pool=786 int32
        num_tflite_pools=787 int32
        wrap_session_with_no_threading_params=788 bool
        enable_per_model_batching_params=789 bool
        enable_saved_model_config=790 bool
        mixed_precision=791 string
    """,
    "tensorflow.serving.BatchingParameters": """
        max_batch_size=1 Int64Value
        batch_timeout_micros=2 Int64Value
        max_enqueued_batches=3 Int64Value
        num_batch_threads=4 Int64Value
        thread_pool_name=5 StringValue
        allowed_batch_sizes=6 rep int64
        pad_variable_length_inputs=7 bool
        enable_large_batch_splitting=8 BoolValue
        max_execution_batch_size=9 Int64Value
    """,
    "tensorflow.serving.SavedModelBundleSourceAdapterConfig": """
        legacy_config=1000 SessionBundleConfig
    """,
    "tensorflow.serving.SessionOverrides": """
        remote_op_remap_config=1 opt RemoteOpRemapConfig
        batch_op_rewriter_config=2 opt BatchOpRewriteConfig
        disable_meta_optimizer=3 opt bool
    """,
    "tensorflow.serving.SavedModelConfig": """
        session_overrides=1 opt SessionOverrides
        tfrt_runtime_config=2 opt RuntimeConfigProto
        critical=3 bool
    """,
    "tensorflow.serving.tools.RemoteOpRemapConfig": """
        model_name_remap=1 map<string,string>
        target_address_remap=2 map<string,string>
        propagate_version=4 bool
        propagate_model_name=5 bool
        backend_model_name_to_target_address_remap=6 map<string,string>
    """,
    "tensorflow.serving.BatchOpRewriteConfig": """
        model_scheduler_options=1 map<string,AdaptiveBatchSchedulerOption>
        batch_options=2 map<string,BatchOptions>
        enable_adaptive_shared_batching_thread_pool=4 bool
    """,
    "tensorflow.serving.BatchOpRewriteConfig.AdaptiveBatchSchedulerOption": """
        min_inflight_batches_limit=1 UInt32Value
        initial_inflight_batches_limit=2 UInt32Value
        max_inflight_batches_limit=3 UInt32Value
        batches_to_average_over=4 UInt32Value
    """,
    "tensorflow.serving.BatchOpRewriteConfig.BatchOptions": """
        num_batch_threads=1 opt int32
        max_batch_size=2 opt int32
        batch_timeout_micros=3 opt int32
        allowed_batch_sizes=4 rep int32
        max_enqueued_batches=5 opt int32
        disable_large_batch_splitting=6 opt bool
        adaptive_batch_scheduler_option=7 opt AdaptiveBatchSchedulerOption
    """,
    "tensorflow.serving.ThreadPoolFactoryConfig": "thread_pool_factory_config=1 Any",
    "tensorflow.serving.StaticStoragePathSourceConfig": """
        servable_name=1 string
        version_num=2 int64
        version_path=3 string
    """,
    "tensorflow.serving.HashmapSourceAdapterConfig": "format=1 Format",
    "tensorflow.serving.Resource": """
        device=1 string
        device_instance=2 UInt32Value
        kind=3 string
    """,
    "tensorflow.serving.ResourceAllocation": "resource_quantities=1 rep Entry",
    "tensorflow.serving.ResourceAllocation.Entry": """
        resource=1 Resource
        quantity=2 uint64
    """,
    "tensorflow.tfrt_stub.RuntimeConfigProto": "config=1 rep Any",
    "tensorflow.ToolRequestOptions": """
        output_formats=2 string
        save_to_repo=3 bool
    """,
    "tensorflow.ProfileRequest": """
        duration_ms=1 uint64
        max_events=2 uint64
        tools=3 rep string
        opts=4 ProfileOptions
        repository_root=5 string
        session_id=6 string
        host_name=7 string
        tool_options=8 map<string,ToolRequestOptions>
        emit_xspace=9 bool
    """,
    "tensorflow.ProfileToolData": """
        name=1 string
        data=2 bytes
    """,
    # There xspace is the message XSpace, whose bytes are the same, and there is a
    # MonitorResponse.monitor_result, for TPUs.
    "tensorflow.ProfileResponse": """
        tool_data=6 rep ProfileToolData
        empty_trace=7 bool
        xspace=8 bytes
    """,
    "tensorflow.TerminateRequest": "session_id=1 string",
    "tensorflow.TerminateResponse": "",
    "tensorflow.MonitorRequest": """
        duration_ms=1 uint64
        monitoring_level=2 int32
        timestamp=3 bool
    """,
    "tensorflow.MonitorResponse": "data=1 string",
}

ENUMS = {"tensorflow.serving.HashmapSourceAdapterConfig.Format": {"SIMPLE_CSV": 0}}

SCALAR_WORDS = {
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_UINT64: "uint64",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_fields(name: str) -> None:
    message = POOL.FindMessageTypeByName(name)
    proto = DescriptorProto()
    message.CopyToProto(proto)
    ours = {described(message.fields_by_name[field.name], field) for field in proto.field}
    assert ours == {line.strip() for line in MESSAGES[name].splitlines() if line.strip()}


@pytest.mark.parametrize("name", MESSAGES)
def test_json_names_are_the_usual_ones(name: str) -> None:
    for field in POOL.FindMessageTypeByName(name).fields:
        first, *rest = field.name.split("_")
        assert field.json_name == first + "".join(word.capitalize() for word in rest)


@pytest.mark.parametrize("name", ENUMS)
def test_enums(name: str) -> None:
    values = POOL.FindEnumTypeByName(name).values
    assert {value.name: value.number for value in values} == ENUMS[name]


@pytest.mark.parametrize("name", NOT_IN_PACKAGES)
def test_every_message_of_the_files_is_compared(name: str) -> None:
    file = POOL.FindFileByName(name)
    for message in file.message_types_by_name.values():
        assert {nested.full_name for nested in with_nested(message)} <= MESSAGES.keys()
        assert {enum.full_name for enum in message.enum_types} <= ENUMS.keys()
    assert not file.enum_types_by_name


def with_nested(message: Descriptor) -> Iterator[Descriptor]:
    if not message.GetOptions().map_entry:
        yield message
    for nested in message.nested_types:
        yield from with_nested(nested)


def described(field: FieldDescriptor, proto: FieldDescriptorProto) -> str:
    """``name=1 rep string``: a field in the notation of the table."""
    words = [f"{field.name}={field.number}"]
    if field.message_type and field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields
        words.append(f"map<{type_word(key)},{type_word(value)}>")
        return " ".join(words)
    if proto.label == FieldDescriptorProto.LABEL_REPEATED:
        words.append("rep")
    if proto.proto3_optional:
        words.append("opt")
    words.append(type_word(field))
    if field.containing_oneof and not proto.proto3_optional:
        words.append(f"in {field.containing_oneof.name}")
    return " ".join(words)


def type_word(field: FieldDescriptor) -> str:
    named = field.message_type or field.enum_type
    if named:
        return named.name
    return SCALAR_WORDS[field.type]
