"""``--lazy_loading`` through the doors, as clients and operators see it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.frontends.example_requests import (
    REGRESS,
    classify,
    multi_inference_request,
    values_of,
)
from tests.frontends.official import Client, Code, get_model_metadata_pb2, predict_refused
from tests.models.hanging import hanging_version
from tests.models.inputs import floats
from tests.models.text_scores import write_text_scores
from tests.server_process import ServerProcess, config_text

NAMES = tuple(f"m{number}" for number in range(6))


@pytest.fixture
def bases(tmp_path: Path, half_plus_two: Path) -> dict[str, Path]:
    for name in NAMES:
        shutil.copytree(half_plus_two, tmp_path / name / "1")
    return {name: tmp_path / name for name in NAMES}


@pytest.fixture
def start(
    tmp_path: Path, start_server: Callable[..., ServerProcess]
) -> Callable[..., ServerProcess]:
    def start(bases: dict[str, Path], *flags: str) -> ServerProcess:
        config = tmp_path / "models.config"
        config.write_text(config_text(bases))
        return start_server(f"--model_config_file={config}", "--lazy_loading", *flags)

    return start


def predict(server: ServerProcess, name: str) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/models/{name}:predict", json={"instances": [1.0]}, timeout=60
    )


def test_examples_load_their_model(models: Path, start: Callable[..., ServerProcess]) -> None:
    names = ("a", "b", "c")
    server = start(dict.fromkeys(names, models / "half_plus_two"))
    rows = [{"x": 2.0}]
    body = {"signature_name": "regress_x_to_y", "examples": rows}
    response = httpx.post(f"{server.url}/v1/models/a:regress", json=body, timeout=60)
    assert response.json() == {"results": [3.0]}
    with Client.of(server) as client:
        assert classify(client, "b", "classify_x_to_y", rows) == [[("positive", 3.0)]]
        request = multi_inference_request([("c", "regress_x_to_y", REGRESS)], rows)
        (result,) = client.prediction.MultiInference(request, timeout=60).results
        assert values_of(result.regression_result) == [3.0]
    assert loaded(server) == list(names)


def loaded(server: ServerProcess) -> list[str]:
    listed = httpx.get(f"{server.url}/v1/models").raise_for_status().json()["models"]
    return [
        model["name"]
        for model in listed
        if any(v["state"] == "AVAILABLE" for v in model["model_version_status"])
    ]


def test_many_models_in_the_places_of_two(
    bases: dict[str, Path], start: Callable[..., ServerProcess]
) -> None:
    server = start(bases, "--max_loaded_models=2", "--pinned_models=m5")
    assert httpx.get(f"{server.url}/v2/health/ready").status_code == 200
    assert loaded(server) == ["m5"]
    assert server.states("m0") == {1: "START"}
    with Client.of(server) as client:
        for name in NAMES:
            assert predict(server, name).json() == {"predictions": [2.5]}
            assert float(client.predict(name, {"x": floats(1.0)})["y"][0]) == 2.5
    assert loaded(server) == ["m4", "m5"]
    assert server.states("m0") == {1: "START"}
    assert "Servable {name: m0 version: 1} is evicted to make room" in server.log
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda name: predict(server, name), NAMES * 10))
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json() == {"predictions": [2.5]}


def test_metadata_and_raw_text_load_what_they_are_about(
    bases: dict[str, Path], tmp_path: Path, start: Callable[..., ServerProcess]
) -> None:
    write_text_scores(tmp_path / "words" / "1")
    server = start(bases | {"words": tmp_path / "words"})
    about = httpx.get(f"{server.url}/v1/models/m0/metadata", timeout=60)
    metadata = about.raise_for_status().json()
    assert metadata["model_spec"]["version"] == "1"
    with Client.of(server) as client:
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            metadata_field=["signature_def"]
        )
        request.model_spec.name = "m1"
        response = client.prediction.GetModelMetadata(request, timeout=60)
        assert response.model_spec.version.value == 1
    words = {"text": "free", "model": "words"}
    judged = httpx.get(f"{server.url}/predict", params=words, timeout=60)
    assert judged.json()["data"]["label"] == "spam"
    assert loaded(server) == ["m0", "m1", "words"]


def test_what_goes_wrong_is_told(
    bases: dict[str, Path], tmp_path: Path, start: Callable[..., ServerProcess]
) -> None:
    broken = tmp_path / "broken" / "1"
    broken.mkdir(parents=True)
    (broken / "saved_model.pb").write_bytes(b"no model")
    with hanging_version(tmp_path / "hung" / "1") as hung:
        server = start(
            bases | {"hung": hung.parent, "broken": broken.parent},
            "--lazy_load_timeout_seconds=3",
            "--rest_api_num_threads=1",
        )
        with ThreadPoolExecutor(8) as threads:
            waiting = [threads.submit(predict, server, "hung") for _ in range(8)]
            # All those wait, and the one thread that runs models is free.
            assert predict(server, "m0").json() == {"predictions": [2.5]}
            for answer in (future.result() for future in waiting):
                assert answer.status_code == 504
                # On a busy machine that may pass before its turn comes.
                assert re.search(
                    "not loaded within 3 s: (it is loading|the manager has not got to it)",
                    answer.json()["error"],
                )
        with Client.of(server) as client:
            code, _ = predict_refused(client, "hung", {"x": floats(1.0)})
        assert code is Code.DEADLINE_EXCEEDED
        answer = predict(server, "broken")
        assert answer.status_code >= 400
        assert str(broken) in answer.json()["error"]
        absent = predict(server, "absent")
        assert absent.status_code == 404
        assert absent.json()["error"] == "Servable not found for request: Latest(absent)"


@pytest.mark.parametrize("flag", ["--max_loaded_models=2", "--pinned_models=m"])
def test_flags_that_need_lazy_loading(
    flag: str, half_plus_two: Path, start_server: Callable[..., ServerProcess]
) -> None:
    server = start_server(f"--model_base_path={half_plus_two.parent}", flag, wait=False)
    assert server.wait_for_exit() != 0
    assert f"{flag.partition('=')[0]} needs --lazy_loading" in server.log
