"""Tensors that a few bytes ask for: what is repeated is bounded, and not made early."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import PredictRequest, TensorProto
from tfs_notebook.wire.predict import parse_predict_request
from tfs_notebook.wire.tensor_reader import MOST_REPEATED_BYTES, array_from_wire

MEGABYTE = 1 << 20


def tensor(dtype: int, *sizes: int, **values: list[object]) -> TensorProto:
    message = TensorProto(dtype=dtype, **values)  # type: ignore[arg-type]
    for size in sizes:
        message.tensor_shape.dim.add(size=size)
    return message


def request(*tensors: TensorProto, unusual: bool = False) -> bytes:
    message = PredictRequest()
    message.model_spec.name = "half_plus_two"
    for index, each in enumerate(tensors):
        message.inputs[f"x{index}"].CopyFrom(each)
    if unusual:
        message.client_id = b"c"
    return message.SerializeToString()


@contextmanager
def allocating_at_most(size: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < size
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("unusual", [False, True])
def test_one_value_for_a_shape_is_not_written_out(unusual: bool) -> None:
    data = request(tensor(1, 1000, 50, 1000, float_val=[1.5]), unusual=unusual)
    with allocating_at_most(MEGABYTE):
        array, dtype = parse_predict_request(data).inputs["x0"]
    assert (dtype, array.shape) == (1, (1000, 50, 1000))
    assert array.dtype == np.float32
    assert array[0, 0, 0] == array[999, 49, 999] == 1.5
    assert not array.flags.writeable


def test_nor_are_zeros_and_strings() -> None:
    with allocating_at_most(MEGABYTE):
        zeros = array_from_wire(tensor(9, 10_000_000).SerializeToString())[0]
        texts = array_from_wire(tensor(7, 1000, 1000, string_val=[b"ab"]).SerializeToString())[
            0
        ]
    assert (zeros.shape, zeros[-1]) == ((10_000_000,), 0)
    assert (texts.shape, texts[999, 999]) == ((1000, 1000), b"ab")


@pytest.mark.parametrize("unusual", [False, True])
@pytest.mark.parametrize(
    "tensors",
    [
        [tensor(1, 100_000_000, float_val=[1.0])],
        [tensor(1, 100_000_000, float_val=[1.0, 2.0])],
        [tensor(1, 100_000_000)],
        # Each is within the limit, all of them are not.
        [tensor(1, 20_000_000, float_val=[1.0])] * 20,
        [tensor(9, 10_000_000, int64_val=[1, 2])] * 20,
        # A string is repeated with all of its bytes.
        [tensor(7, 100_000, string_val=[b"s" * 100_000])],
        [tensor(7, 10_000_000)],
    ],
    ids=["one", "two", "none", "many", "many of two", "long string", "empty strings"],
)
def test_a_request_has_one_budget(tensors: list[TensorProto], unusual: bool) -> None:
    data = request(*tensors, unusual=unusual)
    with (
        allocating_at_most(MOST_REPEATED_BYTES + MEGABYTE),
        pytest.raises(InvalidArgument, match="repeating the last is limited") as raised,
    ):
        parse_predict_request(data)
    assert "tensor parsing error: x" in raised.value.message


def test_what_was_sent_is_not_counted() -> None:
    count = 4_000_000
    sent = np.ones(count, np.float32).tobytes()
    whole = TensorProto(dtype=1, tensor_content=sent)
    whole.tensor_shape.dim.add(size=count)
    data = request(*[whole] * 20)
    assert len(data) > MOST_REPEATED_BYTES
    assert len(parse_predict_request(data).inputs) == 20


def test_budgets_are_a_requests_own() -> None:
    data = request(tensor(1, MOST_REPEATED_BYTES // 4, float_val=[1.0]))
    for _ in range(3):
        parse_predict_request(data)


@pytest.mark.parametrize("unusual", [False, True])
@pytest.mark.parametrize(
    "sizes",
    [(1,) * 65, (1,) * 300, (0,) * 100, (2**62,) * 100_000],
    ids=["65", "300", "zeros", "many large"],
)
def test_more_dimensions_than_an_array_can_have(sizes: tuple[int, ...], unusual: bool) -> None:
    data = request(tensor(1, *sizes, float_val=[1.0]), unusual=unusual)
    with pytest.raises(InvalidArgument, match=f"{len(sizes)} dimensions"):
        parse_predict_request(data)
