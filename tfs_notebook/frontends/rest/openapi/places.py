"""The table of all places of the REST API; a test holds it against the routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tfs_notebook.frontends.rest.openapi.operations import (
    JSON,
    Operation,
    Place,
    control,
    read,
)

__all__ = ["OPENAPI_PATH", "PLACES", "metrics_place"]

OPENAPI_PATH: Final = "/openapi.json"

_V1: Final = "TensorFlow Serving"
_V2: Final = "Open Inference Protocol"
_REPOSITORY: Final = "Repository"
_RAW: Final = "Raw input"
_OTHERS: Final = "About the server"

_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_NUMBER: Final[Mapping[str, Any]] = {"type": "integer", "minimum": 0, "maximum": 10**17}
_SECONDS: Final[Mapping[str, Any]] = {"type": "number", "minimum": 0, "maximum": 60}
_BYTES: Final = "application/octet-stream"

_V1_TARGETS: Final = ("", "/versions/{version}", "/labels/{label}")
_V2_TARGETS: Final = ("", "/versions/{version}")


def _v1() -> Iterator[Place]:
    methods = {
        "predict": ("Run a signature, by rows or by columns", "PredictRequest", "Predictions"),
        "classify": ("Classify examples", "ExamplesRequest", "Results"),
        "regress": ("Regress examples", "ExamplesRequest", "Results"),
    }
    yield Place("/v1/models", _V1, {"get": read("All models", "ModelList")})
    for target in _V1_TARGETS:
        path = "/v1/models/{model}" + target
        yield Place(path, _V1, {"get": read("The states of versions", "ModelStatus")})
        described = read("The signatures", "SignatureMetadata")
        yield Place(f"{path}/metadata", _V1, {"get": described})
        for method, (summary, body, answer) in methods.items():
            operation = Operation(summary, {JSON: answer}, {JSON: body})
            yield Place(f"{path}:{method}", _V1, {"post": operation})


def _v2() -> Iterator[Place]:
    yield Place("/v2", _V2, {"get": read("What the server is", "Server")})
    live = read("Whether the server lives", "Live")
    yield Place("/v2/health/live", _V2, {"get": live})
    ready = read("Whether any model can answer", "Ready", further={503: "Ready"})
    yield Place("/v2/health/ready", _V2, {"get": ready})
    counted = read("What was counted of all models", "Statistics")
    yield Place("/v2/models/stats", _V2, {"get": counted})
    for target in _V2_TARGETS:
        path = "/v2/models/{model}" + target
        yield Place(path, _V2, {"get": read("What a model takes and gives", "Model")})
        ready = read("Whether it can answer", "ModelReady", further={503: "ModelReady"})
        yield Place(f"{path}/ready", _V2, {"get": ready})
        counted = read("What was counted of a model", "Statistics")
        yield Place(f"{path}/stats", _V2, {"get": counted})
        takes = read("What /predict takes for it", "Pipeline")
        yield Place(f"{path}/pipeline", _V2, {"get": takes})
        yield Place(f"{path}/infer", _V2, {"post": _INFER})


_INFER: Final = Operation(
    "Run a signature",
    {JSON: "InferResponse", _BYTES: "Bytes"},
    {JSON: "InferRequest", _BYTES: "Bytes"},
    headers={"Inference-Header-Content-Length": _NUMBER},
)

_CHANGES: Final = {
    "load": control("Load a model, or load it in another way", "LoadRequest"),
    "unload": control("Unload a model", "UnloadRequest"),
    "labels": control("Set and remove labels of versions", "LabelsRequest"),
    "rollback": control("Go back to an earlier version", "RollbackRequest"),
    "pin": control("Hold a model to versions", "PinRequest"),
    "unpin": control("Let it follow its policy again", "UnpinRequest"),
    "warmup": control("Write a warm-up file of recorded requests", "WarmUpRequest", "Change"),
}


def _repository() -> Iterator[Place]:
    index = Operation("All versions of all models", {JSON: "Index"}, {JSON: "IndexRequest"})
    yield Place("/v2/repository/index", _REPOSITORY, {"post": index})
    events = read(
        "Changes of states, as they come; waits for the first one",
        "Events",
        query={"after": _NUMBER, "timeout": _SECONDS},
    )
    yield Place("/v2/repository/events", _REPOSITORY, {"get": events})
    overview = read("All there is to see, for dashboards", "Overview")
    yield Place("/v2/repository/overview", _REPOSITORY, {"get": overview})
    history = read(
        "The last hour of a model",
        "History",
        query={"model": _TEXT, "since": _NUMBER},
        needed=frozenset({"model"}),
    )
    yield Place("/v2/repository/history", _REPOSITORY, {"get": history})
    threads = {
        "get": read("How many batches run at once", "BatchThreads"),
        "post": control("Change that", "BatchThreadsRequest", "Change"),
    }
    yield Place("/v2/repository/batching", _REPOSITORY, threads)
    path = "/v2/repository/models/{model}"
    for verb, operation in _CHANGES.items():
        yield Place(f"{path}/{verb}", _REPOSITORY, {"post": operation})
    batching = {
        "get": read("The batching parameters of a model", "Batching"),
        "post": control("Change them", "BatchingRequest", "Change"),
    }
    yield Place(f"{path}/batching", _REPOSITORY, batching)
    recording = {
        "get": read("Which share of the requests is recorded", "Recording"),
        "post": control("Change that", "RecordingRequest", "Change"),
    }
    yield Place(f"{path}/recording", _REPOSITORY, recording)
    traffic = {
        "get": read("Which versions of a model answer", "Traffic"),
        "post": control("Change weights and copies", "TrafficRequest", "Traffic"),
        "delete": Operation("Take all that back", {JSON: "Traffic"}, is_control=True),
    }
    yield Place(f"{path}/traffic", _REPOSITORY, traffic)
    rollout = {
        "get": read("The rollout of a version", "Rollout"),
        "post": control("Begin one, or tell it what to do", "RolloutRequest", "Rollout"),
    }
    yield Place(f"{path}/rollout", _REPOSITORY, rollout)


def _others() -> Iterator[Place]:
    choice: Mapping[str, Mapping[str, Any]] = {
        "model": _TEXT,
        "version": {"type": "integer", "minimum": 0},
        "label": _TEXT,
        "k": {"type": "integer", "minimum": 1, "maximum": 1000},
    }
    judge = {
        "get": read(
            "Judge a text",
            "Judgement",
            query={"text": _TEXT, **choice, "words": {"type": "boolean"}},
            needed=frozenset({"text"}),
        ),
        "post": Operation(
            "Judge texts or images",
            {JSON: "Judgement"},
            {JSON: "RawRequest", "multipart/form-data": "RawForm", "image/*": "Bytes"},
            query=choice,
        ),
    }
    yield Place("/predict", _RAW, judge)
    yield Place(OPENAPI_PATH, _OTHERS, {"get": read("This document", "Document")})


def metrics_place(path: str) -> Place:
    """The page of metrics, which lies where its configuration says."""
    page = Operation("Metrics for Prometheus", {"text/plain": "Text"}, further={400: "Text"})
    return Place(path, _OTHERS, {"get": page})


PLACES: Final[tuple[Place, ...]] = (*_v1(), *_v2(), *_repository(), *_others())
