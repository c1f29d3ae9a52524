"""Servers to put load on: this project's, and the empty echo beside it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np

from benchmarks.model_inputs import rows_for
from benchmarks.predict_request import predict_call, predict_request
from benchmarks.side_process import side_process
from benchmarks.standalone import running
from benchmarks.verified_load import Counts, Target, statistics_of
from tfs_notebook.client import Client
from tfs_notebook.wire.predict import parse_predict_response

__all__ = ["HALF_PLUS_TWO", "Running", "echo", "half_plus_two", "served"]

HALF_PLUS_TWO = predict_request("half_plus_two", "x", rows_for(None, 1))
"""What is asked of half_plus_two over gRPC: three numbers."""

_ANSWER = np.array([2.5, 3.0, 4.5], np.float32)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs, at its two doors.

    Attributes:
        pid: its process; 0 for the echo.
        grpc: address of the one, ``host:port``.
        rest: address of the other.
        over_grpc: how to verify load there.
        over_rest: how to verify load there.
    """

    pid: int
    grpc: str
    rest: str
    over_grpc: Target
    over_rest: Target


@contextmanager
def served(
    model: Path,
    inputs: np.ndarray,
    expected: np.ndarray,
    *flags: str,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Serve a model as a process, and know what it answers to some inputs."""
    name = model.name
    with running(model, *flags, environment=environment) as server:
        rest = f"127.0.0.1:{server.rest_port}"
        with Client(server.grpc) as over_grpc, Client(f"http://{rest}") as over_rest:

            def counts() -> Counts:
                return statistics_of(server.rest_port, name)

            def asks(client: Client) -> Target:
                def ask() -> np.ndarray:
                    outputs = client[name].predict(inputs)
                    return (
                        next(iter(outputs.values())) if isinstance(outputs, dict) else outputs
                    )

                return Target(ask, expected, counts)

            yield Running(server.pid, server.grpc, rest, asks(over_grpc), asks(over_rest))


@contextmanager
def half_plus_two(
    model: Path, *flags: str, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Serve half_plus_two, which is sent three numbers."""
    inputs = rows_for(None, 1)
    with served(model, inputs, _ANSWER, *flags, environment=environment) as server:
        yield server


@contextmanager
def echo() -> Iterator[Running]:
    """The empty echo, which answers what half_plus_two does without looking."""
    with side_process("echo_server") as process:
        address = f"127.0.0.1:{process.ready['grpc']}"
        rest = f"127.0.0.1:{process.ready['rest']}"
        with grpc.insecure_channel(address) as channel:
            call = predict_call(channel)

            def ask() -> np.ndarray:
                return parse_predict_response(call(HALF_PLUS_TWO))[1]["y"]

            def over_grpc() -> Counts:
                return Counts(process.ask()["grpc"], 0)

            def over_rest() -> Counts:
                return Counts(process.ask()["rest"], 0)

            yield Running(
                0,
                address,
                rest,
                Target(ask, _ANSWER, over_grpc),
                Target(lambda: _posted(rest), _ANSWER, over_rest),
            )


def _posted(address: str) -> np.ndarray:
    connection = http.client.HTTPConnection(address)
    try:
        connection.request("POST", "/", b"{}")
        return np.array(json.loads(connection.getresponse().read())["predictions"])
    finally:
        connection.close()
