"""availability_preserving (9), resource_preserving (7), aspired_version_policy (2)."""

from __future__ import annotations

import pytest

from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.lifecycle.transition_policy import (
    TransitionPolicy,
    availability_preserving,
    resource_preserving,
)

NEW = HarnessState.NEW
LOADING = HarnessState.LOADING
READY = HarnessState.READY
UNLOAD_REQUESTED = HarnessState.UNLOAD_REQUESTED
UNLOADING = HarnessState.UNLOADING
DISABLED = HarnessState.DISABLED
ERROR = HarnessState.ERROR


def on(version: int, state: HarnessState) -> VersionSnapshot:
    return VersionSnapshot(ServableId("m", version), state, aspired=True, serial=version)


def off(version: int, state: HarnessState) -> VersionSnapshot:
    return VersionSnapshot(ServableId("m", version), state, aspired=False, serial=version)


def step(policy: TransitionPolicy, *versions: VersionSnapshot) -> str | None:
    action = policy(versions)
    return None if action is None else f"{action.step.value} {action.version.id.version}"


class TestAvailabilityPreserving:
    def next(self, *versions: VersionSnapshot) -> str | None:
        return step(availability_preserving, *versions)

    def test_loads_new_aspired(self) -> None:
        assert self.next(off(1, READY), on(2, NEW)) == "load 2"

    def test_highest_aspired_new_servable_is_loaded_first(self) -> None:
        assert self.next(on(1, NEW), on(2, NEW), on(3, READY)) == "load 2"

    def test_no_highest_aspired_new_servable(self) -> None:
        assert self.next(on(1, LOADING), off(2, NEW), on(3, READY)) is None

    def test_unloads_non_aspired_first(self) -> None:
        assert self.next(off(1, READY), on(2, READY), on(3, NEW)) == "unload 1"

    def test_unloads_first_non_aspired_when_no_aspired(self) -> None:
        assert self.next(off(1, READY), off(2, READY)) == "unload 1"
        assert self.next(off(1, UNLOADING), off(2, READY)) == "unload 2"

    def test_returns_no_action_when_none(self) -> None:
        assert self.next(on(1, READY)) is None
        assert self.next() is None

    def test_does_not_unload_when_other_not_ready(self) -> None:
        assert self.next(off(1, READY), on(2, LOADING)) is None

    def test_does_not_unload_when_other_in_error(self) -> None:
        assert self.next(off(1, READY), on(2, ERROR)) is None

    def test_unload_if_other_ready_even_if_loading(self) -> None:
        assert self.next(off(1, READY), on(2, READY), on(3, LOADING)) == "unload 1"

    def test_unload_if_other_ready_even_if_error(self) -> None:
        assert self.next(off(1, READY), on(2, READY), on(3, ERROR)) == "unload 1"

    def test_version_to_be_replaced_stays_until_its_replacement_is_decided(self) -> None:
        for state in (NEW, LOADING):
            assert self.next(on(1, READY), off(2, READY), on(2, state)) in (None, "load 2")
        for state in (READY, ERROR):
            assert self.next(on(1, READY), off(2, READY), on(2, state)) == "unload 2"

    def test_unload_if_no_aspired_versions_ready(self) -> None:
        assert self.next(off(1, READY), off(2, READY), on(3, LOADING)) == "unload 1"


class TestResourcePreserving:
    def next(self, *versions: VersionSnapshot) -> str | None:
        return step(resource_preserving, *versions)

    def test_unloads_first_non_aspired(self) -> None:
        assert self.next(off(1, READY), on(2, NEW), off(3, READY)) == "unload 1"

    def test_loads_first_aspired_when_none_to_unload(self) -> None:
        assert self.next(on(1, READY), on(2, NEW), on(3, NEW), on(4, LOADING)) == "load 3"

    def test_returns_no_action_when_none(self) -> None:
        assert self.next(on(1, READY), on(2, ERROR), off(3, UNLOAD_REQUESTED)) is None

    @pytest.mark.parametrize("state", [UNLOAD_REQUESTED, UNLOADING, LOADING])
    def test_does_not_load_when_others_still_unloading(self, state: HarnessState) -> None:
        assert self.next(off(1, state), on(2, NEW)) is None

    def test_load_if_unaspired_is_error(self) -> None:
        assert self.next(off(1, ERROR), on(2, NEW)) == "load 2"

    def test_error_and_unload_requested_prevent_loading(self) -> None:
        assert self.next(off(1, ERROR), off(2, UNLOAD_REQUESTED), on(3, NEW)) is None

    def test_error_and_disabled_allow_loading(self) -> None:
        assert self.next(off(1, ERROR), off(2, DISABLED), on(3, NEW)) == "load 3"
