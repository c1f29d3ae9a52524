"""Where versions go, which numbers they get, and what is left when an export ends early."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfs_notebook
from tests.exporting.served import left_in
from tests.polling import poll_until
from tests.server_process import ROOT
from tfs_notebook.exporting import exchange
from tfs_notebook.exporting.base_path import checked_base_path, next_version
from tfs_notebook.exporting.unfinished import UnfinishedVersion
from tfs_notebook.exporting.version import ExportOptions, export_version
from tfs_notebook.lifecycle.servable import MAX_VERSION
from tfs_notebook.lifecycle.version_policy import All, choose_versions
from tfs_notebook.wire.errors import AlreadyExists, InvalidArgument, PermissionDenied, Unknown


def publish(base: Path, version: int | None = None, *, overwrite: bool = False) -> int:
    with UnfinishedVersion(base) as one:
        (one.path / "file").write_text("whole")
        number, path = one.publish(version, overwrite=overwrite)
    assert (path / "file").read_text() == "whole"
    return number


@pytest.mark.parametrize(
    ("names", "number"),
    [
        ([], 1),
        (["1", "2"], 3),
        (["7"], 8),
        (["0"], 1),
        (["1", "held-back", ".hidden", "-3", "1_0", "v9"], 2),
        (["0012"], 13),
        (["assets", "saved_model.pb"], 2),
    ],
)
def test_the_next_number(names: list[str], number: int, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    assert next_version(tmp_path) == number
    assert publish(tmp_path) == number
    assert left_in(tmp_path) == sorted([*names, str(number)])


def test_there_is_a_highest_number(tmp_path: Path) -> None:
    assert publish(tmp_path, MAX_VERSION) == MAX_VERSION
    with pytest.raises(InvalidArgument, match="above which there is none"):
        publish(tmp_path)
    assert left_in(tmp_path) == [str(MAX_VERSION)]


def test_a_version_is_replaced_at_once(tmp_path: Path) -> None:
    publish(tmp_path, 3)
    over = threading.Event()
    missing = []

    def watch() -> None:
        while not over.is_set():
            try:
                (tmp_path / "3" / "file").stat()
            except FileNotFoundError:
                missing.append(left_in(tmp_path))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        for _ in range(200):
            assert publish(tmp_path, 3, overwrite=True) == 3
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(before)
    assert missing == []
    assert left_in(tmp_path) == ["3"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_directory_is_replaced(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    base = tmp_path / "base"
    base.mkdir()
    if kind == "file":
        (base / "3").touch()
    else:
        (base / "3").symlink_to(target)
    assert publish(base, 3, overwrite=True) == 3
    assert left_in(base) == ["3"]
    assert left_in(target) == []


def test_where_names_cannot_be_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_renameat2", lambda: None)
    publish(tmp_path, 3)
    assert publish(tmp_path, 3, overwrite=True) == 3
    assert left_in(tmp_path) == ["3"]


def test_numbers_of_numpy(half_plus_two: Path, tmp_path: Path) -> None:
    record = tfs_notebook.export(half_plus_two, tmp_path / "m", version=np.int64(3))
    assert (record.version, type(record.version)) == (3, int)


@pytest.mark.parametrize("version", [-1, MAX_VERSION + 1, "1", True, 1.0])
def test_no_version(version: object, half_plus_two: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="a version is"):
        tfs_notebook.export(half_plus_two, tmp_path / "m", version=version)  # type: ignore[arg-type]


def test_a_version_is_not_taken_twice(tmp_path: Path) -> None:
    publish(tmp_path, 3)
    with pytest.raises(AlreadyExists, match="leave out version= for version 4"):
        publish(tmp_path, 3)
    assert publish(tmp_path, 3, overwrite=True) == 3
    (tmp_path / "4").write_text("a file")
    with pytest.raises(AlreadyExists):
        publish(tmp_path, 4)
    (tmp_path / "0005").mkdir()
    with pytest.raises(AlreadyExists):
        publish(tmp_path, 5)
    assert left_in(tmp_path) == ["0005", "3", "4"]


def test_paths_that_are_no_base_path(tmp_path: Path, half_plus_two: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidArgument, match="is a file; name the directory"):
        checked_base_path(tmp_path / "file")
    with pytest.raises(InvalidArgument, match="writes to directories of this machine"):
        checked_base_path("gs://bucket/model")
    wrong = rf"looks like one version; did you mean export\(model, '{tmp_path}', version=1\)"
    with pytest.raises(InvalidArgument, match=wrong):
        tfs_notebook.export(half_plus_two, tmp_path / "1")
    wrong_paths: list[Any] = [None, 3, "", "/m\0", b""]
    for path in wrong_paths:
        with pytest.raises(InvalidArgument, match="takes the directory that holds all"):
            tfs_notebook.export(half_plus_two, path)
    with pytest.raises(InvalidArgument, match=r"there is no user nobody\.here for ~nobody"):
        tfs_notebook.export(half_plus_two, "~nobody.here/m")
    with pytest.raises(Unknown, match=r"cannot export to .*: File name too long"):
        tfs_notebook.export(half_plus_two, tmp_path / ("x" * 300))
    # A model may have such a name all the same.
    publish(tmp_path / "2024")
    assert checked_base_path(tmp_path / "2024") == tmp_path / "2024"
    assert checked_base_path("~/m") == Path.home() / "m"


def test_two_exports_at_once(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)

    def export(_: int) -> int:
        with UnfinishedVersion(tmp_path / "new") as one:
            (one.path / "file").write_text("whole")
            barrier.wait()
            return one.publish(None, overwrite=False)[0]

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(export, range(8))) == list(range(1, 9))
    assert left_in(tmp_path / "new") == [str(number) for number in range(1, 9)]


def test_exports_that_come_to_nothing_are_not_in_the_way_of_others(tmp_path: Path) -> None:
    before = sys.getswitchinterval()
    # Each makes the base path, finds what others make there, and removes what is left.
    sys.setswitchinterval(1e-5)
    try:

        def give_up(_: int) -> None:
            with UnfinishedVersion(tmp_path / "new") as one:
                (one.path / "file").write_text("whole")

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(give_up, range(200))) == [None] * 200
    finally:
        sys.setswitchinterval(before)
    # Who made the base path may have left before the others.
    assert left_in(tmp_path) in ([], ["new"])
    assert list(tmp_path.glob("new/*")) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_an_early_end_leaves_nothing(error: type[BaseException], tmp_path: Path) -> None:
    base = tmp_path / "new" / "base"
    with pytest.raises(error), UnfinishedVersion(base) as one:  # noqa: PT012 - its end is meant
        (one.path / "file").touch()
        assert choose_versions(All(), left_in(base)).versions == ()
        raise error
    assert left_in(tmp_path) == []
    (base / "1").mkdir(parents=True)
    with pytest.raises(error), UnfinishedVersion(base):
        raise error
    assert left_in(base) == ["1"]


@pytest.mark.parametrize("step", ["writing", "comparing", "waiting"])
def test_an_interrupt_of_an_export(step: str, half_plus_two: Path, tmp_path: Path) -> None:
    seen = []

    def interrupt(text: str) -> None:
        seen.append(text)
        if text.startswith(step):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_version(half_plus_two, tmp_path / "m", ExportOptions(), interrupt)
    assert seen[-1].startswith(step)
    assert left_in(tmp_path) == []


def test_a_rename_that_fails_leaves_the_old_version(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with UnfinishedVersion(tmp_path) as one:
        one.path.rmdir()
        with pytest.raises(FileNotFoundError):
            one.publish(1, overwrite=True)
    assert (tmp_path / "1" / "file").read_text() == "whole"
    assert left_in(tmp_path) == ["1"]


def test_where_this_user_may_not_write(half_plus_two: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionDenied, match=f"cannot export to {tmp_path}"):
        tfs_notebook.export(half_plus_two, tmp_path / "m")


_KILLED = """
import sys, pathlib
from tfs_notebook.exporting.unfinished import UnfinishedVersion
with UnfinishedVersion(pathlib.Path(sys.argv[1])) as one:
    (one.path / "saved_model.pb").write_bytes(b"half")
    print(one.path, flush=True)
    sys.stdin.read()
"""


def test_a_kill_leaves_what_the_next_export_removes(tmp_path: Path) -> None:
    publish(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        assert left.is_dir()
        # It is being written to, so others leave it alone.
        assert publish(tmp_path) == 2
        assert left.is_dir()
    finally:
        process.kill()
        process.communicate()
    assert (left / "saved_model.pb").read_bytes() == b"half"
    assert choose_versions(All(), left_in(tmp_path)).versions == ((1, "1"), (2, "2"))
    assert publish(tmp_path) == 3
    assert left_in(tmp_path) == ["1", "2", "3"]


def test_what_others_call_alike_is_left(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    base = tmp_path / "base"
    base.mkdir()
    (base / ".exporting-1-link").symlink_to(target)
    (base / ".exporting-2-file").touch()
    publish(base)
    assert left_in(base) == [".exporting-1-link", ".exporting-2-file", "1"]
    assert target.is_dir()


def test_the_lock_is_let_go(tmp_path: Path) -> None:
    with UnfinishedVersion(tmp_path) as one:
        path = one.path
    path.mkdir()
    publish(tmp_path)
    poll_until(lambda: not path.exists(), "what was left is gone")
