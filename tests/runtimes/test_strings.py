"""String tensors: views that own their block, and graphs that keep what they are given."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.inputs import strings
from tfs_notebook.runtimes.tensorflow.library import Library, load_library
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel, load_saved_model
from tfs_notebook.runtimes.tensorflow.string_keepers import keeps_strings
from tfs_notebook.runtimes.tensorflow.strings import (
    OwningCopier,
    bytes_of_elements,
    check_layout,
    new_view_tensor,
)
from tfs_notebook.runtimes.tensorflow.tensors import array_from_tensor, tensor_from_array
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument
from tfs_notebook.wire.messages import GraphDef, SavedModel

STRING = int(DataType.STRING)


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def copier(library: Library) -> OwningCopier:
    return OwningCopier(library)


def borrowing(library: Library, tensor: int, count: int) -> list[bool]:
    """Whether each element is a view whose bytes nobody keeps for it."""
    raw = ctypes.string_at(library.TensorData(tensor), count * 24)
    words = np.frombuffer(raw, np.uint64).reshape(-1, 3).tolist()
    return [first & 3 == 3 and not owner for first, _, owner in words]


# Lengths around what an element can hold itself (22), and a NUL inside.
texts = st.one_of(
    st.binary(max_size=60), st.integers(20, 25).map(lambda n: b"n" * n), st.just(b"a\0b")
)


@given(st.lists(texts, max_size=40))
def test_round_trip(library: Library, values: list[bytes]) -> None:
    tensor = tensor_from_array(library, strings(*values), STRING)
    assert all(borrowing(library, tensor, len(values)))
    assert array_from_tensor(library, tensor).tolist() == values


@given(st.lists(texts, max_size=40))
def test_owning_copies_hold_the_same(
    library: Library, copier: OwningCopier, values: list[bytes]
) -> None:
    views = new_view_tensor(library, strings(*values))
    owned = copier.copy(views, None)
    library.DeleteTensor(views)
    assert not any(borrowing(library, owned, len(values)))
    assert array_from_tensor(library, owned).tolist() == values


@given(st.lists(texts, min_size=1, max_size=12), st.integers(1, 3))
def test_every_element_ends_with_a_nul(
    library: Library, values: list[bytes], rank: int
) -> None:
    """Kernels take ``c_str()`` of an element, so what follows it must be a NUL."""
    array = strings(*values).reshape((1,) * (rank - 1) + (-1,))
    tensor = new_view_tensor(library, array)
    address = library.TensorData(tensor)
    words = np.frombuffer(ctypes.string_at(address, len(values) * 24), np.uint64).reshape(-1, 3)
    for value, (_, pointer, _) in zip(values, words.tolist(), strict=True):
        assert ctypes.string_at(pointer, len(value) + 1) == value + b"\0"
    library.DeleteTensor(tensor)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (2, 3), (1, 1, 1)])
def test_shapes(library: Library, shape: tuple[int, ...]) -> None:
    array = np.full(shape, b"text", object)
    got = array_from_tensor(library, tensor_from_array(library, array, STRING))
    assert got.shape == shape
    assert got.tolist() == array.tolist()


def test_transposed_strings_keep_their_places(library: Library) -> None:
    array = strings(b"a", b"b", b"c", b"d", b"e", b"f").reshape(2, 3).T
    got = array_from_tensor(library, tensor_from_array(library, array, STRING))
    assert got.tolist() == array.tolist()


def test_a_large_string(library: Library) -> None:
    value = b"x" * 50_000_000
    tensor = tensor_from_array(library, strings(value, b"after"), STRING)
    assert array_from_tensor(library, tensor).tolist() == [value, b"after"]


def test_all_kinds_of_elements_are_read(library: Library) -> None:
    elements = ctypes.create_string_buffer(24 * 4 + 16)
    base = ctypes.addressof(elements)
    small, large, view = b"small", b"l" * 100, b"viewed" * 10
    for index, value in enumerate((small, large)):
        library.StringInit(base + 24 * index)
        library.StringCopy(base + 24 * index, value, len(value))
    library.StringInit(base + 48)
    library.StringAssignView(base + 48, view, len(view))
    # An offset element: its bytes lie at a distance from it.
    ctypes.memmove(base + 96, b"offset", 6)
    ctypes.memmove(base + 72, np.array([6 << 2 | 2, 24, 1], np.uint32).tobytes(), 12)
    assert bytes_of_elements(base, 4) == [small, large, view, b"offset"]
    library.StringDealloc(base + 24)


def test_layout_is_checked_against_the_library(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_layout(library)
    # A library whose views are something else.
    monkeypatch.setattr(library, "StringAssignView", library.StringCopy, raising=False)
    with pytest.raises(FailedPrecondition, match="lays its strings out in another way"):
        check_layout(library)


def test_only_bytes(library: Library) -> None:
    for wrong in ("text", None, 1):
        array = np.empty(2, object)
        array[:] = [b"ok", wrong]
        with pytest.raises(InvalidArgument, match=type(wrong).__name__):
            new_view_tensor(library, array)


# -- graphs that keep strings ----------------------------------------------------


def graph_of(path: Path) -> GraphDef:
    saved = SavedModel.FromString((path / "saved_model.pb").read_bytes())
    return saved.meta_graphs[0].graph_def


@pytest.mark.parametrize(
    ("name", "keeps"),
    [
        ("string_keepers", True),
        ("string_memory", True),
        ("texts", False),
        ("half_plus_two", False),
        ("identities", False),
        ("slow", False),
        # Its restore op assigns numbers, and its asset's name is a constant.
        ("keras_3", False),
    ],
)
def test_graphs_that_keep_strings_are_known(models: Path, name: str, keeps: bool) -> None:
    assert keeps_strings(graph_of(models / name / "1")) is keeps


@pytest.fixture
def keepers(models: Path) -> Iterator[TensorFlowModel]:
    model = load_saved_model(models / "string_keepers" / "1", ["serve"])
    yield model
    model.close()


def run_signature(
    model: TensorFlowModel, name: str, **inputs: np.ndarray
) -> dict[str, list[object]]:
    signature = model.signatures[name]
    typed = {alias: (array, signature.inputs[alias].dtype) for alias, array in inputs.items()}
    arrays = model.run(signature, typed, list(signature.outputs))
    return {
        alias: array.tolist() for alias, array in zip(signature.outputs, arrays, strict=True)
    }


def run(model: TensorFlowModel, name: str, **inputs: np.ndarray) -> list[object]:
    [output] = run_signature(model, name, **inputs).values()
    return output


def fresh_values(turn: int) -> list[bytes]:
    return [b"%d/%d " % (turn, number) * (1 + number % 9) for number in range(300)]


def trample(model: TensorFlowModel) -> None:
    """Use up the memory that a past request's strings have left, and overwrite it."""
    gc.collect()
    for _ in range(20):
        run(model, "values", numbers=np.arange(-300, 0))
        run(model, "numbers", values=strings(*[b"#" * (n % 60) for n in range(300)]))


