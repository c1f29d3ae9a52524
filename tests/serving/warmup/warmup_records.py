"""Warm-up files, made as users make them: with the official messages, by TensorFlow."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tensorflow_serving.apis import (
        classification_pb2,
        inference_pb2,
        predict_pb2,
        prediction_log_pb2,
        regression_pb2,
    )

__all__ = [
    "classify_log",
    "file_of",
    "multi_inference_log",
    "predict_log",
    "prediction_log_pb2",
    "regress_log",
    "with_records",
]


def file_of(version: Path) -> Path:
    return version / "assets.extra" / "tf_serving_warmup_requests"


def with_records(version: Path, base: Path, records: Iterable[Any]) -> Path:
    """A base path with a copy of a version that brings these records: messages or bytes."""
    shutil.copytree(version, base / "1")
    file = file_of(base / "1")
    file.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for record in records:
            writer.write(record if isinstance(record, bytes) else record.SerializeToString())
    return base


def predict_log(values: Any, alias: str = "x", signature: str = "", **further: Any) -> Any:
    """A Predict with these values; what it says of the model is true of none."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "any"
    request.model_spec.version.value = 99
    request.model_spec.signature_name = signature
    for name, value in {alias: values, **further}.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return prediction_log_pb2.PredictionLog(predict_log={"request": request})


def _add_examples(request: Any, rows: Iterable[bytes]) -> None:
    for row in rows:
        request.input.example_list.examples.add().ParseFromString(row)


def classify_log(rows: Iterable[bytes], signature: str = "") -> Any:
    request = classification_pb2.ClassificationRequest()
    request.model_spec.signature_name = signature
    _add_examples(request, rows)
    return prediction_log_pb2.PredictionLog(classify_log={"request": request})


def regress_log(rows: Iterable[bytes], signature: str) -> Any:
    request = regression_pb2.RegressionRequest()
    request.model_spec.signature_name = signature
    _add_examples(request, rows)
    return prediction_log_pb2.PredictionLog(regress_log={"request": request})


def multi_inference_log(rows: Iterable[bytes], *signatures: str) -> Any:
    request = inference_pb2.MultiInferenceRequest()
    for signature in signatures:
        task = request.tasks.add(method_name="tensorflow/serving/regress")
        task.model_spec.name = "any"
        task.model_spec.signature_name = signature
    _add_examples(request, rows)
    return prediction_log_pb2.PredictionLog(multi_inference_log={"request": request})
