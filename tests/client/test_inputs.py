"""Arguments become tensors where that loses nothing."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from tfs_notebook.client.inputs import (
    NOTHING,
    as_inputs,
    passed,
    sent,
    unfit,
    working_call,
)
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.signatures import Signature, TensorSpec


def signature(*dtypes: DataType, **defaults: Any) -> Signature:
    """Inputs a, b, c … of these types."""
    names = "abcdef"[: len(dtypes)]
    specs = {
        name: TensorSpec(name, dtype, (-1,)) for name, dtype in zip(names, dtypes, strict=True)
    }
    return Signature("serving_default", "", specs, {}, defaults)


def converted(value: object, dtype: DataType) -> np.ndarray:
    [(array, number)] = as_inputs(value, {}, signature(dtype)).values()
    assert number == dtype
    return array


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        ([1, 2], DataType.FLOAT, np.array([1, 2], np.float32)),
        (1.5, DataType.FLOAT, np.array(1.5, np.float32)),
        ([0.1], DataType.FLOAT, np.array([0.1], np.float32)),
        ([math.nan, math.inf], DataType.HALF, np.array([math.nan, math.inf], np.float16)),
        ([1.5], DataType.BFLOAT16, np.array([1.5], ml_dtypes.bfloat16)),
        ([2.0], DataType.INT32, np.array([2], np.int32)),
        (np.array([2**31 - 1]), DataType.INT32, np.array([2**31 - 1], np.int32)),
        ([2**64 - 1], DataType.UINT64, np.array([2**64 - 1], np.uint64)),
        ([True, False], DataType.FLOAT, np.array([1, 0], np.float32)),
        ([0, 1], DataType.BOOL, np.array([False, True])),
        ([1 + 0j], DataType.FLOAT, np.array([1], np.float32)),
        ([], DataType.FLOAT, np.array([], np.float32)),
        (np.array([1, 2], object), DataType.INT64, np.array([1, 2])),
        (np.array([0.1, math.nan], object), DataType.FLOAT, np.array([0.1, math.nan], "f4")),
        ([Decimal("0.1"), 1], DataType.FLOAT, np.array([0.1, 1], np.float32)),
        ([Fraction(1, 3)], DataType.HALF, np.array([1 / 3], np.float16)),
        (np.arange(3)[::-1], DataType.INT64, np.array([2, 1, 0])),
    ],
)
def test_numbers(value: object, dtype: DataType, expected: np.ndarray) -> None:
    array = converted(value, dtype)
    assert array.dtype == expected.dtype
    assert array.shape == expected.shape
    assert array.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("value", "dtype", "reason"),
    [
        ([1.5], DataType.INT32, r"float64 \[1\], and 1.5 would become 1"),
        ([2**31], DataType.INT32, "would become"),
        ([-1], DataType.UINT8, "-1 would become 255"),
        ([-1], DataType.UINT64, "-1 would become"),
        ([2**64], DataType.UINT64, "too large"),
        ([2**24 + 1], DataType.FLOAT, r"16777217 would become 1.6777216e\+07"),
        ([1e300], DataType.FLOAT, r"1e\+300 would become inf"),
        ([2], DataType.BOOL, "2 would become True"),
        ([math.nan], DataType.INT32, "nan would become"),
        ([1 + 2j], DataType.FLOAT, "would become"),
        (["1"], DataType.FLOAT, "<U1"),
        ([[1], [2, 3]], DataType.FLOAT, "no array"),
        ([None], DataType.FLOAT, "object"),
        (
            np.array([0.1, None], object),
            DataType.FLOAT,
            r"got None \(NoneType\) in object \[2\]",
        ),
        (np.array([0.1, "0.2"], object), DataType.FLOAT, r"got '0.2' \(str\) in object"),
        (iter([1.0]), DataType.FLOAT, r"got <list_iterator .* \(list_iterator\)$"),
        (np.array([2**24 + 1], object), DataType.FLOAT, "16777217 would become"),
        (np.array([1e6], object), DataType.HALF, "would become inf"),
        (np.ma.masked_array([1.0, 2.0], [False, True]), DataType.FLOAT, "values are missing"),
        (["\ud800"], DataType.STRING, "a text that has no UTF-8"),
        ([b"a", 3], DataType.STRING, r"got 3 \(int\) among the strings"),
        ([1, 2], DataType.STRING, "among the strings"),
        (np.array([1]), DataType.STRING, "int64"),
    ],
)
def test_what_would_lose_something_is_refused(
    value: object, dtype: DataType, reason: str
) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        converted(value, dtype)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("größe", ["größe".encode()]),
        (b"\xff\x00", [b"\xff\x00"]),
        (["a", b"b\x00"], [b"a", b"b\x00"]),
        (np.array(["a", "bc"]), [b"a", b"bc"]),
        (np.array([b"a", b"bc"]), [b"a", b"bc"]),
        (np.array([["a"], ["b"]], object), [b"a", b"b"]),
        ([], []),
    ],
)
def test_strings(value: object, expected: list[bytes]) -> None:
    array = converted(value, DataType.STRING)
    assert array.dtype == object
    assert array.reshape(-1).tolist() == expected


TWO = signature(DataType.FLOAT, DataType.INT32)


@pytest.mark.parametrize(
    ("value", "named"),
    [({"a": 1, "b": 2}, {}), (NOTHING, {"a": 1, "b": 2}), (1, {"b": 2})],
)
def test_several_inputs(value: object, named: dict[str, object]) -> None:
    inputs = as_inputs(value, named, TWO)
    assert {alias: array.item() for alias, (array, _) in inputs.items()} == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("value", "named", "reason"),
    [
        (1, {}, r"for a signature with one input; the inputs are \{a, b\}"),
        ({"a": 1}, {}, r"inputs are \{a, b\}, and got \{a\}"),
        ({"a": 1}, {"b": 2}, "not in both"),
        (NOTHING, {}, r"got \{\}"),
        (NOTHING, {"a": 1, "b": 2, "z": 3}, "got {a, b, z}"),
        ({1: 2}, {}, r"got \{1\}"),
    ],
)
def test_wrong_names(value: object, named: dict[str, object], reason: str) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        as_inputs(value, named, TWO)


class Tensor:
    """What other libraries' tensors are to NumPy."""

    def __init__(self, *, needs_detach: bool = False) -> None:
        self._needs_detach = needs_detach

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        if self._needs_detach:
            raise RuntimeError("Use tensor.detach().numpy() instead.")
        return np.array([1.0, 2.0], dtype)


