"""A gRPC request written as Python for TensorFlow Serving's own client package."""

from __future__ import annotations

from typing import Final

from tfs_notebook.client.rest_code import TOKEN_VARIABLE
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.wire.dtypes import DataType, base_type, numpy_type, type_name
from tfs_notebook.wire.errors import Unimplemented
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict_sample import PredictSample
from tfs_notebook.wire.request_snippets import python_literal
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, TensorSpec

__all__ = ["grpc_code"]

_SCRIPT: Final = """\
# pip install tensorflow-serving-api
{imports}import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

request = predict_pb2.PredictRequest()
request.model_spec.name = {name}
{choice}request.model_spec.signature_name = {signature}
{inputs}
{credentials}with {channel} as channel:
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    response = stub.Predict(request, timeout=60{metadata})
for name, tensor in response.outputs.items():
    print(name, tf.make_ndarray(tensor).tolist())"""


def grpc_code(access: ServerAccess, model: ModelReference, request: PredictSample) -> str:
    """Write it.

    Raises:
        Unimplemented: no gRPC address is known, or an input has a type without values.
    """
    address = access.grpc_address
    if address is None:
        raise Unimplemented(
            "that needs the server's gRPC address, and this client has its REST address: "
            'connect("host:8500").  snippet("python") needs none'
        )
    signature = request.signature
    needed = [one for key, one in signature.inputs.items() if key not in signature.defaults]
    for spec in needed:
        if spec.alias not in request.values or numpy_type(spec.dtype) is None:
            raise Unimplemented(
                f"input {spec.alias} is {type_name(spec.dtype)}: it has no text"
            )
    target = python_literal(address.target)
    credentials, channel = "", f"grpc.insecure_channel({target})"
    tls = access.grpc_tls
    if tls is not None:
        files = (tls.ca, tls.key, tls.certificate)
        arguments = ["None" if one is None else f"read({python_literal(one)})" for one in files]
        while arguments and arguments[-1] == "None":
            arguments.pop()
        if arguments:
            credentials = _READ
        credentials += f"credentials = grpc.ssl_channel_credentials({', '.join(arguments)})\n"
        options = ""
        if tls.server_name:
            pair = f'("grpc.ssl_target_name_override", {python_literal(tls.server_name)})'
            options = f", options=[{pair}]"
        channel = f"grpc.secure_channel({target}, credentials{options})"
    token = f'[("authorization", "Bearer " + os.environ["{TOKEN_VARIABLE}"])]'
    return _SCRIPT.format(
        imports="import os\n\n" if access.has_token else "",
        name=python_literal(model.name),
        choice=_choice(model),
        signature=python_literal(signature.name or DEFAULT_SIGNATURE),
        inputs="\n".join(_input(spec, request) for spec in needed),
        credentials=credentials,
        channel=channel,
        metadata=f", metadata={token}" if access.has_token else "",
    )


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
    dtype = DataType(base_type(spec.dtype))
    is_string = dtype is DataType.STRING
    value = python_literal(request.values[spec.alias], strings_as_bytes=is_string)
    return (
        f"request.inputs[{python_literal(spec.alias)}].CopyFrom(\n"
        f"    tf.make_tensor_proto({value}, {_dtype(dtype)})\n)"
    )
