"""The fast ways to tensors give what the exact way gives, or leave it to that one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfs_notebook.wire import json_numbers, json_tensors
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import ServingError
from tfs_notebook.wire.json_arrays import exact_array, regular_array
from tfs_notebook.wire.json_document import (
    load_exactly,
    load_quickly,
    require_object,
    signature_name_of,
)
from tfs_notebook.wire.json_numbers import find_numeric_request
from tfs_notebook.wire.json_skeletons import read_list, skeleton_of
from tfs_notebook.wire.json_tensors import parse_predict_body
from tfs_notebook.wire.signatures import TensorSpec

Tensors = dict[str, "np.ndarray[Any, np.dtype[Any]]"]


@pytest.fixture(autouse=True, scope="module")
def _fast_path_for_small_documents() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_tensors, "_NUMERIC_FROM_BYTES", 0)
        patch.setattr(json_numbers, "_BYTES_PER_QUOTE", 0)
        yield


def specs(**dtypes: DataType) -> dict[str, TensorSpec]:
    return {alias: TensorSpec(alias, dtype, None) for alias, dtype in dtypes.items()}


def fast(body: bytes, inputs: dict[str, TensorSpec]) -> Tensors | None:
    request = find_numeric_request(body)
    return None if request is None else request.tensors(inputs)


def shown(tensors: Tensors) -> dict[str, object]:
    """Everything about the arrays, comparable: dtype, shape and bits."""
    return {
        alias: (
            array.dtype.str,
            array.shape,
            array.flags.c_contiguous,
            array.tolist() if array.dtype == object else array.tobytes(),
        )
        for alias, array in tensors.items()
    }


def outcomes(body: bytes, inputs: dict[str, TensorSpec]) -> dict[str, object]:
    """What each way makes of a body; ways that leave it to another are absent."""
    found: dict[str, object] = {}
    try:
        root = require_object(load_exactly(body))
        signature_name_of(root)
        found["exact"] = shown(json_tensors._exact_tensors(root, inputs)[0])
    except ServingError as error:
        found["exact"] = error.status_text
    try:
        found["public"] = shown(parse_predict_body(body).tensors(inputs)[0])
    except ServingError as error:
        found["public"] = error.status_text
    tensors = fast(body, inputs)
    if tensors is not None:
        found["numeric"] = shown(tensors)
    # A signature name of another type is refused before the tensors are looked at.
    document = None if "signature_name" in str(found["exact"]) else load_quickly(body)
    result = None if document is None else json_tensors._regular_tensors(document, inputs)
    if result is not None:
        found["quick"] = shown(result[0])
    return found


def assert_agreement(body: bytes, inputs: dict[str, TensorSpec]) -> None:
    found = outcomes(body, inputs)
    assert all(outcome == found["exact"] for outcome in found.values()), found


class TestTaken:
    """Documents that the fast way must take, or it would be slow unnoticed."""

    @pytest.mark.parametrize(
        "body",
        [
            b'{"instances": [[1.5, 2], [3, -4e2]]}',
            b'\xef\xbb\xbf \n{ "instances" : [ [ 1.5 , 2 ] ,\t[3, -4e2]]\r\n} \n',
            b'{"signature_name": "s\xc3\xa9", "instances": [[1.5, 2], [3, -4e2]]}',
            b'{"instances": [[1.5, 2], [3, -4e2]], "signature_name": "sig"}',
            b'{"inputs": [[1.5, 2], [3, -4e2]]}',
            b'{"inputs": {"x": [[1.5, 2], [3, -4e2]]}}',
            b'{"inputs": {"x": [[1.5, 2], [3, -4e2]]}, "signature_name" : "sig" }',
            b'{"instances": [{"x": [1.5, 2]}, {"x": [3, -4e2]}]}',
        ],
    )
    def test_forms(self, body: bytes) -> None:
        tensors = fast(body, specs(x=DataType.FLOAT))
        assert tensors is not None
        expected = np.array([[1.5, 2], [3, -400]], np.float32)
        np.testing.assert_array_equal(tensors["x"], expected)

    def test_signature_name(self) -> None:
        for body in (
            b'{"signature_name": "s\xc3\xa9", "instances": [1]}',
            b'{"instances": [1], "signature_name": "s\xc3\xa9"}',
        ):
            request = find_numeric_request(body)
            assert request is not None
            assert request.signature_name == "sé"

    def test_several_inputs(self) -> None:
        inputs = specs(a=DataType.UINT8, b1=DataType.INT64, b2=DataType.UINT64)
        rows = b'[{"a": [[1],[2]], "b1": 3, "b2": [4]}, {"a": [[5],[6]], "b1": 7, "b2": [8]}]'
        tensors = fast(b'{"instances": %b}' % rows, inputs)
        assert tensors is not None
        assert tensors["a"].tolist() == [[[1], [2]], [[5], [6]]]
        assert tensors["b1"].tolist() == [3, 7]
        assert tensors["b2"].tolist() == [[4], [8]]
        columns = b'{"a": [[1],[2]], "b1": 3, "b2": [18446744073709551615]}'
        tensors = fast(b'{"inputs": %b}' % columns, inputs)
        assert tensors is not None
        assert tensors["a"].dtype == np.uint8
        assert tensors["b1"].shape == ()
        assert tensors["b2"].tolist() == [2**64 - 1]

    def test_parsers_are_used_again(self) -> None:
        for _ in range(5):
            assert fast(b'{"instances": [1]}', specs(x=DataType.FLOAT)) is not None
        assert 1 <= len(json_numbers._IDLE_PARSERS) <= json_numbers._MOST_IDLE_PARSERS

    def test_requests_do_not_disturb_each_other(self) -> None:
        requests = [find_numeric_request(b'{"instances": [%d]}' % i) for i in range(5)]
        inputs = specs(x=DataType.INT32)
        values = [one.tensors(inputs) for one in requests if one is not None]
        assert [one["x"].tolist() for one in values if one is not None] == [
            [i] for i in range(5)
        ]

    def test_long_document(self) -> None:
        image = np.random.default_rng(0).random((2, 50, 40, 3)).astype(np.float32)
        body = json.dumps({"instances": image.tolist()}).encode()
        tensors = fast(body, specs(x=DataType.FLOAT))
        assert tensors is not None
        np.testing.assert_array_equal(tensors["x"], image)


ONE = specs(x=DataType.FLOAT)


@pytest.mark.parametrize(
    "body",
    [
        # Ragged, with and without an equal count of numbers.
        b'{"instances": [[1,2],[3],[4,5,6]]}',
        b'{"instances": [[1],[],[2,3]]}',
        b'{"instances": [[1],[]]}',
        b'{"instances": [[],[]]}',
        b'{"instances": [[],[1,2]]}',
        b'{"instances": [[[1],[2]],[[3,4]]]}',
        b'{"instances": [[[1,2]],[[3],[4]]]}',
        b'{"instances": [1,[2]]}',
        b'{"instances": [[1],2]}',
        b'{"instances": [[[1]],[2]]}',
        b'{"instances": []}',
        # No numbers.
        b'{"instances": [true]}',
        b'{"instances": [null, 1]}',
        b'{"instances": ["[1]"]}',
        b'{"instances": [NaN]}',
        b'{"instances": [Inf]}',
        b'{"instances": [1e999]}',
        b'{"instances": [123456789012345678901234567890]}',
        b'{"instances": [01]}',
        b'{"instances": [1.]}',
        # Envelopes of another form.
        b'{"instances": [1], "inputs": [2]}',
        b'{"inputs": [2], "instances": [1]}',
        b'{"instances": [1], "instances": [2]}',
        b'{"instances": [1]} trailing',
        b'{"instances": [1]}}',
        b'{"instances": [1]]}',
        b'{"instances": [1], "signature_name": "a", "signature_name": "b"}',
        b'{"signature_name": "a", "instances": [1], "signature_name": 5}',
        b'{"signature_name": 5, "instances": [1]}',
        b'{"signature_name": "a\\n", "instances": [1]}',
        b'{"signature_name": "\xff", "instances": [1]}',
        b'{"other": {"instances": [5]}, "instances": [1]}',
        b'{"instances": [1], "other": {"signature_name": "x"}}',
        b'{"inputs": {"x": [1], "signature_name": "s"}}',
        b'{"inputs": {"x": {"x": [1]}}}',
        b'{"instances": {"x": [1]}}',
        # Names.
        b'{"inputs": {"x": [1], "x": [2, 3]}}',
        b'{"inputs": {"\\u0078": [1]}}',
        b'{"inputs": {"x[": [1], "x": [2]}}',
        b'{"inputs": {"x": "1"}}',
        b'{"inputs": {"x": ""}}',
        b'{"instances": [{"x": [1]}, {"x": []}]}',
        b'{"instances": [{"x": [1]}, {"x": 1}]}',
        b'{"instances": [{"x": [1]}, {"x": [1], "x": [2]}]}',
        b'{"instances": [{"x": [1]}, {"y": [1]}]}',
        b'{"instances": [{"x": [1]}, [1]]}',
        b'{"instances": [{}]}',
        b'{"instances": [{"x": 1}, {"x": true}]}',
    ],
)
def test_unusual_documents(body: bytes) -> None:
    assert_agreement(body, ONE)


@pytest.mark.parametrize(
    "rows",
    [
        # Names that differ in digits only, in another order: shapes change places.
        b'[{"x1": [[1,2,3]], "x2": [[1],[2],[3]]}, {"x2": [[1,2,3]], "x1": [[1],[2],[3]]}]',
        b'[{"x1": 1, "x2": 2}, {"x2": 3, "x1": 4}]',
        b'[{"x1": [1], "x2": [2]}, {"x1": [3], "x1": [4]}]',
        b'[{"x1": [1], "x2": [2]}, {"x1": [3], "x3": [4]}]',
        b'[{"x1": [1], "x2": [2]}, {"x 1": [3], "x2": [4]}]',
    ],
)
def test_rows_that_look_alike(rows: bytes) -> None:
    assert_agreement(b'{"instances": %b}' % rows, specs(x1=DataType.INT32, x2=DataType.INT32))


@pytest.mark.parametrize("dtype", [one for one in DataType if one.name != "INVALID"])
@pytest.mark.parametrize("number", ["1", "1.0", "-1", "300", "4294967296", "1e39", "-0", "0.1"])
def test_numbers_for_every_dtype(dtype: DataType, number: str) -> None:
    for body in (b'{"instances": [1, %b]}', b'{"inputs": {"x": [[%b]]}}', b'{"inputs": %b}'):
        assert_agreement(body % number.encode(), specs(x=dtype))


class TestSkeleton:
    @pytest.mark.parametrize(
        ("text", "shape"),
        [
            (b"[1]", (1,)),
            (b"[1,2,3]", (3,)),
            (b"[[1,2,3],[4,5,6]]", (2, 3)),
            (b"[[[1],[2]]]", (1, 2, 1)),
            (b"[[[1,2]],[[3,4]],[[5,6]]]", (3, 1, 2)),
        ],
    )
    def test_regular(self, text: bytes, shape: tuple[int, ...]) -> None:
        skeleton = skeleton_of(text)
        assert read_list(skeleton, 0) == (shape, len(skeleton))
        assert read_list(b'{"a":' + skeleton + b"}", 5) == (shape, len(skeleton) + 5)

    @pytest.mark.parametrize(
        "text", [b"[[1,2],[3]]", b"[[1],2]", b"[1,[2]]", b"[[[1]],[[2],[3]]]", b'["a"]']
    )
    def test_irregular(self, text: bytes) -> None:
        assert read_list(skeleton_of(text), 0) is None


floats = st.floats() | st.floats(width=32) | st.integers(-(2**65), 2**65) | st.just(1e39)
anything = st.one_of(
    floats,
    st.none(),
    st.booleans(),
    st.text(max_size=2),
    st.just({"b64": "YQ=="}),
    st.just([]),
    st.sampled_from([0, 1.0, -0.0, 255, 2**31, 2**53 + 1, 2**63, 2**64 - 1]),
)
FITTING: dict[DataType, st.SearchStrategy[Any]] = {
    DataType.FLOAT: floats,
    DataType.DOUBLE: floats | st.integers(0, 9),
    DataType.INT8: st.integers(-128, 127),
    DataType.UINT8: st.integers(0, 255),
    DataType.INT32: st.integers(-(2**31), 2**31 - 1),
    DataType.UINT32: st.integers(0, 2**32 - 1),
    DataType.INT64: st.integers(-(2**63), 2**63 - 1),
    DataType.UINT64: st.integers(0, 2**64 - 1),
    DataType.BOOL: st.booleans(),
    DataType.STRING: st.text(max_size=3),
    DataType.HALF: st.floats(0, 1),
}
dtypes = st.sampled_from(list(FITTING))
shapes = st.lists(st.sampled_from([1, 2, 3, 1, 2, 0]), max_size=3)


def nested(shape: list[int], element: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Regular nested lists of one shape."""
    for size in reversed(shape):
        element = st.lists(element, min_size=size, max_size=size)
    return element


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, dict[str, TensorSpec]]:
    """Requests that fit their inputs, now and then with one value out of place."""
    is_named, is_row = draw(st.booleans()), draw(st.booleans())
    aliases = st.lists(st.sampled_from(["x", "y1", "y2", "e"]), min_size=1, unique=True)
    names = draw(aliases) if is_named else ["x"]
    inputs = {name: TensorSpec(name, draw(dtypes), None) for name in names}
    members = {
        name: nested(draw(shapes), FITTING[DataType(spec.dtype)])
        for name, spec in inputs.items()
    }
    one = st.fixed_dictionaries(members) if is_named else members["x"]
    value: Any = draw(st.lists(one, min_size=1, max_size=3) if is_row else one)
    root: dict[str, Any] = {"instances" if is_row else "inputs": value}
    if draw(st.integers(0, 3)) == 0:
        _replace_somewhere(draw, root)
    if draw(st.booleans()):
        root["signature_name"] = "sig"
        if draw(st.booleans()):
            root = dict(reversed(root.items()))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")]))
    return json.dumps(root, separators=separators).encode(), inputs


