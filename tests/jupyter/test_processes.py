"""What becomes of the processes: crashes, ends in order, and ends without asking."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process, runs
from tests.polling import poll_until
from tests.server_process import free_port, is_listening

BOTH_WAYS = pytest.mark.parametrize("in_process", [False, True], ids=["child", "thread"])
# Where what differs between the ways is seen in other tests.
ONE_WAY_AND_LATER_BOTH = pytest.mark.parametrize(
    "in_process", [False, pytest.param(True, marks=pytest.mark.long)], ids=["child", "thread"]
)

# Model servers end and start again beside whatever else the machine has to do.
pytestmark = pytest.mark.timeout(240)


def half(models: Path) -> str:
    return f"--TfsNotebookApp.models={ {'half': str(models / 'half_plus_two')} }"


@contextmanager
def load(jupyter: JupyterProcess) -> Iterator[list[int]]:
    """Predict from several threads until the block ends; gives the statuses so far."""
    statuses: list[int] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            response = jupyter.http.post(
                "tfs/v1/models/half:predict", json={"instances": [1.0]}
            )
            statuses.append(response.status_code)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        done.set()
        for thread in threads:
            thread.join(60)


def test_a_killed_model_server_comes_back_under_load(models: Path, tmp_path: Path) -> None:
    with jupyter_process(tmp_path, half(models)) as jupyter:
        pid = jupyter.wait_for_state("ready")["pid"]
        assert jupyter.connection()["server_pid"] == pid
        with load(jupyter) as statuses:
            poll_until(lambda: 200 in statuses, "there is load")
            os.kill(pid, signal.SIGKILL)
            poll_until(lambda: 503 in statuses, "the end is noticed")

            def is_back() -> bool:
                return jupyter.status()["state"] == "ready" and statuses[-1] == 200

            poll_until(is_back, "it is back", details=jupyter.details)
        assert set(statuses) == {200, 503}
        status = jupyter.status()
        assert status["restarts"] == 1
        assert status["pid"] != pid
        poll_until(
            lambda: jupyter.connection()["server_pid"] == status["pid"],
            "the connection file has the new one",
        )
        assert jupyter.predict(1.0) == [2.5]
        assert "SIGKILL" in jupyter.log


@pytest.mark.parametrize("way", ["kill", pytest.param("restart", marks=pytest.mark.long)])
@ONE_WAY_AND_LATER_BOTH
def test_what_was_loaded_is_back_with_its_labels(
    in_process: bool, way: str, two_versions: Path, tmp_path: Path
) -> None:
    if in_process and way == "kill":
        pytest.skip("it cannot be killed alone")
    options = f"--TfsNotebookApp.in_process={in_process}"
    root = f"--TfsNotebookApp.models_root={two_versions.parent}"
    with jupyter_process(tmp_path, options, root) as jupyter:
        pid = jupyter.wait_for_state("ready")["pid"]
        control = f"tfs/v2/repository/models/{two_versions.name}"
        parameters = {"version_policy": "all", "labels": {"stable": 1}}
        response = jupyter.http.post(f"{control}/load", json={"parameters": parameters})
        assert response.status_code == 200, response.text
        stable = f"tfs/v1/models/{two_versions.name}/labels/stable:predict"

        def answer() -> httpx.Response:
            return jupyter.http.post(stable, json={"instances": [1.0]})

        assert answer().json() == {"predictions": [2.5]}
        if way == "kill":
            os.kill(pid, signal.SIGKILL)
        else:
            jupyter.http.post("tfs/restart")
        poll_until(lambda: answer().status_code == 503, "the end is noticed")
        poll_until(lambda: answer().status_code == 200, "it is back", details=jupyter.details)
        assert answer().json() == {"predictions": [2.5]}


def test_while_it_is_started_again_the_answer_says_so(models: Path, tmp_path: Path) -> None:
    with jupyter_process(tmp_path, half(models)) as jupyter:
        pid = jupyter.wait_for_state("ready")["pid"]
        os.kill(pid, signal.SIGKILL)
        jupyter.wait_for_state("restarting")
        response = jupyter.http.get("tfs/v1/models/half")
        assert response.status_code == 503
        assert "SIGKILL" in response.json()["error"]
        assert int(response.headers["Retry-After"]) > 0
        jupyter.wait_for_state("ready")


@ONE_WAY_AND_LATER_BOTH
def test_what_cannot_start_ends_in_quarantine(in_process: bool, tmp_path: Path) -> None:
    config = tmp_path / "models.config"
    config.write_text("no config")
    with jupyter_process(
        tmp_path,
        f"--TfsNotebookApp.model_config_file={config}",
        f"--TfsNotebookApp.in_process={in_process}",
        "--TfsNotebookApp.max_crashes=3",
    ) as jupyter:
        status = jupyter.wait_for_state("quarantined")
        assert status["restarts"] == 2
        assert status["pid"] is None
        response = jupyter.http.get("tfs/v1/models")
        assert response.status_code == 503
        assert "POST tfs/restart" in response.json()["error"]
        # A person mends it, and asks for a restart.
        config.write_text("model_config_list {}")
        assert jupyter.http.post("tfs/restart").status_code == 202
        jupyter.wait_for_state("ready")


@BOTH_WAYS
def test_a_restart_that_is_asked_for(in_process: bool, models: Path, tmp_path: Path) -> None:
    way = f"--TfsNotebookApp.in_process={in_process}"
    with jupyter_process(tmp_path, half(models), way) as jupyter:
        before = jupyter.wait_for_state("ready")
        for restarts in (1, 2):
            jupyter.http.post("tfs/restart")

            def is_back(restarts: int = restarts) -> bool:
                status = jupyter.status()
                return (status["restarts"], status["state"]) == (restarts, "ready")

            poll_until(is_back, "it is back", details=jupyter.details)
            assert jupyter.predict(1.0) == [2.5]
        assert (jupyter.status()["pid"] == before["pid"]) is in_process


@ONE_WAY_AND_LATER_BOTH
def test_requests_share_runs(in_process: bool, models: Path, tmp_path: Path) -> None:
    file = tmp_path / "batching.pbtxt"
    file.write_text("max_batch_size { value: 3 }")
    with jupyter_process(
        tmp_path,
        half(models),
        "--TfsNotebookApp.enable_batching=True",
        f"--TfsNotebookApp.batching_parameters_file={file}",
        "--TfsNotebookApp.batching_latency_target_micros=50000",
        f"--TfsNotebookApp.in_process={in_process}",
    ) as jupyter:
        jupyter.wait_for_state("ready")
        assert jupyter.predict(1.0, 2.0) == [2.5, 3.0]
        (told,) = jupyter.http.get("tfs/v2/models/half/stats").json()["model_stats"]
        assert told["signatures"]["serving_default"]["batches"]["runs"] == 1
        too_many = {"instances": [1.0] * 4}
        refused = jupyter.http.post("tfs/v1/models/half:predict", json=too_many)
        assert "larger than maximum input batch size 3" in refused.json()["error"]
        place = "tfs/v2/repository/models/half/batching"
        assert jupyter.http.get(place).json()["latency_target_micros"] == 50_000
        changed = jupyter.http.post(place, json={"parameters": {"max_batch_size": 4}})
        assert changed.json()["overridden"] == {"max_batch_size": 4}
        assert jupyter.http.post("tfs/v1/models/half:predict", json=too_many).is_success
        threads = "tfs/v2/repository/batching"
        body = {"parameters": {"num_batch_threads": 3}}
        assert jupyter.http.post(threads, json=body).json() == body
        assert jupyter.http.get(threads).json() == body


def test_too_much_memory(models: Path, tmp_path: Path) -> None:
    limit = "--TfsNotebookApp.memory_limit_bytes=1000000"
    with jupyter_process(
        tmp_path, half(models), limit, "--TfsNotebookApp.max_crashes=1"
    ) as jupyter:
        status = jupyter.wait_for_state("quarantined")
        assert "memory_limit_bytes" in status["reason"]


@BOTH_WAYS
def test_the_end_of_jupyter_leaves_nothing(
    in_process: bool, models: Path, tmp_path: Path
) -> None:
    way = f"--TfsNotebookApp.in_process={in_process}"
    with jupyter_process(tmp_path, half(models), way) as jupyter:
        jupyter.wait_for_state("ready")
        assert jupyter.left_behind()
        jupyter.stop()


@ONE_WAY_AND_LATER_BOTH
def test_jupyter_may_end_before_the_model_server_is_up(
    in_process: bool, models: Path, tmp_path: Path
) -> None:
    way = f"--TfsNotebookApp.in_process={in_process}"
    with jupyter_process(tmp_path, half(models), way) as jupyter:
        jupyter.wait_for_state("starting")
        jupyter.stop()


@BOTH_WAYS
def test_a_killed_jupyter_leaves_no_process_and_no_socket(
    in_process: bool, models: Path, tmp_path: Path
) -> None:
    way = f"--TfsNotebookApp.in_process={in_process}"
    with jupyter_process(tmp_path, half(models), way) as jupyter:
        jupyter.wait_for_state("ready")
        connection = jupyter.connection()
        children = jupyter.children()
        assert bool(children) is not in_process
        jupyter.kill()
        try:
            poll_until(lambda: not any(map(runs, children)), "the child has ended")
        finally:
            for child in filter(runs, children):
                child.kill()
        if not in_process:
            assert not jupyter.left_behind()

        with closing(socket.socket(socket.AF_UNIX)) as probe:
            assert probe.connect_ex(connection["rest_socket"]) != 0
        # What a thread could not remove any more, the next one does.
        with jupyter_process(tmp_path, half(models), sockets=jupyter.sockets) as other:
            other.wait_for_state("ready")
            assert len(other.left_behind()) == 2


@ONE_WAY_AND_LATER_BOTH
def test_grpc_over_tcp_asks_for_the_token(
    in_process: bool, models: Path, tmp_path: Path
) -> None:
    way = f"--TfsNotebookApp.in_process={in_process}"
    port = free_port()
    asked_for = f"--TfsNotebookApp.grpc_port={port}"
    with jupyter_process(tmp_path, half(models), way, asked_for) as jupyter:
        jupyter.wait_for_state("ready")
        connection = jupyter.connection()
        assert connection["grpc_address"] == f"127.0.0.1:{port}"

        def health(address: str, token: str | None) -> int:
            headers = (("authorization", f"Bearer {token}"),) if token else ()
            with grpc.insecure_channel(address) as channel:
                stub = health_pb2_grpc.HealthStub(channel)
                request = health_pb2.HealthCheckRequest()
                return int(stub.Check(request, metadata=headers, timeout=60).status)

        serving = health_pb2.HealthCheckResponse.SERVING
        assert health(connection["grpc_address"], connection["grpc_token"]) == serving
        assert health(f"unix:{connection['grpc_socket']}", None) == serving
        for token in (None, "", "wrong", connection["grpc_token"][:-1]):
            with pytest.raises(grpc.RpcError) as raised:
                health(connection["grpc_address"], token)
            assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert not is_listening(port)
