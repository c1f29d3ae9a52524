"""What runs the models."""

from __future__ import annotations

import os

from traitlets import Bool, Enum, Float, Int, Unicode
from traitlets.config import Configurable

__all__ = ["TensorFlowFlags"]

_CPUS = os.cpu_count() or 1


class TensorFlowFlags(Configurable):
    """What runs the models."""

    platform_config_file = Unicode(
        "",
        help="Text proto PlatformConfigMap with a SavedModelBundleSourceAdapterConfig for the "
        "platform tensorflow: how models are loaded, batched and warmed up. The flags that say "
        "the same have no effect beside it, as in TF Serving, and are logged.",
    ).tag(config=True, group="TensorFlow")
    mixed_precision = Enum(
        ["", "bfloat16"],
        "",
        help="bfloat16: let oneDNN compute in it what is known to bear that, on processors "
        "that can. Empty for the model's own precision.",
    ).tag(config=True, group="TensorFlow")
    tensorflow_session_parallelism = Int(
        0, min=0, help="Threads within an op and between ops, both; 0 lets TensorFlow choose."
    ).tag(config=True, group="TensorFlow")
    tensorflow_intra_op_parallelism = Int(
        0, min=0, help="Threads within an op; 0 lets TensorFlow choose."
    ).tag(config=True, group="TensorFlow")
    tensorflow_inter_op_parallelism = Int(
        0, min=0, help="Threads between ops; 0 lets TensorFlow choose."
    ).tag(config=True, group="TensorFlow")
    tensorflow_session_config_file = Unicode(
        "", help="Text proto ConfigProto for every session."
    ).tag(config=True, group="TensorFlow")
    per_process_gpu_memory_fraction = Float(
        0.0, min=0.0, max=1.0, help="Share of a GPU's memory to take; 0 lets TensorFlow choose."
    ).tag(config=True, group="TensorFlow")
    prefer_tflite_model = Bool(
        False,
        help="Serve the model.tflite of a version directory by TFLite, also where there is a "
        "SavedModel beside it; without the flag only where there is none. Needs the package "
        "ai-edge-litert.",
    ).tag(config=True, group="TensorFlow")
    num_tflite_pools = Int(
        _CPUS,
        help="With num_tflite_interpreters_per_pool, which it is multiplied by: how many runs "
        "of one TFLite model may be under way at once. Default: the CPUs.",
    ).tag(config=True, group="TensorFlow")
    num_tflite_interpreters_per_pool = Int(
        1, help="See num_tflite_pools; an interpreter makes one run at a time."
    ).tag(config=True, group="TensorFlow")
    custom_op_libraries = Unicode(
        "",
        help="Comma-separated shared libraries with TensorFlow ops, which are loaded before "
        "any model: programs of somebody, which run in this process. A directory or package, "
        "as tensorflow_text, stands for all the libraries in it (not a TF Serving flag).",
    ).tag(config=True, group="TensorFlow")
