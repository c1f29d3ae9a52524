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

class ServerLiveRequest(_Message):
    ...

class ServerLiveResponse(_Message):
    LIVE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    live: bool
    def __init__(self, *, live: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["live"]) -> None: ...

class ServerReadyRequest(_Message):
    ...

class ServerReadyResponse(_Message):
    READY_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    ready: bool
    def __init__(self, *, ready: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["ready"]) -> None: ...

class ModelReadyRequest(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    version: str
    def __init__(self, *, name: str | None = ..., version: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "version"]) -> None: ...

class ModelReadyResponse(_Message):
    READY_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    ready: bool
    def __init__(self, *, ready: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["ready"]) -> None: ...

class ServerMetadataRequest(_Message):
    ...

class ServerMetadataResponse(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    EXTENSIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    name: str
    version: str
    @property
    def extensions(self) -> _RepeatedScalar[str]: ...
    def __init__(self, *, name: str | None = ..., version: str | None = ..., extensions: _Iterable[str] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "version", "extensions"]) -> None: ...

class ModelMetadataRequest(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    version: str
    def __init__(self, *, name: str | None = ..., version: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "version"]) -> None: ...

class ModelMetadataResponse(_Message):
    class TensorMetadata(_Message):
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        DATATYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        name: str
        datatype: str
        @property
        def shape(self) -> _RepeatedScalar[int]: ...
        def __init__(self, *, name: str | None = ..., datatype: str | None = ..., shape: _Iterable[int] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["name", "datatype", "shape"]) -> None: ...
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    PLATFORM_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    INPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    OUTPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    name: str
    @property
    def versions(self) -> _RepeatedScalar[str]: ...
    platform: str
    @property
    def inputs(self) -> _RepeatedComposite[ModelMetadataResponse.TensorMetadata]: ...
    @property
    def outputs(self) -> _RepeatedComposite[ModelMetadataResponse.TensorMetadata]: ...
    def __init__(self, *, name: str | None = ..., versions: _Iterable[str] | None = ..., platform: str | None = ..., inputs: _Iterable[ModelMetadataResponse.TensorMetadata] | None = ..., outputs: _Iterable[ModelMetadataResponse.TensorMetadata] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "versions", "platform", "inputs", "outputs"]) -> None: ...

