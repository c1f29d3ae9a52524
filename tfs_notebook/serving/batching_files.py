"""What flags and files say of batching."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from tfs_notebook.batching.parameters import BatchingParameters, parameters_of
from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.model_config import read_text_proto
from tfs_notebook.serving.platform_config import platform_bundle
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import BatchingParameters as BatchingParametersProto

__all__ = [
    "FILE_OF_A_VERSION",
    "check_batching_flags",
    "server_parameters",
    "version_parameters",
]

_log = logging.getLogger(__name__)

FILE_OF_A_VERSION: Final = "batching_params.pbtxt"


def check_batching_flags(config: ServerConfig) -> None:
    """Refuse what would have no effect, or tell where TF Serving takes it.

    Raises:
        InvalidArgument: a latency target, or parameters, for batches that there are not.
    """
    if config.batching_parameters_file and not config.enable_batching:
        raise InvalidArgument(
            "server_options.batching_parameters_file is set without setting "
            "server_options.enable_batching to true."
        )
    if config.enable_per_model_batching_parameters and not config.enable_batching:
        _log.warning(
            "--enable_per_model_batching_parameters has no effect without --enable_batching"
        )
    if config.batching_latency_target_micros and not config.enable_batching:
        raise InvalidArgument("--batching_latency_target_micros needs --enable_batching")


def server_parameters(config: ServerConfig) -> BatchingParameters:
    """The parameters that the flags name; blocks on their files.

    Raises:
        InvalidArgument: a file cannot be used.
    """
    if bundle := platform_bundle(config):
        return _checked(bundle.batching_parameters, config.platform_config_file)
    if not config.batching_parameters_file:
        return BatchingParameters()
    return _read(config.batching_parameters_file)


def version_parameters(path: Path, pool: BatchingParameters) -> BatchingParameters | None:
    """The parameters beside a model; blocks on their file.

    Args:
        path: the version's directory.
        pool: says what concerns all models, whatever the file says of that.

    Returns:
        None if there is no such file.

    Raises:
        InvalidArgument: the file cannot be used.
    """
    file = path / FILE_OF_A_VERSION
    return _read(str(file), pool) if file.is_file() else None


def _read(path: str, pool: BatchingParameters | None = None) -> BatchingParameters:
    message = read_text_proto(path, BatchingParametersProto)
    if pool is not None:
        # It is shared, and so is what is said of it.
        message.num_batch_threads.value = pool.num_batch_threads
        message.thread_pool_name.value = pool.thread_pool_name
    return _checked(message, path)


def _checked(message: BatchingParametersProto, path: str) -> BatchingParameters:
    try:
        return parameters_of(message)
    except InvalidArgument as error:
        raise InvalidArgument(f"{error.message} ({path})") from None
