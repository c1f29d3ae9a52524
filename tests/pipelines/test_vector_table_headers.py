"""A ``.npy`` file whose header promises what the file does not hold."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from tfs_notebook.pipelines.text_description import TableFiles
from tfs_notebook.pipelines.vector_table import VectorTable, read_table, write_table
from tfs_notebook.wire.errors import DataLoss

NAMES = TableFiles("words.txt", "words.npy")
VALUES = np.arange(6, dtype=np.float32).reshape(3, 2)


def _claiming(shape: tuple[int, ...], *, dtype: str = "<f4", data: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue() + data


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_claiming((10**9, 300)), r"shape \[1000000000, 300\]"),
        (_claiming((2**62, 2**62)), "shape"),
        (_claiming((-3, 2)), "shape"),
        (_claiming((10**9,), dtype="|O"), "object; vectors are"),
        (_claiming((10**9, 2), dtype="<U1000000"), "vectors are float16 or float32"),
        (b"\x93NUMPY\x03\x00" + _claiming((3, 2))[8:], r"version \(3, 0\)"),
        (_claiming((3, 2), data=b"\0" * 23), "23 bytes of values instead of 24"),
        (_claiming((3, 2), data=b"\0" * 25), "25 bytes of values instead of 24"),
    ],
    ids=["large", "uncountable", "negative", "objects", "wide", "version", "short", "long"],
)
def test_it_is_refused_before_it_is_read(tmp_path: Path, content: bytes, reason: str) -> None:
    write_table(tmp_path, NAMES, VectorTable("abc", VALUES))
    (tmp_path / "words.npy").write_bytes(content)
    with pytest.raises(DataLoss, match=reason) as raised:
        read_table(tmp_path, NAMES, 2)
    assert str(tmp_path / "words.npy") in raised.value.message


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_form_of_a_header_for_numbers_is_read(
    tmp_path: Path, version: tuple[int, int], order: str
) -> None:
    write_table(tmp_path, NAMES, VectorTable("abc", VALUES))
    with (tmp_path / "words.npy").open("wb") as file:
        np.lib.format.write_array(file, np.asarray(VALUES, order=order), version)  # type: ignore[call-overload]
    assert np.array_equal(read_table(tmp_path, NAMES, 2).values, VALUES)