class Exchanged:
    """What hands its memory over by DLPack alone."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()


def test_tensors_of_other_libraries() -> None:
    assert converted(Exchanged(np.array([1.0, 2.0])), DataType.FLOAT).tolist() == [1.0, 2.0]
    unmasked = np.ma.masked_array([1.0, 2.0], [False, False])
    assert converted(unmasked, DataType.FLOAT).tolist() == [1.0, 2.0]
    assert converted(Tensor(), DataType.FLOAT).tolist() == [1.0, 2.0]
    with pytest.raises(InvalidArgument, match=r"a Tensor is no array: Use tensor.detach"):
        converted(Tensor(needs_detach=True), DataType.FLOAT)


@pytest.mark.parametrize(
    ("value", "named", "text"),
    [
        ([1, 2], {}, "a list of 2"),
        (NOTHING, {}, "nothing"),
        (np.zeros((2, 3)), {"b": "x"}, "float64 [2, 3]; b=a str"),
        ({"a": (1,), "b": 3}, {}, "a dict of a: a tuple of 1, b: a int"),
        (np.float32(3), {}, "a float32 float32 []"),
    ],
)
def test_what_was_passed_is_told(value: object, named: dict[str, object], text: str) -> None:
    assert passed(value, named) == text


def test_inputs_with_a_default_may_be_missing() -> None:
    wanted = signature(DataType.FLOAT, DataType.FLOAT, b=np.array([1], np.float32))
    assert list(as_inputs(5, {}, wanted)) == ["a"]
    assert list(as_inputs({"a": 5, "b": 6}, {}, wanted)) == ["a", "b"]


def test_types_without_arrays() -> None:
    with pytest.raises(Unimplemented, match="input a is resource"):
        converted(1, DataType.RESOURCE)


def test_an_explanation_shows_what_would_work() -> None:
    inputs = as_inputs({"a": [1], "b": 2}, {}, TWO)
    error = unfit("no\nbecause", TWO, sent(inputs), 'client["m"]')
    assert error.message.splitlines() == [
        "no",
        "because",
        "  serving_default takes  a: float [?]; b: int32 [?]",
        "  it was given  a: float [1]; b: int32 []",
        '  this would fit  client["m"].predict({"a": [1.0], "b": [1]})',
    ]
    assert error.line == (
        "no; serving_default takes a: float [?]; b: int32 [?]; it was given a: float [1]; "
        "b: int32 []"
    )


def test_a_call_with_large_values_is_short() -> None:
    spec = TensorSpec("x", DataType.FLOAT, (-1, 224, 224, 3))
    image = Signature("other", "", {"x": spec}, {})
    expected = 'm.predict(np.ones((1, 224, 224, 3), "float32"), signature="other")'
    assert working_call(image, "m") == expected
