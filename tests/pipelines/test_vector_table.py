"""Tables of vectors: written and read again, and what is refused."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipelines.small_pipeline import write_pipeline
from tfs_notebook.pipelines import vector_table, vocabulary
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.text_description import TableFiles
from tfs_notebook.pipelines.vector_table import VectorTable, read_table, write_table
from tfs_notebook.wire.errors import DataLoss

NAMES = TableFiles("words.txt", "words.npy")
THREE = np.array([[1, 2], [3, 4], [5, 6]], np.float32)


@given(
    entries=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1),
        unique=True,
        max_size=8,
    ),
    dtype=st.sampled_from([np.float16, np.float32]),
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, entries: list[str], dtype: type[np.floating]
) -> None:
    directory = tmp_path_factory.mktemp("table")
    values = np.arange(len(entries) * 3).reshape(-1, 3).astype(dtype)
    write_table(directory, NAMES, VectorTable(entries, values))
    read = read_table(directory, NAMES, 3)
    assert list(read.rows.items()) == list(zip(entries, range(len(entries)), strict=True))
    assert read.values.dtype == dtype
    assert np.array_equal(read.values, values)
    assert read.longest == max(map(len, entries), default=0)


@pytest.mark.parametrize("entry", ["", "two\nlines"])
def test_an_entry_that_a_line_cannot_hold_is_not_written(tmp_path: Path, entry: str) -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        write_table(tmp_path, NAMES, VectorTable(["a", entry], THREE[:2]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a\n\nb\n", "an empty line: line 2"),
        (b"a\nb\nc\n\n", "an empty line: line 4"),
        (b"a\nb\na\n", "an entry twice: 'a'"),
        (b"a\n\xff\nc\n", "cannot be read"),
        (b"a\nb\n", r"\[3, 2\].* 2 entries .*must be \[2, 2\]"),
        (b"", "0 entries"),
    ],
)
def test_a_vocabulary_that_does_not_fit_is_refused(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    write_table(tmp_path, NAMES, VectorTable("abc", THREE))
    (tmp_path / "words.txt").write_bytes(content)
    with pytest.raises(DataLoss, match=reason):
        read_table(tmp_path, NAMES, 2)


def test_a_vocabulary_without_an_end_of_line_is_read(tmp_path: Path) -> None:
    write_table(tmp_path, NAMES, VectorTable("abc", THREE))
    (tmp_path / "words.txt").write_bytes(b"a\nb\r\nc")
    assert list(read_table(tmp_path, NAMES, 2).rows) == ["a", "b\r", "c"]


def test_a_vocabulary_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "_MAXIMUM_VOCABULARY_BYTES", 5)
    write_table(tmp_path, NAMES, VectorTable("abc", THREE))
    with pytest.raises(DataLoss, match="6 bytes; a vocabulary has 5 at most"):
        read_table(tmp_path, NAMES, 2)


class _Executed:
    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return pytest.fail, ("a pickle was executed",)


def _npy(array: np.ndarray, **options: bool) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def _npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, THREE)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pickle.dumps(_Executed()), "cannot be read as a .npy array"),
        (_npy(np.array([_Executed()] * 3, object), allow_pickle=True), "cannot be read"),
        (b"", "cannot be read as a .npy array"),
        (b"\x93NUMPY\x01\x00", "cannot be read as a .npy array"),
        (_npy(THREE)[:-4], "cannot be read as a .npy array"),
        (_npz(), "cannot be read as a .npy array"),
        (_npy(THREE.astype(np.float64)), "float64; vectors are float16 or float32"),
        (_npy(THREE.astype(np.int32)), "int32; vectors are"),
        (_npy(THREE.astype("U5")), "<U5; vectors are"),
        (_npy(THREE.ravel()), r"shape \[6\]"),
        (_npy(THREE.T), r"shape \[2, 3\]"),
        (_npy(np.array([[1, 2], [3, np.inf], [5, 6]], np.float32)), "not numbers"),
        (_npy(np.array([[1, 2], [3, 4], [5, -3e38]], np.float32)), "not numbers up to 60000"),
        (_npy(np.array([[1, 2], [3, np.nan], [5, 6]], np.float16)), "not numbers"),
        (_npy(np.array([[1, 2], [3, np.inf], [5, 6]], np.float16)), "not numbers"),
    ],
)
@pytest.mark.parametrize("copied", [True, False])
def test_vectors_that_are_not_plain_numbers_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, reason: str, copied: bool
) -> None:
    if not copied:
        monkeypatch.setattr(vector_table, "_LARGEST_COPIED_BYTES", -1)
    write_table(tmp_path, NAMES, VectorTable("abc", THREE))
    (tmp_path / "words.npy").write_bytes(content)
    with pytest.raises(DataLoss, match=reason) as raised:
        read_table(tmp_path, NAMES, 2)
    assert str(tmp_path / "words.npy") in raised.value.message


def test_only_large_vectors_are_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_table(tmp_path, NAMES, VectorTable("abc", THREE))
    assert not isinstance(read_table(tmp_path, NAMES, 2).values, np.memmap)
    monkeypatch.setattr(vector_table, "_LARGEST_COPIED_BYTES", 100)
    mapped = read_table(tmp_path, NAMES, 2).values
    assert isinstance(mapped, np.memmap)
    assert not mapped.flags.writeable
    assert np.array_equal(mapped, THREE)


@pytest.mark.parametrize("missing", ["words.txt", "words.npy"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    path = write_pipeline(tmp_path).parent / missing
    path.unlink()
    with pytest.raises(DataLoss, match="cannot be read") as raised:
        load_pipeline(tmp_path)
    assert str(path) in raised.value.message
