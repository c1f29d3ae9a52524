"""``TensorProto`` ⇄ NumPy, against TensorFlow's own readers and writers."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from tests.example_numbers import share_of
from tests.models.comparing import assert_equal_arrays
from tests.models.inputs import DTYPES, SAMPLES, strings
from tfs_notebook.wire.dtypes import DataType, data_type_of, numpy_type
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.messages import TensorProto
from tfs_notebook.wire.tensor_fields import field_of
from tfs_notebook.wire.tensor_reader import array_from_message, array_from_wire
from tfs_notebook.wire.tensor_writer import tensor_to_wire
from tfs_notebook.wire.varints import encode_varint

with warnings.catch_warnings():
    # TensorFlow's own imports warn of what it uses from others.
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tensorflow.core.framework import tensor_pb2

LISTS = {
    5: "float_val", 6: "double_val", 7: "int_val", 8: "string_val", 9: "scomplex_val",
    10: "int64_val", 11: "bool_val", 12: "dcomplex_val", 13: "half_val", 16: "uint32_val",
    17: "uint64_val",
}  # fmt: skip


def wire(array: np.ndarray, **options: Any) -> bytes:
    return b"".join(tensor_to_wire(array, **options))


def read(data: bytes) -> np.ndarray:
    array, dtype = array_from_wire(data)
    assert numpy_type(dtype) == array.dtype
    return array


# -- there and back --------------------------------------------------------------


def shaped(elements: st.SearchStrategy[bytes]) -> st.SearchStrategy[np.ndarray[Any, Any]]:
    return st_numpy.arrays(
        object, st_numpy.array_shapes(min_dims=0, max_side=4), elements=elements
    )


plain = st.sampled_from(
    [sample.dtype for sample in SAMPLES.values() if sample.dtype.kind in "fiucb"]
).filter(lambda dtype: dtype.isbuiltin == 1)
arrays: st.SearchStrategy[np.ndarray[Any, Any]] = st.one_of(
    plain.flatmap(
        lambda dtype: st_numpy.arrays(
            dtype, st_numpy.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
        )
    ),
    shaped(st.binary(max_size=30)),
)


@given(arrays, st.booleans(), st.booleans())
def test_round_trip(array: np.ndarray, transpose: bool, as_content: bool) -> None:
    array = array.T if transpose else array
    got = read(wire(array, as_content=as_content))
    assert_equal_arrays(got, np.ascontiguousarray(array).reshape(array.shape))


@given(arrays, st.booleans())
def test_tensorflow_reads_what_we_write(array: np.ndarray, as_content: bool) -> None:
    message = tensor_pb2.TensorProto.FromString(wire(array, as_content=as_content))
    parsed = parsed_by_tensorflow(message.SerializeToString(), message.dtype)
    assert parsed is not None
    assert_equal_arrays(parsed, array)
    assert bool(message.tensor_content) == (
        as_content and array.size > 0 and not array.dtype.hasobject
    )


@given(arrays)
def test_we_read_what_tensorflow_writes(array: np.ndarray) -> None:
    message = tf.make_tensor_proto(array)
    assert_equal_arrays(read(message.SerializeToString()), array)
    parsed = tf.io.serialize_tensor(tf.constant(array)).numpy()
    assert_equal_arrays(read(parsed), array)


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("as_content", [False, True])
def test_every_type(name: str, as_content: bool) -> None:
    sample = SAMPLES[name]
    data = wire(sample, as_content=as_content)
    assert_equal_arrays(read(data), sample)
    message = TensorProto.FromString(data)
    assert message.dtype == DTYPES[name]
    assert_equal_arrays(array_from_message(message), sample)


@pytest.mark.parametrize("name", DTYPES)
def test_values_go_in_the_list_that_clients_read(name: str) -> None:
    message = TensorProto.FromString(wire(SAMPLES[name]))
    fields = {field.name for field, _ in message.ListFields()} - {"dtype", "tensor_shape"}
    number = field_of(DTYPES[name])
    assert fields == {"float8_val" if number == 18 else LISTS[number or 0]}


def test_negative_zero_and_nan_keep_their_bits() -> None:
    bits = np.array([0x80000000, 0x7FC00001, 0xFFC00000, 0x7F800001], np.uint32)
    array = bits.view(np.float32)
    assert read(wire(array)).view(np.uint32).tolist() == bits.tolist()


def test_the_dtype_to_say_may_be_given() -> None:
    message = TensorProto.FromString(wire(np.array([1, 2], np.int8), dtype=DataType.QINT8))
    assert message.dtype == DataType.QINT8
    assert list(message.int_val) == [1, 2]


@pytest.mark.parametrize("dtype", ["S3", "U3", "datetime64[s]", "V8"])
def test_types_no_tensor_has(dtype: str) -> None:
    with pytest.raises(Unimplemented, match="has no tensor type"):
        tensor_to_wire(np.zeros(1, dtype))


def test_large_arrays_are_not_copied_when_read() -> None:
    array = np.arange(1_000_000, dtype=np.float32)
    for as_content in (False, True):
        data = wire(array, as_content=as_content)
        got, _ = array_from_wire(memoryview(data))
        address = got.__array_interface__["data"][0]
        start = np.frombuffer(data, np.uint8).__array_interface__["data"][0]
        assert start < address < start + len(data)
        assert not got.flags.writeable


# -- what TensorFlow's C++ reader does with the same bytes ------------------------


def parsed_by_tensorflow(data: bytes, dtype: int) -> np.ndarray | None:
    """What ``Tensor::FromProto`` makes of it, or None if it refuses."""
    try:
        parsed = tf.io.parse_tensor(data, tf.as_dtype(dtype)).numpy()
    except tf.errors.OpError:
        return None
    array = np.asarray(parsed)
    if array.dtype.kind in "SO":
        array = (
            np.asarray(parsed, object) if isinstance(parsed, bytes) else array.astype(object)
        )
    return array


ints = st.one_of(st.integers(-3, 3), st.integers(-(2**31), 2**31 - 1))
ELEMENTS: dict[int, st.SearchStrategy[Any]] = {
    5: st.floats(width=32),
    6: st.floats(),
    7: ints,
    8: st.binary(max_size=8),
    9: st.floats(width=32),
    10: st.integers(-(2**63), 2**63 - 1),
    11: st.booleans(),
    12: st.floats(),
    13: st.one_of(st.integers(0, 2**16 - 1), ints),
    16: st.integers(0, 2**32 - 1),
    17: st.integers(0, 2**64 - 1),
}
readable = st.sampled_from(
    [DTYPES[name] for name, sample in SAMPLES.items() if field_of(DTYPES[name]) in LISTS]
).filter(lambda dtype: dtype not in (DataType.INT4, DataType.UINT4))


@st.composite
def messages(draw: st.DrawFn) -> TensorProto:
    """Tensors right and wrong: lists too short, too long and of other types."""
    dtype = draw(readable)
    message = TensorProto(dtype=int(dtype))
    for size in draw(st.lists(st.sampled_from([0, 1, 2, 3, 3, 3, -1]), max_size=3)):
        message.tensor_shape.dim.add(size=size)
    count = math.prod(max(0, dim.size) for dim in message.tensor_shape.dim)
    fields = [field_of(dtype) or 0] if draw(st.integers(0, 5)) else [5, 8]
    if draw(st.integers(0, 5)) == 0:
        fields = []
    for field in fields:
        length = draw(st.one_of(st.just(count), st.integers(0, count + 3)))
        length *= 2 if field in (9, 12) else 1
        values = draw(st.lists(ELEMENTS[field], min_size=length, max_size=length))
        getattr(message, LISTS[field]).extend(values)
    if draw(st.integers(0, 5)) == 0:
        target = numpy_type(dtype)
        assert target is not None
        size = count * target.itemsize + draw(st.sampled_from([0, 0, 0, -1, 1, 8]))
        message.tensor_content = draw(st.binary(min_size=max(0, size), max_size=max(0, size)))
    return message


@settings(max_examples=share_of(400))
@given(messages())
def test_reads_and_refuses_as_tensorflow_does(message: TensorProto) -> None:
    data = message.SerializeToString()
    expected = parsed_by_tensorflow(data, message.dtype)
    try:
        got = read(data)
    except InvalidArgument:
        # TensorFlow does not look at the content of a tensor without elements.
        assert expected is None or (message.tensor_content and not expected.size)
        return
    assert expected is not None
    assert_equal_arrays(got, expected)


# -- the repeated last value -------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in DTYPES if field_of(DTYPES[name]) in LISTS])
def test_splat(name: str) -> None:
    sample = SAMPLES[name][1:3]
    message = TensorProto.FromString(wire(sample))
    message.tensor_shape.dim[0].size = 5
    got = read(message.SerializeToString())
    assert got.shape == (5,)
    assert_equal_arrays(got[:2], sample)
    for index in range(2, 5):
        assert_equal_arrays(got[index : index + 1], sample[1:])


@pytest.mark.parametrize("name", DTYPES)
def test_no_values_are_zeros(name: str) -> None:
    message = TensorProto(dtype=int(DTYPES[name]))
    message.tensor_shape.dim.add(size=3)
    got = read(message.SerializeToString())
    zero = b"" if name == "string" else np.zeros((), SAMPLES[name].dtype)
    assert got.tolist() == [zero] * 3


def test_what_is_too_much_is_ignored() -> None:
    message = TensorProto(dtype=1, float_val=[1.0, 2.0, 3.0])
    message.tensor_shape.dim.add(size=2)
    assert read(message.SerializeToString()).tolist() == [1.0, 2.0]


def test_a_few_bytes_cannot_ask_for_all_memory() -> None:
    for dtype, values in ((1, {"float_val": [1.0]}), (7, {"string_val": [b"a"]}), (9, {})):
        message = TensorProto(dtype=dtype, **values)
        message.tensor_shape.dim.add(size=2**20)
        message.tensor_shape.dim.add(size=2**20)
        with pytest.raises(InvalidArgument, match="repeating the last is limited"):
            read(message.SerializeToString())


@pytest.mark.parametrize(
    "sizes", [[-1], [3, -2], [2**62, 2**62], [2**63 - 1], [0, 2**62, 2**62]]
)
def test_shapes_that_no_tensor_has(sizes: list[int]) -> None:
    message = TensorProto(dtype=1, float_val=[1.0])
    for size in sizes:
        message.tensor_shape.dim.add(size=size)
    with pytest.raises(InvalidArgument):
        read(message.SerializeToString())


def test_an_unknown_rank() -> None:
    message = TensorProto(dtype=1, float_val=[1.0])
    message.tensor_shape.unknown_rank = True
    with pytest.raises(InvalidArgument, match="unknown rank"):
        read(message.SerializeToString())


@pytest.mark.parametrize(
    "dtype", [0, DataType.RESOURCE, DataType.VARIANT, 34, 77, 101 + 76, -1, 2**31 - 1]
)
def test_types_that_cannot_be_sent(dtype: int) -> None:
    message = TensorProto(dtype=dtype, float_val=[1.0])
    with pytest.raises(InvalidArgument, match="cannot be sent"):
        read(message.SerializeToString())


def test_strings_in_tensor_content() -> None:
    message = TensorProto(dtype=int(DataType.STRING), tensor_content=b"\x01a")
    with pytest.raises(InvalidArgument, match="strings are sent in string_val"):
        read(message.SerializeToString())


# -- other ways to write the same ----------------------------------------------------


def field(number: int, payload: bytes) -> bytes:
    return encode_varint(number << 3 | 2) + encode_varint(len(payload)) + payload


HEAD = b"\x08\x01" + b"\x12\x04\x12\x02\x08\x04"  # float, [4]
FLOATS = np.array([1.0, 2.0, 3.0, 4.0], np.float32)


@pytest.mark.parametrize(
    "data",
    [
        HEAD + field(5, FLOATS.tobytes()),
        # The list before the head.
        field(5, FLOATS.tobytes()) + HEAD,
        # Unpacked.
        HEAD + b"".join(b"\x2d" + value.tobytes() for value in FLOATS),
        # In pieces, packed and not.
        HEAD + field(5, FLOATS[:1].tobytes()) + field(5, FLOATS[1:].tobytes()),
        HEAD + field(5, FLOATS[:3].tobytes()) + b"\x2d" + FLOATS[3:].tobytes(),
        field(5, FLOATS[:2].tobytes()) + HEAD + field(5, FLOATS[2:].tobytes()),
        # With a version number, unknown fields, and lists that do not count.
        HEAD + b"\x18\x07" + field(5, FLOATS.tobytes()),
        HEAD + field(200, b"unknown") + field(5, FLOATS.tobytes()) + b"\xf8\x3f\x01",
        HEAD + field(5, FLOATS.tobytes()) + field(8, b"ignored") + field(10, b"\x07"),
        # The content goes before the list.
        HEAD + field(5, b"\0\0\0\0") + field(4, FLOATS.tobytes()),
        # The last dtype counts.
        b"\x08\x02" + HEAD + field(5, FLOATS.tobytes()),
        # Lengths and numbers with needless bytes.
        HEAD + b"\x2a\x90\x80\x00" + FLOATS.tobytes(),
    ],
)
def test_other_ways_to_write_the_same(data: bytes) -> None:
    assert read(data).tolist() == FLOATS.tolist()
    expected = parsed_by_tensorflow(data, 1)
    assert expected is not None
    assert expected.tolist() == FLOATS.tolist()


def test_shapes_in_pieces_are_joined() -> None:
    shape = b"\x12\x04\x12\x02\x08\x02"
    data = b"\x08\x01" + shape + shape + field(5, FLOATS.tobytes())
    assert read(data).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_dimensions_may_have_names() -> None:
    message = TensorProto(dtype=1, float_val=[1.0, 2.0])
    message.tensor_shape.dim.add(size=2, name="batch")
    assert read(message.SerializeToString()).tolist() == [1.0, 2.0]


def test_any_memory_will_do() -> None:
    data = wire(FLOATS)
    padded = memoryview(b"..." + data + b"...")[3:-3]
    assert array_from_wire(padded)[0].tolist() == FLOATS.tolist()


# -- noise -------------------------------------------------------------------------


def both_ways(data: bytes) -> None:
    """The fast path gives what the message class gives, or refuses where it does."""
    expected: np.ndarray | None
    try:
        expected = array_from_message(TensorProto.FromString(data))
    except (DecodeError, InvalidArgument):
        expected = None
    try:
        got, _ = array_from_wire(data)
    except InvalidArgument:
        assert expected is None
        return
    if expected is not None:
        assert_equal_arrays(got, expected)


@settings(max_examples=share_of(500))
@given(st.binary(max_size=80))
def test_random_bytes(data: bytes) -> None:
    both_ways(data)


@settings(max_examples=share_of(500))
@given(st.data())
def test_bytes_that_were_changed(data: st.DataObject) -> None:
    original = bytearray(data.draw(messages()).SerializeToString())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(original) - 1))
        if data.draw(st.booleans()):
            original[place] = data.draw(st.integers(0, 255))
        else:
            del original[place:]
        if not original:
            break
    both_ways(bytes(original))


@given(st.lists(messages(), min_size=2, max_size=3))
def test_messages_that_are_merged(parts: list[TensorProto]) -> None:
    both_ways(b"".join(part.SerializeToString() for part in parts))


def test_types_without_a_list_go_in_tensor_content() -> None:
    import ml_dtypes

    array = np.array([1.0, -2.0], ml_dtypes.float4_e2m1fn)
    message = TensorProto.FromString(wire(array))
    assert message.tensor_content == array.tobytes()
    assert read(message.SerializeToString()).tolist() == array.tolist()


def test_dtypes_know_each_other() -> None:
    for name, dtype in DTYPES.items():
        assert data_type_of(SAMPLES[name].dtype) == dtype
        target = numpy_type(dtype)
        assert target == SAMPLES[name].dtype
        assert numpy_type(dtype + 100) == target


def test_strings_are_read_one_by_one() -> None:
    array = strings(b"", b"\0", b"a" * 1000)
    assert read(wire(array)).tolist() == array.tolist()
