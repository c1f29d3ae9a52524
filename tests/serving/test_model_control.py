"""Single models that come, change and go on a live server."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.models.hanging import hanging_version
from tests.polling import poll_until
from tests.serving.asking import predict
from tfs_notebook.lifecycle import All, Latest, ManagerState, Specific
from tfs_notebook.serving.model_control import LoadRequest, Rollback
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import (
    Aborted,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ServingError,
)
from tfs_notebook.wire.model_spec import ModelReference

TWO, THREE = 2.5, 3.5  # what half_plus_two and half_plus_three make of 1.0
Start = Callable[..., ModelServer]


@pytest.fixture
def server(start: Start, tmp_path: Path) -> ModelServer:
    """Serves nothing yet, and looks for new versions every hour."""
    return start(
        model_control="explicit",
        models_root=str(tmp_path / "root"),
        file_system_poll_wait_seconds=3600,
        reload_timeout_seconds=30.0,
    )


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A base path whose one version cannot be loaded."""
    (tmp_path / "broken" / "7").mkdir(parents=True)
    (tmp_path / "broken" / "7" / "saved_model.pb").write_bytes(b"garbage")
    return tmp_path / "broken"


def at(path: Path, **further: object) -> LoadRequest:
    return LoadRequest(base_path=str(path), **further)  # type: ignore[arg-type]


def names(server: ModelServer) -> list[str]:
    return [model.settings.name for model in server.models()]


def available(server: ModelServer, name: str = "m") -> list[int]:
    return sorted(
        state.id.version
        for model in server.models()
        if model.settings.name == name
        for state in model.versions
        if state.state is ManagerState.AVAILABLE
    )


def labels(server: ModelServer, name: str = "m") -> dict[str, int]:
    return dict(next(m for m in server.models() if m.settings.name == name).labels)


@contextmanager
def asked_all_the_time(
    server: ModelServer, *references: ModelReference
) -> Iterator[set[float]]:
    """Ask until the block ends; gives the answers, and fails if one is an error."""
    enough = threading.Event()
    answers: set[float] = set()

    def ask(reference: ModelReference) -> int:
        number = 0
        while not enough.is_set():
            answers.add(predict(server, reference))
            number += 1
        return number

    with ThreadPoolExecutor(len(references)) as pool:
        asking = [pool.submit(ask, reference) for reference in references]
        try:
            poll_until(lambda: bool(answers), "the first answer")
            yield answers
        finally:
            enough.set()
        for one in asking:
            assert one.result() > 0


def test_a_model_comes_and_goes(server: ModelServer, two_versions: Path) -> None:
    assert server.ready
    server.load("m", at(two_versions))
    assert predict(server, ModelReference("m")) == THREE
    server.unload("m")
    assert names(server) == []
    with pytest.raises(NotFound):
        predict(server, ModelReference("m"))
    with pytest.raises(
        NotFound, match="there is no model 'm' to unload; no model is configured"
    ):
        server.unload("m")
    server.load("m", at(two_versions, policy=All()))
    assert available(server) == [1, 2]


def test_a_load_of_what_is_there_changes_what_is_given_and_keeps_the_rest(
    server: ModelServer, two_versions: Path
) -> None:
    server.load("m", at(two_versions, policy=All(), labels={"stable": 1, "old": 1}))
    server.load("m", LoadRequest(labels={"stable": 2, "old": None}))
    assert labels(server) == {"stable": 2}
    assert available(server) == [1, 2]
    server.load("m", LoadRequest(policy=Latest()))
    poll_until(lambda: available(server) == [2], "the older version goes")
    assert labels(server) == {"stable": 2}
    server.load("m", LoadRequest(labels={"new": 2}, only_these_labels=True))
    assert labels(server) == {"new": 2}
    with pytest.raises(FailedPrecondition, match="has no entry for platform other"):
        server.load("m", LoadRequest(platform="other"))


