"""Ports and sockets of the standalone command: taken, shared, stale."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from tests.cli.standalone import Start, predict, run
from tests.half_plus_two import ANSWER, BODY
from tests.server_process import free_port, is_listening


@pytest.mark.parametrize("flag", ["port", "rest_api_port"])
def test_a_busy_port_is_an_error_that_names_it(one_model: list[str], flag: str) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"port": free_port(), "rest_api_port": free_port(), flag: port}
        done = run(*one_model, *(f"--{name}={value}" for name, value in ports.items()))
    assert done.returncode == 1
    assert f"--{flag}: cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert f"--{flag}=N" in done.stderr


def test_two_servers_cannot_share_a_port(start_server: Start, one_model: list[str]) -> None:
    first = start_server(*one_model)
    done = run(*one_model, f"--port={first.port}")
    assert done.returncode == 1
    assert f"--port: cannot listen on 127.0.0.1:{first.port}" in done.stderr
    assert predict(first).json() == ANSWER


def test_one_port_for_both_doors_is_grpcs(start_server: Start, one_model: list[str]) -> None:
    port = free_port()
    server = start_server(*one_model, port=port, rest_port=port, wait=False)
    server.wait_for_log("Running gRPC ModelServer")
    assert "--rest_api_port cannot be the same as --port" in server.log


def test_no_threads_or_children_are_left_by_sigkill(
    start_server: Start, one_model: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "g.sock"
    rest_path = tmp_path / "r.sock"
    flags = (*one_model, f"--grpc_socket_path={path}", f"--rest_api_socket_path={rest_path}")
    first = start_server(*flags)
    children = psutil.Process(first.process.pid).children(recursive=True)
    assert not children
    first.kill()
    assert path.exists()
    assert not is_listening(first.port)
    assert not is_listening(first.rest_port)
    # Its ports are free and its stale sockets are taken over.
    second = start_server(*flags, port=first.port, rest_port=first.rest_port)
    assert predict(second).json() == ANSWER
    transport = httpx.HTTPTransport(uds=str(rest_path))
    with httpx.Client(transport=transport, base_url="http://localhost") as client:
        assert client.post("/v1/models/m:predict", content=BODY).json() == ANSWER
    second.stop()
    assert not path.exists()
    assert not rest_path.exists()
    first.process.returncode = 0


def test_a_socket_path_that_cannot_be_had(one_model: list[str], tmp_path: Path) -> None:
    for flag in ("grpc_socket_path", "rest_api_socket_path"):
        path = tmp_path / "nowhere" / "s.sock"
        done = run(*one_model, f"--port={free_port()}", f"--{flag}={path}")
        assert done.returncode == 1, done.stderr
        assert str(path) in done.stderr
        assert "Traceback" not in done.stderr


def test_a_socket_in_use_is_an_error_that_names_it(
    start_server: Start, one_model: list[str], tmp_path: Path
) -> None:
    paths = {name: tmp_path / f"{name}.sock" for name in ("grpc", "rest_api")}
    flags = [f"--{name}_socket_path={path}" for name, path in paths.items()]
    server = start_server(*one_model, *flags)
    for name, path in paths.items():
        done = run(*one_model, f"--port={free_port()}", f"--{name}_socket_path={path}")
        assert done.returncode == 1, done.stderr
        assert str(path) in done.stderr
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.connect(str(path))
    server.stop()
    assert not any(path.exists() for path in paths.values())


def test_a_socket_path_that_is_a_file_is_not_deleted(
    one_model: list[str], tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    for flag in ("grpc_socket_path", "rest_api_socket_path"):
        precious.write_text("precious")
        done = run(*one_model, f"--port={free_port()}", f"--{flag}={precious}")
        assert done.returncode == 1, done.stderr
        assert precious.read_text() == "precious"
