"""The extension in a Jupyter server: start, stop, activity, events, connection file."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPResponse
from traitlets import TraitError

from tests.polling import poll_until
from tfs_notebook.jupyter.app import TfsNotebookApp
from tfs_notebook.jupyter.connection_file import live_connections, path_of
from tfs_notebook.jupyter.events import MODEL_SERVER_STATE, MODEL_VERSION_STATE

Ask = Callable[..., HTTPResponse]
Run = Callable[..., Any]
PREDICT = "tfs/v1/models/half:predict"


@pytest.fixture(params=[False, True], ids=["child", "thread"])
def traits(request: pytest.FixtureRequest, models: Path) -> dict[str, Any]:
    """One model, either way."""
    return {
        "models": {"half": str(models / "half_plus_two")},
        "in_process": request.param,
    }


@pytest.fixture
def events(jp_serverapp: ServerApp) -> list[tuple[str, dict[str, Any]]]:
    """What has come over Jupyter's event bus."""
    told: list[tuple[str, dict[str, Any]]] = []

    async def listen(logger: object, schema_id: str, data: dict[str, Any]) -> None:
        told.append((schema_id, data))

    assert jp_serverapp.event_logger is not None
    jp_serverapp.event_logger.add_listener(schema_id=MODEL_SERVER_STATE, listener=listen)
    jp_serverapp.event_logger.add_listener(schema_id=MODEL_VERSION_STATE, listener=listen)
    return told


@pytest.fixture
def started(
    events: object, jp_serverapp: ServerApp, extension: TfsNotebookApp, ask: Ask, run: Run
) -> TfsNotebookApp:
    """The extension, and its model server is ready."""
    manager: Any = jp_serverapp.extension_manager
    run(manager.start_all_extensions())
    gateway = extension.settings["tfs_notebook_gateway"]

    def ready() -> bool:
        return gateway.host is not None and gateway.host.status.state == "ready"

    until(run, ready)
    return extension


def until(run: Run, probe: Callable[[], bool]) -> None:
    """Let Jupyter's loop run until this holds."""

    def probe_later() -> bool:
        run(asyncio.sleep(0.02))
        return probe()

    poll_until(probe_later, "it has come about")


def predict(ask: Ask) -> list[float]:
    response = ask("POST", PREDICT, body='{"instances": [1.0]}')
    assert response.code == 200, response.body
    predictions: list[float] = json.loads(response.body)["predictions"]
    return predictions


def test_the_start_waits_for_nothing(
    jp_serverapp: ServerApp, extension: TfsNotebookApp, short_directory: Path, run: Run
) -> None:
    assert not list(short_directory.iterdir())
    manager: Any = jp_serverapp.extension_manager
    run(manager.start_all_extensions())
    gateway = extension.settings["tfs_notebook_gateway"]
    assert gateway.host is None or gateway.host.status.state != "ready"
    # And it may be stopped at once.
    run(extension.stop_extension())
    assert not list(short_directory.iterdir())


def test_it_serves_and_stops(
    started: TfsNotebookApp, short_directory: Path, ask: Ask, run: Run
) -> None:
    assert predict(ask) == [2.5]
    (connection,) = live_connections()
    assert path_of(connection.pid).stat().st_mode & 0o777 == 0o600
    run(started.stop_extension())
    run(started.stop_extension())
    assert not list(short_directory.iterdir())
    assert not path_of(connection.pid).exists()
    response = ask("POST", PREDICT, body='{"instances": [1.0]}')
    assert response.code == 503
    assert "stopped" in json.loads(response.body)["error"]


def test_without_a_place_for_the_connection_file(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    jp_serverapp: ServerApp,
    ask: Ask,
    run: Run,
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "file" / "runtime"))
    started: TfsNotebookApp = request.getfixturevalue("started")
    # Only kernels miss something.
    assert predict(ask) == [2.5]
    run(started.stop_extension())


def test_a_file_of_an_earlier_process_with_the_same_id(
    jp_serverapp: ServerApp, extension: TfsNotebookApp, run: Run
) -> None:
    path = path_of(os.getpid())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    manager: Any = jp_serverapp.extension_manager
    run(manager.start_all_extensions())
    until(run, lambda: not path.exists() or path.read_text() != "{}")
    run(extension.stop_extension())


def test_predictions_are_activity_and_questions_are_not(
    started: TfsNotebookApp, jp_serverapp: ServerApp, ask: Ask
) -> None:
    application: Any = jp_serverapp.web_app
    before = application.last_activity()
    for path in ("tfs/status", "tfs/log", "tfs/v1/models/half", "tfs/v2/health/live"):
        assert ask("GET", path).code == 200
    assert application.last_activity() == before
    asked = datetime.now(timezone.utc)
    predict(ask)
    assert application.last_activity() >= asked
    # What is over counts by its time: Jupyter would wait for ever for what is not.
    assert started.current_activity() is None


def test_a_prediction_under_way_is_activity(started: TfsNotebookApp) -> None:
    gateway = started.settings["tfs_notebook_gateway"]
    with gateway.activity.predict():
        assert started.current_activity() is not None
    assert started.current_activity() is None


def test_events_of_the_model_server_and_of_versions(
    started: TfsNotebookApp, events: list[tuple[str, dict[str, Any]]], run: Run
) -> None:
    until(run, lambda: any(data["state"] == "AVAILABLE" for _, data in events))
    run(started.stop_extension())
    states = [data["state"] for schema, data in events if schema == MODEL_SERVER_STATE]
    assert states[0] == "starting"
    assert "ready" in states
    assert states[-1] == "stopped"
    versions = [data for schema, data in events if schema == MODEL_VERSION_STATE]
    assert {data["model"] for data in versions} == {"half"}
    assert [data["seq"] for data in versions] == sorted({data["seq"] for data in versions})


def test_on_a_hub(
    monkeypatch: pytest.MonkeyPatch, jp_serverapp: ServerApp, started: TfsNotebookApp
) -> None:
    from tfs_notebook.jupyter.embedding import connection_token, relay_url

    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/jane%40b/")
    assert relay_url(jp_serverapp).endswith("/user/jane%40b/tfs/")
    assert connection_token(jp_serverapp) == ""


@pytest.mark.parametrize("models", [{"half": 1}, {"": "/x"}, [1], "half"])
def test_models_that_cannot_be_meant(models: Any) -> None:
    with pytest.raises(TraitError, match="models"):
        TfsNotebookApp(models=models)
