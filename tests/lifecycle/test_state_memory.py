"""What the monitor remembers of models that come and go by the thousand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

import pytest

from tests.polling import poll_until
from tfs_notebook.lifecycle.event_bus import EventBus
from tfs_notebook.lifecycle.monitor import Reached, ServableStateMonitor
from tfs_notebook.lifecycle.servable import ServableId, ServableRequest
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState
from tfs_notebook.wire.errors import InvalidArgument

AVAILABLE, END = ManagerState.AVAILABLE, ManagerState.END
BROKEN = InvalidArgument("broken")


class Wire:
    """A monitor, and a way to tell it things."""

    def __init__(
        self, ended_names: int | None = None, wanted: Callable[[str], bool] = lambda name: False
    ) -> None:
        self.bus: EventBus[ServableState] = EventBus()
        limits = {} if ended_names is None else {"ended_names": ended_names}
        self.monitor = ServableStateMonitor(self.bus, wanted=wanted, **limits)
        self._times = count()

    def say(self, name: str, state: ManagerState, version: int = 1) -> None:
        error = BROKEN if state is END else None
        self.bus.publish(
            ServableState(ServableId(name, version), state, error, next(self._times))
        )

    def come_and_go(self, *names: str) -> None:
        for name in names:
            self.say(name, AVAILABLE)
            self.say(name, END)

    def names(self) -> list[str]:
        return sorted(self.monitor.snapshot())


def numbered(number: int) -> list[str]:
    return [f"m{index:04}" for index in range(number)]


def test_names_that_have_ended_are_bounded() -> None:
    wire = Wire()
    wire.come_and_go(*numbered(1500))
    assert wire.names() == numbered(1500)[500:]


def test_the_oldest_end_is_forgotten_first() -> None:
    wire = Wire(ended_names=2)
    wire.come_and_go("a", "b", "a", "c")
    assert wire.names() == ["a", "c"]


def test_live_names_are_not_counted_nor_forgotten() -> None:
    wire = Wire(ended_names=2)
    wire.come_and_go("half")
    wire.say("half", AVAILABLE, version=2)
    for name in ("x", "y", "z"):
        wire.say(name, AVAILABLE)
    wire.come_and_go("a", "b", "c", "d")
    assert wire.names() == ["c", "d", "half", "x", "y", "z"]
    # Its first version is still told of, as it always was.
    assert [state.state for state in wire.monitor.states("half")] == [AVAILABLE, END]


def test_name_that_has_ended_and_comes_back_is_live() -> None:
    wire = Wire(ended_names=1)
    wire.come_and_go("a")
    wire.say("a", AVAILABLE)
    wire.come_and_go("b", "c")
    assert wire.names() == ["a", "c"]
    wire.say("a", END)
    assert wire.names() == ["a"]


def test_names_that_are_wanted_stay_until_they_are_not() -> None:
    wanted = {"failed"}
    wire = Wire(ended_names=3, wanted=wanted.__contains__)
    wire.come_and_go("failed", *numbered(50))
    assert wire.names() == ["failed", "m0048", "m0049"]
    wanted.clear()
    wire.come_and_go(*numbered(50))
    assert wire.names() == numbered(50)[47:]


def test_many_wanted_names_leave_few_others() -> None:
    wanted = {f"wanted{index}" for index in range(100)}
    wire = Wire(ended_names=10, wanted=wanted.__contains__)
    wire.come_and_go(*wanted, *numbered(5000))
    assert wanted < set(wire.names())
    assert len(wire.names()) <= 10 + 2 * len(wanted)


def test_forgetting_what_has_ended_starts_the_count_anew() -> None:
    wire = Wire(ended_names=2)
    wire.come_and_go("a", "b")
    wire.monitor.forget_unloaded()
    wire.come_and_go("c", "d")
    assert wire.names() == ["c", "d"]


def test_no_name_that_has_ended_at_all() -> None:
    wire = Wire(ended_names=0)
    wire.come_and_go("a")
    assert wire.names() == []


def a_wait(wire: Wire, wait: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Start a wait on a thread, and return when it waits."""
    came: list[object] = []
    thread = threading.Thread(target=lambda: came.append(wait()))
    thread.start()
    poll_until(lambda: wire.monitor._memory._waited_for["first"], "it waits")
    return thread, came


def test_wait_for_outcomes_sees_names_that_ended_long_before_the_last() -> None:
    wire = Wire(ended_names=1)
    names = ["first", *numbered(20)]
    thread, came = a_wait(wire, lambda: wire.monitor.wait_for_first_outcome(names, 30))
    wire.come_and_go(*names)
    thread.join(30)
    [outcomes] = came
    assert isinstance(outcomes, dict)
    assert sorted(outcomes) == sorted(names)
    wire.come_and_go("x", *numbered(40))
    assert wire.names() == ["m0039"]


def test_wait_for_states_sees_names_that_ended_long_before_the_last() -> None:
    wire = Wire(ended_names=1)
    names = ["first", *numbered(20)]
    requests = [ServableRequest.latest(name) for name in names]
    thread, came = a_wait(
        wire, lambda: wire.monitor.wait_until_reached(requests, AVAILABLE, 30)
    )
    wire.come_and_go(*names)
    thread.join(30)
    [reached] = came
    assert isinstance(reached, Reached)
    assert len(reached.states) == len(names)


@pytest.mark.parametrize("called_off", [False, True])
def test_notice_of_states_keeps_its_names_and_lets_them_go(called_off: bool) -> None:
    wire = Wire(ended_names=1)
    calls: list[Reached] = []
    requests = [ServableRequest.latest(name) for name in ("first", "last")]
    subscription = wire.monitor.notify_when(requests, AVAILABLE, calls.append)
    wire.come_and_go("first", "a", "b")
    assert wire.names() == ["first"]
    if called_off:
        subscription.unsubscribe()
    wire.come_and_go("last", "c", "d", "e")
    assert len(calls) == (not called_off)
    assert wire.names() == ["e"]


def test_a_clock_that_is_set_back_does_not_change_what_ended_last() -> None:
    bus: EventBus[ServableState] = EventBus()
    monitor = ServableStateMonitor(bus, ended_per_name=1)
    for version, time in ((1, 100.0), (2, 50.0)):
        bus.publish(ServableState(ServableId("m", version), END, None, time))
    assert [state.id.version for state in monitor.states("m")] == [2]
