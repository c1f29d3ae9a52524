"""What one client may ask, with a clock of the tests' own."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.client_limits import IN_FLIGHT, RATE, ClientLimits, LimitReached


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def made(**settings: Any) -> tuple[ClientLimits, Clock]:
    clock = Clock()
    given = {"most_in_flight": 0, "rate": 0.0, "clock": clock, **settings}
    return ClientLimits(**given), clock


def ask(limits: ClientLimits, client: str = "a") -> float | None:
    """None if it is let through, else after how long to try again."""
    try:
        with limits.taken(client):
            return None
    except LimitReached as error:
        return error.retry_after


def test_no_flags_no_limits() -> None:
    assert ClientLimits.of(ServerConfig()) is None
    limits = ClientLimits.of(ServerConfig(client_requests_per_second=2.5))
    assert limits is not None
    assert (limits.burst, limits.most_in_flight) == (3, 0)
    limits = ClientLimits.of(
        ServerConfig(client_requests_per_second=0.1, client_request_burst=7)
    )
    assert limits is not None
    assert limits.burst == 7


def test_a_burst_and_then_the_rate() -> None:
    limits, clock = made(rate=2.0, burst=3)
    assert [ask(limits) for _ in range(4)] == [None, None, None, 0.5]
    # Others are not concerned.
    assert ask(limits, "b") is None
    clock.now += 0.25
    assert ask(limits) == 0.25
    clock.now += 0.25
    assert [ask(limits), ask(limits)] == [None, 0.5]
    clock.now += 1000
    assert [ask(limits) for _ in range(4)] == [None, None, None, 0.5]
    assert limits.refused == {IN_FLIGHT: 0, RATE: 4}


def test_so_many_at_once() -> None:
    limits, _ = made(most_in_flight=2)
    with limits.taken("a"), limits.taken("a"):
        assert ask(limits) == 1.0
        assert ask(limits, "b") is None
        assert limits.in_flight() == {"a": 2}
    assert ask(limits) is None
    assert limits.refused == {IN_FLIGHT: 1, RATE: 0}


def test_one_too_many_at_once_takes_no_token() -> None:
    limits, _ = made(most_in_flight=1, rate=1.0, burst=2)
    with limits.taken("a"):
        assert [ask(limits) for _ in range(5)] == [1.0] * 5
    assert ask(limits) is None


def test_what_fails_is_no_longer_under_way() -> None:
    limits, _ = made(most_in_flight=1)
    with pytest.raises(ZeroDivisionError), limits.taken("a"):
        raise ZeroDivisionError
    assert ask(limits) is None


def test_the_messages_name_the_flags() -> None:
    limits, _ = made(most_in_flight=1, rate=0.5)
    with limits.taken("a"), pytest.raises(LimitReached, match="--max_requests_per_client"):
        limits.taken("a").__enter__()
    with pytest.raises(LimitReached) as caught:
        limits.taken("a").__enter__()
    assert str(caught.value) == (
        "this client asks more than 0.5 requests a second, which is what "
        "--client_requests_per_second allows; try again in 2 s"
    )


class Clients(RuleBasedStateMachine):
    """Many clients, of which only some are remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.limits, self.clock = made(most_in_flight=3, rate=2.0, burst=4, most_clients=5)
        self.under_way: list[tuple[str, ExitStack]] = []
        self.admitted: dict[str, list[float]] = {}
        self.most_busy = 0

    def count(self, client: str) -> int:
        return sum(name == client for name, _ in self.under_way)

    @rule(client=st.sampled_from("abcdefgh"))
    def ask(self, client: str) -> None:
        held = ExitStack()
        before = self.count(client)
        try:
            held.enter_context(self.limits.taken(client))
        except LimitReached:
            # A refusal has a reason.
            recent = [at for at in self.admitted.get(client, []) if at > self.clock.now - 2.0]
            assert before == 3 or recent
            return
        assert before < 3
        self.under_way.append((client, held))
        self.admitted.setdefault(client, []).append(self.clock.now)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.under_way) - 1))
        self.under_way.pop(place)[1].close()

    @rule(seconds=st.floats(0.0, 5.0))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def no_more_are_remembered_than_have_to_be(self) -> None:
        busy = {name for name, _ in self.under_way}
        self.most_busy = max(self.most_busy, len(busy))
        # Those of which something is under way are not forgotten, nor is whoever asks.
        assert len(self.limits) <= max(5, self.most_busy + 1)
        assert self.limits.in_flight() == {name: self.count(name) for name in busy}


class OneClient(RuleBasedStateMachine):
    """Never more than the burst and what the rate has brought, in any stretch of time."""

    def __init__(self) -> None:
        super().__init__()
        self.limits, self.clock = made(rate=2.0, burst=4)
        self.admitted: list[float] = []

    @rule(times=st.integers(1, 8))
    def ask(self, times: int) -> None:
        for _ in range(times):
            seconds = ask(self.limits)
            if seconds is None:
                self.admitted.append(self.clock.now)
                continue
            # Not a moment before the time that was said, and then it is let through.
            self.clock.now += seconds * 0.99
            assert ask(self.limits) is not None
            self.clock.now += seconds * 0.01 + 1e-6
            assert ask(self.limits) is None
            self.admitted.append(self.clock.now)

    @rule(seconds=st.floats(0.0, 5.0))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def the_bound_holds(self) -> None:
        for place, first in enumerate(self.admitted):
            number = len(self.admitted) - place
            assert number <= 4 + (self.admitted[-1] - first) * 2.0 + 1e-3


TestClients = Clients.TestCase
TestOneClient = OneClient.TestCase
