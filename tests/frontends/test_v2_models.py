"""What ``/v2`` tells of the server, its models, their counts and their news."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.half_plus_two import BODY
from tests.server_process import ServerProcess
from tfs_notebook import __version__


def test_the_server(http: httpx.Client) -> None:
    assert http.get("/v2").json() == {
        "name": "tfs_notebook",
        "version": __version__,
        "extensions": [
            "binary_tensor_data",
            "model_repository",
            "statistics",
            "labels",
            "rollback",
            "pin",
            "events",
            "overview",
            "history",
            "batching",
            "recording",
            "warmup",
            "pipeline",
            "traffic",
            "rollout",
        ],
    }
    assert http.head("/v2").content == b""


def test_metadata_of_a_model(http: httpx.Client) -> None:
    expected = {
        "name": "half_plus_two",
        "versions": ["1"],
        "platform": "tensorflow_savedmodel",
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 1]}],
        "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 1]}],
    }
    assert http.get("/v2/models/half_plus_two").json() == expected
    assert http.get("/v2/models/half_plus_two/versions/1").json() == expected
    assert http.get("/v2/models/half_plus_two/versions/01").json() == expected


def test_metadata_of_every_model(http: httpx.Client) -> None:
    names = {entry["name"] for entry in http.post("/v2/repository/index", json={}).json()}
    assert {"half_plus_two", "texts", "several", "tables"} <= names
    for name in names:
        told = http.get(f"/v2/models/{name}")
        assert told.status_code == 200, told.text
        for tensor in told.json()["inputs"] + told.json()["outputs"]:
            assert tensor.keys() == {"name", "datatype", "shape"}


def test_readiness_of_a_model(http: httpx.Client) -> None:
    for path in ("half_plus_two/ready", "half_plus_two/versions/1/ready"):
        assert http.get(f"/v2/models/{path}").json() == {"name": "half_plus_two", "ready": True}
        assert http.head(f"/v2/models/{path}").status_code == 200
    for path in (
        "nobody",
        "nobody/ready",
        "nobody/stats",
        "half_plus_two/versions/9",
        "half_plus_two/versions/9/ready",
        "half_plus_two/versions/9/stats",
    ):
        response = http.get(f"/v2/models/{path}")
        assert response.status_code == 404, path
        assert list(response.json()) == ["error"]


@pytest.mark.parametrize("version", ["x", "-1", "1.0", "9" * 5000, str(2**63), "%D9%A3", "+1"])
def test_versions_that_are_none(http: httpx.Client, version: str) -> None:
    response = http.get(f"/v2/models/half_plus_two/versions/{version}/ready")
    assert response.status_code == 400
    assert "a version is a number from 0" in response.json()["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/v2/", "/v2/health", "/v2/health/", "/v2/health/dead", "/v2/models", "/v2/models/",
        "/v2/models//ready", "/v2/models/m/labels/x", "/v2/models/m/versions", "/v2/nothing",
        "/v2/models/m/versions/1/2", "/v2/repository", "/v2/repository/models/m",
        "/v2/repository/models//load", "/v2/repository/models/m/infer", "/v2/models/m/n/load",
    ],
)  # fmt: skip
def test_paths_where_there_is_nothing(http: httpx.Client, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = http.request(method, path)
        assert response.status_code == 404, path
        assert "What there is: /v2, /v2/health/live" in response.json()["error"]


def test_names_that_are_no_utf_8(http: httpx.Client) -> None:
    response = http.get("/v2/models/%FF/ready")
    assert response.status_code == 400
    assert "is not UTF-8" in response.json()["error"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v2", "GET, HEAD"),
        ("/v2/health/live", "GET, HEAD"),
        ("/v2/health/ready", "GET, HEAD"),
        ("/v2/models/m", "GET, HEAD"),
        ("/v2/models/m/versions/1", "GET, HEAD"),
        ("/v2/models/m/ready", "GET, HEAD"),
        ("/v2/models/m/stats", "GET, HEAD"),
        ("/v2/models/stats", "GET, HEAD"),
        ("/v2/repository/events", "GET, HEAD"),
        ("/v2/repository/index", "POST"),
        ("/v2/repository/models/m/load", "POST"),
        ("/v2/repository/models/m/unload", "POST"),
        ("/v2/repository/models/m/labels", "POST"),
        ("/v2/repository/models/m/rollback", "POST"),
    ],
)
def test_other_verbs(http: httpx.Client, path: str, allowed: str) -> None:
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - set(allowed.split(", ")):
        response = http.request(method, path)
        assert response.status_code == 405, (method, path)
        assert response.headers["Allow"] == allowed
        if method != "HEAD":
            assert response.json()["error"].endswith(f"; got {method}")


def test_the_index(http: httpx.Client) -> None:
    entries = http.post("/v2/repository/index").json()
    (half,) = [entry for entry in entries if entry["name"] == "half_plus_two"]
    assert half == {
        "name": "half_plus_two",
        "version": "1",
        "state": "READY",
        "reason": "",
        "labels": ["stable"],
    }
    assert http.post("/v2/repository/index", json={"ready": True}).json() == entries
    for body, text in (
        ({"ready": 1}, '"ready" is true or false; got 1'),
        ({"name": "m"}, "the body has ready; got the unknown field 'name'"),
    ):
        response = http.post("/v2/repository/index", json=body)
        assert response.status_code == 400
        assert text in response.json()["error"]


def test_statistics(http: httpx.Client) -> None:
    def counts() -> tuple[int, int, int]:
        (told,) = http.get("/v2/models/half_plus_two/stats").json()["model_stats"]
        assert (told["name"], told["version"]) == ("half_plus_two", "1")
        success, fail = told["inference_stats"]["success"], told["inference_stats"]["fail"]
        assert told["inference_count"] == told["execution_count"] == success["count"]
        assert success["ns"] >= success["count"]
        return success["count"], fail["count"], told["last_inference"]

    before = counts()
    url = "/v1/models/half_plus_two:predict"
    for _ in range(3):
        assert http.post(url, content=BODY).status_code == 200
    assert http.post(url, json={"instances": [[1, 2], [3, 4]], "signature_name": "no"}).is_error
    after = counts()
    assert after[0] == before[0] + 3
    assert after[2] > time.time() * 1000 - 60_000
    told = http.get("/v2/models/half_plus_two/versions/1/stats").json()["model_stats"]
    assert len(told) == 1
    # The size of its files and a fifth, as TensorFlow Serving estimates it.
    assert told[0]["estimated_memory_bytes"] > 1000
    everything = http.get("/v2/models/stats").json()["model_stats"]
    assert {"half_plus_two", "texts", "several"} <= {one["name"] for one in everything}


def test_statistics_have_all_that_tritons_clients_read(http: httpx.Client) -> None:
    assert http.post("/v1/models/half_plus_two:predict", content=BODY).status_code == 200
    (told,) = http.get("/v2/models/half_plus_two/stats").json()["model_stats"]
    stats = told["inference_stats"]
    assert stats.keys() == {
        "success", "fail", "queue", "compute_input", "compute_infer", "compute_output",
        "cache_hit", "cache_miss",
    }  # fmt: skip
    assert stats["compute_infer"] == stats["success"]
    assert stats["queue"] == {"count": 0, "ns": 0}
    assert told["batch_stats"] == []
    # Ours: the same by signature; other tests ask for others.
    by_signature = [one["success"] for one in told["signatures"].values()]
    assert "serving_default" in told["signatures"]
    assert sum(one["count"] for one in by_signature) == stats["success"]["count"]


def test_events(
    start_server: Callable[..., ServerProcess], tmp_path: Path, two_versions: Path
) -> None:
    base = tmp_path / "m"
    shutil.copytree(two_versions / "1", base / "1")
    server = start_server("--model_name=m", f"--model_base_path={base}")
    with httpx.Client(base_url=f"{server.url}/v2/repository", timeout=60) as client:
        page = client.get("/events").json()
        first = [(one["model"], one["version"], one["state"]) for one in page["events"]]
        assert first == [("m", "1", "START"), ("m", "1", "LOADING"), ("m", "1", "AVAILABLE")]
        assert page["next"] == page["events"][-1]["seq"]
        assert page["events"][0]["error"] is None
        assert "truncated" not in page
        nothing = client.get("/events", params={"after": page["next"], "timeout": 0}).json()
        assert nothing == {"events": [], "next": page["next"]}
        # Many wait, and all are told as soon as something happens; the loop goes on.
        with ThreadPoolExecutor(20) as pool:
            waiting = [
                pool.submit(httpx.get, f"{server.url}/v2/repository/events", timeout=60,
                            params={"after": page["next"], "timeout": 50})
                for _ in range(20)
            ]  # fmt: skip
            assert client.get(f"{server.url}/v2/health/live").status_code == 200
            shutil.copytree(two_versions / "2", base / "2")
            for one in waiting:
                (event, *_) = one.result(60).json()["events"]
                assert (event["version"], event["state"]) == ("2", "START")
        lost = client.get("/events", params={"after": 1}).json()
        assert lost["truncated"] is True
        for query in (
            *(
                "after=x",
                "after=-1",
                "after=" + "9" * 30,
                "since=1",
                "&".join(["after=1"] * 20),
            ),
            *("timeout=x", "timeout=-1", "timeout=nan", "timeout=inf", "timeout="),
        ):
            assert client.get(f"/events?{query}").status_code == 400, query


def test_who_waits_for_events_does_not_hold_up_the_end(
    start_server: Callable[..., ServerProcess],
) -> None:
    server = start_server("--model_control=explicit", "--shutdown_grace_seconds=3600")
    with closing(socket.create_connection(("127.0.0.1", server.rest_port), 20)) as waiting:
        waiting.sendall(
            b"GET /v2/repository/events?timeout=50 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        assert httpx.get(f"{server.url}/v2").status_code == 200
        # Whoever waits is answered, or else would be cut off when the grace is over.
        server.stop()
        answer = b""
        while chunk := waiting.recv(65536):
            answer += chunk
    assert b" 200 OK" in answer
    assert b'"events":[]' in answer
