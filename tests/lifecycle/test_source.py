"""sources/ (20): FileSystemStoragePathSource."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tfs_notebook.lifecycle.servable import ServableData, ServableId
from tfs_notebook.lifecycle.source import FileSystemSource, ServableToMonitor
from tfs_notebook.lifecycle.version_policy import All, Latest, Specific, VersionPolicy
from tfs_notebook.wire.errors import InvalidArgument, NotFound

Emitted = tuple[str, list[tuple[int, str]]]


class Target:
    """Keeps what the source aspires, paths relative to a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls: list[Emitted] = []

    def __call__(self, name: str, versions: Sequence[ServableData[str]]) -> None:
        assert all(item.id.name == name for item in versions)
        found = [(item.id.version, os.path.relpath(item.data, self.root)) for item in versions]
        self.calls.append((name, found))

    def take(self) -> list[Emitted]:
        calls, self.calls = self.calls, []
        return calls


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(tmp_path)


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).mkdir(parents=True)


def monitor(root: Path, name: str, policy: VersionPolicy | None = None) -> ServableToMonitor:
    return ServableToMonitor(name, str(root / name), policy or Latest())


def source(target: Target, *servables: ServableToMonitor) -> FileSystemSource:
    made = FileSystemSource(servables)
    made.set_aspired_versions_callback(target)
    return made


