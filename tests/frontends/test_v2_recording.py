"""Requests that are recorded while a model is served, and the warm-up files made of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.frontends.repository_client import Repository, socket_directory
from tests.logged_requests import files_of, records_in, wait_for_records
from tests.polling import poll_until
from tests.server_process import ServerProcess

NAME = "a half/ü"
PATH = "a%20half%2F%C3%BC"
OVERVIEW = "/v2/repository/overview"


@pytest.fixture(scope="module")
def sockets() -> Iterator[Path]:
    with socket_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recorded")


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, sockets: Path, logs: Path
) -> Iterator[ServerProcess]:
    flags = (
        "--model_control=explicit",
        f"--request_log_dir={logs}",
        f"--rest_api_socket_path={sockets / 'rest.sock'}",
    )
    with ServerProcess(tmp_path_factory.mktemp("recording"), flags) as process:
        yield process


@pytest.fixture
def repository(
    server: ServerProcess, sockets: Path, two_versions: Path
) -> Iterator[Repository]:
    """Serves both versions; afterwards nothing."""
    with Repository.over_socket(sockets / "rest.sock") as repository:
        repository.done(PATH, "load", base_path=str(two_versions), version_policy="all")
        yield repository
        repository.done(PATH, "unload")


def predict(server: ServerProcess, version: int, *values: float) -> None:
    url = f"{server.url}/v1/models/{PATH}/versions/{version}:predict"
    response = httpx.post(url, json={"instances": list(values)}, timeout=30)
    assert response.status_code == 200, response.text


def recording(repository: Repository) -> dict[str, Any]:
    told: dict[str, Any] = repository.get(f"/v2/repository/models/{PATH}/recording")
    return told


def written(repository: Repository) -> int:
    number: int = recording(repository)["records"].get("OK", 0)
    return number


def recorded(repository: Repository, number: int) -> None:
    poll_until(lambda: written(repository) >= number, f"{number} requests are recorded")


def test_recording_is_switched_on_and_off(
    repository: Repository, server: ServerProcess, logs: Path
) -> None:
    told = recording(repository)
    assert (told["sampling_rate"], told["directory"], told["files"]) == (0, str(logs), [])
    predict(server, 2, 1.0)
    told = repository.done(PATH, "recording", sampling_rate=1)
    assert told["sampling_rate"] == 1
    prefix = told["filename_prefix"]
    assert prefix.startswith("a_half")
    assert "/" not in prefix
    predict(server, 1, 1.0, 2.0)
    predict(server, 2, 5.0)
    logged = wait_for_records(logs, prefix, 2)
    assert [log.log_metadata.model_spec.version.value for log in logged] == [1, 2]
    assert {log.log_metadata.model_spec.name for log in logged} == {NAME}
    told = recording(repository)
    assert told["records"] == {"OK": 2}
    [file] = told["files"]
    assert (logs / file["name"]).stat().st_size == file["bytes"]
    # The overview tells of it, and says it as it was said.
    repository.done(PATH, "recording", sampling_rate=0.1)
    [model] = repository.get(OVERVIEW)["models"]
    assert model["recording"] == {"sampling_rate": 0.1, "records": {"OK": 2}}
    assert repository.get(OVERVIEW)["request_log_directory"] == str(logs)
    assert repository.done(PATH, "recording", sampling_rate=0)["sampling_rate"] == 0
    predict(server, 1, 7.0)
    # What is recorded afterwards does not lie behind that.
    repository.done(PATH, "recording", sampling_rate=1)
    predict(server, 1, 8.0)
    recorded(repository, 3)
    values = [
        list(log.predict_log.request.inputs["x"].float_val)
        for log in records_in(*files_of(logs, prefix))
    ]
    assert 7.0 not in [value for row in values for value in row]


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({}, "say which share of the requests"),
        ({"sampling_rate": -0.1}, "from 0"),
        ({"sampling_rate": 1.01}, "from 0"),
        ({"sampling_rate": True}, "got true"),
        ({"sampling_rate": "1"}, "say which share"),
        ({"sampling_rate": 1, "filename_prefix": "/etc/x"}, "unknown field"),
    ],
)
def test_what_cannot_be_recorded(
    repository: Repository, parameters: dict[str, object], text: str
) -> None:
    response = repository.post(PATH, "recording", **parameters)
    assert response.status_code == 400
    assert text in response.json()["error"]
    assert recording(repository)["sampling_rate"] == 0


def test_without_a_directory_for_it(
    start_server: Callable[..., ServerProcess], two_versions: Path
) -> None:
    with socket_directory() as sockets:
        start_server(
            "--model_name=m",
            f"--model_base_path={two_versions}",
            f"--rest_api_socket_path={sockets / 'rest.sock'}",
        )
        with Repository.over_socket(sockets / "rest.sock") as repository:
            for response in (
                repository.client.get("/v2/repository/models/m/recording"),
                repository.post("m", "recording", sampling_rate=1),
                repository.post("m", "warmup", version=1),
            ):
                assert response.status_code == 400
                assert "start it with --request_log_dir=DIR" in response.json()["error"]
            assert repository.get(OVERVIEW)["models"][0]["recording"] is None


def test_a_warm_up_file_is_made_and_used(
    repository: Repository, server: ServerProcess, two_versions: Path
) -> None:
    already = written(repository)
    repository.done(PATH, "recording", sampling_rate=1)
    for values in ((1.0,), (2.0, 3.0), (4.0,)):
        predict(server, 2, *values)
    predict(server, 1, 9.0)
    recorded(repository, already + 4)
    made = repository.done(PATH, "warmup", version=2, records=1000)
    path = two_versions / "2" / "assets.extra" / "tf_serving_warmup_requests"
    assert made["path"] == str(path)
    assert (made["name"], made["version"]) == (NAME, "2")
    assert made["bytes"] == path.stat().st_size
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    logged = records_in(path)
    assert made["records"] == len(logged) >= 3
    assert {log.log_metadata.model_spec.version.value for log in logged} == {2}
    assert not any(log.predict_log.HasField("response") for log in logged)
    # It is there, and stays as it is unless somebody says otherwise.
    response = repository.post(PATH, "warmup", version=2)
    assert response.status_code == 409
    assert '"replace": true' in response.json()["error"]
    # Of each shape one: a row, and two.
    assert (
        repository.done(PATH, "warmup", version=2, replace=True, distinct=True)["records"] == 2
    )
    assert len(records_in(path)) == 2
    assert repository.done(PATH, "warmup", version=2, replace=True, records=1)["records"] == 1
    # The next load of the version runs it.
    repository.done(PATH, "load", version_policy=[1])
    repository.done(PATH, "load", version_policy="all")
    server.wait_for_log(f"Finished reading warmup data for model at {path}")
    # For a version that has answered nothing yet those of another will do.
    shutil.copytree(two_versions / "1", two_versions / "new")
    shutil.move(two_versions / "new", two_versions / "3")
    response = repository.post(PATH, "warmup", version=3)
    assert response.status_code == 400
    assert "there are requests that version 1, 2 has answered" in response.json()["error"]
    assert repository.done(PATH, "warmup", version=3, answered_by=1)["records"] >= 1


def test_warm_up_files_that_cannot_be_made(
    repository: Repository, server: ServerProcess, two_versions: Path, tmp_path: Path
) -> None:
    repository.done(PATH, "recording", sampling_rate=1)
    already = written(repository)
    predict(server, 1, 1.0)
    recorded(repository, already + 1)

    def refused(status: int, **parameters: object) -> str:
        response = repository.post(PATH, "warmup", **parameters)
        assert response.status_code == status, response.text
        text: str = response.json()["error"]
        return text

    assert "say beside which version" in refused(400)
    assert "a version is a whole number" in refused(400, version="1")
    assert '"records" is a whole number' in refused(400, version=1, records=1.5)
    assert '"records" is a number from 1 to 1000' in refused(400, version=1, records=1001)
    assert '"distinct" is true or false' in refused(400, version=1, distinct=1)
    assert "unknown field 'path'" in refused(400, version=1, path="/etc")
    assert "there is no version 9 of model" in refused(404, version=9)
    assert repository.post("nobody", "warmup", version=1).status_code == 404
    # A link leads elsewhere.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (two_versions / "1" / "assets.extra").symlink_to(elsewhere)
    assert "is no directory of the version's own" in refused(400, version=1)
    assert not list(elsewhere.iterdir())
    (two_versions / "1" / "assets.extra").unlink()
    (two_versions / "1" / "assets.extra").mkdir()
    (elsewhere / "file").write_text("kept")
    file = two_versions / "1" / "assets.extra" / "tf_serving_warmup_requests"
    file.symlink_to(elsewhere / "file")
    assert "is no file of the version's own" in refused(400, version=1, replace=True)
    assert (elsewhere / "file").read_text() == "kept"
    file.unlink()
    # What cannot be written leaves nothing behind.
    unfinished = file.with_name(f".{file.name}.{server.process.pid}.unfinished")
    unfinished.mkdir()
    assert "cannot be written: " in refused(400, version=1)
    assert [entry.name for entry in file.parent.iterdir()] == [unfinished.name]
    unfinished.rmdir()
    file.parent.rmdir()
