"""The last changes of each version."""

from __future__ import annotations

from tfs_notebook.lifecycle import EventBus, ManagerState, ServableId, ServableState
from tfs_notebook.serving.state_history import StateHistory


def change(version: int, state: ManagerState, time: float, name: str = "m") -> ServableState:
    return ServableState(ServableId(name, version), state, None, time)


def test_the_last_changes_of_each_version_are_kept() -> None:
    bus: EventBus[ServableState] = EventBus()
    history = StateHistory(bus)
    assert history.read() == {}
    quiet = change(1, ManagerState.AVAILABLE, 0.5, "quiet")
    bus.publish(quiet)
    noisy = [change(2, ManagerState.LOADING, float(time)) for time in range(50)]
    for one in noisy:
        bus.publish(one)
    assert history.read() == {quiet.id: (quiet,), noisy[0].id: tuple(noisy[-20:])}


def test_of_what_has_ended_the_last_are_kept() -> None:
    bus: EventBus[ServableState] = EventBus()
    history = StateHistory(bus)
    bus.publish(change(0, ManagerState.END, 0.0))
    for version in range(1, 300):
        bus.publish(change(version, ManagerState.END, float(version)))
        # One that comes up again is none of them.
        if version == 150:
            bus.publish(change(0, ManagerState.AVAILABLE, 150.0))
    kept = {id_.version for id_ in history.read()}
    assert kept == {0, *range(100, 300)}
    assert [one.state for one in history.read()[ServableId("m", 0)]] == [
        ManagerState.END,
        ManagerState.AVAILABLE,
    ]
