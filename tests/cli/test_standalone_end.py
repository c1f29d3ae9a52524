"""The end of the standalone command: by signals, under requests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.standalone import Start, predict, slow_request
from tests.half_plus_two import ANSWER, BODY
from tests.polling import poll_until
from tests.server_process import ROOT, free_port, is_listening

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_drain_and_exit_0(
    start_server: Start, with_slow: list[str], number: signal.Signals
) -> None:
    server = start_server(*with_slow)
    with ThreadPoolExecutor(1) as pool:
        answer = slow_request(server, pool, 4.0)
        server.send(number)
        server.wait_for_log("draining")
        assert not answer.done()
        poll_until(lambda: not is_listening(server.rest_port), "the door is shut")
        assert answer.result().json() == {"predictions": [4.0]}
    assert server.wait_for_exit() == 0
    assert server.log.rstrip().endswith("stopped")
    assert "Traceback" not in server.log


def test_the_grace_time_is_a_limit(start_server: Start, with_slow: list[str]) -> None:
    server = start_server(*with_slow, "--shutdown_grace_seconds=0.3")
    with ThreadPoolExecutor(1) as pool:
        answer = slow_request(server, pool, 3600.0)
        server.send(signal.SIGTERM)
        assert server.wait_for_exit() == 0
        assert isinstance(answer.exception(), httpx.TransportError) or (
            answer.result().status_code >= 400
        )


def test_a_second_signal_ends_the_draining(start_server: Start, with_slow: list[str]) -> None:
    server = start_server(*with_slow, "--shutdown_grace_seconds=3600")
    with ThreadPoolExecutor(1) as pool:
        slow_request(server, pool, 3600.0)
        server.send(signal.SIGINT)
        server.wait_for_log("draining")
        server.send(signal.SIGINT)
        server.wait_for_exit()


@on_linux
def test_a_signal_while_it_starts(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, wait=False)
    # The signal's handlers are there before the library is loaded.
    maps = Path(f"/proc/{server.process.pid}/maps")
    poll_until(lambda: "libtensorflow" in maps.read_text(), "the library is being loaded")
    server.send(signal.SIGTERM)
    assert server.wait_for_exit() == 0
    assert "Traceback" not in server.log


def test_it_ends_when_idle_connections_are_open(
    start_server: Start, one_model: list[str]
) -> None:
    server = start_server(*one_model, "--shutdown_grace_seconds=3600")
    with (
        httpx.Client(base_url=server.url) as client,
        closing(socket.create_connection(("127.0.0.1", server.rest_port))),
    ):
        assert client.post("/v1/models/m:predict", content=BODY).json() == ANSWER
        server.stop()


def test_its_output_may_be_closed(one_model: list[str], tmp_path: Path) -> None:
    """A parent that closes its end of the log does not take the server down."""
    reader, writer = os.pipe()
    rest_port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tfs_notebook", *one_model,
         f"--port={free_port()}", f"--rest_api_port={rest_port}", "--access_log"],
        cwd=ROOT, stdout=writer, stderr=writer, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writer)
    try:
        poll_until(lambda: is_listening(rest_port), "it listens")
        os.close(reader)
        url = f"http://127.0.0.1:{rest_port}/v1/models/m:predict"
        for _ in range(3):
            assert httpx.post(url, content=BODY).json() == ANSWER
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_many_starts_and_stops_under_requests(
    start_server: Start, one_model: list[str]
) -> None:
    """Requests that come while the doors shut are answered or refused, never half."""
    server = start_server(*one_model)
    outcomes: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                outcomes.append(predict(server).status_code)
            except httpx.TransportError as error:
                outcomes.append(type(error))
                return

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    poll_until(lambda: len(outcomes) > 50, "requests are answered")
    server.stop()
    stop.set()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {
        200,
        503,
        httpx.ConnectError,
        httpx.ReadError,
        httpx.RemoteProtocolError,
    }
    assert outcomes.count(httpx.RemoteProtocolError) + outcomes.count(httpx.ReadError) <= 4
