"""The Open Inference Protocol's codec: what is written is what is read, and nothing else."""

from __future__ import annotations

import contextlib
import json
import struct
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfs_notebook.wire.dtypes import DataType, data_type_of
from tfs_notebook.wire.errors import InvalidArgument, ServingError
from tfs_notebook.wire.messages import (
    ModelInferRequest,
    ModelInferResponse,
    ModelStreamInferResponse,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.open_inference import (
    InferCall,
    array_of_raw,
    data_type_named,
    datatype_of_array,
    raw_of_array,
)
from tfs_notebook.wire.open_inference_json import encode_infer_response, parse_infer_body
from tfs_notebook.wire.open_inference_messages import (
    encode_infer_message,
    encode_stream_answer,
    encode_stream_error,
    model_asked_for,
    parse_infer_message,
)

MODEL = ModelReference("m", 3, None, "serving_default")
NUMPY: dict[str, Any] = {
    "BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32,
    "UINT64": np.uint64, "INT8": np.int8, "INT16": np.int16, "INT32": np.int32,
    "INT64": np.int64, "FP16": np.float16, "FP32": np.float32, "FP64": np.float64,
    "BF16": ml_dtypes.bfloat16,
}  # fmt: skip
TYPED = {
    "BOOL": "bool_contents", "UINT8": "uint_contents", "UINT16": "uint_contents",
    "UINT32": "uint_contents", "UINT64": "uint64_contents", "INT8": "int_contents",
    "INT16": "int_contents", "INT32": "int_contents", "INT64": "int64_contents",
    "FP32": "fp32_contents", "FP64": "fp64_contents", "BYTES": "bytes_contents",
}  # fmt: skip


def strings(values: list[bytes], shape: tuple[int, ...]) -> np.ndarray:
    flat = np.empty(len(values), object)
    flat[:] = values
    return flat.reshape(shape)


@st.composite
def tensors(draw: st.DrawFn, *, text: bool = False) -> tuple[str, np.ndarray]:
    """An array of any of the protocol's types, and what the protocol calls that."""
    datatype = draw(st.sampled_from([*NUMPY, "BYTES"]))
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    if datatype == "BYTES":
        elements = st.text(max_size=5).map(str.encode) if text else st.binary(max_size=5)
        size = int(np.prod(shape, dtype=int))
        return datatype, strings(draw(st.lists(elements, min_size=size, max_size=size)), shape)
    if datatype == "BF16":
        floats = draw(arrays.arrays(np.float32, shape))
        with np.errstate(all="ignore"):
            return datatype, floats.astype(ml_dtypes.bfloat16)
    return datatype, draw(arrays.arrays(NUMPY[datatype], shape))


def same(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.dtype == object:
        return bool(one.tolist() == other.tolist())
    if one.dtype.kind not in "biu":
        one, other = one.astype(np.float64), other.astype(np.float64)
        return np.array_equal(one, other, equal_nan=True)
    return np.array_equal(one, other)


def described(name: str, datatype: str, array: np.ndarray) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": list(array.shape)}


def json_values(array: np.ndarray) -> Any:
    if array.dtype == object:
        return [value.decode() for value in array.reshape(-1).tolist()]
    wide = array.astype(np.float64) if array.dtype.kind not in "biu" else array
    return wide.reshape(-1).tolist()


class TestRaw:
    @given(tensors())
    def test_round_trip(self, tensor: tuple[str, np.ndarray]) -> None:
        datatype, array = tensor
        number = data_type_named("x", datatype)
        assert datatype_of_array("x", array) == datatype
        assert data_type_of(array.dtype) == number
        back = array_of_raw("x", number, array.shape, bytes(raw_of_array(array)))
        assert same(back, array)

    @given(tensors(), st.binary(min_size=1, max_size=9))
    def test_what_does_not_fit_is_refused(
        self, tensor: tuple[str, np.ndarray], more: bytes
    ) -> None:
        datatype, array = tensor
        raw = bytes(raw_of_array(array)) + more
        with pytest.raises(InvalidArgument):
            array_of_raw("x", data_type_named("x", datatype), array.shape, raw)

    @given(st.binary(max_size=40), st.integers(0, 2**40))
    def test_any_bytes_are_strings_or_refused(self, raw: bytes, count: int) -> None:
        try:
            array = array_of_raw("x", DataType.STRING, (count,), raw)
        except InvalidArgument:
            return
        assert raw_of_array(array) == raw

    def test_numbers_lie_in_the_memory_of_the_request(self) -> None:
        raw = np.arange(4, dtype=np.float32).tobytes()
        array = array_of_raw("x", DataType.FLOAT, (2, 2), raw)
        assert not array.flags.owndata
        assert array.tolist() == [[0, 1], [2, 3]]

    def test_a_boolean_is_0_or_1(self) -> None:
        with pytest.raises(InvalidArgument, match="0 or 1; got 2"):
            array_of_raw("x", DataType.BOOL, (2,), b"\1\2")

    def test_a_type_of_others_is_refused(self) -> None:
        with pytest.raises(InvalidArgument, match="complex64, which the Open Inference"):
            datatype_of_array("y", np.zeros(1, np.complex64))


class TestJson:
    @given(tensors(text=True))
    def test_values_in_the_json(self, tensor: tuple[str, np.ndarray]) -> None:
        datatype, array = tensor
        entry = described("x", datatype, array) | {"data": json_values(array)}
        call = parse_infer_body(json.dumps({"inputs": [entry], "id": "7"}).encode())
        assert same(call.inputs["x"][0], array)
        assert call.inputs["x"][1] == data_type_of(array.dtype)
        answer = encode_infer_response(MODEL, call, {"y": array})
        assert answer.json_bytes is None
        document = json.loads(answer.body)
        assert (document["model_name"], document["model_version"]) == ("m", "3")
        assert document["id"] == "7"
        [output] = document["outputs"]
        assert parse_infer_body(json.dumps({"inputs": [output]}).encode()).inputs
        read = parse_infer_body(json.dumps({"inputs": [output]}).encode())
        assert same(read.inputs["y"][0], array)

    @given(st.lists(tensors(), min_size=1, max_size=3), st.booleans())
    def test_raw_tensors_behind_the_json(
        self, sent: list[tuple[str, np.ndarray]], by_default: bool
    ) -> None:
        entries, tail = [], b""
        for index, (datatype, array) in enumerate(sent):
            raw = bytes(raw_of_array(array))
            tail += raw
            entry = described(f"x{index}", datatype, array)
            entries.append(entry | {"parameters": {"binary_data_size": len(raw)}})
        document: dict[str, Any] = {"inputs": entries}
        if by_default:
            document["parameters"] = {"binary_data_output": True}
        else:
            document["outputs"] = [
                {"name": entry["name"], "parameters": {"binary_data": True}}
                for entry in entries
            ]
        head = json.dumps(document).encode()
        call = parse_infer_body(head + tail, len(head))
        outputs = {name: array for name, (array, _) in call.inputs.items()}
        for index, (_, array) in enumerate(sent):
            assert same(outputs[f"x{index}"], array)
        answer = encode_infer_response(MODEL, call, outputs)
        assert answer.json_bytes is not None
        told = json.loads(answer.body[: answer.json_bytes])["outputs"]
        assert answer.body[answer.json_bytes :] == tail
        sizes = [entry["parameters"]["binary_data_size"] for entry in told]
        assert sum(sizes) == len(tail)

    def test_one_output_raw_and_one_not(self) -> None:
        call = InferCall({}, raw_outputs={"a": True, "b": False}, raw_by_default=True)
        one = np.ones(2, np.float32)
        answer = encode_infer_response(MODEL, call, {"a": one, "b": one})
        head = json.loads(answer.body[: answer.json_bytes])
        assert head["outputs"][1]["data"] == [1.0, 1.0]
        assert answer.body[answer.json_bytes :] == one.tobytes()

    def test_nested_lists_have_to_have_the_shape(self) -> None:
        def body(data: object) -> bytes:
            entry = {"name": "x", "datatype": "FP32", "shape": [2, 2], "data": data}
            return json.dumps({"inputs": [entry]}).encode()

        for data in ([1, 2, 3, 4], [[1, 2], [3, 4]]):
            array, _ = parse_infer_body(body(data)).inputs["x"]
            assert array.tolist() == [[1, 2], [3, 4]]
        for data in ([[1, 2, 3, 4]], [1, 2, 3], [[1], [2], [3], [4]]):
            with pytest.raises(InvalidArgument, match=r"of shape \[2, 2\] has 4 elements"):
                parse_infer_body(body(data))

    def test_what_is_not_finite(self) -> None:
        body = b'{"inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[NaN,-Infinity]}]}'
        call = parse_infer_body(body)
        assert same(call.inputs["x"][0], np.array([np.nan, -np.inf], np.float32))
        answer = encode_infer_response(MODEL, call, {"x": call.inputs["x"][0]})
        assert b'"data":[NaN, -Infinity]' in answer.body

    def test_text_that_is_not_utf8_is_replaced_and_told(self) -> None:
        answer = encode_infer_response(MODEL, InferCall({}), {"y": strings([b"\xff"], (1,))})
        assert answer.has_replaced_text
        assert json.loads(answer.body)["outputs"][0]["data"] == ["\ufffd"]

    def test_base64_for_bytes(self) -> None:
        entry = {"name": "x", "datatype": "BYTES", "shape": [1], "data": [{"b64": "/w=="}]}
        call = parse_infer_body(json.dumps({"inputs": [entry]}).encode())
        assert call.inputs["x"][0].tolist() == [b"\xff"]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"datatype": "FLOAT"}, '"datatype" of the input .* is one of BOOL'),
            ({"datatype": None}, '"datatype"'),
            ({"shape": [-1]}, "whole numbers from 0 on; got -1"),
            ({"shape": [True]}, "got true"),
            ({"shape": [2**60, 0]}, "larger than any tensor"),
            ({"shape": [1] * 33}, "at most 32"),
            ({"shape": "2"}, '"shape"'),
            ({"data": ["a", "b"]}, "is not of expected type: float"),
            ({"data": [1, [2]]}, "the input 'x'"),
            ({"data": [[1], [2]]}, "flat or nested as the shape is; got"),
            ({"name": ""}, '"name" of an input is a text'),
            ({"parameters": [1]}, '"parameters" of the input'),
            ({"parameters": {"binary_data_size": 8}}, "one is enough"),
            ({"parameters": {"shared_memory_region": "r"}}, "shared memory"),
            ({"parameters": {"x": []}}, "a text, a number, true or false"),
            ({"datatype": "UINT16", "data": [1, 70000]}, "70000 is no UINT16"),
        ],
    )
    def test_what_is_wrong_is_told(self, change: dict[str, Any], said: str) -> None:
        entry = {"name": "x", "datatype": "FP32", "shape": [2], "data": [1.0, 2.0]} | change
        with pytest.raises(InvalidArgument, match=said):
            parse_infer_body(json.dumps({"inputs": [entry]}).encode())

    @pytest.mark.parametrize(
        ("body", "length", "said"),
        [
            (b"", None, "is no JSON"),
            (b"[]", None, "is a JSON object"),
            (b'{"inputs":[],"id":"NaN"} NaN', None, "Extra data"),
            (b'{"inputs":[],"x":NaN,"id":"\xff"}', None, "is no JSON"),
            (b'{"inputs":[],"x":NaN,"id":"\\ud800"}', None, "surrogate"),
            (b'{"inputs":' + b"[" * 3000 + b"NaN", None, "is no JSON"),
            (b"{}", None, 'has "inputs"'),
            (b'{"inputs":[]}', 99, "99, and the body has 13 bytes"),
            (b'{"inputs":[]}abc', 13, "3 bytes are left"),
            (b'{"inputs":[],"id":3}', None, '"id"'),
            (b'{"inputs":[],"parameters":{"signature_name":3}}', None, "is a text; got 3"),
            (b'{"inputs":[],"outputs":[{"name":"y","parameters":{"classification":3}}]}',
             None, "asks for classes"),
        ],
    )  # fmt: skip
    def test_wrong_bodies(self, body: bytes, length: int | None, said: str) -> None:
        with pytest.raises(InvalidArgument, match=said):
            parse_infer_body(body, length)

    def test_a_label_or_a_version(self) -> None:
        body = b'{"inputs":[],"parameters":{"version_label":"stable","signature_name":"s"}}'
        call = parse_infer_body(body)
        assert (call.label, call.signature) == ("stable", "s")
        with pytest.raises(InvalidArgument, match="name one of them"):
            parse_infer_body(body, None, 3)

    @given(st.binary(max_size=200), st.one_of(st.none(), st.integers(0, 300)))
    def test_any_bytes_are_read_or_refused(self, body: bytes, length: int | None) -> None:
        with contextlib.suppress(ServingError):
            parse_infer_body(body, length)


