"""The files of a request log."""

from __future__ import annotations

import io
import re
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.python_process import output_of
from tfs_notebook.serving.request_logs.log_files import LogFiles, LogLimits
from tfs_notebook.wire.tfrecord import encode_record, read_records

NO_LIMITS = LogLimits(10**9, 10**9, 0)


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def records(*numbers: int) -> list[bytes]:
    """Of 26 bytes each."""
    return [encode_record(b"%010d" % number) for number in numbers]


def content(path: Path) -> list[int]:
    return [int(data) for data in read_records(io.BytesIO(path.read_bytes()))]


def contents(directory: Path, prefix: str = "x") -> list[list[int]]:
    return [content(path) for path in sorted(directory.glob(f"{prefix}.*"))]


def write(files: LogFiles, *numbers: int) -> None:
    assert files.write(records(*numbers)) == (len(numbers), None)


def test_a_file_is_private_and_named_for_its_time_and_server(tmp_path: Path) -> None:
    files = LogFiles(tmp_path, "x", "0a1b2c3d", NO_LIMITS)
    assert list(tmp_path.iterdir()) == []
    write(files, 1, 2)
    write(files, 3)
    [path] = tmp_path.iterdir()
    assert re.fullmatch(r"x\.\d{8}T\d{6}Z\.0a1b2c3d\.000001\.tfrecord", path.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # Nothing waits in a buffer.
    assert content(path) == [1, 2, 3]
    files.close()
    files.close()


def test_the_next_begins_when_one_is_full(tmp_path: Path) -> None:
    files = LogFiles(tmp_path, "x", "0a1b2c3d", LogLimits(60, 10**9, 0))
    write(files, 1, 2, 3, 4, 5)
    write(files, 6)
    files.close()
    assert contents(tmp_path) == [[1, 2], [3, 4], [5, 6]]


@given(st.lists(st.lists(st.binary(max_size=60), max_size=6), max_size=8), st.integers(1, 200))
def test_all_of_it_is_there_in_its_order(pieces: list[list[bytes]], most: int) -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        files = LogFiles(directory, "x", "0a1b2c3d", LogLimits(most, 10**9, 0))
        for piece in pieces:
            assert files.write([encode_record(data) for data in piece]) == (len(piece), None)
        files.close()
        found = []
        for path in sorted(directory.iterdir()):
            inside = list(read_records(io.BytesIO(path.read_bytes())))
            assert len(inside) == 1 or path.stat().st_size <= most
            found += inside
    assert found == [data for piece in pieces for data in piece]


def test_a_record_that_is_larger_has_a_file_of_its_own(tmp_path: Path) -> None:
    files = LogFiles(tmp_path, "x", "0a1b2c3d", LogLimits(1, 10**9, 0))
    write(files, 1, 2)
    files.close()
    assert contents(tmp_path) == [[1], [2]]


def test_the_next_begins_when_one_is_old(tmp_path: Path) -> None:
    clock = Clock()
    files = LogFiles(tmp_path, "x", "0a1b2c3d", LogLimits(10**9, 60, 0), clock)
    ends = [files.ends]
    write(files, 1)
    ends.append(files.ends)
    clock.now = 59
    files.close_if_old()
    write(files, 2)
    clock.now = 60
    files.close_if_old()
    ends.append(files.ends)
    assert ends == [None, 60, None]
    write(files, 3)
    files.close()
    assert contents(tmp_path) == [[1, 2], [3]]


def test_the_oldest_of_its_own_go(tmp_path: Path) -> None:
    stamp = "20200101T000000Z"
    others = [
        f"x.{stamp}.ffffffff.000001.tfrecord",  # another server's
        f"x.y.{stamp}.0a1b2c3d.000001.tfrecord",  # of another prefix
        f"x.{stamp}.0a1b2c3d.000001.tfrecord.gz",  # somebody's copy
        "x",
    ]
    earlier = f"x.{stamp}.0a1b2c3d.000007.tfrecord"  # of an earlier run
    for name in (*others, earlier):
        (tmp_path / name).touch()
    files = LogFiles(tmp_path, "x", "0a1b2c3d", LogLimits(1, 10**9, 2))
    write(files, 1)
    assert (tmp_path / earlier).exists()
    write(files, 2, 3)
    files.close()
    left = {path.name for path in tmp_path.iterdir()}
    assert left >= set(others)
    assert earlier not in left
    own = [content(tmp_path / name) for name in sorted(left - set(others))]
    assert own == [[2], [3]]


def test_no_file_that_is_there_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.gmtime", lambda: (2026, 1, 2, 3, 4, 5, 0, 1, 0))
    name = "x.20260102T030405Z.0a1b2c3d.{:06d}.tfrecord"
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / name.format(1)).symlink_to(target)
    (tmp_path / name.format(2)).symlink_to(tmp_path / "nowhere")
    first = LogFiles(tmp_path, "x", "0a1b2c3d", NO_LIMITS)
    second = LogFiles(tmp_path, "x", "0a1b2c3d", NO_LIMITS)
    write(first, 1)
    write(second, 2)
    write(first, 3)
    assert content(tmp_path / name.format(3)) == [1, 3]
    assert content(tmp_path / name.format(4)) == [2]
    assert target.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()
    first.close()
    second.close()


def test_a_directory_that_is_gone(tmp_path: Path) -> None:
    directory = tmp_path / "logs"
    files = LogFiles(directory, "x", "0a1b2c3d", NO_LIMITS)
    written, error = files.write(records(1))
    assert written == 0
    assert isinstance(error, FileNotFoundError)
    directory.mkdir()
    write(files, 2)
    files.close()
    assert contents(directory) == [[2]]


# A limit of the process on its files stands for a full disk.
_FULL_DISK = """
import resource, sys
from pathlib import Path
from tests.serving.request_logs.test_log_files import NO_LIMITS, records
from tfs_notebook.serving.request_logs.log_files import LogFiles

files = LogFiles(Path(sys.argv[1]), "x", "0a1b2c3d", NO_LIMITS)
assert files.write(records(1, 2)) == (2, None)
resource.setrlimit(resource.RLIMIT_FSIZE, (60, resource.RLIM_INFINITY))
# There is room for a few bytes of them.
written, error = files.write(records(3, 4))
assert written == 0 and isinstance(error, OSError), (written, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
assert files.write(records(5))[0] == 0
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
assert files.write(records(6)) == (1, None)
"""


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    output_of("-c", _FULL_DISK, tmp_path)
    # What was written of the third record was cut off, and the empty file was removed.
    assert contents(tmp_path) == [[1, 2], [6]]
