"""What is decided is decided without effects, at most one step for each loader."""

from __future__ import annotations

from tfs_notebook.lifecycle.decisions import Limits, decide, next_due
from tfs_notebook.lifecycle.harness import TRANSITIONS, Harness, HarnessState
from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.lifecycle.testing import FakeLoader
from tfs_notebook.lifecycle.transition_policy import (
    TransitionPolicy,
    availability_preserving,
    resource_preserving,
)
from tfs_notebook.wire.errors import Unavailable


class Cast:
    """Loaders in given states."""

    def __init__(self) -> None:
        self.harnesses: list[Harness[str]] = []

    def add(
        self, name: str, version: int, state: HarnessState, *, aspired: bool = True
    ) -> Harness[str]:
        serial = len(self.harnesses)
        harness = Harness(ServableId(name, version), FakeLoader(), serial, None)
        while harness.snapshot().state is not state:
            harness.advance(TRANSITIONS[harness.state])
        harness.set_aspired(aspired=aspired)
        harness.turn = serial
        harness.running = state in (HarnessState.LOADING, HarnessState.UNLOADING)
        self.harnesses.append(harness)
        return harness

    def due(
        self,
        loads: int = 1,
        unloads: int = 1,
        now: float = 0,
        policy: TransitionPolicy = availability_preserving,
    ) -> list[str]:
        actions = decide(self.harnesses, policy, Limits(loads, unloads), now)
        return [
            f"{action.kind.name} {action.harness.id.name}{action.harness.id.version}"
            for action in actions
        ]


def test_nothing_is_due_at_rest() -> None:
    cast = Cast()
    cast.add("m", 1, HarnessState.READY)
    cast.add("n", 1, HarnessState.LOADING)
    assert cast.due() == []


def test_deciding_changes_nothing() -> None:
    cast = Cast()
    cast.add("m", 1, HarnessState.NEW)
    cast.add("n", 1, HarnessState.READY, aspired=False)
    before = [harness.snapshot() for harness in cast.harnesses]
    assert cast.due() == cast.due() == ["RETIRE n1", "REQUEST_LOAD m1"]
    assert [harness.snapshot() for harness in cast.harnesses] == before


def test_unloading_comes_before_loading() -> None:
    cast = Cast()
    cast.add("a", 1, HarnessState.LOAD_REQUESTED)
    cast.add("b", 1, HarnessState.NEW)
    cast.add("c", 1, HarnessState.QUIESCED, aspired=False)
    cast.add("d", 1, HarnessState.QUIESCING, aspired=False)
    cast.add("e", 1, HarnessState.READY, aspired=False)
    cast.add("f", 1, HarnessState.DISABLED, aspired=False)
    assert cast.due() == [
        "FORGET f1",
        "RETIRE e1",
        "DRAINED d1",
        "START_UNLOAD c1",
        "REQUEST_LOAD b1",
        "START_LOAD a1",
    ]


def test_a_pause_ends_when_its_time_has_come() -> None:
    cast = Cast()
    harness = cast.add("m", 1, HarnessState.LOADING)
    harness.running = False
    harness.pause(Unavailable("wait"), retry_at=10, turn=5)
    assert cast.due(now=9.9) == []
    assert next_due(cast.harnesses, now=9.9) == 10
    assert cast.due(now=10) == ["START_LOAD m1"]
    assert next_due(cast.harnesses, now=10) is None


def test_a_pause_takes_no_thread() -> None:
    cast = Cast()
    harness = cast.add("a", 1, HarnessState.LOADING)
    harness.running = False
    harness.pause(Unavailable("wait"), retry_at=10, turn=5)
    cast.add("b", 1, HarnessState.LOAD_REQUESTED)
    assert cast.due() == ["START_LOAD b1"]


def test_first_come_first_served() -> None:
    cast = Cast()
    first = cast.add("a", 1, HarnessState.LOAD_REQUESTED)
    second = cast.add("b", 1, HarnessState.LOAD_REQUESTED)
    first.turn, second.turn = 2, 1
    assert cast.due() == ["START_LOAD b1"]
    assert cast.due(loads=2) == ["START_LOAD b1", "START_LOAD a1"]


def test_no_load_while_another_loader_of_the_id_is_on_its_way() -> None:
    for state in (HarnessState.LOADING, HarnessState.UNLOADING):
        cast = Cast()
        cast.add("m", 1, state, aspired=False)
        cast.add("m", 1, HarnessState.LOAD_REQUESTED)
        assert cast.due(loads=9) == []


def test_a_load_beside_a_loader_of_the_id_that_serves() -> None:
    cast = Cast()
    cast.add("m", 1, HarnessState.READY, aspired=False)
    cast.add("m", 1, HarnessState.LOAD_REQUESTED)
    assert cast.due() == ["START_LOAD m1"]


def test_no_load_in_the_turn_that_retires_the_id() -> None:
    cast = Cast()
    cast.add("m", 1, HarnessState.READY, aspired=False)
    cast.add("m", 1, HarnessState.LOAD_REQUESTED)
    assert cast.due() == ["START_LOAD m1"]
    assert cast.due(policy=resource_preserving) == ["RETIRE m1"]


def test_zero_means_one_for_each_name() -> None:
    cast = Cast()
    cast.add("a", 1, HarnessState.LOADING)
    cast.add("a", 2, HarnessState.LOAD_REQUESTED)
    cast.add("b", 1, HarnessState.LOAD_REQUESTED)
    cast.add("b", 2, HarnessState.LOAD_REQUESTED)
    assert cast.due(loads=0) == ["START_LOAD b1"]
