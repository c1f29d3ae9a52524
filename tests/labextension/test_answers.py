"""What the server really answers is what the front end's types say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process
from tests.labextension.front_end import SOURCE
from tests.models.text_scores import write_text_scores
from tests.pipelines.small_pipeline import write_pipeline
from tests.polling import poll_until

SCHEMA = json.loads((SOURCE / "api" / "answers.schema.json").read_text("utf-8"))
WEIGHTS = [[0.0, 4.0], [4.0, 0.0], [0.0, 4.0]]


def check(answer: Any, definition: str) -> Any:
    """Assert that this is such an answer, with nothing beyond it; return it."""
    schema = {"$ref": f"#/definitions/{definition}", "definitions": SCHEMA["definitions"]}
    Draft7Validator.check_schema(SCHEMA)
    problems = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft7Validator(schema).iter_errors(answer)
    ]
    assert not problems, problems
    return answer


@pytest.fixture(scope="module")
def jupyter(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    """With a model for texts, one for numbers, one that fails, one that there is not yet."""
    directory = tmp_path_factory.mktemp("answers")
    served = directory / "served"
    write_pipeline(write_text_scores(served / "text" / "1", WEIGHTS))
    (served / "broken" / "1").mkdir(parents=True)
    (served / "broken" / "1" / "saved_model.pb").write_bytes(b"no model")
    names = {name: str(served / name) for name in ("text", "broken", "missing")}
    names["half"] = str(models / "half_plus_two")
    with jupyter_process(
        directory,
        f"--TfsNotebookApp.models={names}",
        "--TfsNotebookApp.enable_batching=True",
        f"--ServerApp.root_dir={served}",
        "--TfsNotebookApp.allowed_servers=['elsewhere:8501']",
    ) as process:
        process.wait_for_state("ready")
        yield process


def get(jupyter: JupyterProcess, path: str, definition: str) -> Any:
    return check(jupyter.http.get(f"tfs/{path}").raise_for_status().json(), definition)


def post(jupyter: JupyterProcess, path: str, body: Any, definition: str) -> Any:
    return check(
        jupyter.http.post(f"tfs/{path}", json=body).raise_for_status().json(), definition
    )


def test_the_host(jupyter: JupyterProcess) -> None:
    assert get(jupyter, "status", "HostStatus")["state"] == "ready"
    assert get(jupyter, "log?lines=5", "HostLog")["lines"]
    post(jupyter, "start", {}, "HostChange")


def test_the_overview(jupyter: JupyterProcess) -> None:
    assert jupyter.predict(1.0) == [2.5]
    change = {"parameters": {"labels": {"stable": 1}}}
    jupyter.http.post("tfs/v2/repository/models/half/labels", json=change).raise_for_status()
    jupyter.http.post("tfs/v2/repository/models/half/pin").raise_for_status()

    def failed() -> Any:
        overview = get(jupyter, "v2/repository/overview", "Overview")
        models = {one["name"]: one for one in overview["models"]}
        errors = [one["error"] for one in models["broken"]["versions"]]
        return models if any(errors) else None

    models = poll_until(failed, "the broken model has failed", seconds=30)
    assert models["half"]["labels"] == {"stable": 1}
    assert models["half"]["pin"]["versions"] == [1]
    assert models["missing"]["waiting_for"]
    (version,) = models["half"]["versions"]
    assert version["signatures"][0]["batches"]["runs"] >= 1


def test_the_history_of_a_model(jupyter: JupyterProcess) -> None:
    assert jupyter.predict(1.0) == [2.5]
    path = "v2/repository/history?model=half"
    told = get(jupyter, path, "ModelHistory")
    asked = [step["versions"] for step in (*told["steps"], told["current"])]
    assert any(step["1"]["requests"] for step in asked if step)
    later = get(jupyter, f"{path}&since={told['next']}", "ModelHistory")
    assert all(step["number"] >= told["next"] for step in later["steps"])


def test_what_a_version_takes(jupyter: JupyterProcess) -> None:
    assert get(jupyter, "v2/models/text", "Metadata")["raw_input"] == "text"
    assert "raw_input" not in get(jupyter, "v2/models/half/versions/1", "Metadata")


def test_what_any_tensorflow_serving_tells(jupyter: JupyterProcess) -> None:
    states = get(jupyter, "v1/models/half", "ServingStatus")["model_version_status"]
    assert states[0]["status"]["error_code"] == "OK"
    signatures = get(jupyter, "v1/models/half/metadata", "ServingMetadata")["metadata"]
    assert "serving_default" in signatures["signature_def"]["signature_def"]
    failed = get(jupyter, "v1/models/broken", "ServingStatus")["model_version_status"]
    assert failed[0]["status"]["error_message"]


def test_other_servers(jupyter: JupyterProcess) -> None:
    servers = get(jupyter, "servers", "OtherServers")["servers"]
    address = "http://elsewhere:8501"
    assert servers == [{"name": "elsewhere:8501", "address": address, "has_token": False}]
    kind = get(jupyter, "servers/elsewhere%3A8501", "OtherServerKind")
    assert kind["kind"] is None
    assert "takes no connections" in kind["problem"]


def test_a_judgement(jupyter: JupyterProcess) -> None:
    # As the client sends it: a version is a text there.
    body = {"text": "free", "model": "text", "version": "1", "k": 2, "words": True}
    judged = post(jupyter, "predict", body, "RawAnswer")["data"]
    assert len(judged["top"]) == 2
    assert judged["words"][0]["word"] == "free"


def test_directories(jupyter: JupyterProcess) -> None:
    found = get(jupyter, "directory?path=text", "ModelDirectory")
    assert (found["name"], found["versions"]) == ("text", ["1"])
    assert get(jupyter, "directory?path=text/1", "ModelDirectory") == found
    for path in ("nowhere", "", "../x", "text/../text"):
        refused = jupyter.http.get("tfs/directory", params={"path": path})
        assert refused.status_code == 404
        check(refused.json(), "Failure")


def test_refusals(jupyter: JupyterProcess) -> None:
    for path in ("v2/models/nobody", "v1/models/nobody", "nothing-here"):
        refused = jupyter.http.get(f"tfs/{path}")
        assert refused.status_code == 404
        if path != "nothing-here":
            check(refused.json(), "Failure")


def test_stopped_by_hand_and_started_again(jupyter: JupyterProcess) -> None:
    before = jupyter.status()["pid"]
    post(jupyter, "stop", {}, "HostChange")
    stopped = check(jupyter.wait_for_state("stopped"), "HostStatus")
    assert stopped["pid"] is None or "tfs/start" not in stopped["reason"]
    poll_until(lambda: "tfs/start" in jupyter.status()["reason"], "it says how to start it")
    refused = jupyter.http.get("tfs/v2/repository/overview")
    assert refused.status_code == 503
    assert "stopped by hand" in check(refused.json(), "Failure")["error"]
    # Twice stopped is stopped.
    post(jupyter, "stop", {}, "HostChange")
    assert jupyter.wait_for_state("stopped")
    post(jupyter, "start", {}, "HostChange")
    after = jupyter.wait_for_state("ready")
    assert after["pid"] != before
    assert "half" in jupyter.models()
