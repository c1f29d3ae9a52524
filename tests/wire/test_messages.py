"""The message classes work, alone and beside those of TensorFlow."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from google.protobuf import descriptor_pool, json_format, text_format

from tests.python_process import output_of
from tfs_notebook.wire import messages
from tfs_notebook.wire.messages import (
    POOL,
    SERVICES,
    BatchingParameters,
    Code,
    ConfigProto,
    DataType,
    Example,
    Feature,
    GetModelMetadataResponse,
    GetModelStatusResponse,
    GraphDebugInfo,
    Input,
    Int64List,
    Int64Value,
    ModelServerConfig,
    ModelSpec,
    ModelVersionStatus,
    PlatformConfigMap,
    PredictRequest,
    PredictResponse,
    SavedModel,
    SavedModelBundleSourceAdapterConfig,
    SerializedInput,
    SessionRunRequest,
    SignatureDef,
    SignatureDefMap,
    StatusProto,
    TensorInfo,
    TensorProto,
    TensorShapeProto,
)


def a_request() -> PredictRequest:
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=2)])
    tensor = TensorProto(
        dtype=DataType.DT_FLOAT, tensor_shape=shape, tensor_content=b"\0\0\x80?" * 2
    )
    return PredictRequest(
        model_spec=ModelSpec(name="half_plus_two", version=Int64Value(value=123)),
        inputs={"x": tensor},
        output_filter=["y"],
    )


class TestMessages:
    def test_round_trip(self) -> None:
        request = a_request()
        assert PredictRequest.FromString(request.SerializeToString()) == request

    def test_fields_of_every_kind(self) -> None:
        spec = ModelSpec(version_label="stable")
        assert spec.WhichOneof("version_choice") == "version_label"
        spec.version.value = 0
        assert spec.WhichOneof("version_choice") == "version"
        response = GetModelStatusResponse()
        response.model_version_status.add(state=ModelVersionStatus.AVAILABLE)
        assert response.model_version_status[0].state == 30
        assert ModelVersionStatus.State.Name(30) == "AVAILABLE"

    def test_absent_and_zero_differ_where_it_matters(self) -> None:
        assert not BatchingParameters().HasField("num_batch_threads")
        options = PredictRequest.RequestOptions(return_all_stoptokens=False)
        assert options.HasField("return_all_stoptokens")

    def test_enums(self) -> None:
        assert DataType.Value("DT_STRING") == DataType.DT_STRING == 7
        assert Code.Name(5) == "NOT_FOUND"

    def test_classes_say_where_they_are_from(self) -> None:
        assert PredictRequest.__module__ == messages.__name__
        assert PredictRequest.DESCRIPTOR.full_name == "tensorflow.serving.PredictRequest"

    def test_names_that_do_not_exist(self) -> None:
        with pytest.raises(AttributeError):
            messages.PredictRequests  # type: ignore[attr-defined]  # noqa: B018

    def test_unknown_fields_survive(self) -> None:
        handle_of_tomorrow = b"\xfa\x3f\x03new"  # field 1023, three bytes
        request = PredictRequest.FromString(
            a_request().SerializeToString() + handle_of_tomorrow
        )
        assert request.output_filter == ["y"]
        assert request.SerializeToString().endswith(handle_of_tomorrow)

    def test_examples_can_stay_bytes(self) -> None:
        feature = Feature(int64_list=Int64List(value=[1, 2]))
        example = Example()
        example.features.feature["x"].CopyFrom(feature)
        request = Input()
        request.example_list.examples.append(example)
        serialized = SerializedInput.FromString(request.SerializeToString())
        assert list(serialized.example_list.examples) == [example.SerializeToString()]

    def test_source_code_need_not_be_utf8(self) -> None:
        latin1 = b"\x22\x03\xe9t\xe9"  # FileLineCol.func
        assert GraphDebugInfo.FileLineCol.FromString(latin1).HasField("func")


class TestServices:
    def test_all_of_them(self) -> None:
        assert {name: set(methods) for name, methods in SERVICES.items()} == {
            "tensorflow.serving.PredictionService": {
                "Predict",
                "Classify",
                "Regress",
                "MultiInference",
                "GetModelMetadata",
            },
            "tensorflow.serving.ModelService": {"GetModelStatus", "HandleReloadConfigRequest"},
            "tensorflow.serving.SessionService": {"SessionRun"},
            "inference.GRPCInferenceService": {
                "ServerLive",
                "ServerReady",
                "ServerMetadata",
                "ModelReady",
                "ModelMetadata",
                "ModelInfer",
                "ModelStreamInfer",
                "ModelStatistics",
                "RepositoryIndex",
                "RepositoryModelLoad",
                "RepositoryModelUnload",
            },
        }

    def test_a_method_has_the_classes_of_the_module(self) -> None:
        predict = SERVICES["tensorflow.serving.PredictionService"]["Predict"]
        assert predict == (PredictRequest, PredictResponse)
        session_run = SERVICES["tensorflow.serving.SessionService"]["SessionRun"]
        assert session_run.request is SessionRunRequest

    def test_is_read_only(self) -> None:
        with pytest.raises(TypeError):
            SERVICES["mine"] = {}  # type: ignore[index]


class TestTextFormat:
    def test_model_config_file(self) -> None:
        config = text_format.Parse(
            """
            model_config_list {
              config {
                name: "spam" base_path: "/models/spam" model_platform: "tensorflow"
                model_version_policy { specific { versions: 1 versions: 2 } }
                version_labels { key: "stable" value: 1 }
                logging_config { sampling_config { sampling_rate: 0.1 } }
              }
            }
            """,
            ModelServerConfig(),
        )
        (model,) = config.model_config_list.config
        assert list(model.model_version_policy.specific.versions) == [1, 2]
        assert dict(model.version_labels) == {"stable": 1}

    def test_platform_config_file(self) -> None:
        text = """
            platform_configs {
              key: "tensorflow"
              value { source_adapter_config {
                [type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] {
                  legacy_config { enable_model_warmup: true
                                  batching_parameters { max_batch_size { value: 32 } } }
                }
              } }
            }
        """
        config = text_format.Parse(text, PlatformConfigMap(), descriptor_pool=POOL)
        adapter = SavedModelBundleSourceAdapterConfig()
        assert config.platform_configs["tensorflow"].source_adapter_config.Unpack(adapter)
        assert adapter.legacy_config.batching_parameters.max_batch_size.value == 32

    def test_session_config_file(self) -> None:
        text = """
            gpu_options { per_process_gpu_memory_fraction: 0.4 allow_growth: true }
            graph_options {
              optimizer_options { global_jit_level: ON_1 }
              rewrite_options { constant_folding: OFF meta_optimizer_iterations: ONE }
            }
            device_count { key: "CPU" value: 2 }
            session_inter_op_thread_pool { num_threads: 4 }
            experimental { use_tfrt: false disable_thread_spinning: true }
        """
        config = text_format.Parse(text, ConfigProto())
        assert config.graph_options.optimizer_options.global_jit_level == 1
        assert config.gpu_options.allow_growth


class TestJson:
    def test_metadata_with_what_is_packed_into_it(self) -> None:
        signatures = SignatureDefMap()
        signatures.signature_def["serving_default"].CopyFrom(
            SignatureDef(outputs={"y": TensorInfo(name="y:0", dtype=1)})
        )
        response = GetModelMetadataResponse()
        response.metadata["signature_def"].Pack(signatures)
        document = json_format.MessageToDict(response, descriptor_pool=POOL)
        packed = document["metadata"]["signature_def"]
        assert packed["@type"] == "type.googleapis.com/tensorflow.serving.SignatureDefMap"
        assert packed["signatureDef"]["serving_default"]["outputs"]["y"]["dtype"] == "DT_FLOAT"
        parsed = json_format.ParseDict(
            document, GetModelMetadataResponse(), descriptor_pool=POOL
        )
        assert parsed == response

    def test_status_keeps_its_underscores(self) -> None:
        response = GetModelStatusResponse()
        status = StatusProto(error_code=Code.NOT_FOUND, error_message="gone")
        response.model_version_status.add(version=7, status=status)
        assert json_format.MessageToDict(response) == {
            "model_version_status": [
                {
                    "version": "7",
                    "status": {"error_code": "NOT_FOUND", "error_message": "gone"},
                }
            ]
        }

    def test_wrappers_are_plain_values(self) -> None:
        parsed = json_format.ParseDict({"name": "m", "version": "3"}, ModelSpec())
        assert parsed.version.value == 3


@pytest.fixture(scope="module")
def theirs() -> Any:
    """The official module; ours is imported already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tensorflow_serving.apis import predict_pb2
    return predict_pb2


