"""Where copies are kept: safe from others, and without a change to what was there."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tfs_notebook.lifecycle.local_copies import LocalCopies
from tfs_notebook.lifecycle.process_folder import ProcessFolder, local_errors, why_unsafe
from tfs_notebook.lifecycle.url_file_system import UrlFileSystem
from tfs_notebook.wire.errors import (
    FailedPrecondition,
    PermissionDenied,
    ResourceExhausted,
    ServingError,
    Unavailable,
)

US, ROOT, THEM = 1000, 0, 1001


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("before", [0o755, 0o1777, 0o750])
def test_root_that_was_there_keeps_its_mode(tmp_path: Path, before: int) -> None:
    root = tmp_path / "shared"
    root.mkdir()
    root.chmod(before)
    with closing(ProcessFolder(root)) as folder:
        assert mode(root) == before
        assert folder.path.parent.parent == root
        assert mode(folder.path.parent) == mode(folder.path) == 0o700


def test_root_that_was_not_there_is_for_this_user_only(tmp_path: Path) -> None:
    with closing(ProcessFolder(tmp_path / "new" / "root")):
        assert mode(tmp_path / "new" / "root") == 0o700


def test_two_of_one_process_have_a_folder_each(tmp_path: Path) -> None:
    with closing(ProcessFolder(tmp_path)) as one, closing(ProcessFolder(tmp_path)) as other:
        assert one.path != other.path
        assert one.path.parent == other.path.parent


def facts(kind: int, permissions: int, owner: int) -> os.stat_result:
    return os.stat_result((kind | permissions, 0, 0, 1, owner, 0, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("permissions", "owner"),
    [(0o700, US), (0o755, US), (0o775, US), (0o1777, US), (0o1777, ROOT), (0o755, ROOT)],
)
def test_roots_where_nobody_can_exchange_what_is_ours(permissions: int, owner: int) -> None:
    assert why_unsafe(facts(stat.S_IFDIR, permissions, owner), US) is None


@pytest.mark.parametrize(
    ("permissions", "owner", "why"),
    [
        (0o777, US, "others may write to it"),
        (0o777, ROOT, "others may write to it"),
        (0o775, ROOT, "others may write to it"),
        (0o700, THEM, "it belongs to user 1001"),
        (0o1777, THEM, "it belongs to user 1001"),
    ],
)
def test_roots_where_others_can(permissions: int, owner: int, why: str) -> None:
    assert why in (why_unsafe(facts(stat.S_IFDIR, permissions, owner), US) or "")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFREG])
def test_root_that_is_no_directory(kind: int) -> None:
    assert "no directory" in (why_unsafe(facts(kind, 0o700, US), US) or "")


def test_root_that_everybody_may_write_to_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "open"
    root.mkdir()
    root.chmod(0o777)
    with pytest.raises(PermissionDenied, match=f"{root}.*others may write to it.*Name"):
        ProcessFolder(root)
    assert list(root.iterdir()) == []


def private(root: Path) -> Path:
    return root / f"tfs_notebook-copies-of-{os.geteuid()}"


def test_private_folder_that_others_can_enter_is_refused_and_left_as_it_is(
    tmp_path: Path,
) -> None:
    private(tmp_path).mkdir()
    private(tmp_path).chmod(0o755)
    with pytest.raises(PermissionDenied, match=r"mode 0700.*mode 0755"):
        ProcessFolder(tmp_path)
    assert mode(private(tmp_path)) == 0o755


def test_private_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    private(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionDenied, match="no link"):
        ProcessFolder(tmp_path)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_root_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    root = tmp_path / "file" / "copies"
    with pytest.raises(FailedPrecondition) as caught:
        LocalCopies(root, UrlFileSystem())
    assert caught.value.message == (
        f"Copies of remote models are to be kept in {root}, where {root} cannot be used: "
        "Not a directory. Name a directory that this user can write to"
    )


def test_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(FailedPrecondition, match="File exists"):
        ProcessFolder(tmp_path / "file")


def test_root_that_can_be_no_path() -> None:
    with pytest.raises(FailedPrecondition, match="Name a directory"):
        ProcessFolder(Path("/tmp/no\0path"))


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EACCES, PermissionDenied),
        (errno.EPERM, PermissionDenied),
        (errno.EROFS, FailedPrecondition),
        (errno.ENOENT, FailedPrecondition),
        (errno.ENOSPC, ResourceExhausted),
        (errno.EDQUOT, ResourceExhausted),
        (errno.EIO, Unavailable),
        (errno.EMFILE, Unavailable),
    ],
)
def test_what_the_system_says_has_a_code(number: int, kind: type[ServingError]) -> None:
    text = f"/c/x cannot be used: {os.strerror(number)}"
    with pytest.raises(kind, match=text), local_errors(Path("/c")):
        raise OSError(number, os.strerror(number), "/c/x")


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_looking_at_the_folders_of_others_keeps_no_file_open(tmp_path: Path) -> None:
    with closing(ProcessFolder(tmp_path)) as alive:
        (alive.path.parent / "copies-1-dead").mkdir()
        (alive.path.parent / "copies-1-dead" / "lock").touch()
        before = open_files()
        ProcessFolder(tmp_path).close()
        assert open_files() == before
        assert [path.name for path in alive.path.parent.glob("copies-*")] == [alive.path.name]
