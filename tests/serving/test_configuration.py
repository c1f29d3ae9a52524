"""Model configurations and session configurations, checked and made plain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle.version_policy import All, Latest, Specific
from tfs_notebook.serving.model_config import (
    configured_models,
    model_settings,
    read_text_proto,
)
from tfs_notebook.serving.session_config import session_config
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument
from tfs_notebook.wire.messages import ConfigProto, ModelServerConfig


def config_of(tmp_path: Path, *entries: str) -> ModelServerConfig:
    path = tmp_path / "models.config"
    path.write_text(
        "model_config_list {" + "".join(f"config {{ {e} }}\n" for e in entries) + "}"
    )
    return read_text_proto(path, ModelServerConfig)


PLAIN = 'name: "m" base_path: "/models/m" model_platform: "tensorflow"'


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", Latest()),
        ("latest {}", Latest()),
        ("latest { num_versions: 0 }", Latest(1)),
        ("latest { num_versions: 3 }", Latest(3)),
        ("all {}", All()),
        ("specific { versions: 4 versions: 2 }", Specific((4, 2))),
        ("specific {}", Specific(())),
    ],
)
def test_policies(tmp_path: Path, policy: str, expected: object) -> None:
    entry = f"{PLAIN} model_version_policy {{ {policy} }}"
    [settings] = model_settings(config_of(tmp_path, entry))
    assert settings.policy == expected


def test_settings(tmp_path: Path) -> None:
    entry = PLAIN + ' version_labels { key: "stable" value: 5 }'
    [settings, other] = model_settings(
        config_of(
            tmp_path, entry, 'name: "o" base_path: "gs://b/o" model_platform: "tensorflow"'
        )
    )
    assert (settings.name, settings.base_path) == ("m", "/models/m")
    assert settings.version_labels == {"stable": 5}
    assert other.base_path == "gs://b/o"


def test_the_old_model_type_still_counts(tmp_path: Path) -> None:
    [settings] = model_settings(
        config_of(tmp_path, 'name: "m" base_path: "/m" model_type: TENSORFLOW')
    )
    assert settings.name == "m"


def test_an_empty_list_is_a_configuration(tmp_path: Path) -> None:
    assert model_settings(config_of(tmp_path)) == []


@pytest.mark.parametrize(
    ("entries", "error", "text"),
    [
        ([PLAIN, PLAIN], InvalidArgument, "Illegal to list model m multiple times"),
        (['base_path: "/m" model_platform: "tensorflow"'], InvalidArgument, "has no name"),
        (['name: "m" model_platform: "tensorflow"'], InvalidArgument, "absolute path or URI"),
        (
            ['name: "m" base_path: "a/b" model_platform: "tensorflow"'],
            InvalidArgument,
            "Expected model m to have an absolute path or URI; got base_path()=a/b",
        ),
        (['name: "m" base_path: "/m"'], InvalidArgument, "Illegal setting neither"),
        ([f"{PLAIN} model_type: TENSORFLOW"], InvalidArgument, "Illegal setting both"),
        (['name: "m" base_path: "/m" model_type: OTHER'], InvalidArgument, "platform OTHER"),
        (
            ['name: "m" base_path: "/m" model_platform: "onnx"'],
            FailedPrecondition,
            "PlatformConfigMap has no entry for platform onnx",
        ),
        (
            [f"{PLAIN} logging_config {{}}"],
            InvalidArgument,
            "model m: filename_prefix is what the names of the log files",
        ),
    ],
)
def test_configurations_that_are_wrong(
    tmp_path: Path, entries: list[str], error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as caught:
        model_settings(config_of(tmp_path, *entries))
    assert text in str(caught.value)


def test_custom_configurations_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "models.config"
    path.write_text("custom_model_config {}")
    with pytest.raises(InvalidArgument, match="Missing custom_model_config_loader"):
        model_settings(read_text_proto(path, ModelServerConfig))


@pytest.mark.parametrize("content", [b"nonsense {", b"\xff\xfe", b"model_config_list { x: 1 }"])
def test_files_that_are_no_text_proto(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InvalidArgument, match=rf"Invalid protobuf file: '{path}'"):
        read_text_proto(path, ModelServerConfig)
    with pytest.raises(InvalidArgument, match="Invalid protobuf file"):
        read_text_proto(tmp_path, ModelServerConfig)


@pytest.mark.parametrize("content", ["", "# nothing yet\n"])
def test_an_empty_file_is_a_configuration_without_models(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    config = read_text_proto(path, ModelServerConfig)
    assert config == ModelServerConfig()
    assert model_settings(config) == []


def test_one_model_by_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [settings] = configured_models(ServerConfig(model_name="n", model_base_path="here"))
    assert (settings.name, settings.base_path) == ("n", str(tmp_path / "here"))
    [settings] = configured_models(ServerConfig(model_base_path="s3://bucket/m"))
    assert (settings.name, settings.base_path) == ("default", "s3://bucket/m")
    with pytest.raises(InvalidArgument, match="Give --model_base_path=DIR"):
        configured_models(ServerConfig())


def test_the_file_takes_the_place_of_the_flags(tmp_path: Path) -> None:
    config_of(tmp_path, PLAIN)
    config = ServerConfig(
        model_config_file=str(tmp_path / "models.config"), model_base_path="/other"
    )
    [settings] = configured_models(config)
    assert settings.base_path == "/models/m"


# -- sessions ------------------------------------------------------------------------


def test_parallelism() -> None:
    both = session_config(ServerConfig(tensorflow_session_parallelism=3))
    assert (both.intra_op_parallelism_threads, both.inter_op_parallelism_threads) == (3, 3)
    each = session_config(
        ServerConfig(tensorflow_intra_op_parallelism=1, tensorflow_inter_op_parallelism=2)
    )
    assert (each.intra_op_parallelism_threads, each.inter_op_parallelism_threads) == (1, 2)
    none = session_config(ServerConfig())
    assert (none.intra_op_parallelism_threads, none.inter_op_parallelism_threads) == (0, 0)


def test_flags_go_before_the_session_file(tmp_path: Path) -> None:
    path = tmp_path / "session.config"
    path.write_text("intra_op_parallelism_threads: 7 inter_op_parallelism_threads: 8")
    proto: ConfigProto = session_config(
        ServerConfig(
            tensorflow_session_config_file=str(path),
            tensorflow_inter_op_parallelism=2,
            per_process_gpu_memory_fraction=0.5,
        )
    )
    assert proto.intra_op_parallelism_threads == 7
    assert proto.inter_op_parallelism_threads == 2
    assert proto.gpu_options.per_process_gpu_memory_fraction == 0.5


def test_parallelism_flags_exclude_each_other() -> None:
    with pytest.raises(InvalidArgument, match="give one or the others"):
        session_config(
            ServerConfig(tensorflow_session_parallelism=1, tensorflow_inter_op_parallelism=1)
        )
