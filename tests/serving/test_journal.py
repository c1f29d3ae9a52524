"""What is served outlives the process; versions that end it are found out."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.models.hanging import hanging_version
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text
from tests.serving.asking import predict
from tests.serving.config_messages import config_message
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import All, Latest, ManagerState, ServableId, Specific
from tfs_notebook.serving.journal import Journal
from tfs_notebook.serving.journal_lock import JournalLock
from tfs_notebook.serving.load_marks import LoadMarks
from tfs_notebook.serving.managed_models import NotLoaded
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    ServingError,
    Unavailable,
)
from tfs_notebook.wire.model_spec import ModelReference

TWO, THREE = 2.5, 3.5
Start = Callable[..., ModelServer]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.json"


@pytest.fixture
def start(start: Start, path: Path) -> Start:
    """Starts servers with one journal; the one before is to be stopped first."""
    return lambda **settings: start(journal_path=str(path), **settings)


def states(server: ModelServer, name: str = "m") -> dict[int, str]:
    return {
        state.id.version: state.state.name
        for model in server.models()
        if model.settings.name == name
        for state in model.versions
    }


# -- the file ------------------------------------------------------------------


def test_what_is_written_is_read(path: Path) -> None:
    models = [
        ModelSettings("a", "/a"),
        ModelSettings("b b/ü", "/b", Specific((1, 2)), {"stable": 2}),
        ModelSettings("c", "gs://c/d", All(), {}, "other"),
        ModelSettings("d", "/d", Latest(3)),
        ModelSettings("e", "/e", Specific(())),
    ]
    assert Journal(str(path)).read() is None
    Journal(str(path)).write(models)
    assert Journal(str(path)).read() == models
    Journal(str(path)).write([])
    assert Journal(str(path)).read() == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def entry(**changed: object) -> str:
    good = {"name": "a", "base_path": "/a", "platform": "tensorflow", "version_policy": "all",
            "labels": {}}  # fmt: skip
    return json.dumps({"format": 1, "models": [{**good, **changed}]})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 2, "models": []}',
        '{"format": 1}',
        '{"format": 1, "models": [{}]}',
        '{"format": 1, "models": [1]}',
        '{"format": 1, "models": 7}',
        entry(name=""),
        entry(name=7),
        entry(base_path="a"),
        entry(version_policy="newest"),
        entry(labels={"x": "1"}),
        entry(labels=[1]),
        "[" * 100_000,
    ],
)
def test_a_damaged_one_is_set_aside(
    path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(text)
    assert Journal(str(path)).read() is None
    assert not path.exists()
    assert (path.parent / "journal.json.damaged").read_text() == text
    assert "is damaged (" in caplog.text
    assert "it was set aside as journal.json.damaged" in caplog.text


def test_one_that_cannot_be_written_changes_nothing(
    start: Start, path: Path, two_versions: Path
) -> None:
    server = start()
    server.load("m", LoadRequest(str(two_versions)))
    before = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(Unavailable, match="would not outlive a restart"):
        server.load("m", LoadRequest(policy=All()))
    with pytest.raises(Unavailable, match="would not outlive a restart"):
        server.load("n", LoadRequest(str(two_versions)))
    with pytest.raises(Unavailable, match="would not outlive a restart"):
        server.unload("m")
    assert [model.settings.name for model in server.models()] == ["m"]
    assert predict(server, ModelReference("m")) == THREE
    path.rmdir()
    path.write_bytes(before)


@pytest.mark.parametrize("name", ["journal.json", "journal.json.loading"])
def test_one_that_cannot_be_read_is_left_alone(
    path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    directory = path.with_name(name)
    directory.mkdir()
    (directory / "somebodys").touch()
    if directory == path:
        with pytest.raises(
            InvalidArgument, match=r"--journal_path: cannot read .*\. Let it be"
        ):
            ModelServer(ServerConfig(journal_path=str(path)))
    else:
        assert not LoadMarks(str(directory)).suspects
        assert "what was being loaded cannot be read in" in caplog.text
    assert (directory / "somebodys").exists()


def test_a_full_disk_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal(str(path)).write([ModelSettings("a", "/a")])

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left on device"):
        Journal(str(path)).write([])
    monkeypatch.undo()
    assert list(path.parent.iterdir()) == [path]
    assert Journal(str(path)).read() == [ModelSettings("a", "/a")]


def test_a_link_to_one_stays_one(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    Journal(str(link)).write([])
    assert link.is_symlink()
    assert Journal(str(path)).read() == []


def test_numbers_that_are_none_in_the_marks(path: Path) -> None:
    mark = '{"name": "m", "version": %s, "path": "/m/1", "loading": true, "crashes": %s}'
    for version, crashes in (("1e999", "0"), ("-1", "0"), ("1", "1e999"), ("1", '"x"')):
        marks = mark % (version, crashes)
        path.write_text(f'{{"format": 1, "marks": [{marks}]}}')
        assert not LoadMarks(str(path)).suspects


# -- the lock ------------------------------------------------------------------


def test_one_server_has_a_journal_to_itself(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    lock = JournalLock(str(path))
    for other in (path, link):
        with pytest.raises(Unavailable, match="another server keeps what it serves in"):
            JournalLock(str(other))
    assert stat.S_IMODE(Path(f"{path}.lock").stat().st_mode) == 0o600
    lock.release()
    lock.release()
    JournalLock(str(link)).release()
    JournalLock("").release()


def test_where_no_journal_can_be(path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"cannot write beside .* No such file or direc"):
        JournalLock(str(path / "nowhere" / "journal.json"))


@pytest.mark.parametrize(
    ("number", "refused"), [(errno.ENOLCK, False), (errno.EOPNOTSUPP, False), (errno.EIO, True)]
)
def test_a_file_system_that_knows_no_locks(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
    refused: bool,
) -> None:
    def flock(_file: object, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    if refused:
        with pytest.raises(InvalidArgument, match="--journal_path: cannot lock"):
            JournalLock(str(path))
    else:
        JournalLock(str(path)).release()
        assert "see that no other server uses it" in caplog.text


# -- restarts ------------------------------------------------------------------


def test_every_change_outlives_a_restart(start: Start, two_versions: Path) -> None:
    server = start()
    server.load("m", LoadRequest(str(two_versions), All(), {"stable": 1}))
    server.load("gone", LoadRequest(str(two_versions)))
    server.unload("gone")
    server.set_labels("m", {"canary": 2})
    server.stop(10)
    server = start()
    assert [model.settings.name for model in server.models()] == ["m"]
    assert states(server) == {1: "AVAILABLE", 2: "AVAILABLE"}
    assert server.models()[0].labels == {"stable": 1, "canary": 2}
    server.rollback("m", 1)
    server.stop(10)
    server = start()
    assert states(server) == {1: "AVAILABLE"}
    assert predict(server, ModelReference("m", label="canary")) == TWO
    server.unload("m")
    server.stop(10)
    assert start().models() == []


def test_what_was_refused_is_not_kept(start: Start, two_versions: Path, tmp_path: Path) -> None:
    server = start()
    server.load("m", LoadRequest(str(two_versions)))
    (tmp_path / "broken" / "1").mkdir(parents=True)
    for name in ("m", "n"):
        with pytest.raises(ServingError):
            server.load(name, LoadRequest(str(tmp_path / "broken")))
    server.stop(10)
    server = start()
    assert [m.settings.base_path for m in server.models()] == [str(two_versions)]


def test_a_change_that_ends_the_process_has_changed_nothing(
    start: Start, path: Path, two_versions: Path, tmp_path: Path
) -> None:
    base = tmp_path / "m"
    shutil.copytree(two_versions / "1", base / "1")
    server = start(file_system_poll_wait_seconds=3600)
    server.load("m", LoadRequest(str(base), labels={"stable": 1}))
    move = LoadRequest(policy=Specific((2,)), labels={"stable": 2})
    with ThreadPoolExecutor(1) as pool, hanging_version(base / "2"):
        changing = pool.submit(server.load, "m", move)
        poll_until(lambda: states(server).get(2) == "LOADING", "it is being loaded")
        # All that a kill now would leave.
        left = path.read_bytes()
    assert isinstance(changing.exception(30), ServingError)
    server.stop(10)
    path.write_bytes(left)
    crashed(path, base, 2, 2)
    server = start()
    assert predict(server, ModelReference("m")) == TWO
    assert predict(server, ModelReference("m", label="stable")) == TWO


def test_a_change_that_is_late_is_kept(
    start: Start, two_versions: Path, tmp_path: Path
) -> None:
    base = tmp_path / "m"
    shutil.copytree(two_versions / "1", base / "1")
    server = start(file_system_poll_wait_seconds=3600)
    server.load("m", LoadRequest(str(base), labels={"stable": 1}))
    with hanging_version(base / "2"):
        with pytest.raises(DeadlineExceeded):
            server.load("m", LoadRequest(labels={"stable": 2}), timeout=0.2)
        kept = Journal(str(tmp_path / "journal.json")).read()
        assert kept is not None
        assert kept[0].version_labels == {"stable": 2}


def test_labels_that_a_reload_was_refused_are_not_kept(
    start: Start, two_versions: Path, tmp_path: Path
) -> None:
    server = start()
    server.load("m", LoadRequest(str(two_versions), labels={"stable": 2}))
    labels = 'version_labels { key: "stable" value: 7 }'
    with pytest.raises(FailedPrecondition):
        server.reload(config_message(tmp_path, config_text({"m": two_versions}, m=labels)))
    assert server.models()[0].labels == {"stable": 2}
    server.stop(10)
    assert start().models()[0].labels == {"stable": 2}


def test_a_change_that_cannot_be_kept_is_taken_back(
    start: Start, two_versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[Sequence[ModelSettings]] = []
    write = Journal.write

    def until_it_is_full(journal: Journal, models: Sequence[ModelSettings]) -> None:
        if len(writes) == 3:
            raise Unavailable("the disk is full")
        writes.append(models)
        write(journal, models)

    monkeypatch.setattr(Journal, "write", until_it_is_full)
    server = start(file_system_poll_wait_seconds=3600)
    server.load("m", LoadRequest(str(two_versions), All(), {"stable": 1}))
    with pytest.raises(Unavailable, match=r"keeps what it had .*: the disk is full"):
        server.load("m", LoadRequest(policy=Specific((2,)), labels={"stable": 2}))
    poll_until(lambda: states(server).get(1) == "AVAILABLE", "it is as it was")
    assert predict(server, ModelReference("m", label="stable")) == TWO
    monkeypatch.undo()
    server.stop(10)
    assert start().models()[0].labels == {"stable": 1}


def test_it_goes_before_what_the_flags_say(
    start: Start, two_versions: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"a": two_versions}))
    server = start(model_config_file=str(config))
    server.stop(10)
    server = start(model_config_file=str(config))
    assert "is not looked at" not in caplog.text
    server.reload(config_message(tmp_path, config_text({"b": two_versions})))
    server.stop(10)
    server = start(model_config_file=str(config))
    assert [model.settings.name for model in server.models()] == ["b"]
    assert "what --model_config_file and --model_base_path say is not looked at" in caplog.text


def test_a_damaged_one_is_not_fatal(start: Start, path: Path, two_versions: Path) -> None:
    path.write_text("{")
    (path.parent / "journal.json.loading").write_text("{")
    server = start(model_name="m", model_base_path=str(two_versions))
    assert predict(server, ModelReference("m")) == THREE
    assert (path.parent / "journal.json.damaged").exists()
    assert (path.parent / "journal.json.loading.damaged").exists()


# -- versions that end the process ----------------------------------------------


def crashed(path: Path, base: Path, version: int, times: int, name: str = "m") -> None:
    """Write what a process leaves that is killed while it loads a version once more."""
    mark = {
        "name": name,
        "version": version,
        "path": str(base / str(version)),
        "loading": True,
        "crashes": times - 1,
    }
    marks = path.parent / "journal.json.loading"
    before = json.loads(marks.read_text())["marks"] if marks.exists() else []
    marks.write_text(json.dumps({"format": 1, "marks": [*before, mark]}))


def test_a_version_is_marked_while_it_loads_and_no_longer(path: Path) -> None:
    marks = LoadMarks(str(path))
    one, two = ServableId("m", 1), ServableId("m", 2)
    with marks.loading(one, "/m/1"), marks.loading(two, "/m/2"):
        assert LoadMarks(str(shutil.copy(path, f"{path}.copy"))).crashes(one, "/m/1") == 1
    with pytest.raises(ValueError, match="no"), marks.loading(one, "/m/1"):
        raise ValueError("no")
    assert not LoadMarks(str(path)).suspects
    with marks.loading(one, "/m/1"), marks.loading(two, "/m/2"):
        marks.end_in_order()
        assert not LoadMarks(str(path)).suspects


def test_marks_count_are_of_one_place_and_end_with_a_load(path: Path) -> None:
    one = ServableId("m", 1)
    for times in (1, 2, 3):
        marks = LoadMarks(str(path))
        with marks.loading(one, "/m/1"):
            left = path.read_bytes()
        # As if it had been killed meanwhile.
        path.write_bytes(left)
        marks = LoadMarks(str(path))
        assert marks.crashes(one, "/m/1") == times
        assert marks.crashes(one, "/elsewhere/1") == 0
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ValueError, match="no"), marks.loading(one, "/m/1"):
        raise ValueError("no")
    assert LoadMarks(str(path)).crashes(one, "/m/1") == 3
    with marks.loading(one, "/m/1"):
        pass
    assert LoadMarks(str(path)).crashes(one, "/m/1") == 0


@pytest.fixture
def start_only(path: Path) -> Iterator[Callable[..., ModelServer]]:
    """Starts servers and waits for nothing."""
    started: list[ModelServer] = []

    def start_only(**settings: object) -> ModelServer:
        server = ModelServer(ServerConfig(journal_path=str(path), **settings))
        started.append(server)
        server.start()
        return server

    yield start_only
    for server in started:
        server.stop(10)


def test_after_one_crash_a_version_is_tried_after_all_others(
    start_only: Start, path: Path, two_versions: Path, tmp_path: Path
) -> None:
    crashed(path, two_versions, 2, 1)
    config = tmp_path / "models.config"
    with hanging_version(tmp_path / "slow" / "1") as slow:
        config.write_text(config_text({"m": two_versions, "slow": slow.parent}))
        server = start_only(model_config_file=str(config))
        # The one before it serves meanwhile.
        poll_until(lambda: states(server).get(1) == "AVAILABLE", "version 1 serves")
        (held,) = server.version_states(ModelReference("m", 2))
        assert held.state is ManagerState.START
        assert held.error is not None
        assert "it is tried once more when all other models" in held.error.message
        assert predict(server, ModelReference("m")) == TWO
    poll_until(lambda: states(server).get(2) == "AVAILABLE", "it is tried")
    poll_until(lambda: states(server).get(1) == "END", "it takes the place of the other")
    assert predict(server, ModelReference("m")) == THREE
    assert not LoadMarks(f"{path}.loading").suspects


def test_those_that_were_loading_together_are_tried_one_by_one(
    start_only: Start, path: Path, tmp_path: Path, two_versions: Path
) -> None:
    crashed(path, two_versions, 2, 1)
    with hanging_version(tmp_path / "bad" / "1") as bad:
        crashed(path, bad.parent, 1, 1, "bad")
        config = tmp_path / "models.config"
        config.write_text(config_text({"m": two_versions, "bad": bad.parent}))
        server = start_only(model_config_file=str(config), start_timeout_seconds=2.0)
        assert set(server.wait_for_models(10)) <= {"bad"}
        poll_until(lambda: states(server, "bad").get(1) == "LOADING", "the first is tried")
        assert states(server)[2] == "START"
        poll_until(lambda: states(server).get(2) == "AVAILABLE", "it hangs, and the next is")


def test_after_two_crashes_a_version_is_not_loaded_before_a_person_asks(
    start: Start, path: Path, two_versions: Path
) -> None:
    crashed(path, two_versions, 2, 2)
    server = start(model_name="m", model_base_path=str(two_versions))
    assert states(server) == {2: "END", 1: "AVAILABLE"}
    (barred,) = server.version_states(ModelReference("m", 2))
    assert isinstance(barred.error, FailedPrecondition)
    assert barred.error.message == (
        "{name: m version: 2} ended the server's process twice while it was loaded, and is not "
        "loaded any more. To try it again, load the model (POST /v2/repository/models/m/load)"
    )
    # A restart changes nothing about that.
    server.stop(10)
    server = start(model_name="m", model_base_path=str(two_versions))
    assert states(server) == {2: "END", 1: "AVAILABLE"}
    server.load("m")
    assert predict(server, ModelReference("m")) == THREE
    assert not LoadMarks(f"{path}.loading").suspects


def test_a_rollback_passes_over_a_version_that_ends_the_process(
    start: Start, path: Path, two_versions: Path
) -> None:
    shutil.copytree(two_versions / "1", two_versions / "3")
    crashed(path, two_versions, 2, 2)
    server = start(model_name="m", model_base_path=str(two_versions))
    assert server.rollback("m").version == 1


def test_a_version_that_was_to_be_tried_and_goes_has_ended(
    start_only: Start, path: Path, two_versions: Path, tmp_path: Path
) -> None:
    crashed(path, two_versions, 2, 1)
    config = tmp_path / "models.config"
    with hanging_version(tmp_path / "slow" / "1") as slow:
        config.write_text(config_text({"m": two_versions, "slow": slow.parent}))
        server = start_only(model_config_file=str(config))
        poll_until(lambda: states(server).get(2) == "START", "it is held back")
        shutil.rmtree(two_versions / "2")
        poll_until(lambda: states(server).get(2) == "END", "it is gone")


def test_a_model_is_unloaded_whose_version_was_to_be_tried(
    start_only: Start, path: Path, two_versions: Path, tmp_path: Path
) -> None:
    crashed(path, two_versions, 2, 1)
    config = tmp_path / "models.config"
    with hanging_version(tmp_path / "slow" / "1") as slow:
        config.write_text(config_text({"m": two_versions, "slow": slow.parent}))
        server = start_only(model_config_file=str(config))
        poll_until(lambda: states(server).get(2) == "START", "it is held back")
        server.unload("m", timeout=30)
        assert [model.settings.name for model in server.models()] == ["slow"]


def test_lazily_loaded_models_are_tried_when_they_are_asked_for(
    start: Start, path: Path, two_versions: Path
) -> None:
    crashed(path, two_versions, 1, 2)
    crashed(path, two_versions, 2, 1)
    policy = "model_version_policy { all {} }"
    config = path.parent / "models.config"
    config.write_text(config_text({"m": two_versions}, m=policy))
    server = start(model_config_file=str(config), lazy_loading=True)
    assert states(server)[2] == "START"
    with pytest.raises(NotLoaded):
        server.hold(ModelReference("m", 2))


def test_processes_that_are_killed_while_a_version_loads(
    start_server: Callable[..., ServerProcess], path: Path, two_versions: Path, tmp_path: Path
) -> None:
    config = tmp_path / "models.config"
    marks = tmp_path / "journal.json.loading"

    def is_loading(name: str) -> bool:
        document = json.loads(marks.read_text()) if marks.exists() else {"marks": []}
        return any(mark["name"] == name and mark["loading"] for mark in document["marks"])

    flags = (f"--model_config_file={config}", f"--journal_path={path}")
    (tmp_path / "bad").mkdir()
    shutil.copytree(two_versions / "1", tmp_path / "bad" / "1")
    with hanging_version(tmp_path / "bad" / "2") as version:
        config.write_text(config_text({"m": two_versions, "bad": version.parent}))
        for attempt in range(2):
            server = start_server(*flags, wait=False)
            if attempt:
                # The others, and the ports, do not wait for it.
                server.wait_for_log("Entering the event loop", seconds=60)
                server.wait_for_model("m", 2)
                server.wait_for_model("bad", 1)
                server.wait_for_log("{name: bad version: 2} is tried once more, after all")
            poll_until(
                lambda: is_loading("bad") and not is_loading("m"), "it loads alone", seconds=60
            )
            server.kill()
        server = start_server(*flags)
        server.wait_for_model("m", 2)
        assert server.states("bad") == {2: "END", 1: "AVAILABLE"}
        status = httpx.get(f"{server.url}/v1/models/bad/versions/2").json()
        assert (
            status["model_version_status"][0]["status"]["error_code"] == "FAILED_PRECONDITION"
        )
        server.stop()
    # One that is told to end while it loads something has not crashed.
    with hanging_version(tmp_path / "new" / "1") as version:
        config.write_text(config_text({"new": version.parent}))
        server = start_server(*flags, wait=False)
        poll_until(lambda: is_loading("new"), "it is being loaded", seconds=60)
        server.send(signal.SIGTERM)
        assert server.wait_for_exit() == 0
        assert '"name": "new"' not in marks.read_text()