def _replace_somewhere(draw: Callable[..., Any], container: Any) -> None:
    while True:
        places = list(container) if isinstance(container, dict) else range(len(container))
        place = draw(st.sampled_from(places))
        inner = container[place]
        if not isinstance(inner, list | dict) or not inner or draw(st.booleans()):
            container[place] = draw(anything)
            return
        container = inner


@given(requests())
@settings(max_examples=400, deadline=None)
def test_all_ways_agree_on_documents(request: tuple[bytes, dict[str, TensorSpec]]) -> None:
    assert_agreement(*request)


@given(
    requests(),
    st.floats(0, 0.999),
    st.integers(0, 1),
    st.sampled_from('[]{},:"019.-eE \\xNtI'),
)
@settings(max_examples=500, deadline=None)
def test_all_ways_agree_on_damaged_documents(
    request: tuple[bytes, dict[str, TensorSpec]], place: float, removed: int, inserted: str
) -> None:
    body, inputs = request
    at = int(place * len(body))
    assert_agreement(body[:at] + inserted.encode() + body[at + removed :], inputs)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_regular_and_exact_conversion_agree(data: st.DataObject) -> None:
    dtype = data.draw(dtypes)
    root = {"value": data.draw(nested(data.draw(shapes), FITTING[dtype]))}
    if data.draw(st.booleans()):
        _replace_somewhere(data.draw, root)
    quick = regular_array(root["value"], dtype)
    if quick is not None:
        assert shown({"x": quick}) == shown({"x": exact_array(root["value"], dtype)})
