"""servable_state_monitor_test (15)."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from tfs_notebook.lifecycle.event_bus import EventBus
from tfs_notebook.lifecycle.monitor import Reached, ServableStateMonitor
from tfs_notebook.lifecycle.servable import ServableId, ServableRequest
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState
from tfs_notebook.wire.errors import InvalidArgument, ServingError

START = ManagerState.START
LOADING = ManagerState.LOADING
AVAILABLE = ManagerState.AVAILABLE
UNLOADING = ManagerState.UNLOADING
END = ManagerState.END

BROKEN = InvalidArgument("broken")


class Wire:
    """A monitor, and a way to tell it things."""

    def __init__(self, *, ended_per_name: int = 32, log_size: int = 0) -> None:
        self.bus: EventBus[ServableState] = EventBus()
        self.monitor = ServableStateMonitor(
            self.bus, ended_per_name=ended_per_name, log_size=log_size
        )
        self._times = count()

    def say(
        self, name: str, version: int, state: ManagerState, error: ServingError | None = None
    ) -> ServableState:
        event = ServableState(ServableId(name, version), state, error, next(self._times))
        self.bus.publish(event)
        return event


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_numbers_are_those_on_the_wire() -> None:
    assert [(state.name, state.value) for state in ManagerState] == [
        ("START", 10),
        ("LOADING", 20),
        ("AVAILABLE", 30),
        ("UNLOADING", 40),
        ("END", 50),
    ]


def test_state_text(wire: Wire) -> None:
    assert str(wire.say("m", 1, LOADING)) == "{name: m version: 1} LOADING"
    assert str(wire.say("m", 1, END, BROKEN)) == (
        "{name: m version: 1} END (INVALID_ARGUMENT: broken)"
    )


def test_adding_states(wire: Wire) -> None:
    first, second = wire.say("a", 1, START), wire.say("b", 2, LOADING)
    assert wire.monitor.snapshot() == {"a": (first,), "b": (second,)}
    assert wire.monitor.states("a") == (first,)
    assert wire.monitor.states("c") == ()
    assert wire.monitor.state(ServableId("b", 2)) == second
    assert wire.monitor.state(ServableId("b", 3)) is None


def test_updating_states(wire: Wire) -> None:
    wire.say("m", 1, START)
    last = wire.say("m", 1, LOADING)
    assert wire.monitor.snapshot() == {"m": (last,)}


def test_snapshot_does_not_change(wire: Wire) -> None:
    wire.say("m", 1, START)
    before = wire.monitor.snapshot()
    wire.say("m", 1, LOADING)
    assert before["m"][0].state is START


def test_version_map_descending_order(wire: Wire) -> None:
    for version in (2, 10, 1):
        wire.say("m", version, AVAILABLE)
    assert [state.id.version for state in wire.monitor.states("m")] == [10, 2, 1]


def test_get_live_servable_states(wire: Wire) -> None:
    wire.say("a", 1, END)
    kept = wire.say("b", 1, UNLOADING)
    wire.say("b", 2, END, BROKEN)
    assert wire.monitor.live() == {"b": (kept,)}


def test_get_available_servable_states(wire: Wire) -> None:
    wire.say("a", 1, AVAILABLE)
    wire.say("a", 2, LOADING)
    wire.say("b", 1, UNLOADING)
    assert wire.monitor.available() == {ServableId("a", 1)}


def test_forget_unloaded_servable_states(wire: Wire) -> None:
    wire.say("a", 1, END)
    kept = wire.say("a", 2, AVAILABLE)
    wire.say("b", 1, END)
    wire.monitor.forget_unloaded()
    assert wire.monitor.snapshot() == {"a": (kept,)}


def test_ended_versions_are_bounded_for_each_name() -> None:
    wire = Wire(ended_per_name=2)
    wire.say("m", 100, AVAILABLE)
    for version in (5, 4, 3):
        wire.say("m", version, START)
        wire.say("m", version, END)
    wire.say("other", 1, END)
    # What ended last is kept, whatever its number.
    assert [state.id.version for state in wire.monitor.states("m")] == [100, 4, 3]
    assert len(wire.monitor.states("other")) == 1


def test_ended_version_that_comes_back_is_live_again() -> None:
    wire = Wire(ended_per_name=1)
    wire.say("m", 1, END)
    wire.say("m", 1, START)
    wire.say("m", 2, END)
    assert [state.state for state in wire.monitor.states("m")] == [END, START]


def test_bounded_logging() -> None:
    wire = Wire(log_size=2)
    wire.say("m", 1, START)
    last = (wire.say("m", 1, LOADING), wire.say("m", 1, AVAILABLE))
    assert wire.monitor.log() == last


def test_disable_bounded_logging(wire: Wire) -> None:
    wire.say("m", 1, START)
    assert wire.monitor.log() == ()


def test_closed_monitor_hears_nothing_more(wire: Wire) -> None:
    wire.say("m", 1, START)
    wire.monitor.close()
    wire.say("m", 1, LOADING)
    assert wire.monitor.states("m")[0].state is START


M1 = ServableRequest.specific("m", 1)
LATEST = ServableRequest.latest("m")


def notified(wire: Wire, *requests: ServableRequest) -> list[Reached]:
    calls: list[Reached] = []
    wire.monitor.notify_when(requests, AVAILABLE, calls.append)
    return calls


def test_notify_when_servables_reach_state_zero_servables(wire: Wire) -> None:
    assert notified(wire) == [Reached(all_reached=True, states={})]


def test_notify_when_servables_reach_state_specific_available(wire: Wire) -> None:
    calls = notified(wire, M1)
    wire.say("m", 2, AVAILABLE)
    wire.say("m", 1, LOADING)
    assert not calls
    event = wire.say("m", 1, AVAILABLE)
    assert calls == [Reached(all_reached=True, states={M1: event})]


def test_notify_when_servables_reach_state_specific_error(wire: Wire) -> None:
    calls = notified(wire, M1)
    event = wire.say("m", 1, END, BROKEN)
    assert calls == [Reached(all_reached=False, states={M1: event})]


def test_notify_when_servables_reach_state_servable_latest_available(wire: Wire) -> None:
    calls = notified(wire, LATEST)
    wire.say("other", 1, AVAILABLE)
    assert not calls
    event = wire.say("m", 7, AVAILABLE)
    assert calls == [Reached(all_reached=True, states={LATEST: event})]


def test_notify_when_servables_reach_state_latest_error(wire: Wire) -> None:
    calls = notified(wire, LATEST)
    event = wire.say("m", 7, END, BROKEN)
    assert calls == [Reached(all_reached=False, states={LATEST: event})]


def test_notify_when_servables_reach_state_full_functionality(wire: Wire) -> None:
    other = ServableRequest.latest("other")
    ended = wire.say("m", 1, END, BROKEN)
    calls = notified(wire, M1, other)
    assert not calls
    available = wire.say("other", 3, AVAILABLE)
    assert calls == [Reached(all_reached=False, states={M1: ended, other: available})]


def test_notify_when_servables_reach_state_only_notified_once(wire: Wire) -> None:
    calls = notified(wire, M1)
    wire.say("m", 1, AVAILABLE)
    wire.say("m", 1, UNLOADING)
    wire.say("m", 1, AVAILABLE)
    assert len(calls) == 1


def test_notification_can_be_called_off(wire: Wire) -> None:
    calls: list[Reached] = []
    with wire.monitor.notify_when([M1], AVAILABLE, calls.append):
        pass
    wire.say("m", 1, AVAILABLE)
    assert not calls


def test_notification_that_fails_is_logged_and_harms_nobody(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(reached: Reached) -> None:
        raise ValueError("cannot take it")

    wire.monitor.notify_when([M1], AVAILABLE, fail)
    calls = notified(wire, M1)
    wire.say("m", 1, AVAILABLE)
    assert len(calls) == 1
    assert "cannot take it" in caplog.text


def test_wait_until_servables_reach_state_full_functionality(wire: Wire) -> None:
    other = ServableRequest.latest("other")
    results: list[Reached] = []
    waiter = threading.Thread(
        target=lambda: results.append(
            wire.monitor.wait_until_reached([M1, other], AVAILABLE, 30)
        )
    )
    first = wire.say("m", 1, AVAILABLE)
    waiter.start()
    second = wire.say("other", 1, END)
    waiter.join(30)
    assert results == [Reached(all_reached=False, states={M1: first, other: second})]


def test_wait_until_reached_says_who_was_not_in_time(wire: Wire) -> None:
    event = wire.say("m", 1, AVAILABLE)
    missing = ServableRequest.latest("missing")
    assert wire.monitor.wait_until_reached([M1, missing], AVAILABLE, 0) == Reached(
        all_reached=False, states={M1: event}
    )
    assert wire.monitor.wait_until_reached([M1], AVAILABLE, 0).all_reached


class TestFirstOutcome:
    def outcome(self, wire: Wire, name: str = "m") -> str | None:
        state = wire.monitor.wait_for_first_outcome([name], 0).get(name)
        return None if state is None else f"{state.id.version} {state.state.name}"

    def test_nothing_is_known_yet(self, wire: Wire) -> None:
        assert self.outcome(wire) is None
        wire.say("m", 1, START)
        wire.say("m", 1, LOADING)
        assert self.outcome(wire) is None

    def test_available(self, wire: Wire) -> None:
        wire.say("m", 1, AVAILABLE)
        wire.say("m", 2, LOADING)
        assert self.outcome(wire) == "1 AVAILABLE"

    def test_failed_for_good(self, wire: Wire) -> None:
        wire.say("m", 1, END, BROKEN)
        assert self.outcome(wire) == "1 END"

    def test_failed_attempt_that_will_be_repeated(self, wire: Wire) -> None:
        wire.say("m", 1, LOADING, BROKEN)
        assert self.outcome(wire) == "1 LOADING"

    def test_one_version_failed_and_another_may_still_come(self, wire: Wire) -> None:
        wire.say("m", 1, START)
        wire.say("m", 2, END, BROKEN)
        assert self.outcome(wire) is None
        wire.say("m", 1, AVAILABLE)
        assert self.outcome(wire) == "1 AVAILABLE"

    def test_no_names_no_wait(self, wire: Wire) -> None:
        assert wire.monitor.wait_for_first_outcome([]) == {}

    def test_waits_for_every_name(self, wire: Wire) -> None:
        results: list[dict[str, ServableState]] = []
        waiter = threading.Thread(
            target=lambda: results.append(wire.monitor.wait_for_first_outcome(["a", "b"], 30))
        )
        waiter.start()
        first = wire.say("a", 1, AVAILABLE)
        second = wire.say("b", 1, END, BROKEN)
        waiter.join(30)
        assert results == [{"a": first, "b": second}]
