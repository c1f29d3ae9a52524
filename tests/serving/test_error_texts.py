"""Texts that TensorFlow Serving's users know, word for word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.server import Server
from tfs_notebook.serving.inference import check_method_name
from tfs_notebook.serving.model_config import configured_models, model_settings
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import Code, ServingError
from tfs_notebook.wire.messages import ModelConfig, ModelConfigList, ModelServerConfig
from tfs_notebook.wire.signatures import Signature

TYPE = "ModelServerConfig::model_type (deprecated)"
PLATFORM = "ModelServerConfig::model_platform"


def settings(*models: ModelConfig) -> None:
    model_settings(ModelServerConfig(model_config_list=ModelConfigList(config=models)))


def model(**fields: Any) -> ModelConfig:
    given: dict[str, Any] = {"name": "m", "base_path": "/m", "model_platform": "tensorflow"}
    return ModelConfig(**given | fields)


@pytest.mark.parametrize(
    ("models", "code", "text"),
    [
        (
            [model(), model()],
            Code.INVALID_ARGUMENT,
            "Illegal to list model m multiple times in config list",
        ),
        (
            [model(base_path="a/b")],
            Code.INVALID_ARGUMENT,
            "Expected model m to have an absolute path or URI; got base_path()=a/b",
        ),
        (
            [model(base_path="")],
            Code.INVALID_ARGUMENT,
            "Expected model m to have an absolute path or URI; got base_path()=",
        ),
        (
            [model(model_type=1)],
            Code.INVALID_ARGUMENT,
            f"Illegal setting both {TYPE} and {PLATFORM}, model name is m",
        ),
        (
            [model(model_platform="")],
            Code.INVALID_ARGUMENT,
            f"Illegal setting neither {TYPE} nor {PLATFORM}, model name is m",
        ),
        (
            [model(model_type=2, model_platform="")],
            Code.INVALID_ARGUMENT,
            "Model m requests unsupported platform OTHER",
        ),
        (
            [model(model_platform="onnx")],
            Code.FAILED_PRECONDITION,
            "PlatformConfigMap has no entry for platform onnx",
        ),
    ],
)
def test_configurations(models: list[ModelConfig], code: Code, text: str) -> None:
    with pytest.raises(ServingError) as caught:
        settings(*models)
    assert (caught.value.code, caught.value.message) == (code, text)


def custom() -> ModelServerConfig:
    config = ModelServerConfig()
    config.custom_model_config.SetInParent()
    return config


def test_custom_configurations(tmp_path: Path) -> None:
    with pytest.raises(ServingError) as caught:
        model_settings(custom())
    assert caught.value.message == "Missing custom_model_config_loader in ServerCore Options"
    server = ModelServer(ServerConfig(model_base_path=str(tmp_path)))
    with pytest.raises(ServingError) as caught:
        server.reload(custom())
    assert caught.value.code == Code.INVALID_ARGUMENT
    assert caught.value.message == (
        "ServerModelConfig type not supported by HandleReloadConfigRequest. Only "
        "ModelConfigList is currently supported"
    )
    server.stop(1.0)


def test_options_of_the_server(tmp_path: Path) -> None:
    refused = {
        "At least one of server_options.grpc_port or server_options.grpc_socket_path must be "
        "set.": ServerConfig(port=0, model_base_path=str(tmp_path)),
        "server_options.batching_parameters_file is set without setting "
        "server_options.enable_batching to true.": ServerConfig(
            model_base_path=str(tmp_path), batching_parameters_file=str(tmp_path / "file")
        ),
    }
    for text, config in refused.items():
        with pytest.raises(ServingError) as caught:
            Server(config)
        assert (caught.value.code, caught.value.message) == (Code.INVALID_ARGUMENT, text)


def test_no_model_at_all() -> None:
    with pytest.raises(ServingError) as caught:
        configured_models(ServerConfig())
    assert caught.value.code == Code.INVALID_ARGUMENT
    # What to do comes after it.
    assert caught.value.message.startswith(
        "Both server_options.model_base_path and server_options.model_config_file are empty! "
    )


def test_method_names() -> None:
    with pytest.raises(ServingError) as caught:
        check_method_name(Signature("s", "mine", {}, {}))
    assert caught.value.code == Code.INTERNAL
    assert caught.value.message == (
        "Expected prediction signature method_name to be one of {tensorflow/serving/predict, "
        "tensorflow/serving/classify, tensorflow/serving/regress}. Was: mine"
    )