@pytest.mark.parametrize(
    ("request_", "error", "text"),
    [
        (LoadRequest(), NotFound, "there is no model 'm' in .*root, which holds no model"),
        (LoadRequest("relative/path"), InvalidArgument, "to have an absolute path or URI"),
        (LoadRequest("/nowhere/at/all"), NotFound, "could not read base path /nowhere/at/all"),
        (LoadRequest("/"), NotFound, "there is no version of model m under /"),
    ],
)
def test_what_cannot_be_loaded_is_not_configured(
    server: ModelServer, request_: LoadRequest, error: type[ServingError], text: str
) -> None:
    with pytest.raises(error, match=text):
        server.load("m", request_)
    assert names(server) == []


def test_a_new_model_whose_load_fails_is_taken_back(
    server: ModelServer, broken: Path, two_versions: Path
) -> None:
    with pytest.raises(ServingError, match="could not be loaded, and is not configured: ") as e:
        server.load("m", at(broken))
    assert "{name: m version: 7} due to error: " in e.value.message
    assert names(server) == []
    # And it can be mended, and loaded by the same name.
    shutil.rmtree(broken / "7")
    shutil.copytree(two_versions / "1", broken / "7")
    server.load("m", at(broken))
    assert predict(server, ModelReference("m")) == TWO


def test_a_model_whose_change_fails_keeps_what_it_had(
    server: ModelServer, two_versions: Path, broken: Path
) -> None:
    server.load("m", at(two_versions, labels={"stable": 2}))
    for request, text in (
        (at(broken), "which is not currently available"),
        (at(broken, labels={"stable": None}), "due to error"),
        (LoadRequest(policy=Specific((9,))), "there is no version 9 of model m under"),
        (LoadRequest(labels={"next": 1}), "which is not currently available"),
        (LoadRequest(labels={"": 2}), "the name of a label has 1 to 255"),
        (LoadRequest(labels={"x": -1}), "a version is a whole number"),
    ):
        with pytest.raises(ServingError, match=text):
            server.load("m", request)
        assert predict(server, ModelReference("m", label="stable")) == THREE
        assert server.models()[0].settings.base_path == str(two_versions)
        assert labels(server) == {"stable": 2}


def test_the_text_says_what_goes_on_serving(
    server: ModelServer, two_versions: Path, broken: Path
) -> None:
    server.load("m", at(two_versions))
    with pytest.raises(ServingError, match=r"keeps what it had \(available versions: 2\): "):
        server.load("m", at(broken))


def test_a_failed_version_is_tried_again_when_it_is_loaded_again(
    server: ModelServer, two_versions: Path
) -> None:
    (two_versions / "3").mkdir()
    (two_versions / "3" / "saved_model.pb").write_bytes(b"garbage")
    server.load("m", at(two_versions, policy=All()))
    assert available(server) == [1, 2]
    shutil.rmtree(two_versions / "3")
    shutil.copytree(two_versions / "1", two_versions / "3")
    server.load("m")
    assert available(server) == [1, 2, 3]


def test_by_bare_name_from_the_root(
    server: ModelServer, tmp_path: Path, two_versions: Path
) -> None:
    root = tmp_path / "root"
    shutil.copytree(two_versions, root / "half")
    (root / "inside").symlink_to(root / "half")
    (root / "outside").symlink_to(two_versions)
    (root / ".hidden").mkdir()
    (root / "file").write_text("")
    server.load("half")
    server.load("inside")
    assert predict(server, ModelReference("inside")) == THREE
    with pytest.raises(InvalidArgument, match="is a link that leads out of"):
        server.load("outside")
    for name in ("..", ".", "half/1", "../two_versions", ".hidden", "file", "HALF"):
        with pytest.raises(NotFound, match="which holds half, inside, outside"):
            server.load(name)
    for name in ("", "x\0y", "x\ny", "x" * 256):
        with pytest.raises(InvalidArgument, match="has 1 to 255 printable characters"):
            server.load(name, at(two_versions))


def test_without_a_root_a_bare_name_says_what_to_do(start: Start) -> None:
    server = start(model_control="explicit")
    with pytest.raises(FailedPrecondition, match=r"--models_root=DIR; .*base_path"):
        server.load("m")


