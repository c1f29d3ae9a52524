"""Small servers that speak TensorFlow Serving's protocols, and only those; with TLS too."""

from __future__ import annotations

import json
import select
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import grpc
import numpy as np
from google.protobuf import json_format

from tfs_notebook.wire.messages import (
    GetModelMetadataRequest,
    GetModelMetadataResponse,
    SignatureDefMap,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_response, parse_predict_request

__all__ = [
    "Certificates",
    "OtherServer",
    "other_grpc_server",
    "other_http_server",
    "other_server",
]

MODEL: Final = "half_plus_two"
_SECONDS: Final = 60


def _signatures() -> SignatureDefMap:
    tensor = {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": "-1"}]}}
    signature = {
        "inputs": {"x": {**tensor, "name": "x:0"}},
        "outputs": {"y": {**tensor, "name": "y:0"}},
        "method_name": "tensorflow/serving/predict",
    }
    return json_format.ParseDict(
        {"signature_def": {"serving_default": signature}}, SignatureDefMap()
    )


class OtherServer:
    """What happens at a server that serves half_plus_two.

    Attributes:
        address: for a client.
        token: what it wants to see; empty for anybody.
        hangs: whether predictions get no answer.
        has_states: whether gRPC has the call for them.
        asked: set when a prediction has come in.
        given_up: set when a client has given one up that hangs.
        paths: what was asked of it, in order.
    """

    def __init__(self, token: str = "") -> None:
        self.address = ""
        self.token = token
        self.hangs = False
        self.has_states = True
        self.asked = threading.Event()
        self.given_up = threading.Event()
        self.paths: list[str] = []


@contextmanager
def other_grpc_server(
    credentials: grpc.ServerCredentials | None = None, token: str = ""
) -> Iterator[OtherServer]:
    """Over gRPC."""
    here = OtherServer(token)

    def check(context: Any, path: str) -> None:
        here.paths.append(path)
        sent = dict(context.invocation_metadata()).get("authorization")
        if here.token and sent != f"Bearer {here.token}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "a token, please")

    def metadata(request: bytes, context: Any) -> bytes:
        check(context, "metadata")
        asked = GetModelMetadataRequest.FromString(request).model_spec
        if asked.name != MODEL:
            context.abort(
                grpc.StatusCode.NOT_FOUND,
                f"Servable not found for request: Latest({asked.name})",
            )
        response = GetModelMetadataResponse()
        response.model_spec.name, response.model_spec.version.value = MODEL, 123
        response.metadata["signature_def"].Pack(_signatures())
        return response.SerializeToString()

    def predict(request: bytes, context: Any) -> bytes:
        check(context, "predict")
        if here.hangs:
            context.add_callback(here.given_up.set)
            here.asked.set()
            here.given_up.wait(_SECONDS)
        inputs = parse_predict_request(request).inputs
        answer = inputs["x"][0] / 2 + np.float32(2)
        return encode_predict_response(
            ModelReference(MODEL, 123, None, "serving_default"), {"y": answer}
        )

    def status(_: bytes, context: Any) -> bytes:
        check(context, "status")
        if not here.has_states:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
        context.abort(grpc.StatusCode.NOT_FOUND, "Could not find any versions of model nobody")
        raise AssertionError

    handlers: dict[str, dict[str, Any]] = {
        "tensorflow.serving.PredictionService": {
            "Predict": predict,
            "GetModelMetadata": metadata,
        },
        "tensorflow.serving.ModelService": {"GetModelStatus": status},
    }
    server = grpc.server(ThreadPoolExecutor(4))
    for service, methods in handlers.items():
        by_name = {
            name: grpc.unary_unary_rpc_method_handler(method)
            for name, method in methods.items()
        }
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, by_name),)
        )
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    here.address = f"127.0.0.1:{port}"
    server.start()
    try:
        yield here
    finally:
        here.given_up.set()
        server.stop(0).wait()


