"""Options of TensorFlow Serving's ServerCore that have a flag here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.polling import poll_until
from tests.serving.asking import predict
from tfs_notebook.lifecycle import ManagerState
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import NotFound
from tfs_notebook.wire.model_spec import ModelReference

Start = Callable[..., ModelServer]


def states(server: ModelServer) -> dict[int, ManagerState]:
    model = server.model("m")
    assert model is not None
    return {state.id.version: state.state for state in model.versions}


@pytest.fixture
def base(tmp_path: Path, half_plus_two: Path) -> Path:
    shutil.copytree(half_plus_two, tmp_path / "m" / "1")
    return tmp_path / "m"


@pytest.mark.parametrize("always_present", [True, False])
def test_versions_that_have_vanished(start: Start, base: Path, always_present: bool) -> None:
    server = start(
        model_name="m",
        model_base_path=str(base),
        servable_versions_always_present=always_present,
        file_system_poll_wait_seconds=-1,
    )
    server._source.poll()
    poll_until(lambda: states(server) == {1: ManagerState.AVAILABLE}, "it is served")
    shutil.rmtree(base / "1")
    server._source.poll()
    if always_present:
        assert predict(server, ModelReference("m")) == 2.5
        assert states(server) == {1: ManagerState.AVAILABLE}
    else:
        poll_until(lambda: states(server) == {1: ManagerState.END}, "it has gone")
        with pytest.raises(NotFound):
            predict(server, ModelReference("m"))


@pytest.mark.parametrize("reloads", [True, False])
def test_a_version_that_failed_and_was_mended(start: Start, base: Path, reloads: bool) -> None:
    graph = (base / "1" / "saved_model.pb").read_bytes()
    (base / "1" / "saved_model.pb").write_bytes(b"broken")
    server = start(
        model_name="m",
        model_base_path=str(base),
        enable_reload_servables_with_error=reloads,
        file_system_poll_wait_seconds=-1,
        max_num_load_retries=0,
    )
    server._source.poll()
    poll_until(lambda: states(server) == {1: ManagerState.END}, "it has failed")
    (base / "1" / "saved_model.pb").write_bytes(graph)
    server._source.poll()
    if reloads:
        poll_until(lambda: states(server) == {1: ManagerState.AVAILABLE}, "it is served")
        assert predict(server, ModelReference("m")) == 2.5
    else:
        server._managed.wait_until_settled(["m"], 30)
        assert states(server) == {1: ManagerState.END}
