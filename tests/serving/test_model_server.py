"""The model server as code in the same process uses it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.models.inputs import floats
from tests.polling import poll_until
from tests.server_process import config_text
from tests.serving.asking import predict
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ManagerState, ServableState
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError
from tfs_notebook.wire.model_spec import ModelReference


@pytest.fixture
def base(tmp_path: Path, half_plus_two: Path) -> Path:
    base = tmp_path / "base"
    base.mkdir()
    shutil.copytree(half_plus_two, base / "1")
    return base


@pytest.fixture
def server(base: Path, tmp_path: Path) -> Iterator[ModelServer]:
    config = tmp_path / "models.config"
    labels = 'version_labels { key: "stable" value: 1 } version_labels { key: "next" value: 2 }'
    config.write_text(config_text({"m": base, "absent": tmp_path / "absent"}, m=labels))
    made = ModelServer(ServerConfig(model_config_file=str(config)))
    yield made
    made.stop(30)


def readiness(server: ModelServer) -> bool:
    return server.ready


def test_its_life(server: ModelServer) -> None:
    assert not readiness(server)
    with pytest.raises(NotFound):
        server.hold(ModelReference("m"))
    server.start()
    failed = server.wait_for_models(30)
    assert list(failed) == ["absent"]
    assert "Could not find base path" in failed["absent"]
    assert readiness(server)
    assert predict(server, ModelReference("m")) == 2.5
    server.stop(30)
    server.stop(30)
    assert not readiness(server)
    with pytest.raises(ServingError):
        server.hold(ModelReference("m"))


def test_what_is_asked_for(server: ModelServer) -> None:
    server.start()
    server.wait_for_models(30)
    for reference in (
        ModelReference("m"), ModelReference("m", 1), ModelReference("m", None, "stable"),
    ):  # fmt: skip
        with server.hold(reference) as model:
            assert (model.name, model.version) == ("m", 1)
            assert model.reference("s") == ModelReference("m", 1, None, "s")
            assert "serving_default" in model.signature_defs
    for missing, error, text in (
        (None, InvalidArgument, "Missing ModelSpec"),
        (ModelReference(""), InvalidArgument, "ModelSpec has no name specified."),
        (ModelReference("x"), NotFound, "Servable not found for request: Latest(x)"),
        (ModelReference("m", 2), NotFound, "Servable not found for request: Specific(m, 2)"),
        (ModelReference("m", None, "next"), NotFound, "Specific(m, 2)"),
        (
            ModelReference("m", None, "x"),
            InvalidArgument,
            "Unrecognized servable version label: x",
        ),
        (
            ModelReference("x", None, "x"),
            InvalidArgument,
            "Unrecognized servable version label: x",
        ),
    ):
        with pytest.raises(error) as caught:
            server.hold(missing)
        assert text in caught.value.message


def test_the_states_of_versions(server: ModelServer) -> None:
    server.start()
    server.wait_for_models(30)
    [state] = server.version_states(ModelReference("m"))
    assert (state.id.version, state.state) == (1, ManagerState.AVAILABLE)
    assert server.version_states(ModelReference("m", 1)) == (state,)
    assert server.version_states(ModelReference("m", None, "stable")) == (state,)
    for reference, text in (
        (ModelReference("m", 5), "Could not find version 5 of model m"),
        (ModelReference("absent"), "Could not find any versions of model absent"),
    ):
        with pytest.raises(NotFound, match=text):
            server.version_states(reference)
    described = {status.settings.name: status for status in server.models()}
    assert described["m"].versions == (state,)
    assert described["m"].waiting_for is None
    assert described["absent"].versions == ()
    assert described["absent"].waiting_for


def test_a_held_version_stays_until_it_is_released(
    server: ModelServer, base: Path, half_plus_three: Path
) -> None:
    server.start()
    server.wait_for_models(30)
    ended = threading.Event()

    def on_state(state: ServableState) -> None:
        if state.id.version == 1 and state.state == ManagerState.END:
            ended.set()

    with server.subscribe(on_state), server.hold(ModelReference("m")) as old:
        shutil.copytree(half_plus_three, base / "next")
        (base / "next").rename(base / "2")
        poll_until(lambda: predict(server, ModelReference("m")) == 3.5, "the new one answers")
        # The old one is gone for others, and answers who still holds it.
        with pytest.raises(NotFound):
            server.hold(ModelReference("m", 1))
        outputs = old.prediction(old.signature(""), {"x": (floats(1.0), 1)}, dict).run()
        assert outputs["y"].tolist() == [2.5]
        assert not ended.is_set()
        old.__exit__(None, None, None)
        assert ended.wait(30)


def test_polling_may_be_off(base: Path) -> None:
    server = ModelServer(
        ServerConfig(
            model_name="m", model_base_path=str(base), file_system_poll_wait_seconds=-1
        )
    )
    server.start()
    try:
        failed = server.wait_for_models(30)
        assert failed == {"m": "--file_system_poll_wait_seconds is negative"}
        assert not server.ready
    finally:
        server.stop(30)


def test_looking_once(base: Path, half_plus_three: Path) -> None:
    server = ModelServer(
        ServerConfig(model_name="m", model_base_path=str(base), file_system_poll_wait_seconds=0)
    )
    server.start()
    try:
        assert server.wait_for_models(30) == {}
        assert predict(server, ModelReference("m")) == 2.5
    finally:
        server.stop(30)


def test_outputs_are_arrays(server: ModelServer) -> None:
    server.start()
    server.wait_for_models(30)
    with server.hold(ModelReference("m")) as model:
        outputs = model.prediction(
            model.signature(""), {"x": (floats(1.0, 2.0), 1)}, dict
        ).run()
        assert isinstance(outputs["y"], np.ndarray)
        assert outputs["y"].dtype == np.float32