class _Handler(BaseHTTPRequestHandler):
    here: OtherServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.here.paths.append(self.path)
        if self.path == f"/v1/models/{MODEL}/metadata":
            signatures = json_format.MessageToDict(
                _signatures(), preserving_proto_field_name=True
            )
            self._say(
                200,
                {
                    "model_spec": {"name": MODEL, "version": "123"},
                    "metadata": {"signature_def": signatures},
                },
            )
        elif self.path == f"/v1/models/{MODEL}":
            state = {"version": "123", "state": "AVAILABLE", "status": {}}
            self._say(200, {"model_version_status": [state]})
        elif self.path.startswith("/v1/models/"):
            error = "Servable not found for request: Latest(nobody)"
            self._say(404, {"error": error})
        else:
            self._say(400, {"error": f"Malformed request: GET {self.path}"})

    def do_POST(self) -> None:
        self.here.paths.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.here.hangs:
            self.here.asked.set()
            readable, _, _ = select.select([self.connection], [], [], _SECONDS)
            if readable and not self.connection.recv(1):
                self.here.given_up.set()
            self.close_connection = True
            return
        values = body["inputs"] if "inputs" in body else body["instances"]
        answer = (np.array(values, np.float32) / 2 + 2).tolist()
        self._say(200, {"outputs" if "inputs" in body else "predictions": answer})

    def _say(self, status: int, document: Mapping[str, Any]) -> None:
        if self.here.token and self.headers["Authorization"] != f"Bearer {self.here.token}":
            status, document = 401, {"error": "a token, please"}
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that does not trust this server hangs up."""


@contextmanager
def other_http_server(
    context: ssl.SSLContext | None = None, token: str = ""
) -> Iterator[OtherServer]:
    """Over HTTP, with TensorFlow Serving's paths and no other."""
    here = OtherServer(token)

    handler = type("Handler", (_Handler,), {"here": here})
    with _Server(("127.0.0.1", 0), handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        scheme = "http" if context is None else "https"
        here.address = f"{scheme}://127.0.0.1:{server.server_port}"
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def other_server(way: str) -> Iterator[OtherServer]:
    """Over gRPC or HTTP: ``grpc``, ``http``."""
    with other_grpc_server() if way == "grpc" else other_http_server() as here:
        yield here


class Certificates:
    """An authority, a server's certificate for 127.0.0.1 and ``serving``, and a client's."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.ca = directory / "ca.pem"
        self._run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem",
            "-addext", "keyUsage=critical,keyCertSign",
        )  # fmt: skip
        self.server, self.server_key = self._signed("server", "IP:127.0.0.1,DNS:serving")
        self.named, self.named_key = self._signed("named", "DNS:serving")
        self.client, self.client_key = self._signed("client", "DNS:client")

    def _signed(self, name: str, names: str) -> tuple[Path, Path]:
        (self._directory / f"{name}.ext").write_text(f"subjectAltName={names}\n")
        self._run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr",
        )  # fmt: skip
        self._run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-out", f"{name}.pem", "-extfile", f"{name}.ext",
        )  # fmt: skip
        return self._directory / f"{name}.pem", self._directory / f"{name}.key"

    def _run(self, *arguments: str) -> None:
        subprocess.run(
            ["openssl", *arguments], cwd=self._directory, check=True, capture_output=True
        )

    def for_grpc(self, *, asks: bool = False, named: bool = False) -> grpc.ServerCredentials:
        """Credentials of a gRPC server; ``asks`` for those of the client."""
        files = (self.named_key, self.named) if named else (self.server_key, self.server)
        key, certificate = (path.read_bytes() for path in files)
        authority = self.ca.read_bytes() if asks else None
        return grpc.ssl_server_credentials([(key, certificate)], authority, asks)

    def for_http(self, *, asks: bool = False, named: bool = False) -> ssl.SSLContext:
        """The same for an HTTP server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        files = (self.named, self.named_key) if named else (self.server, self.server_key)
        context.load_cert_chain(*files)
        if asks:
            context.load_verify_locations(self.ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context
