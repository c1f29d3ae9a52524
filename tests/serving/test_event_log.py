"""The news of versions' states, by number."""

from __future__ import annotations

from tfs_notebook.lifecycle import EventBus, ManagerState, ServableId, ServableState
from tfs_notebook.serving.event_log import EventLog


def publish(bus: EventBus[ServableState], *versions: int) -> None:
    for version in versions:
        bus.publish(ServableState(ServableId("m", version), ManagerState.START, None, 0.0))


def versions(log: EventLog, after: int) -> list[int]:
    return [event.state.id.version for event in log.after(after).events]


def test_each_is_told_once_and_in_order() -> None:
    bus: EventBus[ServableState] = EventBus()
    log = EventLog(bus)
    nothing = log.after(0)
    assert nothing.events == ()
    publish(bus, 1, 2)
    page = log.after(nothing.next)
    assert [event.state.id.version for event in page.events] == [1, 2]
    assert page.next == page.events[-1].seq
    assert not page.truncated
    assert log.after(page.next).events == ()
    publish(bus, 3)
    assert versions(log, page.next) == [3]
    assert versions(log, 0) == [1, 2, 3]


def test_who_is_behind_gets_what_there_is_and_is_told() -> None:
    bus: EventBus[ServableState] = EventBus()
    log = EventLog(bus)
    start = log.after(0).next
    publish(bus, *range(1000))
    assert not log.after(0).truncated
    assert not log.after(start).truncated
    publish(bus, 1000)
    for seq in (0, start):
        page = log.after(seq)
        assert page.truncated
        assert len(page.events) == 1000
    assert not log.after(start + 1).truncated


def test_numbers_of_another_server_are_a_gap() -> None:
    bus: EventBus[ServableState] = EventBus()
    log = EventLog(bus)
    publish(bus, 1)
    for seq in (1, log.after(0).next + 5):
        page = log.after(seq)
        assert page.truncated
        assert len(page.events) == 1


def test_listeners_hear_of_each_until_they_do_not_want_to() -> None:
    bus: EventBus[ServableState] = EventBus()
    log = EventLog(bus)
    heard: list[int] = []
    with log.listen(lambda: heard.append(log.after(0).next)):
        publish(bus, 1, 2)
    publish(bus, 3)
    assert len(heard) == 2
