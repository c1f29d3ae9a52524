"""Documents of predict requests, made up, and what each way of reading makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.wire.predict_bodies import Tensors
from tfs_notebook.wire import json_tensors
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import ServingError
from tfs_notebook.wire.json_document import (
    load_exactly,
    load_quickly,
    require_object,
    signature_name_of,
)
from tfs_notebook.wire.json_numbers import find_numeric_request
from tfs_notebook.wire.json_tensors import parse_predict_body
from tfs_notebook.wire.signatures import TensorSpec


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
        replace_somewhere(draw, root)
    if draw(st.booleans()):
        root["signature_name"] = "sig"
        if draw(st.booleans()):
            root = dict(reversed(root.items()))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")]))
    return json.dumps(root, separators=separators).encode(), inputs


def replace_somewhere(draw: Callable[..., Any], container: Any) -> None:
    while True:
        places = list(container) if isinstance(container, dict) else range(len(container))
        place = draw(st.sampled_from(places))
        inner = container[place]
        if not isinstance(inner, list | dict) or not inner or draw(st.booleans()):
            container[place] = draw(anything)
            return
        container = inner


@st.composite
def damaged_requests(draw: st.DrawFn) -> tuple[bytes, dict[str, TensorSpec]]:
    """A document in which a byte is left out, replaced or put in."""
    body, inputs = draw(requests())
    at = int(draw(st.floats(0, 0.999)) * len(body))
    removed = draw(st.integers(0, 1))
    inserted = draw(st.sampled_from('[]{},:"019.-eE \\xNtI')).encode()
    return body[:at] + inserted + body[at + removed :], inputs