def test_default_version_policy(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/1", "m/3", "m/2")
    source(target, ServableToMonitor("m", str(tmp_path / "m"))).poll()
    assert target.take() == [("m", [(3, "m/3")])]


def test_n_latest_versions(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/1", "m/3", "m/2")
    source(target, monitor(tmp_path, "m", Latest(2))).poll()
    assert target.take() == [("m", [(3, "m/3"), (2, "m/2")])]


def test_multiple_versions_at_the_same_time(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/1", "m/3", "m/x", "m/2.tmp")
    source(target, monitor(tmp_path, "m", All())).poll()
    assert target.take() == [("m", [(1, "m/1"), (3, "m/3")])]


def test_specific_versions(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/42", "m/33", "m/30", "m/21", "m/17")
    source(target, monitor(tmp_path, "m", Specific((17, 30)))).poll()
    assert target.take() == [("m", [(17, "m/17"), (30, "m/30")])]


def test_specific_versions_leading_zeros(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/00017")
    source(target, monitor(tmp_path, "m", Specific((17,)))).poll()
    assert target.take() == [("m", [(17, "m/00017")])]


def test_specific_versions_empty_unloads_all_and_warns(
    tmp_path: Path, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    make(tmp_path, "m/1")
    source(target, monitor(tmp_path, "m", Specific(()))).poll()
    assert target.take() == [("m", [])]
    assert "No specific versions requested for servable m." in caplog.text


def test_specific_versions_missing_are_only_warned_of(
    tmp_path: Path, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    make(tmp_path, "m/1")
    polled = source(target, monitor(tmp_path, "m", Specific((1, 5))))
    polled.poll()
    polled.poll()
    assert target.take() == [("m", [(1, "m/1")])] * 2
    text = (
        "Version 5 of servable m, which was requested to be served as a 'specific' version "
        "in the servable's version policy, was not found in the file system"
    )
    assert caplog.text.count(text) == 1


def test_parse_timestamped_version(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/20170111173521")
    source(target, monitor(tmp_path, "m")).poll()
    assert target.take() == [("m", [(20170111173521, "m/20170111173521")])]


def test_file_with_a_number_as_its_name_is_a_version(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/1")
    (tmp_path / "m" / "2").write_text("one file")
    source(target, monitor(tmp_path, "m")).poll()
    assert target.take() == [("m", [(2, "m/2")])]


def test_files_appear_after_startup(tmp_path: Path, target: Target) -> None:
    polled = source(target, monitor(tmp_path, "m"))
    polled.poll()
    assert target.take() == []
    make(tmp_path, "m/1")
    polled.poll()
    assert target.take() == [("m", [(1, "m/1")])]


def test_servable_version_dir_renamed(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/1", "m/2")
    polled = source(target, monitor(tmp_path, "m", All()))
    polled.poll()
    (tmp_path / "m" / "2").rename(tmp_path / "m" / "_2")
    polled.poll()
    assert target.take()[-1] == ("m", [(1, "m/1")])


def test_duplicate_versions(
    tmp_path: Path, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    make(tmp_path, "m/1", "m/0001")
    polled = source(target, monitor(tmp_path, "m"))
    polled.poll()
    polled.poll()
    assert target.take() == [("m", [(1, "m/1")])] * 2
    assert caplog.text.count("Duplicate version directories detected") == 1


def test_multiple_servables(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "a/1", "b/2")
    source(target, monitor(tmp_path, "a"), monitor(tmp_path, "b")).poll()
    assert target.take() == [("a", [(1, "a/1")]), ("b", [(2, "b/2")])]


def test_change_set_of_servables(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "a/1", "b/2", "c/3")
    polled = source(target, monitor(tmp_path, "a"), monitor(tmp_path, "b"))
    polled.poll()
    target.take()
    polled.set_servables([monitor(tmp_path, "b"), monitor(tmp_path, "c")])
    assert target.take() == [("a", [])]
    polled.poll()
    assert target.take() == [("b", [(2, "b/2")]), ("c", [(3, "c/3")])]


def test_change_version_policy(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/1", "m/2")
    polled = source(target, monitor(tmp_path, "m"))
    polled.poll()
    polled.set_servables([monitor(tmp_path, "m", All())])
    polled.poll()
    assert target.take() == [("m", [(2, "m/2")]), ("m", [(1, "m/1"), (2, "m/2")])]


def test_change_of_base_path_changes_where_a_version_comes_from(
    tmp_path: Path, target: Target
) -> None:
    make(tmp_path, "a/1", "b/1")
    polled = source(target, ServableToMonitor("m", str(tmp_path / "a")))
    polled.poll()
    polled.set_servables([ServableToMonitor("m", str(tmp_path / "b"))])
    polled.poll()
    assert target.take() == [("m", [(1, "a/1")]), ("m", [(1, "b/1")])]


def test_slash_at_the_end_of_the_base_path_is_no_change(tmp_path: Path) -> None:
    make(tmp_path, "m/1")
    paths = set()
    for base_path in (str(tmp_path / "m"), str(tmp_path / "m") + "/"):
        polled = FileSystemSource([ServableToMonitor("m", base_path)])
        versions = polled.poll()["m"].versions
        assert versions
        paths.add(versions[0].data)
    assert len(paths) == 1


def test_one_name_twice_is_refused_and_changes_nothing(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/1")
    polled = source(target, monitor(tmp_path, "m"))
    with pytest.raises(InvalidArgument, match="m is to be monitored twice"):
        polled.set_servables([monitor(tmp_path, "m"), monitor(tmp_path, "m", All())])
    assert polled.servables == (monitor(tmp_path, "m"),)
    assert target.take() == []


@pytest.mark.parametrize("always_present", [False, True])
def test_last_version_not_removed(
    tmp_path: Path, target: Target, caplog: pytest.LogCaptureFixture, always_present: bool
) -> None:
    make(tmp_path, "m/1")
    polled = FileSystemSource(
        [monitor(tmp_path, "m")], servable_versions_always_present=always_present
    )
    polled.set_aspired_versions_callback(target)
    polled.poll()
    (tmp_path / "m" / "1").rmdir()
    polled.poll()
    refusal = "Refusing to unload all versions for Servable: m"
    assert (refusal in caplog.text) is always_present
    assert target.take()[1:] == ([] if always_present else [("m", [])])


def test_no_versions_at_startup(tmp_path: Path) -> None:
    make(tmp_path, "m/notes")
    for servable in (monitor(tmp_path, "m"), monitor(tmp_path, "absent")):
        with pytest.raises(NotFound) as raised:
            FileSystemSource([servable], fail_if_zero_versions_at_startup=True)
        assert str(raised.value) == (
            "Unable to find a numerical version path for servable "
            f"{servable.name} at: {servable.base_path}"
        )


def test_versions_at_startup(tmp_path: Path) -> None:
    make(tmp_path, "m/1")
    made = FileSystemSource([monitor(tmp_path, "m")], fail_if_zero_versions_at_startup=True)
    assert made.servables == (monitor(tmp_path, "m"),)


def test_missing_base_path_concerns_its_own_servable_only(
    tmp_path: Path, target: Target
) -> None:
    make(tmp_path, "a/1", "c/1")
    servables = [monitor(tmp_path, name) for name in ("a", "b", "c")]
    found = source(target, *servables).poll()
    assert target.take() == [("a", [(1, "a/1")]), ("c", [(1, "c/1")])]
    assert found["b"].versions is None
    assert found["a"].waiting_for is None


def test_missing_base_path_text(
    tmp_path: Path, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    polled = source(target, monitor(tmp_path, "m"))
    found = polled.poll()
    path = tmp_path / "m"
    reason = (
        f"Could not find base path {path} for servable m with error NOT_FOUND: {path} not found"
    )
    assert found["m"].waiting_for == reason
    assert polled.waiting() == {"m": reason}
    assert caplog.records[0].getMessage() == (
        f"FileSystemStoragePathSource encountered a filesystem access error: {reason}"
    )


def test_base_path_that_vanishes_keeps_what_is_loaded(tmp_path: Path, target: Target) -> None:
    make(tmp_path, "m/1")
    polled = source(target, monitor(tmp_path, "m"))
    polled.poll()
    target.take()
    shutil.rmtree(tmp_path / "m")
    polled.poll()
    assert target.take() == []
    assert "m" in polled.waiting()
    make(tmp_path, "m/2")
    polled.poll()
    assert target.take() == [("m", [(2, "m/2")])]
    assert polled.waiting() == {}


def test_base_path_that_is_a_file(tmp_path: Path, target: Target) -> None:
    (tmp_path / "m").write_text("not a directory")
    found = source(target, monitor(tmp_path, "m")).poll()
    assert found["m"].versions is None
    assert "FAILED_PRECONDITION" in (found["m"].waiting_for or "")


class Unreadable:
    """A file system without permissions; real ones let the root user in."""

    def children(self, path: str) -> Sequence[str]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def test_unreadable_base_path() -> None:
    polled = FileSystemSource([ServableToMonitor("m", "/m")], file_system=Unreadable())
    assert polled.poll()["m"].waiting_for == (
        "Could not find base path /m for servable m with error "
        "PERMISSION_DENIED: /m; Permission denied"
    )


def test_no_version_in_the_base_path(
    tmp_path: Path, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    make(tmp_path, "m/x")
    polled = source(target, monitor(tmp_path, "m"))
    polled.poll()
    text = (
        f"No versions of servable m found under base path {tmp_path / 'm'}. "
        "Did you forget to name your leaf directory as a number (eg. '/1/')?"
    )
    assert target.take() == [("m", [])]
    assert polled.waiting() == {"m": text}
    assert caplog.records[0].getMessage() == text


def levels(caplog: pytest.LogCaptureFixture) -> list[int]:
    return [record.levelno for record in caplog.records]


def test_problem_that_stays_does_not_flood_the_log(
    tmp_path: Path, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    polled = source(target, monitor(tmp_path, "m"))
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            polled.poll()
        make(tmp_path, "m/1")
        polled.poll()
        polled.poll()
    assert levels(caplog) == [logging.WARNING, logging.DEBUG, logging.DEBUG, logging.INFO]


def test_while_nothing_serves_every_poll_says_what_it_waits_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nothing_serves = True
    polled = FileSystemSource([monitor(tmp_path, "m")], nothing_serves=lambda: nothing_serves)
    with caplog.at_level(logging.DEBUG):
        polled.poll()
        polled.poll()
        nothing_serves = False
        polled.poll()
    assert levels(caplog) == [logging.WARNING, logging.WARNING, logging.DEBUG]


@pytest.mark.parametrize("file_name", ["saved_model.pb", "saved_model.pbtxt"])
def test_saved_model_right_in_the_base_path_is_version_1(
    tmp_path: Path, target: Target, caplog: pytest.LogCaptureFixture, file_name: str
) -> None:
    make(tmp_path, "m/variables")
    (tmp_path / "m" / file_name).touch()
    polled = source(target, monitor(tmp_path, "m"))
    with caplog.at_level(logging.INFO):
        polled.poll()
        polled.poll()
    assert target.take() == [("m", [(1, "m")])] * 2
    assert caplog.text.count("it is served as version 1") == 1
    assert polled.waiting() == {}


def test_version_directory_goes_before_a_saved_model_beside_it(
    tmp_path: Path, target: Target
) -> None:
    make(tmp_path, "m/1")
    (tmp_path / "m" / "saved_model.pb").touch()
    source(target, monitor(tmp_path, "m")).poll()
    assert target.take() == [("m", [(1, "m/1")])]


def test_saved_model_right_in_the_base_path_is_not_another_specific_version(
    tmp_path: Path, target: Target
) -> None:
    make(tmp_path, "m")
    (tmp_path / "m" / "saved_model.pb").touch()
    source(target, monitor(tmp_path, "m", Specific((5,)))).poll()
    assert target.take() == [("m", [])]


class HeldFileSystem:
    """Lists ``1``, once it is let."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.gate = threading.Event()

    def children(self, path: str) -> Sequence[str]:
        self.entered.set()
        assert self.gate.wait(30)
        return ["1"]


def test_servable_removed_during_a_poll_is_not_aspired_again() -> None:
    held = HeldFileSystem()
    seen: list[tuple[str, list[ServableId]]] = []
    polled = FileSystemSource(
        [ServableToMonitor("a", "/a"), ServableToMonitor("b", "/b")], file_system=held
    )
    polled.set_aspired_versions_callback(
        lambda name, versions: seen.append((name, [item.id for item in versions]))
    )
    thread = threading.Thread(target=polled.poll)
    thread.start()
    assert held.entered.wait(30)
    polled.set_servables([ServableToMonitor("b", "/b")])
    held.gate.set()
    thread.join(30)
    assert seen == [("a", []), ("b", [ServableId("b", 1)])]


def test_without_a_callback_a_poll_only_tells(tmp_path: Path) -> None:
    make(tmp_path, "m/1")
    found = FileSystemSource([monitor(tmp_path, "m")]).poll()
    assert found["m"].versions is not None
    assert [item.id for item in found["m"].versions] == [ServableId("m", 1)]
