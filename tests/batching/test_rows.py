"""Rows of several requests as one input, and of its outputs back again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.batching.tasks import task_of
from tfs_notebook.batching.rows import alike, filled_up, padded, parts_of, sliced
from tfs_notebook.batching.task import Task, rows_of
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument


def shaped(*shape: int, value: float = 0.0) -> Task:
    """A task with an input of this shape."""
    return task_of(np.full(shape, value, np.float32))


def joined(tasks: list[Task]) -> np.ndarray:
    """The one input of tasks that are alike."""
    return np.concatenate(parts_of(tasks)["x"][0])


def test_tasks_of_one_shape_are_alike() -> None:
    tasks = [shaped(1, 3), shaped(2, 3), shaped(0, 3)]
    assert alike(tasks, padding=False) == [tasks]


def test_another_shape_is_run_by_itself() -> None:
    first, odd, last = shaped(1, 3), shaped(1, 4), shaped(2, 3)
    assert alike([first, odd, last], padding=False) == [[first, last], [odd]]


def test_with_padding_the_number_of_dimensions_counts() -> None:
    first, longer, deeper = shaped(1, 3), shaped(1, 4), shaped(1, 3, 1)
    assert alike([first, deeper, longer], padding=True) == [[first, longer], [deeper]]


def test_padding_repeats_the_first_element_at_the_end() -> None:
    tasks = [task_of(np.array([[1.0, 2.0]], np.float32)), shaped(1, 3, value=7.0)]
    (arrays, _) = padded(parts_of(tasks))["x"]
    assert arrays[0].tolist() == [[1.0, 2.0, 1.0]]
    assert arrays[1].tolist() == [[7.0, 7.0, 7.0]]


def test_each_dimension_but_the_first_is_padded() -> None:
    (arrays, _) = padded(parts_of([shaped(2, 1, 3), shaped(1, 2, 1)]))["x"]
    assert [array.shape for array in arrays] == [(2, 2, 3), (1, 2, 3)]


def test_an_empty_tensor_cannot_be_padded() -> None:
    with pytest.raises(InvalidArgument) as caught:
        padded(parts_of([shaped(1, 0), shaped(1, 2)]))
    assert caught.value.message == "Got empty tensor in batch of non-empty tensors."


def test_more_than_six_dimensions_cannot_be_padded() -> None:
    with pytest.raises(InvalidArgument) as caught:
        padded(parts_of([shaped(1, 1, 1, 1, 1, 1, 1), shaped(1, 1, 1, 1, 1, 1, 2)]))
    assert caught.value.message == "Only tensors with rank from 1 to 6 can be padded."


def test_a_batch_is_filled_up_with_the_first_row_of_the_last_task() -> None:
    parts = parts_of([task_of([1.0]), task_of([2.0, 3.0])])
    (arrays, _) = filled_up(parts, 2)["x"]
    assert np.concatenate(arrays).tolist() == [1.0, 2.0, 3.0, 2.0, 2.0]


def test_a_last_task_without_rows_is_no_model_for_others() -> None:
    parts = parts_of([task_of([1.0]), task_of([])])
    (arrays, _) = filled_up(parts, 1)["x"]
    assert np.concatenate(arrays).tolist() == [1.0, 1.0]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_rows_come_back_to_whom_they_belong(numbers: list[int]) -> None:
    tasks = [
        task_of(np.full((number, 2), index, np.float32)) for index, number in enumerate(numbers)
    ]
    total = sum(numbers)
    slices = sliced({"y": joined(tasks)}, tasks, total)
    for index, (task, outputs) in enumerate(zip(tasks, slices, strict=True)):
        assert outputs["y"].shape == (task.rows, 2)
        assert (outputs["y"] == index).all()


def test_an_output_without_rows_belongs_to_nobody() -> None:
    tasks = [task_of([1.0]), task_of([2.0])]
    with pytest.raises(FailedPrecondition) as caught:
        sliced({"y": np.array(1.0)}, tasks, 2)
    assert caught.value.message == "Batched output tensor has 0 dimensions"
    with pytest.raises(FailedPrecondition) as caught:
        sliced({"y": np.zeros(3)}, tasks, 2)
    assert caught.value.message == (
        "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension "
        "sizes of the input tensors"
    )


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "Batching Run() must have at least one input tensor"),
        (
            {"x": (np.float32(1.0), 1)},
            "Batching Run() input tensors must have at least one dimension",
        ),
        (
            {"x": (np.zeros(2), 1), "z": (np.zeros(3), 1)},
            "Batching Run() input tensors must have equal 0th-dimension size",
        ),
    ],
)
def test_inputs_without_a_number_of_rows(
    inputs: dict[str, tuple[np.ndarray, int]], message: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        rows_of(inputs)
    assert caught.value.message == message
