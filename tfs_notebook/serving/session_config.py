"""The ``ConfigProto`` every TensorFlow session of a server gets."""

from __future__ import annotations

import sys
from pathlib import Path

from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.model_config import read_text_proto
from tfs_notebook.serving.platform_config import platform_bundle
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import ConfigProto, RewriterConfig

__all__ = ["session_config"]


def session_config(config: ServerConfig) -> ConfigProto:
    """Put together the files and the flags that concern sessions; blocks on the files.

    Raises:
        InvalidArgument: a file that is no ``ConfigProto``, or flags that exclude
            each other.
    """
    proto = ConfigProto()
    if bundle := platform_bundle(config):
        proto = bundle.session_config
    elif config.tensorflow_session_config_file:
        proto = read_text_proto(config.tensorflow_session_config_file, ConfigProto)
    both = config.tensorflow_session_parallelism
    intra = config.tensorflow_intra_op_parallelism or both
    inter = config.tensorflow_inter_op_parallelism or both
    if both and (
        config.tensorflow_intra_op_parallelism or config.tensorflow_inter_op_parallelism
    ):
        raise InvalidArgument(
            "tensorflow_session_parallelism sets both pools and excludes "
            "tensorflow_intra_op_parallelism and tensorflow_inter_op_parallelism; "
            "give one or the others"
        )
    if intra:
        proto.intra_op_parallelism_threads = intra
    if inter:
        proto.inter_op_parallelism_threads = inter
    if config.per_process_gpu_memory_fraction:
        proto.gpu_options.per_process_gpu_memory_fraction = (
            config.per_process_gpu_memory_fraction
        )
    if config.mixed_precision:
        rewriting = proto.graph_options.rewrite_options
        rewriting.auto_mixed_precision_onednn_bfloat16 = RewriterConfig.Toggle.ON
    if not proto.device_count and not _has_nvidia_driver():
        # Otherwise TensorFlow looks for a card and logs an error about CUDA.
        proto.device_count["GPU"] = 0
    return proto


def _has_nvidia_driver() -> bool:
    return sys.platform != "linux" or any(Path("/dev").glob("nvidia*"))
