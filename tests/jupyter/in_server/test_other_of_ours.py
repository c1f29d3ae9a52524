"""A server of tfs_notebook that is looked at from another Jupyter, and one behind TLS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from tests.client.other_server import MODEL, Certificates, OtherServer, other_http_server
from tests.server_process import ServerProcess

Ask = Callable[..., HTTPResponse]


@pytest.fixture(scope="module")
def ours(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One that stands alone."""
    flags = ["--model_name=half", f"--model_base_path={models / 'half_plus_two'}"]
    with ServerProcess(tmp_path_factory.mktemp("ours"), flags) as running:
        running.wait_for_model("half", 1)
        yield running


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherServer]:
    """One whose certificate nobody here knows."""
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    with other_http_server(certificates.for_http()) as running:
        yield running


@pytest.fixture
def traits(ours: ServerProcess, secure: OtherServer) -> dict[str, Any]:
    return {"allowed_servers": {"ours": ours.url, "secure": secure.address}}


def test_what_its_panel_shows(ask: Ask) -> None:
    kind = json.loads(ask("GET", "tfs/servers/ours").body)
    assert kind == {"kind": "ours", "problem": ""}
    overview = json.loads(ask("GET", "tfs/servers/ours/v2/repository/overview").body)
    assert [model["name"] for model in overview["models"]] == ["half"]
    metadata = json.loads(ask("GET", "tfs/servers/ours/v2/models/half/versions/1").body)
    assert metadata["inputs"][0]["name"] == "x"
    assert ask("GET", "tfs/servers/ours/v2/health/live").code == 200


def test_it_is_asked_and_never_changed(ask: Ask) -> None:
    answer = ask("POST", "tfs/servers/ours/v1/models/half:predict", body='{"instances": [1.0]}')
    assert json.loads(answer.body) == {"predictions": [2.5]}
    for verb in ("unload", "load", "labels", "rollback"):
        path = f"tfs/servers/ours/v2/repository/models/half/{verb}"
        assert ask("POST", path, body="{}").code == 404
    assert ask("GET", "tfs/servers/ours/v2/models/half/ready").code == 200


def test_a_certificate_that_nobody_knows_is_not_trusted(ask: Ask) -> None:
    answer = ask("GET", f"tfs/servers/secure/v1/models/{MODEL}")
    assert answer.code == 502
    assert "certificate" in json.loads(answer.body)["error"]
    assert "'ca' of this server in TfsNotebookApp.allowed_servers" in answer.body.decode()


def test_what_its_charts_show(ask: Ask) -> None:
    path = "tfs/servers/ours/v2/repository/history"
    told = json.loads(ask("GET", f"{path}?model=half&since=3").body)
    assert (told["model"], told["steps"]) == ("half", [])
    assert ask("GET", path).code == 400
    assert ask("POST", path, body="{}").code == 404
