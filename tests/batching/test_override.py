"""What may be said of one model's batching, and what becomes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.batching.override import BatchingOverride, check_batch_threads
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.wire.errors import InvalidArgument

AT_MOST = "must be at most max_batch_size"
MATCH = "must match max_batch_size"


def test_what_is_said_goes_before_what_is_configured() -> None:
    configured = BatchingParameters(max_batch_size=64, num_batch_threads=3)
    said = BatchingOverride().changed({"batch_timeout_micros": 7, "max_batch_size": 8})
    assert said.given == {"batch_timeout_micros": 7, "max_batch_size": 8}
    assert said.over(configured) == BatchingParameters(
        max_batch_size=8, batch_timeout_micros=7, num_batch_threads=3
    )
    assert BatchingOverride().over(configured) is configured


def test_changes_add_up_and_none_takes_back() -> None:
    said = BatchingOverride().changed({"batch_timeout_micros": 7, "max_batch_size": 8})
    said = said.changed({"batch_timeout_micros": None, "allowed_batch_sizes": [2, 8]})
    assert said.given == {"max_batch_size": 8, "allowed_batch_sizes": (2, 8)}
    assert BatchingOverride().changed(said.given) == said


def test_a_target_is_no_parameter() -> None:
    said = BatchingOverride().changed({"latency_target_micros": 5})
    configured = BatchingParameters()
    assert said.over(configured) is configured


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"max_batch_size": "8"}, '"max_batch_size" is a whole number'),
        ({"max_batch_size": 8.0}, '"max_batch_size" is a whole number'),
        ({"max_batch_size": True}, '"max_batch_size" is a whole number'),
        ({"batch_timeout_micros": 2**63}, '"batch_timeout_micros" is a whole number'),
        ({"pad_variable_length_inputs": 1}, "is true or false; got 1"),
        ({"enable_large_batch_splitting": "no"}, 'is true or false; got "no"'),
        ({"allowed_batch_sizes": 8}, "is a list of at most 1000 sizes"),
        ({"allowed_batch_sizes": [1] * 1001}, "is a list of at most 1000 sizes"),
        ({"allowed_batch_sizes": [0, 8]}, 'an entry of "allowed_batch_sizes" is a whole'),
        ({"latency_target_micros": -1}, "is a whole number from 0 to 3600000000; got -1"),
        ({"latency_target_micros": 3_600_000_001}, "is a whole number from 0 to 3600000000"),
        ({"num_batch_threads": 4}, "is not of one model"),
        ({"thread_pool_name": "x"}, "is not of one model"),
        ({"max_size": 4}, "got the unknown field 'max_size'"),
        ({"x" * 10_000: 4}, "got the unknown field"),
    ],
)
def test_values_that_cannot_be(changes: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        BatchingOverride().changed(changes)
    assert text in refused.value.message
    assert len(refused.value.message) < 500


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"max_batch_size": 0}, "max_batch_size must be positive; was 0"),
        ({"batch_timeout_micros": -1}, "batch_timeout_micros must be non-negative; was -1"),
        (
            {"max_execution_batch_size": 65},
            f"max_execution_batch_size {AT_MOST}; was 65, max_batch_size is 64",
        ),
        (
            {"allowed_batch_sizes": [8, 32]},
            f"Last entry in allowed_batch_sizes {MATCH}; last entry was 32; expected 64",
        ),
    ],
)
def test_what_cannot_work_together(changes: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        BatchingOverride().changed(changes).over(BatchingParameters(max_batch_size=64))
    assert refused.value.message == text


@pytest.mark.parametrize("number", [0, -1, 1025, True, "4", 2.0, None])
def test_threads_that_cannot_be(number: object) -> None:
    with pytest.raises(InvalidArgument, match=r'"num_batch_threads" is a whole number'):
        check_batch_threads(number)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)
NAMES = st.sampled_from([*BatchingOverride.__dataclass_fields__, "num_batch_threads", "x"])


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_whatever_is_said_is_taken_as_it_is_or_refused(changes: dict[str, object]) -> None:
    try:
        said = BatchingOverride().changed(changes)
    except InvalidArgument as error:
        error.message.encode()
    else:
        expected = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in changes.items()
            if value is not None
        }
        assert said.given == expected
