"""Models are loaded, unloaded, labelled and rolled back at ``/v2/repository``."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.frontends.official import Client
from tests.frontends.repository_client import Repository, socket_directory
from tests.models.hanging import hanging_version
from tests.models.inputs import floats
from tests.polling import poll_until
from tests.server_process import ServerProcess

TWO, THREE = 2.5, 3.5


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("v2_control")


@pytest.fixture(scope="module")
def sockets() -> Iterator[Path]:
    with socket_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def server(directory: Path, sockets: Path) -> Iterator[ServerProcess]:
    """Begins without a model; every test leaves it so."""
    (directory / "root").mkdir()
    flags = (
        "--model_control=explicit",
        f"--models_root={directory / 'root'}",
        f"--rest_api_socket_path={sockets / 'rest.sock'}",
        "--file_system_poll_wait_seconds=3600",
        "--reload_timeout_seconds=20",
    )
    with ServerProcess(directory, flags) as process:
        yield process


@pytest.fixture
def repository(server: ServerProcess, sockets: Path) -> Iterator[Repository]:
    with Repository.over_socket(sockets / "rest.sock") as repository:
        yield repository
        for name in {entry["name"] for entry in repository.index()}:
            repository.post(httpx.URL(path=name).raw_path.decode(), "unload")


def predict(server: ServerProcess, path: str = "m") -> float:
    url = f"{server.url}/v1/models/{path}:predict"
    answer = httpx.post(url, json={"instances": [1.0]}, timeout=30)
    assert answer.status_code == 200, answer.text
    return float(answer.json()["predictions"][0])


def entry(name: str, version: str, *labels: str, **changed: str) -> dict[str, object]:
    return {"name": name, "version": version, "state": "READY", "reason": "",
            "labels": list(labels), **changed}  # fmt: skip


def test_a_start_without_models_is_ready(repository: Repository) -> None:
    assert repository.index() == []
    assert repository.get("/v2/health/ready") == {"ready": True}


def test_load_change_and_unload(
    repository: Repository, server: ServerProcess, two_versions: Path
) -> None:
    base = str(two_versions)
    assert repository.done("m", "load", base_path=base) == [entry("m", "2")]
    assert predict(server) == THREE
    assert repository.get("/v2/models/m/ready") == {"name": "m", "ready": True}
    assert repository.done("m", "load", version_policy="all", labels={"stable": 1}) == [
        entry("m", "2"),
        entry("m", "1", "stable"),
    ]
    assert predict(server, "m/labels/stable") == TWO
    assert repository.done("m", "unload") == []
    assert repository.index() == []
    assert repository.get("/v2/models/m/ready", 404) == {"error": "there is no model 'm'"}
    assert repository.post("m", "unload").status_code == 404


@pytest.mark.parametrize(
    ("policy", "versions"),
    [
        ("latest", ["2"]),
        ("latest:5", ["2", "1"]),
        ("all", ["2", "1"]),
        ([1], ["1"]),
        ({"specific": {"versions": [1]}}, ["1"]),
    ],
)
def test_version_policies(
    repository: Repository, two_versions: Path, policy: object, versions: list[str]
) -> None:
    answer = repository.done("m", "load", base_path=str(two_versions), version_policy=policy)
    assert [one["version"] for one in answer if one["state"] == "READY"] == versions


def test_a_whole_config(
    repository: Repository, server: ServerProcess, two_versions: Path
) -> None:
    config = {
        "base_path": str(two_versions),
        "model_version_policy": {"specific": {"versions": [1, 2]}},
        "version_labels": {"stable": 1},
    }
    repository.done("m", "load", config=config)
    assert predict(server, "m/labels/stable") == TWO
    # It says everything: what it leaves out is not kept.
    repository.done("m", "load", config={"basePath": str(two_versions), "name": "m"})
    assert all(one["labels"] == [] for one in repository.index())
    # Triton's clients send it as a text.
    repository.done("m", "load", config='{"model_platform": "tensorflow"}')


def test_by_bare_name_and_names_that_need_percent_encoding(
    repository: Repository, server: ServerProcess, directory: Path, two_versions: Path
) -> None:
    root = directory / "root"
    shutil.copytree(two_versions, root / "a b:ü")
    try:
        (unloaded,) = repository.index()
        assert (unloaded["name"], unloaded["state"]) == ("a b:ü", "UNAVAILABLE")
        assert "can be loaded by its name" in unloaded["reason"]
        assert repository.index(ready=True) == []
        repository.done("a%20b%3A%C3%BC", "load")
        assert predict(server, "a%20b%3A%C3%BC") == THREE
        assert repository.get("/v2/models/a%20b%3A%C3%BC")["name"] == "a b:ü"
        assert repository.index(ready=True) == [entry("a b:ü", "2")]
        repository.done("a%20b%3A%C3%BC", "unload")
    finally:
        shutil.rmtree(root / "a b:ü")
    assert repository.post("a%00b", "load").status_code == 400
    for name in ("..%2Froot", "%2E%2E", "%2Fetc"):
        response = repository.post(name, "load")
        assert response.status_code == 404, response.text
        assert "which holds no model" in response.json()["error"]


def test_labels_over_both_doors(
    repository: Repository, server: ServerProcess, two_versions: Path
) -> None:
    repository.done("m", "load", base_path=str(two_versions), version_policy="all")
    with Client.of(server) as client:
        for version, value in ((1, TWO), (2, THREE), (1, TWO)):
            repository.done("m", "labels", labels={"stable": version, "never": None})
            outputs = client.predict("m", {"x": floats(1.0)}, label="stable")
            assert float(outputs["y"][0]) == value
            assert predict(server, "m/labels/stable") == value
    repository.done("m", "labels", labels={"stable": None})
    assert [one["labels"] for one in repository.index()] == [[], []]
    response = repository.post("m", "labels", labels={"next": 3})
    assert response.status_code == 400
    assert "version 3 of model m, which is not currently available" in response.json()["error"]


def test_rollback_under_load_over_both_doors(
    repository: Repository, server: ServerProcess, two_versions: Path
) -> None:
    repository.done("m", "load", base_path=str(two_versions), labels={"stable": 2})
    enough = threading.Event()
    asked: list[int] = []

    def over_rest(path: str) -> None:
        with httpx.Client(base_url=server.url, timeout=30) as client:
            number = 0
            while not enough.is_set():
                answer = client.post(f"/v1/models/{path}:predict", json={"instances": [1.0]})
                assert answer.status_code == 200, answer.text
                number += 1
            asked.append(number)

    def over_grpc(label: str | None) -> None:
        with Client.of(server) as client:
            number = 0
            while not enough.is_set():
                client.predict("m", {"x": floats(1.0)}, label=label)
                number += 1
            asked.append(number)

    with ThreadPoolExecutor(4) as pool:
        asking = [
            pool.submit(over_rest, "m"),
            pool.submit(over_rest, "m/labels/stable"),
            pool.submit(over_grpc, None),
            pool.submit(over_grpc, "stable"),
        ]
        try:
            for _ in range(4):
                answer = repository.done("m", "rollback")
                (served,) = [one for one in answer if one["state"] == "READY"]
                assert (served["version"], served["labels"]) == ("1", ["stable"])
                assert served["reason"].endswith(
                    'to follow the newest again, load it with {"parameters":'
                    '{"version_policy":"latest","labels":{"stable":2}}}'
                )
                repository.done("m", "load", version_policy="latest", labels={"stable": 2})
        finally:
            enough.set()
        for one in asking:
            one.result(60)
    assert min(asked) > 0


def test_rollback_to_a_version(
    repository: Repository, server: ServerProcess, two_versions: Path
) -> None:
    repository.done("m", "load", base_path=str(two_versions))
    repository.done("m", "rollback", version=1)
    assert predict(server) == TWO
    # A newer version that comes now is not taken.
    assert repository.post("m", "rollback").status_code == 404
    repository.done("m", "rollback", version=2)
    assert predict(server) == THREE
    response = repository.post("m", "rollback", version=9)
    assert response.status_code == 404
    assert "the versions there are 1, 2" in response.json()["error"]


def test_a_policy_that_names_no_version_leaves_no_gap(
    repository: Repository, server: ServerProcess, two_versions: Path
) -> None:
    repository.done("m", "load", base_path=str(two_versions))
    since = repository.get("/v2/repository/events")["next"]
    response = repository.post("m", "load", version_policy={"specific": {"versions": []}})
    assert response.status_code == 400
    assert "names no version of model m to serve" in response.json()["error"]
    assert predict(server) == THREE
    assert repository.get(f"/v2/repository/events?after={since}&timeout=0")["events"] == []


def test_a_load_that_fails_says_what_became_of_the_model(
    repository: Repository, server: ServerProcess, two_versions: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken" / "7").mkdir(parents=True)
    (tmp_path / "broken" / "7" / "saved_model.pb").write_bytes(b"garbage")
    response = repository.post("m", "load", base_path=str(tmp_path / "broken"))
    assert response.status_code >= 400
    assert "model m could not be loaded, and is not configured: " in response.json()["error"]
    assert repository.index() == []
    repository.done("m", "load", base_path=str(two_versions))
    response = repository.post("m", "load", base_path=str(tmp_path / "broken"))
    assert "keeps what it had (available versions: 2): " in response.json()["error"]
    assert predict(server) == THREE
    response = repository.post("m", "load", base_path=str(tmp_path / "nowhere"))
    assert response.status_code == 404


def test_loads_that_hang_hold_up_neither_status_nor_other_models(
    repository: Repository, server: ServerProcess, tmp_path: Path, two_versions: Path,
    sockets: Path,
) -> None:  # fmt: skip
    def load(index: int) -> int:
        with Repository.over_socket(sockets / "rest.sock") as other:
            base = str(tmp_path / f"hung{index}")
            return other.post(f"hung{index}", "load", base_path=base).status_code

    with ThreadPoolExecutor(6) as pool:
        with (
            hanging_version(tmp_path / "hung0" / "1"),
            hanging_version(tmp_path / "hung1" / "1"),
            hanging_version(tmp_path / "hung2" / "1"),
            hanging_version(tmp_path / "hung3" / "1"),
            hanging_version(tmp_path / "hung4" / "1"),
        ):
            hung = [pool.submit(load, index) for index in range(5)]
            poll_until(
                lambda: [e["state"] for e in repository.index()] == ["LOADING"] * 5,
                "all of them load",
            )
            repository.done("m", "load", base_path=str(two_versions))
            assert predict(server) == THREE
            assert repository.get("/v2/models/hung0/ready", 503)["ready"] is False
        assert {one.result(60) for one in hung} <= {400, 404, 500}


def test_a_change_may_say_how_long_it_may_take(
    repository: Repository, tmp_path: Path, two_versions: Path
) -> None:
    with hanging_version(tmp_path / "m" / "1"):
        response = repository.post("m", "load", base_path=str(tmp_path / "m"), timeout=0.5)
        assert response.status_code == 504
        assert "model m is still loading" in response.json()["error"]
        assert repository.states("m")["1"] == "LOADING"
        response = repository.post("m", "unload", timeout=0.5)
        assert response.status_code == 504
        assert "are still in memory after 0.5 s" in response.json()["error"]
    poll_until(lambda: repository.index() == [], "it is gone")
    repository.done("m", "load", base_path=str(two_versions), timeout=60)
    repository.done("m", "unload", timeout=60, unload_dependents=False)


@pytest.mark.parametrize("verb", ["load", "unload", "labels", "rollback", "batching"])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "the body is no JSON"),
        (b"\xff", "the body is no JSON"),
        (b"[]", "the body is a JSON object; got []"),
        (b"null", "the body is a JSON object; got null"),
        (b'{"parameter": {}}', "the body has parameters; got the unknown field 'parameter'"),
        (b'{"parameters": []}', '"parameters" is a JSON object; got []'),
        (b'{"parameters": {"base": "/"}}', "got the unknown field 'base'"),
        (b"[" * 500_000, "the body is no JSON"),
    ],
)
def test_bodies_that_cannot_be_used(
    repository: Repository, verb: str, body: bytes, text: str
) -> None:
    response = repository.client.post(f"/v2/repository/models/m/{verb}", content=body)
    assert response.status_code == 400
    assert text in response.json()["error"]


@pytest.mark.parametrize(
    ("verb", "parameters", "text"),
    [
        ("load", {"base_path": 7}, '"base_path" is a text; got 7'),
        ("load", {"base_path": ""}, '"base_path" is a text; got ""'),
        ("load", {"base_path": None}, '"base_path" is a text; got null'),
        ("load", {"base_path": "a/b"}, "to have an absolute path or URI"),
        ("load", {"base_path": "/a\0b"}, "to have an absolute path or URI"),
        ("load", {"platform": "nope", "base_path": "/"}, "no entry for platform nope"),
        ("load", {"version_policy": "newest"}, 'a version_policy is "latest"'),
        ("load", {"version_policy": [True]}, "a version is a whole number"),
        ("load", {"labels": ["a"]}, '"labels" are versions by label'),
        ("load", {"labels": {"a": "1"}}, "a version is a whole number"),
        ("load", {"config": {}, "base_path": "/"}, '"config" says everything'),
        ("load", {"config": []}, '"config" is a ModelConfig as JSON'),
        ("load", {"config": "{"}, '"config" is no JSON'),
        ("load", {"config": {"basepath": "/"}}, 'no field named "basepath"'),
        ("load", {"config": {"name": "other"}}, "the path names the model 'm'"),
        ("load", {"config": {"model_type": "OTHER"}}, "Illegal setting both"),
        ("labels", {"labels": {"a": 1.5}}, "a version is a whole number"),
        ("labels", {"labels": {"a": 2**63}}, "a version is a whole number"),
        ("labels", {}, "say which labels to change"),
        ("rollback", {"version": "1"}, "a version is a whole number"),
        ("rollback", {"version": None}, "a version is a whole number"),
        ("rollback", {"versions": 1}, "got the unknown field 'versions'"),
    ],
)
def test_parameters_that_cannot_be_used(
    repository: Repository, verb: str, parameters: dict[str, object], text: str
) -> None:
    response = repository.post("m", verb, **parameters)
    assert response.status_code == 400
    assert text in response.json()["error"]
    assert repository.index() == []


def test_bodies_over_a_megabyte(repository: Repository) -> None:
    body = b'{"parameters": {"base_path": "/%s"}}' % (b"a" * 1024 * 1024)
    response = repository.client.post("/v2/repository/models/m/load", content=body)
    assert response.status_code == 413
    assert "have at most 1048576" in response.json()["error"]