class TestBesideTensorFlow:
    def test_bytes_go_both_ways(self, theirs: Any) -> None:
        request = a_request()
        their_request = theirs.PredictRequest.FromString(request.SerializeToString())
        assert their_request.inputs["x"].tensor_content == b"\0\0\x80?" * 2
        assert PredictRequest.FromString(their_request.SerializeToString()) == request

    def test_pools_are_separate(self, theirs: Any) -> None:
        assert theirs.PredictRequest is not PredictRequest
        assert theirs.PredictRequest.DESCRIPTOR.file.pool is descriptor_pool.Default()
        assert PredictRequest.DESCRIPTOR.file.pool is POOL
        with pytest.raises(TypeError):
            PredictRequest().CopyFrom(theirs.PredictRequest())

    def test_a_saved_model_written_by_tensorflow(self, theirs: Any) -> None:
        assert theirs is not None
        from tensorflow.core.protobuf import saved_model_pb2

        saved = saved_model_pb2.SavedModel(saved_model_schema_version=1)
        graph = saved.meta_graphs.add()
        graph.meta_info_def.tags.append("serve")
        graph.graph_def.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
        graph.object_graph_def.nodes.add().function.concrete_functions.append("f")
        frame = graph.graph_def.debug_info.frames_by_id[1]
        frame.line = 0
        text = text_format.MessageToString(saved)
        ours = SavedModel.FromString(saved.SerializeToString())
        assert text_format.MessageToString(ours) == text
        assert text_format.Parse(text, SavedModel()) == ours

    @pytest.mark.long
    def test_theirs_first(self) -> None:
        program = (
            "from tensorflow_serving.apis import predict_pb2\n"
            "from tfs_notebook.wire.messages import PredictRequest\n"
            "request = PredictRequest(output_filter=['y'])\n"
            "data = request.SerializeToString()\n"
            "print(predict_pb2.PredictRequest.FromString(data).output_filter[0])\n"
        )
        assert output_of("-c", program) == "y\n"


class TestImport:
    def test_brings_in_nothing_heavy(self) -> None:
        program = (
            "import sys\n"
            "import tfs_notebook.wire.messages\n"
            "heavy = {'tensorflow', 'tensorflow_serving', 'numpy', 'grpc', 'grpc_tools'}\n"
            "print(sorted(heavy & set(sys.modules)))\n"
        )
        assert output_of("-c", program) == "[]\n"

    def test_leaves_the_default_pool_alone(self) -> None:
        program = (
            "from google.protobuf import descriptor_pool\n"
            "import tfs_notebook.wire.messages\n"
            "try:\n"
            "    descriptor_pool.Default().FindMessageTypeByName('tensorflow.TensorProto')\n"
            "except KeyError:\n"
            "    print('not there')\n"
        )
        assert output_of("-c", program) == "not there\n"
