"""Bodies of predict requests over REST: written, read, and what came out compared."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pytest

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_tensors import RequestFormat, parse_predict_body
from tfs_notebook.wire.signatures import TensorSpec

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Tensors: TypeAlias = dict[str, Array]


def specs(**dtypes: DataType) -> dict[str, TensorSpec]:
    return {alias: TensorSpec(alias, dtype, None) for alias, dtype in dtypes.items()}


def instances(value: str) -> str:
    return f'{{"instances": {value}}}'


def inputs(value: str) -> str:
    return f'{{"inputs": {value}}}'


def read(body: str | bytes, **dtypes: DataType) -> tuple[Tensors, RequestFormat]:
    raw = body.encode() if isinstance(body, str) else body
    return parse_predict_body(raw).tensors(specs(**dtypes))


def row(body: str | bytes, dtype: DataType) -> Array:
    """The only tensor of a request in the row format."""
    tensors, layout = read(body, default=dtype)
    assert layout is RequestFormat.ROW
    assert list(tensors) == ["default"]
    return tensors["default"]


def refusal(body: str | bytes, **dtypes: DataType) -> str:
    """The message with which a request is refused."""
    with pytest.raises(InvalidArgument) as caught:
        read(body, **dtypes)
    return caught.value.message


def same(actual: Array, expected: Array) -> None:
    """Assert equal types, shapes and elements, in the order the runtime reads them."""
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    assert actual.flags.c_contiguous
    np.testing.assert_array_equal(actual, expected)
