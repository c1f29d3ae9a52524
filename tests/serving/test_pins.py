"""Models that are held to versions, and in memory."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.models.inputs import floats
from tests.polling import poll_until
from tests.serving.asking import predict
from tfs_notebook.lifecycle import All, Latest, ManagerState
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.pin import Pin, read_pin, write_pin
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.errors import FailedPrecondition, NotFound, ServingError
from tfs_notebook.wire.model_spec import ModelReference

TWO, THREE = 2.5, 3.5  # what half_plus_two and half_plus_three make of 1.0
Start = Callable[..., ModelServer]


@pytest.fixture
def server(start: Start, tmp_path: Path) -> ModelServer:
    """Serves nothing yet, and looks for new versions every hour."""
    return start(
        model_control="explicit",
        file_system_poll_wait_seconds=3600,
        journal_path=str(tmp_path / "journal.json"),
    )


def available(server: ModelServer, name: str = "m") -> list[int]:
    found = server.model(name)
    assert found is not None
    return sorted(
        state.id.version for state in found.versions if state.state is ManagerState.AVAILABLE
    )


def pin_of(server: ModelServer) -> Pin | None:
    found = server.model("m")
    assert found is not None
    return found.settings.pin


def test_a_pinned_model_stays_where_it_is(server: ModelServer, two_versions: Path) -> None:
    shutil.move(two_versions / "2", two_versions / "later")
    server.load("m", LoadRequest(str(two_versions)))
    server.pin("m")
    assert pin_of(server) == Pin((1,), Latest())
    shutil.move(two_versions / "later", two_versions / "2")
    server.load("m")  # it looks again
    assert available(server) == [1]
    assert predict(server, ModelReference("m")) == TWO
    server.unpin("m")
    poll_until(lambda: available(server) == [2], "the newest takes over")
    assert pin_of(server) is None
    with pytest.raises(FailedPrecondition, match="model m is not pinned"):
        server.unpin("m")


def test_what_is_pinned_is_loaded_and_labels_stay(
    server: ModelServer, two_versions: Path
) -> None:
    server.load("m", LoadRequest(str(two_versions), labels={"stable": 2}))
    server.pin("m", [1])
    assert available(server) == [1, 2]
    assert pin_of(server) == Pin((1,), Latest())
    assert predict(server, ModelReference("m", label="stable")) == THREE
    # A pin that is moved goes back to the same policy.
    server.pin("m", [2])
    poll_until(lambda: available(server) == [2], "the other goes")
    assert pin_of(server) == Pin((2,), Latest())
    with pytest.raises(NotFound, match="there is no version 7 of model m"):
        server.pin("m", [7])
    with pytest.raises(NotFound, match="there is no model 'nobody'"):
        server.pin("nobody")
    assert pin_of(server) == Pin((2,), Latest())


def test_a_rollback_moves_the_pin_and_a_policy_takes_it_out(
    server: ModelServer, two_versions: Path
) -> None:
    server.load("m", LoadRequest(str(two_versions), policy=All()))
    server.pin("m", [2])
    assert server.rollback("m").version == 1
    assert pin_of(server) == Pin((1,), All())
    server.load("m", LoadRequest(labels={"stable": 1}))
    assert pin_of(server) == Pin((1,), All())
    server.load("m", LoadRequest(policy=All()))
    assert pin_of(server) is None
    assert available(server) == [1, 2]


def test_a_pin_outlives_a_restart(
    server: ModelServer, start: Start, two_versions: Path, tmp_path: Path
) -> None:
    server.load("m", LoadRequest(str(two_versions)))
    server.pin("m", [1])
    server.stop(10)
    again = start(journal_path=str(tmp_path / "journal.json"))
    assert available(again) == [1]
    assert pin_of(again) == Pin((1,), Latest())
    again.unpin("m")
    poll_until(lambda: available(again) == [2], "the newest takes over")


@pytest.mark.parametrize(
    "document", [7, [], {"versions": [1]}, {"versions": 1, "version_policy": "latest"}, {}]
)
def test_what_is_no_pin(document: object) -> None:
    with pytest.raises((KeyError, TypeError, ServingError)):
        read_pin(document)


def test_what_is_written_is_read() -> None:
    for pin in (None, Pin((1, 3), All()), Pin((0,), Latest(2))):
        assert read_pin(write_pin(pin)) == pin


def test_where_models_are_loaded_on_request_it_stays_in_memory(
    start: Start, half_plus_two: Path, tmp_path: Path
) -> None:
    bases = {name: tmp_path / name for name in "mno"}
    for base in bases.values():
        shutil.copytree(half_plus_two, base / "1")
    server = start(model_control="explicit", lazy_loading=True, max_loaded_models=2)
    for name, base in bases.items():
        server.load(name, LoadRequest(str(base)))
    pool = RunPool("test-run", 1)

    def value(name: str) -> float:
        with server.hold(ModelReference(name)) as model:
            signature = model.signature("")
            outputs = model.prediction(signature, {"x": (floats(1.0), 1)}, dict).run()
            return float(outputs["y"][0])

    def ask(name: str) -> None:
        runner = RequestRunner(server, pool)
        assert asyncio.run(runner.run(partial(value, name), 30)) == TWO

    try:
        assert not server.keeps("m")
        server.pin("m")
        # Nobody has asked for it.
        poll_until(lambda: available(server) == [1], "it is loaded")
        assert server.keeps("m")
        for name in "nono":
            ask(name)
            assert available(server) == [1]
        server.unpin("m")
        assert not server.keeps("m")
        ask("n")
        ask("o")
        poll_until(lambda: available(server) == [], "it makes room")
        ask("m")
    finally:
        pool.stop(10)
