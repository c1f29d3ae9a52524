"""Numbers: NumPy arrays ⇄ ``TF_Tensor``."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from tests.models.inputs import DTYPES, SAMPLES
from tfs_notebook.runtimes.tensorflow.library import Library, load_library
from tfs_notebook.runtimes.tensorflow.tensors import array_from_tensor, tensor_from_array
from tfs_notebook.wire.dtypes import DataType, data_type_of
from tfs_notebook.wire.errors import InvalidArgument


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def round_trip(library: Library, array: np.ndarray) -> np.ndarray:
    dtype = data_type_of(array.dtype)
    assert dtype is not None
    tensor = tensor_from_array(library, array, dtype)
    assert library.TensorType(tensor) == dtype
    return array_from_tensor(library, tensor)


plain_dtypes = st.sampled_from(
    [
        array.dtype
        for array in SAMPLES.values()
        if array.dtype.isbuiltin == 1 and not array.dtype.hasobject
    ]
)
arrays: st.SearchStrategy[np.ndarray[Any, Any]] = plain_dtypes.flatmap(
    lambda dtype: st_numpy.arrays(
        dtype, st_numpy.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6)
    )
)


@given(arrays, st.booleans())
def test_round_trip(library: Library, array: np.ndarray, transpose: bool) -> None:
    array = array.T if transpose else array
    got = round_trip(library, array)
    assert got.dtype == array.dtype
    assert got.shape == array.shape
    assert got.tobytes() == array.tobytes()


@pytest.mark.parametrize("name", [name for name in DTYPES if name != "string"])
def test_every_type(library: Library, name: str) -> None:
    sample = SAMPLES[name]
    assert round_trip(library, sample).tobytes() == sample.tobytes()


@pytest.mark.parametrize("size", [1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 1_000_000])
def test_memory_of_large_results_lives_as_long_as_its_arrays(
    library: Library, size: int
) -> None:
    array = np.arange(size, dtype=np.float32)
    part = round_trip(library, array)[size // 2 :]
    gc.collect()
    # What was freed too early would be overwritten by these.
    others = [round_trip(library, np.full(size, -1, np.float32)) for _ in range(4)]
    assert part.tobytes() == array[size // 2 :].tobytes()
    assert not part.flags.writeable
    del others


def test_quantised_types_share_the_form_of_plain_ones(library: Library) -> None:
    array = np.array([1, 2], np.int8)
    tensor = tensor_from_array(library, array, DataType.QINT8)
    assert library.TensorType(tensor) == DataType.QINT8
    assert array_from_tensor(library, tensor).tolist() == [1, 2]


def test_another_type_than_said_keeps_its_own(library: Library) -> None:
    tensor = tensor_from_array(library, np.zeros(2, np.float64), DataType.FLOAT)
    assert library.TensorType(tensor) == DataType.DOUBLE
    library.DeleteTensor(tensor)


@pytest.mark.parametrize("dtype", ["S3", "U3", "datetime64[s]", "V8"])
def test_types_no_tensor_has(library: Library, dtype: str) -> None:
    with pytest.raises(InvalidArgument, match="has no tensor type; expected float"):
        tensor_from_array(library, np.zeros(1, dtype), DataType.FLOAT)


def test_numbers_in_the_other_byte_order_keep_their_values(library: Library) -> None:
    tensor = tensor_from_array(library, np.array([1.0, 2.0], ">f4"), DataType.FLOAT)
    assert array_from_tensor(library, tensor).tolist() == [1.0, 2.0]
