"""Client code that runs as it is, for one model of one server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, Literal

from tfs_notebook.client.example_calls import readable_examples
from tfs_notebook.client.feature_rows import serialized_examples
from tfs_notebook.client.given import as_given
from tfs_notebook.client.grpc_code import grpc_code, grpc_examples_code
from tfs_notebook.client.inputs import NOTHING, Nothing
from tfs_notebook.client.raw_calls import RawInput
from tfs_notebook.client.raw_code import raw_asked
from tfs_notebook.client.rest_code import (
    Asked,
    RestRequest,
    curl_code,
    javascript_code,
    method_path,
    python_code,
)
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.text_tables import preformatted
from tfs_notebook.wire.dtypes import base_type
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict_sample import (
    PredictSample,
    has_json_form,
    plain_value,
    predict_sample,
)
from tfs_notebook.wire.request_snippets import leaf_count
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature

__all__ = ["Snippet", "SnippetKind", "raw_snippet_of", "snippet_of"]

SnippetKind = Literal["curl", "python", "grpc", "javascript"]

_KINDS: Final = ("curl", "python", "grpc", "javascript")
_ROWS_SHOWN: Final = 2
_MOST_LEAVES: Final = 100
_EXAMPLE_METHODS: Final = {
    "tensorflow/serving/classify": "classify",
    "tensorflow/serving/regress": "regress",
}


class Snippet(str):
    """Code, shown as it is to be pasted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return preformatted(self)


def snippet_of(
    kind: str,
    access: ServerAccess,
    model: ModelReference,
    signature: Signature,
    x: object = NOTHING,
) -> Snippet:
    """Write it; raises as :meth:`~tfs_notebook.client.model_handle.ModelHandle.snippet`."""
    _check_kind(kind)
    method = _EXAMPLE_METHODS.get(signature.method_name)
    if method is not None:
        examples = _examples(signature, x)
        if kind == "grpc":
            return Snippet(grpc_examples_code(access, model, signature, method, examples))
        rest = _examples_request(access, model, signature, method, examples)
        return Snippet(_WRITE[kind](rest))
    request = predict_sample(signature, _values(x, signature))
    if kind == "grpc":
        return Snippet(grpc_code(access, model, request))
    rest = _rest_request(access, model, request)
    return Snippet(_WRITE[kind](rest))


def raw_snippet_of(
    kind: str, access: ServerAccess, model: ModelReference, raw: RawInput
) -> Snippet:
    """Write code that sends texts or images to the pipeline; raises likewise."""
    _check_kind(kind)
    if kind == "grpc":
        raise Unimplemented(
            f"{model.name}: {raw.value.described} cannot be sent over gRPC, where models take "
            'tensors alone; the pipeline is asked over REST: snippet("python", …). '
            'snippet("grpc") shows how the tensors are sent that it makes'
        )
    return Snippet(_WRITE[kind](_with_address(access, raw_asked(model, raw))))


_WRITE: Final = {"curl": curl_code, "python": python_code, "javascript": javascript_code}


def _check_kind(kind: str) -> None:
    if kind not in _KINDS:
        raise InvalidArgument(
            f"a snippet is one of {', '.join(map(repr, _KINDS))}, not {kind!r}"
        )


def _examples(signature: Signature, x: object) -> list[bytes]:
    if isinstance(x, Nothing):
        raise InvalidArgument(
            f"signature {signature.name!r} takes tf.Example, and does not tell its features: "
            'say an example, snippet("curl", [{"feature": 1.0}])'
        )
    return serialized_examples(x)[:_ROWS_SHOWN]


def _examples_request(
    access: ServerAccess,
    model: ModelReference,
    signature: Signature,
    method: str,
    examples: Sequence[bytes],
) -> RestRequest:
    body: dict[str, JsonValue] = {}
    if signature.name != DEFAULT_SIGNATURE:
        body["signature_name"] = signature.name
    body["examples"] = readable_examples(examples)
    return _with_address(access, Asked(method_path(model, method), body, is_exact=True))


def _values(x: object, signature: Signature) -> dict[str, JsonValue] | None:
    if isinstance(x, Nothing):
        return None
    inputs = as_given(x, {}, signature).inputs
    values = {}
    for alias, (array, dtype) in inputs.items():
        if not has_json_form(base_type(dtype)):
            raise Unimplemented(f"input {alias} has a type that no text can show")
        is_long = array.ndim > 0 and array.size > _MOST_LEAVES
        values[alias] = plain_value(array[:_ROWS_SHOWN] if is_long else array)
    return values


def _rest_request(
    access: ServerAccess, model: ModelReference, request: PredictSample
) -> RestRequest:
    if request.body is None:
        raise Unimplemented(
            f'REST cannot ask for that: {"; ".join(request.obstacles)}. snippet("grpc") can'
        )
    return _with_address(access, Asked(method_path(model, "predict"), request.body))


def _with_address(access: ServerAccess, asked: Asked) -> RestRequest:
    address = access.rest_address
    if address is None:
        raise Unimplemented(
            "that needs the server's REST address, which this client does not know: "
            'connect(address, rest_address="http://…"). snippet("grpc") needs none'
        )
    # Equal rows are one object many times over; the code is to be read, all the same.
    short = leaf_count(dict(asked.body)) <= _MOST_LEAVES
    return RestRequest(
        address,
        asked,
        json.dumps(asked.body) if short else None,
        has_token=access.has_token,
        tls=access.tls if address.names_tls else None,
    )
