"""Batching that is changed while models are served: what holds, and what is kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.polling import poll_until
from tests.server_process import config_text
from tests.serving.config_messages import config_message
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import All
from tfs_notebook.serving.journal import Journal
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ServingError,
    Unavailable,
)

Start = Callable[..., ModelServer]
CONFIGURED = "max_batch_size { value: 8 } batch_timeout_micros { value: 60000000 }"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "batching.pbtxt"
    path.write_text(CONFIGURED)
    return path


@pytest.fixture
def serve(start: Start, file: Path, two_versions: Path, tmp_path: Path) -> Start:
    """Starts servers of two versions with one journal; the one before has to be stopped."""
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": two_versions}))
    return lambda **settings: start(
        **{
            "model_config_file": str(config),
            "enable_batching": True,
            "batching_parameters_file": str(file),
            "journal_path": str(tmp_path / "journal.json"),
            **settings,
        }
    )


def in_force(server: ModelServer) -> dict[int, tuple[int, int]]:
    """Size and timeout by version."""
    return {
        number: (one.parameters.max_batch_size, one.parameters.batch_timeout_micros)
        for number, one in server.batching_of("m").versions.items()
    }


def test_a_change_holds_at_once_and_for_versions_to_come(serve: Start) -> None:
    server = serve()
    assert in_force(server) == {2: (8, 60_000_000)}
    server.change_batching("m", {"batch_timeout_micros": 0})
    # Nobody would come to fill its batch.
    assert server.predict("m", [1.0], timeout=30)["y"].tolist() == [3.5]
    server.load("m", LoadRequest(policy=All()))
    assert in_force(server) == {2: (8, 0), 1: (8, 0)}
    server.change_batching("m", {"max_batch_size": 4})
    assert in_force(server) == {2: (4, 0), 1: (4, 0)}
    with pytest.raises(InvalidArgument, match="Task size 5 is larger than"):
        server.predict("m", [1.0] * 5)
    status = server.batching_of("m")
    assert status.overridden.given == {"batch_timeout_micros": 0, "max_batch_size": 4}
    server.change_batching("m", {"max_batch_size": None})
    assert in_force(server) == {2: (8, 0), 1: (8, 0)}
    server.change_batching("m", {"max_batch_size": 2}, reset=True)
    assert in_force(server) == {2: (2, 60_000_000), 1: (2, 60_000_000)}
    server.change_batching("m", {}, reset=True)
    assert in_force(server) == {2: (8, 60_000_000), 1: (8, 60_000_000)}


def test_what_cannot_work_changes_nothing(serve: Start) -> None:
    server = serve()
    server.change_batching("m", {"batch_timeout_micros": 5})
    for changes, text in (
        ({"max_batch_size": 0}, "max_batch_size must be positive; was 0"),
        ({"allowed_batch_sizes": [2, 4]}, "last entry was 4; expected 8"),
        ({"batch_timeout_micros": 1, "max_execution_batch_size": 9}, "must be at most"),
        ({"num_batch_threads": 2}, "/v2/repository/batching"),
    ):
        with pytest.raises(InvalidArgument, match=text):
            server.change_batching("m", changes)
        assert in_force(server) == {2: (8, 5)}
    server.change_batching("m", {"allowed_batch_sizes": [2, 4], "max_batch_size": 4})
    with pytest.raises(NotFound):
        server.change_batching("n", {"batch_timeout_micros": 5})
    with pytest.raises(NotFound):
        server.batching_of("n")


def test_without_batching(serve: Start) -> None:
    server = serve(enable_batching=False, batching_parameters_file="")
    for ask in (
        lambda: server.batching_of("m"),
        lambda: server.change_batching("m", {"batch_timeout_micros": 5}),
        lambda: server.num_batch_threads,
        lambda: server.change_batch_threads(2),
    ):
        with pytest.raises(FailedPrecondition, match="start it with --enable_batching"):
            ask()


def test_with_files_of_their_own(serve: Start, two_versions: Path) -> None:
    own = two_versions / "1" / "batching_params.pbtxt"
    own.write_text("max_batch_size { value: 16 }")
    server = serve(enable_per_model_batching_parameters=True)
    # Version 2 has no file.
    for ask in (
        lambda: server.batching_of("m"),
        lambda: server.change_batching("m", {"batch_timeout_micros": 5}),
    ):
        with pytest.raises(FailedPrecondition, match=r"Put a batching_params\.pbtxt beside"):
            ask()
    server.load("m", LoadRequest(policy=All()))
    server.change_batching("m", {"batch_timeout_micros": 5})
    assert in_force(server) == {1: (16, 5)}
    with pytest.raises(InvalidArgument, match="expected 16"):
        server.change_batching("m", {"allowed_batch_sizes": [8]})


def test_it_outlives_a_restart_and_not_the_model(serve: Start, two_versions: Path) -> None:
    server = serve()
    server.change_batching(
        "m", {"max_batch_size": 4, "allowed_batch_sizes": [2, 4], "latency_target_micros": 9000}
    )
    server.set_labels("m", {"stable": 2})
    server.stop(10)
    server = serve()
    status = server.batching_of("m")
    assert status.overridden.given == {
        "max_batch_size": 4, "allowed_batch_sizes": (2, 4), "latency_target_micros": 9000,
    }  # fmt: skip
    assert status.latency_target_micros == 9000
    assert status.versions[2].parameters.allowed_batch_sizes == (2, 4)
    automatic = status.versions[2].automatic
    assert automatic is not None
    # What was found is not kept.
    assert (automatic.windows, automatic.rows_of_a_run) == (0, 4)
    assert server.models()[0].labels == {"stable": 2}
    server.unload("m")
    server.load("m", LoadRequest(str(two_versions)))
    assert server.batching_of("m").overridden.given == {}
    assert in_force(server) == {2: (8, 60_000_000)}


def test_what_keeps_and_what_forgets_it(
    serve: Start, two_versions: Path, tmp_path: Path
) -> None:
    server = serve()
    server.change_batching("m", {"batch_timeout_micros": 5})
    for change in (
        lambda: server.load("m"),
        lambda: server.rollback("m"),
        lambda: server.load("m", LoadRequest(policy=All(), labels={"a": 1})),
        lambda: server.set_labels("m", {"a": 2}),
    ):
        change()
        assert server.batching_of("m").overridden.given == {"batch_timeout_micros": 5}
    # As labels: a whole list, and a whole configuration of the model, say everything.
    server.load("m", LoadRequest(only_these_labels=True))
    assert server.batching_of("m").overridden.given == {}
    server.change_batching("m", {"batch_timeout_micros": 5})
    server.reload(config_message(tmp_path, config_text({"m": two_versions})))
    assert in_force(server)[2] == (8, 60_000_000)
    server.stop(10)
    assert serve().batching_of("m").overridden.given == {}


def test_a_load_that_fails_leaves_it_as_it_was(serve: Start, tmp_path: Path) -> None:
    server = serve()
    server.change_batching("m", {"batch_timeout_micros": 5})
    (tmp_path / "broken" / "1").mkdir(parents=True)
    with pytest.raises(ServingError):
        server.load(
            "m", LoadRequest(str(tmp_path / "broken"), labels={}, only_these_labels=True)
        )
    assert in_force(server) == {2: (8, 5)}


def test_files_that_have_changed_below_it(
    serve: Start, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve()
    server.change_batching("m", {"allowed_batch_sizes": [4, 8]})
    server.stop(10)
    file.write_text("max_batch_size { value: 32 }")
    server = serve()
    # It serves as the file says, and tells why.
    assert server.predict("m", [1.0] * 20)["y"].shape == (20,)
    (version,) = server.batching_of("m").versions.values()
    assert version.problem is not None
    assert "last entry was 8; expected 32" in version.problem
    assert "what was said of its batching does not hold" in caplog.text
    server.change_batching("m", {"max_batch_size": 8})
    (version,) = server.batching_of("m").versions.values()
    assert version.problem is None
    assert version.parameters.allowed_batch_sizes == (4, 8)


def test_a_lazy_model_that_is_not_loaded(serve: Start) -> None:
    server = serve(lazy_loading=True)
    server.change_batching("m", {"batch_timeout_micros": 0})
    status = server.batching_of("m")
    assert status.versions == {}
    assert (status.parameters.max_batch_size, status.parameters.batch_timeout_micros) == (8, 0)
    assert server.predict("m", [1.0], timeout=60)["y"].tolist() == [3.5]
    assert in_force(server) == {2: (8, 0)}


def test_a_change_that_cannot_be_kept_is_none(
    serve: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_full = False
    write = Journal.write

    def write_unless_full(journal: Journal, models: Sequence[ModelSettings]) -> None:
        if is_full:
            raise Unavailable("the disk is full")
        write(journal, models)

    monkeypatch.setattr(Journal, "write", write_unless_full)
    server = serve()
    threads = server.num_batch_threads
    is_full = True
    with pytest.raises(Unavailable):
        server.change_batching("m", {"batch_timeout_micros": 5})
    with pytest.raises(Unavailable):
        server.change_batch_threads(threads + 1)
    assert in_force(server) == {2: (8, 60_000_000)}
    assert server.num_batch_threads == threads
    is_full = False
    server.change_batching("m", {"max_batch_size": 4})
    server.stop(10)
    assert serve().num_batch_threads == threads


def test_the_threads_of_all_models(serve: Start) -> None:
    server = serve()
    configured = server.num_batch_threads
    server.change_batch_threads(configured + 2)
    with pytest.raises(InvalidArgument):
        server.change_batch_threads(0)
    server.change_batching("m", {"batch_timeout_micros": 0})
    server.stop(10)
    server = serve()
    assert server.num_batch_threads == configured + 2
    assert server.predict("m", [1.0], timeout=30)["y"].tolist() == [3.5]
    server.change_batch_threads(None)
    server.stop(10)
    assert serve().num_batch_threads == configured


def test_journals_that_say_nothing_of_batching(serve: Start, tmp_path: Path) -> None:
    server = serve()
    server.change_batching("m", {"batch_timeout_micros": 0})
    server.stop(10)
    path = tmp_path / "journal.json"
    document = json.loads(path.read_text())
    assert document["models"][0].pop("batching") == {"batch_timeout_micros": 0}
    del document["batch_threads"]
    path.write_text(json.dumps(document))
    assert in_force(serve()) == {2: (8, 60_000_000)}


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("batching", []),
        ("batching", {"max_batch": 1}),
        ("batching", {"max_batch_size": "1"}),
        ("batch_threads", 0),
        ("batch_threads", "4"),
    ],
)
def test_damaged_journals(tmp_path: Path, where: str, value: object) -> None:
    path = tmp_path / "journal.json"
    model: dict[str, object] = {
        "name": "m", "base_path": "/m", "platform": "tensorflow", "version_policy": "all",
        "labels": {},
    }  # fmt: skip
    document: dict[str, object] = {"format": 1, "models": [model]}
    (model if where == "batching" else document)[where] = value
    path.write_text(json.dumps(document))
    assert Journal(str(path)).read() is None
    assert (tmp_path / "journal.json.damaged").exists()


# -- the automatic mode ---------------------------------------------------------------


def test_the_flag_turns_it_on_for_all_models(serve: Start, two_versions: Path) -> None:
    server = serve(batching_latency_target_micros=50_000)
    shutil.copytree(two_versions / "1", two_versions / "3")
    server.load("m", LoadRequest(policy=All()))
    versions = server.batching_of("m").versions
    assert sorted(versions) == [1, 2, 3]
    for version in versions.values():
        assert version.automatic is not None
        assert version.automatic.latency_target_micros == 50_000
        # It begins without a wait, and finds out whether one is of use.
        assert version.parameters.batch_timeout_micros == 0
    server.change_batching("m", {"latency_target_micros": 0})
    assert in_force(server)[2] == (8, 60_000_000)
    assert server.batching_of("m").latency_target_micros == 0
    # Without a word on this model the flag holds again.
    server.change_batching("m", {"latency_target_micros": None})
    assert server.batching_of("m").latency_target_micros == 50_000


def test_the_flag_needs_batching(two_versions: Path) -> None:
    config = ServerConfig(
        model_base_path=str(two_versions), batching_latency_target_micros=50_000
    )
    text = "--batching_latency_target_micros needs --enable_batching"
    with pytest.raises(InvalidArgument, match=text):
        ModelServer(config)


def test_other_changes_do_not_begin_anew(serve: Start, two_versions: Path) -> None:
    server = serve(batching_latency_target_micros=1_000_000)

    def windows() -> int:
        automatic = server.batching_of("m").versions[2].automatic
        assert automatic is not None
        return automatic.windows

    def has_decided() -> bool:
        for _ in range(100):
            server.predict("m", [1.0])
        return windows() > 0

    poll_until(has_decided, "a window is over")
    server.set_labels("m", {"a": 2})
    server.load("n", LoadRequest(str(two_versions)))
    assert windows() > 0
    server.change_batching("m", {"max_enqueued_batches": 5})
    assert windows() == 0


def test_what_waits_in_a_version_that_is_replaced_waits_no_longer(
    serve: Start, two_versions: Path, tmp_path: Path
) -> None:
    server = serve()
    shutil.copytree(two_versions, tmp_path / "elsewhere")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(server.predict, "m", [1.0], timeout=50)
        poll_until(lambda: any(one.queued for one in server.statistics("m")), "it waits")
        server.load("m", LoadRequest(base_path=str(tmp_path / "elsewhere")))
        assert waiting.result(timeout=45)["y"].tolist() == [3.5]


def test_a_version_that_is_replaced_by_one_without_a_file(
    serve: Start, two_versions: Path, tmp_path: Path
) -> None:
    shutil.copytree(two_versions, tmp_path / "without")
    shutil.copytree(two_versions, tmp_path / "with")
    for version in ("1", "2"):
        (tmp_path / "with" / version / "batching_params.pbtxt").write_text(CONFIGURED)
    server = serve(enable_per_model_batching_parameters=True)
    server.load("m", LoadRequest(base_path=str(tmp_path / "with")))
    assert in_force(server) == {2: (8, 60_000_000)}
    server.load("m", LoadRequest(base_path=str(tmp_path / "without")))
    with pytest.raises(FailedPrecondition, match="no loaded version of model m puts"):
        server.batching_of("m")
