"""``--platform_config_file``: what it says of ``tensorflow``, as this server's own settings."""

from __future__ import annotations

import logging
from typing import Final

from google.protobuf.message import DecodeError

from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.model_config import PLATFORM, read_text_proto
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument
from tfs_notebook.wire.messages import (
    PlatformConfigMap,
    SavedModelBundleSourceAdapterConfig,
    SessionBundleConfig,
)

__all__ = ["platform_bundle", "with_platform_config"]

_log = logging.getLogger(__name__)

# Flags that say the same; TF Serving does not look at them beside the file.
_REPLACED_FLAGS: Final = (
    "enable_batching",
    "batching_parameters_file",
    "enable_per_model_batching_parameters",
    "enable_model_warmup",
    "num_request_iterations_for_warmup",
    "num_model_warmup_threads",
    "saved_model_tags",
    "mixed_precision",
    "tensorflow_session_config_file",
    "tensorflow_session_parallelism",
    "tensorflow_intra_op_parallelism",
    "tensorflow_inter_op_parallelism",
    "per_process_gpu_memory_fraction",
    "prefer_tflite_model",
    "num_tflite_pools",
    "num_tflite_interpreters_per_pool",
)
# Fields that change what clients get, so that ignoring them would be wrong.
_REFUSED_FIELDS: Final = {
    "session_target": "models run in the server's own process; leave it out",
    "experimental_fixed_input_tensors": "no input of a model is fixed here; give it a default "
    "value in the signature instead",
}
_FIELDS_WITHOUT_EFFECT: Final = {
    "in_graph_batching_parameters": "batching is done before the graph, by batching_parameters",
    "session_run_load_threadpool_index": "a load runs on TensorFlow's own threads",
    "experimental_transient_ram_bytes_during_load": "memory is estimated from the files alone",
    "enable_session_metadata": "nothing reads it",
    "remove_unused_fields_from_bundle_metagraph": "only signatures are kept in any case",
    "resource_estimation_uses_validation_result": "memory is estimated from the files alone",
    "num_tflite_interpreters": "num_tflite_pools and num_tflite_interpreters_per_pool say it",
    "wrap_session_with_no_threading_params": "a run takes no threads of its caller's choosing",
}
_WARMUP_FIELDS_WITHOUT_EFFECT: Final = {
    "model_name": "requests are run in the version that they lie beside",
    "model_version": "requests are run in the version that they lie beside",
    "enable_all_batch_sizes_warmup": "with batching all allowed sizes are run in any case",
}


def platform_bundle(config: ServerConfig) -> SessionBundleConfig | None:
    """What the file says of the platform ``tensorflow``; None without one. Blocks on it.

    Raises:
        InvalidArgument: no such file, another platform, or an adapter of another kind.
        FailedPrecondition: nothing is said of ``tensorflow``.
    """
    path = config.platform_config_file
    if not path:
        return None
    platforms = read_text_proto(path, PlatformConfigMap).platform_configs
    others = sorted(set(platforms) - {PLATFORM})
    if others:
        raise InvalidArgument(
            f"--platform_config_file: only the platform {PLATFORM!r} can be configured, and "
            f"{path} names {', '.join(map(repr, others))}; leave that out"
        )
    if PLATFORM not in platforms:
        raise FailedPrecondition(
            f"PlatformConfigMap has no entry for platform {PLATFORM} ({path})"
        )
    packed = platforms[PLATFORM].source_adapter_config
    adapter = SavedModelBundleSourceAdapterConfig()
    try:
        is_adapter = packed.Unpack(adapter)
    except DecodeError:
        raise InvalidArgument(
            f"--platform_config_file: the source_adapter_config in {path} cannot be parsed"
        ) from None
    if not is_adapter:
        raise InvalidArgument(
            f"--platform_config_file: the source_adapter_config of {PLATFORM!r} has to be a "
            f"{adapter.DESCRIPTOR.full_name}; {path} has {packed.type_url or 'none'!r}"
        )
    return adapter.legacy_config


def with_platform_config(config: ServerConfig) -> ServerConfig:
    """The configuration with what the file says in the place of flags; blocks on it.

    The messages inside it are read where the files of flags are:
    ``serving.session_config`` and ``serving.batching_files``. What has no effect, in the
    file or beside it, is logged.

    Returns:
        the same configuration without such a file, else another one.

    Raises:
        InvalidArgument: as :func:`platform_bundle`, or a field that cannot be honoured.
        FailedPrecondition: as :func:`platform_bundle`.
    """
    bundle = platform_bundle(config)
    if bundle is None:
        return config
    _check_fields(bundle)
    values = config.trait_values(config=True)
    for name in _REPLACED_FLAGS:
        default = ServerConfig.class_traits()[name].default_value
        if values[name] != default:
            _log.warning("--%s has no effect beside --platform_config_file", name)
        values[name] = default
    warm_up = bundle.model_warmup_options
    values |= {
        "enable_batching": bundle.HasField("batching_parameters"),
        "enable_per_model_batching_parameters": bundle.enable_per_model_batching_params,
        "enable_model_warmup": bundle.enable_model_warmup,
        "num_request_iterations_for_warmup": warm_up.num_request_iterations.value,
        "num_model_warmup_threads": max(1, warm_up.num_model_warmup_threads.value),
        "saved_model_tags": ",".join(bundle.saved_model_tags) or values["saved_model_tags"],
        "mixed_precision": bundle.mixed_precision,
        "prefer_tflite_model": bundle.prefer_tflite_model,
        "num_tflite_pools": max(1, bundle.num_tflite_pools),
        "num_tflite_interpreters_per_pool": max(1, bundle.num_tflite_interpreters_per_pool),
    }
    return ServerConfig(**values)


def _check_fields(bundle: SessionBundleConfig) -> None:
    for field, _ in bundle.ListFields():
        if reason := _REFUSED_FIELDS.get(field.name):
            raise InvalidArgument(f"--platform_config_file: {field.name}: {reason}")
        _log_without_effect("", field.name, _FIELDS_WITHOUT_EFFECT)
    for field, _ in bundle.model_warmup_options.ListFields():
        _log_without_effect("model_warmup_options.", field.name, _WARMUP_FIELDS_WITHOUT_EFFECT)
    if bundle.mixed_precision not in ("", "bfloat16"):
        raise InvalidArgument(
            "--platform_config_file: mixed_precision is 'bfloat16' or left out; got "
            f"{bundle.mixed_precision!r}"
        )


def _log_without_effect(prefix: str, name: str, reasons: dict[str, str]) -> None:
    if reason := reasons.get(name):
        _log.warning("--platform_config_file: %s%s has no effect: %s", prefix, name, reason)
