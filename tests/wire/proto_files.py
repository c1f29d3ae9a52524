"""Which of our message files the official packages of TensorFlow Serving leave out."""

from __future__ import annotations

from typing import Final

OPEN_INFERENCE: Final = "inference/open_inference.proto"
"""Of others, and compared with what they have."""

NOT_IN_PACKAGES: Final = (
    "serving/monitoring_config.proto",
    "serving/remote_op_remap.proto",
    "serving/resources.proto",
    "serving/saved_model_config.proto",
    "serving/serialized_input.proto",
    "serving/session_bundle_config.proto",
    "serving/source_adapters.proto",
    "serving/ssl_config.proto",
    "tensorflow/profiler_service.proto",
    "tensorflow/runtime_config.proto",
)
