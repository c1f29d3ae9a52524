"""Each of the 48 flags of tensorflow_model_server does something, or says that it does not."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from traitlets import Bool, Enum, Float, Int, Unicode

from tests.cli.standalone import run
from tfs_notebook.cli.flags import NO_EFFECT, REFUSED, FlagError, help_text, parse_flags
from tfs_notebook.config import GROUPS, ServerConfig

Value = bool | int | float | str

_FOUR_A_CPU = 4 * (os.cpu_count() or 1)

# As TensorFlow Serving's main.cc declares them: the default, whose type is the flag's.
FLAGS: dict[str, Value] = {
    "port": 8500,
    "grpc_socket_path": "",
    "rest_api_port": 0,
    "rest_api_num_threads": _FOUR_A_CPU,
    "rest_api_timeout_in_ms": 30000,
    "rest_api_enable_cors_support": False,
    "enable_batching": False,
    "allow_version_labels_for_unavailable_models": False,
    "batching_parameters_file": "",
    "enable_per_model_batching_parameters": False,
    "model_config_file": "",
    "model_config_file_poll_wait_seconds": 0,
    "model_name": "default",
    "model_base_path": "",
    "num_load_threads": 0,
    "num_unload_threads": 0,
    "max_num_load_retries": 5,
    "load_retry_interval_micros": 60_000_000,
    "file_system_poll_wait_seconds": 1,
    "flush_filesystem_caches": True,
    "tensorflow_session_parallelism": 0,
    "tensorflow_session_config_file": "",
    "tensorflow_intra_op_parallelism": 0,
    "tensorflow_inter_op_parallelism": 0,
    "use_alts_credentials": False,
    "ssl_config_file": "",
    "platform_config_file": "",
    "per_process_gpu_memory_fraction": 0.0,
    "saved_model_tags": "serve",
    "grpc_channel_arguments": "",
    "grpc_max_threads": _FOUR_A_CPU,
    "enable_model_warmup": True,
    "num_request_iterations_for_warmup": 0,
    "version": False,
    "monitoring_config_file": "",
    "remove_unused_fields_from_bundle_metagraph": True,
    "prefer_tflite_model": False,
    "num_tflite_pools": os.cpu_count() or 1,
    "num_tflite_interpreters_per_pool": 1,
    "enable_signature_method_name_check": False,
    "xla_cpu_compilation_enabled": False,
    "xla_gpu_compilation_enabled": False,
    "enable_profiler": True,
    "thread_pool_factory_config_file": "",
    "mixed_precision": "",
    "skip_initialize_tpu": False,
    "enable_grpc_healthcheck_service": False,
    "enable_serialization_as_tensor_content": False,
}
# Defaults that are better than those.
OTHER_DEFAULTS: dict[str, Value] = {"enable_grpc_healthcheck_service": True}

TRAITS = ServerConfig.class_traits(config=True)
KINDS: dict[type, Any] = {bool: Bool, int: Int, float: Float, str: (Unicode, Enum)}
WITHOUT_EFFECT, REFUSALS = "Taken without effect", "Refused"


def section_of_help(name: str) -> str:
    """The heading under which ``--help`` has a flag; it has it once."""
    lines = help_text().splitlines()
    [line] = [at for at, text in enumerate(lines) if re.match(rf"  --{name}(=|$)", text)]
    return next(text for text in reversed(lines[:line]) if text and text[0] != " ").rstrip(":")


def test_there_are_forty_eight() -> None:
    assert len(FLAGS) == 48


@pytest.mark.parametrize("name", FLAGS)
def test_each_is_implemented_or_without_effect_or_refused_and_help_says_so(name: str) -> None:
    sections = {*GROUPS, "Other"} if name in TRAITS or name == "version" else set()
    sections |= {WITHOUT_EFFECT} if name in NO_EFFECT else set()
    sections |= {REFUSALS} if name in REFUSED else set()
    assert section_of_help(name) in sections
    assert (name in TRAITS or name == "version") + (name in NO_EFFECT) + (name in REFUSED) == 1


@pytest.mark.parametrize("name", sorted(FLAGS.keys() & TRAITS.keys()))
def test_types_and_defaults_are_tensorflow_servings(name: str) -> None:
    default = FLAGS[name]
    assert isinstance(TRAITS[name], KINDS[type(default)])
    assert TRAITS[name].default_value == OTHER_DEFAULTS.get(name, default)


@pytest.mark.parametrize("name", sorted(TRAITS.keys() - FLAGS.keys()))
def test_what_tensorflow_serving_lacks_says_so(name: str) -> None:
    assert "not a TF Serving flag" in TRAITS[name].help


@pytest.mark.parametrize("name", sorted(NO_EFFECT))
def test_defaults_of_tensorflow_serving_are_taken_and_wrong_values_are_not(name: str) -> None:
    default = FLAGS[name]
    text = str(default).lower() if isinstance(default, bool) else str(default)
    assert parse_flags([f"--{name}={text}"]).ignored == {name: NO_EFFECT[name]}
    if not isinstance(default, str):
        with pytest.raises(FlagError, match=f"--{name}=x is not valid: expected "):
            parse_flags([f"--{name}=x"])


def test_mixed_precision_takes_what_is_known() -> None:
    assert parse_flags(["--mixed_precision=bfloat16"]).config.mixed_precision == "bfloat16"
    with pytest.raises(FlagError, match="--mixed_precision=float16 is not valid"):
        parse_flags(["--mixed_precision=float16"])


def test_what_has_no_effect_is_logged_once_with_its_reason() -> None:
    given = [name for name in NO_EFFECT for _ in range(2)]
    words = [f"--{name}={str(FLAGS[name]).lower()}" for name in given]
    # Without a model it ends at once.
    done = run(*words)
    assert done.returncode == 1
    assert "model_base_path" in done.stderr
    for name, reason in NO_EFFECT.items():
        assert done.stderr.count(f"--{name} has no effect: {reason}\n") == 1


def test_version_prints_two_lines() -> None:
    done = run("--version", "--port=1")
    assert done.returncode == 0
    assert re.fullmatch(
        r"TensorFlow ModelServer: \d+\.\S+\nTensorFlow Library: 2\.\d+\.\S+\n", done.stdout
    )
