"""Remote versions are copied to a private place, and nothing of them stays behind."""

from __future__ import annotations

import io
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import BinaryIO

import pytest

from tfs_notebook.lifecycle.file_system import FileEntry
from tfs_notebook.lifecycle.loader import SimpleLoader
from tfs_notebook.lifecycle.local_copies import CopyLimits, LocalCopies
from tfs_notebook.lifecycle.remote_loader import RemoteLoader
from tfs_notebook.lifecycle.servable import ServableRequest
from tfs_notebook.lifecycle.testing import ManagerBench
from tfs_notebook.wire.errors import (
    Cancelled,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    ServingError,
    Unavailable,
)

URL = "memory://m/1"


class Remote:
    """A store of a test's own: names and contents, and what happens on the way."""

    def __init__(self, **files: bytes) -> None:
        self.contents = {name.replace("__", "/"): content for name, content in files.items()}
        self.sizes: dict[str, int] = {}
        self.on_open: Callable[[str], None] = lambda name: None
        self.on_files: Callable[[], None] = lambda: None

    def children(self, path: str) -> Sequence[str]:
        return [path]

    def files(self, path: str) -> Iterator[FileEntry]:
        self.on_files()
        if not self.contents:
            raise FileNotFoundError(path)
        for name, content in self.contents.items():
            yield FileEntry(name, self.sizes.get(name, len(content)))

    def open(self, path: str, entry: FileEntry) -> AbstractContextManager[BinaryIO]:
        self.on_open(entry.path)
        return io.BytesIO(self.contents[entry.path])


@pytest.fixture
def remote() -> Remote:
    return Remote(saved_model=b"graph", variables__index=b"weights")


@pytest.fixture
def copies(tmp_path: Path, remote: Remote) -> Iterator[LocalCopies]:
    with closing(LocalCopies(tmp_path / "copies", remote)) as made:
        yield made


PRIVATE = f"tfs_notebook-copies-of-{os.geteuid()}"


def everything(root: Path) -> set[str]:
    """What lies in the private directory below a root."""
    private = root / PRIVATE
    paths = (path for path in private.rglob("*") if path.name != "lock")
    return {str(path.relative_to(private)) for path in paths}


