"""The shapes of what is sent and answered, by the names that the operations use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tfs_notebook.frontends.rest.control_bodies import CONTROL_FIELDS

__all__ = ["SCHEMAS"]

Schema = Mapping[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_FLAG: Final[Schema] = {"type": "boolean"}
_NUMBER: Final[Schema] = {"type": "number"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_VERSION: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
_OBJECT: Final[Schema] = {"type": "object"}
_ANY: Final[Schema] = {}


def _list(items: Schema, **more: Any) -> Schema:  # noqa: ANN401 - further keywords
    return {"type": "array", "items": items, **more}


def _object(properties: Mapping[str, Schema], *required: str) -> Schema:
    """An object that may have further members; all of these are there if none is named."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required or properties),
    }


def _optional(properties: Mapping[str, Schema], *required: str) -> Schema:
    schema = {"type": "object", "properties": dict(properties)}
    return schema | {"required": list(required)} if required else schema


def _change(verb: str, *required: str, **known: Schema) -> Schema:
    """The body of a request that changes something: its parameters, and nothing else."""
    parameters = {
        "type": "object",
        "properties": {
            name: known.get(name, _FIELDS.get(name, _ANY)) for name in CONTROL_FIELDS[verb]
        },
        "additionalProperties": False,
    }
    if required:
        parameters["required"] = list(required)
    body = {
        "type": "object",
        "properties": {"parameters": parameters},
        "additionalProperties": False,
    }
    return body | {"required": ["parameters"]} if required else body


_FIELDS: Final[Mapping[str, Schema]] = {
    "base_path": {"type": "string", "minLength": 1},
    "platform": {"type": "string", "minLength": 1},
    "labels": {
        "type": "object",
        "additionalProperties": {"anyOf": [_VERSION, {"type": "null"}]},
    },
    "timeout": {"type": "number", "minimum": 0, "maximum": 3600},
    "unload_dependents": _FLAG,
    "version": _VERSION,
    "versions": _list(_VERSION, minItems=1),
    "sampling_rate": {"type": "number", "minimum": 0, "maximum": 1},
    "num_batch_threads": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
}

_DATATYPES: Final = [
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16",
    "FP32", "FP64", "BF16", "BYTES",
]  # fmt: skip
_PARAMETERS: Final[Schema] = {
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}
_SHAPE: Final = _list({"type": "integer", "minimum": 0})
_METADATA_TENSOR: Final = _object(
    {"name": _TEXT, "datatype": _TEXT, "shape": _list({"type": "integer", "minimum": -1})}
)
_INFER_INPUT: Final = _optional(
    {
        "name": {"type": "string", "minLength": 1},
        "shape": _SHAPE,
        "datatype": {"type": "string", "enum": _DATATYPES},
        "parameters": _PARAMETERS,
        "data": _ANY,
    },
    "name",
    "shape",
    "datatype",
)
_REQUESTED: Final = _optional(
    {"name": {"type": "string", "minLength": 1}, "parameters": _PARAMETERS}, "name"
)

_SENT: Final[Mapping[str, Schema]] = {
    "PredictRequest": {
        "type": "object",
        "properties": {"signature_name": _TEXT, "instances": _list(_ANY), "inputs": _ANY},
        "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
    },
    "ExamplesRequest": _optional(
        {
            "signature_name": _TEXT,
            "context": _OBJECT,
            "examples": _list(_OBJECT, minItems=1),
        },
        "examples",
    ),
    "InferRequest": _optional(
        {
            "id": _TEXT,
            "parameters": _PARAMETERS,
            "inputs": _list(_INFER_INPUT),
            "outputs": _list(_REQUESTED),
        },
        "inputs",
    ),
    "IndexRequest": {
        "type": "object",
        "properties": {"ready": _FLAG},
        "additionalProperties": False,
    },
    "LoadRequest": _change("load"),
    "UnloadRequest": _change("unload"),
    "LabelsRequest": _change("labels", "labels"),
    "RollbackRequest": _change("rollback"),
    "PinRequest": _change("pin"),
    "UnpinRequest": _change("unpin"),
    "BatchingRequest": _change("batching"),
    "BatchThreadsRequest": _change("batch_threads", "num_batch_threads"),
    "RecordingRequest": _change("recording", "sampling_rate"),
    "WarmUpRequest": _change("warmup", "version"),
    "TrafficRequest": _change("traffic"),
    "RolloutRequest": _change("rollout"),
    "RawRequest": _optional(
        {
            "text": _TEXT,
            "texts": _list(_TEXT),
            "image": _optional({"b64": _TEXT}, "b64"),
            "images": _list(_optional({"b64": _TEXT}, "b64")),
            "model": _TEXT,
            "version": _VERSION,
            "label": _TEXT,
            "k": {"type": "integer", "minimum": 1, "maximum": 1000},
            "words": _FLAG,
        }
    ),
    "RawForm": _optional({"image": {"type": "string", "contentMediaType": "image/*"}}),
}

