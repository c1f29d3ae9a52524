"""A request to try a signature with, as far as the model's files tell what it wants."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tfs_notebook.runtimes.tensorflow.example_features import Feature, example_features
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.messages import BytesList, Example, FloatList, GraphDef, Int64List
from tfs_notebook.wire.messages import Feature as FeatureMessage
from tfs_notebook.wire.predict_sample import predict_sample
from tfs_notebook.wire.request_snippets import curl_command, grpc_snippet, model_url
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, TensorSpec

__all__ = ["SampleRequest", "sample_request"]

_EXAMPLE_METHODS: Final = {
    "tensorflow/serving/classify": "classify",
    "tensorflow/serving/regress": "regress",
}
_MOST_VALUES: Final = 10_000


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """How to call a signature.

    Attributes:
        method: of the REST API: ``predict``, ``classify`` or ``regress``.
        url: where to post to.
        body: what to post; None if REST cannot be used.
        curl: a line for the shell that does it; None as well then.
        python: a script that uses gRPC, given where REST cannot be used.
        notes: why REST cannot be used, or what to change before sending.
    """

    method: str
    url: str
    body: dict[str, JsonValue] | None
    curl: str | None
    python: str | None
    notes: tuple[str, ...]


def sample_request(signature: Signature, graph: GraphDef, model_name: str) -> SampleRequest:
    """Make a request for a signature that has inputs. Pure.

    Where the model parses ``tf.Example``, the graph says which features; so the
    example holds those.
    """
    method = _EXAMPLE_METHODS.get(signature.method_name)
    takes_examples = any(spec.dtype == DataType.STRING for spec in signature.inputs.values())
    # Examples arrive as strings; of other inputs only Predict can make use.
    if method is not None and takes_examples:
        return _examples_request(signature, graph, method, model_url(model_name, method))
    return _predict_request(signature, graph, model_name)


def _predict_request(signature: Signature, graph: GraphDef, model_name: str) -> SampleRequest:
    request = predict_sample(signature, _serialized_examples(signature, graph))
    body, url = request.body, model_url(model_name, "predict")
    if body is None:
        script = grpc_snippet(request, model_name)
        return SampleRequest("predict", url, None, None, script, request.obstacles)
    return SampleRequest("predict", url, body, curl_command(body, url), None, ())


def _examples_request(
    signature: Signature, graph: GraphDef, method: str, url: str
) -> SampleRequest:
    features = [
        feature for spec in signature.inputs.values() for feature in _features(spec, graph)
    ]
    example = {feature.name: _json_feature(feature) for feature in features}
    notes: tuple[str, ...] = ()
    if not example:
        example = {"FEATURE": 1.0}
        notes = ("the graph does not tell the features: put the model's own for FEATURE",)
    body: dict[str, JsonValue] = {"examples": [example]}
    if signature.name != DEFAULT_SIGNATURE:
        body = {"signature_name": signature.name, **body}
    return SampleRequest(method, url, body, curl_command(body, url), None, notes)


def _features(spec: TensorSpec, graph: GraphDef) -> list[Feature]:
    if spec.dtype != DataType.STRING or not spec.tensor_name:
        return []
    features = example_features(graph, spec.tensor_name)
    return features if sum(feature.size or 1 for feature in features) <= _MOST_VALUES else []


def _serialized_examples(signature: Signature, graph: GraphDef) -> dict[str, JsonValue]:
    """One serialised Example for each input that the graph parses as such."""
    return {
        alias: [{"b64": _serialized(features)}]
        for alias, spec in signature.inputs.items()
        if spec.shape is None or len(spec.shape) == 1
        if (features := _features(spec, graph))
    }


def _serialized(features: Sequence[Feature]) -> str:
    example = Example()
    for feature in features:
        example.features.feature[feature.name].CopyFrom(_feature_message(feature))
    return base64.b64encode(example.SerializeToString(deterministic=True)).decode()


def _feature_message(feature: Feature) -> FeatureMessage:
    times = feature.size or 1
    if feature.dtype == DataType.FLOAT:
        return FeatureMessage(float_list=FloatList(value=[1.0] * times))
    if feature.dtype == DataType.INT64:
        return FeatureMessage(int64_list=Int64List(value=[1] * times))
    return FeatureMessage(bytes_list=BytesList(value=[b"text"] * times))


def _json_feature(feature: Feature) -> JsonValue:
    value: JsonValue = "text"
    if feature.dtype in (DataType.FLOAT, DataType.INT64):
        value = 1.0 if feature.dtype == DataType.FLOAT else 1
    return value if feature.size in (None, 1) else [value] * (feature.size or 0)