def read(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_copy_has_all_files_and_nobody_else_can_read_it(
    copies: LocalCopies, tmp_path: Path
) -> None:
    copy = copies.fetch(URL)
    assert read(copy.path) == {"saved_model": b"graph", "variables/index": b"weights"}
    folders = [tmp_path / "copies", copy.path.parent, copy.path, copy.path / "variables"]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_closed_copy_is_gone(copies: LocalCopies) -> None:
    first, second = copies.fetch(URL), copies.fetch(URL)
    first.close()
    first.close()
    assert (first.path.exists(), second.path.exists()) == (False, True)


def test_copies_of_one_url_are_apart(copies: LocalCopies) -> None:
    assert copies.fetch(URL).path != copies.fetch(URL).path


def test_close_removes_everything(tmp_path: Path, remote: Remote) -> None:
    copies = LocalCopies(tmp_path, remote)
    copies.fetch(URL)
    copies.close()
    copies.close()
    assert everything(tmp_path) == set()
    with pytest.raises(Cancelled):
        copies.fetch(URL)


@pytest.mark.parametrize(
    "name",
    ["../escape", "/etc/passwd", "a/../../b", "a//b", ".", "a\\b", "a\0b", "", "x/.."],
)
def test_names_never_lead_out(
    copies: LocalCopies, remote: Remote, tmp_path: Path, name: str
) -> None:
    remote.contents = {name: b"evil"}
    with pytest.raises(InvalidArgument, match="is refused"):
        copies.fetch(URL)
    assert everything(tmp_path / "copies") == {copies_folder(tmp_path).name}


def copies_folder(tmp_path: Path) -> Path:
    (folder,) = (path for path in (tmp_path / "copies" / PRIVATE).iterdir() if path.is_dir())
    return folder


def test_nothing_there(copies: LocalCopies, remote: Remote) -> None:
    remote.contents = {}
    with pytest.raises(NotFound, match="memory://m/1 not found"):
        copies.fetch(URL)


def test_directory_without_files(
    copies: LocalCopies, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "files", lambda path: iter(()))
    with pytest.raises(NotFound, match="has no files"):
        copies.fetch(URL)


def limited(tmp_path: Path, remote: Remote, limits: CopyLimits) -> LocalCopies:
    return LocalCopies(tmp_path / "limited", remote, limits)


def test_limit_of_bytes_counts_all_copies(tmp_path: Path, remote: Remote) -> None:
    with closing(limited(tmp_path, remote, CopyLimits(max_bytes=20))) as copies:
        first = copies.fetch(URL)
        with pytest.raises(
            ResourceExhausted,
            match="12 bytes; of the 20 bytes for copies of remote models, 8 are free",
        ):
            copies.fetch(URL)
        first.close()
        copies.fetch(URL)


def test_failed_copy_gives_back_its_share(tmp_path: Path, remote: Remote) -> None:
    def fail(name: str) -> None:
        raise OSError(5, "the network is down")

    with closing(limited(tmp_path, remote, CopyLimits(max_bytes=12))) as copies:
        remote.on_open = fail
        with pytest.raises(Unavailable, match="the network is down"):
            copies.fetch(URL)
        remote.on_open = lambda name: None
        copies.fetch(URL)


def test_limit_of_files(tmp_path: Path, remote: Remote) -> None:
    copies = limited(tmp_path, remote, CopyLimits(max_files=1))
    with closing(copies), pytest.raises(ResourceExhausted, match="2 files; at most 1"):
        copies.fetch(URL)


def test_larger_than_the_disk(copies: LocalCopies, remote: Remote) -> None:
    remote.sizes["saved_model"] = 2**60
    with pytest.raises(ResourceExhausted, match="the disk of"):
        copies.fetch(URL)


@pytest.mark.parametrize("told", [2, 100])
def test_file_of_another_size_than_told(
    copies: LocalCopies, remote: Remote, told: int, tmp_path: Path
) -> None:
    remote.sizes["saved_model"] = told
    with pytest.raises(Unavailable, match="saved_model has changed while it was copied"):
        copies.fetch(URL)
    assert everything(tmp_path / "copies") == {copies_folder(tmp_path).name}


def test_upload_under_way_is_noticed(copies: LocalCopies, remote: Remote) -> None:
    def upload(name: str) -> None:
        remote.contents["late"] = b"more"

    remote.on_open = upload
    with pytest.raises(Unavailable, match="has changed while it was copied"):
        copies.fetch(URL)
    assert set(read(copies.fetch(URL).path)) == {"late", "saved_model", "variables/index"}


def test_files_that_cannot_lie_beside_each_other_here(
    copies: LocalCopies, remote: Remote, tmp_path: Path
) -> None:
    remote.contents = {"a": b"a file", "a/b": b"and a directory"}
    with pytest.raises(FailedPrecondition, match="a cannot be used: File exists"):
        copies.fetch(URL)
    assert everything(tmp_path / "copies") == {copies_folder(tmp_path).name}


def test_name_that_no_file_here_can_have(copies: LocalCopies, remote: Remote) -> None:
    remote.contents = {"a\ud800/b": b"x"}
    with pytest.raises(FailedPrecondition, match="cannot be used"):
        copies.fetch(URL)


def test_folder_that_somebody_has_removed(copies: LocalCopies, tmp_path: Path) -> None:
    shutil.rmtree(copies_folder(tmp_path))
    with pytest.raises(FailedPrecondition, match="No such file or directory"):
        copies.fetch(URL)


def test_unreadable_listing(copies: LocalCopies, remote: Remote) -> None:
    def refuse() -> None:
        raise PermissionError(13, "Access denied")

    remote.on_files = refuse
    with pytest.raises(Unavailable, match="PERMISSION_DENIED"):
        copies.fetch(URL)


def test_close_stops_a_copy_that_is_under_way(tmp_path: Path, remote: Remote) -> None:
    copies = LocalCopies(tmp_path, remote)
    entered, gate = threading.Event(), threading.Event()
    errors: list[ServingError] = []

    def hold(name: str) -> None:
        entered.set()
        assert gate.wait(30)

    def fetch() -> None:
        try:
            copies.fetch(URL)
        except ServingError as exc:
            errors.append(exc)

    remote.on_open = hold
    thread = threading.Thread(target=fetch)
    thread.start()
    assert entered.wait(30)
    copies.close()
    gate.set()
    thread.join(30)
    assert isinstance(errors[0], Cancelled)
    assert everything(tmp_path) == set()


def test_root_that_is_a_link_is_refused(tmp_path: Path, remote: Remote) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionDenied):
        LocalCopies(tmp_path / "link", remote)


def test_live_neighbours_are_left_alone(tmp_path: Path, remote: Remote) -> None:
    with closing(LocalCopies(tmp_path, remote)) as first:
        copy = first.fetch(URL)
        with closing(LocalCopies(tmp_path, remote)):
            assert copy.path.exists()


