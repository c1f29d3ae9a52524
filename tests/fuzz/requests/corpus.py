"""Valid requests of every door that takes a body, to be spoiled."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.frontends.open_inference import LENGTH, infer_message, json_body, raw_body
from tests.half_plus_two import BODY
from tests.models.inputs import strings
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    GetModelMetadataRequest,
    GetModelStatusRequest,
    ModelStatisticsRequest,
    MultiInferenceRequest,
    RegressionRequest,
    RepositoryIndexRequest,
    RepositoryModelLoadRequest,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_request

__all__ = ["CALLS", "REQUESTS", "Call", "Request"]

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """A request over HTTP; ``json_bytes`` is how much of its body is JSON."""

    door: str
    method: str
    path: str
    body: bytes = b""
    headers: Headers = ()
    json_bytes: int = 0


@dataclass(frozen=True)
class Call:
    """A call of gRPC, serialised."""

    door: str
    method: str
    data: bytes


_X: Final = {"x": np.array([1.0, 2.0, 5.0], np.float32)}
_TEXT: Final = {"text": strings(b"a", b"", "größe".encode())}
_AB: Final = {"a": np.array([7, 8], np.int32), "b": np.array([2, 4], np.int32)}


def _json(door: str, path: str, document: object) -> Request:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Request(door, "POST", path, body, (), len(body))


def _binary() -> Request:
    body, length = raw_body({**_X})
    path = "/v2/models/half_plus_two/infer"
    return Request("v2 binary", "POST", path, body, ((LENGTH, str(length)),), length)


def _binary_texts() -> Request:
    body, length = raw_body(_TEXT, signature_name="echo")
    headers = ((LENGTH, str(length)),)
    return Request("v2 binary", "POST", "/v2/models/texts/infer", body, headers, length)


_HALF: Final = "/v1/models/half_plus_two"
_ROWS: Final = [{"x": 1.0}, {"x": 2.0}]
_FORM: Final = (
    b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n\x89PNG'
    b'\r\n--b\r\nContent-Disposition: form-data; name="k"\r\n\r\n3\r\n--b--\r\n'
)

REQUESTS: Final = (
    _json("v1 rows", f"{_HALF}:predict", BODY),
    _json("v1 columns", "/v1/models/several:predict", {"inputs": [1.0, 2.5, -3.0]}),
    _json(
        "v1 rows",
        "/v1/models/several/versions/1:predict",
        {"signature_name": "divide", "instances": [{"a": 7, "b": 2}, {"a": 8, "b": 4}]},
    ),
    _json("v1 rows", "/v1/models/texts:predict", {"instances": ["a", {"b64": "YQ=="}]}),
    _json("v1 rows", f"{_HALF}:predict", {"instances": [[float(n)] for n in range(300)]}),
    _json(
        "v1 columns",
        "/v1/models/several:predict",
        {"signature_name": "product", "inputs": {"a": [[1, 2], [3, 4]], "b": [[1], [2]]}},
    ),
    _json("v1 columns", f"{_HALF}/labels/stable:predict", {"inputs": [1.0, 2.0]}),
    _json(
        "v1 examples",
        f"{_HALF}:classify",
        {"signature_name": "classify_x_to_y", "context": {"x": 1.0}, "examples": _ROWS},
    ),
    _json(
        "v1 examples", f"{_HALF}:regress",
        {"signature_name": "regress_x_to_y", "examples": _ROWS},
    ),
    Request(
        "v1 gzip", "POST", f"{_HALF}:predict", gzip.compress(BODY, mtime=0),
        (("Content-Encoding", "gzip"),),
    ),
    _json("v2 json", "/v2/models/half_plus_two/infer", json_body(_X)),
    _json(
        "v2 json", "/v2/models/several/versions/1/infer",
        json_body(_AB, signature_name="divide", binary_data_output=True),
    ),
    _json("v2 json", "/v2/models/texts/infer", json_body(_TEXT, signature_name="echo")),
    _binary(),
    _binary_texts(),
    _json("v2 others", "/v2/repository/index", {"ready": True}),
    _json(
        "v2 others", "/v2/repository/models/half_plus_two/labels",
        {"parameters": {"labels": {"a": 1}}},
    ),
    Request("v2 others", "GET", "/v2/repository/history?model=several&since=0"),
    Request("v2 others", "GET", "/v2/repository/events?after=0&timeout=0"),
    Request("v2 others", "GET", "/v2/models/half_plus_two/versions/1/stats"),
    Request("v1 others", "GET", f"{_HALF}/labels/stable/metadata"),
    _json("predict", "/predict", {"texts": ["a", "b"], "model": "texts", "k": 3}),
    _json("predict", "/predict?model=texts", {"image": {"b64": "iVBORw0KGgo="}}),
    Request("predict", "GET", "/predict?text=a%20b&words=true&k=2"),
    Request(
        "predict", "POST", "/predict", _FORM,
        (("Content-Type", "multipart/form-data; boundary=b"),),
    ),
)  # fmt: skip


def _examples(kind: type[ClassificationRequest | RegressionRequest], signature: str) -> bytes:
    request = kind()
    request.model_spec.name = "half_plus_two"
    request.model_spec.signature_name = signature
    for value in (1.0, 2.0):
        example = request.input.example_list.examples.add()
        example.features.feature["x"].float_list.value.append(value)
    return request.SerializeToString()


def _multi() -> bytes:
    request = MultiInferenceRequest()
    for signature in ("regress_x_to_y", "classify_x_to_y"):
        task = request.tasks.add(method_name=f"tensorflow/serving/{signature.split('_')[0]}")
        task.model_spec.name = "half_plus_two"
        task.model_spec.signature_name = signature
    example = request.input.example_list.examples.add()
    example.features.feature["x"].float_list.value.append(1.0)
    return request.SerializeToString()


def _typed() -> bytes:
    request = infer_message("several", _AB, signature_name="divide")
    del request.raw_input_contents[:]
    for entry in request.inputs:
        entry.contents.int_contents.extend([8, 4])
    return request.SerializeToString()


def _metadata() -> bytes:
    request = GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "several"
    return request.SerializeToString()


def _status() -> bytes:
    request = GetModelStatusRequest()
    request.model_spec.name = "several"
    request.model_spec.version.value = 1
    return request.SerializeToString()


def _load() -> bytes:
    request = RepositoryModelLoadRequest(model_name="m")
    request.parameters["base_path"].string_param = "/nowhere"
    return request.SerializeToString()


def _predict(model: str, inputs: dict[str, np.ndarray], signature: str = "") -> bytes:
    numbers = {"float32": 1, "int32": 3, "object": 7}
    typed = {name: (array, numbers[str(array.dtype)]) for name, array in inputs.items()}
    return encode_predict_request(ModelReference(model, 1, None, signature), typed)


_PREDICTION: Final = "/tensorflow.serving.PredictionService/"
_INFERENCE: Final = "/inference.GRPCInferenceService/"

CALLS: Final = (
    Call("Predict", f"{_PREDICTION}Predict", _predict("half_plus_two", _X)),
    Call("Predict", f"{_PREDICTION}Predict", _predict("several", _AB, "divide")),
    Call("Predict", f"{_PREDICTION}Predict", _predict("texts", _TEXT, "echo")),
    Call("Classify", f"{_PREDICTION}Classify",
         _examples(ClassificationRequest, "classify_x_to_y")),
    Call("Classify", f"{_PREDICTION}Regress", _examples(RegressionRequest, "regress_x_to_y")),
    Call("Classify", f"{_PREDICTION}MultiInference", _multi()),
    Call("ModelInfer", f"{_INFERENCE}ModelInfer",
         infer_message("half_plus_two", _X).SerializeToString()),
    Call("ModelInfer", f"{_INFERENCE}ModelInfer",
         infer_message("texts", _TEXT, signature_name="echo").SerializeToString()),
    Call("ModelInfer", f"{_INFERENCE}ModelInfer", _typed()),
    Call("gRPC others", f"{_PREDICTION}GetModelMetadata", _metadata()),
    Call("gRPC others", "/tensorflow.serving.ModelService/GetModelStatus", _status()),
    Call("gRPC others", f"{_INFERENCE}RepositoryIndex",
         RepositoryIndexRequest(ready=True).SerializeToString()),
    Call("gRPC others", f"{_INFERENCE}ModelStatistics",
         ModelStatisticsRequest(name="several", version="1").SerializeToString()),
    Call("gRPC others", f"{_INFERENCE}RepositoryModelLoad", _load()),
)  # fmt: skip
