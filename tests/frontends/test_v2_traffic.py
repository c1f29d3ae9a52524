"""``/v2/repository/models/NAME/traffic`` and ``/rollout``, and who answers at each door."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import pytest

from tests.frontends.open_inference import InferenceChannel, infer_message, json_body
from tests.frontends.repository_client import Repository, socket_directory
from tests.metrics_page import PATH as METRICS
from tests.metrics_page import Page
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text
from tfs_notebook.wire.messages import PredictRequest, PredictResponse
from tfs_notebook.wire.tensor_writer import tensor_to_wire

TRAFFIC = "/v2/repository/models/m/traffic"
ROLLOUT = "/v2/repository/models/m/rollout"
TWO, THREE = 2.5, 3.5


@pytest.fixture(scope="module")
def sockets() -> Iterator[Path]:
    with socket_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory,
    sockets: Path,
    half_plus_two: Path,
    half_plus_three: Path,
    models: Path,
) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("v2_traffic")
    for number, source in enumerate((half_plus_two, half_plus_three), 1):
        shutil.copytree(source, directory / "m" / str(number))
        shutil.copytree(models / "examples" / "1", directory / "e" / str(number))
    both = (
        "model_version_policy { all {} } "
        'version_labels { key: "stable" value: 1 } version_labels { key: "gray" value: 2 }'
    )
    config = directory / "models.config"
    config.write_text(config_text({"m": directory / "m", "e": directory / "e"}, m=both, e=both))
    monitoring = directory / "monitoring.config"
    monitoring.write_text("prometheus_config { enable: true }")
    flags = (
        f"--model_config_file={config}",
        f"--monitoring_config_file={monitoring}",
        f"--rest_api_socket_path={sockets / 'rest.sock'}",
    )
    with ServerProcess(directory, flags) as process:
        for name in ("m", "e"):
            for version in (1, 2):
                process.wait_for_model(name, version)
        yield process


@pytest.fixture(scope="module")
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture
def repository(server: ServerProcess, sockets: Path) -> Iterator[Repository]:
    """Changes what it likes; that is taken back afterwards."""
    with Repository.over_socket(sockets / "rest.sock") as repository:
        yield repository
        repository.post("m", "rollout", action="abort")
        for name in ("m", "e"):
            repository.done(name, "traffic", reset=True)


def predict(http: httpx.Client, key: str = "", path: str = "m") -> httpx.Response:
    headers = {"tfs-request-id": key} if key else {}
    body = {"instances": [1.0]}
    response = http.post(f"/v1/models/{path}:predict", json=body, headers=headers)
    assert response.status_code == 200, response.text
    return response


def answer(response: httpx.Response) -> float:
    return float(response.json()["predictions"][0])


def test_nothing_is_said_at_first(repository: Repository, http: httpx.Client) -> None:
    assert repository.get(TRAFFIC) == {
        "name": "m",
        "splits": [],
        "answered": [],
        "shadow": None,
        "rollout": None,
    }
    assert repository.get(ROLLOUT) == {"name": "m", "rollout": None}
    assert {"traffic", "rollout"} <= set(repository.get("/v2")["extensions"])
    # An answer is what TensorFlow Serving's is.
    assert "X-Model-Version" not in predict(http).headers


def test_every_door_sends_a_key_to_the_same_version(
    repository: Repository, server: ServerProcess, http: httpx.Client
) -> None:
    told = repository.done("m", "traffic", split={"stable": 50, "gray": 50})
    assert told["splits"] == [
        {
            "label": None,
            "targets": [
                {"target": "stable", "weight": 50, "share": 0.5, "version": "1"},
                {"target": "gray", "weight": 50, "share": 0.5, "version": "2"},
            ],
        }
    ]
    (seen,) = (
        one for one in repository.get("/v2/repository/overview")["models"] if one["name"] == "m"
    )
    assert [one["share"] for one in seen["versions"]] == [0.5, 0.5]
    request = PredictRequest()
    request.model_spec.name = "m"
    value = np.ones(1, np.float32)
    request.inputs["x"].MergeFromString(b"".join(tensor_to_wire(value, 1)))
    with grpc.insecure_channel(server.grpc_address) as channel:
        call = channel.unary_unary(
            "/tensorflow.serving.PredictionService/Predict",
            PredictRequest.SerializeToString,
            PredictResponse.FromString,
        )
        for number in range(20):
            key = f"user-{number}"
            response = predict(http, key)
            version = response.headers["X-Model-Version"]
            assert answer(response) == {"1": TWO, "2": THREE}[version]
            metadata = (("tfs-request-id", key),)
            answered = call(request, metadata=metadata)
            assert str(answered.model_spec.version.value) == version
    seen = Counter(predict(http).headers["X-Model-Version"] for _ in range(40))
    assert set(seen) == {"1", "2"}
    # What a proxy sets is good enough, if there is nothing better.
    for header in ("X-Request-Id", "tfs-request-id"):
        sent = http.post(
            "/v1/models/m:predict",
            json={"instances": [1.0]},
            headers={header: "user-3"},
        )
        assert (
            sent.headers["X-Model-Version"]
            == predict(http, "user-3").headers["X-Model-Version"]
        )


def test_the_id_of_an_inference_request_is_a_key(
    repository: Repository, server: ServerProcess, http: httpx.Client
) -> None:
    repository.done("m", "traffic", split={"1": 50, "2": 50})
    value = np.ones(1, np.float32)

    def infer(given: str, **headers: str) -> str:
        body = {**json.loads(json_body({"x": value})), "id": given}
        response = http.post("/v2/models/m/infer", json=body, headers=headers)
        assert response.status_code == 200, response.text
        return str(response.json()["model_version"])

    with InferenceChannel(server) as channel:
        seen = {}
        for number in range(20):
            key = f"user-{number}"
            seen[key] = predict(http, key).headers["X-Model-Version"]
            assert infer(key) == seen[key]
            request = infer_message("m", {"x": value})
            request.id = key
            assert channel.infer(request).model_version == seen[key]
    assert set(seen.values()) == {"1", "2"}
    # What a header says goes before it, and no id is no key.
    other = next(key for key in seen if seen[key] != seen["user-0"])
    assert infer(other, **{"tfs-request-id": "user-0"}) == seen["user-0"]
    assert infer(other, **{"x-request-id": "user-0"}) == seen["user-0"]
    assert {infer("") for _ in range(40)} == {"1", "2"}


def test_classify_and_regress_go_by_weight_too(
    repository: Repository, http: httpx.Client
) -> None:
    repository.done("e", "traffic", split={"1": 50, "2": 50}, shadow=1)
    for method, signature in (("classify", "labels"), ("regress", "values")):
        seen = set()
        for number in range(20):
            response = http.post(
                f"/v1/models/e:{method}",
                json={"signature_name": signature, "examples": [{"x": 1.0}]},
                headers={"tfs-request-id": f"user-{number}"},
            )
            seen.add(response.headers.get("X-Model-Version"))
        assert seen == {"1", "2"}, response.text


def test_a_label_of_several_versions(repository: Repository, http: httpx.Client) -> None:
    repository.done("m", "traffic", split={"1": 1, "2": 1}, label="prod")
    found = {answer(predict(http, f"user-{n}", "m/labels/prod")) for n in range(20)}
    assert found == {TWO, THREE}
    assert answer(predict(http)) == THREE
    states = http.get("/v1/models/m/labels/prod").json()
    assert len(states["model_version_status"]) == 2
    told = repository.done("m", "traffic", split=None, label="prod")
    assert told["splits"] == []
    refused = http.post("/v1/models/m/labels/prod:predict", json={})
    assert refused.status_code == 400


def test_a_version_without_the_signature_has_errors(
    repository: Repository, http: httpx.Client
) -> None:
    repository.done("m", "traffic", split={"2": 1})
    body = {"signature_name": "nothing", "instances": [1.0]}
    assert http.post("/v1/models/m:predict", json=body).status_code == 400
    assert repository.get(TRAFFIC)["answered"][-1]["errors"] == 1


def test_copies_are_told_and_counted(repository: Repository, http: httpx.Client) -> None:
    repository.done("m", "traffic", split={"1": 1}, shadow={"target": "gray", "examples": 1})
    for number in range(10):
        assert answer(predict(http, f"user-{number}")) == TWO
    poll_until(lambda: repository.get(TRAFFIC)["shadow"]["compared"] == 10, "all are compared")
    told = repository.get(TRAFFIC)
    assert told["answered"][0]["requests"] == 10
    shadow = told["shadow"]
    assert shadow["settings"]["target"] == "gray"
    assert (shadow["equal"], shadow["differing"], shadow["dropped"]) == (0, 10, 0)
    assert shadow["max_difference"] == {"y": 1.0}
    assert len(shadow["examples"]) == 1
    page = Page(http.get(METRICS).text)
    differing = 'tfs_notebook_shadow_copies_total{model_name="m",result="differing"}'
    assert f"{differing} 10.0" in page.text
    assert 'tfs_notebook_traffic_requests_total{model_name="m",version="1"} 10.0' in page.text
    assert 'tfs_notebook_traffic_share{label="",model_name="m",target="1"} 1.0' in page.text
    # Copies are no requests of clients.
    counted = repository.get("/v2/models/m/versions/2/stats")["model_stats"]
    before = sum(one["inference_count"] for one in counted)
    predict(http)
    poll_until(lambda: repository.get(TRAFFIC)["shadow"]["compared"] == 11, "it is compared")
    counted = repository.get("/v2/models/m/versions/2/stats")["model_stats"]
    assert sum(one["inference_count"] for one in counted) == before


def drive(http: httpx.Client, repository: Repository, phase: str) -> Any:
    def ended() -> Any:
        for number in range(20):
            predict(http, f"user-{number}")
        rollout = repository.get(ROLLOUT)["rollout"]
        return rollout if rollout["phase"] == phase else None

    return poll_until(ended, f"it is {phase}", details=lambda: str(repository.get(TRAFFIC)))


def test_a_bad_candidate_and_a_good_one(repository: Repository, http: httpx.Client) -> None:
    # How long anything takes is not what is tested here.
    quick = {
        "min_requests": 10,
        "min_seconds": 0,
        "steps": [0, 50, 100],
        "bounds": {"max_latency_ratio": None},
    }
    begun = repository.done("m", "rollout", candidate=2, stable="stable", **quick)["rollout"]
    assert (begun["phase"], begun["weight"], begun["stable"]) == ("running", 0, 1)
    assert begun["waits_for"]
    fallen = drive(http, repository, "fallen_back")
    assert "copies had another answer" in fallen["reason"]
    assert answer(predict(http)) == TWO
    page = Page(http.get(METRICS).text)
    phase = 'tfs_notebook_rollout_phase{model_name="m",phase="fallen_back",version="2"}'
    assert f"{phase} 1.0" in page.text
    events = repository.get("/v2/repository/events")["events"]
    assert "fell back to version 1" in events[-1]["error"]
    repository.done("m", "rollout", candidate=2, stable=1, shadow={"atol": 1}, **quick)
    promoted = drive(http, repository, "promoted")
    assert [one["weight"] for one in promoted["happened"]] == [0, 50, 100, 100]
    assert answer(predict(http)) == THREE


def test_orders(repository: Repository) -> None:
    assert repository.post("m", "rollout", action="pause").status_code == 400
    repository.done("m", "rollout", candidate=2, stable=1)
    paused = repository.done("m", "rollout", action="pause")["rollout"]
    assert (paused["phase"], paused["waits_for"]) == ("paused", "it is paused")
    assert repository.done("m", "rollout", action="abort")["rollout"]["phase"] == "aborted"
    gone = repository.client.delete(TRAFFIC)
    assert gone.status_code == 200
    assert (gone.json()["splits"], gone.json()["rollout"]) == ([], None)
    assert repository.client.delete(ROLLOUT).status_code == 405


@pytest.mark.parametrize(
    ("verb", "parameters", "text"),
    [
        ("traffic", {}, "say what to change"),
        ("traffic", {"splt": {}}, "unknown field 'splt'"),
        ("traffic", {"split": {}}, "weights are numbers by version or label"),
        ("traffic", {"split": {"1": -1}}, "the weight of 1 is a number from 0"),
        ("traffic", {"split": {"1": True}}, "the weight of 1 is a number from 0"),
        ("traffic", {"split": {"1": 0}}, "all weights are 0"),
        ("traffic", {"split": {"1": 1, "01": 1}}, "1 is there twice"),
        ("traffic", {"split": {"": 1}}, "a label has 1 to 255 printable characters"),
        ("traffic", {"split": {"7": 1}}, "version 7 of model m is not currently available"),
        ("traffic", {"label": "prod"}, "say what to change"),
        ("traffic", {"label": "prod", "shadow": 2}, "says whose"),
        ("traffic", {"shadow": {"share": 1}}, "say for which version or label"),
        ("traffic", {"shadow": {"target": 2, "share": 0}}, "above 0 and at most 1"),
        ("traffic", {"shadow": {"target": 2, "examples": 1000}}, "from 0 to 20"),
        ("traffic", {"reset": 1}, "is true or false"),
        ("rollout", {}, "say which version is to come"),
        ("rollout", {"action": "stop"}, "is one of pause, resume, promote, abort"),
        ("rollout", {"candidate": 2, "steps": [5, 1]}, "the weights of steps rise"),
        ("rollout", {"candidate": 2, "steps": [5]}, "the last one is 100"),
        ("rollout", {"candidate": 2, "steps": [{"min_requests": 1}]}, 'has a "weight"'),
        ("rollout", {"candidate": 2, "shadow": None}, "leave it out"),
        ("rollout", {"candidate": 2, "bounds": {"max_errors": 1}}, "unknown field"),
        ("rollout", {"candidate": 2, "bounds": {"max_error_rate": 2}}, "from 0 to 1"),
        ("rollout", {"candidate": 2, "bounds": {"latency_slack_ms": None}}, "0 for none"),
        ("rollout", {"candidate": 2, "stable": 2}, "answers already"),
    ],
)
def test_what_cannot_be_said(
    repository: Repository, verb: str, parameters: dict[str, Any], text: str
) -> None:
    before = repository.get(TRAFFIC)
    response = repository.post("m", verb, **parameters)
    assert response.status_code == 400, response.text
    assert text in response.json()["error"]
    assert repository.get(TRAFFIC) == before


def test_the_overview_tells_it_in_short(repository: Repository, http: httpx.Client) -> None:
    def told() -> Any:
        models = repository.get("/v2/repository/overview")["models"]
        return next(one["traffic"] for one in models if one["name"] == "m")

    assert told() is None
    repository.done("m", "traffic", split={"stable": 3, "gray": 1}, shadow={"target": "gray"})
    [split] = told()["splits"]
    assert split["label"] is None
    assert [(one["target"], one["share"], one["version"]) for one in split["targets"]] == [
        ("stable", 0.75, "1"),
        ("gray", 0.25, "2"),
    ]
    assert (told()["copies"]["target"], told()["copies"]["share"]) == ("gray", 1.0)
    assert told()["rollout"] is None
    for _ in range(20):
        predict(http)
    poll_until(lambda: told()["copies"]["compared"], "copies were compared")
    copies = told()["copies"]
    assert 0 < copies["differing"] == copies["compared"]
    repository.done("m", "rollout", candidate=2, stable=1, steps=[10, 100], shadow=None)
    rollout = told()["rollout"]
    assert (rollout["candidate"], rollout["stable"], rollout["phase"]) == ("2", "1", "running")
    assert (rollout["step"], rollout["weights"]) == (0, [10, 100])
    assert rollout["waits_for"]
    repository.done("m", "rollout", action="abort")
    rollout = told()["rollout"]
    assert (rollout["phase"], rollout["reason"]) == ("aborted", "aborted by hand")
    assert rollout["waits_for"] is None