def test_what_is_not_ours_is_left_alone(tmp_path: Path, remote: Remote) -> None:
    (tmp_path / PRIVATE).mkdir(mode=0o700)
    (tmp_path / "copies-12-abc").mkdir()
    (tmp_path / PRIVATE / "2024-notes").mkdir()
    (tmp_path / PRIVATE / "copies-file").write_text("mine")
    (tmp_path / PRIVATE / "copies-link").symlink_to(tmp_path / "copies-12-abc")
    with closing(LocalCopies(tmp_path, remote)):
        pass
    assert everything(tmp_path) == {"2024-notes", "copies-file", "copies-link"}
    assert (tmp_path / "copies-12-abc").exists()


def test_directory_without_a_lock_is_removed(tmp_path: Path, remote: Remote) -> None:
    left = tmp_path / PRIVATE / "copies-12-abc"
    left.mkdir(parents=True)
    left.parent.chmod(0o700)
    with closing(LocalCopies(tmp_path, remote)):
        assert not left.exists()


def test_killed_process_leaves_nothing_after_the_next_start(
    tmp_path: Path, remote: Remote
) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tfs_notebook.lifecycle import LocalCopies, UrlFileSystem\n"
        "files = UrlFileSystem()\n"
        "copies = LocalCopies(Path(sys.argv[1]), files)\n"
        "print(copies.fetch(sys.argv[2]).path, flush=True)\n"
        "sys.stdin.read()\n"
    )
    model = tmp_path / "model"
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"graph")
    root = tmp_path / "copies"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(root), str(model)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        orphan = Path(process.stdout.readline().strip())
        with closing(LocalCopies(root, remote)):
            assert read(orphan) == {"saved_model.pb": b"graph"}
        os.kill(process.pid, signal.SIGKILL)
    assert orphan.exists()
    with closing(LocalCopies(root, remote)):
        assert not orphan.parent.exists()


# -- the loader ----------------------------------------------------------------


def reader(path: str) -> SimpleLoader[str]:
    return SimpleLoader(lambda: (Path(path) / "saved_model").read_text(), origin=path)


def test_remote_loader_loads_from_the_copy_and_removes_it_after_the_unload(
    copies: LocalCopies, tmp_path: Path
) -> None:
    loader = RemoteLoader(URL, copies, reader)
    with pytest.raises(FailedPrecondition):
        _ = loader.servable
    loader.load()
    assert (loader.servable, loader.origin) == ("graph", URL)
    assert len(list(copies_folder(tmp_path).glob("[0-9]*"))) == 1
    loader.unload()
    assert list(copies_folder(tmp_path).glob("[0-9]*")) == []


def test_remote_loader_that_fails_keeps_no_copy_and_may_try_again(
    copies: LocalCopies, tmp_path: Path
) -> None:
    failures = [Unavailable("not yet")]

    def create() -> str:
        if failures:
            raise failures.pop()
        return "model"

    loader = RemoteLoader(URL, copies, lambda path: SimpleLoader(create))
    with pytest.raises(Unavailable, match="not yet"):
        loader.load()
    assert list(copies_folder(tmp_path).glob("[0-9]*")) == []
    loader.load()
    assert loader.servable == "model"
    loader.unload()


def test_remote_loader_estimates_by_the_remote_files_then_as_its_loader_says(
    copies: LocalCopies,
) -> None:
    loader = RemoteLoader(
        URL, copies, lambda path: SimpleLoader(lambda: "m", post_load_estimate=lambda: 3)
    )
    assert loader.estimate_resources() == 12 * 6 // 5
    loader.load()
    assert loader.estimate_resources() == 3
    loader.unload()


def test_remote_loader_whose_loader_knows_no_estimate_keeps_its_own(
    copies: LocalCopies,
) -> None:
    loader = RemoteLoader(URL, copies, reader)
    loader.load()
    assert loader.estimate_resources() == 12 * 6 // 5
    loader.unload()


def test_remote_version_through_the_manager(copies: LocalCopies, tmp_path: Path) -> None:
    bench = ManagerBench()
    bench.aspire("m", v1=RemoteLoader(URL, copies, reader))
    bench.settle()
    assert bench.served("m") == "graph"
    with bench.manager.handle(ServableRequest.latest("m")):
        bench.aspire("m")
        assert list(copies_folder(tmp_path).glob("[0-9]*"))
    bench.settle()
    assert list(copies_folder(tmp_path).glob("[0-9]*")) == []
