"""What goes wrong with one servable of a source is no matter for the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from tfs_notebook.lifecycle.file_system import FileEntry, LocalFileSystem
from tfs_notebook.lifecycle.servable import ServableData
from tfs_notebook.lifecycle.source import FileSystemSource, ServableToMonitor
from tfs_notebook.lifecycle.url_file_system import UrlFileSystem
from tfs_notebook.wire.errors import PermissionDenied


class Target:
    """Takes what is aspired, save from those it is told to fail for."""

    def __init__(self, **failures: Exception) -> None:
        self.failures = failures
        self.taken: dict[str, list[int]] = {}

    def __call__(self, name: str, versions: Sequence[ServableData[str]]) -> None:
        if name in self.failures:
            raise self.failures[name]
        self.taken[name] = [item.id.version for item in versions]


class BrokenFor:
    """A file system with a defect that shows with one path."""

    def __init__(self, path: str) -> None:
        self.path = path

    def children(self, path: str) -> Sequence[str]:
        if path == self.path:
            raise ZeroDivisionError("a defect")
        return ["1"]


def watched(*names: str) -> list[ServableToMonitor]:
    return [ServableToMonitor(name, f"/{name}") for name in names]


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_callback_that_fails_for_one_servable(caplog: pytest.LogCaptureFixture) -> None:
    target = Target(b=OSError(28, "No space left on device"))
    source = FileSystemSource(watched("a", "b", "c"), file_system=BrokenFor("/none"))
    source.set_aspired_versions_callback(target)
    found = source.poll()
    assert target.taken == {"a": [1], "c": [1]}
    reason = (
        "The versions of servable b under base path /b could not be handed on to be loaded: "
        "OSError: [Errno 28] No space left on device. The next poll tries again"
    )
    assert source.waiting() == {"b": reason}
    assert (found["b"].versions, found["b"].waiting_for) == (None, reason)
    [record] = errors(caplog)
    assert record.getMessage() == reason
    assert record.exc_info is not None


def test_callback_that_recovers(caplog: pytest.LogCaptureFixture) -> None:
    target = Target(a=PermissionDenied("not yours"))
    source = FileSystemSource(watched("a"), file_system=BrokenFor("/none"))
    source.set_aspired_versions_callback(target)
    with caplog.at_level(logging.INFO):
        source.poll()
        source.poll()
        assert "PERMISSION_DENIED: not yours" in source.waiting()["a"]
        assert len(errors(caplog)) == 1
        target.failures.clear()
        source.poll()
        source.poll()
    assert (target.taken, source.waiting()) == ({"a": [1]}, {})
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_callback_that_fails_for_one_without_versions_keeps_the_reason_that_is_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = FileSystemSource([ServableToMonitor("m", str(tmp_path))])
    source.set_aspired_versions_callback(Target(m=ValueError("a defect")))
    assert "No versions of servable m found" in (source.poll()["m"].waiting_for or "")
    assert "No versions of servable m found" in source.waiting()["m"]
    source.poll()
    assert len(errors(caplog)) == 2


def test_file_system_that_fails_for_one_servable(caplog: pytest.LogCaptureFixture) -> None:
    target = Target()
    source = FileSystemSource(watched("a", "b"), file_system=BrokenFor("/a"))
    source.set_aspired_versions_callback(target)
    found = source.poll()
    assert target.taken == {"b": [1]}
    assert found["a"].versions is None
    assert source.waiting() == {
        "a": (
            "Could not look for versions of servable a under base path /a: "
            "ZeroDivisionError: a defect. The next poll tries again"
        )
    }
    [record] = errors(caplog)
    assert record.exc_info is not None


def test_callback_that_fails_for_one_that_is_removed(caplog: pytest.LogCaptureFixture) -> None:
    target = Target(a=ValueError("a defect"))
    source = FileSystemSource(watched("a", "b"))
    source.set_aspired_versions_callback(target)
    source.set_servables([])
    assert target.taken == {"b": []}
    assert (source.servables, source.waiting()) == ((), {})
    assert "servable a" in caplog.text
    assert "a defect" in caplog.text


@pytest.mark.parametrize("path", ["/m\0odel", "/\ud800"])
def test_base_path_that_can_be_no_path(path: str) -> None:
    target = Target()
    source = FileSystemSource(
        [ServableToMonitor("a", path), *watched("b")], file_system=UrlFileSystem()
    )
    source.set_aspired_versions_callback(target)
    reason = source.poll()["a"].waiting_for or ""
    assert reason.startswith(
        f"Could not find base path {path} for servable a with error UNKNOWN"
    )
    assert set(source.waiting()) == {"a", "b"}


@pytest.mark.parametrize("path", ["/m\0odel", "/\ud800"])
def test_file_system_tells_of_a_path_that_can_be_none_as_the_system_would(path: str) -> None:
    files = LocalFileSystem()
    with pytest.raises(OSError, match="can be no path"):
        files.children(path)
    with pytest.raises(OSError, match="can be no path"):
        list(files.files(path))
    with pytest.raises(OSError, match="can be no path"):
        files.open(path, FileEntry("x", 1))
