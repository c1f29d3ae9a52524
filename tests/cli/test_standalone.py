"""The standalone command from its start to its end, as a process."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
import psutil
import pytest

from tests.polling import poll_until
from tests.server_process import ROOT, ServerProcess, config_text, free_port, is_listening
from tfs_notebook import __version__

Start = Callable[..., ServerProcess]

BODY: Final = b'{"instances": [1.0]}'
ANSWER: Final = {"predictions": [2.5]}

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def predict(server: ServerProcess, model: str = "m", body: bytes = BODY) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/models/{model}:predict", content=body, timeout=30)


@pytest.fixture
def one_model(models: Path) -> list[str]:
    """The flags that serve half_plus_two as ``m``."""
    return ["--model_name=m", f"--model_base_path={models / 'half_plus_two'}"]


@pytest.fixture
def with_slow(models: Path, tmp_path: Path) -> list[str]:
    """The flags that serve half_plus_two as ``m``, and the slow model."""
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": models / "half_plus_two", "slow": models / "slow"}))
    return [f"--model_config_file={config}"]


def run(*arguments: str, command: str = "tfs_notebook") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", command, *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


# -- before it serves ----------------------------------------------------------------


def test_version() -> None:
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"TensorFlow ModelServer: {__version__}",
        "TensorFlow Library: 2.21.0",
    ]


def test_help_comes_at_once() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "--rest_api_port=0" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["tfs-notebook", "tensorflow_model_server"])
def test_console_scripts(name: str) -> None:
    script = Path(sys.executable).parent / name
    if not script.exists():
        pytest.skip(f"{name} is not installed beside {sys.executable}")
    done = subprocess.run(
        [script, "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert "--model_base_path" in done.stdout


def test_an_unknown_flag() -> None:
    done = run("--prot=8500")
    assert done.returncode == 2
    assert done.stderr == "tfs-notebook: unknown flag --prot; did you mean --port?\n"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ([], "Give --model_base_path=DIR, or --model_config_file=FILE"),
        (["--model_base_path=/nowhere", "--model_name="], "has no name"),
        (["--model_base_path=/nowhere", "--port=0"], "grpc_port or server_options.grpc_socket"),
        (["--model_config_file=/nowhere/file"], "Invalid protobuf file: '/nowhere/file'"),
        (["--model_base_path=/nowhere", "--grpc_channel_arguments=a"], "'a' is not key=value"),
        (
            ["--model_base_path=/nowhere", "--fail_if_no_model", "--port={free}"],
            "1 servable(s) did not become available: {{Could not find base path /nowhere",
        ),
        (
            ["--model_base_path=/nowhere", "--tensorflow_session_config_file=/nowhere/file"],
            "Invalid protobuf file: '/nowhere/file'",
        ),
        (
            [
                "--model_base_path=/nowhere",
                "--tensorflow_session_parallelism=1",
                "--tensorflow_intra_op_parallelism=1",
            ],
            "give one or the others",
        ),
    ],
)
def test_what_it_cannot_start_with(flags: list[str], text: str) -> None:
    done = run(*(flag.replace("{free}", str(free_port())) for flag in flags))
    assert done.returncode == 1, done.stderr
    assert "Failed to start server. Error: " in done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def entry(**fields: str) -> str:
    return "config { " + " ".join(f'{key}: "{value}"' for key, value in fields.items()) + " } "


M: Final = {"name": "m", "base_path": "/a", "model_platform": "tensorflow"}


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ("config {", "Error parsing text-format tensorflow.serving.ModelServerConfig"),
        (entry(nme="m"), "nme"),
        (
            entry(**M | {"base_path": "relative"}),
            "Expected model m to have an absolute path or URI; got base_path()=relative",
        ),
        (
            entry(name="m", base_path="/a"),
            "Illegal setting neither ModelServerConfig::model_type",
        ),
        (
            entry(**M | {"model_platform": "pytorch"}),
            "PlatformConfigMap has no entry for platform pytorch",
        ),
        (
            entry(**M) + entry(**M | {"base_path": "/b"}),
            "Illegal to list model m multiple times in config list",
        ),
    ],
)
def test_config_files_that_are_wrong(tmp_path: Path, entries: str, text: str) -> None:
    path = tmp_path / "models.config"
    path.write_text(f"model_config_list {{ {entries} }}")
    done = run(f"--model_config_file={path}", f"--port={free_port()}")
    assert done.returncode == 1
    assert text in done.stderr
    assert "Traceback" not in done.stderr


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


# -- while it serves -----------------------------------------------------------------


def test_the_ready_lines(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model)
    wanted = [
        "Successfully loaded servable version {name: m version: 1}",
        f"Running gRPC ModelServer at 127.0.0.1:{server.port} ...",
        f"Exporting HTTP/REST API at:localhost:{server.rest_port} ...",
        "Entering the event loop ...",
    ]
    places = [server.log.find(text) for text in wanted]
    assert -1 not in places, server.log
    assert places == sorted(places)


def test_log_level(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, "--log_level=warning", wait=False)
    poll_until(lambda: is_listening(server.rest_port), "it listens", details=lambda: server.log)
    assert predict(server).json() == ANSWER
    assert " I " not in server.log


def test_flags_without_effect_are_told(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, "--enable_batching=true")
    assert "--enable_batching has no effect: " in server.log


@on_linux
def test_tensorflow_is_never_imported(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, command=("-X", "importtime", "-m", "tfs_notebook"))
    assert predict(server).json() == ANSWER
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "libtensorflow_cc" in maps
    assert "_pywrap_tensorflow" not in maps
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", server.log, re.MULTILINE))
    assert "tfs_notebook.cli.serve" in imported
    top_level = {name.partition(".")[0] for name in imported}
    assert not top_level & {"tensorflow", "keras", "tf_keras", "tensorflow_serving", "pandas"}


def test_memory(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model)
    for _ in range(20):
        assert predict(server).json() == ANSWER
    used = psutil.Process(server.process.pid).memory_info().rss / 2**20
    assert used < 480, f"{used} MB"


def test_tags(start_server: Start, models: Path) -> None:
    server = start_server(
        "--model_name=m",
        f"--model_base_path={models / 'other_tags'}",
        "--saved_model_tags=serve,special",
    )
    assert predict(server).json() == {"predictions": [2.0]}


def test_method_names_are_checked_if_asked(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, "--enable_signature_method_name_check")
    odd = b'{"signature_name": "odd_method", "instances": [1.0]}'
    response = predict(server, body=odd)
    assert response.status_code == 500
    assert "Was: somebody/elses/method" in response.json()["error"]
    assert predict(server).json() == ANSWER


def test_a_relative_base_path(start_server: Start, models: Path, tmp_path: Path) -> None:
    (tmp_path / "server-0").mkdir()
    (tmp_path / "server-0" / "here").symlink_to(models / "half_plus_two")
    (tmp_path / "server-0").rename(tmp_path / "prepared")
    # The server's working directory is made by the fixture; go there from it.
    server = start_server("--model_name=m", "--model_base_path=../prepared/here")
    assert predict(server).json() == ANSWER


def test_one_port_for_both_doors_is_grpcs(start_server: Start, one_model: list[str]) -> None:
    port = free_port()
    server = start_server(*one_model, port=port, rest_port=port, wait=False)
    server.wait_for_log("Running gRPC ModelServer")
    assert "--rest_api_port cannot be the same as --port" in server.log


# -- its end -------------------------------------------------------------------------


def slow_request(
    server: ServerProcess, pool: ThreadPoolExecutor, seconds: float
) -> Future[httpx.Response]:
    """Begin a request that takes this long, and return once it is under way."""
    with closing(socket.create_connection(("127.0.0.1", server.rest_port))):
        busy_before = psutil.Process(server.process.pid).cpu_times().user
    body = b'{"instances": [%f]}' % seconds
    future = pool.submit(predict, server, "slow", body)
    poll_until(
        lambda: psutil.Process(server.process.pid).cpu_times().user > busy_before + 0.15,
        "the slow model runs",
    )
    return future


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_drain_and_exit_0(
    start_server: Start, with_slow: list[str], number: signal.Signals
) -> None:
    server = start_server(*with_slow)
    with ThreadPoolExecutor(1) as pool:
        answer = slow_request(server, pool, 1.5)
        server.send(number)
        server.wait_for_log("draining")
        assert not answer.done()
        poll_until(lambda: not is_listening(server.rest_port), "the door is shut")
        assert answer.result().json() == {"predictions": [1.5]}
    assert server.wait_for_exit() == 0
    assert server.log.rstrip().endswith("stopped")
    assert "Traceback" not in server.log


def test_the_grace_time_is_a_limit(start_server: Start, with_slow: list[str]) -> None:
    server = start_server(*with_slow, "--shutdown_grace_seconds=0.3")
    with ThreadPoolExecutor(1) as pool:
        answer = slow_request(server, pool, 8.0)
        started = time.monotonic()
        server.send(signal.SIGTERM)
        assert server.wait_for_exit() == 0
        assert time.monotonic() - started < 5
        assert isinstance(answer.exception(), httpx.TransportError) or (
            answer.result().status_code >= 400
        )


def test_a_second_signal_ends_the_draining(start_server: Start, with_slow: list[str]) -> None:
    server = start_server(*with_slow, "--shutdown_grace_seconds=30")
    with ThreadPoolExecutor(1) as pool:
        slow_request(server, pool, 8.0)
        server.send(signal.SIGINT)
        server.wait_for_log("draining")
        started = time.monotonic()
        server.send(signal.SIGINT)
        server.wait_for_exit()
        assert time.monotonic() - started < 3


@on_linux
def test_a_signal_while_it_starts(start_server: Start, one_model: list[str]) -> None:
    server = start_server(*one_model, wait=False)
    # The signal's handlers are there before the library is loaded.
    maps = Path(f"/proc/{server.process.pid}/maps")
    poll_until(lambda: "libtensorflow" in maps.read_text(), "the library is being loaded")
    server.send(signal.SIGTERM)
    assert server.wait_for_exit() == 0
    assert "Traceback" not in server.log


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


def test_it_ends_when_idle_connections_are_open(
    start_server: Start, one_model: list[str]
) -> None:
    server = start_server(*one_model)
    with (
        httpx.Client(base_url=server.url) as client,
        closing(socket.create_connection(("127.0.0.1", server.rest_port))),
    ):
        assert client.post("/v1/models/m:predict", content=BODY).json() == ANSWER
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 5


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
        assert process.wait(30) == 0


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
