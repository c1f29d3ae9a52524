"""``--platform_config_file``: what it says holds, and the flags that say the same do not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.batching_files import server_parameters
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.platform_config import (
    _FIELDS_WITHOUT_EFFECT,
    _REFUSED_FIELDS,
    platform_bundle,
    with_platform_config,
)
from tfs_notebook.serving.session_config import session_config
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound
from tfs_notebook.wire.messages import SessionBundleConfig

HONOURED = {
    "session_config",
    "batching_parameters",
    "saved_model_tags",
    "enable_model_warmup",
    "model_warmup_options",
    "enable_per_model_batching_params",
    "enable_saved_model_config",
    "mixed_precision",
    "prefer_tflite_model",
    "num_tflite_pools",
    "num_tflite_interpreters_per_pool",
}


def platform_file(directory: Path, bundle: str, platform: str = "tensorflow") -> str:
    path = directory / "platform.config"
    path.write_text(
        f"""
        platform_configs {{
          key: "{platform}"
          value {{
            source_adapter_config {{
              [type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] {{
                legacy_config {{ {bundle} }}
              }}
            }}
          }}
        }}
        """
    )
    return str(path)


def test_what_the_file_says_takes_the_place_of_flags(tmp_path: Path) -> None:
    file = platform_file(
        tmp_path,
        """
        session_config { intra_op_parallelism_threads: 3 }
        batching_parameters {
          max_batch_size { value: 16 }
          thread_pool_name { value: "mine" }
        }
        saved_model_tags: "serve" saved_model_tags: "gpu"
        enable_model_warmup: true
        model_warmup_options {
          num_request_iterations { value: 4 }
          num_model_warmup_threads { value: 2 }
        }
        enable_per_model_batching_params: true
        mixed_precision: "bfloat16"
        """,
    )
    config = with_platform_config(ServerConfig(platform_config_file=file, model_name="m"))
    assert config.model_name == "m"
    assert config.enable_batching
    assert config.enable_per_model_batching_parameters
    assert config.saved_model_tags == "serve,gpu"
    assert config.enable_model_warmup
    assert config.num_request_iterations_for_warmup == 4
    assert config.num_model_warmup_threads == 2
    session = session_config(config)
    assert session.intra_op_parallelism_threads == 3
    assert session.graph_options.rewrite_options.auto_mixed_precision_onednn_bfloat16 == 1
    parameters = server_parameters(config)
    assert (parameters.max_batch_size, parameters.thread_pool_name) == (16, "mine")


def test_what_the_file_leaves_out_is_off(tmp_path: Path) -> None:
    config = with_platform_config(
        ServerConfig(platform_config_file=platform_file(tmp_path, ""))
    )
    assert not config.enable_batching
    assert not config.enable_model_warmup
    assert config.saved_model_tags == "serve"
    assert config.num_model_warmup_threads == 1
    assert config.mixed_precision == ""


def test_flags_beside_the_file_have_no_effect_and_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = with_platform_config(
        ServerConfig(
            platform_config_file=platform_file(tmp_path, "enable_model_warmup: true"),
            enable_batching=True,
            batching_parameters_file=str(tmp_path / "none"),
            tensorflow_session_config_file=str(tmp_path / "none"),
            tensorflow_intra_op_parallelism=5,
            per_process_gpu_memory_fraction=0.5,
            saved_model_tags="other",
            reload_timeout_seconds=7.0,
        )
    )
    assert not config.enable_batching
    assert config.saved_model_tags == "serve"
    assert config.reload_timeout_seconds == 7.0
    session = session_config(config)
    assert session.intra_op_parallelism_threads == 0
    assert session.gpu_options.per_process_gpu_memory_fraction == 0.0
    told = {text.split(" has no effect ")[0] for text in caplog.messages}
    assert told == {
        "--enable_batching",
        "--batching_parameters_file",
        "--tensorflow_session_config_file",
        "--tensorflow_intra_op_parallelism",
        "--per_process_gpu_memory_fraction",
        "--saved_model_tags",
    }


def test_every_field_is_honoured_or_told_or_refused() -> None:
    fields = [field.name for field in SessionBundleConfig.DESCRIPTOR.fields]
    kinds = [*HONOURED, *_FIELDS_WITHOUT_EFFECT, *_REFUSED_FIELDS]
    assert sorted(kinds) == sorted(fields)


@pytest.mark.parametrize(
    ("bundle", "text"),
    [
        (
            "num_tflite_interpreters: 2",
            "num_tflite_interpreters has no effect: num_tflite_pools and",
        ),
        ("enable_session_metadata: true", "enable_session_metadata has no effect: nothing"),
        (
            "model_warmup_options { enable_all_batch_sizes_warmup: true }",
            "model_warmup_options.enable_all_batch_sizes_warmup has no effect: with batching",
        ),
    ],
)
def test_fields_without_effect_are_told_once(
    tmp_path: Path, bundle: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    base = tmp_path / "m"
    base.mkdir()
    with caplog.at_level(logging.WARNING):
        server = ModelServer(
            ServerConfig(
                model_base_path=str(base), platform_config_file=platform_file(tmp_path, bundle)
            )
        )
        server.stop(5)
    assert [message for message in caplog.messages if text in message] == caplog.messages
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("bundle", "text"),
    [
        ('session_target: "grpc://elsewhere"', "session_target: models run in the server"),
        (
            'experimental_fixed_input_tensors { name: "x" }',
            "experimental_fixed_input_tensors: no input of a model is fixed here",
        ),
        ('mixed_precision: "float16"', "'bfloat16' or left out; got 'float16'"),
    ],
)  # fmt: skip
def test_fields_that_would_change_answers_are_refused(
    tmp_path: Path, bundle: str, text: str
) -> None:
    with pytest.raises(InvalidArgument, match=text):
        with_platform_config(ServerConfig(platform_config_file=platform_file(tmp_path, bundle)))


def test_other_platforms_are_refused(tmp_path: Path) -> None:
    file = platform_file(tmp_path, "", platform="hashmap")
    with pytest.raises(InvalidArgument, match=r"only the platform 'tensorflow' .*'hashmap'"):
        platform_bundle(ServerConfig(platform_config_file=file))


def test_a_file_that_says_nothing_of_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    with pytest.raises(
        FailedPrecondition, match=r"^PlatformConfigMap has no entry for platform tensorflow"
    ):
        platform_bundle(ServerConfig(platform_config_file=str(tmp_path / "empty")))


TYPES = "type.googleapis.com/tensorflow.serving."
OTHER_TYPE = (
    "has to be a tensorflow.serving.SavedModelBundleSourceAdapterConfig; "
    f".* has '{TYPES}HashmapSourceAdapterConfig'"
)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (f"source_adapter_config {{ [{TYPES}HashmapSourceAdapterConfig] {{}} }}", OTHER_TYPE),
        ("", r"has to be a tensorflow.serving.SavedModelBundleSourceAdapterConfig; .*'none'"),
        ("source_adapter_config { [type.googleapis.com/a.B] {} }", "Invalid protobuf file: "),
        (
            (
                f'source_adapter_config {{ type_url: "{TYPES}'
                'SavedModelBundleSourceAdapterConfig" value: "\\377" }'
            ),
            "cannot be parsed",
        ),
    ],
)
def test_adapters_of_other_kinds_are_refused(tmp_path: Path, config: str, text: str) -> None:
    file = tmp_path / "platform.config"
    file.write_text(f'platform_configs {{ key: "tensorflow" value {{ {config} }} }}')
    with pytest.raises(InvalidArgument, match=text):
        platform_bundle(ServerConfig(platform_config_file=str(file)))


Start = Callable[..., ModelServer]


def test_a_server_batches_as_the_file_says(
    tmp_path: Path, start: Start, half_plus_two: Path
) -> None:
    file = platform_file(tmp_path, "batching_parameters { max_batch_size { value: 2 } }")
    server = start(
        model_name="m", model_base_path=str(half_plus_two.parent), platform_config_file=file
    )
    assert server.predict("m", [1.0, 2.0])["y"].tolist() == [2.5, 3.0]
    with pytest.raises(InvalidArgument, match="size 3 is larger than maximum"):
        server.predict("m", [1.0, 2.0, 3.0])


def test_a_server_loads_by_the_tags_of_the_file(
    tmp_path: Path, start: Start, half_plus_two: Path
) -> None:
    server = start(
        model_name="m",
        model_base_path=str(half_plus_two.parent),
        platform_config_file=platform_file(tmp_path, 'saved_model_tags: "nobody"'),
        max_num_load_retries=0,
    )
    with pytest.raises(NotFound):
        server.predict("m", [1.0])
    model = server.model("m")
    assert model is not None
    assert "nobody" in str(model.versions[0].error)