_OBJECT_OR_NULL: Final[Schema] = {"type": ["object", "null"]}
_TRAFFIC_PARTS: Final = {"shadow": _OBJECT_OR_NULL, "rollout": _OBJECT_OR_NULL}

_STATUS: Final = _list(
    _object({"version": _TEXT, "state": _TEXT, "status": _OBJECT}), minItems=0
)
_ANSWERED: Final[Mapping[str, Schema]] = {
    "Error": _object({"error": _TEXT}),
    "ModelList": _object(
        {
            "models": _list(
                _object({"name": _TEXT, "base_path": _TEXT, "version_labels": _OBJECT})
            )
        }
    ),
    "ModelStatus": _object({"model_version_status": _STATUS}),
    "SignatureMetadata": _object({"model_spec": _OBJECT, "metadata": _OBJECT}),
    "Predictions": {
        "type": "object",
        "properties": {"predictions": _list(_ANY), "outputs": _ANY},
        "oneOf": [{"required": ["predictions"]}, {"required": ["outputs"]}],
    },
    "Results": _object({"results": _list(_ANY)}),
    "Server": _object({"name": _TEXT, "version": _TEXT, "extensions": _list(_TEXT)}),
    "Live": _object({"live": _FLAG}),
    "Ready": _object({"ready": _FLAG}),
    "ModelReady": _object({"name": _TEXT, "ready": _FLAG}),
    "Model": _optional(
        {
            "name": _TEXT,
            "versions": _list(_TEXT),
            "platform": _TEXT,
            "inputs": _list(_METADATA_TENSOR),
            "outputs": _list(_METADATA_TENSOR),
            "raw_input": {"type": "string", "enum": ["text", "image"]},
        },
        "name",
        "versions",
        "platform",
        "inputs",
        "outputs",
    ),
    "Statistics": _object(
        {
            "model_stats": _list(
                _object(
                    {
                        "name": _TEXT,
                        "version": _TEXT,
                        "last_inference": _COUNT,
                        "inference_count": _COUNT,
                        "execution_count": _COUNT,
                        "inference_stats": _OBJECT,
                        "batch_stats": _list(_OBJECT),
                        "signatures": _OBJECT,
                    }
                )
            )
        }
    ),
    "Pipeline": _OBJECT,
    "InferResponse": _optional(
        {
            "model_name": _TEXT,
            "model_version": _TEXT,
            "id": _TEXT,
            "parameters": _PARAMETERS,
            "outputs": _list(
                _optional(
                    {
                        "name": _TEXT,
                        "shape": _SHAPE,
                        "datatype": {"type": "string", "enum": _DATATYPES},
                        "parameters": _PARAMETERS,
                        "data": _list(_ANY),
                    },
                    "name",
                    "shape",
                    "datatype",
                )
            ),
        },
        "model_name",
        "model_version",
        "outputs",
    ),
    "Index": _list(
        _object(
            {
                "name": _TEXT,
                "version": _TEXT,
                "state": {
                    "type": "string",
                    "enum": ["LOADING", "READY", "UNLOADING", "UNAVAILABLE"],
                },
                "reason": _TEXT,
                "labels": _list(_TEXT),
            }
        )
    ),
    "Events": _optional(
        {
            "events": _list(
                _object({"seq": _COUNT, "time": _NUMBER, "model": _TEXT, "version": _TEXT})
            ),
            "next": _COUNT,
            "truncated": _FLAG,
        },
        "events",
        "next",
    ),
    "Overview": _object(
        {"time": _NUMBER, "run": _TEXT, "uptime": _NUMBER, "models": _list(_OBJECT)}
    ),
    "History": _object(
        {"model": _TEXT, "next": _COUNT, "steps": _list(_OBJECT), "current": _OBJECT}
    ),
    "BatchThreads": _object({"parameters": _object({"num_batch_threads": _COUNT})}),
    "Batching": _object({"name": _TEXT, "parameters": _OBJECT, "versions": _list(_OBJECT)}),
    "Recording": _OBJECT,
    "Traffic": _object(
        {"name": _TEXT, "splits": _list(_OBJECT), "answered": _list(_OBJECT), **_TRAFFIC_PARTS}
    ),
    "Rollout": _object({"name": _TEXT, "rollout": _OBJECT_OR_NULL}),
    "Change": _OBJECT,
    "Judgement": _object({"data": {"type": ["object", "array"]}}),
    "Document": _object({"openapi": _TEXT, "paths": _OBJECT}),
    "Text": _TEXT,
    "Bytes": {"type": "string", "format": "binary"},
}

SCHEMAS: Final[Mapping[str, Schema]] = {**_SENT, **_ANSWERED}