class TestMessages:
    @given(tensors(), st.booleans())
    def test_round_trip(self, tensor: tuple[str, np.ndarray], raw: bool) -> None:
        datatype, array = tensor
        raw = raw or datatype not in TYPED
        request = ModelInferRequest(model_name="m", model_version="3", id="7")
        entry = request.inputs.add(name="x", datatype=datatype, shape=array.shape)
        if raw:
            request.raw_input_contents.append(bytes(raw_of_array(array)))
        else:
            getattr(entry.contents, TYPED[datatype]).extend(array.reshape(-1).tolist())
        name, version, call = parse_infer_message(request.SerializeToString())
        assert (name, version, call.id) == ("m", 3, "7")
        assert model_asked_for(request.SerializeToString()) == "m"
        assert same(call.inputs["x"][0], array)
        response = ModelInferResponse.FromString(
            encode_infer_message(MODEL, call, {"x": array})
        )
        assert (response.model_name, response.model_version, response.id) == ("m", "3", "7")
        assert len(response.raw_output_contents) == raw
        back = ModelInferRequest(raw_input_contents=response.raw_output_contents)
        back.inputs.add().ParseFromString(response.outputs[0].SerializeToString())
        assert same(parse_infer_message(back.SerializeToString()).call.inputs["x"][0], array)

    def test_numbers_beyond_the_type(self) -> None:
        request = ModelInferRequest(model_name="m")
        entry = request.inputs.add(name="x", datatype="INT8", shape=[1])
        entry.contents.int_contents.append(128)
        with pytest.raises(InvalidArgument, match="128, which is no int8"):
            parse_infer_message(request.SerializeToString())

    def test_wrong_requests(self) -> None:
        request = ModelInferRequest(model_name="m", model_version="latest")
        with pytest.raises(InvalidArgument, match='the parameter "version_label"'):
            parse_infer_message(request.SerializeToString())
        request.model_version = ""
        entry = request.inputs.add(name="x", datatype="FP32", shape=[1])
        with pytest.raises(InvalidArgument, match="has 1 elements; got 0 fp32_contents"):
            parse_infer_message(request.SerializeToString())
        entry.contents.fp32_contents.append(1)
        request.raw_input_contents.append(struct.pack("<f", 1))
        with pytest.raises(InvalidArgument, match="send one of them"):
            parse_infer_message(request.SerializeToString())
        entry.ClearField("contents")
        request.raw_input_contents.append(b"")
        with pytest.raises(InvalidArgument, match="1 inputs and 2 raw_input_contents"):
            parse_infer_message(request.SerializeToString())
        del request.raw_input_contents[:]
        entry.datatype = "FP16"
        with pytest.raises(InvalidArgument, match="raw_input_contents"):
            parse_infer_message(request.SerializeToString())
        entry.parameters["p"].SetInParent()
        with pytest.raises(InvalidArgument, match="'p' has no value"):
            parse_infer_message(request.SerializeToString())

    def test_streams(self) -> None:
        answer = ModelInferResponse(model_name="m").SerializeToString()
        read = ModelStreamInferResponse.FromString(encode_stream_answer(answer))
        assert (read.error_message, read.infer_response.model_name) == ("", "m")
        read = ModelStreamInferResponse.FromString(encode_stream_error("bad", "7"))
        assert (read.error_message, read.infer_response.id) == ("bad", "7")

    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, data: bytes) -> None:
        model_asked_for(data)
        with contextlib.suppress(ServingError):
            parse_infer_message(data)
