"""loader_harness_test (21): states and legal transitions; the rest is in test_manager*."""

from __future__ import annotations

import pytest

from tfs_notebook.lifecycle.harness import (
    TRANSITIONS,
    Harness,
    HarnessState,
    check_transition,
)
from tfs_notebook.lifecycle.servable import ServableId, ServedEntry
from tfs_notebook.lifecycle.testing import FakeLoader
from tfs_notebook.wire.errors import Cancelled, FailedPrecondition, Internal, NotFound


def harness() -> Harness[str]:
    return Harness(ServableId("m", 1), FakeLoader(), 7, "here")


def entry() -> ServedEntry[str]:
    return ServedEntry(ServableId("m", 1), "model", lambda: None)


def in_state(state: HarnessState) -> Harness[str]:
    made = harness()
    while made.state is not state:
        made.advance(
            HarnessState.ERROR if state is HarnessState.ERROR else TRANSITIONS[made.state]
        )
    return made


def test_init() -> None:
    made = harness()
    assert made.snapshot().state is HarnessState.NEW
    assert made.aspired
    assert made.snapshot().serial == 7
    assert made.snapshot().origin == "here"


def test_debug_names() -> None:
    assert [str(state) for state in HarnessState] == [
        "new",
        "load-requested",
        "load-approved",
        "loading",
        "ready",
        "unload-requested",
        "quiescing",
        "quiesced",
        "unloading",
        "disabled",
        "error",
    ]


@pytest.mark.parametrize("old", HarnessState)
@pytest.mark.parametrize("new", HarnessState)
def test_one_step_forward_or_error_and_no_other(old: HarnessState, new: HarnessState) -> None:
    states = list(HarnessState)
    forward = states.index(new) == states.index(old) + 1 and new is not HarnessState.ERROR
    if forward or new is HarnessState.ERROR:
        check_transition(old, new)
        return
    with pytest.raises(Internal) as raised:
        check_transition(old, new)
    assert str(raised.value) == f"Illegal request to transition from state {old} to {new}"


def test_load_requested_load_approved_load() -> None:
    made = harness()
    made.request_load(turn=3)
    assert (made.snapshot().state, made.turn) == (HarnessState.LOAD_REQUESTED, 3)
    assert made.begin_load()
    assert (made.snapshot().state, made.running, made.attempts) == (
        HarnessState.LOADING,
        True,
        1,
    )
    made.serve(entry())
    assert made.snapshot().state is HarnessState.READY


@pytest.mark.parametrize("state", [s for s in HarnessState if s is not HarnessState.NEW])
def test_multiple_load_requests_only_first_one_succeeds(state: HarnessState) -> None:
    with pytest.raises(FailedPrecondition, match="Duplicate load request"):
        in_state(state).request_load(turn=1)


def test_unload_requested_quiesce_unload() -> None:
    made = in_state(HarnessState.READY)
    made.request_unload(turn=1)
    for state in (HarnessState.QUIESCING, HarnessState.QUIESCED, HarnessState.UNLOADING):
        made.advance(state)
    made.end(None)
    assert made.snapshot().state is HarnessState.DISABLED
    assert made.loader is None


@pytest.mark.parametrize("state", [s for s in HarnessState if s is not HarnessState.READY])
def test_multiple_unload_requests_only_first_one_succeeds(state: HarnessState) -> None:
    with pytest.raises(
        FailedPrecondition,
        match="Servable not loaded, or unload already requested/ongoing",
    ):
        in_state(state).request_unload(turn=1)


@pytest.mark.parametrize("state", HarnessState)
def test_externally_signalled_error(state: HarnessState) -> None:
    made = in_state(state)
    made.end(NotFound("gone"))
    assert made.snapshot().state is HarnessState.ERROR
    assert str(made.snapshot().error) == "gone"


def test_pause_keeps_loading_with_the_error_known() -> None:
    made = in_state(HarnessState.LOAD_REQUESTED)
    made.begin_load()
    made.running = False
    made.pause(NotFound("not yet"), retry_at=10.0, turn=2)
    assert made.snapshot().state is HarnessState.LOADING
    assert made.snapshot().decided
    assert not made.begin_load()
    assert made.attempts == 2


def test_unload_due_to_cancelled_load() -> None:
    made = in_state(HarnessState.LOADING)
    made.discard_loaded(Cancelled("not wanted"), turn=5)
    assert made.snapshot().state is HarnessState.QUIESCED
    made.advance(HarnessState.UNLOADING)
    made.end(made.error)
    assert made.snapshot().state is HarnessState.ERROR


def test_drained_when_nobody_holds_it() -> None:
    made = in_state(HarnessState.LOADING)
    assert made.drained
    held = entry()
    made.serve(held)
    held.holders.append(None)
    held_now = made.drained
    held.drop()
    assert (held_now, made.drained) == (False, True)


@pytest.mark.parametrize("state", HarnessState)
def test_decided(state: HarnessState) -> None:
    decided = state in (HarnessState.READY, HarnessState.ERROR)
    assert in_state(state).snapshot().decided is decided
