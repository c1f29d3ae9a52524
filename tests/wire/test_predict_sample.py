"""Example requests fit the signatures they are made from."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.wire.dtypes import DataType, numpy_type
from tfs_notebook.wire.json_tensors import RequestFormat, parse_predict_body
from tfs_notebook.wire.predict_sample import (
    has_json_form,
    plain_value,
    predict_sample,
    sample_inputs,
)
from tfs_notebook.wire.signatures import Signature, TensorSpec

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Shape: TypeAlias = "tuple[int, ...] | None"
Tensor: TypeAlias = "tuple[DataType, Shape]"

EMPTY = "is empty, and nested lists cannot tell its other dimensions"
JSON_TYPES = (
    DataType.FLOAT,
    DataType.DOUBLE,
    DataType.INT8,
    DataType.UINT8,
    DataType.INT16,
    DataType.INT32,
    DataType.UINT32,
    DataType.INT64,
    DataType.UINT64,
    DataType.BOOL,
    DataType.STRING,
)


def specs(**tensors: Tensor) -> dict[str, TensorSpec]:
    return {alias: TensorSpec(alias, *tensors[alias]) for alias in sorted(tensors)}


def signature(
    inputs: dict[str, TensorSpec],
    outputs: dict[str, TensorSpec] | None = None,
    defaults: dict[str, Array] | None = None,
    name: str = "serving_default",
) -> Signature:
    if outputs is None:
        outputs = specs(y=(DataType.FLOAT, (-1, 1)))
    return Signature(name, "tensorflow/serving/predict", inputs, outputs, defaults or {})


def one(dtype: DataType, shape: Shape) -> Signature:
    return signature(specs(x=(dtype, shape)))


@pytest.mark.parametrize(
    ("dtype", "shape", "body"),
    [
        (DataType.FLOAT, (-1, 1), {"instances": [[1.0]]}),
        (DataType.FLOAT, (-1,), {"instances": [1.0]}),
        (DataType.FLOAT, (1,), {"instances": [1.0]}),
        (DataType.FLOAT, None, {"instances": [1.0]}),
        (DataType.FLOAT, (), {"inputs": 1.0}),
        (DataType.FLOAT, (-1, -1), {"instances": [[1.0, 1.0]]}),
        (DataType.FLOAT, (2, 3), {"instances": [[1.0] * 3] * 2}),
        (DataType.INT64, (-1, 2), {"instances": [[1, 1]]}),
        (DataType.UINT8, (-1, 1, 1, 3), {"instances": [[[[1, 1, 1]]]]}),
        (DataType.BOOL, (-1,), {"instances": [True]}),
        (DataType.STRING, (-1,), {"instances": ["text"]}),
        (DataType.STRING, (), {"inputs": "text"}),
        (DataType.FLOAT, (-1, 0), {"instances": [[]]}),
        (DataType.FLOAT, (0,), {"inputs": []}),
    ],
)
def test_body_for_one_input(dtype: DataType, shape: Shape, body: dict[str, Any]) -> None:
    request = predict_sample(one(dtype, shape))
    assert request.body == body
    assert request.obstacles == ()


def test_several_inputs_are_named() -> None:
    inputs = specs(a=(DataType.INT64, (-1,)), b=(DataType.BOOL, (-1, 2)))
    request = predict_sample(signature(inputs))
    assert request.layout is RequestFormat.ROW
    assert request.values == {"a": [1], "b": [[True, True]]}
    assert request.body == {"instances": [{"a": 1, "b": [True, True]}]}


def test_rows_are_as_many_as_a_fixed_first_dimension_says() -> None:
    inputs = specs(a=(DataType.INT64, (3,)), b=(DataType.FLOAT, (3, 1)))
    request = predict_sample(signature(inputs, {}))
    assert request.body == {"instances": [{"a": 1, "b": [1.0]}] * 3}


def test_other_signatures_are_named() -> None:
    inputs = specs(x=(DataType.FLOAT, (-1,)))
    body = predict_sample(signature(inputs, name="other")).body
    assert body == {"signature_name": "other", "instances": [1.0]}


@pytest.mark.parametrize(
    "outputs",
    [
        specs(loss=(DataType.FLOAT, ())),
        specs(y=(DataType.FLOAT, (-1,)), loss=(DataType.FLOAT, ())),
        specs(table=(DataType.FLOAT, (7, 2))),
    ],
)
def test_columns_where_an_output_has_no_rows(outputs: dict[str, TensorSpec]) -> None:
    request = predict_sample(signature(specs(x=(DataType.FLOAT, (-1,))), outputs))
    assert request.body == {"inputs": [1.0]}


def test_columns_where_first_dimensions_differ() -> None:
    inputs = specs(x=(DataType.FLOAT, (-1, 2)), scale=(DataType.FLOAT, ()))
    assert predict_sample(signature(inputs)).body == {
        "inputs": {"scale": 1.0, "x": [[1.0, 1.0]]}
    }


@pytest.mark.parametrize(
    "names",
    [("s/indices", "s/values", "s/dense_shape"), ("s", "s_1", "s_2")],
    ids=["TensorFlow 1", "TensorFlow 2"],
)
@pytest.mark.parametrize(("rank", "known"), [(3, 3), (-1, 2)])
def test_parts_of_a_sparse_tensor_fit(
    names: tuple[str, str, str], rank: int, known: int
) -> None:
    indices, values, shape = names
    inputs = specs(
        **{
            indices: (DataType.INT64, (-1, rank)),
            values: (DataType.STRING, (-1,)),
            shape: (DataType.INT64, (rank,)),
            "x": (DataType.FLOAT, (-1,)),
        }
    )
    request = predict_sample(signature(inputs))
    assert request.layout is RequestFormat.COLUMN
    assert request.values == {
        indices: [[0] * known],
        values: ["text"],
        shape: [1] * known,
        "x": [1.0],
    }


def test_numbered_names_alone_make_no_sparse_tensor() -> None:
    inputs = specs(**dict.fromkeys(("s", "s_1", "s_2"), (DataType.FLOAT, (-1,))))
    assert predict_sample(signature(inputs)).layout is RequestFormat.ROW


def test_a_short_default_stands_for_itself() -> None:
    inputs = specs(
        x=(DataType.FLOAT, (-1,)),
        rate=(DataType.FLOAT, ()),
        words=(DataType.STRING, (2,)),
        many=(DataType.INT32, (1000,)),
    )
    defaults: dict[str, Array] = {
        "rate": np.array(0.1, np.float32),
        "words": np.array([b"a\0", b"\xff"], object),
        "many": np.full(1000, 7, np.int32),
    }
    request = predict_sample(signature(inputs, defaults=defaults))
    assert request.values == {
        "many": [1] * 1000,
        "rate": 0.1,
        "words": ["a\0", {"b64": "/w=="}],
        "x": [1.0],
    }


def test_values_of_the_caller_come_first() -> None:
    given_signature = one(DataType.STRING, (-1,))
    request = predict_sample(given_signature, {"x": ["a", "b"]})
    assert request.body == {"instances": ["a", "b"]}


@pytest.mark.parametrize(
    ("inputs", "outputs", "obstacles"),
    [
        ({}, {}, ("the signature has no inputs, and a request without inputs is refused",)),
        (
            specs(h=(DataType.HALF, (-1,))),
            specs(c=(DataType.COMPLEX64, (-1,))),
            (
                "input h is half, which JSON cannot hold",
                "output c is complex64, which JSON cannot hold",
            ),
        ),
        (
            specs(x=(DataType.FLOAT, (0, 3))),
            {},
            (f"input x of shape [0, 3] {EMPTY}",),
        ),
        (
            specs(x=(DataType.FLOAT, (-1, 2**40))),
            {},
            (f"input x of shape [-1, {2**40}] is too large to show",),
        ),
        (
            specs(x=(DataType.FLOAT, (1,) * 33)),
            {},
            ("input x has more than 32 dimensions",),
        ),
    ],
    ids=["no inputs", "types", "empty", "huge", "deep"],
)
def test_what_rest_cannot_take_is_said(
    inputs: dict[str, TensorSpec], outputs: dict[str, TensorSpec], obstacles: tuple[str, ...]
) -> None:
    request = predict_sample(signature(inputs, outputs))
    assert request.obstacles == obstacles
    assert request.body is None
    assert request.layout is None


@pytest.mark.parametrize(
    "dtype",
    [dtype for dtype in DataType if numpy_type(dtype) is not None],
    ids=lambda dtype: dtype.name,
)
def test_every_type_with_values_has_an_example(dtype: DataType) -> None:
    assert has_json_form(dtype) == (dtype in JSON_TYPES)
    value = sample_inputs(one(dtype, (-1, 3)))["x"]
    array = np.array(value, numpy_type(dtype))
    assert array.shape == (1, 3)
    if array.dtype != object:
        assert (array == np.ones((1, 3), array.dtype)).all()


@pytest.mark.parametrize("dtype", [DataType.RESOURCE, DataType.VARIANT, DataType.INVALID, 999])
def test_types_without_values_are_left_out(dtype: int) -> None:
    spec = TensorSpec("x", dtype, (-1,))
    assert sample_inputs(signature({"x": spec})) == {}


def test_large_values_share_their_rows() -> None:
    request = predict_sample(one(DataType.FLOAT, (-1, 1000, 1000, 3)))
    [image] = request.values.values()
    assert isinstance(image, list)
    [rows] = image
    assert isinstance(rows, list)
    assert rows[0] is rows[-1]


@pytest.mark.parametrize(
    ("array", "value"),
    [
        (np.array([[1, 2]], np.int64), [[1, 2]]),
        (np.array([0.1, 1e30], np.float32), [0.1, 1e30]),
        (np.array(0.1), 0.1),
        (np.array([True]), [True]),
        (np.array([[b"a\0", "é".encode()]], object), [["a\0", "é"]]),
        (np.zeros((2, 0), np.float32), [[], []]),
    ],
)
def test_plain_value(array: Array, value: object) -> None:
    assert plain_value(array) == value
    assert json.loads(json.dumps(plain_value(array))) == value


def test_plain_value_keeps_what_is_not_finite() -> None:
    value = plain_value(np.array([math.inf, math.nan], np.float32))
    assert isinstance(value, list)
    assert value[0] == math.inf
    assert isinstance(value[1], float)
    assert math.isnan(value[1])


sizes = st.one_of(st.just(-1), st.integers(1, 4), st.sampled_from((0, 17)))
shapes = st.one_of(st.none(), st.lists(sizes, max_size=4).map(tuple))
aliases = st.one_of(
    st.text(min_size=1, max_size=5),
    st.sampled_from(("b64", "x", "x_1", "x_2", "x/indices", "x/values", "x/dense_shape")),
)


@st.composite
def tensor_specs(draw: st.DrawFn, dtypes: tuple[DataType, ...]) -> dict[str, TensorSpec]:
    names = draw(st.sets(aliases, min_size=1, max_size=4))
    return {
        name: TensorSpec(name, draw(st.sampled_from(dtypes)), draw(shapes))
        for name in sorted(names)
    }


@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    inputs = draw(tensor_specs(JSON_TYPES))
    outputs = draw(tensor_specs(JSON_TYPES))
    defaults = {
        alias: default_for(spec)
        for alias, spec in inputs.items()
        if spec.shape is not None and draw(st.booleans())
    }
    return signature(inputs, outputs, defaults, draw(st.text(max_size=4)) or "serving_default")


def default_for(spec: TensorSpec) -> Array:
    assert spec.shape is not None
    shape = tuple(max(size, 1) if size < 0 else size for size in spec.shape)
    form = numpy_type(spec.dtype)
    assert form is not None
    return np.full(shape, b"\xfe\0" if form.kind == "O" else form.type(1), form)


def fits(shape: tuple[int, ...], spec: TensorSpec) -> bool:
    if spec.shape is None:
        return True
    return len(shape) == len(spec.shape) and all(
        expected in (-1, size) for size, expected in zip(shape, spec.shape, strict=True)
    )


@given(signatures())
def test_every_body_parses_into_what_the_signature_asks_for(given_signature: Signature) -> None:
    request = predict_sample(given_signature)
    empty = any(
        spec.shape is not None and 0 in spec.shape[:-1]
        for spec in given_signature.inputs.values()
    )
    assert (request.body is None) == empty == bool(request.obstacles)
    if request.body is None:
        return
    body = parse_predict_body(json.dumps(request.body).encode())
    assert (body.signature_name or "serving_default") == given_signature.name
    tensors, layout = body.tensors(given_signature.inputs)
    assert layout is request.layout
    assert tensors.keys() == given_signature.inputs.keys()
    for alias, array in tensors.items():
        spec = given_signature.inputs[alias]
        assert array.dtype == numpy_type(spec.dtype)
        assert fits(array.shape, spec), (alias, array.shape, spec)
    if layout is RequestFormat.ROW:
        assert len({len(array) for array in tensors.values()}) == 1


def test_small_types_of_ml_dtypes_take_the_values() -> None:
    value = sample_inputs(one(DataType.INT4, (2,)))["x"]
    assert np.array(value, ml_dtypes.int4).tolist() == [1, 1]
