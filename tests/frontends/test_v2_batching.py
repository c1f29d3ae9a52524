"""``/v2/repository/…/batching``: batching parameters of a server that serves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.frontends.repository_client import Repository, socket_directory
from tests.polling import poll_until
from tests.server_process import ServerProcess

MODEL = "/v2/repository/models/slow/batching"
THREADS = "/v2/repository/batching"


@pytest.fixture(scope="module")
def sockets() -> Iterator[Path]:
    with socket_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, sockets: Path, models: Path
) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("v2_batching")
    file = directory / "batching.pbtxt"
    file.write_text(
        "max_batch_size { value: 64 } batch_timeout_micros { value: 1000 } "
        "num_batch_threads { value: 2 }"
    )
    flags = (
        "--model_name=slow",
        f"--model_base_path={models / 'slow'}",
        "--enable_batching",
        f"--batching_parameters_file={file}",
        f"--rest_api_socket_path={sockets / 'rest.sock'}",
    )
    with ServerProcess(directory, flags) as process:
        yield process


@pytest.fixture
def repository(server: ServerProcess, sockets: Path) -> Iterator[Repository]:
    """Changes what it likes; that is taken back afterwards."""
    with Repository.over_socket(sockets / "rest.sock") as repository:
        yield repository
        repository.done("slow", "batching", reset=True)
        repository.client.post(THREADS, json={"parameters": {"num_batch_threads": None}})


def predict(server: ServerProcess, *seconds: float) -> httpx.Response:
    url = f"{server.url}/v1/models/slow:predict"
    return httpx.post(url, json={"instances": list(seconds)}, timeout=60)


CONFIGURED = {
    "max_batch_size": 64,
    "batch_timeout_micros": 1000,
    "max_enqueued_batches": 10,
    "allowed_batch_sizes": [],
    "pad_variable_length_inputs": False,
    "enable_large_batch_splitting": False,
    "max_execution_batch_size": 0,
}


def test_what_holds_is_told(repository: Repository) -> None:
    assert repository.get(MODEL) == {
        "name": "slow",
        "parameters": CONFIGURED,
        "overridden": {},
        "latency_target_micros": 0,
        "versions": [
            {"version": "1", "parameters": CONFIGURED, "automatic": None, "problem": None}
        ],
    }
    assert repository.get(THREADS) == {"parameters": {"num_batch_threads": 2}}
    assert "batching" in repository.get("/v2")["extensions"]


def test_a_change_is_told_and_holds(repository: Repository, server: ServerProcess) -> None:
    told = repository.done("slow", "batching", max_batch_size=4, allowed_batch_sizes=[2, 4])
    assert told == repository.get(MODEL)
    assert told["parameters"] == CONFIGURED | {
        "max_batch_size": 4, "allowed_batch_sizes": [2, 4],
    }  # fmt: skip
    assert told["overridden"] == {"max_batch_size": 4, "allowed_batch_sizes": [2, 4]}
    response = predict(server, *[0.0] * 5)
    assert response.json() == {"error": "Task size 5 is larger than maximum input batch size 4"}
    assert predict(server, *[0.0] * 3).status_code == 200
    (stats,) = repository.get("/v2/models/slow/stats")["model_stats"]
    assert stats["signatures"]["serving_default"]["batches"]["padding_share"] == 0.25
    told = repository.done("slow", "batching", reset=True)
    assert told["parameters"] == CONFIGURED
    assert predict(server, *[0.0] * 5).status_code == 200


def test_the_threads_of_all_models(repository: Repository) -> None:
    body = {"parameters": {"num_batch_threads": 3}}
    told = repository.client.post(THREADS, json=body).json()
    assert told == body == repository.get(THREADS)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({}, "say what to change"),
        ({"reset": False}, "say what to change"),
        ({"reset": 1}, '"reset" is true or false; got 1'),
        ({"max_batch_size": "4"}, '"max_batch_size" is a whole number'),
        ({"max_batch_size": 2**63}, '"max_batch_size" is a whole number'),
        ({"max_batch_size": 2**70}, '"max_batch_size" is a whole number'),
        ({"max_batch_size": 1.5}, '"max_batch_size" is a whole number'),
        ({"max_batch_size": 0}, "max_batch_size must be positive; was 0"),
        ({"batch_timeout_micros": -1}, "batch_timeout_micros must be non-negative; was -1"),
        ({"max_execution_batch_size": 65}, "max_execution_batch_size must be at most"),
        ({"allowed_batch_sizes": [4, 8]}, "last entry was 8; expected 64"),
        ({"allowed_batch_sizes": {"a": 1}}, "is a list of at most 1000 sizes"),
        ({"pad_variable_length_inputs": "yes"}, "is true or false"),
        ({"latency_target_micros": -5}, "is a whole number from 0"),
        ({"latency_target_micros": 1e12}, "is a whole number from 0"),
        ({"num_batch_threads": 4}, "live at /v2/repository/batching"),
        ({"thread_pool_name": "x"}, "all models share one pool"),
        ({"max_batch": 4}, "got the unknown field 'max_batch'"),
        ({"max_batch_size": 4, "timeout": -1}, '"timeout" is a number of seconds'),
    ],
)
def test_what_cannot_be_used_changes_nothing(
    repository: Repository, parameters: dict[str, object], text: str
) -> None:
    response = repository.post("slow", "batching", **parameters)
    assert response.status_code == 400
    assert text in response.json()["error"]
    assert repository.get(MODEL)["parameters"] == CONFIGURED


@pytest.mark.parametrize("number", [0, -1, "4", 2.5, True, 100_000])
def test_threads_that_cannot_be(repository: Repository, number: object) -> None:
    body = {"parameters": {"num_batch_threads": number}}
    response = repository.client.post(THREADS, json=body)
    assert response.status_code == 400
    assert '"num_batch_threads" is a whole number from 1 to 1024' in response.json()["error"]
    assert "say how many" in repository.client.post(THREADS, json={}).json()["error"]


def test_paths_and_verbs(repository: Repository, server: ServerProcess) -> None:
    assert repository.post("nobody", "batching", max_batch_size=4).status_code == 404
    assert repository.get("/v2/repository/models/nobody/batching", 404)["error"]
    for path in (MODEL, THREADS):
        response = repository.client.put(path, json={})
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD, POST"
        # Whoever reaches the port may read, and change nothing.
        assert httpx.get(server.url + path).status_code == 200
        assert httpx.head(server.url + path).status_code == 200
        response = httpx.post(server.url + path, json={"parameters": {"max_batch_size": 4}})
        assert response.status_code == 403
    assert repository.get(MODEL)["parameters"] == CONFIGURED


def test_without_batching(
    start_server: Callable[..., ServerProcess], half_plus_two: Path
) -> None:
    server = start_server("--model_name=m", f"--model_base_path={half_plus_two.parent}")
    for path in ("/v2/repository/models/m/batching", THREADS):
        response = httpx.get(server.url + path)
        assert response.status_code == 400
        assert "start it with --enable_batching" in response.json()["error"]


# -- the automatic mode ---------------------------------------------------------------


def automatic(repository: Repository) -> Any:
    (version,) = repository.get(MODEL)["versions"]
    return version["automatic"]


@contextmanager
def load(server: ServerProcess, seconds: float, clients: int) -> Iterator[None]:
    """Have clients ask one thing after the other; all are answered."""
    enough = threading.Event()

    def ask() -> None:
        url = f"{server.url}/v1/models/slow:predict"
        with httpx.Client(timeout=60) as client:
            while not enough.is_set():
                answer = client.post(url, json={"instances": [seconds]})
                assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor(clients) as pool:
        asking = [pool.submit(ask) for _ in range(clients)]
        try:
            yield
        finally:
            enough.set()
        for one in asking:
            one.result(60)


def test_size_and_timeout_are_found_under_load(
    repository: Repository, server: ServerProcess
) -> None:
    told = repository.done("slow", "batching", latency_target_micros=20_000_000)
    assert told["parameters"] == CONFIGURED | {"batch_timeout_micros": 0}
    assert told["latency_target_micros"] == 20_000_000
    assert told["versions"][0]["automatic"] == {
        "latency_target_micros": 20_000_000,
        "is_reachable": True,
        "rows_of_a_run": 64,
        "batch_timeout_micros": 0,
        "p99_micros": None,
        "windows": 0,
        "run_micros": 0.0,
        "row_micros": 0.0,
    }
    with load(server, 0.005, clients=4):
        # There is time to wait, and that is tried.
        found: dict[str, Any] = {}

        def waits() -> bool:
            found.update(automatic(repository))
            return bool(found["batch_timeout_micros"])

        poll_until(waits, "it waits for more")
        assert found["rows_of_a_run"] < 64
        assert 0 < found["p99_micros"] < 20_000_000
        assert found["run_micros"] + found["row_micros"] >= 5000
        told = repository.get(MODEL)
        assert told["overridden"] == {"latency_target_micros": 20_000_000}
        # A request that has more rows than that is not refused for it.
        assert predict(server, *[0.0] * 60).status_code == 200
        told = repository.done("slow", "batching", latency_target_micros=0)
        assert told["versions"][0]["automatic"] is None
        assert told["parameters"] == CONFIGURED


def test_a_target_that_cannot_be_held_is_told(
    repository: Repository, server: ServerProcess
) -> None:
    repository.done("slow", "batching", latency_target_micros=1000)
    with load(server, 0.005, clients=4):
        poll_until(
            lambda: (
                automatic(repository)["windows"] > 1
                and not automatic(repository)["is_reachable"]
            ),
            "it is told",
        )
        assert automatic(repository)["batch_timeout_micros"] == 0
    assert repository.done("slow", "batching", latency_target_micros=None)["overridden"] == {}
