"""What is written can be read back: by any JSON parser, and by our own."""

from __future__ import annotations

import base64
import json
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.example_numbers import share_of
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.json_responses import encode_inputs, encode_predictions
from tfs_notebook.wire.json_tensors import RequestFormat, parse_predict_body
from tfs_notebook.wire.signatures import TensorSpec

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

FORMS: dict[DataType, Any] = {
    DataType.FLOAT: np.float32,
    DataType.DOUBLE: np.float64,
    DataType.INT8: np.int8,
    DataType.UINT8: np.uint8,
    DataType.INT16: np.int16,
    DataType.INT32: np.int32,
    DataType.UINT32: np.uint32,
    DataType.INT64: np.int64,
    DataType.UINT64: np.uint64,
    DataType.BOOL: np.bool_,
    DataType.STRING: np.object_,
}


@st.composite
def arrays(draw: st.DrawFn, dtype: DataType, min_rank: int) -> Array:
    shape = draw(npst.array_shapes(min_dims=min_rank, max_dims=3, min_side=1, max_side=4))
    if dtype is not DataType.STRING:
        return draw(npst.arrays(FORMS[dtype], shape))
    size = int(np.prod(shape))
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(str.encode)
    array = np.empty(size, object)
    array[:] = draw(st.lists(text, min_size=size, max_size=size))
    return array.reshape(shape)


def same(actual: Array, expected: Array) -> None:
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if actual.dtype == object:
        assert actual.tolist() == expected.tolist()
    else:
        np.testing.assert_array_equal(actual, expected)
        if actual.dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(actual), np.signbit(expected))


def without_nan_sign(array: Array) -> Array:
    # JSON has one NaN.
    if array.dtype.kind == "f":
        array[np.isnan(array)] = np.nan
    return array


def read_back(
    body: bytes, layout: RequestFormat, specs: dict[str, TensorSpec]
) -> dict[str, Array]:
    name = "predictions" if layout is RequestFormat.ROW else "outputs"
    request = body.replace(name.encode(), layout.value.encode(), 1)
    tensors, found = parse_predict_body(request).tensors(specs)
    assert found is layout
    return tensors


@pytest.mark.parametrize("dtype", FORMS)
@given(st.data())
@settings(max_examples=share_of(50), deadline=None)
def test_one_array(dtype: DataType, data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(RequestFormat))
    rank = 1 if layout is RequestFormat.ROW else 0
    array = without_nan_sign(data.draw(arrays(dtype, rank)))
    spec = {"y": TensorSpec("y", dtype, None)}
    body = encode_predictions({"y": array}, spec, layout).body
    same(read_back(body, layout, spec)["y"], array)
    # A parser that knows nothing of us reads the same.
    [value] = json.loads(body).values()
    flat = np.array(value, object).reshape(-1).tolist()
    if dtype is DataType.STRING:
        assert flat == [one.decode() for one in array.reshape(-1).tolist()]
    else:
        same(np.array(flat, FORMS[dtype]).reshape(array.shape), array)


@given(st.data())
@settings(max_examples=share_of(100), deadline=None)
def test_several_arrays(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(RequestFormat))
    dtypes = data.draw(st.dictionaries(st.sampled_from("abc"), st.sampled_from(list(FORMS))))
    specs = {alias: TensorSpec(alias, dtype, None) for alias, dtype in dtypes.items()}
    specs |= {"d": TensorSpec("d", DataType.FLOAT, None), "e": TensorSpec("e", 9, None)}
    rows = data.draw(st.integers(1, 3))
    outputs = {}
    for alias, spec in specs.items():
        row = without_nan_sign(data.draw(arrays(DataType(spec.dtype), 0)))
        outputs[alias] = np.stack([row] * rows)
    body = encode_predictions(outputs, specs, layout).body
    tensors = read_back(body, layout, specs)
    assert tensors.keys() == outputs.keys()
    for alias, array in outputs.items():
        same(tensors[alias], array)


@given(st.lists(st.binary(max_size=9), min_size=1), st.sampled_from(RequestFormat))
def test_any_bytes_as_base64(values: list[bytes], layout: RequestFormat) -> None:
    array = np.empty(len(values), object)
    array[:] = values
    spec = {"y_bytes": TensorSpec("y_bytes", DataType.STRING, None)}
    body = encode_predictions({"y_bytes": array}, spec, layout).body
    [found] = json.loads(body).values()
    assert [base64.b64decode(one["b64"]) for one in found] == values
    same(read_back(body, layout, spec)["y_bytes"], array)


def escaped(text: bytes) -> bytes:
    """A JSON string that holds these bytes; only what JSON itself needs is escaped."""
    return b"".join(
        b"\\u%04x" % one if one < 32 or one in b'"\\' else bytes([one]) for one in text
    )


@given(st.lists(st.binary(max_size=9), min_size=1))
def test_any_bytes_in_a_request_string(values: list[bytes]) -> None:
    # Strings are not checked to be UTF-8.
    body = b'{"instances": ["' + b'", "'.join(map(escaped, values)) + b'"]}'
    tensors, _ = parse_predict_body(body).tensors({"x": TensorSpec("x", DataType.STRING, None)})
    assert tensors["x"].tolist() == values


@pytest.mark.parametrize("aliases", [["x"], ["b64"], ["x", "y_bytes"]])
@pytest.mark.parametrize("dtype", FORMS)
@settings(max_examples=share_of(20))
@given(data=st.data())
def test_requests_of_a_client(aliases: list[str], dtype: DataType, data: st.DataObject) -> None:
    inputs = {alias: (data.draw(arrays(dtype, 0)), int(dtype)) for alias in aliases}
    body = parse_predict_body(encode_inputs(inputs, "other"))
    assert body.signature_name == "other"
    specs = {alias: TensorSpec(alias, dtype, None) for alias in aliases}
    tensors, layout = body.tensors(specs)
    assert layout is RequestFormat.COLUMN
    for alias, (array, _) in inputs.items():
        assert tensors[alias].dtype == array.dtype
        np.testing.assert_array_equal(tensors[alias], array)