def test_labels_are_merged_and_refused_as_a_whole(
    server: ModelServer, two_versions: Path
) -> None:
    server.load("m", at(two_versions, policy=All(), labels={"stable": 1}))
    server.set_labels("m", {"canary": 2, "absent": None})
    assert labels(server) == {"stable": 1, "canary": 2}
    with pytest.raises(FailedPrecondition, match="version 3 of model m, which is not"):
        server.set_labels("m", {"stable": 2, "next": 3})
    assert labels(server) == {"stable": 1, "canary": 2}
    with pytest.raises(NotFound, match="there is no model 'other'; load it first"):
        server.set_labels("other", {"a": 1})


def test_rollback_under_requests_by_name_and_by_label(
    server: ModelServer, two_versions: Path
) -> None:
    server.load("m", at(two_versions, labels={"stable": 2}))
    with asked_all_the_time(server, ModelReference("m"), ModelReference("m", label="stable")):
        for _ in range(3):
            assert server.rollback("m") == Rollback(1, {"stable": 2})
            assert predict(server, ModelReference("m", label="stable")) == TWO
            with pytest.raises(FailedPrecondition, match="let the label stand for another"):
                server.load("m", LoadRequest(policy=Latest()))
            server.load("m", LoadRequest(policy=Latest(), labels={"stable": 2}))
    assert labels(server) == {"stable": 2}


def test_rollback_behind_several_versions_leaves_no_label_alone(
    server: ModelServer, two_versions: Path
) -> None:
    shutil.copytree(two_versions / "1", two_versions / "3")
    policy = Specific((2, 3))
    server.load("m", at(two_versions, policy=policy, labels={"stable": 2, "canary": 3}))
    asked = [ModelReference("m"), *(ModelReference("m", label=x) for x in ("stable", "canary"))]
    with asked_all_the_time(server, *asked):
        for _ in range(3):
            assert server.rollback("m", 1).moved == {"stable": 2, "canary": 3}
            assert labels(server) == {"stable": 1, "canary": 1}
            poll_until(lambda: available(server) == [1], "the newer ones go")
            server.load("m", LoadRequest(policy=policy, labels={"stable": 2, "canary": 3}))


def test_rollback_keeps_older_versions_that_have_labels(
    server: ModelServer, two_versions: Path
) -> None:
    shutil.copytree(two_versions / "1", two_versions / "3")
    server.load("m", at(two_versions, policy=All(), labels={"old": 1, "new": 3}))
    assert server.rollback("m") == Rollback(2, {"new": 3})
    poll_until(lambda: available(server) == [1, 2], "the newest goes")
    assert labels(server) == {"old": 1, "new": 2}


def test_rollbacks_that_cannot_be(server: ModelServer, two_versions: Path) -> None:
    with pytest.raises(NotFound, match="there is no model 'm'"):
        server.rollback("m")
    server.load("m", at(two_versions))
    with pytest.raises(NotFound, match=r"no version 9 of model m .* versions there are 1, 2"):
        server.rollback("m", 9)
    server.rollback("m")
    with pytest.raises(NotFound, match="there is no version of model m before 1"):
        server.rollback("m")
    (two_versions / "0").mkdir()
    with pytest.raises(ServingError, match=r"keeps what it had \(available versions: 1\)"):
        server.rollback("m")
    assert predict(server, ModelReference("m")) == TWO


def test_a_load_that_hangs_holds_up_no_other_model(
    server: ModelServer, two_versions: Path, tmp_path: Path
) -> None:
    with hanging_version(tmp_path / "hung" / "1") as version:
        with ThreadPoolExecutor(1) as pool:
            hung = pool.submit(server.load, "hung", at(version.parent), 3.0)
            poll_until(lambda: "hung" in names(server), "it is being loaded")
            server.load("m", at(two_versions))
            assert predict(server, ModelReference("m")) == THREE
            with pytest.raises(Aborted, match="another change of model hung is under way"):
                server.set_labels("hung", {"a": 1}, timeout=0.1)
            with pytest.raises(DeadlineExceeded, match=r"still loading after .* It goes on"):
                hung.result(60)
        with pytest.raises(DeadlineExceeded, match=r"are still in memory .* being loaded"):
            server.unload("hung", timeout=0.1)
        assert names(server) == ["m"]


