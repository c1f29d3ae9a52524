"""``GET /v2/repository/overview``: all there is to see of a server."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.frontends.repository_client import Repository, socket_directory
from tests.server_process import ServerProcess

OVERVIEW = "/v2/repository/overview"


@pytest.fixture(scope="module")
def sockets() -> Iterator[Path]:
    with socket_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path) -> Path:
    base = tmp_path_factory.mktemp("overview_models") / "half"
    shutil.copytree(half_plus_two, base / "1")
    return base


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, sockets: Path, base: Path
) -> Iterator[ServerProcess]:
    flags = (
        "--model_name=half",
        f"--model_base_path={base}",
        "--enable_batching",
        f"--rest_api_socket_path={sockets / 'rest.sock'}",
        "--file_system_poll_wait_seconds=0",
        "--max_num_load_retries=0",
    )
    with ServerProcess(tmp_path_factory.mktemp("overview"), flags) as process:
        yield process


@pytest.fixture
def repository(server: ServerProcess, sockets: Path) -> Iterator[Repository]:
    with Repository.over_socket(sockets / "rest.sock") as repository:
        yield repository


def predict(server: ServerProcess, *values: float, **further: object) -> httpx.Response:
    body = {"instances": list(values), **further}
    return httpx.post(f"{server.url}/v1/models/half:predict", json=body, timeout=30)


def signature_of(told: Any) -> Any:
    [signature] = told["models"][0]["versions"][0]["signatures"]
    return signature


def test_what_is_told(repository: Repository, server: ServerProcess, base: Path) -> None:
    for _ in range(3):
        assert predict(server, 1.0, 2.0).status_code == 200
    assert predict(server, 1.0, signature_name="nobody").status_code == 400
    before = time.time()
    told = repository.get(OVERVIEW)
    assert abs(told["time"] - before) < 60
    assert 0 < told["uptime"] < 600
    assert told["process"]["pid"] == server.process.pid != os.getpid()
    assert told["process"]["cpu_seconds"] > 0
    assert told["process"]["resident_bytes"] > 1e7
    assert told["loads_on_request"] is False
    assert told["batch_threads"] > 0
    assert told["request_log_directory"] is None
    [model] = told["models"]
    [version] = model.pop("versions")
    batching = model.pop("batching")
    assert model == {
        "name": "half",
        "base_path": str(base),
        "platform": "tensorflow",
        "version_policy": "latest",
        "labels": {},
        "waiting_for": None,
        "pin": None,
        "is_kept": True,
        "recording": None,
        "traffic": None,
    }
    assert batching["parameters"]["max_batch_size"] == 1000
    assert (batching["overridden"], batching["latency_target_micros"]) == ({}, 0)
    assert (version["version"], version["state"], version["error"]) == ("1", "AVAILABLE", None)
    assert [change["state"] for change in version["history"]] == [
        "START",
        "LOADING",
        "AVAILABLE",
    ]
    times = [change["time"] for change in version["history"]]
    assert times == sorted(times)
    loaded = version["loaded"]
    assert 0 < loaded["seconds"] < 60
    assert loaded["estimated_bytes"] > 0
    assert times[0] <= loaded["at"] <= before
    assert version["batching"]["parameters"] == batching["parameters"]
    assert (version["batching"]["automatic"], version["batching"]["problem"]) == (None, None)


def test_what_is_counted(repository: Repository, server: ServerProcess) -> None:
    assert predict(server, 1.0).status_code == 200
    before = signature_of(repository.get(OVERVIEW))
    for _ in range(3):
        assert predict(server, 1.0, 2.0).status_code == 200
    told = repository.get(OVERVIEW)
    now = signature_of(told)
    assert now["signature"] == "serving_default"
    assert now["requests"] - before["requests"] == 3
    assert (now["errors"], now["in_flight"], now["queued"]) == (before["errors"], 0, 0)
    assert (now["hung_runs"], now["written_off_runs"]) == (0, 0)
    assert 0 < now["since"] <= told["uptime"]
    assert abs(now["last_request"] - time.time()) < 60
    bounds, latency = told["bounds"], now["latency_micros"]
    assert len(latency["counts"]) == len(bounds["micros"]) + 1
    assert sum(latency["counts"]) == now["requests"]
    batches, earlier = now["batches"], before["batches"]
    assert batches["rows"] - earlier["rows"] == 6
    assert batches["runs"] - earlier["runs"] == 3
    assert batches["padding_rows"] == 0
    sizes = batches["rows_of_a_run"]["counts"]
    assert sizes[bounds["rows"].index(2)] - earlier["rows_of_a_run"]["counts"][1] == 3
    assert sum(batches["wait_micros"]["counts"]) == now["requests"] - now["errors"]


def test_changes_are_seen(repository: Repository, server: ServerProcess) -> None:
    following = repository.get(OVERVIEW)["next_event"]
    repository.done("half", "labels", labels={"stable": 1})
    repository.done("half", "batching", batch_timeout_micros=7)
    repository.done("half", "pin")
    [model] = repository.get(OVERVIEW)["models"]
    assert model["labels"] == {"stable": 1}
    assert model["batching"]["overridden"] == {"batch_timeout_micros": 7}
    assert model["pin"] == {"versions": [1], "version_policy": "latest"}
    assert model["version_policy"] == [1]
    # A number to wait with for what comes next.
    page = repository.get(f"/v2/repository/events?after={following}&timeout=0")
    assert (page["events"], page["next"]) == ([], following)
    repository.done("half", "unpin")
    repository.done("half", "batching", reset=True)
    repository.done("half", "labels", labels={"stable": None})


def test_what_has_ended_is_told_for_a_while(
    repository: Repository, server: ServerProcess, base: Path, half_plus_two: Path
) -> None:
    for number in range(2, 9):
        shutil.copytree(half_plus_two, base / f"new-{number}")
        shutil.move(base / f"new-{number}", base / str(number))
        repository.done("half", "load")
    (base / "9").mkdir()
    response = repository.post("half", "load")
    assert response.status_code >= 400
    [model] = repository.get(OVERVIEW)["models"]
    shown = {one["version"]: one for one in model["versions"]}
    states = {version: one["state"] for version, one in shown.items()}
    assert states.pop("8") == "AVAILABLE"
    assert set(states.values()) == {"END"}
    assert len(states) == 5
    assert "9" in states
    assert shown["9"]["error"]
    assert shown["9"]["history"][-1]["error"] == shown["9"]["error"]
    assert shown["9"]["loaded"] is None
    shutil.rmtree(base / "9")
    for number in range(2, 9):
        shutil.rmtree(base / str(number))
    repository.done("half", "load")


def test_paths_and_verbs(repository: Repository, server: ServerProcess) -> None:
    assert httpx.get(server.url + OVERVIEW).status_code == 200
    response = repository.client.post(OVERVIEW, json={})
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_where_models_are_loaded_on_request(
    start_server: Callable[..., ServerProcess], half_plus_two: Path
) -> None:
    server = start_server(
        "--model_name=half", f"--model_base_path={half_plus_two.parent}", "--lazy_loading"
    )

    def told() -> tuple[Any, Any]:
        overview = httpx.get(server.url + OVERVIEW).json()
        assert (overview["batch_threads"], overview["loads_on_request"]) == (None, True)
        [model] = overview["models"]
        assert model["is_kept"] is False
        [version] = model["versions"]
        return version, model["batching"]

    version, batching = told()
    assert (version["state"], version["history"], version["loaded"]) == ("START", [], None)
    assert (batching, version["batching"], version["signatures"]) == (None, None, [])
    assert predict(server, 1.0).status_code == 200
    version, _ = told()
    assert (version["state"], version["history"][-1]["state"]) == ("AVAILABLE", "AVAILABLE")
    assert version["loaded"] is not None
    assert [one["requests"] for one in version["signatures"]] == [1]


def test_without_models(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server("--model_control=explicit")
    told = httpx.get(server.url + OVERVIEW).json()
    assert told["models"] == []
    again = httpx.get(server.url + OVERVIEW).json()
    assert again["run"] == told["run"]
    assert again["uptime"] > told["uptime"]
