"""What may be said of batching, and what is refused."""

from __future__ import annotations

import os

import pytest
from google.protobuf import text_format

from tfs_notebook.batching.parameters import (
    BatchingParameters,
    parameters_of,
    parameters_to_message,
)
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import POOL
from tfs_notebook.wire.messages import BatchingParameters as Message


def parsed(text: str) -> BatchingParameters:
    """The parameters of a file with this text."""
    message = Message()
    text_format.Parse(text, message, descriptor_pool=POOL)
    return parameters_of(message)


def test_what_a_file_leaves_out_has_tf_servings_default() -> None:
    assert parsed("") == BatchingParameters(
        max_batch_size=1000,
        batch_timeout_micros=0,
        max_enqueued_batches=10,
        num_batch_threads=os.cpu_count() or 1,
        thread_pool_name="batch_threads",
        allowed_batch_sizes=(),
        pad_variable_length_inputs=False,
        enable_large_batch_splitting=False,
        max_execution_batch_size=0,
    )
    assert BatchingParameters().thread_pool_name == "model_server_batch_threads"


def test_a_file_of_the_field() -> None:
    parameters = parsed(
        "num_batch_threads { value: 40 } batch_timeout_micros { value: 0 } "
        "max_batch_size { value: 1024 }"
    )
    assert (parameters.num_batch_threads, parameters.max_batch_size) == (40, 1024)
    assert parameters.rows_of_a_run == 1024


def test_there_and_back() -> None:
    text = (
        "max_batch_size { value: 8 } batch_timeout_micros { value: 7 } "
        "max_enqueued_batches { value: 6 } num_batch_threads { value: 5 } "
        'thread_pool_name { value: "t" } allowed_batch_sizes: 4 allowed_batch_sizes: 8 '
        "pad_variable_length_inputs: true enable_large_batch_splitting { value: true } "
        "max_execution_batch_size { value: 4 }"
    )
    parameters = parsed(text)
    assert parameters_of(parameters_to_message(parameters)) == parameters
    assert parameters.rows_of_a_run == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "num_batch_threads { value: 0 }",
            "num_batch_threads must be positive; was 0",
        ),
        ("num_batch_threads { value: -3 }", "num_batch_threads must be positive; was -3"),
        ("max_batch_size { value: 0 }", "max_batch_size must be positive; was 0"),
        (
            "batch_timeout_micros { value: -1 }",
            "batch_timeout_micros must be non-negative; was -1",
        ),
        (
            "max_enqueued_batches { value: -1 }",
            "max_enqueued_batches must be non-negative; was -1",
        ),
        (
            "max_batch_size { value: 8 } allowed_batch_sizes: 4",
            (
                "Last entry in allowed_batch_sizes must match max_batch_size; "
                "last entry was 4; expected 8"
            ),
        ),
        (
            "max_batch_size { value: 8 } max_execution_batch_size { value: 9 }",
            (
                "max_execution_batch_size must be at most max_batch_size; was 9, "
                "max_batch_size is 8"
            ),
        ),
    ],
)
def test_what_cannot_work_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parsed(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("rows", "rounded"), [(1, 2), (2, 2), (3, 4), (4, 4), (5, 16), (16, 16), (17, 17)]
)
def test_a_batch_is_filled_up_to_the_first_size_that_holds_it(rows: int, rounded: int) -> None:
    parameters = BatchingParameters(max_batch_size=16, allowed_batch_sizes=(2, 4, 16))
    assert parameters.rounded(rows) == rounded


def test_without_allowed_sizes_a_batch_is_what_it_is() -> None:
    assert BatchingParameters().rounded(17) == 17
