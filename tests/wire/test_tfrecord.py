"""TFRecord files: written and read back, by us and by TensorFlow, and damaged in every way."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_numbers import share_of
from tfs_notebook.wire.errors import DataLoss
from tfs_notebook.wire.tfrecord import encode_record, read_records

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf

RECORDS = st.lists(st.binary(max_size=200), max_size=5)


def read(data: bytes, **limits: int) -> list[bytes]:
    return list(read_records(io.BytesIO(data), **limits))


@given(RECORDS)
def test_what_is_written_is_read(records: list[bytes]) -> None:
    assert read(b"".join(map(encode_record, records))) == records


@given(RECORDS)
@settings(max_examples=share_of(20))
def test_the_bytes_are_those_of_tensorflow(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("records") / "file"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    assert path.read_bytes() == b"".join(map(encode_record, records))


def outcome_of_tensorflow(path: Path) -> tuple[list[bytes], str | None]:
    found: list[bytes] = []
    try:
        found.extend(record.numpy() for record in tf.data.TFRecordDataset(str(path)))
    except tf.errors.DataLossError as error:
        text = error.message.partition("}} ")[2].partition(" [Op:")[0]
        return found, text
    return found, None


def outcome(data: bytes) -> tuple[list[bytes], str | None]:
    found: list[bytes] = []
    try:
        found.extend(read_records(io.BytesIO(data)))
    except DataLoss as error:
        return found, error.message
    return found, None


FILE = encode_record(b"hello") + encode_record(b"x" * 50)


@pytest.mark.parametrize(
    "data",
    [
        *(
            pytest.param(FILE[:end], id=f"cut at {end}")
            for end in (0, 5, 12, 20, 21, 30, 33, 40)
        ),
        *(
            pytest.param(FILE[:at] + bytes([FILE[at] ^ 1]) + FILE[at + 1 :], id=f"bit at {at}")
            for at in (0, 7, 8, 12, 17, 21, 29, 33, 83)
        ),
        pytest.param(b"this is not a file of records at all", id="text"),
    ],
)
def test_damage_is_told_as_tensorflow_tells_it(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    found, error = outcome(data)
    theirs, their_error = outcome_of_tensorflow(path)
    assert error == their_error
    # Their data sets drop what came before an error in the same read.
    assert found == theirs or error is not None


@given(st.binary(max_size=300))
def test_whatever_the_bytes_there_is_an_answer(data: bytes) -> None:
    found, error = outcome(data)
    assert error is None or "record at" in error
    assert sum(map(len, found)) <= len(data)


@given(RECORDS, st.data())
def test_a_changed_byte_never_gives_another_record(
    records: list[bytes], chosen: st.DataObject
) -> None:
    data = bytearray(b"".join(map(encode_record, records)))
    if not data:
        return
    at = chosen.draw(st.integers(0, len(data) - 1))
    data[at] ^= chosen.draw(st.integers(1, 255))
    found, error = outcome(bytes(data))
    assert error is not None
    assert found == records[: len(found)]


def test_a_record_may_be_too_large() -> None:
    data = encode_record(b"x" * 11)
    assert read(data, largest=11) == [b"x" * 11]
    with pytest.raises(DataLoss, match="record of 11 bytes at 0 is too large; it may have 10"):
        read(data, largest=10)


def test_a_length_that_the_file_does_not_have_allocates_nothing() -> None:
    length = (2**31 - 1).to_bytes(8, "little")
    checksum = encode_record(length)[-4:]
    with pytest.raises(DataLoss, match="truncated record at 0"):
        read(length + checksum + b"few")
