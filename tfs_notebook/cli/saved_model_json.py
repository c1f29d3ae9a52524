"""The facts of a SavedModel as JSON, for programs."""

from __future__ import annotations

from typing import Any, Final

from tfs_notebook.cli.saved_model_facts import (
    INTERNAL_SIGNATURES,
    MetaGraphFacts,
    SavedModelFacts,
    SignatureFacts,
)
from tfs_notebook.runtimes.tensorflow.saved_functions import Argument, SavedFunction
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.predict_sample import has_json_form, plain_value
from tfs_notebook.wire.request_snippets import leaf_count
from tfs_notebook.wire.signatures import Signature, TensorSpec

__all__ = ["facts_as_json"]

_Json = dict[str, Any]

# A body beyond this is left out: the curl line has it in short.
_MOST_BODY_VALUES: Final = 100_000


def facts_as_json(facts: SavedModelFacts) -> _Json:
    """The facts as an object that ``json.dumps`` takes.

    Element types have the names of the protocol (``DT_FLOAT``), shapes -1 where a
    size is unknown and null where the rank is. An input that requests may leave
    out has a ``default`` (a description in words if JSON cannot hold it).
    ``request.body`` is null if REST cannot be used, and beyond 100,000 values.
    """
    directory = facts.directory
    return {
        "path": str(directory.path),
        "model_name": directory.model_name,
        "version": directory.version,
        "other_versions": list(directory.other_versions),
        "notes": list(directory.notes),
        "file": directory.file.name,
        "size_bytes": facts.size_bytes,
        "file_count": facts.file_count,
        "meta_graphs": [_meta_graph(graph) for graph in facts.meta_graphs],
    }


def _meta_graph(graph: MetaGraphFacts) -> _Json:
    return {
        "tags": list(graph.tags),
        "tensorflow_version": graph.tensorflow_version,
        "tensorflow_git_version": graph.git_version,
        "signatures": {facts.signature.name: _signature(facts) for facts in graph.signatures},
        "functions": {function.name: _options(function) for function in graph.functions},
        "ops": list(graph.ops),
    }


def _signature(facts: SignatureFacts) -> _Json:
    signature = facts.signature
    return {
        "method_name": signature.method_name,
        "internal": signature.name in INTERNAL_SIGNATURES,
        "inputs": {alias: _input(signature, spec) for alias, spec in signature.inputs.items()},
        "outputs": {alias: _tensor(spec) for alias, spec in signature.outputs.items()},
        "request": _request(facts),
    }


def _tensor(spec: TensorSpec) -> _Json:
    return {
        "dtype": _dtype(spec.dtype),
        "shape": None if spec.shape is None else list(spec.shape),
        "name": spec.tensor_name,
    }


def _input(signature: Signature, spec: TensorSpec) -> _Json:
    default = signature.defaults.get(spec.alias)
    if default is None:
        return _tensor(spec)
    if has_json_form(spec.dtype):
        return {**_tensor(spec), "default": plain_value(default)}
    return {**_tensor(spec), "default": str(default.tolist())}


def _dtype(number: int) -> str:
    try:
        return f"DT_{DataType(number).name}"
    except ValueError:
        return str(number)


def _request(facts: SignatureFacts) -> _Json | None:
    request = facts.request
    if request is None:
        return None
    body = request.body
    if body is not None and leaf_count(body) > _MOST_BODY_VALUES:
        body = None
    return {
        "method": request.method,
        "url": request.url,
        "body": body,
        "curl": request.curl,
        "python": request.python,
        "notes": list(request.notes),
    }


def _options(function: SavedFunction) -> list[_Json]:
    return [
        {
            "name": option.name,
            "positional": [_argument(argument) for argument in option.positional],
            "named": [_argument(argument) for argument in option.named],
            "returns": option.returns,
        }
        for option in function.options
    ]


def _argument(argument: Argument) -> _Json:
    return {"name": argument.name, "value": argument.value}