class InferParameter(_Message):
    BOOL_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INT64_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    STRING_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    DOUBLE_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    UINT64_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    bool_param: bool
    int64_param: int
    string_param: str
    double_param: float
    uint64_param: int
    def __init__(self, *, bool_param: bool | None = ..., int64_param: int | None = ..., string_param: str | None = ..., double_param: float | None = ..., uint64_param: int | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["bool_param", "int64_param", "string_param", "double_param", "uint64_param", "parameter_choice"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["bool_param", "int64_param", "string_param", "double_param", "uint64_param", "parameter_choice"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["parameter_choice"]) -> _t.Literal["bool_param", "int64_param", "string_param", "double_param", "uint64_param"] | None: ...

class InferTensorContents(_Message):
    BOOL_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INT_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    INT64_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    UINT_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    UINT64_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    FP32_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    FP64_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    BYTES_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    @property
    def bool_contents(self) -> _RepeatedScalar[bool]: ...
    @property
    def int_contents(self) -> _RepeatedScalar[int]: ...
    @property
    def int64_contents(self) -> _RepeatedScalar[int]: ...
    @property
    def uint_contents(self) -> _RepeatedScalar[int]: ...
    @property
    def uint64_contents(self) -> _RepeatedScalar[int]: ...
    @property
    def fp32_contents(self) -> _RepeatedScalar[float]: ...
    @property
    def fp64_contents(self) -> _RepeatedScalar[float]: ...
    @property
    def bytes_contents(self) -> _RepeatedScalar[bytes]: ...
    def __init__(self, *, bool_contents: _Iterable[bool] | None = ..., int_contents: _Iterable[int] | None = ..., int64_contents: _Iterable[int] | None = ..., uint_contents: _Iterable[int] | None = ..., uint64_contents: _Iterable[int] | None = ..., fp32_contents: _Iterable[float] | None = ..., fp64_contents: _Iterable[float] | None = ..., bytes_contents: _Iterable[bytes] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["bool_contents", "int_contents", "int64_contents", "uint_contents", "uint64_contents", "fp32_contents", "fp64_contents", "bytes_contents"]) -> None: ...

class ModelInferRequest(_Message):
    class InferInputTensor(_Message):
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        DATATYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        name: str
        datatype: str
        @property
        def shape(self) -> _RepeatedScalar[int]: ...
        @property
        def parameters(self) -> _MessageMap[str, InferParameter]: ...
        @property
        def contents(self) -> InferTensorContents: ...
        def __init__(self, *, name: str | None = ..., datatype: str | None = ..., shape: _Iterable[int] | None = ..., parameters: _Mapping[str, InferParameter] | None = ..., contents: InferTensorContents | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["contents"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["name", "datatype", "shape", "parameters", "contents"]) -> None: ...
    class InferRequestedOutputTensor(_Message):
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        name: str
        @property
        def parameters(self) -> _MessageMap[str, InferParameter]: ...
        def __init__(self, *, name: str | None = ..., parameters: _Mapping[str, InferParameter] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["name", "parameters"]) -> None: ...
    MODEL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MODEL_VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    INPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    OUTPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    RAW_INPUT_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    model_name: str
    model_version: str
    id: str
    @property
    def parameters(self) -> _MessageMap[str, InferParameter]: ...
    @property
    def inputs(self) -> _RepeatedComposite[ModelInferRequest.InferInputTensor]: ...
    @property
    def outputs(self) -> _RepeatedComposite[ModelInferRequest.InferRequestedOutputTensor]: ...
    @property
    def raw_input_contents(self) -> _RepeatedScalar[bytes]: ...
    def __init__(self, *, model_name: str | None = ..., model_version: str | None = ..., id: str | None = ..., parameters: _Mapping[str, InferParameter] | None = ..., inputs: _Iterable[ModelInferRequest.InferInputTensor] | None = ..., outputs: _Iterable[ModelInferRequest.InferRequestedOutputTensor] | None = ..., raw_input_contents: _Iterable[bytes] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["model_name", "model_version", "id", "parameters", "inputs", "outputs", "raw_input_contents"]) -> None: ...

class ModelInferResponse(_Message):
    class InferOutputTensor(_Message):
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        DATATYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        name: str
        datatype: str
        @property
        def shape(self) -> _RepeatedScalar[int]: ...
        @property
        def parameters(self) -> _MessageMap[str, InferParameter]: ...
        @property
        def contents(self) -> InferTensorContents: ...
        def __init__(self, *, name: str | None = ..., datatype: str | None = ..., shape: _Iterable[int] | None = ..., parameters: _Mapping[str, InferParameter] | None = ..., contents: InferTensorContents | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["contents"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["name", "datatype", "shape", "parameters", "contents"]) -> None: ...
    MODEL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MODEL_VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    OUTPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    RAW_OUTPUT_CONTENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    model_name: str
    model_version: str
    id: str
    @property
    def parameters(self) -> _MessageMap[str, InferParameter]: ...
    @property
    def outputs(self) -> _RepeatedComposite[ModelInferResponse.InferOutputTensor]: ...
    @property
    def raw_output_contents(self) -> _RepeatedScalar[bytes]: ...
    def __init__(self, *, model_name: str | None = ..., model_version: str | None = ..., id: str | None = ..., parameters: _Mapping[str, InferParameter] | None = ..., outputs: _Iterable[ModelInferResponse.InferOutputTensor] | None = ..., raw_output_contents: _Iterable[bytes] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["model_name", "model_version", "id", "parameters", "outputs", "raw_output_contents"]) -> None: ...

class ModelStreamInferResponse(_Message):
    ERROR_MESSAGE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INFER_RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    error_message: str
    @property
    def infer_response(self) -> ModelInferResponse: ...
    def __init__(self, *, error_message: str | None = ..., infer_response: ModelInferResponse | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["infer_response"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["error_message", "infer_response"]) -> None: ...

class ModelStatisticsRequest(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    version: str
    def __init__(self, *, name: str | None = ..., version: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "version"]) -> None: ...

class StatisticDuration(_Message):
    COUNT_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    NS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    count: int
    ns: int
    def __init__(self, *, count: int | None = ..., ns: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["count", "ns"]) -> None: ...

class InferStatistics(_Message):
    SUCCESS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    FAIL_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    QUEUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    COMPUTE_INPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    COMPUTE_INFER_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    COMPUTE_OUTPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    CACHE_HIT_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    CACHE_MISS_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    @property
    def success(self) -> StatisticDuration: ...
    @property
    def fail(self) -> StatisticDuration: ...
    @property
    def queue(self) -> StatisticDuration: ...
    @property
    def compute_input(self) -> StatisticDuration: ...
    @property
    def compute_infer(self) -> StatisticDuration: ...
    @property
    def compute_output(self) -> StatisticDuration: ...
    @property
    def cache_hit(self) -> StatisticDuration: ...
    @property
    def cache_miss(self) -> StatisticDuration: ...
    def __init__(self, *, success: StatisticDuration | None = ..., fail: StatisticDuration | None = ..., queue: StatisticDuration | None = ..., compute_input: StatisticDuration | None = ..., compute_infer: StatisticDuration | None = ..., compute_output: StatisticDuration | None = ..., cache_hit: StatisticDuration | None = ..., cache_miss: StatisticDuration | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss"]) -> None: ...

class InferBatchStatistics(_Message):
    BATCH_SIZE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    COMPUTE_INPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    COMPUTE_INFER_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    COMPUTE_OUTPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    batch_size: int
    @property
    def compute_input(self) -> StatisticDuration: ...
    @property
    def compute_infer(self) -> StatisticDuration: ...
    @property
    def compute_output(self) -> StatisticDuration: ...
    def __init__(self, *, batch_size: int | None = ..., compute_input: StatisticDuration | None = ..., compute_infer: StatisticDuration | None = ..., compute_output: StatisticDuration | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["compute_input", "compute_infer", "compute_output"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["batch_size", "compute_input", "compute_infer", "compute_output"]) -> None: ...

class ModelStatistics(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    LAST_INFERENCE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    INFERENCE_COUNT_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    EXECUTION_COUNT_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    INFERENCE_STATS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    BATCH_STATS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    name: str
    version: str
    last_inference: int
    inference_count: int
    execution_count: int
    @property
    def inference_stats(self) -> InferStatistics: ...
    @property
    def batch_stats(self) -> _RepeatedComposite[InferBatchStatistics]: ...
    def __init__(self, *, name: str | None = ..., version: str | None = ..., last_inference: int | None = ..., inference_count: int | None = ..., execution_count: int | None = ..., inference_stats: InferStatistics | None = ..., batch_stats: _Iterable[InferBatchStatistics] | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["inference_stats"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "version", "last_inference", "inference_count", "execution_count", "inference_stats", "batch_stats"]) -> None: ...

class ModelStatisticsResponse(_Message):
    MODEL_STATS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def model_stats(self) -> _RepeatedComposite[ModelStatistics]: ...
    def __init__(self, *, model_stats: _Iterable[ModelStatistics] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["model_stats"]) -> None: ...

class ModelRepositoryParameter(_Message):
    BOOL_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INT64_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    STRING_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    BYTES_PARAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    bool_param: bool
    int64_param: int
    string_param: str
    bytes_param: bytes
    def __init__(self, *, bool_param: bool | None = ..., int64_param: int | None = ..., string_param: str | None = ..., bytes_param: bytes | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["bool_param", "int64_param", "string_param", "bytes_param", "parameter_choice"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["bool_param", "int64_param", "string_param", "bytes_param", "parameter_choice"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["parameter_choice"]) -> _t.Literal["bool_param", "int64_param", "string_param", "bytes_param"] | None: ...

class RepositoryIndexRequest(_Message):
    REPOSITORY_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    READY_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    repository_name: str
    ready: bool
    def __init__(self, *, repository_name: str | None = ..., ready: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["repository_name", "ready"]) -> None: ...

class RepositoryIndexResponse(_Message):
    class ModelIndex(_Message):
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        STATE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        REASON_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        name: str
        version: str
        state: str
        reason: str
        def __init__(self, *, name: str | None = ..., version: str | None = ..., state: str | None = ..., reason: str | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["name", "version", "state", "reason"]) -> None: ...
    MODELS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def models(self) -> _RepeatedComposite[RepositoryIndexResponse.ModelIndex]: ...
    def __init__(self, *, models: _Iterable[RepositoryIndexResponse.ModelIndex] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["models"]) -> None: ...

class RepositoryModelLoadRequest(_Message):
    REPOSITORY_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MODEL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    repository_name: str
    model_name: str
    @property
    def parameters(self) -> _MessageMap[str, ModelRepositoryParameter]: ...
    def __init__(self, *, repository_name: str | None = ..., model_name: str | None = ..., parameters: _Mapping[str, ModelRepositoryParameter] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["repository_name", "model_name", "parameters"]) -> None: ...

class RepositoryModelLoadResponse(_Message):
    ...

class RepositoryModelUnloadRequest(_Message):
    REPOSITORY_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MODEL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    repository_name: str
    model_name: str
    @property
    def parameters(self) -> _MessageMap[str, ModelRepositoryParameter]: ...
    def __init__(self, *, repository_name: str | None = ..., model_name: str | None = ..., parameters: _Mapping[str, ModelRepositoryParameter] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["repository_name", "model_name", "parameters"]) -> None: ...

class RepositoryModelUnloadResponse(_Message):
    ...

class FileSystemStoragePathSourceConfig(_Message):
    class ServableVersionPolicy(_Message):
        class Latest(_Message):
            NUM_VERSIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            num_versions: int
            def __init__(self, *, num_versions: int | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["num_versions"]) -> None: ...
        class All(_Message):
            ...
        class Specific(_Message):
            VERSIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            @property
            def versions(self) -> _RepeatedScalar[int]: ...
            def __init__(self, *, versions: _Iterable[int] | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["versions"]) -> None: ...
        LATEST_FIELD_NUMBER: _t.ClassVar[_t.Literal[100]]
        ALL_FIELD_NUMBER: _t.ClassVar[_t.Literal[101]]
        SPECIFIC_FIELD_NUMBER: _t.ClassVar[_t.Literal[102]]
        @property
        def latest(self) -> FileSystemStoragePathSourceConfig.ServableVersionPolicy.Latest: ...
        @property
        def all(self) -> FileSystemStoragePathSourceConfig.ServableVersionPolicy.All: ...
        @property
        def specific(self) -> FileSystemStoragePathSourceConfig.ServableVersionPolicy.Specific: ...
        def __init__(self, *, latest: FileSystemStoragePathSourceConfig.ServableVersionPolicy.Latest | None = ..., all: FileSystemStoragePathSourceConfig.ServableVersionPolicy.All | None = ..., specific: FileSystemStoragePathSourceConfig.ServableVersionPolicy.Specific | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["latest", "all", "specific", "policy_choice"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["latest", "all", "specific", "policy_choice"]) -> None: ...
        def WhichOneof(self, oneof_group: _t.Literal["policy_choice"]) -> _t.Literal["latest", "all", "specific"] | None: ...
    class ServableToMonitor(_Message):
        SERVABLE_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        BASE_PATH_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        SERVABLE_VERSION_POLICY_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        servable_name: str
        base_path: str
        @property
        def servable_version_policy(self) -> FileSystemStoragePathSourceConfig.ServableVersionPolicy: ...
        def __init__(self, *, servable_name: str | None = ..., base_path: str | None = ..., servable_version_policy: FileSystemStoragePathSourceConfig.ServableVersionPolicy | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["servable_version_policy"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["servable_name", "base_path", "servable_version_policy"]) -> None: ...
    FILE_SYSTEM_POLL_WAIT_SECONDS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    FAIL_IF_ZERO_VERSIONS_AT_STARTUP_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    SERVABLES_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    SERVABLE_VERSIONS_ALWAYS_PRESENT_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    file_system_poll_wait_seconds: int
    fail_if_zero_versions_at_startup: bool
    @property
    def servables(self) -> _RepeatedComposite[FileSystemStoragePathSourceConfig.ServableToMonitor]: ...
    servable_versions_always_present: bool
    def __init__(self, *, file_system_poll_wait_seconds: int | None = ..., fail_if_zero_versions_at_startup: bool | None = ..., servables: _Iterable[FileSystemStoragePathSourceConfig.ServableToMonitor] | None = ..., servable_versions_always_present: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["file_system_poll_wait_seconds", "fail_if_zero_versions_at_startup", "servables", "servable_versions_always_present"]) -> None: ...

class Example(_Message):
    FEATURES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def features(self) -> Features: ...
    def __init__(self, *, features: Features | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["features"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["features"]) -> None: ...

class SequenceExample(_Message):
    CONTEXT_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    FEATURE_LISTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def context(self) -> Features: ...
    @property
    def feature_lists(self) -> FeatureLists: ...
    def __init__(self, *, context: Features | None = ..., feature_lists: FeatureLists | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["context", "feature_lists"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["context", "feature_lists"]) -> None: ...

class Features(_Message):
    FEATURE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def feature(self) -> _MessageMap[str, Feature]: ...
    def __init__(self, *, feature: _Mapping[str, Feature] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["feature"]) -> None: ...

class FeatureLists(_Message):
    FEATURE_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def feature_list(self) -> _MessageMap[str, FeatureList]: ...
    def __init__(self, *, feature_list: _Mapping[str, FeatureList] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["feature_list"]) -> None: ...

class Feature(_Message):
    BYTES_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    FLOAT_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    INT64_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    @property
    def bytes_list(self) -> BytesList: ...
    @property
    def float_list(self) -> FloatList: ...
    @property
    def int64_list(self) -> Int64List: ...
    def __init__(self, *, bytes_list: BytesList | None = ..., float_list: FloatList | None = ..., int64_list: Int64List | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["bytes_list", "float_list", "int64_list", "kind"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["bytes_list", "float_list", "int64_list", "kind"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["kind"]) -> _t.Literal["bytes_list", "float_list", "int64_list"] | None: ...

class FeatureList(_Message):
    FEATURE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def feature(self) -> _RepeatedComposite[Feature]: ...
    def __init__(self, *, feature: _Iterable[Feature] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["feature"]) -> None: ...

class BytesList(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def value(self) -> _RepeatedScalar[bytes]: ...
    def __init__(self, *, value: _Iterable[bytes] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class FloatList(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def value(self) -> _RepeatedScalar[float]: ...
    def __init__(self, *, value: _Iterable[float] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class Int64List(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def value(self) -> _RepeatedScalar[int]: ...
    def __init__(self, *, value: _Iterable[int] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class Input(_Message):
    EXAMPLE_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    EXAMPLE_LIST_WITH_CONTEXT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def example_list(self) -> ExampleList: ...
    @property
    def example_list_with_context(self) -> ExampleListWithContext: ...
    def __init__(self, *, example_list: ExampleList | None = ..., example_list_with_context: ExampleListWithContext | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["example_list", "example_list_with_context", "kind"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["example_list", "example_list_with_context", "kind"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["kind"]) -> _t.Literal["example_list", "example_list_with_context"] | None: ...

class ExampleList(_Message):
    EXAMPLES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def examples(self) -> _RepeatedComposite[Example]: ...
    def __init__(self, *, examples: _Iterable[Example] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["examples"]) -> None: ...

class ExampleListWithContext(_Message):
    EXAMPLES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    CONTEXT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def examples(self) -> _RepeatedComposite[Example]: ...
    @property
    def context(self) -> Example: ...
    def __init__(self, *, examples: _Iterable[Example] | None = ..., context: Example | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["context"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["examples", "context"]) -> None: ...

class DoubleValue(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: float
    def __init__(self, *, value: float | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class FloatValue(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: float
    def __init__(self, *, value: float | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class Int64Value(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: int
    def __init__(self, *, value: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class UInt64Value(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: int
    def __init__(self, *, value: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class Int32Value(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: int
    def __init__(self, *, value: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class UInt32Value(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: int
    def __init__(self, *, value: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class BoolValue(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: bool
    def __init__(self, *, value: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class StringValue(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: str
    def __init__(self, *, value: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class BytesValue(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: bytes
    def __init__(self, *, value: bytes | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class ModelSpec(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    VERSION_LABEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    SIGNATURE_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    name: str
    @property
    def version(self) -> Int64Value: ...
    version_label: str
    signature_name: str
    def __init__(self, *, name: str | None = ..., version: Int64Value | None = ..., version_label: str | None = ..., signature_name: str | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["version", "version_label", "version_choice"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "version", "version_label", "signature_name", "version_choice"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["version_choice"]) -> _t.Literal["version", "version_label"] | None: ...

class Class(_Message):
    LABEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SCORE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    label: str
    score: float
    def __init__(self, *, label: str | None = ..., score: float | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["label", "score"]) -> None: ...

class Classifications(_Message):
    CLASSES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def classes(self) -> _RepeatedComposite[Class]: ...
    def __init__(self, *, classes: _Iterable[Class] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["classes"]) -> None: ...

class ClassificationResult(_Message):
    CLASSIFICATIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def classifications(self) -> _RepeatedComposite[Classifications]: ...
    def __init__(self, *, classifications: _Iterable[Classifications] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["classifications"]) -> None: ...

class ClassificationRequest(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def model_spec(self) -> ModelSpec: ...
    @property
    def input(self) -> Input: ...
    def __init__(self, *, model_spec: ModelSpec | None = ..., input: Input | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec", "input"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "input"]) -> None: ...

class ClassificationResponse(_Message):
    RESULT_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def result(self) -> ClassificationResult: ...
    @property
    def model_spec(self) -> ModelSpec: ...
    def __init__(self, *, result: ClassificationResult | None = ..., model_spec: ModelSpec | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["result", "model_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["result", "model_spec"]) -> None: ...

class Regression(_Message):
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    value: float
    def __init__(self, *, value: float | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["value"]) -> None: ...

class RegressionResult(_Message):
    REGRESSIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def regressions(self) -> _RepeatedComposite[Regression]: ...
    def __init__(self, *, regressions: _Iterable[Regression] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["regressions"]) -> None: ...

class RegressionRequest(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def model_spec(self) -> ModelSpec: ...
    @property
    def input(self) -> Input: ...
    def __init__(self, *, model_spec: ModelSpec | None = ..., input: Input | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec", "input"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "input"]) -> None: ...

class RegressionResponse(_Message):
    RESULT_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def result(self) -> RegressionResult: ...
    @property
    def model_spec(self) -> ModelSpec: ...
    def __init__(self, *, result: RegressionResult | None = ..., model_spec: ModelSpec | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["result", "model_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["result", "model_spec"]) -> None: ...

class InferenceTask(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    METHOD_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def model_spec(self) -> ModelSpec: ...
    method_name: str
    def __init__(self, *, model_spec: ModelSpec | None = ..., method_name: str | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "method_name"]) -> None: ...

class InferenceResult(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    CLASSIFICATION_RESULT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    REGRESSION_RESULT_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    @property
    def model_spec(self) -> ModelSpec: ...
    @property
    def classification_result(self) -> ClassificationResult: ...
    @property
    def regression_result(self) -> RegressionResult: ...
    def __init__(self, *, model_spec: ModelSpec | None = ..., classification_result: ClassificationResult | None = ..., regression_result: RegressionResult | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec", "classification_result", "regression_result", "result"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "classification_result", "regression_result", "result"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["result"]) -> _t.Literal["classification_result", "regression_result"] | None: ...

class MultiInferenceRequest(_Message):
    TASKS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def tasks(self) -> _RepeatedComposite[InferenceTask]: ...
    @property
    def input(self) -> Input: ...
    def __init__(self, *, tasks: _Iterable[InferenceTask] | None = ..., input: Input | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["input"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["tasks", "input"]) -> None: ...

class MultiInferenceResponse(_Message):
    RESULTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def results(self) -> _RepeatedComposite[InferenceResult]: ...
    def __init__(self, *, results: _Iterable[InferenceResult] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["results"]) -> None: ...

class Any(_Message, _PackedAny):
    TYPE_URL_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    type_url: str
    value: bytes
    def __init__(self, *, type_url: str | None = ..., value: bytes | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["type_url", "value"]) -> None: ...

class LoggingConfig(_Message):
    LOG_COLLECTOR_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SAMPLING_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    CUSTOM_LOGGING_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    @property
    def log_collector_config(self) -> LogCollectorConfig: ...
    @property
    def sampling_config(self) -> SamplingConfig: ...
    @property
    def custom_logging_config(self) -> Any: ...
    def __init__(self, *, log_collector_config: LogCollectorConfig | None = ..., sampling_config: SamplingConfig | None = ..., custom_logging_config: Any | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["log_collector_config", "sampling_config", "custom_logging_config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["log_collector_config", "sampling_config", "custom_logging_config"]) -> None: ...

class LogCollectorConfig(_Message):
    TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    FILENAME_PREFIX_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    type: str
    filename_prefix: str
    def __init__(self, *, type: str | None = ..., filename_prefix: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["type", "filename_prefix"]) -> None: ...

class SamplingConfig(_Message):
    class _AttributesEnum(_EnumTypeWrapper):
        ATTR_DEFAULT: int
        ATTR_REQUEST_ORIGIN: int
        ATTR_REQUEST_CRITICALITY: int
    Attributes: _t.ClassVar[_AttributesEnum]
    ATTR_DEFAULT: _t.ClassVar[int]
    ATTR_REQUEST_ORIGIN: _t.ClassVar[int]
    ATTR_REQUEST_CRITICALITY: _t.ClassVar[int]
    SAMPLING_RATE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    ATTRIBUTES_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    PER_TASK_SAMPLING_CONFIGS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    sampling_rate: float
    attributes: int
    @property
    def per_task_sampling_configs(self) -> _RepeatedComposite[PerTaskSamplingConfig]: ...
    def __init__(self, *, sampling_rate: float | None = ..., attributes: int | None = ..., per_task_sampling_configs: _Iterable[PerTaskSamplingConfig] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["sampling_rate", "attributes", "per_task_sampling_configs"]) -> None: ...

class PerTaskSamplingConfig(_Message):
    DC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TASK_INDEX_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    SAMPLING_RATE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    dc: str
    task_index: int
    sampling_rate: float
    def __init__(self, *, dc: str | None = ..., task_index: int | None = ..., sampling_rate: float | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["task_index"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["dc", "task_index", "sampling_rate"]) -> None: ...

class _ModelTypeEnum(_EnumTypeWrapper):
    MODEL_TYPE_UNSPECIFIED: int
    TENSORFLOW: int
    OTHER: int
ModelType: _ModelTypeEnum

class ModelServerConfig(_Message):
    MODEL_CONFIG_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    CUSTOM_MODEL_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def model_config_list(self) -> ModelConfigList: ...
    @property
    def custom_model_config(self) -> Any: ...
    def __init__(self, *, model_config_list: ModelConfigList | None = ..., custom_model_config: Any | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_config_list", "custom_model_config", "config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_config_list", "custom_model_config", "config"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["config"]) -> _t.Literal["model_config_list", "custom_model_config"] | None: ...

class ModelConfigList(_Message):
    CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def config(self) -> _RepeatedComposite[ModelConfig]: ...
    def __init__(self, *, config: _Iterable[ModelConfig] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["config"]) -> None: ...

class ModelConfig(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    BASE_PATH_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    MODEL_TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    MODEL_PLATFORM_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    LOGGING_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    MODEL_VERSION_POLICY_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    VERSION_LABELS_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    name: str
    base_path: str
    model_type: int
    model_platform: str
    @property
    def logging_config(self) -> LoggingConfig: ...
    @property
    def model_version_policy(self) -> FileSystemStoragePathSourceConfig.ServableVersionPolicy: ...
    @property
    def version_labels(self) -> _ScalarMap[str, int]: ...
    def __init__(self, *, name: str | None = ..., base_path: str | None = ..., model_type: int | None = ..., model_platform: str | None = ..., logging_config: LoggingConfig | None = ..., model_version_policy: FileSystemStoragePathSourceConfig.ServableVersionPolicy | None = ..., version_labels: _Mapping[str, int] | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["logging_config", "model_version_policy"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "base_path", "model_type", "model_platform", "logging_config", "model_version_policy", "version_labels"]) -> None: ...

class _CodeEnum(_EnumTypeWrapper):
    OK: int
    CANCELLED: int
    UNKNOWN: int
    INVALID_ARGUMENT: int
    DEADLINE_EXCEEDED: int
    NOT_FOUND: int
    ALREADY_EXISTS: int
    PERMISSION_DENIED: int
    RESOURCE_EXHAUSTED: int
    FAILED_PRECONDITION: int
    ABORTED: int
    OUT_OF_RANGE: int
    UNIMPLEMENTED: int
    INTERNAL: int
    UNAVAILABLE: int
    DATA_LOSS: int
    UNAUTHENTICATED: int
    DO_NOT_USE_RESERVED_FOR_FUTURE_EXPANSION_USE_DEFAULT_IN_SWITCH_INSTEAD_: int
Code: _CodeEnum

class StatusProto(_Message):
    ERROR_CODE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    ERROR_MESSAGE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    error_code: int
    error_message: str
    def __init__(self, *, error_code: int | None = ..., error_message: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["error_code", "error_message"]) -> None: ...

class ReloadConfigRequest(_Message):
    CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    METRIC_NAMES_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def config(self) -> ModelServerConfig: ...
    @property
    def metric_names(self) -> _RepeatedScalar[str]: ...
    def __init__(self, *, config: ModelServerConfig | None = ..., metric_names: _Iterable[str] | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["config", "metric_names"]) -> None: ...

class ReloadConfigResponse(_Message):
    STATUS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    METRIC_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def status(self) -> StatusProto: ...
    @property
    def metric(self) -> _RepeatedComposite[Metric]: ...
    def __init__(self, *, status: StatusProto | None = ..., metric: _Iterable[Metric] | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["status"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["status", "metric"]) -> None: ...

class Metric(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INT64_VALUE_INCREASE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    int64_value_increase: int
    def __init__(self, *, name: str | None = ..., int64_value_increase: int | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["int64_value_increase", "value_increase"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "int64_value_increase", "value_increase"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["value_increase"]) -> _t.Literal["int64_value_increase"] | None: ...

class _DataTypeEnum(_EnumTypeWrapper):
    DT_INVALID: int
    DT_FLOAT: int
    DT_DOUBLE: int
    DT_INT32: int
    DT_UINT8: int
    DT_INT16: int
    DT_INT8: int
    DT_STRING: int
    DT_COMPLEX64: int
    DT_INT64: int
    DT_BOOL: int
    DT_QINT8: int
    DT_QUINT8: int
    DT_QINT32: int
    DT_BFLOAT16: int
    DT_QINT16: int
    DT_QUINT16: int
    DT_UINT16: int
    DT_COMPLEX128: int
    DT_HALF: int
    DT_RESOURCE: int
    DT_VARIANT: int
    DT_UINT32: int
    DT_UINT64: int
    DT_FLOAT8_E5M2: int
    DT_FLOAT8_E4M3FN: int
    DT_FLOAT8_E4M3FNUZ: int
    DT_FLOAT8_E4M3B11FNUZ: int
    DT_FLOAT8_E5M2FNUZ: int
    DT_INT4: int
    DT_UINT4: int
    DT_INT2: int
    DT_UINT2: int
    DT_FLOAT4_E2M1FN: int
    DT_FLOAT_REF: int
    DT_DOUBLE_REF: int
    DT_INT32_REF: int
    DT_UINT8_REF: int
    DT_INT16_REF: int
    DT_INT8_REF: int
    DT_STRING_REF: int
    DT_COMPLEX64_REF: int
    DT_INT64_REF: int
    DT_BOOL_REF: int
    DT_QINT8_REF: int
    DT_QUINT8_REF: int
    DT_QINT32_REF: int
    DT_BFLOAT16_REF: int
    DT_QINT16_REF: int
    DT_QUINT16_REF: int
    DT_UINT16_REF: int
    DT_COMPLEX128_REF: int
    DT_HALF_REF: int
    DT_RESOURCE_REF: int
    DT_VARIANT_REF: int
    DT_UINT32_REF: int
    DT_UINT64_REF: int
    DT_FLOAT8_E5M2_REF: int
    DT_FLOAT8_E4M3FN_REF: int
    DT_FLOAT8_E4M3FNUZ_REF: int
    DT_FLOAT8_E4M3B11FNUZ_REF: int
    DT_FLOAT8_E5M2FNUZ_REF: int
    DT_INT4_REF: int
    DT_UINT4_REF: int
    DT_INT2_REF: int
    DT_UINT2_REF: int
    DT_FLOAT4_E2M1FN_REF: int
DataType: _DataTypeEnum

class TensorShapeProto(_Message):
    class Dim(_Message):
        SIZE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        size: int
        name: str
        def __init__(self, *, size: int | None = ..., name: str | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["size", "name"]) -> None: ...
    DIM_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    UNKNOWN_RANK_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    @property
    def dim(self) -> _RepeatedComposite[TensorShapeProto.Dim]: ...
    unknown_rank: bool
    def __init__(self, *, dim: _Iterable[TensorShapeProto.Dim] | None = ..., unknown_rank: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["dim", "unknown_rank"]) -> None: ...

class TensorProto(_Message):
    DTYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TENSOR_SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    VERSION_NUMBER_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    TENSOR_CONTENT_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    FLOAT_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    DOUBLE_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    INT_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    STRING_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    SCOMPLEX_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    INT64_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    BOOL_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
    DCOMPLEX_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
    HALF_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
    RESOURCE_HANDLE_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
    VARIANT_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[15]]
    UINT32_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[16]]
    UINT64_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[17]]
    FLOAT8_VAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[18]]
    dtype: int
    @property
    def tensor_shape(self) -> TensorShapeProto: ...
    version_number: int
    tensor_content: bytes
    @property
    def float_val(self) -> _RepeatedScalar[float]: ...
    @property
    def double_val(self) -> _RepeatedScalar[float]: ...
    @property
    def int_val(self) -> _RepeatedScalar[int]: ...
    @property
    def string_val(self) -> _RepeatedScalar[bytes]: ...
    @property
    def scomplex_val(self) -> _RepeatedScalar[float]: ...
    @property
    def int64_val(self) -> _RepeatedScalar[int]: ...
    @property
    def bool_val(self) -> _RepeatedScalar[bool]: ...
    @property
    def dcomplex_val(self) -> _RepeatedScalar[float]: ...
    @property
    def half_val(self) -> _RepeatedScalar[int]: ...
    @property
    def resource_handle_val(self) -> _RepeatedComposite[ResourceHandleProto]: ...
    @property
    def variant_val(self) -> _RepeatedComposite[VariantTensorDataProto]: ...
    @property
    def uint32_val(self) -> _RepeatedScalar[int]: ...
    @property
    def uint64_val(self) -> _RepeatedScalar[int]: ...
    float8_val: bytes
    def __init__(self, *, dtype: int | None = ..., tensor_shape: TensorShapeProto | None = ..., version_number: int | None = ..., tensor_content: bytes | None = ..., float_val: _Iterable[float] | None = ..., double_val: _Iterable[float] | None = ..., int_val: _Iterable[int] | None = ..., string_val: _Iterable[bytes] | None = ..., scomplex_val: _Iterable[float] | None = ..., int64_val: _Iterable[int] | None = ..., bool_val: _Iterable[bool] | None = ..., dcomplex_val: _Iterable[float] | None = ..., half_val: _Iterable[int] | None = ..., resource_handle_val: _Iterable[ResourceHandleProto] | None = ..., variant_val: _Iterable[VariantTensorDataProto] | None = ..., uint32_val: _Iterable[int] | None = ..., uint64_val: _Iterable[int] | None = ..., float8_val: bytes | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["tensor_shape"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["dtype", "tensor_shape", "version_number", "tensor_content", "float_val", "double_val", "int_val", "string_val", "scomplex_val", "int64_val", "bool_val", "dcomplex_val", "half_val", "resource_handle_val", "variant_val", "uint32_val", "uint64_val", "float8_val"]) -> None: ...

class VariantTensorDataProto(_Message):
    TYPE_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    METADATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    TENSORS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    type_name: str
    metadata: bytes
    @property
    def tensors(self) -> _RepeatedComposite[TensorProto]: ...
    def __init__(self, *, type_name: str | None = ..., metadata: bytes | None = ..., tensors: _Iterable[TensorProto] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["type_name", "metadata", "tensors"]) -> None: ...

class ResourceHandleProto(_Message):
    class DtypeAndShape(_Message):
        DTYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        dtype: int
        @property
        def shape(self) -> TensorShapeProto: ...
        def __init__(self, *, dtype: int | None = ..., shape: TensorShapeProto | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["shape"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["dtype", "shape"]) -> None: ...
    DEVICE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    CONTAINER_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    HASH_CODE_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    MAYBE_TYPE_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    DTYPES_AND_SHAPES_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    device: str
    container: str
    name: str
    hash_code: int
    maybe_type_name: str
    @property
    def dtypes_and_shapes(self) -> _RepeatedComposite[ResourceHandleProto.DtypeAndShape]: ...
    def __init__(self, *, device: str | None = ..., container: str | None = ..., name: str | None = ..., hash_code: int | None = ..., maybe_type_name: str | None = ..., dtypes_and_shapes: _Iterable[ResourceHandleProto.DtypeAndShape] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["device", "container", "name", "hash_code", "maybe_type_name", "dtypes_and_shapes"]) -> None: ...

class NamedTensorProto(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TENSOR_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    @property
    def tensor(self) -> TensorProto: ...
    def __init__(self, *, name: str | None = ..., tensor: TensorProto | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["tensor"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "tensor"]) -> None: ...

class AttrValue(_Message):
    class ListValue(_Message):
        S_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        I_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        F_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        B_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
        SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
        TENSOR_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
        FUNC_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
        @property
        def s(self) -> _RepeatedScalar[bytes]: ...
        @property
        def i(self) -> _RepeatedScalar[int]: ...
        @property
        def f(self) -> _RepeatedScalar[float]: ...
        @property
        def b(self) -> _RepeatedScalar[bool]: ...
        @property
        def type(self) -> _RepeatedScalar[int]: ...
        @property
        def shape(self) -> _RepeatedComposite[TensorShapeProto]: ...
        @property
        def tensor(self) -> _RepeatedComposite[TensorProto]: ...
        @property
        def func(self) -> _RepeatedComposite[NameAttrList]: ...
        def __init__(self, *, s: _Iterable[bytes] | None = ..., i: _Iterable[int] | None = ..., f: _Iterable[float] | None = ..., b: _Iterable[bool] | None = ..., type: _Iterable[int] | None = ..., shape: _Iterable[TensorShapeProto] | None = ..., tensor: _Iterable[TensorProto] | None = ..., func: _Iterable[NameAttrList] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["s", "i", "f", "b", "type", "shape", "tensor", "func"]) -> None: ...
    LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    S_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    I_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    F_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    B_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    TENSOR_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    PLACEHOLDER_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    FUNC_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    @property
    def list(self) -> AttrValue.ListValue: ...
    s: bytes
    i: int
    f: float
    b: bool
    type: int
    @property
    def shape(self) -> TensorShapeProto: ...
    @property
    def tensor(self) -> TensorProto: ...
    placeholder: str
    @property
    def func(self) -> NameAttrList: ...
    def __init__(self, *, list: AttrValue.ListValue | None = ..., s: bytes | None = ..., i: int | None = ..., f: float | None = ..., b: bool | None = ..., type: int | None = ..., shape: TensorShapeProto | None = ..., tensor: TensorProto | None = ..., placeholder: str | None = ..., func: NameAttrList | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["list", "s", "i", "f", "b", "type", "shape", "tensor", "placeholder", "func", "value"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["list", "s", "i", "f", "b", "type", "shape", "tensor", "placeholder", "func", "value"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["value"]) -> _t.Literal["list", "s", "i", "f", "b", "type", "shape", "tensor", "placeholder", "func"] | None: ...

class NameAttrList(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    @property
    def attr(self) -> _MessageMap[str, AttrValue]: ...
    def __init__(self, *, name: str | None = ..., attr: _Mapping[str, AttrValue] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "attr"]) -> None: ...

class _FullTypeIdEnum(_EnumTypeWrapper):
    TFT_UNSET: int
    TFT_VAR: int
    TFT_ANY: int
    TFT_PRODUCT: int
    TFT_NAMED: int
    TFT_FOR_EACH: int
    TFT_CALLABLE: int
    TFT_BOOL: int
    TFT_UINT8: int
    TFT_UINT16: int
    TFT_UINT32: int
    TFT_UINT64: int
    TFT_INT8: int
    TFT_INT16: int
    TFT_INT32: int
    TFT_INT64: int
    TFT_HALF: int
    TFT_FLOAT: int
    TFT_DOUBLE: int
    TFT_COMPLEX64: int
    TFT_COMPLEX128: int
    TFT_STRING: int
    TFT_BFLOAT16: int
    TFT_TENSOR: int
    TFT_ARRAY: int
    TFT_OPTIONAL: int
    TFT_LITERAL: int
    TFT_ENCODED: int
    TFT_SHAPE_TENSOR: int
    TFT_DATASET: int
    TFT_RAGGED: int
    TFT_ITERATOR: int
    TFT_MUTEX_LOCK: int
    TFT_LEGACY_VARIANT: int
FullTypeId: _FullTypeIdEnum

class FullTypeDef(_Message):
    TYPE_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    ARGS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    S_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    I_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    type_id: int
    @property
    def args(self) -> _RepeatedComposite[FullTypeDef]: ...
    s: str
    i: int
    def __init__(self, *, type_id: int | None = ..., args: _Iterable[FullTypeDef] | None = ..., s: str | None = ..., i: int | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["s", "i", "attr"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["type_id", "args", "s", "i", "attr"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["attr"]) -> _t.Literal["s", "i"] | None: ...

class GraphDebugInfo(_Message):
    class FileLineCol(_Message):
        FILE_INDEX_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        LINE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        COL_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        FUNC_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        CODE_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        file_index: int
        line: int
        col: int
        func: str
        code: str
        def __init__(self, *, file_index: int | None = ..., line: int | None = ..., col: int | None = ..., func: str | None = ..., code: str | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["file_index", "line", "col", "func", "code"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["file_index", "line", "col", "func", "code"]) -> None: ...
    class StackTrace(_Message):
        FILE_LINE_COLS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        FRAME_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        @property
        def file_line_cols(self) -> _RepeatedComposite[GraphDebugInfo.FileLineCol]: ...
        @property
        def frame_id(self) -> _RepeatedScalar[int]: ...
        def __init__(self, *, file_line_cols: _Iterable[GraphDebugInfo.FileLineCol] | None = ..., frame_id: _Iterable[int] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["file_line_cols", "frame_id"]) -> None: ...
    FILES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TRACES_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    FRAMES_BY_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    NAME_TO_TRACE_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    TRACES_BY_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    @property
    def files(self) -> _RepeatedScalar[str]: ...
    @property
    def traces(self) -> _MessageMap[str, GraphDebugInfo.StackTrace]: ...
    @property
    def frames_by_id(self) -> _MessageMap[int, GraphDebugInfo.FileLineCol]: ...
    @property
    def name_to_trace_id(self) -> _ScalarMap[str, int]: ...
    @property
    def traces_by_id(self) -> _MessageMap[int, GraphDebugInfo.StackTrace]: ...
    def __init__(self, *, files: _Iterable[str] | None = ..., traces: _Mapping[str, GraphDebugInfo.StackTrace] | None = ..., frames_by_id: _Mapping[int, GraphDebugInfo.FileLineCol] | None = ..., name_to_trace_id: _Mapping[str, int] | None = ..., traces_by_id: _Mapping[int, GraphDebugInfo.StackTrace] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["files", "traces", "frames_by_id", "name_to_trace_id", "traces_by_id"]) -> None: ...

class OpList(_Message):
    OP_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def op(self) -> _RepeatedComposite[OpDef]: ...
    def __init__(self, *, op: _Iterable[OpDef] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["op"]) -> None: ...

class OpDef(_Message):
    class ArgDef(_Message):
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        DESCRIPTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        TYPE_ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        NUMBER_ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        TYPE_LIST_ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
        HANDLE_DATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
        IS_REF_FIELD_NUMBER: _t.ClassVar[_t.Literal[16]]
        EXPERIMENTAL_FULL_TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[17]]
        name: str
        description: str
        type: int
        type_attr: str
        number_attr: str
        type_list_attr: str
        @property
        def handle_data(self) -> _RepeatedComposite[ResourceHandleProto.DtypeAndShape]: ...
        is_ref: bool
        @property
        def experimental_full_type(self) -> FullTypeDef: ...
        def __init__(self, *, name: str | None = ..., description: str | None = ..., type: int | None = ..., type_attr: str | None = ..., number_attr: str | None = ..., type_list_attr: str | None = ..., handle_data: _Iterable[ResourceHandleProto.DtypeAndShape] | None = ..., is_ref: bool | None = ..., experimental_full_type: FullTypeDef | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["experimental_full_type"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["name", "description", "type", "type_attr", "number_attr", "type_list_attr", "handle_data", "is_ref", "experimental_full_type"]) -> None: ...
    class AttrDef(_Message):
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        DEFAULT_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        DESCRIPTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        HAS_MINIMUM_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        MINIMUM_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
        ALLOWED_VALUES_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
        name: str
        type: str
        @property
        def default_value(self) -> AttrValue: ...
        description: str
        has_minimum: bool
        minimum: int
        @property
        def allowed_values(self) -> AttrValue: ...
        def __init__(self, *, name: str | None = ..., type: str | None = ..., default_value: AttrValue | None = ..., description: str | None = ..., has_minimum: bool | None = ..., minimum: int | None = ..., allowed_values: AttrValue | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["default_value", "allowed_values"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["name", "type", "default_value", "description", "has_minimum", "minimum", "allowed_values"]) -> None: ...
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INPUT_ARG_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    OUTPUT_ARG_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    SUMMARY_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    DESCRIPTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    DEPRECATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    IS_AGGREGATE_FIELD_NUMBER: _t.ClassVar[_t.Literal[16]]
    IS_STATEFUL_FIELD_NUMBER: _t.ClassVar[_t.Literal[17]]
    IS_COMMUTATIVE_FIELD_NUMBER: _t.ClassVar[_t.Literal[18]]
    ALLOWS_UNINITIALIZED_INPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[19]]
    CONTROL_OUTPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[20]]
    IS_DISTRIBUTED_COMMUNICATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[21]]
    name: str
    @property
    def input_arg(self) -> _RepeatedComposite[OpDef.ArgDef]: ...
    @property
    def output_arg(self) -> _RepeatedComposite[OpDef.ArgDef]: ...
    @property
    def attr(self) -> _RepeatedComposite[OpDef.AttrDef]: ...
    summary: str
    description: str
    @property
    def deprecation(self) -> OpDeprecation: ...
    is_aggregate: bool
    is_stateful: bool
    is_commutative: bool
    allows_uninitialized_input: bool
    @property
    def control_output(self) -> _RepeatedScalar[str]: ...
    is_distributed_communication: bool
    def __init__(self, *, name: str | None = ..., input_arg: _Iterable[OpDef.ArgDef] | None = ..., output_arg: _Iterable[OpDef.ArgDef] | None = ..., attr: _Iterable[OpDef.AttrDef] | None = ..., summary: str | None = ..., description: str | None = ..., deprecation: OpDeprecation | None = ..., is_aggregate: bool | None = ..., is_stateful: bool | None = ..., is_commutative: bool | None = ..., allows_uninitialized_input: bool | None = ..., control_output: _Iterable[str] | None = ..., is_distributed_communication: bool | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["deprecation"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "input_arg", "output_arg", "attr", "summary", "description", "deprecation", "is_aggregate", "is_stateful", "is_commutative", "allows_uninitialized_input", "control_output", "is_distributed_communication"]) -> None: ...

class OpDeprecation(_Message):
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    EXPLANATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    version: int
    explanation: str
    def __init__(self, *, version: int | None = ..., explanation: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["version", "explanation"]) -> None: ...

class GraphDef(_Message):
    NODE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    LIBRARY_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    VERSIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    DEBUG_INFO_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    @property
    def node(self) -> _RepeatedComposite[NodeDef]: ...
    @property
    def library(self) -> FunctionDefLibrary: ...
    version: int
    @property
    def versions(self) -> VersionDef: ...
    @property
    def debug_info(self) -> GraphDebugInfo: ...
    def __init__(self, *, node: _Iterable[NodeDef] | None = ..., library: FunctionDefLibrary | None = ..., version: int | None = ..., versions: VersionDef | None = ..., debug_info: GraphDebugInfo | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["library", "versions", "debug_info"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["node", "library", "version", "versions", "debug_info"]) -> None: ...

class VersionDef(_Message):
    PRODUCER_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MIN_CONSUMER_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    BAD_CONSUMERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    producer: int
    min_consumer: int
    @property
    def bad_consumers(self) -> _RepeatedScalar[int]: ...
    def __init__(self, *, producer: int | None = ..., min_consumer: int | None = ..., bad_consumers: _Iterable[int] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["producer", "min_consumer", "bad_consumers"]) -> None: ...

class NodeDef(_Message):
    class ExperimentalDebugInfo(_Message):
        ORIGINAL_NODE_NAMES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        ORIGINAL_FUNC_NAMES_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        @property
        def original_node_names(self) -> _RepeatedScalar[str]: ...
        @property
        def original_func_names(self) -> _RepeatedScalar[str]: ...
        def __init__(self, *, original_node_names: _Iterable[str] | None = ..., original_func_names: _Iterable[str] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["original_node_names", "original_func_names"]) -> None: ...
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    OP_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    INPUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    DEVICE_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    EXPERIMENTAL_DEBUG_INFO_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    EXPERIMENTAL_TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    name: str
    op: str
    @property
    def input(self) -> _RepeatedScalar[str]: ...
    device: str
    @property
    def attr(self) -> _MessageMap[str, AttrValue]: ...
    @property
    def experimental_debug_info(self) -> NodeDef.ExperimentalDebugInfo: ...
    @property
    def experimental_type(self) -> FullTypeDef: ...
    def __init__(self, *, name: str | None = ..., op: str | None = ..., input: _Iterable[str] | None = ..., device: str | None = ..., attr: _Mapping[str, AttrValue] | None = ..., experimental_debug_info: NodeDef.ExperimentalDebugInfo | None = ..., experimental_type: FullTypeDef | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["experimental_debug_info", "experimental_type"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "op", "input", "device", "attr", "experimental_debug_info", "experimental_type"]) -> None: ...

class FunctionDefLibrary(_Message):
    FUNCTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    GRADIENT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    REGISTERED_GRADIENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    @property
    def function(self) -> _RepeatedComposite[FunctionDef]: ...
    @property
    def gradient(self) -> _RepeatedComposite[GradientDef]: ...
    @property
    def registered_gradients(self) -> _RepeatedComposite[RegisteredGradient]: ...
    def __init__(self, *, function: _Iterable[FunctionDef] | None = ..., gradient: _Iterable[GradientDef] | None = ..., registered_gradients: _Iterable[RegisteredGradient] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["function", "gradient", "registered_gradients"]) -> None: ...

class FunctionDef(_Message):
    class ArgAttrs(_Message):
        ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        @property
        def attr(self) -> _MessageMap[str, AttrValue]: ...
        def __init__(self, *, attr: _Mapping[str, AttrValue] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["attr"]) -> None: ...
    SIGNATURE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    NODE_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    RET_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    CONTROL_RET_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    ARG_ATTR_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    RESOURCE_ARG_UNIQUE_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    @property
    def signature(self) -> OpDef: ...
    @property
    def node_def(self) -> _RepeatedComposite[NodeDef]: ...
    @property
    def ret(self) -> _ScalarMap[str, str]: ...
    @property
    def attr(self) -> _MessageMap[str, AttrValue]: ...
    @property
    def control_ret(self) -> _ScalarMap[str, str]: ...
    @property
    def arg_attr(self) -> _MessageMap[int, FunctionDef.ArgAttrs]: ...
    @property
    def resource_arg_unique_id(self) -> _ScalarMap[int, int]: ...
    def __init__(self, *, signature: OpDef | None = ..., node_def: _Iterable[NodeDef] | None = ..., ret: _Mapping[str, str] | None = ..., attr: _Mapping[str, AttrValue] | None = ..., control_ret: _Mapping[str, str] | None = ..., arg_attr: _Mapping[int, FunctionDef.ArgAttrs] | None = ..., resource_arg_unique_id: _Mapping[int, int] | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["signature"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["signature", "node_def", "ret", "attr", "control_ret", "arg_attr", "resource_arg_unique_id"]) -> None: ...

class GradientDef(_Message):
    FUNCTION_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    GRADIENT_FUNC_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    function_name: str
    gradient_func: str
    def __init__(self, *, function_name: str | None = ..., gradient_func: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["function_name", "gradient_func"]) -> None: ...

class RegisteredGradient(_Message):
    GRADIENT_FUNC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    REGISTERED_OP_TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    gradient_func: str
    registered_op_type: str
    def __init__(self, *, gradient_func: str | None = ..., registered_op_type: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["gradient_func", "registered_op_type"]) -> None: ...

class StructuredValue(_Message):
    NONE_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    FLOAT64_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
    INT64_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
    STRING_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
    BOOL_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
    TENSOR_SHAPE_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[31]]
    TENSOR_DTYPE_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[32]]
    TENSOR_SPEC_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[33]]
    TYPE_SPEC_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[34]]
    BOUNDED_TENSOR_SPEC_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[35]]
    LIST_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[51]]
    TUPLE_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[52]]
    DICT_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[53]]
    NAMED_TUPLE_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[54]]
    TENSOR_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[55]]
    NUMPY_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[56]]
    @property
    def none_value(self) -> NoneValue: ...
    float64_value: float
    int64_value: int
    string_value: str
    bool_value: bool
    @property
    def tensor_shape_value(self) -> TensorShapeProto: ...
    tensor_dtype_value: int
    @property
    def tensor_spec_value(self) -> TensorSpecProto: ...
    @property
    def type_spec_value(self) -> TypeSpecProto: ...
    @property
    def bounded_tensor_spec_value(self) -> BoundedTensorSpecProto: ...
    @property
    def list_value(self) -> ListValue: ...
    @property
    def tuple_value(self) -> TupleValue: ...
    @property
    def dict_value(self) -> DictValue: ...
    @property
    def named_tuple_value(self) -> NamedTupleValue: ...
    @property
    def tensor_value(self) -> TensorProto: ...
    @property
    def numpy_value(self) -> TensorProto: ...
    def __init__(self, *, none_value: NoneValue | None = ..., float64_value: float | None = ..., int64_value: int | None = ..., string_value: str | None = ..., bool_value: bool | None = ..., tensor_shape_value: TensorShapeProto | None = ..., tensor_dtype_value: int | None = ..., tensor_spec_value: TensorSpecProto | None = ..., type_spec_value: TypeSpecProto | None = ..., bounded_tensor_spec_value: BoundedTensorSpecProto | None = ..., list_value: ListValue | None = ..., tuple_value: TupleValue | None = ..., dict_value: DictValue | None = ..., named_tuple_value: NamedTupleValue | None = ..., tensor_value: TensorProto | None = ..., numpy_value: TensorProto | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["none_value", "float64_value", "int64_value", "string_value", "bool_value", "tensor_shape_value", "tensor_dtype_value", "tensor_spec_value", "type_spec_value", "bounded_tensor_spec_value", "list_value", "tuple_value", "dict_value", "named_tuple_value", "tensor_value", "numpy_value", "kind"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["none_value", "float64_value", "int64_value", "string_value", "bool_value", "tensor_shape_value", "tensor_dtype_value", "tensor_spec_value", "type_spec_value", "bounded_tensor_spec_value", "list_value", "tuple_value", "dict_value", "named_tuple_value", "tensor_value", "numpy_value", "kind"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["kind"]) -> _t.Literal["none_value", "float64_value", "int64_value", "string_value", "bool_value", "tensor_shape_value", "tensor_dtype_value", "tensor_spec_value", "type_spec_value", "bounded_tensor_spec_value", "list_value", "tuple_value", "dict_value", "named_tuple_value", "tensor_value", "numpy_value"] | None: ...

class NoneValue(_Message):
    ...

class ListValue(_Message):
    VALUES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def values(self) -> _RepeatedComposite[StructuredValue]: ...
    def __init__(self, *, values: _Iterable[StructuredValue] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["values"]) -> None: ...

class TupleValue(_Message):
    VALUES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def values(self) -> _RepeatedComposite[StructuredValue]: ...
    def __init__(self, *, values: _Iterable[StructuredValue] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["values"]) -> None: ...

class DictValue(_Message):
    FIELDS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def fields(self) -> _MessageMap[str, StructuredValue]: ...
    def __init__(self, *, fields: _Mapping[str, StructuredValue] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["fields"]) -> None: ...

class PairValue(_Message):
    KEY_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    key: str
    @property
    def value(self) -> StructuredValue: ...
    def __init__(self, *, key: str | None = ..., value: StructuredValue | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["value"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["key", "value"]) -> None: ...

class NamedTupleValue(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VALUES_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    @property
    def values(self) -> _RepeatedComposite[PairValue]: ...
    def __init__(self, *, name: str | None = ..., values: _Iterable[PairValue] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "values"]) -> None: ...

class TensorSpecProto(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    DTYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    name: str
    @property
    def shape(self) -> TensorShapeProto: ...
    dtype: int
    def __init__(self, *, name: str | None = ..., shape: TensorShapeProto | None = ..., dtype: int | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["shape"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "shape", "dtype"]) -> None: ...

class BoundedTensorSpecProto(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    DTYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    MINIMUM_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    MAXIMUM_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    name: str
    @property
    def shape(self) -> TensorShapeProto: ...
    dtype: int
    @property
    def minimum(self) -> TensorProto: ...
    @property
    def maximum(self) -> TensorProto: ...
    def __init__(self, *, name: str | None = ..., shape: TensorShapeProto | None = ..., dtype: int | None = ..., minimum: TensorProto | None = ..., maximum: TensorProto | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["shape", "minimum", "maximum"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "shape", "dtype", "minimum", "maximum"]) -> None: ...

class TypeSpecProto(_Message):
    class _TypeSpecClassEnum(_EnumTypeWrapper):
        UNKNOWN: int
        SPARSE_TENSOR_SPEC: int
        INDEXED_SLICES_SPEC: int
        RAGGED_TENSOR_SPEC: int
        TENSOR_ARRAY_SPEC: int
        DATA_DATASET_SPEC: int
        DATA_ITERATOR_SPEC: int
        OPTIONAL_SPEC: int
        PER_REPLICA_SPEC: int
        VARIABLE_SPEC: int
        ROW_PARTITION_SPEC: int
        REGISTERED_TYPE_SPEC: int
        EXTENSION_TYPE_SPEC: int
    TypeSpecClass: _t.ClassVar[_TypeSpecClassEnum]
    UNKNOWN: _t.ClassVar[int]
    SPARSE_TENSOR_SPEC: _t.ClassVar[int]
    INDEXED_SLICES_SPEC: _t.ClassVar[int]
    RAGGED_TENSOR_SPEC: _t.ClassVar[int]
    TENSOR_ARRAY_SPEC: _t.ClassVar[int]
    DATA_DATASET_SPEC: _t.ClassVar[int]
    DATA_ITERATOR_SPEC: _t.ClassVar[int]
    OPTIONAL_SPEC: _t.ClassVar[int]
    PER_REPLICA_SPEC: _t.ClassVar[int]
    VARIABLE_SPEC: _t.ClassVar[int]
    ROW_PARTITION_SPEC: _t.ClassVar[int]
    REGISTERED_TYPE_SPEC: _t.ClassVar[int]
    EXTENSION_TYPE_SPEC: _t.ClassVar[int]
    TYPE_SPEC_CLASS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TYPE_STATE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    TYPE_SPEC_CLASS_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    NUM_FLAT_COMPONENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    type_spec_class: int
    @property
    def type_state(self) -> StructuredValue: ...
    type_spec_class_name: str
    num_flat_components: int
    def __init__(self, *, type_spec_class: int | None = ..., type_state: StructuredValue | None = ..., type_spec_class_name: str | None = ..., num_flat_components: int | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["type_state"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["type_spec_class", "type_state", "type_spec_class_name", "num_flat_components"]) -> None: ...

class TrackableObjectGraph(_Message):
    class TrackableObject(_Message):
        class ObjectReference(_Message):
            NODE_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            LOCAL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
            node_id: int
            local_name: str
            def __init__(self, *, node_id: int | None = ..., local_name: str | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["node_id", "local_name"]) -> None: ...
        class SerializedTensor(_Message):
            NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            FULL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
            CHECKPOINT_KEY_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
            name: str
            full_name: str
            checkpoint_key: str
            def __init__(self, *, name: str | None = ..., full_name: str | None = ..., checkpoint_key: str | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["name", "full_name", "checkpoint_key"]) -> None: ...
        class SlotVariableReference(_Message):
            ORIGINAL_VARIABLE_NODE_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            SLOT_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
            SLOT_VARIABLE_NODE_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
            original_variable_node_id: int
            slot_name: str
            slot_variable_node_id: int
            def __init__(self, *, original_variable_node_id: int | None = ..., slot_name: str | None = ..., slot_variable_node_id: int | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["original_variable_node_id", "slot_name", "slot_variable_node_id"]) -> None: ...
        CHILDREN_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        ATTRIBUTES_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        SLOT_VARIABLES_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        REGISTERED_SAVER_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        HAS_CHECKPOINT_VALUES_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        @property
        def children(self) -> _RepeatedComposite[TrackableObjectGraph.TrackableObject.ObjectReference]: ...
        @property
        def attributes(self) -> _RepeatedComposite[TrackableObjectGraph.TrackableObject.SerializedTensor]: ...
        @property
        def slot_variables(self) -> _RepeatedComposite[TrackableObjectGraph.TrackableObject.SlotVariableReference]: ...
        @property
        def registered_saver(self) -> RegisteredSaver: ...
        @property
        def has_checkpoint_values(self) -> BoolValue: ...
        def __init__(self, *, children: _Iterable[TrackableObjectGraph.TrackableObject.ObjectReference] | None = ..., attributes: _Iterable[TrackableObjectGraph.TrackableObject.SerializedTensor] | None = ..., slot_variables: _Iterable[TrackableObjectGraph.TrackableObject.SlotVariableReference] | None = ..., registered_saver: RegisteredSaver | None = ..., has_checkpoint_values: BoolValue | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["registered_saver", "has_checkpoint_values"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["children", "attributes", "slot_variables", "registered_saver", "has_checkpoint_values"]) -> None: ...
    NODES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def nodes(self) -> _RepeatedComposite[TrackableObjectGraph.TrackableObject]: ...
    def __init__(self, *, nodes: _Iterable[TrackableObjectGraph.TrackableObject] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["nodes"]) -> None: ...

class RegisteredSaver(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    OBJECT_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    object_name: str
    def __init__(self, *, name: str | None = ..., object_name: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "object_name"]) -> None: ...

class _VariableSynchronizationEnum(_EnumTypeWrapper):
    VARIABLE_SYNCHRONIZATION_AUTO: int
    VARIABLE_SYNCHRONIZATION_NONE: int
    VARIABLE_SYNCHRONIZATION_ON_WRITE: int
    VARIABLE_SYNCHRONIZATION_ON_READ: int
VariableSynchronization: _VariableSynchronizationEnum

class _VariableAggregationEnum(_EnumTypeWrapper):
    VARIABLE_AGGREGATION_NONE: int
    VARIABLE_AGGREGATION_SUM: int
    VARIABLE_AGGREGATION_MEAN: int
    VARIABLE_AGGREGATION_ONLY_FIRST_REPLICA: int
VariableAggregation: _VariableAggregationEnum

class SavedObjectGraph(_Message):
    NODES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    CONCRETE_FUNCTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def nodes(self) -> _RepeatedComposite[SavedObject]: ...
    @property
    def concrete_functions(self) -> _MessageMap[str, SavedConcreteFunction]: ...
    def __init__(self, *, nodes: _Iterable[SavedObject] | None = ..., concrete_functions: _Mapping[str, SavedConcreteFunction] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["nodes", "concrete_functions"]) -> None: ...

class SavedObject(_Message):
    CHILDREN_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SLOT_VARIABLES_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    USER_OBJECT_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    ASSET_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    FUNCTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    VARIABLE_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    BARE_CONCRETE_FUNCTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    CONSTANT_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    RESOURCE_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    CAPTURED_TENSOR_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
    SAVEABLE_OBJECTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
    REGISTERED_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
    SERIALIZED_USER_PROTO_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
    DEPENDENCIES_FIELD_NUMBER: _t.ClassVar[_t.Literal[15]]
    REGISTERED_SAVER_FIELD_NUMBER: _t.ClassVar[_t.Literal[16]]
    @property
    def children(self) -> _RepeatedComposite[TrackableObjectGraph.TrackableObject.ObjectReference]: ...
    @property
    def slot_variables(self) -> _RepeatedComposite[TrackableObjectGraph.TrackableObject.SlotVariableReference]: ...
    @property
    def user_object(self) -> SavedUserObject: ...
    @property
    def asset(self) -> SavedAsset: ...
    @property
    def function(self) -> SavedFunction: ...
    @property
    def variable(self) -> SavedVariable: ...
    @property
    def bare_concrete_function(self) -> SavedBareConcreteFunction: ...
    @property
    def constant(self) -> SavedConstant: ...
    @property
    def resource(self) -> SavedResource: ...
    @property
    def captured_tensor(self) -> CapturedTensor: ...
    @property
    def saveable_objects(self) -> _MessageMap[str, SaveableObject]: ...
    registered_name: str
    @property
    def serialized_user_proto(self) -> Any: ...
    @property
    def dependencies(self) -> _RepeatedComposite[TrackableObjectGraph.TrackableObject.ObjectReference]: ...
    registered_saver: str
    def __init__(self, *, children: _Iterable[TrackableObjectGraph.TrackableObject.ObjectReference] | None = ..., slot_variables: _Iterable[TrackableObjectGraph.TrackableObject.SlotVariableReference] | None = ..., user_object: SavedUserObject | None = ..., asset: SavedAsset | None = ..., function: SavedFunction | None = ..., variable: SavedVariable | None = ..., bare_concrete_function: SavedBareConcreteFunction | None = ..., constant: SavedConstant | None = ..., resource: SavedResource | None = ..., captured_tensor: CapturedTensor | None = ..., saveable_objects: _Mapping[str, SaveableObject] | None = ..., registered_name: str | None = ..., serialized_user_proto: Any | None = ..., dependencies: _Iterable[TrackableObjectGraph.TrackableObject.ObjectReference] | None = ..., registered_saver: str | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["user_object", "asset", "function", "variable", "bare_concrete_function", "constant", "resource", "captured_tensor", "serialized_user_proto", "kind"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["children", "slot_variables", "user_object", "asset", "function", "variable", "bare_concrete_function", "constant", "resource", "captured_tensor", "saveable_objects", "registered_name", "serialized_user_proto", "dependencies", "registered_saver", "kind"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["kind"]) -> _t.Literal["user_object", "asset", "function", "variable", "bare_concrete_function", "constant", "resource", "captured_tensor"] | None: ...

class SavedUserObject(_Message):
    IDENTIFIER_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    METADATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    identifier: str
    @property
    def version(self) -> VersionDef: ...
    metadata: str
    def __init__(self, *, identifier: str | None = ..., version: VersionDef | None = ..., metadata: str | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["version"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["identifier", "version", "metadata"]) -> None: ...

class SavedAsset(_Message):
    ASSET_FILE_DEF_INDEX_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    asset_file_def_index: int
    def __init__(self, *, asset_file_def_index: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["asset_file_def_index"]) -> None: ...

class SavedFunction(_Message):
    CONCRETE_FUNCTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    FUNCTION_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def concrete_functions(self) -> _RepeatedScalar[str]: ...
    @property
    def function_spec(self) -> FunctionSpec: ...
    def __init__(self, *, concrete_functions: _Iterable[str] | None = ..., function_spec: FunctionSpec | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["function_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["concrete_functions", "function_spec"]) -> None: ...

class SavedConcreteFunction(_Message):
    BOUND_INPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    CANONICALIZED_INPUT_SIGNATURE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    OUTPUT_SIGNATURE_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    @property
    def bound_inputs(self) -> _RepeatedScalar[int]: ...
    @property
    def canonicalized_input_signature(self) -> StructuredValue: ...
    @property
    def output_signature(self) -> StructuredValue: ...
    def __init__(self, *, bound_inputs: _Iterable[int] | None = ..., canonicalized_input_signature: StructuredValue | None = ..., output_signature: StructuredValue | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["canonicalized_input_signature", "output_signature"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["bound_inputs", "canonicalized_input_signature", "output_signature"]) -> None: ...

class SavedBareConcreteFunction(_Message):
    CONCRETE_FUNCTION_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    ARGUMENT_KEYWORDS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    ALLOWED_POSITIONAL_ARGUMENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    FUNCTION_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    concrete_function_name: str
    @property
    def argument_keywords(self) -> _RepeatedScalar[str]: ...
    allowed_positional_arguments: int
    @property
    def function_spec(self) -> FunctionSpec: ...
    def __init__(self, *, concrete_function_name: str | None = ..., argument_keywords: _Iterable[str] | None = ..., allowed_positional_arguments: int | None = ..., function_spec: FunctionSpec | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["function_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["concrete_function_name", "argument_keywords", "allowed_positional_arguments", "function_spec"]) -> None: ...

class FunctionSpec(_Message):
    class _JitCompileEnum(_EnumTypeWrapper):
        DEFAULT: int
        ON: int
        OFF: int
    JitCompile: _t.ClassVar[_JitCompileEnum]
    DEFAULT: _t.ClassVar[int]
    ON: _t.ClassVar[int]
    OFF: _t.ClassVar[int]
    FULLARGSPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    IS_METHOD_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    INPUT_SIGNATURE_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    JIT_COMPILE_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    @property
    def fullargspec(self) -> StructuredValue: ...
    is_method: bool
    @property
    def input_signature(self) -> StructuredValue: ...
    jit_compile: int
    def __init__(self, *, fullargspec: StructuredValue | None = ..., is_method: bool | None = ..., input_signature: StructuredValue | None = ..., jit_compile: int | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["fullargspec", "input_signature"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["fullargspec", "is_method", "input_signature", "jit_compile"]) -> None: ...

class SavedVariable(_Message):
    DTYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    TRAINABLE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    SYNCHRONIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    AGGREGATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    DEVICE_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    EXPERIMENTAL_DISTRIBUTED_VARIABLE_COMPONENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    dtype: int
    @property
    def shape(self) -> TensorShapeProto: ...
    trainable: bool
    synchronization: int
    aggregation: int
    name: str
    device: str
    @property
    def experimental_distributed_variable_components(self) -> _RepeatedComposite[SavedVariable]: ...
    def __init__(self, *, dtype: int | None = ..., shape: TensorShapeProto | None = ..., trainable: bool | None = ..., synchronization: int | None = ..., aggregation: int | None = ..., name: str | None = ..., device: str | None = ..., experimental_distributed_variable_components: _Iterable[SavedVariable] | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["shape"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["dtype", "shape", "trainable", "synchronization", "aggregation", "name", "device", "experimental_distributed_variable_components"]) -> None: ...

class SavedConstant(_Message):
    OPERATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    operation: str
    def __init__(self, *, operation: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["operation"]) -> None: ...

class SavedResource(_Message):
    DEVICE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    device: str
    def __init__(self, *, device: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["device"]) -> None: ...

class CapturedTensor(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    CONCRETE_FUNCTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    concrete_function: str
    def __init__(self, *, name: str | None = ..., concrete_function: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "concrete_function"]) -> None: ...

class SaveableObject(_Message):
    SAVE_FUNCTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    RESTORE_FUNCTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    save_function: int
    restore_function: int
    def __init__(self, *, save_function: int | None = ..., restore_function: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["save_function", "restore_function"]) -> None: ...

class SavedModel(_Message):
    SAVED_MODEL_SCHEMA_VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    META_GRAPHS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    saved_model_schema_version: int
    @property
    def meta_graphs(self) -> _RepeatedComposite[MetaGraphDef]: ...
    def __init__(self, *, saved_model_schema_version: int | None = ..., meta_graphs: _Iterable[MetaGraphDef] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["saved_model_schema_version", "meta_graphs"]) -> None: ...

class MetaGraphDef(_Message):
    class MetaInfoDef(_Message):
        META_GRAPH_VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        STRIPPED_OP_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        ANY_INFO_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        TAGS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        TENSORFLOW_VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        TENSORFLOW_GIT_VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
        STRIPPED_DEFAULT_ATTRS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
        FUNCTION_ALIASES_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
        meta_graph_version: str
        @property
        def stripped_op_list(self) -> OpList: ...
        @property
        def any_info(self) -> Any: ...
        @property
        def tags(self) -> _RepeatedScalar[str]: ...
        tensorflow_version: str
        tensorflow_git_version: str
        stripped_default_attrs: bool
        @property
        def function_aliases(self) -> _ScalarMap[str, str]: ...
        def __init__(self, *, meta_graph_version: str | None = ..., stripped_op_list: OpList | None = ..., any_info: Any | None = ..., tags: _Iterable[str] | None = ..., tensorflow_version: str | None = ..., tensorflow_git_version: str | None = ..., stripped_default_attrs: bool | None = ..., function_aliases: _Mapping[str, str] | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["stripped_op_list", "any_info"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["meta_graph_version", "stripped_op_list", "any_info", "tags", "tensorflow_version", "tensorflow_git_version", "stripped_default_attrs", "function_aliases"]) -> None: ...
    META_INFO_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    GRAPH_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    SAVER_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    COLLECTION_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    SIGNATURE_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    ASSET_FILE_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    OBJECT_GRAPH_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    @property
    def meta_info_def(self) -> MetaGraphDef.MetaInfoDef: ...
    @property
    def graph_def(self) -> GraphDef: ...
    @property
    def saver_def(self) -> SaverDef: ...
    @property
    def collection_def(self) -> _MessageMap[str, CollectionDef]: ...
    @property
    def signature_def(self) -> _MessageMap[str, SignatureDef]: ...
    @property
    def asset_file_def(self) -> _RepeatedComposite[AssetFileDef]: ...
    @property
    def object_graph_def(self) -> SavedObjectGraph: ...
    def __init__(self, *, meta_info_def: MetaGraphDef.MetaInfoDef | None = ..., graph_def: GraphDef | None = ..., saver_def: SaverDef | None = ..., collection_def: _Mapping[str, CollectionDef] | None = ..., signature_def: _Mapping[str, SignatureDef] | None = ..., asset_file_def: _Iterable[AssetFileDef] | None = ..., object_graph_def: SavedObjectGraph | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["meta_info_def", "graph_def", "saver_def", "object_graph_def"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["meta_info_def", "graph_def", "saver_def", "collection_def", "signature_def", "asset_file_def", "object_graph_def"]) -> None: ...

class SignatureDef(_Message):
    INPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    OUTPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    METHOD_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    DEFAULTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    @property
    def inputs(self) -> _MessageMap[str, TensorInfo]: ...
    @property
    def outputs(self) -> _MessageMap[str, TensorInfo]: ...
    method_name: str
    @property
    def defaults(self) -> _MessageMap[str, TensorProto]: ...
    def __init__(self, *, inputs: _Mapping[str, TensorInfo] | None = ..., outputs: _Mapping[str, TensorInfo] | None = ..., method_name: str | None = ..., defaults: _Mapping[str, TensorProto] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["inputs", "outputs", "method_name", "defaults"]) -> None: ...

class TensorInfo(_Message):
    class CooSparse(_Message):
        VALUES_TENSOR_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        INDICES_TENSOR_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        DENSE_SHAPE_TENSOR_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        values_tensor_name: str
        indices_tensor_name: str
        dense_shape_tensor_name: str
        def __init__(self, *, values_tensor_name: str | None = ..., indices_tensor_name: str | None = ..., dense_shape_tensor_name: str | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["values_tensor_name", "indices_tensor_name", "dense_shape_tensor_name"]) -> None: ...
    class CompositeTensor(_Message):
        TYPE_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        COMPONENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        @property
        def type_spec(self) -> TypeSpecProto: ...
        @property
        def components(self) -> _RepeatedComposite[TensorInfo]: ...
        def __init__(self, *, type_spec: TypeSpecProto | None = ..., components: _Iterable[TensorInfo] | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["type_spec"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["type_spec", "components"]) -> None: ...
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    COO_SPARSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    COMPOSITE_TENSOR_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    DTYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    TENSOR_SHAPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    name: str
    @property
    def coo_sparse(self) -> TensorInfo.CooSparse: ...
    @property
    def composite_tensor(self) -> TensorInfo.CompositeTensor: ...
    dtype: int
    @property
    def tensor_shape(self) -> TensorShapeProto: ...
    def __init__(self, *, name: str | None = ..., coo_sparse: TensorInfo.CooSparse | None = ..., composite_tensor: TensorInfo.CompositeTensor | None = ..., dtype: int | None = ..., tensor_shape: TensorShapeProto | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["name", "coo_sparse", "composite_tensor", "tensor_shape", "encoding"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["name", "coo_sparse", "composite_tensor", "dtype", "tensor_shape", "encoding"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["encoding"]) -> _t.Literal["name", "coo_sparse", "composite_tensor"] | None: ...

class AssetFileDef(_Message):
    TENSOR_INFO_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    FILENAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def tensor_info(self) -> TensorInfo: ...
    filename: str
    def __init__(self, *, tensor_info: TensorInfo | None = ..., filename: str | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["tensor_info"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["tensor_info", "filename"]) -> None: ...

class CollectionDef(_Message):
    class NodeList(_Message):
        VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        @property
        def value(self) -> _RepeatedScalar[str]: ...
        def __init__(self, *, value: _Iterable[str] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["value"]) -> None: ...
    class BytesList(_Message):
        VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        @property
        def value(self) -> _RepeatedScalar[bytes]: ...
        def __init__(self, *, value: _Iterable[bytes] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["value"]) -> None: ...
    class Int64List(_Message):
        VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        @property
        def value(self) -> _RepeatedScalar[int]: ...
        def __init__(self, *, value: _Iterable[int] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["value"]) -> None: ...
    class FloatList(_Message):
        VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        @property
        def value(self) -> _RepeatedScalar[float]: ...
        def __init__(self, *, value: _Iterable[float] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["value"]) -> None: ...
    class AnyList(_Message):
        VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        @property
        def value(self) -> _RepeatedComposite[Any]: ...
        def __init__(self, *, value: _Iterable[Any] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["value"]) -> None: ...
    NODE_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    BYTES_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    INT64_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    FLOAT_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    ANY_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    @property
    def node_list(self) -> CollectionDef.NodeList: ...
    @property
    def bytes_list(self) -> CollectionDef.BytesList: ...
    @property
    def int64_list(self) -> CollectionDef.Int64List: ...
    @property
    def float_list(self) -> CollectionDef.FloatList: ...
    @property
    def any_list(self) -> CollectionDef.AnyList: ...
    def __init__(self, *, node_list: CollectionDef.NodeList | None = ..., bytes_list: CollectionDef.BytesList | None = ..., int64_list: CollectionDef.Int64List | None = ..., float_list: CollectionDef.FloatList | None = ..., any_list: CollectionDef.AnyList | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["node_list", "bytes_list", "int64_list", "float_list", "any_list", "kind"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["node_list", "bytes_list", "int64_list", "float_list", "any_list", "kind"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["kind"]) -> _t.Literal["node_list", "bytes_list", "int64_list", "float_list", "any_list"] | None: ...

class SaverDef(_Message):
    class _CheckpointFormatVersionEnum(_EnumTypeWrapper):
        LEGACY: int
        V1: int
        V2: int
    CheckpointFormatVersion: _t.ClassVar[_CheckpointFormatVersionEnum]
    LEGACY: _t.ClassVar[int]
    V1: _t.ClassVar[int]
    V2: _t.ClassVar[int]
    FILENAME_TENSOR_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SAVE_TENSOR_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    RESTORE_OP_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    MAX_TO_KEEP_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    SHARDED_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    KEEP_CHECKPOINT_EVERY_N_HOURS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    filename_tensor_name: str
    save_tensor_name: str
    restore_op_name: str
    max_to_keep: int
    sharded: bool
    keep_checkpoint_every_n_hours: float
    version: int
    def __init__(self, *, filename_tensor_name: str | None = ..., save_tensor_name: str | None = ..., restore_op_name: str | None = ..., max_to_keep: int | None = ..., sharded: bool | None = ..., keep_checkpoint_every_n_hours: float | None = ..., version: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["filename_tensor_name", "save_tensor_name", "restore_op_name", "max_to_keep", "sharded", "keep_checkpoint_every_n_hours", "version"]) -> None: ...

class GetModelMetadataRequest(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    METADATA_FIELD_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def model_spec(self) -> ModelSpec: ...
    @property
    def metadata_field(self) -> _RepeatedScalar[str]: ...
    def __init__(self, *, model_spec: ModelSpec | None = ..., metadata_field: _Iterable[str] | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "metadata_field"]) -> None: ...

class GetModelMetadataResponse(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    METADATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def model_spec(self) -> ModelSpec: ...
    @property
    def metadata(self) -> _MessageMap[str, Any]: ...
    def __init__(self, *, model_spec: ModelSpec | None = ..., metadata: _Mapping[str, Any] | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "metadata"]) -> None: ...

class SignatureDefMap(_Message):
    SIGNATURE_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def signature_def(self) -> _MessageMap[str, SignatureDef]: ...
    def __init__(self, *, signature_def: _Mapping[str, SignatureDef] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["signature_def"]) -> None: ...

class GetModelStatusRequest(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def model_spec(self) -> ModelSpec: ...
    def __init__(self, *, model_spec: ModelSpec | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec"]) -> None: ...

class ModelVersionStatus(_Message):
    class _StateEnum(_EnumTypeWrapper):
        UNKNOWN: int
        START: int
        LOADING: int
        AVAILABLE: int
        UNLOADING: int
        END: int
    State: _t.ClassVar[_StateEnum]
    UNKNOWN: _t.ClassVar[int]
    START: _t.ClassVar[int]
    LOADING: _t.ClassVar[int]
    AVAILABLE: _t.ClassVar[int]
    UNLOADING: _t.ClassVar[int]
    END: _t.ClassVar[int]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    STATE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    STATUS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    version: int
    state: int
    @property
    def status(self) -> StatusProto: ...
    def __init__(self, *, version: int | None = ..., state: int | None = ..., status: StatusProto | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["status"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["version", "state", "status"]) -> None: ...

class GetModelStatusResponse(_Message):
    MODEL_VERSION_STATUS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def model_version_status(self) -> _RepeatedComposite[ModelVersionStatus]: ...
    def __init__(self, *, model_version_status: _Iterable[ModelVersionStatus] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["model_version_status"]) -> None: ...

class MonitoringConfig(_Message):
    PROMETHEUS_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def prometheus_config(self) -> PrometheusConfig: ...
    def __init__(self, *, prometheus_config: PrometheusConfig | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["prometheus_config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["prometheus_config"]) -> None: ...

class PrometheusConfig(_Message):
    ENABLE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    PATH_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    enable: bool
    path: str
    def __init__(self, *, enable: bool | None = ..., path: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["enable", "path"]) -> None: ...

class PlatformConfigMap(_Message):
    PLATFORM_CONFIGS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def platform_configs(self) -> _MessageMap[str, PlatformConfig]: ...
    def __init__(self, *, platform_configs: _Mapping[str, PlatformConfig] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["platform_configs"]) -> None: ...

class PlatformConfig(_Message):
    SOURCE_ADAPTER_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def source_adapter_config(self) -> Any: ...
    def __init__(self, *, source_adapter_config: Any | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["source_adapter_config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["source_adapter_config"]) -> None: ...

class PredictRequest(_Message):
    class RequestOptions(_Message):
        class _DeterministicModeEnum(_EnumTypeWrapper):
            DETERMINISTIC_MODE_UNSPECIFIED: int
            FIXED_DECODER_SLOT: int
        DeterministicMode: _t.ClassVar[_DeterministicModeEnum]
        DETERMINISTIC_MODE_UNSPECIFIED: _t.ClassVar[int]
        FIXED_DECODER_SLOT: _t.ClassVar[int]
        class Handshake(_Message):
            ESTIMATED_PAYLOAD_BYTES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            estimated_payload_bytes: int
            def __init__(self, *, estimated_payload_bytes: int | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["estimated_payload_bytes"]) -> None: ...
        CLIENT_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        DETERMINISTIC_MODE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        RETURN_ADDITIONAL_ARRAYS_FROM_PREFILL_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        RETURN_STOPTOKENS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        MAX_CACHE_LENGTH_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
        RETURN_ALL_STOPTOKENS_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
        HANDSHAKE_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
        client_id: bytes
        deterministic_mode: int
        return_additional_arrays_from_prefill: bool
        @property
        def return_stoptokens(self) -> _RepeatedScalar[int]: ...
        max_cache_length: int
        return_all_stoptokens: bool
        @property
        def handshake(self) -> PredictRequest.RequestOptions.Handshake: ...
        def __init__(self, *, client_id: bytes | None = ..., deterministic_mode: int | None = ..., return_additional_arrays_from_prefill: bool | None = ..., return_stoptokens: _Iterable[int] | None = ..., max_cache_length: int | None = ..., return_all_stoptokens: bool | None = ..., handshake: PredictRequest.RequestOptions.Handshake | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["client_id", "deterministic_mode", "return_additional_arrays_from_prefill", "max_cache_length", "return_all_stoptokens", "handshake"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["client_id", "deterministic_mode", "return_additional_arrays_from_prefill", "return_stoptokens", "max_cache_length", "return_all_stoptokens", "handshake"]) -> None: ...
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    OUTPUT_FILTER_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    PREDICT_STREAMED_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    CLIENT_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    REQUEST_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    @property
    def model_spec(self) -> ModelSpec: ...
    @property
    def inputs(self) -> _MessageMap[str, TensorProto]: ...
    @property
    def output_filter(self) -> _RepeatedScalar[str]: ...
    @property
    def predict_streamed_options(self) -> PredictStreamedOptions: ...
    client_id: bytes
    @property
    def request_options(self) -> PredictRequest.RequestOptions: ...
    def __init__(self, *, model_spec: ModelSpec | None = ..., inputs: _Mapping[str, TensorProto] | None = ..., output_filter: _Iterable[str] | None = ..., predict_streamed_options: PredictStreamedOptions | None = ..., client_id: bytes | None = ..., request_options: PredictRequest.RequestOptions | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec", "predict_streamed_options", "client_id", "request_options"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "inputs", "output_filter", "predict_streamed_options", "client_id", "request_options"]) -> None: ...

class PredictResponse(_Message):
    OUTPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def outputs(self) -> _MessageMap[str, TensorProto]: ...
    @property
    def model_spec(self) -> ModelSpec: ...
    def __init__(self, *, outputs: _Mapping[str, TensorProto] | None = ..., model_spec: ModelSpec | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["outputs", "model_spec"]) -> None: ...

class PredictStreamedOptions(_Message):
    class _RequestStateEnum(_EnumTypeWrapper):
        NONE: int
        SPLIT: int
        END_SPLIT: int
        CANCEL: int
    RequestState: _t.ClassVar[_RequestStateEnum]
    NONE: _t.ClassVar[int]
    SPLIT: _t.ClassVar[int]
    END_SPLIT: _t.ClassVar[int]
    CANCEL: _t.ClassVar[int]
    REQUEST_STATE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SPLIT_DIMENSIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    RETURN_SINGLE_RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    request_state: int
    @property
    def split_dimensions(self) -> _ScalarMap[str, int]: ...
    return_single_response: bool
    def __init__(self, *, request_state: int | None = ..., split_dimensions: _Mapping[str, int] | None = ..., return_single_response: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["request_state", "split_dimensions", "return_single_response"]) -> None: ...

class ClusterDef(_Message):
    JOB_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def job(self) -> _RepeatedComposite[JobDef]: ...
    def __init__(self, *, job: _Iterable[JobDef] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["job"]) -> None: ...

class JobDef(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TASKS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    @property
    def tasks(self) -> _ScalarMap[int, str]: ...
    def __init__(self, *, name: str | None = ..., tasks: _Mapping[int, str] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "tasks"]) -> None: ...

class RPCOptions(_Message):
    USE_RPC_FOR_INPROCESS_MASTER_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    COMPRESSION_ALGORITHM_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    COMPRESSION_LEVEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    CACHE_RPC_RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    DISABLE_SESSION_CONNECTION_SHARING_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    NUM_CHANNELS_PER_TARGET_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    use_rpc_for_inprocess_master: bool
    compression_algorithm: str
    compression_level: int
    cache_rpc_response: bool
    disable_session_connection_sharing: bool
    num_channels_per_target: int
    def __init__(self, *, use_rpc_for_inprocess_master: bool | None = ..., compression_algorithm: str | None = ..., compression_level: int | None = ..., cache_rpc_response: bool | None = ..., disable_session_connection_sharing: bool | None = ..., num_channels_per_target: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["use_rpc_for_inprocess_master", "compression_algorithm", "compression_level", "cache_rpc_response", "disable_session_connection_sharing", "num_channels_per_target"]) -> None: ...

class CoordinationServiceConfig(_Message):
    SERVICE_TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SERVICE_LEADER_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    ENABLE_HEALTH_CHECK_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    CLUSTER_REGISTER_TIMEOUT_IN_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    HEARTBEAT_TIMEOUT_IN_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    SHUTDOWN_BARRIER_TIMEOUT_IN_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    AGENT_DESTRUCTION_WITHOUT_SHUTDOWN_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    RECOVERABLE_JOBS_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    COORDINATED_JOB_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    ALLOW_NEW_INCARNATION_TO_RECONNECT_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
    FORCE_DISABLE_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
    POLL_FOR_ERROR_FROM_SERVICE_AT_STARTUP_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
    CLUSTER_REGISTER_WITH_BARRIER_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
    service_type: str
    service_leader: str
    enable_health_check: bool
    cluster_register_timeout_in_ms: int
    heartbeat_timeout_in_ms: int
    shutdown_barrier_timeout_in_ms: int
    agent_destruction_without_shutdown: bool
    @property
    def recoverable_jobs(self) -> _RepeatedScalar[str]: ...
    @property
    def coordinated_job_list(self) -> _RepeatedComposite[CoordinatedJob]: ...
    allow_new_incarnation_to_reconnect: bool
    force_disable: bool
    poll_for_error_from_service_at_startup: bool
    cluster_register_with_barrier: bool
    def __init__(self, *, service_type: str | None = ..., service_leader: str | None = ..., enable_health_check: bool | None = ..., cluster_register_timeout_in_ms: int | None = ..., heartbeat_timeout_in_ms: int | None = ..., shutdown_barrier_timeout_in_ms: int | None = ..., agent_destruction_without_shutdown: bool | None = ..., recoverable_jobs: _Iterable[str] | None = ..., coordinated_job_list: _Iterable[CoordinatedJob] | None = ..., allow_new_incarnation_to_reconnect: bool | None = ..., force_disable: bool | None = ..., poll_for_error_from_service_at_startup: bool | None = ..., cluster_register_with_barrier: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["service_type", "service_leader", "enable_health_check", "cluster_register_timeout_in_ms", "heartbeat_timeout_in_ms", "shutdown_barrier_timeout_in_ms", "agent_destruction_without_shutdown", "recoverable_jobs", "coordinated_job_list", "allow_new_incarnation_to_reconnect", "force_disable", "poll_for_error_from_service_at_startup", "cluster_register_with_barrier"]) -> None: ...

class CoordinatedJob(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    NUM_TASKS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    num_tasks: int
    def __init__(self, *, name: str | None = ..., num_tasks: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "num_tasks"]) -> None: ...

class RewriterConfig(_Message):
    class _ToggleEnum(_EnumTypeWrapper):
        DEFAULT: int
        ON: int
        OFF: int
        AGGRESSIVE: int
        EXPERIMENTAL_MLIR: int
        EXPERIMENTAL_BOTH: int
    Toggle: _t.ClassVar[_ToggleEnum]
    DEFAULT: _t.ClassVar[int]
    ON: _t.ClassVar[int]
    OFF: _t.ClassVar[int]
    AGGRESSIVE: _t.ClassVar[int]
    EXPERIMENTAL_MLIR: _t.ClassVar[int]
    EXPERIMENTAL_BOTH: _t.ClassVar[int]
    class _CpuLayoutEnum(_EnumTypeWrapper):
        NO_CONVERSION_ON_CPU: int
        NCHW_TO_NHWC: int
        NHWC_TO_NCHW: int
    CpuLayout: _t.ClassVar[_CpuLayoutEnum]
    NO_CONVERSION_ON_CPU: _t.ClassVar[int]
    NCHW_TO_NHWC: _t.ClassVar[int]
    NHWC_TO_NCHW: _t.ClassVar[int]
    class _NumIterationsTypeEnum(_EnumTypeWrapper):
        DEFAULT_NUM_ITERS: int
        ONE: int
        TWO: int
    NumIterationsType: _t.ClassVar[_NumIterationsTypeEnum]
    DEFAULT_NUM_ITERS: _t.ClassVar[int]
    ONE: _t.ClassVar[int]
    TWO: _t.ClassVar[int]
    class _MemOptTypeEnum(_EnumTypeWrapper):
        DEFAULT_MEM_OPT: int
        NO_MEM_OPT: int
        MANUAL: int
        HEURISTICS: int
        SWAPPING_HEURISTICS: int
        RECOMPUTATION_HEURISTICS: int
        SCHEDULING_HEURISTICS: int
    MemOptType: _t.ClassVar[_MemOptTypeEnum]
    DEFAULT_MEM_OPT: _t.ClassVar[int]
    NO_MEM_OPT: _t.ClassVar[int]
    MANUAL: _t.ClassVar[int]
    HEURISTICS: _t.ClassVar[int]
    SWAPPING_HEURISTICS: _t.ClassVar[int]
    RECOMPUTATION_HEURISTICS: _t.ClassVar[int]
    SCHEDULING_HEURISTICS: _t.ClassVar[int]
    class CustomGraphOptimizer(_Message):
        NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        PARAMETER_MAP_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        name: str
        @property
        def parameter_map(self) -> _MessageMap[str, AttrValue]: ...
        def __init__(self, *, name: str | None = ..., parameter_map: _Mapping[str, AttrValue] | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["name", "parameter_map"]) -> None: ...
    LAYOUT_OPTIMIZER_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    DISABLE_MODEL_PRUNING_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    CONSTANT_FOLDING_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    MEMORY_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    AUTO_PARALLEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    MEMORY_OPTIMIZER_TARGET_NODE_NAME_SCOPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    ARITHMETIC_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    DEPENDENCY_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    LOOP_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    FUNCTION_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    DEBUG_STRIPPER_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
    META_OPTIMIZER_ITERATIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
    SHAPE_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
    REMAPPING_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
    SCOPED_ALLOCATOR_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[15]]
    SCOPED_ALLOCATOR_OPTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[16]]
    MIN_GRAPH_NODES_FIELD_NUMBER: _t.ClassVar[_t.Literal[17]]
    PIN_TO_HOST_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[18]]
    DISABLE_META_OPTIMIZER_FIELD_NUMBER: _t.ClassVar[_t.Literal[19]]
    META_OPTIMIZER_TIMEOUT_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[20]]
    FAIL_ON_OPTIMIZER_ERRORS_FIELD_NUMBER: _t.ClassVar[_t.Literal[21]]
    IMPLEMENTATION_SELECTOR_FIELD_NUMBER: _t.ClassVar[_t.Literal[22]]
    AUTO_MIXED_PRECISION_FIELD_NUMBER: _t.ClassVar[_t.Literal[23]]
    COMMON_SUBGRAPH_ELIMINATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[24]]
    AUTO_MIXED_PRECISION_MKL_FIELD_NUMBER: _t.ClassVar[_t.Literal[25]]
    EXPERIMENTAL_DISABLE_COMPRESSED_TENSOR_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[26]]
    EXPERIMENTAL_DISABLE_FOLDING_QUANTIZATION_EMULATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[27]]
    USE_PLUGIN_OPTIMIZERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[28]]
    AUTO_MIXED_PRECISION_CPU_FIELD_NUMBER: _t.ClassVar[_t.Literal[29]]
    EXPERIMENTAL_CONDITIONAL_CODE_MOTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[30]]
    AUTO_MIXED_PRECISION_ONEDNN_BFLOAT16_FIELD_NUMBER: _t.ClassVar[_t.Literal[31]]
    DISABLE_TFG_OPTIMIZER_FIELD_NUMBER: _t.ClassVar[_t.Literal[32]]
    CPU_LAYOUT_CONVERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[50]]
    OPTIMIZERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[100]]
    CUSTOM_OPTIMIZERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[200]]
    INTER_OPTIMIZER_VERIFIER_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[300]]
    POST_OPTIMIZATION_VERIFIER_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[301]]
    layout_optimizer: int
    disable_model_pruning: bool
    constant_folding: int
    memory_optimization: int
    @property
    def auto_parallel(self) -> AutoParallelOptions: ...
    memory_optimizer_target_node_name_scope: str
    arithmetic_optimization: int
    dependency_optimization: int
    loop_optimization: int
    function_optimization: int
    debug_stripper: int
    meta_optimizer_iterations: int
    shape_optimization: int
    remapping: int
    scoped_allocator_optimization: int
    @property
    def scoped_allocator_opts(self) -> ScopedAllocatorOptions: ...
    min_graph_nodes: int
    pin_to_host_optimization: int
    disable_meta_optimizer: bool
    meta_optimizer_timeout_ms: int
    fail_on_optimizer_errors: bool
    implementation_selector: int
    auto_mixed_precision: int
    common_subgraph_elimination: int
    auto_mixed_precision_mkl: int
    experimental_disable_compressed_tensor_optimization: bool
    experimental_disable_folding_quantization_emulation: bool
    use_plugin_optimizers: int
    auto_mixed_precision_cpu: int
    experimental_conditional_code_motion: int
    auto_mixed_precision_onednn_bfloat16: int
    disable_tfg_optimizer: bool
    cpu_layout_conversion: int
    @property
    def optimizers(self) -> _RepeatedScalar[str]: ...
    @property
    def custom_optimizers(self) -> _RepeatedComposite[RewriterConfig.CustomGraphOptimizer]: ...
    @property
    def inter_optimizer_verifier_config(self) -> VerifierConfig: ...
    @property
    def post_optimization_verifier_config(self) -> VerifierConfig: ...
    def __init__(self, *, layout_optimizer: int | None = ..., disable_model_pruning: bool | None = ..., constant_folding: int | None = ..., memory_optimization: int | None = ..., auto_parallel: AutoParallelOptions | None = ..., memory_optimizer_target_node_name_scope: str | None = ..., arithmetic_optimization: int | None = ..., dependency_optimization: int | None = ..., loop_optimization: int | None = ..., function_optimization: int | None = ..., debug_stripper: int | None = ..., meta_optimizer_iterations: int | None = ..., shape_optimization: int | None = ..., remapping: int | None = ..., scoped_allocator_optimization: int | None = ..., scoped_allocator_opts: ScopedAllocatorOptions | None = ..., min_graph_nodes: int | None = ..., pin_to_host_optimization: int | None = ..., disable_meta_optimizer: bool | None = ..., meta_optimizer_timeout_ms: int | None = ..., fail_on_optimizer_errors: bool | None = ..., implementation_selector: int | None = ..., auto_mixed_precision: int | None = ..., common_subgraph_elimination: int | None = ..., auto_mixed_precision_mkl: int | None = ..., experimental_disable_compressed_tensor_optimization: bool | None = ..., experimental_disable_folding_quantization_emulation: bool | None = ..., use_plugin_optimizers: int | None = ..., auto_mixed_precision_cpu: int | None = ..., experimental_conditional_code_motion: int | None = ..., auto_mixed_precision_onednn_bfloat16: int | None = ..., disable_tfg_optimizer: bool | None = ..., cpu_layout_conversion: int | None = ..., optimizers: _Iterable[str] | None = ..., custom_optimizers: _Iterable[RewriterConfig.CustomGraphOptimizer] | None = ..., inter_optimizer_verifier_config: VerifierConfig | None = ..., post_optimization_verifier_config: VerifierConfig | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["auto_parallel", "scoped_allocator_opts", "inter_optimizer_verifier_config", "post_optimization_verifier_config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["layout_optimizer", "disable_model_pruning", "constant_folding", "memory_optimization", "auto_parallel", "memory_optimizer_target_node_name_scope", "arithmetic_optimization", "dependency_optimization", "loop_optimization", "function_optimization", "debug_stripper", "meta_optimizer_iterations", "shape_optimization", "remapping", "scoped_allocator_optimization", "scoped_allocator_opts", "min_graph_nodes", "pin_to_host_optimization", "disable_meta_optimizer", "meta_optimizer_timeout_ms", "fail_on_optimizer_errors", "implementation_selector", "auto_mixed_precision", "common_subgraph_elimination", "auto_mixed_precision_mkl", "experimental_disable_compressed_tensor_optimization", "experimental_disable_folding_quantization_emulation", "use_plugin_optimizers", "auto_mixed_precision_cpu", "experimental_conditional_code_motion", "auto_mixed_precision_onednn_bfloat16", "disable_tfg_optimizer", "cpu_layout_conversion", "optimizers", "custom_optimizers", "inter_optimizer_verifier_config", "post_optimization_verifier_config"]) -> None: ...

class AutoParallelOptions(_Message):
    ENABLE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    NUM_REPLICAS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    enable: bool
    num_replicas: int
    def __init__(self, *, enable: bool | None = ..., num_replicas: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["enable", "num_replicas"]) -> None: ...

class ScopedAllocatorOptions(_Message):
    ENABLE_OP_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def enable_op(self) -> _RepeatedScalar[str]: ...
    def __init__(self, *, enable_op: _Iterable[str] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["enable_op"]) -> None: ...

class VerifierConfig(_Message):
    class _ToggleEnum(_EnumTypeWrapper):
        DEFAULT: int
        ON: int
        OFF: int
    Toggle: _t.ClassVar[_ToggleEnum]
    DEFAULT: _t.ClassVar[int]
    ON: _t.ClassVar[int]
    OFF: _t.ClassVar[int]
    VERIFICATION_TIMEOUT_IN_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    STRUCTURE_VERIFIER_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    verification_timeout_in_ms: int
    structure_verifier: int
    def __init__(self, *, verification_timeout_in_ms: int | None = ..., structure_verifier: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["verification_timeout_in_ms", "structure_verifier"]) -> None: ...

class ConfigProto(_Message):
    class Experimental(_Message):
        class _MlirBridgeRolloutEnum(_EnumTypeWrapper):
            MLIR_BRIDGE_ROLLOUT_UNSPECIFIED: int
            MLIR_BRIDGE_ROLLOUT_ENABLED: int
            MLIR_BRIDGE_ROLLOUT_DISABLED: int
        MlirBridgeRollout: _t.ClassVar[_MlirBridgeRolloutEnum]
        MLIR_BRIDGE_ROLLOUT_UNSPECIFIED: _t.ClassVar[int]
        MLIR_BRIDGE_ROLLOUT_ENABLED: _t.ClassVar[int]
        MLIR_BRIDGE_ROLLOUT_DISABLED: _t.ClassVar[int]
        COLLECTIVE_GROUP_LEADER_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        EXECUTOR_TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        RECV_BUF_MAX_CHUNK_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        USE_NUMA_AFFINITY_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        COLLECTIVE_DETERMINISTIC_SEQUENTIAL_EXECUTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
        COLLECTIVE_NCCL_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
        SHARE_SESSION_STATE_IN_CLUSTERSPEC_PROPAGATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
        DISABLE_THREAD_SPINNING_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
        SHARE_CLUSTER_DEVICES_IN_SESSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
        SESSION_METADATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
        OPTIMIZE_FOR_STATIC_GRAPH_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
        ENABLE_MLIR_BRIDGE_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
        DISABLE_OUTPUT_PARTITION_GRAPHS_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
        XLA_FUSION_AUTOTUNER_THRESH_FIELD_NUMBER: _t.ClassVar[_t.Literal[15]]
        ENABLE_MLIR_GRAPH_OPTIMIZATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[16]]
        MLIR_BRIDGE_ROLLOUT_FIELD_NUMBER: _t.ClassVar[_t.Literal[17]]
        USE_TFRT_FIELD_NUMBER: _t.ClassVar[_t.Literal[18]]
        DISABLE_FUNCTIONAL_OPS_LOWERING_FIELD_NUMBER: _t.ClassVar[_t.Literal[21]]
        XLA_PREFER_SINGLE_GRAPH_CLUSTER_FIELD_NUMBER: _t.ClassVar[_t.Literal[22]]
        COORDINATION_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[23]]
        DISABLE_OPTIMIZE_FOR_STATIC_GRAPH_FIELD_NUMBER: _t.ClassVar[_t.Literal[24]]
        DISABLE_EAGER_EXECUTOR_STREAMING_ENQUEUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[26]]
        ENABLE_MULTI_HOST_FIELD_NUMBER: _t.ClassVar[_t.Literal[27]]
        BACKEND_SERVER_PORT_FIELD_NUMBER: _t.ClassVar[_t.Literal[28]]
        TARGET_TPU_FIELD_NUMBER: _t.ClassVar[_t.Literal[29]]
        TARGET_GPU_FIELD_NUMBER: _t.ClassVar[_t.Literal[30]]
        STREAM_MERGE_THRESHOLD_FIELD_NUMBER: _t.ClassVar[_t.Literal[31]]
        TFRT_USE_IFRT_FIELD_NUMBER: _t.ClassVar[_t.Literal[32]]
        FINALIZE_FUNCTION_LIBRARY_RUNTIME_FIELD_NUMBER: _t.ClassVar[_t.Literal[33]]
        FINALIZE_RESOURCE_MANAGER_FIELD_NUMBER: _t.ClassVar[_t.Literal[34]]
        TF2XLA_DUMP_DIR_FIELD_NUMBER: _t.ClassVar[_t.Literal[35]]
        ONLINE_COST_ANALYSIS_FIELD_NUMBER: _t.ClassVar[_t.Literal[36]]
        collective_group_leader: str
        executor_type: str
        recv_buf_max_chunk: int
        use_numa_affinity: bool
        collective_deterministic_sequential_execution: bool
        collective_nccl: bool
        share_session_state_in_clusterspec_propagation: bool
        disable_thread_spinning: bool
        share_cluster_devices_in_session: bool
        @property
        def session_metadata(self) -> SessionMetadata: ...
        optimize_for_static_graph: bool
        enable_mlir_bridge: bool
        disable_output_partition_graphs: bool
        xla_fusion_autotuner_thresh: int
        enable_mlir_graph_optimization: bool
        mlir_bridge_rollout: int
        use_tfrt: bool
        disable_functional_ops_lowering: bool
        xla_prefer_single_graph_cluster: bool
        @property
        def coordination_config(self) -> CoordinationServiceConfig: ...
        disable_optimize_for_static_graph: bool
        disable_eager_executor_streaming_enqueue: bool
        enable_multi_host: bool
        backend_server_port: int
        target_tpu: bool
        target_gpu: bool
        stream_merge_threshold: int
        tfrt_use_ifrt: bool
        finalize_function_library_runtime: bool
        finalize_resource_manager: bool
        tf2xla_dump_dir: str
        online_cost_analysis: bool
        def __init__(self, *, collective_group_leader: str | None = ..., executor_type: str | None = ..., recv_buf_max_chunk: int | None = ..., use_numa_affinity: bool | None = ..., collective_deterministic_sequential_execution: bool | None = ..., collective_nccl: bool | None = ..., share_session_state_in_clusterspec_propagation: bool | None = ..., disable_thread_spinning: bool | None = ..., share_cluster_devices_in_session: bool | None = ..., session_metadata: SessionMetadata | None = ..., optimize_for_static_graph: bool | None = ..., enable_mlir_bridge: bool | None = ..., disable_output_partition_graphs: bool | None = ..., xla_fusion_autotuner_thresh: int | None = ..., enable_mlir_graph_optimization: bool | None = ..., mlir_bridge_rollout: int | None = ..., use_tfrt: bool | None = ..., disable_functional_ops_lowering: bool | None = ..., xla_prefer_single_graph_cluster: bool | None = ..., coordination_config: CoordinationServiceConfig | None = ..., disable_optimize_for_static_graph: bool | None = ..., disable_eager_executor_streaming_enqueue: bool | None = ..., enable_multi_host: bool | None = ..., backend_server_port: int | None = ..., target_tpu: bool | None = ..., target_gpu: bool | None = ..., stream_merge_threshold: int | None = ..., tfrt_use_ifrt: bool | None = ..., finalize_function_library_runtime: bool | None = ..., finalize_resource_manager: bool | None = ..., tf2xla_dump_dir: str | None = ..., online_cost_analysis: bool | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["session_metadata", "coordination_config"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["collective_group_leader", "executor_type", "recv_buf_max_chunk", "use_numa_affinity", "collective_deterministic_sequential_execution", "collective_nccl", "share_session_state_in_clusterspec_propagation", "disable_thread_spinning", "share_cluster_devices_in_session", "session_metadata", "optimize_for_static_graph", "enable_mlir_bridge", "disable_output_partition_graphs", "xla_fusion_autotuner_thresh", "enable_mlir_graph_optimization", "mlir_bridge_rollout", "use_tfrt", "disable_functional_ops_lowering", "xla_prefer_single_graph_cluster", "coordination_config", "disable_optimize_for_static_graph", "disable_eager_executor_streaming_enqueue", "enable_multi_host", "backend_server_port", "target_tpu", "target_gpu", "stream_merge_threshold", "tfrt_use_ifrt", "finalize_function_library_runtime", "finalize_resource_manager", "tf2xla_dump_dir", "online_cost_analysis"]) -> None: ...
    DEVICE_COUNT_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    INTRA_OP_PARALLELISM_THREADS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    PLACEMENT_PERIOD_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    DEVICE_FILTERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    INTER_OP_PARALLELISM_THREADS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    GPU_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    ALLOW_SOFT_PLACEMENT_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    LOG_DEVICE_PLACEMENT_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    USE_PER_SESSION_THREADS_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    GRAPH_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    OPERATION_TIMEOUT_IN_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
    SESSION_INTER_OP_THREAD_POOL_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
    RPC_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
    CLUSTER_DEF_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
    ISOLATE_SESSION_STATE_FIELD_NUMBER: _t.ClassVar[_t.Literal[15]]
    EXPERIMENTAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[16]]
    SHARE_CLUSTER_DEVICES_IN_SESSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[17]]
    PLUGGABLE_DEVICE_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[18]]
    @property
    def device_count(self) -> _ScalarMap[str, int]: ...
    intra_op_parallelism_threads: int
    placement_period: int
    @property
    def device_filters(self) -> _RepeatedScalar[str]: ...
    inter_op_parallelism_threads: int
    @property
    def gpu_options(self) -> GPUOptions: ...
    allow_soft_placement: bool
    log_device_placement: bool
    use_per_session_threads: bool
    @property
    def graph_options(self) -> GraphOptions: ...
    operation_timeout_in_ms: int
    @property
    def session_inter_op_thread_pool(self) -> _RepeatedComposite[ThreadPoolOptionProto]: ...
    @property
    def rpc_options(self) -> RPCOptions: ...
    @property
    def cluster_def(self) -> ClusterDef: ...
    isolate_session_state: bool
    @property
    def experimental(self) -> ConfigProto.Experimental: ...
    share_cluster_devices_in_session: bool
    @property
    def pluggable_device_options(self) -> GPUOptions: ...
    def __init__(self, *, device_count: _Mapping[str, int] | None = ..., intra_op_parallelism_threads: int | None = ..., placement_period: int | None = ..., device_filters: _Iterable[str] | None = ..., inter_op_parallelism_threads: int | None = ..., gpu_options: GPUOptions | None = ..., allow_soft_placement: bool | None = ..., log_device_placement: bool | None = ..., use_per_session_threads: bool | None = ..., graph_options: GraphOptions | None = ..., operation_timeout_in_ms: int | None = ..., session_inter_op_thread_pool: _Iterable[ThreadPoolOptionProto] | None = ..., rpc_options: RPCOptions | None = ..., cluster_def: ClusterDef | None = ..., isolate_session_state: bool | None = ..., experimental: ConfigProto.Experimental | None = ..., share_cluster_devices_in_session: bool | None = ..., pluggable_device_options: GPUOptions | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["gpu_options", "graph_options", "rpc_options", "cluster_def", "experimental", "pluggable_device_options"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["device_count", "intra_op_parallelism_threads", "placement_period", "device_filters", "inter_op_parallelism_threads", "gpu_options", "allow_soft_placement", "log_device_placement", "use_per_session_threads", "graph_options", "operation_timeout_in_ms", "session_inter_op_thread_pool", "rpc_options", "cluster_def", "isolate_session_state", "experimental", "share_cluster_devices_in_session", "pluggable_device_options"]) -> None: ...

class ThreadPoolOptionProto(_Message):
    NUM_THREADS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    GLOBAL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    num_threads: int
    global_name: str
    def __init__(self, *, num_threads: int | None = ..., global_name: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["num_threads", "global_name"]) -> None: ...

class GPUOptions(_Message):
    class Experimental(_Message):
        class VirtualDevices(_Message):
            MEMORY_LIMIT_MB_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            PRIORITY_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
            DEVICE_ORDINAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
            @property
            def memory_limit_mb(self) -> _RepeatedScalar[float]: ...
            @property
            def priority(self) -> _RepeatedScalar[int]: ...
            @property
            def device_ordinal(self) -> _RepeatedScalar[int]: ...
            def __init__(self, *, memory_limit_mb: _Iterable[float] | None = ..., priority: _Iterable[int] | None = ..., device_ordinal: _Iterable[int] | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["memory_limit_mb", "priority", "device_ordinal"]) -> None: ...
        class StreamMergeOptions(_Message):
            MERGE_HOST_TO_DEVICE_STREAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            MERGE_DEVICE_TO_HOST_STREAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
            MERGE_DEVICE_TO_DEVICE_STREAM_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
            merge_host_to_device_stream: bool
            merge_device_to_host_stream: bool
            merge_device_to_device_stream: bool
            def __init__(self, *, merge_host_to_device_stream: bool | None = ..., merge_device_to_host_stream: bool | None = ..., merge_device_to_device_stream: bool | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["merge_host_to_device_stream", "merge_device_to_host_stream", "merge_device_to_device_stream"]) -> None: ...
        VIRTUAL_DEVICES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        USE_UNIFIED_MEMORY_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        NUM_DEV_TO_DEV_COPY_STREAMS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        COLLECTIVE_RING_ORDER_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        TIMESTAMPED_ALLOCATOR_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        KERNEL_TRACKER_MAX_INTERVAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
        KERNEL_TRACKER_MAX_BYTES_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
        KERNEL_TRACKER_MAX_PENDING_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
        INTERNAL_FRAGMENTATION_FRACTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
        USE_CUDA_MALLOC_ASYNC_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
        DISALLOW_RETRY_ON_ALLOCATION_FAILURE_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
        GPU_HOST_MEM_LIMIT_IN_MB_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
        GPU_HOST_MEM_DISALLOW_GROWTH_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
        NUM_VIRTUAL_DEVICES_PER_GPU_FIELD_NUMBER: _t.ClassVar[_t.Literal[15]]
        GPU_SYSTEM_MEMORY_SIZE_IN_MB_FIELD_NUMBER: _t.ClassVar[_t.Literal[16]]
        POPULATE_PJRT_GPU_CLIENT_CREATION_INFO_FIELD_NUMBER: _t.ClassVar[_t.Literal[17]]
        NODE_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[18]]
        STREAM_MERGE_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[19]]
        @property
        def virtual_devices(self) -> _RepeatedComposite[GPUOptions.Experimental.VirtualDevices]: ...
        use_unified_memory: bool
        num_dev_to_dev_copy_streams: int
        collective_ring_order: str
        timestamped_allocator: bool
        kernel_tracker_max_interval: int
        kernel_tracker_max_bytes: int
        kernel_tracker_max_pending: int
        internal_fragmentation_fraction: float
        use_cuda_malloc_async: bool
        disallow_retry_on_allocation_failure: bool
        gpu_host_mem_limit_in_mb: float
        gpu_host_mem_disallow_growth: bool
        num_virtual_devices_per_gpu: int
        gpu_system_memory_size_in_mb: int
        populate_pjrt_gpu_client_creation_info: bool
        node_id: int
        @property
        def stream_merge_options(self) -> GPUOptions.Experimental.StreamMergeOptions: ...
        def __init__(self, *, virtual_devices: _Iterable[GPUOptions.Experimental.VirtualDevices] | None = ..., use_unified_memory: bool | None = ..., num_dev_to_dev_copy_streams: int | None = ..., collective_ring_order: str | None = ..., timestamped_allocator: bool | None = ..., kernel_tracker_max_interval: int | None = ..., kernel_tracker_max_bytes: int | None = ..., kernel_tracker_max_pending: int | None = ..., internal_fragmentation_fraction: float | None = ..., use_cuda_malloc_async: bool | None = ..., disallow_retry_on_allocation_failure: bool | None = ..., gpu_host_mem_limit_in_mb: float | None = ..., gpu_host_mem_disallow_growth: bool | None = ..., num_virtual_devices_per_gpu: int | None = ..., gpu_system_memory_size_in_mb: int | None = ..., populate_pjrt_gpu_client_creation_info: bool | None = ..., node_id: int | None = ..., stream_merge_options: GPUOptions.Experimental.StreamMergeOptions | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["stream_merge_options"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["virtual_devices", "use_unified_memory", "num_dev_to_dev_copy_streams", "collective_ring_order", "timestamped_allocator", "kernel_tracker_max_interval", "kernel_tracker_max_bytes", "kernel_tracker_max_pending", "internal_fragmentation_fraction", "use_cuda_malloc_async", "disallow_retry_on_allocation_failure", "gpu_host_mem_limit_in_mb", "gpu_host_mem_disallow_growth", "num_virtual_devices_per_gpu", "gpu_system_memory_size_in_mb", "populate_pjrt_gpu_client_creation_info", "node_id", "stream_merge_options"]) -> None: ...
    PER_PROCESS_GPU_MEMORY_FRACTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    ALLOCATOR_TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    DEFERRED_DELETION_BYTES_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    ALLOW_GROWTH_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    VISIBLE_DEVICE_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    POLLING_ACTIVE_DELAY_USECS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    POLLING_INACTIVE_DELAY_MSECS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    FORCE_GPU_COMPATIBLE_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    EXPERIMENTAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    per_process_gpu_memory_fraction: float
    allocator_type: str
    deferred_deletion_bytes: int
    allow_growth: bool
    visible_device_list: str
    polling_active_delay_usecs: int
    polling_inactive_delay_msecs: int
    force_gpu_compatible: bool
    @property
    def experimental(self) -> GPUOptions.Experimental: ...
    def __init__(self, *, per_process_gpu_memory_fraction: float | None = ..., allocator_type: str | None = ..., deferred_deletion_bytes: int | None = ..., allow_growth: bool | None = ..., visible_device_list: str | None = ..., polling_active_delay_usecs: int | None = ..., polling_inactive_delay_msecs: int | None = ..., force_gpu_compatible: bool | None = ..., experimental: GPUOptions.Experimental | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["experimental"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["per_process_gpu_memory_fraction", "allocator_type", "deferred_deletion_bytes", "allow_growth", "visible_device_list", "polling_active_delay_usecs", "polling_inactive_delay_msecs", "force_gpu_compatible", "experimental"]) -> None: ...

class GraphOptions(_Message):
    ENABLE_RECV_SCHEDULING_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    OPTIMIZER_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    BUILD_COST_MODEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    INFER_SHAPES_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    PLACE_PRUNED_GRAPH_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    ENABLE_BFLOAT16_SENDRECV_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    TIMELINE_STEP_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    BUILD_COST_MODEL_AFTER_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    REWRITE_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    enable_recv_scheduling: bool
    @property
    def optimizer_options(self) -> OptimizerOptions: ...
    build_cost_model: int
    infer_shapes: bool
    place_pruned_graph: bool
    enable_bfloat16_sendrecv: bool
    timeline_step: int
    build_cost_model_after: int
    @property
    def rewrite_options(self) -> RewriterConfig: ...
    def __init__(self, *, enable_recv_scheduling: bool | None = ..., optimizer_options: OptimizerOptions | None = ..., build_cost_model: int | None = ..., infer_shapes: bool | None = ..., place_pruned_graph: bool | None = ..., enable_bfloat16_sendrecv: bool | None = ..., timeline_step: int | None = ..., build_cost_model_after: int | None = ..., rewrite_options: RewriterConfig | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["optimizer_options", "rewrite_options"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["enable_recv_scheduling", "optimizer_options", "build_cost_model", "infer_shapes", "place_pruned_graph", "enable_bfloat16_sendrecv", "timeline_step", "build_cost_model_after", "rewrite_options"]) -> None: ...

class OptimizerOptions(_Message):
    class _LevelEnum(_EnumTypeWrapper):
        L1: int
        L0: int
    Level: _t.ClassVar[_LevelEnum]
    L1: _t.ClassVar[int]
    L0: _t.ClassVar[int]
    class _GlobalJitLevelEnum(_EnumTypeWrapper):
        DEFAULT: int
        ON_1: int
        ON_2: int
        OFF: int
    GlobalJitLevel: _t.ClassVar[_GlobalJitLevelEnum]
    DEFAULT: _t.ClassVar[int]
    ON_1: _t.ClassVar[int]
    ON_2: _t.ClassVar[int]
    OFF: _t.ClassVar[int]
    DO_COMMON_SUBEXPRESSION_ELIMINATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    DO_CONSTANT_FOLDING_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    OPT_LEVEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    DO_FUNCTION_INLINING_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    GLOBAL_JIT_LEVEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    MAX_FOLDED_CONSTANT_IN_BYTES_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    CPU_GLOBAL_JIT_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    do_common_subexpression_elimination: bool
    do_constant_folding: bool
    opt_level: int
    do_function_inlining: bool
    global_jit_level: int
    max_folded_constant_in_bytes: int
    cpu_global_jit: bool
    def __init__(self, *, do_common_subexpression_elimination: bool | None = ..., do_constant_folding: bool | None = ..., opt_level: int | None = ..., do_function_inlining: bool | None = ..., global_jit_level: int | None = ..., max_folded_constant_in_bytes: int | None = ..., cpu_global_jit: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["do_common_subexpression_elimination", "do_constant_folding", "opt_level", "do_function_inlining", "global_jit_level", "max_folded_constant_in_bytes", "cpu_global_jit"]) -> None: ...

class SessionMetadata(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    version: int
    def __init__(self, *, name: str | None = ..., version: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "version"]) -> None: ...

class BatchingOptions(_Message):
    NUM_BATCH_THREADS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MAX_BATCH_SIZE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    BATCH_TIMEOUT_MICROS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    ALLOWED_BATCH_SIZES_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    MAX_ENQUEUED_BATCHES_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    num_batch_threads: int
    max_batch_size: int
    batch_timeout_micros: int
    @property
    def allowed_batch_sizes(self) -> _RepeatedScalar[int]: ...
    max_enqueued_batches: int
    def __init__(self, *, num_batch_threads: int | None = ..., max_batch_size: int | None = ..., batch_timeout_micros: int | None = ..., allowed_batch_sizes: _Iterable[int] | None = ..., max_enqueued_batches: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["num_batch_threads", "max_batch_size", "batch_timeout_micros", "allowed_batch_sizes", "max_enqueued_batches"]) -> None: ...

class RunOptions(_Message):
    class _TraceLevelEnum(_EnumTypeWrapper):
        NO_TRACE: int
        SOFTWARE_TRACE: int
        HARDWARE_TRACE: int
        FULL_TRACE: int
    TraceLevel: _t.ClassVar[_TraceLevelEnum]
    NO_TRACE: _t.ClassVar[int]
    SOFTWARE_TRACE: _t.ClassVar[int]
    HARDWARE_TRACE: _t.ClassVar[int]
    FULL_TRACE: _t.ClassVar[int]
    class Experimental(_Message):
        class RunHandlerPoolOptions(_Message):
            PRIORITY_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
            priority: int
            def __init__(self, *, priority: int | None = ...) -> None: ...
            def ClearField(self, field_name: _t.Literal["priority"]) -> None: ...
        COLLECTIVE_GRAPH_KEY_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        USE_RUN_HANDLER_POOL_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        RUN_HANDLER_POOL_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        collective_graph_key: int
        use_run_handler_pool: bool
        @property
        def run_handler_pool_options(self) -> RunOptions.Experimental.RunHandlerPoolOptions: ...
        def __init__(self, *, collective_graph_key: int | None = ..., use_run_handler_pool: bool | None = ..., run_handler_pool_options: RunOptions.Experimental.RunHandlerPoolOptions | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["run_handler_pool_options"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["collective_graph_key", "use_run_handler_pool", "run_handler_pool_options"]) -> None: ...
    TRACE_LEVEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TIMEOUT_IN_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    INTER_OP_THREAD_POOL_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    OUTPUT_PARTITION_GRAPHS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    DEBUG_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    REPORT_TENSOR_ALLOCATIONS_UPON_OOM_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    EXPERIMENTAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    trace_level: int
    timeout_in_ms: int
    inter_op_thread_pool: int
    output_partition_graphs: bool
    @property
    def debug_options(self) -> DebugOptions: ...
    report_tensor_allocations_upon_oom: bool
    @property
    def experimental(self) -> RunOptions.Experimental: ...
    def __init__(self, *, trace_level: int | None = ..., timeout_in_ms: int | None = ..., inter_op_thread_pool: int | None = ..., output_partition_graphs: bool | None = ..., debug_options: DebugOptions | None = ..., report_tensor_allocations_upon_oom: bool | None = ..., experimental: RunOptions.Experimental | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["debug_options", "experimental"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["trace_level", "timeout_in_ms", "inter_op_thread_pool", "output_partition_graphs", "debug_options", "report_tensor_allocations_upon_oom", "experimental"]) -> None: ...

class RunMetadata(_Message):
    class FunctionGraphs(_Message):
        PARTITION_GRAPHS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        PRE_OPTIMIZATION_GRAPH_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        POST_OPTIMIZATION_GRAPH_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        @property
        def partition_graphs(self) -> _RepeatedComposite[GraphDef]: ...
        @property
        def pre_optimization_graph(self) -> GraphDef: ...
        @property
        def post_optimization_graph(self) -> GraphDef: ...
        def __init__(self, *, partition_graphs: _Iterable[GraphDef] | None = ..., pre_optimization_graph: GraphDef | None = ..., post_optimization_graph: GraphDef | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["pre_optimization_graph", "post_optimization_graph"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["partition_graphs", "pre_optimization_graph", "post_optimization_graph"]) -> None: ...
    PARTITION_GRAPHS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    FUNCTION_GRAPHS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    SESSION_METADATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    @property
    def partition_graphs(self) -> _RepeatedComposite[GraphDef]: ...
    @property
    def function_graphs(self) -> _RepeatedComposite[RunMetadata.FunctionGraphs]: ...
    @property
    def session_metadata(self) -> SessionMetadata: ...
    def __init__(self, *, partition_graphs: _Iterable[GraphDef] | None = ..., function_graphs: _Iterable[RunMetadata.FunctionGraphs] | None = ..., session_metadata: SessionMetadata | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["session_metadata"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["partition_graphs", "function_graphs", "session_metadata"]) -> None: ...

class DebugOptions(_Message):
    DEBUG_TENSOR_WATCH_OPTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    GLOBAL_STEP_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    RESET_DISK_BYTE_USAGE_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
    @property
    def debug_tensor_watch_opts(self) -> _RepeatedComposite[DebugTensorWatch]: ...
    global_step: int
    reset_disk_byte_usage: bool
    def __init__(self, *, debug_tensor_watch_opts: _Iterable[DebugTensorWatch] | None = ..., global_step: int | None = ..., reset_disk_byte_usage: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["debug_tensor_watch_opts", "global_step", "reset_disk_byte_usage"]) -> None: ...

class DebugTensorWatch(_Message):
    NODE_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    OUTPUT_SLOT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    DEBUG_OPS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    DEBUG_URLS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    TOLERATE_DEBUG_OP_CREATION_FAILURES_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    node_name: str
    output_slot: int
    @property
    def debug_ops(self) -> _RepeatedScalar[str]: ...
    @property
    def debug_urls(self) -> _RepeatedScalar[str]: ...
    tolerate_debug_op_creation_failures: bool
    def __init__(self, *, node_name: str | None = ..., output_slot: int | None = ..., debug_ops: _Iterable[str] | None = ..., debug_urls: _Iterable[str] | None = ..., tolerate_debug_op_creation_failures: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["node_name", "output_slot", "debug_ops", "debug_urls", "tolerate_debug_op_creation_failures"]) -> None: ...

class SessionRunRequest(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    FEED_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    FETCH_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    TARGET_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    TENSOR_NAME_IS_ALIAS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    @property
    def model_spec(self) -> ModelSpec: ...
    @property
    def feed(self) -> _RepeatedComposite[NamedTensorProto]: ...
    @property
    def fetch(self) -> _RepeatedScalar[str]: ...
    @property
    def target(self) -> _RepeatedScalar[str]: ...
    @property
    def options(self) -> RunOptions: ...
    tensor_name_is_alias: bool
    def __init__(self, *, model_spec: ModelSpec | None = ..., feed: _Iterable[NamedTensorProto] | None = ..., fetch: _Iterable[str] | None = ..., target: _Iterable[str] | None = ..., options: RunOptions | None = ..., tensor_name_is_alias: bool | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec", "options"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "feed", "fetch", "target", "options", "tensor_name_is_alias"]) -> None: ...

class SessionRunResponse(_Message):
    TENSOR_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    METADATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    @property
    def tensor(self) -> _RepeatedComposite[NamedTensorProto]: ...
    @property
    def metadata(self) -> RunMetadata: ...
    @property
    def model_spec(self) -> ModelSpec: ...
    def __init__(self, *, tensor: _Iterable[NamedTensorProto] | None = ..., metadata: RunMetadata | None = ..., model_spec: ModelSpec | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["metadata", "model_spec"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["tensor", "metadata", "model_spec"]) -> None: ...

class PredictionLog(_Message):
    LOG_METADATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    CLASSIFY_LOG_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    REGRESS_LOG_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    MULTI_INFERENCE_LOG_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    SESSION_RUN_LOG_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    PREDICT_LOG_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    PREDICT_STREAMED_LOG_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    @property
    def log_metadata(self) -> LogMetadata: ...
    @property
    def classify_log(self) -> ClassifyLog: ...
    @property
    def regress_log(self) -> RegressLog: ...
    @property
    def multi_inference_log(self) -> MultiInferenceLog: ...
    @property
    def session_run_log(self) -> SessionRunLog: ...
    @property
    def predict_log(self) -> PredictLog: ...
    @property
    def predict_streamed_log(self) -> PredictStreamedLog: ...
    def __init__(self, *, log_metadata: LogMetadata | None = ..., classify_log: ClassifyLog | None = ..., regress_log: RegressLog | None = ..., multi_inference_log: MultiInferenceLog | None = ..., session_run_log: SessionRunLog | None = ..., predict_log: PredictLog | None = ..., predict_streamed_log: PredictStreamedLog | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["log_metadata", "classify_log", "regress_log", "multi_inference_log", "session_run_log", "predict_log", "predict_streamed_log", "log_type"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["log_metadata", "classify_log", "regress_log", "multi_inference_log", "session_run_log", "predict_log", "predict_streamed_log", "log_type"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["log_type"]) -> _t.Literal["classify_log", "regress_log", "multi_inference_log", "session_run_log", "predict_log", "predict_streamed_log"] | None: ...

class LogMetadata(_Message):
    MODEL_SPEC_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SAMPLING_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    SAVED_MODEL_TAGS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    TIMESTAMP_SECS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    DC_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    REQUEST_ORIGIN_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    REQUEST_CRITICALITY_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    SAFE_AGGREGATION_PRIVACY_KEY_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    @property
    def model_spec(self) -> ModelSpec: ...
    @property
    def sampling_config(self) -> SamplingConfig: ...
    @property
    def saved_model_tags(self) -> _RepeatedScalar[str]: ...
    timestamp_secs: int
    dc: str
    request_origin: str
    request_criticality: str
    safe_aggregation_privacy_key: int
    def __init__(self, *, model_spec: ModelSpec | None = ..., sampling_config: SamplingConfig | None = ..., saved_model_tags: _Iterable[str] | None = ..., timestamp_secs: int | None = ..., dc: str | None = ..., request_origin: str | None = ..., request_criticality: str | None = ..., safe_aggregation_privacy_key: int | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["model_spec", "sampling_config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["model_spec", "sampling_config", "saved_model_tags", "timestamp_secs", "dc", "request_origin", "request_criticality", "safe_aggregation_privacy_key"]) -> None: ...

class ClassifyLog(_Message):
    REQUEST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def request(self) -> ClassificationRequest: ...
    @property
    def response(self) -> ClassificationResponse: ...
    def __init__(self, *, request: ClassificationRequest | None = ..., response: ClassificationResponse | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["request", "response"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["request", "response"]) -> None: ...

class RegressLog(_Message):
    REQUEST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def request(self) -> RegressionRequest: ...
    @property
    def response(self) -> RegressionResponse: ...
    def __init__(self, *, request: RegressionRequest | None = ..., response: RegressionResponse | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["request", "response"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["request", "response"]) -> None: ...

class PredictLog(_Message):
    REQUEST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def request(self) -> PredictRequest: ...
    @property
    def response(self) -> PredictResponse: ...
    def __init__(self, *, request: PredictRequest | None = ..., response: PredictResponse | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["request", "response"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["request", "response"]) -> None: ...

class PredictStreamedLog(_Message):
    REQUEST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def request(self) -> _RepeatedComposite[PredictRequest]: ...
    @property
    def response(self) -> _RepeatedComposite[PredictResponse]: ...
    def __init__(self, *, request: _Iterable[PredictRequest] | None = ..., response: _Iterable[PredictResponse] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["request", "response"]) -> None: ...

class MultiInferenceLog(_Message):
    REQUEST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def request(self) -> MultiInferenceRequest: ...
    @property
    def response(self) -> MultiInferenceResponse: ...
    def __init__(self, *, request: MultiInferenceRequest | None = ..., response: MultiInferenceResponse | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["request", "response"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["request", "response"]) -> None: ...

class SessionRunLog(_Message):
    REQUEST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    RESPONSE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def request(self) -> SessionRunRequest: ...
    @property
    def response(self) -> SessionRunResponse: ...
    def __init__(self, *, request: SessionRunRequest | None = ..., response: SessionRunResponse | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["request", "response"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["request", "response"]) -> None: ...

class RemoteOpRemapConfig(_Message):
    MODEL_NAME_REMAP_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TARGET_ADDRESS_REMAP_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    PROPAGATE_VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    PROPAGATE_MODEL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    BACKEND_MODEL_NAME_TO_TARGET_ADDRESS_REMAP_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    @property
    def model_name_remap(self) -> _ScalarMap[str, str]: ...
    @property
    def target_address_remap(self) -> _ScalarMap[str, str]: ...
    propagate_version: bool
    propagate_model_name: bool
    @property
    def backend_model_name_to_target_address_remap(self) -> _ScalarMap[str, str]: ...
    def __init__(self, *, model_name_remap: _Mapping[str, str] | None = ..., target_address_remap: _Mapping[str, str] | None = ..., propagate_version: bool | None = ..., propagate_model_name: bool | None = ..., backend_model_name_to_target_address_remap: _Mapping[str, str] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["model_name_remap", "target_address_remap", "propagate_version", "propagate_model_name", "backend_model_name_to_target_address_remap"]) -> None: ...

class Resource(_Message):
    DEVICE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    DEVICE_INSTANCE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    KIND_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    device: str
    @property
    def device_instance(self) -> UInt32Value: ...
    kind: str
    def __init__(self, *, device: str | None = ..., device_instance: UInt32Value | None = ..., kind: str | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["device_instance"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["device", "device_instance", "kind"]) -> None: ...

class ResourceAllocation(_Message):
    class Entry(_Message):
        RESOURCE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        QUANTITY_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        @property
        def resource(self) -> Resource: ...
        quantity: int
        def __init__(self, *, resource: Resource | None = ..., quantity: int | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["resource"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["resource", "quantity"]) -> None: ...
    RESOURCE_QUANTITIES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def resource_quantities(self) -> _RepeatedComposite[ResourceAllocation.Entry]: ...
    def __init__(self, *, resource_quantities: _Iterable[ResourceAllocation.Entry] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["resource_quantities"]) -> None: ...

class RuntimeConfigProto(_Message):
    CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def config(self) -> _RepeatedComposite[Any]: ...
    def __init__(self, *, config: _Iterable[Any] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["config"]) -> None: ...

class SavedModelConfig(_Message):
    SESSION_OVERRIDES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    TFRT_RUNTIME_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    CRITICAL_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    @property
    def session_overrides(self) -> SessionOverrides: ...
    @property
    def tfrt_runtime_config(self) -> RuntimeConfigProto: ...
    critical: bool
    def __init__(self, *, session_overrides: SessionOverrides | None = ..., tfrt_runtime_config: RuntimeConfigProto | None = ..., critical: bool | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["session_overrides", "tfrt_runtime_config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["session_overrides", "tfrt_runtime_config", "critical"]) -> None: ...

class SessionOverrides(_Message):
    REMOTE_OP_REMAP_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    BATCH_OP_REWRITER_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    DISABLE_META_OPTIMIZER_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    @property
    def remote_op_remap_config(self) -> RemoteOpRemapConfig: ...
    @property
    def batch_op_rewriter_config(self) -> BatchOpRewriteConfig: ...
    disable_meta_optimizer: bool
    def __init__(self, *, remote_op_remap_config: RemoteOpRemapConfig | None = ..., batch_op_rewriter_config: BatchOpRewriteConfig | None = ..., disable_meta_optimizer: bool | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["remote_op_remap_config", "batch_op_rewriter_config", "disable_meta_optimizer"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["remote_op_remap_config", "batch_op_rewriter_config", "disable_meta_optimizer"]) -> None: ...

class BatchOpRewriteConfig(_Message):
    class AdaptiveBatchSchedulerOption(_Message):
        MIN_INFLIGHT_BATCHES_LIMIT_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        INITIAL_INFLIGHT_BATCHES_LIMIT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        MAX_INFLIGHT_BATCHES_LIMIT_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        BATCHES_TO_AVERAGE_OVER_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        @property
        def min_inflight_batches_limit(self) -> UInt32Value: ...
        @property
        def initial_inflight_batches_limit(self) -> UInt32Value: ...
        @property
        def max_inflight_batches_limit(self) -> UInt32Value: ...
        @property
        def batches_to_average_over(self) -> UInt32Value: ...
        def __init__(self, *, min_inflight_batches_limit: UInt32Value | None = ..., initial_inflight_batches_limit: UInt32Value | None = ..., max_inflight_batches_limit: UInt32Value | None = ..., batches_to_average_over: UInt32Value | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["min_inflight_batches_limit", "initial_inflight_batches_limit", "max_inflight_batches_limit", "batches_to_average_over"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["min_inflight_batches_limit", "initial_inflight_batches_limit", "max_inflight_batches_limit", "batches_to_average_over"]) -> None: ...
    class BatchOptions(_Message):
        NUM_BATCH_THREADS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        MAX_BATCH_SIZE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        BATCH_TIMEOUT_MICROS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        ALLOWED_BATCH_SIZES_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
        MAX_ENQUEUED_BATCHES_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
        DISABLE_LARGE_BATCH_SPLITTING_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
        ADAPTIVE_BATCH_SCHEDULER_OPTION_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
        num_batch_threads: int
        max_batch_size: int
        batch_timeout_micros: int
        @property
        def allowed_batch_sizes(self) -> _RepeatedScalar[int]: ...
        max_enqueued_batches: int
        disable_large_batch_splitting: bool
        @property
        def adaptive_batch_scheduler_option(self) -> BatchOpRewriteConfig.AdaptiveBatchSchedulerOption: ...
        def __init__(self, *, num_batch_threads: int | None = ..., max_batch_size: int | None = ..., batch_timeout_micros: int | None = ..., allowed_batch_sizes: _Iterable[int] | None = ..., max_enqueued_batches: int | None = ..., disable_large_batch_splitting: bool | None = ..., adaptive_batch_scheduler_option: BatchOpRewriteConfig.AdaptiveBatchSchedulerOption | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["num_batch_threads", "max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "disable_large_batch_splitting", "adaptive_batch_scheduler_option"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["num_batch_threads", "max_batch_size", "batch_timeout_micros", "allowed_batch_sizes", "max_enqueued_batches", "disable_large_batch_splitting", "adaptive_batch_scheduler_option"]) -> None: ...
    MODEL_SCHEDULER_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    BATCH_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    ENABLE_ADAPTIVE_SHARED_BATCHING_THREAD_POOL_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    @property
    def model_scheduler_options(self) -> _MessageMap[str, BatchOpRewriteConfig.AdaptiveBatchSchedulerOption]: ...
    @property
    def batch_options(self) -> _MessageMap[str, BatchOpRewriteConfig.BatchOptions]: ...
    enable_adaptive_shared_batching_thread_pool: bool
    def __init__(self, *, model_scheduler_options: _Mapping[str, BatchOpRewriteConfig.AdaptiveBatchSchedulerOption] | None = ..., batch_options: _Mapping[str, BatchOpRewriteConfig.BatchOptions] | None = ..., enable_adaptive_shared_batching_thread_pool: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["model_scheduler_options", "batch_options", "enable_adaptive_shared_batching_thread_pool"]) -> None: ...

class SerializedInput(_Message):
    EXAMPLE_LIST_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    EXAMPLE_LIST_WITH_CONTEXT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def example_list(self) -> SerializedExampleList: ...
    @property
    def example_list_with_context(self) -> SerializedExampleListWithContext: ...
    def __init__(self, *, example_list: SerializedExampleList | None = ..., example_list_with_context: SerializedExampleListWithContext | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["example_list", "example_list_with_context", "kind"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["example_list", "example_list_with_context", "kind"]) -> None: ...
    def WhichOneof(self, oneof_group: _t.Literal["kind"]) -> _t.Literal["example_list", "example_list_with_context"] | None: ...

class SerializedExampleList(_Message):
    EXAMPLES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def examples(self) -> _RepeatedScalar[bytes]: ...
    def __init__(self, *, examples: _Iterable[bytes] | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["examples"]) -> None: ...

class SerializedExampleListWithContext(_Message):
    EXAMPLES_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    CONTEXT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    @property
    def examples(self) -> _RepeatedScalar[bytes]: ...
    context: bytes
    def __init__(self, *, examples: _Iterable[bytes] | None = ..., context: bytes | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["examples", "context"]) -> None: ...

class BatchingParameters(_Message):
    MAX_BATCH_SIZE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    BATCH_TIMEOUT_MICROS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    MAX_ENQUEUED_BATCHES_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    NUM_BATCH_THREADS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    THREAD_POOL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    ALLOWED_BATCH_SIZES_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    PAD_VARIABLE_LENGTH_INPUTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    ENABLE_LARGE_BATCH_SPLITTING_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    MAX_EXECUTION_BATCH_SIZE_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    @property
    def max_batch_size(self) -> Int64Value: ...
    @property
    def batch_timeout_micros(self) -> Int64Value: ...
    @property
    def max_enqueued_batches(self) -> Int64Value: ...
    @property
    def num_batch_threads(self) -> Int64Value: ...
    @property
    def thread_pool_name(self) -> StringValue: ...
    @property
    def allowed_batch_sizes(self) -> _RepeatedScalar[int]: ...
    pad_variable_length_inputs: bool
    @property
    def enable_large_batch_splitting(self) -> BoolValue: ...
    @property
    def max_execution_batch_size(self) -> Int64Value: ...
    def __init__(self, *, max_batch_size: Int64Value | None = ..., batch_timeout_micros: Int64Value | None = ..., max_enqueued_batches: Int64Value | None = ..., num_batch_threads: Int64Value | None = ..., thread_pool_name: StringValue | None = ..., allowed_batch_sizes: _Iterable[int] | None = ..., pad_variable_length_inputs: bool | None = ..., enable_large_batch_splitting: BoolValue | None = ..., max_execution_batch_size: Int64Value | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads", "thread_pool_name", "enable_large_batch_splitting", "max_execution_batch_size"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads", "thread_pool_name", "allowed_batch_sizes", "pad_variable_length_inputs", "enable_large_batch_splitting", "max_execution_batch_size"]) -> None: ...

class ModelWarmupOptions(_Message):
    NUM_REQUEST_ITERATIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    NUM_MODEL_WARMUP_THREADS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    MODEL_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    MODEL_VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    ENABLE_ALL_BATCH_SIZES_WARMUP_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    @property
    def num_request_iterations(self) -> Int32Value: ...
    @property
    def num_model_warmup_threads(self) -> Int32Value: ...
    model_name: str
    model_version: int
    enable_all_batch_sizes_warmup: bool
    def __init__(self, *, num_request_iterations: Int32Value | None = ..., num_model_warmup_threads: Int32Value | None = ..., model_name: str | None = ..., model_version: int | None = ..., enable_all_batch_sizes_warmup: bool | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["num_request_iterations", "num_model_warmup_threads"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["num_request_iterations", "num_model_warmup_threads", "model_name", "model_version", "enable_all_batch_sizes_warmup"]) -> None: ...

class SessionBundleConfig(_Message):
    SESSION_TARGET_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SESSION_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    BATCHING_PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    SESSION_RUN_LOAD_THREADPOOL_INDEX_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    EXPERIMENTAL_TRANSIENT_RAM_BYTES_DURING_LOAD_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    SAVED_MODEL_TAGS_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    IN_GRAPH_BATCHING_PARAMETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    EXPERIMENTAL_FIXED_INPUT_TENSORS_FIELD_NUMBER: _t.ClassVar[_t.Literal[778]]
    ENABLE_MODEL_WARMUP_FIELD_NUMBER: _t.ClassVar[_t.Literal[779]]
    MODEL_WARMUP_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[780]]
    ENABLE_SESSION_METADATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[781]]
    REMOVE_UNUSED_FIELDS_FROM_BUNDLE_METAGRAPH_FIELD_NUMBER: _t.ClassVar[_t.Literal[782]]
    PREFER_TFLITE_MODEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[783]]
    RESOURCE_ESTIMATION_USES_VALIDATION_RESULT_FIELD_NUMBER: _t.ClassVar[_t.Literal[784]]
    NUM_TFLITE_INTERPRETERS_FIELD_NUMBER: _t.ClassVar[_t.Literal[785]]
    NUM_TFLITE_INTERPRETERS_PER_POOL_FIELD_NUMBER: _t.ClassVar[_t.Literal[786]]
    NUM_TFLITE_POOLS_FIELD_NUMBER: _t.ClassVar[_t.Literal[787]]
    WRAP_SESSION_WITH_NO_THREADING_PARAMS_FIELD_NUMBER: _t.ClassVar[_t.Literal[788]]
    ENABLE_PER_MODEL_BATCHING_PARAMS_FIELD_NUMBER: _t.ClassVar[_t.Literal[789]]
    ENABLE_SAVED_MODEL_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[790]]
    MIXED_PRECISION_FIELD_NUMBER: _t.ClassVar[_t.Literal[791]]
    session_target: str
    @property
    def session_config(self) -> ConfigProto: ...
    @property
    def batching_parameters(self) -> BatchingParameters: ...
    @property
    def session_run_load_threadpool_index(self) -> Int32Value: ...
    experimental_transient_ram_bytes_during_load: int
    @property
    def saved_model_tags(self) -> _RepeatedScalar[str]: ...
    @property
    def in_graph_batching_parameters(self) -> BatchingOptions: ...
    @property
    def experimental_fixed_input_tensors(self) -> _RepeatedComposite[NamedTensorProto]: ...
    enable_model_warmup: bool
    @property
    def model_warmup_options(self) -> ModelWarmupOptions: ...
    enable_session_metadata: bool
    remove_unused_fields_from_bundle_metagraph: bool
    prefer_tflite_model: bool
    resource_estimation_uses_validation_result: bool
    num_tflite_interpreters: int
    num_tflite_interpreters_per_pool: int
    num_tflite_pools: int
    wrap_session_with_no_threading_params: bool
    enable_per_model_batching_params: bool
    enable_saved_model_config: bool
    mixed_precision: str
    def __init__(self, *, session_target: str | None = ..., session_config: ConfigProto | None = ..., batching_parameters: BatchingParameters | None = ..., session_run_load_threadpool_index: Int32Value | None = ..., experimental_transient_ram_bytes_during_load: int | None = ..., saved_model_tags: _Iterable[str] | None = ..., in_graph_batching_parameters: BatchingOptions | None = ..., experimental_fixed_input_tensors: _Iterable[NamedTensorProto] | None = ..., enable_model_warmup: bool | None = ..., model_warmup_options: ModelWarmupOptions | None = ..., enable_session_metadata: bool | None = ..., remove_unused_fields_from_bundle_metagraph: bool | None = ..., prefer_tflite_model: bool | None = ..., resource_estimation_uses_validation_result: bool | None = ..., num_tflite_interpreters: int | None = ..., num_tflite_interpreters_per_pool: int | None = ..., num_tflite_pools: int | None = ..., wrap_session_with_no_threading_params: bool | None = ..., enable_per_model_batching_params: bool | None = ..., enable_saved_model_config: bool | None = ..., mixed_precision: str | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["session_config", "batching_parameters", "session_run_load_threadpool_index", "in_graph_batching_parameters", "model_warmup_options"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["session_target", "session_config", "batching_parameters", "session_run_load_threadpool_index", "experimental_transient_ram_bytes_during_load", "saved_model_tags", "in_graph_batching_parameters", "experimental_fixed_input_tensors", "enable_model_warmup", "model_warmup_options", "enable_session_metadata", "remove_unused_fields_from_bundle_metagraph", "prefer_tflite_model", "resource_estimation_uses_validation_result", "num_tflite_interpreters", "num_tflite_interpreters_per_pool", "num_tflite_pools", "wrap_session_with_no_threading_params", "enable_per_model_batching_params", "enable_saved_model_config", "mixed_precision"]) -> None: ...

class SavedModelBundleSourceAdapterConfig(_Message):
    LEGACY_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1000]]
    @property
    def legacy_config(self) -> SessionBundleConfig: ...
    def __init__(self, *, legacy_config: SessionBundleConfig | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["legacy_config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["legacy_config"]) -> None: ...

class HashmapSourceAdapterConfig(_Message):
    class _FormatEnum(_EnumTypeWrapper):
        SIMPLE_CSV: int
    Format: _t.ClassVar[_FormatEnum]
    SIMPLE_CSV: _t.ClassVar[int]
    FORMAT_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    format: int
    def __init__(self, *, format: int | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["format"]) -> None: ...

class StaticStoragePathSourceConfig(_Message):
    SERVABLE_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    VERSION_NUM_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    VERSION_PATH_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    servable_name: str
    version_num: int
    version_path: str
    def __init__(self, *, servable_name: str | None = ..., version_num: int | None = ..., version_path: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["servable_name", "version_num", "version_path"]) -> None: ...

class ThreadPoolFactoryConfig(_Message):
    THREAD_POOL_FACTORY_CONFIG_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    @property
    def thread_pool_factory_config(self) -> Any: ...
    def __init__(self, *, thread_pool_factory_config: Any | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["thread_pool_factory_config"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["thread_pool_factory_config"]) -> None: ...

class SSLConfig(_Message):
    SERVER_KEY_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    SERVER_CERT_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    CUSTOM_CA_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    CLIENT_VERIFY_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    server_key: str
    server_cert: str
    custom_ca: str
    client_verify: bool
    def __init__(self, *, server_key: str | None = ..., server_cert: str | None = ..., custom_ca: str | None = ..., client_verify: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["server_key", "server_cert", "custom_ca", "client_verify"]) -> None: ...

class ProfileOptions(_Message):
    class _DeviceTypeEnum(_EnumTypeWrapper):
        UNSPECIFIED: int
        CPU: int
        GPU: int
        TPU: int
        PLUGGABLE_DEVICE: int
    DeviceType: _t.ClassVar[_DeviceTypeEnum]
    UNSPECIFIED: _t.ClassVar[int]
    CPU: _t.ClassVar[int]
    GPU: _t.ClassVar[int]
    TPU: _t.ClassVar[int]
    PLUGGABLE_DEVICE: _t.ClassVar[int]
    class TraceOptions(_Message):
        HOST_TRACEME_FILTER_MASK_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        host_traceme_filter_mask: int
        def __init__(self, *, host_traceme_filter_mask: int | None = ...) -> None: ...
        def ClearField(self, field_name: _t.Literal["host_traceme_filter_mask"]) -> None: ...
    class AdvancedConfigValue(_Message):
        STRING_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
        BOOL_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
        INT64_VALUE_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
        string_value: str
        bool_value: bool
        int64_value: int
        def __init__(self, *, string_value: str | None = ..., bool_value: bool | None = ..., int64_value: int | None = ...) -> None: ...
        def HasField(self, field_name: _t.Literal["string_value", "bool_value", "int64_value", "value"]) -> bool: ...
        def ClearField(self, field_name: _t.Literal["string_value", "bool_value", "int64_value", "value"]) -> None: ...
        def WhichOneof(self, oneof_group: _t.Literal["value"]) -> _t.Literal["string_value", "bool_value", "int64_value"] | None: ...
    INCLUDE_DATASET_OPS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    HOST_TRACER_LEVEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    DEVICE_TRACER_LEVEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    PYTHON_TRACER_LEVEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    VERSION_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    DEVICE_TYPE_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    ENABLE_HLO_PROTO_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    START_TIMESTAMP_NS_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    DURATION_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    REPOSITORY_PATH_FIELD_NUMBER: _t.ClassVar[_t.Literal[10]]
    TRACE_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[11]]
    ADVANCED_CONFIGURATION_FIELD_NUMBER: _t.ClassVar[_t.Literal[12]]
    RAISE_ERROR_ON_START_FAILURE_FIELD_NUMBER: _t.ClassVar[_t.Literal[13]]
    SESSION_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[14]]
    OVERRIDE_HOSTNAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[15]]
    include_dataset_ops: bool
    host_tracer_level: int
    device_tracer_level: int
    python_tracer_level: int
    version: int
    device_type: int
    enable_hlo_proto: bool
    start_timestamp_ns: int
    duration_ms: int
    repository_path: str
    @property
    def trace_options(self) -> ProfileOptions.TraceOptions: ...
    @property
    def advanced_configuration(self) -> _MessageMap[str, ProfileOptions.AdvancedConfigValue]: ...
    raise_error_on_start_failure: bool
    session_id: str
    override_hostname: str
    def __init__(self, *, include_dataset_ops: bool | None = ..., host_tracer_level: int | None = ..., device_tracer_level: int | None = ..., python_tracer_level: int | None = ..., version: int | None = ..., device_type: int | None = ..., enable_hlo_proto: bool | None = ..., start_timestamp_ns: int | None = ..., duration_ms: int | None = ..., repository_path: str | None = ..., trace_options: ProfileOptions.TraceOptions | None = ..., advanced_configuration: _Mapping[str, ProfileOptions.AdvancedConfigValue] | None = ..., raise_error_on_start_failure: bool | None = ..., session_id: str | None = ..., override_hostname: str | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["trace_options"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["include_dataset_ops", "host_tracer_level", "device_tracer_level", "python_tracer_level", "version", "device_type", "enable_hlo_proto", "start_timestamp_ns", "duration_ms", "repository_path", "trace_options", "advanced_configuration", "raise_error_on_start_failure", "session_id", "override_hostname"]) -> None: ...

class ToolRequestOptions(_Message):
    OUTPUT_FORMATS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    SAVE_TO_REPO_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    output_formats: str
    save_to_repo: bool
    def __init__(self, *, output_formats: str | None = ..., save_to_repo: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["output_formats", "save_to_repo"]) -> None: ...

class ProfileRequest(_Message):
    DURATION_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MAX_EVENTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    TOOLS_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    OPTS_FIELD_NUMBER: _t.ClassVar[_t.Literal[4]]
    REPOSITORY_ROOT_FIELD_NUMBER: _t.ClassVar[_t.Literal[5]]
    SESSION_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    HOST_NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    TOOL_OPTIONS_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    EMIT_XSPACE_FIELD_NUMBER: _t.ClassVar[_t.Literal[9]]
    duration_ms: int
    max_events: int
    @property
    def tools(self) -> _RepeatedScalar[str]: ...
    @property
    def opts(self) -> ProfileOptions: ...
    repository_root: str
    session_id: str
    host_name: str
    @property
    def tool_options(self) -> _MessageMap[str, ToolRequestOptions]: ...
    emit_xspace: bool
    def __init__(self, *, duration_ms: int | None = ..., max_events: int | None = ..., tools: _Iterable[str] | None = ..., opts: ProfileOptions | None = ..., repository_root: str | None = ..., session_id: str | None = ..., host_name: str | None = ..., tool_options: _Mapping[str, ToolRequestOptions] | None = ..., emit_xspace: bool | None = ...) -> None: ...
    def HasField(self, field_name: _t.Literal["opts"]) -> bool: ...
    def ClearField(self, field_name: _t.Literal["duration_ms", "max_events", "tools", "opts", "repository_root", "session_id", "host_name", "tool_options", "emit_xspace"]) -> None: ...

class ProfileToolData(_Message):
    NAME_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    DATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    name: str
    data: bytes
    def __init__(self, *, name: str | None = ..., data: bytes | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["name", "data"]) -> None: ...

class ProfileResponse(_Message):
    TOOL_DATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[6]]
    EMPTY_TRACE_FIELD_NUMBER: _t.ClassVar[_t.Literal[7]]
    XSPACE_FIELD_NUMBER: _t.ClassVar[_t.Literal[8]]
    @property
    def tool_data(self) -> _RepeatedComposite[ProfileToolData]: ...
    empty_trace: bool
    xspace: bytes
    def __init__(self, *, tool_data: _Iterable[ProfileToolData] | None = ..., empty_trace: bool | None = ..., xspace: bytes | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["tool_data", "empty_trace", "xspace"]) -> None: ...

class TerminateRequest(_Message):
    SESSION_ID_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    session_id: str
    def __init__(self, *, session_id: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["session_id"]) -> None: ...

class TerminateResponse(_Message):
    ...

class MonitorRequest(_Message):
    DURATION_MS_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    MONITORING_LEVEL_FIELD_NUMBER: _t.ClassVar[_t.Literal[2]]
    TIMESTAMP_FIELD_NUMBER: _t.ClassVar[_t.Literal[3]]
    duration_ms: int
    monitoring_level: int
    timestamp: bool
    def __init__(self, *, duration_ms: int | None = ..., monitoring_level: int | None = ..., timestamp: bool | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["duration_ms", "monitoring_level", "timestamp"]) -> None: ...

class MonitorResponse(_Message):
    DATA_FIELD_NUMBER: _t.ClassVar[_t.Literal[1]]
    data: str
    def __init__(self, *, data: str | None = ...) -> None: ...
    def ClearField(self, field_name: _t.Literal["data"]) -> None: ...
