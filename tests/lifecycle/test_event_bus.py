"""The bus that states are published on."""

from __future__ import annotations

import logging

import pytest

from tfs_notebook.lifecycle.event_bus import EventBus


def test_every_subscriber_gets_every_event_in_order() -> None:
    bus: EventBus[int] = EventBus()
    seen: list[tuple[str, int]] = []
    bus.subscribe(lambda event: seen.append(("a", event)))
    bus.subscribe(lambda event: seen.append(("b", event)))
    bus.publish(1)
    bus.publish(2)
    assert seen == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_unsubscribed_gets_nothing_more() -> None:
    bus: EventBus[int] = EventBus()
    seen: list[int] = []
    with bus.subscribe(seen.append) as subscription:
        bus.publish(1)
        subscription.unsubscribe()
        subscription.unsubscribe()
        bus.publish(2)
    assert seen == [1]


def test_one_callback_subscribed_twice_is_two_subscriptions() -> None:
    bus: EventBus[int] = EventBus()
    seen: list[int] = []
    first = bus.subscribe(seen.append)
    bus.subscribe(seen.append)
    first.unsubscribe()
    bus.publish(1)
    assert seen == [1]


def test_subscriber_that_fails_is_logged_and_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus: EventBus[int] = EventBus()
    seen: list[int] = []

    def fail(event: int) -> None:
        raise ValueError(f"cannot take {event}")

    bus.subscribe(fail)
    bus.subscribe(seen.append)
    with caplog.at_level(logging.ERROR):
        bus.publish(1)
    assert seen == [1]
    assert "A subscriber failed on the event 1" in caplog.text
    assert "cannot take 1" in caplog.text


def test_subscriber_may_unsubscribe_and_subscribe_while_it_is_called() -> None:
    bus: EventBus[int] = EventBus()
    seen: list[str] = []

    def once(event: int) -> None:
        seen.append(f"once {event}")
        subscription.unsubscribe()
        bus.subscribe(lambda event: seen.append(f"then {event}"))

    subscription = bus.subscribe(once)
    bus.publish(1)
    bus.publish(2)
    assert seen == ["once 1", "then 2"]
