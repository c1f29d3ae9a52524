"""resource_tracker_test (8), as far as one device with one kind of resource goes."""

from __future__ import annotations

import pytest

from tfs_notebook.lifecycle.resources import ResourceTracker, check_estimate, shrunk
from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.wire.errors import InvalidArgument, ResourceExhausted

ID = ServableId("m", 1)


def test_reserve_until_it_is_full() -> None:
    tracker = ResourceTracker(10).reserve(4).reserve(6)
    assert (tracker.used, tracker.free) == (10, 0)
    assert tracker.fits(0)
    assert not tracker.fits(1)


def test_reserving_what_does_not_fit_changes_nothing() -> None:
    tracker = ResourceTracker(10, 4)
    with pytest.raises(ResourceExhausted, match="6 bytes are free"):
        tracker.reserve(7)
    assert tracker == ResourceTracker(10, 4)


def test_unset_limit_never_denies() -> None:
    tracker = ResourceTracker(None).reserve(2**70)
    assert tracker.fits(2**70)
    assert tracker.can_ever_fit(2**70)
    assert tracker.free is None


def test_limit_of_zero_denies_everything_that_needs_something() -> None:
    tracker = ResourceTracker(0)
    assert tracker.fits(0)
    assert not tracker.can_ever_fit(1)


def test_denial_says_how_much_is_needed_and_free() -> None:
    assert ResourceTracker(4096, 3072).denial(ID, 1536).status_text == (
        "RESOURCE_EXHAUSTED: Insufficient resources to load servable {name: m version: 1}: "
        "it needs 1536 bytes (1.5 KiB) of memory; of the limit of 4096 bytes (4.0 KiB), "
        "1024 bytes (1.0 KiB) are free. It will be loaded when enough memory is free."
    )


def test_denial_for_ever_says_so() -> None:
    assert (
        ResourceTracker(10)
        .denial(ID, 11)
        .message.endswith(
            "it needs 11 bytes of memory; of the limit of 10 bytes, 10 bytes are free. "
            "It can never fit; raise the limit to load it."
        )
    )


def test_unknown_estimate_counts_as_nothing() -> None:
    assert check_estimate(None) == 0


def test_invalid_estimate() -> None:
    with pytest.raises(InvalidArgument, match="-1"):
        check_estimate(-1)


def test_estimate_may_shrink_and_not_grow() -> None:
    assert shrunk(10, 4) == 4
    with pytest.raises(InvalidArgument, match="rose from 10 to 11 bytes"):
        shrunk(10, 11)
