"""A gRPC request written as Python for TensorFlow Serving's own client package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tfs_notebook.client.example_code import as_examples, examples_statement
from tfs_notebook.client.rest_code import TOKEN_VARIABLE
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.tls import Tls
from tfs_notebook.wire.dtypes import DataType, base_type, numpy_type, type_name
from tfs_notebook.wire.errors import Unimplemented
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict_sample import PredictSample
from tfs_notebook.wire.request_snippets import python_literal
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, TensorSpec

__all__ = ["grpc_code", "grpc_examples_code"]

_SCRIPT: Final = """\
# pip install tensorflow-serving-api
{imports}import grpc
import tensorflow as tf
from tensorflow_serving.apis import {modules}

{examples}request = {messages}.{request}()
request.model_spec.name = {name}
{choice}request.model_spec.signature_name = {signature}
{inputs}
{credentials}with {channel} as channel:
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    response = stub.{method}(request, timeout=60{metadata})
{shown}"""


class _Method(NamedTuple):
    name: str
    messages: str
    request: str
    shown: str


_PREDICT: Final = _Method(
    "Predict",
    "predict_pb2",
    "PredictRequest",
    "for name, tensor in response.outputs.items():\n"
    "    print(name, tf.make_ndarray(tensor).tolist())",
)
_OF_EXAMPLES: Final = {
    "classify": _Method(
        "Classify",
        "classification_pb2",
        "ClassificationRequest",
        "for result in response.result.classifications:\n"
        "    print([(one.label, one.score) for one in result.classes])",
    ),
    "regress": _Method(
        "Regress",
        "regression_pb2",
        "RegressionRequest",
        "print([one.value for one in response.result.regressions])",
    ),
}


def grpc_code(access: ServerAccess, model: ModelReference, request: PredictSample) -> str:
    """Write a Predict request; an input of serialised ``tf.Example`` is made of its features.

    Raises:
        Unimplemented: no gRPC address is known, or an input has a type without values.
    """
    signature = request.signature
    needed = [one for key, one in signature.inputs.items() if key not in signature.defaults]
    for spec in needed:
        if spec.alias not in request.values or numpy_type(spec.dtype) is None:
            raise Unimplemented(
                f"input {spec.alias} is {type_name(spec.dtype)}: it has no text"
            )
    examples = None
    if len(needed) == 1 and base_type(needed[0].dtype) == DataType.STRING:
        examples = as_examples(request.values[needed[0].alias])
    if examples is not None:
        statement = examples_statement(examples)
        inputs = _tensor(needed[0], "[one.SerializeToString() for one in examples]")
    else:
        statement, inputs = "", "\n".join(_input(spec, request) for spec in needed)
    return _script(access, model, signature, _PREDICT, statement, inputs)


def grpc_examples_code(
    access: ServerAccess,
    model: ModelReference,
    signature: Signature,
    method: str,
    examples: Sequence[bytes],
) -> str:
    """Write a Classify or a Regress request.

    Args:
        access: to the server.
        model: which one.
        signature: of it.
        method: ``classify`` or ``regress``.
        examples: serialised.

    Raises:
        Unimplemented: no gRPC address is known.
        InvalidArgument: one is no ``tf.Example``.
    """
    inputs = "request.input.example_list.examples.extend(examples)"
    statement = examples_statement(examples)
    return _script(access, model, signature, _OF_EXAMPLES[method], statement, inputs)


def _script(
    access: ServerAccess,
    model: ModelReference,
    signature: Signature,
    method: _Method,
    examples: str,
    inputs: str,
) -> str:
    address = access.grpc_address
    if address is None:
        raise Unimplemented(
            "that needs the server's gRPC address, and this client has its REST address: "
            'connect("host:8500").  snippet("python") needs none'
        )
    credentials, channel = _channel(address.target, access.grpc_tls)
    token = f'[("authorization", "Bearer " + os.environ["{TOKEN_VARIABLE}"])]'
    return _SCRIPT.format(
        imports="import os\n\n" if access.has_token else "",
        modules=", ".join(sorted((method.messages, "prediction_service_pb2_grpc"))),
        examples=examples,
        messages=method.messages,
        request=method.request,
        name=python_literal(model.name),
        choice=_choice(model),
        signature=python_literal(signature.name or DEFAULT_SIGNATURE),
        inputs=inputs,
        credentials=credentials,
        channel=channel,
        method=method.name,
        metadata=f", metadata={token}" if access.has_token else "",
        shown=method.shown,
    )


def _channel(address: str, tls: Tls | None) -> tuple[str, str]:
    """Statements that come before the channel, and the expression that makes it."""
    target = python_literal(address)
    if tls is None:
        return "", f"grpc.insecure_channel({target})"
    files = (tls.ca, tls.key, tls.certificate)
    arguments = ["None" if one is None else f"read({python_literal(one)})" for one in files]
    while arguments and arguments[-1] == "None":
        arguments.pop()
    credentials = _READ if arguments else ""
    credentials += f"credentials = grpc.ssl_channel_credentials({', '.join(arguments)})\n"
    options = ""
    if tls.server_name:
        pair = f'("grpc.ssl_target_name_override", {python_literal(tls.server_name)})'
        options = f", options=[{pair}]"
    return credentials, f"grpc.secure_channel({target}, credentials{options})"


# What tf itself calls otherwise than the enum, and what it has no name for.
_OTHER_NAMES: Final = {"FLOAT": "float32", "DOUBLE": "float64", "HALF": "float16"}
_NAMELESS: Final = ("FLOAT8", "FLOAT4", "INT2", "UINT2")


def _dtype(dtype: DataType) -> str:
    if dtype.name.startswith(_NAMELESS):
        return f"tf.dtypes.as_dtype({dtype.value})"
    return f"tf.{_OTHER_NAMES.get(dtype.name, dtype.name.lower())}"


_READ: Final = """\

def read(path):
    with open(path, "rb") as file:
        return file.read()


"""


def _choice(model: ModelReference) -> str:
    if model.version is not None:
        return f"request.model_spec.version.value = {model.version}\n"
    if model.label is not None:
        return f"request.model_spec.version_label = {python_literal(model.label)}\n"
    return ""


def _input(spec: TensorSpec, request: PredictSample) -> str:
    is_string = base_type(spec.dtype) == DataType.STRING
    value = python_literal(request.values[spec.alias], strings_as_bytes=is_string)
    return _tensor(spec, value)


def _tensor(spec: TensorSpec, value: str) -> str:
    dtype = DataType(base_type(spec.dtype))
    return (
        f"request.inputs[{python_literal(spec.alias)}].CopyFrom(\n"
        f"    tf.make_tensor_proto({value}, {_dtype(dtype)})\n)"
    )
