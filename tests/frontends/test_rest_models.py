"""What the REST door tells of models: status, metadata, lists, health."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.frontends.rest_requests import error_text
from tests.half_plus_two import ANSWER, BODY
from tests.server_process import ServerProcess, config_text


def test_status(http: httpx.Client) -> None:
    expected = {
        "model_version_status": [
            {
                "version": "1",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }
    for path in ("", "/versions/1", "/labels/stable"):
        response = http.get(f"/v1/models/half_plus_two{path}")
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert response.json() == expected
    assert response.text == json.dumps(expected, indent=1) + "\n"


def test_the_status_of_several_versions(
    start_server: Callable[..., ServerProcess], two_versions: Path, tmp_path: Path
) -> None:
    config = tmp_path / "models.config"
    more = 'model_version_policy { all {} } version_labels { key: "old" value: 1 }'
    config.write_text(config_text({"m": two_versions}, m=more))
    server = start_server(f"--model_config_file={config}")

    def told(path: str = "") -> list[tuple[str, str]]:
        answer = httpx.get(f"{server.url}/v1/models/m{path}").json()
        return [(one["version"], one["state"]) for one in answer["model_version_status"]]

    assert told() == [("2", "AVAILABLE"), ("1", "AVAILABLE")]
    assert told("/versions/2") == [("2", "AVAILABLE")]
    assert told("/labels/old") == [("1", "AVAILABLE")]


def test_status_errors(http: httpx.Client) -> None:
    response = http.get("/v1/models/nobody")
    assert error_text(response, 404) == "Could not find any versions of model nobody"
    response = http.get("/v1/models/half_plus_two/versions/9")
    assert error_text(response, 404) == "Could not find version 9 of model half_plus_two"
    response = http.get("/v1/models/half_plus_two/labels/nobody")
    assert error_text(response, 400) == "Unrecognized servable version label: nobody"
    response = http.get(f"/v1/models/half_plus_two/versions/{2**63}")
    assert error_text(response, 400) == f"Failed to convert version: {2**63} to numeric."


def test_metadata(http: httpx.Client) -> None:
    response = http.get("/v1/models/half_plus_two/metadata")
    assert response.status_code == 200
    described = response.json()
    assert described["model_spec"] == {
        "name": "half_plus_two",
        "signature_name": "",
        "version": "1",
    }
    assert list(described["metadata"]) == ["signature_def"]
    signatures = described["metadata"]["signature_def"]["signature_def"]
    dims = [{"size": "-1", "name": ""}, {"size": "1", "name": ""}]
    tensor = {"dtype": "DT_FLOAT", "tensor_shape": {"dim": dims, "unknown_rank": False}}
    assert signatures["serving_default"] == {
        "inputs": {"x": {**tensor, "name": "x:0"}},
        "outputs": {"y": {**tensor, "name": "y:0"}},
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }
    described_input = signatures["classify_x_to_y"]["inputs"]["inputs"]
    assert list(described_input) == ["dtype", "tensor_shape", "name"]
    assert list(described_input["tensor_shape"]) == ["dim", "unknown_rank"]
    assert signatures["regress_x_to_y"]["method_name"] == "tensorflow/serving/regress"
    for path in ("versions/1/metadata", "labels/stable/metadata"):
        assert http.get(f"/v1/models/half_plus_two/{path}").json() == described


def test_metadata_of_every_model_can_be_read(http: httpx.Client, models: Path) -> None:
    names = [entry["name"] for entry in http.get("/v1/models").json()["models"]]
    for name in names:
        described = http.get(f"/v1/models/{name}/metadata").json()
        assert described["metadata"]["signature_def"]["signature_def"]


def test_metadata_errors(http: httpx.Client) -> None:
    response = http.get("/v1/models/nobody/metadata")
    assert error_text(response, 404) == "Servable not found for request: Latest(nobody)"
    response = http.get("/v1/models/several/versions/2/metadata")
    assert error_text(response, 404) == "Servable not found for request: Specific(several, 2)"


def test_metadata_of_the_reference_model(
    start_server: Callable[..., ServerProcess], reference_models: Path
) -> None:
    expected = json.loads((reference_models / "half_plus_two_model_metadata.json").read_text())
    path = reference_models / "saved_model_half_plus_two_cpu"
    server = start_server(f"--model_base_path={path}", "--model_name=default")
    response = httpx.get(f"{server.url}/v1/models/default/metadata")
    assert response.json() == expected
    # Byte for byte, but for the order of the signatures, which in a map means nothing.
    signatures = expected["metadata"]["signature_def"]
    signatures["signature_def"] = dict(sorted(signatures["signature_def"].items()))
    assert response.text == json.dumps(expected, indent=1) + "\n"


def test_the_list_of_models(http: httpx.Client, models: Path) -> None:
    for path in ("/v1/models", "/v1/models/"):
        listed = {entry["name"]: entry for entry in http.get(path).json()["models"]}
        entry = listed["half_plus_two"]
        assert entry["base_path"] == str(models / "half_plus_two")
        assert entry["model_version_status"][0]["state"] == "AVAILABLE"
        assert entry["version_labels"] == {"stable": "1"}
        assert "waiting_for" not in entry
        assert {"texts", "several", "tables"} <= listed.keys()


def test_health(http: httpx.Client) -> None:
    assert http.get("/v2/health/live").json() == {"live": True}
    assert http.get("/v2/health/ready").json() == {"ready": True}
    assert http.post("/v2/health/live").status_code == 405
    response = http.head("/v2/health/ready")
    assert response.status_code == 200
    assert response.content == b""


def test_live_but_not_ready_until_a_model_comes(
    start_server: Callable[..., ServerProcess], tmp_path: Path, half_plus_two: Path
) -> None:
    base = tmp_path / "later"
    server = start_server(f"--model_base_path={base}", "--model_name=later")
    with httpx.Client(base_url=server.url) as client:
        assert client.get("/v2/health/live").status_code == 200
        ready = client.get("/v2/health/ready")
        assert (ready.status_code, ready.json()) == (503, {"ready": False})
        [entry] = client.get("/v1/models").json()["models"]
        assert str(base) in entry["waiting_for"]
        assert entry["model_version_status"] == []
        base.mkdir()
        (base / "3").symlink_to(half_plus_two)
        server.wait_for_model("later", 3)
        assert client.get("/v2/health/ready").status_code == 200
        assert client.post("/v1/models/later:predict", content=BODY).json() == ANSWER
