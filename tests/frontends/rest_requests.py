"""Requests to the REST door: for predictions, for errors, and byte by byte."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from typing import Any

import httpx

from tests.half_plus_two import BODY
from tests.server_process import ServerProcess

PREDICT = "/v1/models/half_plus_two:predict"
EACH_METHOD = {
    "predict": (PREDICT, BODY),
    "classify": (
        "/v1/models/half_plus_two:classify",
        b'{"signature_name": "classify_x_to_y", "examples": [{"x": 1.0}]}',
    ),
    "regress": (
        "/v1/models/half_plus_two:regress",
        b'{"signature_name": "regress_x_to_y", "examples": [{"x": 1.0}]}',
    ),
}
"""A path and a body for each method of the smallest model."""


def error_text(response: httpx.Response, status: int = 400) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert list(answer) == ["error"]
    text: str = answer["error"]
    return text


def post(http: httpx.Client, path: str, body: object) -> httpx.Response:
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    return http.post(f"/v1/models/{path}", content=content)


def predict(http: httpx.Client, model: str, body: object) -> Any:
    response = post(http, f"{model}:predict", body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def error_of(http: httpx.Client, model: str, body: object, status: int = 400) -> str:
    return error_text(post(http, f"{model}:predict", body), status)


def connect(server: ServerProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.rest_port), 10)


def raw(server: ServerProcess, *pieces: bytes) -> bytes:
    """Send bytes, and return what comes until the server closes."""
    with closing(connect(server)) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


def request_head(length: int | None, *headers: bytes, version: bytes = b"1.1") -> bytes:
    lines = [b"POST " + PREDICT.encode() + b" HTTP/" + version, b"Host: localhost"]
    if length is not None:
        lines.append(b"Content-Length: %d" % length)
    return b"\r\n".join([*lines, *headers, b"", b""])
