"""Predict requests and responses, between the wire and NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_numbers import share_of
from tests.models.comparing import assert_equal_arrays
from tests.models.inputs import SAMPLES, strings
from tfs_notebook.wire.dtypes import data_type_of
from tfs_notebook.wire.errors import Internal, InvalidArgument, ServingError
from tfs_notebook.wire.messages import PredictRequest, PredictResponse, TensorProto
from tfs_notebook.wire.model_spec import ModelReference, model_spec_of, reference_of
from tfs_notebook.wire.predict import (
    PredictCall,
    encode_predict_request,
    encode_predict_response,
    is_parsed_at_once,
    parse_predict_request,
    parse_predict_response,
)
from tfs_notebook.wire.predict import _parse_message as parse_with_message_class
from tfs_notebook.wire.tensor_reader import array_from_message
from tfs_notebook.wire.tensor_writer import tensor_to_wire

FLOATS = np.array([1.0, 2.0], np.float32)


def tensor(array: np.ndarray) -> TensorProto:
    return TensorProto.FromString(b"".join(tensor_to_wire(array)))


def request(**inputs: np.ndarray) -> PredictRequest:
    message = PredictRequest()
    message.model_spec.name = "m"
    for alias, array in inputs.items():
        message.inputs[alias].CopyFrom(tensor(array))
    return message


def test_every_part_of_a_request() -> None:
    message = request(x=FLOATS, text=strings(b"a"))
    message.model_spec.version.value = 7
    message.model_spec.signature_name = "s"
    message.output_filter.extend(["a", "größe"])
    call = parse_predict_request(message.SerializeToString())
    assert call.model == ModelReference("m", 7, None, "s")
    assert call.output_filter == ["a", "größe"]
    assert {alias: array.tolist() for alias, (array, _) in call.inputs.items()} == {
        "x": [1.0, 2.0],
        "text": [b"a"],
    }
    assert {alias: dtype for alias, (_, dtype) in call.inputs.items()} == {"x": 1, "text": 7}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_type(name: str) -> None:
    call = parse_predict_request(request(x=SAMPLES[name]).SerializeToString())
    assert_equal_arrays(call.inputs["x"][0], SAMPLES[name])


def test_nothing_at_all() -> None:
    assert parse_predict_request(b"") == PredictCall(None, {}, [])


def test_version_zero_is_a_version() -> None:
    message = request()
    message.model_spec.version.value = 0
    call = parse_predict_request(message.SerializeToString())
    assert call.model == ModelReference("m", 0)


def test_the_last_of_version_and_label_counts() -> None:
    spec = b"\x0a\x01m" + b"\x12\x02\x08\x03" + b"\x22\x01l"
    call = parse_predict_request(b"\x0a" + bytes([len(spec)]) + spec)
    assert call.model == ModelReference("m", None, "l")


def test_the_last_of_equal_aliases_counts() -> None:
    data = request(x=FLOATS).SerializeToString()
    other = request(x=FLOATS * 2).SerializeToString().removeprefix(b"\x0a\x03\x0a\x01m")
    call = parse_predict_request(data + other)
    assert call.inputs["x"][0].tolist() == [2.0, 4.0]


def test_specs_in_pieces_are_joined() -> None:
    one, two = b"\x0a\x03\x0a\x01m", b"\x0a\x03\x1a\x01s"
    assert parse_predict_request(one + two).model == ModelReference("m", signature="s")


def test_a_tensor_that_cannot_be_read_is_named() -> None:
    message = request(good=FLOATS)
    message.inputs["bad"].CopyFrom(TensorProto(dtype=1, tensor_content=b"abc"))
    with pytest.raises(InvalidArgument, match=r"^tensor parsing error: bad \("):
        parse_predict_request(message.SerializeToString())
    # Also when the message class has to look at it.
    message.request_options.max_cache_length = 1
    with pytest.raises(InvalidArgument, match=r"^tensor parsing error: bad \("):
        parse_predict_request(message.SerializeToString())


def test_an_alias_that_is_not_text() -> None:
    data = request(x=FLOATS).SerializeToString().replace(b"\x0a\x01x", b"\x0a\x01\xff")
    with pytest.raises(Internal, match="Failed to parse a PredictRequest"):
        parse_predict_request(data)


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x7f", b"\x12\x03\x0a\x05", b"\x0b", b"{}"])
def test_bytes_that_are_no_request(data: bytes) -> None:
    with pytest.raises(Internal, match="Failed to parse a PredictRequest"):
        parse_predict_request(data)


def outcome(parse: Any, data: bytes) -> Any:
    try:
        call = parse(data)
    except ServingError as error:
        return type(error)
    # As text, so that NaN equals NaN; the class drops what makes one signalling.
    inputs = {
        alias: (array.dtype, array.shape, repr(array.tolist()))
        for alias, (array, _) in call.inputs.items()
    }
    return call.model, inputs, call.output_filter


def both_ways(data: bytes) -> None:
    """Where the message class can read it, the fast path gives the same."""
    expected, got = (
        outcome(parse_with_message_class, data),
        outcome(parse_predict_request, data),
    )
    assert got == expected or expected is Internal


@settings(max_examples=share_of(500))
@given(st.binary(max_size=60))
def test_random_bytes(data: bytes) -> None:
    both_ways(data)


names = st.text(max_size=6)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    message = PredictRequest()
    if draw(st.booleans()):
        message.model_spec.name = draw(names)
        message.model_spec.signature_name = draw(names)
        if draw(st.booleans()):
            message.model_spec.version.value = draw(st.integers(-3, 300))
    for alias in draw(st.lists(names, max_size=3)):
        message.inputs[alias].CopyFrom(tensor(SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))]))
    message.output_filter.extend(draw(st.lists(names, max_size=3)))
    if not draw(st.integers(0, 4)):
        message.client_id = b"c"
    return message.SerializeToString()


@given(requests())
def test_both_ways_give_the_same(data: bytes) -> None:
    assert outcome(parse_predict_request, data) == outcome(parse_with_message_class, data)


@settings(max_examples=share_of(200))
@given(requests(), st.data())
def test_bytes_that_were_changed(data: bytes, draws: st.DataObject) -> None:
    changed = bytearray(data or b"\0")
    for _ in range(draws.draw(st.integers(1, 3))):
        place = draws.draw(st.integers(0, len(changed) - 1))
        changed[place] = draws.draw(st.integers(0, 255))
    both_ways(bytes(changed))
    both_ways(bytes(changed[: len(changed) // 2]))


# -- responses -----------------------------------------------------------------------


def is_view_of(array: np.ndarray, data: bytes) -> bool:
    return np.shares_memory(array, np.frombuffer(data, np.uint8))


@given(requests())
def test_what_is_parsed_at_once_is_a_view_of_the_request(data: bytes) -> None:
    if is_parsed_at_once(data):
        call = parse_predict_request(data)
        assert all(
            is_view_of(array, data) for array, _ in call.inputs.values() if array.size > 1
        )


@pytest.mark.parametrize("as_content", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.bool_, np.float16])
def test_what_is_parsed_at_once(dtype: type, as_content: bool) -> None:
    array: np.ndarray = np.ones((5, 3), dtype)
    message = request(x=FLOATS)
    wire = b"".join(tensor_to_wire(array, as_content=as_content))
    message.inputs["x"].CopyFrom(TensorProto.FromString(wire))
    data = message.SerializeToString()
    floats = dtype in (np.float32, np.float64)
    assert is_parsed_at_once(data) is (dtype is not np.bool_ and (as_content or floats))


def test_what_is_not_parsed_at_once() -> None:
    assert is_parsed_at_once(request(x=FLOATS).SerializeToString())
    assert not is_parsed_at_once(request(x=strings(b"a", b"b")).SerializeToString())
    repeated = request(x=FLOATS)
    repeated.inputs["x"].tensor_shape.dim[0].size = 3
    assert not is_parsed_at_once(repeated.SerializeToString())
    negative = request(x=FLOATS)
    negative.inputs["x"].tensor_shape.dim[0].size = -2
    assert not is_parsed_at_once(negative.SerializeToString())
    assert not is_parsed_at_once(b"\x12\x03\x0a\x05")
    assert not is_parsed_at_once(b"\x0a\x7f")
    many = PredictRequest(output_filter=["y"] * 10_000)
    assert not is_parsed_at_once(many.SerializeToString())
    assert parse_predict_request(many.SerializeToString()).output_filter == ["y"] * 10_000


@pytest.mark.parametrize("as_content", [False, True])
def test_responses(as_content: bool) -> None:
    outputs = {**SAMPLES, "größe": FLOATS.reshape(2, 1), "empty": FLOATS[:0], "": FLOATS}
    model = ModelReference("m", 3, None, "serving_default")
    data = encode_predict_response(model, outputs, as_content=as_content)
    response = PredictResponse.FromString(data)
    assert reference_of(response.model_spec) == model
    assert response.outputs.keys() == outputs.keys()
    for alias, array in outputs.items():
        assert_equal_arrays(array_from_message(response.outputs[alias]), array)


def test_a_large_response() -> None:
    array = np.arange(1_000_000, dtype=np.float32)
    data = encode_predict_response(ModelReference("m", 1), {"y": array})
    response = PredictResponse.FromString(data)
    assert_equal_arrays(array_from_message(response.outputs["y"]), array)


@given(
    st.builds(ModelReference, names, st.none() | st.integers(0, 2**63 - 1), st.none(), names)
)
def test_references_and_specs(model: ModelReference) -> None:
    assert reference_of(model_spec_of(model)) == model


# -- what a client sends and reads -----------------------------------------------------


def test_requests_of_a_client() -> None:
    inputs = {
        alias: (array, data_type_of(array.dtype) or 0)
        for alias, array in {**SAMPLES, "größe": FLOATS.reshape(2, 1), "": FLOATS[:0]}.items()
    }
    model = ModelReference("m", None, "stable", "other")
    call = parse_predict_request(encode_predict_request(model, inputs))
    assert call.model == model
    assert call.inputs.keys() == inputs.keys()
    for alias, (array, dtype) in inputs.items():
        assert call.inputs[alias][1] == dtype
        assert_equal_arrays(call.inputs[alias][0], array)


@pytest.mark.parametrize("as_content", [False, True])
@pytest.mark.parametrize("unusual", [b"", b"\x1a\x00"])
def test_responses_as_a_client_reads_them(as_content: bool, unusual: bytes) -> None:
    outputs = {**SAMPLES, "größe": FLOATS.reshape(2, 1), "empty": FLOATS[:0]}
    model = ModelReference("m", 3, None, "serving_default")
    data = encode_predict_response(model, outputs, as_content=as_content) + unusual
    answered, arrays = parse_predict_response(data)
    assert answered == model
    assert list(arrays) == sorted(outputs)
    for alias, array in outputs.items():
        assert_equal_arrays(arrays[alias], array)


def test_what_is_no_response() -> None:
    with pytest.raises(Internal, match="PredictResponse"):
        parse_predict_response(b"\x0a\xff")