def test_a_label_moves_while_another_version_is_still_loading(
    server: ModelServer, two_versions: Path, tmp_path: Path
) -> None:
    base = tmp_path / "m"
    shutil.copytree(two_versions / "1", base / "1")
    server.load("m", at(base))
    with hanging_version(base / "2"):
        with pytest.raises(DeadlineExceeded):
            server.load("m", at(base, policy=All()), timeout=0.2)
        server.set_labels("m", {"stable": 1}, timeout=0.2)
        assert labels(server) == {"stable": 1}


def has_failed(server: ModelServer, version: int) -> bool:
    return server.version_states(ModelReference("m", version))[0].error is not None


def test_a_change_that_is_late_goes_on_and_labels_follow(
    server: ModelServer, two_versions: Path
) -> None:
    server.load("m", at(two_versions, labels={"stable": 2, "gone": 2}))
    with hanging_version(two_versions / "3"):
        request = LoadRequest(policy=Latest(), labels={"stable": 3, "gone": None})
        with pytest.raises(DeadlineExceeded, match=r"It goes on; its state tells"):
            server.load("m", request, timeout=0.5)
        assert predict(server, ModelReference("m", label="stable")) == THREE
        with pytest.raises(InvalidArgument):
            predict(server, ModelReference("m", label="gone"))
    poll_until(lambda: has_failed(server, 3), "the load that hung fails")
    shutil.rmtree(two_versions / "3")
    shutil.copytree(two_versions / "1", two_versions / "3")
    assert predict(server, ModelReference("m", label="stable")) == THREE
    server.load("m")
    assert labels(server) == {"stable": 3}
    assert predict(server, ModelReference("m", label="stable")) == TWO


@pytest.mark.parametrize("versions", [(1, 3), (2, 3)])
def test_a_late_change_of_several_versions_is_taken_back(
    server: ModelServer, two_versions: Path, versions: tuple[int, ...]
) -> None:
    policy = Specific((1, 2)) if versions == (2, 3) else Specific((2,))
    server.load("m", at(two_versions, policy=policy, labels={"stable": policy.versions[0]}))
    with hanging_version(two_versions / "3"):
        request = LoadRequest(policy=Specific(versions), labels={"stable": 3})
        with pytest.raises(DeadlineExceeded, match=r"keeps what it had .* not loaded within"):
            server.load("m", request, timeout=0.5)
        assert server.models()[0].settings.policy == policy
    assert labels(server) == {"stable": policy.versions[0]}
    poll_until(lambda: available(server) == list(policy.versions), "the rest goes again")


def test_changes_of_one_model_at_once_queue(server: ModelServer, two_versions: Path) -> None:
    server.load("m", at(two_versions, policy=All()))
    with ThreadPoolExecutor(8) as pool:
        changes = [pool.submit(server.set_labels, "m", {f"l{i}": 1 + i % 2}) for i in range(24)]
        for change in changes:
            change.result(60)
    assert labels(server) == {f"l{i}": 1 + i % 2 for i in range(24)}


def test_many_models_at_once(server: ModelServer, two_versions: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: server.load(f"m{i}", at(two_versions)), range(16)))
        assert sorted(names(server)) == sorted(f"m{i}" for i in range(16))
        list(pool.map(lambda i: server.unload(f"m{i}"), range(16)))
    assert names(server) == []


def test_lazily_loaded_models_are_configured_and_wait_for_their_first_request(
    start: Start, two_versions: Path
) -> None:
    server = start(model_control="explicit", lazy_loading=True)
    server.load("m", at(two_versions, policy=All(), labels={"stable": 1}))
    assert available(server) == []
    server.rollback("m", 1)
    assert labels(server) == {"stable": 1}
    server.unload("m")
    assert names(server) == []
