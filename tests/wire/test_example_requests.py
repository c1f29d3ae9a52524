"""Examples are cut out of requests as protobuf would read them."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_features import fill
from tests.example_numbers import share_of
from tfs_notebook.wire.errors import Internal
from tfs_notebook.wire.example_requests import (
    ExamplesCall,
    InferenceTask,
    MultiInferenceCall,
    parse_examples_request,
    parse_multi_inference_request,
)
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    Example,
    Input,
    ModelSpec,
    MultiInferenceRequest,
    RegressionRequest,
    SerializedInput,
)
from tfs_notebook.wire.model_spec import ModelReference

NAMES = st.sampled_from(["x", "y", "größe", ""])


def example(**values: Any) -> Example:
    filled: Example = fill(Example(), values)
    return filled


@st.composite
def examples(draw: st.DrawFn) -> Example:
    message = Example()
    for name in draw(st.lists(NAMES, max_size=3)):
        feature = message.features.feature[name]
        kind = draw(st.sampled_from(["bytes", "float", "int64", "none"]))
        if kind == "bytes":
            feature.bytes_list.value.extend(draw(st.lists(st.binary(max_size=200))))
        elif kind == "float":
            floats = st.floats(width=32, allow_nan=False)
            feature.float_list.value.extend(draw(st.lists(floats)))
        elif kind == "int64":
            integers = st.integers(-(2**63), 2**63 - 1)
            feature.int64_list.value.extend(draw(st.lists(integers)))
    return message


@st.composite
def inputs(draw: st.DrawFn) -> Input:
    message = Input()
    kind = draw(st.sampled_from(["list", "context", "none"]))
    if kind == "list":
        message.example_list.examples.extend(draw(st.lists(examples(), max_size=4)))
        message.example_list.SetInParent()
    elif kind == "context":
        message.example_list_with_context.SetInParent()
        if draw(st.booleans()):
            message.example_list_with_context.context.CopyFrom(draw(examples()))
        message.example_list_with_context.examples.extend(
            draw(st.lists(examples(), max_size=4))
        )
    return message


def merged(message: Input) -> list[Example]:
    """What protobuf itself makes of an input."""
    if message.WhichOneof("kind") == "example_list":
        return list(message.example_list.examples)
    with_context = message.example_list_with_context
    both = []
    for one in with_context.examples:
        whole = Example()
        whole.CopyFrom(with_context.context)
        whole.MergeFrom(one)
        both.append(whole)
    return both


def parsed(serialized: list[bytes]) -> list[Example]:
    return [Example.FromString(one) for one in serialized]


@given(inputs())
def test_examples_are_those_that_protobuf_reads(message: Input) -> None:
    request = ClassificationRequest(model_spec=ModelSpec(name="m"), input=message)
    call = parse_examples_request(request.SerializeToString(), ClassificationRequest)
    assert call.model == ModelReference("m")
    assert parsed(call.examples) == merged(message)


@given(inputs(), inputs(), st.booleans())
def test_pieces_of_a_request_are_merged(one: Input, other: Input, first: bool) -> None:
    """Fields that come twice, in an order of their own, with others between."""
    pieces = [
        RegressionRequest(input=one).SerializeToString(),
        RegressionRequest(model_spec=ModelSpec(name="m")).SerializeToString(),
        b"\xfa\x3f\x03abc",
        RegressionRequest(input=other).SerializeToString(),
        RegressionRequest(model_spec=ModelSpec(signature_name="s")).SerializeToString(),
    ]
    data = b"".join(pieces if first else pieces[::-1])
    call = parse_examples_request(data, RegressionRequest)
    whole = RegressionRequest.FromString(data)
    assert call.model == ModelReference("m", signature="s")
    assert parsed(call.examples) == merged(whole.input)


@given(st.binary(max_size=40))
def test_any_bytes(data: bytes) -> None:
    """What protobuf takes gives what it reads; else it is refused, or left to the graph."""
    try:
        call = parse_examples_request(data, ClassificationRequest)
    except Internal:
        with pytest.raises(DecodeError):
            ClassificationRequest.FromString(data)
        return
    try:
        request = ClassificationRequest.FromString(data)
    except DecodeError:
        # An example that is none, or the context of no examples.
        if call.examples:
            with pytest.raises(DecodeError):
                parsed(call.examples)
        return
    assert parsed(call.examples) == merged(request.input)
    assert (call.model is not None) == request.HasField("model_spec")


@given(inputs(), st.data())
@settings(max_examples=share_of(300))
def test_damaged_requests(message: Input, data: st.DataObject) -> None:
    request = ClassificationRequest(model_spec=ModelSpec(name="m"), input=message)
    damaged = bytearray(request.SerializeToString())
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at] = data.draw(st.integers(0, 255))
    test_any_bytes.hypothesis.inner_test(bytes(damaged))  # type: ignore[attr-defined]


def test_every_example_is_its_own_bytes() -> None:
    """Without a context nothing is parsed and written again."""
    serialized = [b"\x0a\x00", b"", b"no example at all", b"x" * 300]
    listed = SerializedInput()
    listed.example_list.examples.extend(serialized)
    body = listed.SerializeToString()
    data = b"\x12" + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body
    assert parse_examples_request(data, ClassificationRequest) == ExamplesCall(None, serialized)


def test_a_context_goes_in_front() -> None:
    request = ClassificationRequest()
    context, one = example(x=1.0, y=2), example(x=3.0, z=b"z")
    request.input.example_list_with_context.context.CopyFrom(context)
    request.input.example_list_with_context.examples.extend([one, Example()])
    # Protobuf has no order for the entries of a map, unless it is told to.
    data = request.SerializeToString(deterministic=True)
    call = parse_examples_request(data, ClassificationRequest)
    assert parsed(call.examples) == [example(x=3.0, y=2, z=b"z"), context]
    before = context.SerializeToString(deterministic=True)
    assert call.examples == [before + one.SerializeToString(deterministic=True), before]


@pytest.mark.parametrize("message", [ClassificationRequest, RegressionRequest])
def test_nothing_at_all(message: Any) -> None:
    assert parse_examples_request(b"", message) == ExamplesCall(None, [])
    for empty in (b"\x12\x00", b"\x12\x02\x0a\x00", b"\x12\x02\x12\x00"):
        assert parse_examples_request(empty, message) == ExamplesCall(None, [])


def test_a_context_alone_is_no_example() -> None:
    request = RegressionRequest()
    request.input.example_list_with_context.context.CopyFrom(example(x=1.0))
    data = request.SerializeToString()
    assert parse_examples_request(data, RegressionRequest).examples == []


@pytest.mark.parametrize("message", [ClassificationRequest, RegressionRequest])
def test_noise_is_named(message: Any) -> None:
    with pytest.raises(Internal, match=f"^Failed to parse a {message.DESCRIPTOR.name}: "):
        parse_examples_request(b"\x0a\xff\xff", message)


def test_tasks() -> None:
    request = MultiInferenceRequest()
    request.tasks.add(method_name="a", model_spec=ModelSpec(name="m", signature_name="s"))
    request.tasks.add(method_name="b")
    request.tasks.add()
    request.input.example_list.examples.add()
    data = request.SerializeToString()
    tasks = [
        InferenceTask(ModelReference("m", signature="s"), "a"),
        InferenceTask(None, "b"),
        InferenceTask(None, ""),
    ]
    assert parse_multi_inference_request(data) == MultiInferenceCall(tasks, [b""])
    # And so it is when the message class has to read it.
    unusual = data + b"\xfa\x3f\x03abc"
    assert parse_multi_inference_request(unusual) == MultiInferenceCall(tasks, [b""])
    assert parse_multi_inference_request(b"") == MultiInferenceCall([], [])


@given(inputs())
def test_the_input_of_a_multi_inference(message: Input) -> None:
    request = MultiInferenceRequest(input=message)
    request.tasks.add(method_name="m")
    call = parse_multi_inference_request(request.SerializeToString())
    assert parsed(call.examples) == merged(message)


@pytest.mark.parametrize("noise", [b"\x0a\xff\xff", b"\x0a\x02\x0a\x09", b"\x12\x01\xff"])
def test_noise_is_no_multi_inference(noise: bytes) -> None:
    with pytest.raises(Internal, match=r"^Failed to parse a MultiInferenceRequest: "):
        parse_multi_inference_request(noise)
