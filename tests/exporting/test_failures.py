"""Exports that fail on the disk, and how failures of libraries are told."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

import tfs_notebook
from tests.exporting.served import left_in
from tests.python_process import output_of
from tfs_notebook.exporting.keras_errors import disk_error, told
from tfs_notebook.wire.errors import InvalidArgument, Unknown

# Run with -B: what is imported later would be compiled into files that are cut off.
_CODE = """
import resource, signal, sys, tfs_notebook
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    tfs_notebook.export(sys.argv[1], sys.argv[2])
except Exception as error:
    print(type(error).__name__, error)
"""


def test_files_that_cannot_be_written(half_plus_two: Path, tmp_path: Path) -> None:
    said = output_of("-B", "-c", _CODE, half_plus_two, tmp_path / "m")
    assert said.startswith(f"Unknown cannot export to {tmp_path / 'm'}: File too large")
    assert left_in(tmp_path) == []


# Both in one process: tensorflow takes seconds to import.
_TENSORFLOW = """
import resource, signal, sys, tfs_notebook
from tests.exporting.keras_models import Scaled, mlp
made = [mlp(), Scaled()]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
for one in made:
    try:
        tfs_notebook.export(one, sys.argv[1])
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0])
"""


def test_files_that_tensorflow_cannot_write(tmp_path: Path) -> None:
    said = output_of("-B", "-c", _TENSORFLOW, tmp_path / "m").splitlines()
    told = f"Unknown cannot export to {tmp_path / 'm'}: File too large"
    assert [one.startswith(told) for one in said] == [True, True], said
    assert left_in(tmp_path) == []


def test_what_tensorflow_says_of_a_disk(tmp_path: Path) -> None:
    full = RuntimeError(f"{tmp_path}/variables/part; No space left on device [Op:SaveV2]")
    found = disk_error(full, tmp_path)
    assert found is not None
    assert found.errno == errno.ENOSPC
    assert disk_error(full, tmp_path / "other") is None
    assert disk_error(RuntimeError(f"{tmp_path} is odd"), tmp_path) is None


def test_links_that_lead_nowhere(half_plus_two: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "gone")
    with pytest.raises(Unknown, match=f"cannot export to {link}: the directory cannot be made"):
        tfs_notebook.export(half_plus_two, link)
    assert left_in(tmp_path) == ["link"]


def test_a_directory_that_cannot_be(half_plus_two: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidArgument, match=f"{tmp_path / 'file'} is a file"):
        tfs_notebook.export(half_plus_two, tmp_path / "file")


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        (ValueError("plain"), "plain"),
        (ValueError(), "ValueError"),
        (ValueError("\x1b[1mbold\x1b[0m"), "bold"),
        (ValueError("{{function_node x}} deep"), "deep"),
        (
            ValueError(
                "Exception encountered when calling GRU.call().\n\n\x1b[1mtoo few\x1b[0m\n\n"
                "Arguments received by GRU.call():\n  • x=tf.Tensor(…)"
            ),
            "too few",
        ),
        (ValueError("x" * 1000), "x" * 600 + " …"),
    ],
)
def test_what_libraries_say_is_cut_short(raised: Exception, text: str) -> None:
    assert told(raised) == text