@pytest.mark.parametrize(
    ("put", "get"), [("assign", "read"), ("assign_old", "read_old"), ("enqueue", "dequeue")]
)
def test_what_a_graph_keeps_outlives_the_request(
    keepers: TensorFlowModel, put: str, get: str
) -> None:
    for turn in range(5):
        run(keepers, put, values=strings(*fresh_values(turn)))
        trample(keepers)
        assert run(keepers, get) == fresh_values(turn)


def test_what_tables_keep_outlives_the_request(keepers: TensorFlowModel) -> None:
    for turn in range(5):
        numbers = np.arange(turn * 300, (turn + 1) * 300)
        run(keepers, "insert", numbers=numbers, values=strings(*fresh_values(turn)))
    trample(keepers)
    for turn in range(5):
        numbers = np.arange(turn * 300, (turn + 1) * 300)
        values = fresh_values(turn)
        assert run(keepers, "values", numbers=numbers) == values
        assert run(keepers, "numbers", values=strings(*values)) == numbers.tolist()


def test_what_functions_keep_outlives_the_request(models: Path) -> None:
    model = load_saved_model(models / "string_memory" / "1", ["serve"])
    trampling = strings(*[b"#" * (number % 60 + 1) for number in range(300)])
    every: list[bytes] = []
    try:
        for turn in range(5):
            values = fresh_values(turn)
            every += values
            run_signature(model, "remember", text=strings(*values))
            gc.collect()
            for _ in range(20):
                run_signature(model, "look_up", text=trampling)
            assert run_signature(model, "recall")["text"] == values
        got = run_signature(model, "look_up", text=strings(*every))
        assert got["number"] == got["dense"] == list(range(300)) * 5
    finally:
        model.close()
