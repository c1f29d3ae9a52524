"""Exports that fail on the disk, and how failures of libraries are told."""

from __future__ import annotations

from pathlib import Path

import pytest

import tfs_notebook
from tests.exporting.served import left_in
from tests.python_process import output_of
from tfs_notebook.exporting.keras_errors import told
from tfs_notebook.wire.errors import InvalidArgument

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
    said = output_of("-c", _CODE, half_plus_two, tmp_path / "m")
    assert said.startswith(f"Unknown cannot export to {tmp_path / 'm'}: File too large")
    assert left_in(tmp_path) == []


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
