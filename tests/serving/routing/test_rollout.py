"""Rollouts: when they go on, when they fall back, and that they always end well."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tfs_notebook.serving.routing.decision import (
    Counted,
    Evidence,
    ShadowCounted,
    decide,
)
from tfs_notebook.serving.routing.journal_documents import read_traffic, write_traffic
from tfs_notebook.serving.routing.retries import Retry, failed_again
from tfs_notebook.serving.routing.rollout import (
    Bounds,
    Order,
    Phase,
    Plan,
    Rollout,
    Step,
    begun,
    moved,
    ordered,
)
from tfs_notebook.serving.routing.settings import NO_TRAFFIC, ShadowSettings

T0 = 1_000_000.0
STEPS = (Step(0, 10, 5.0), Step(5, 10, 5.0), Step(100, 10, 5.0))
PLAN = Plan(2, 1, None, STEPS, Bounds(0.1, 2.0, 5.0, 0.1))


def timed(requests: int, errors: int = 0, p95: float | None = None) -> Counted:
    return Counted(requests, errors, p95, requests - errors)


def at(step: int) -> Rollout:
    return replace(begun(PLAN, T0), step=step)


ENOUGH = Evidence(timed(20), timed(20), ShadowCounted(20))


def test_a_good_candidate_goes_step_by_step() -> None:
    rollout, now = begun(PLAN, T0), T0
    weights = [rollout.weight]
    while rollout.phase is Phase.RUNNING:
        now += 5
        rollout = moved(rollout, decide(rollout, ENOUGH, now), now)
        weights.append(rollout.weight)
    assert weights == [0, 5, 100, 100]
    assert rollout.phase is Phase.PROMOTED
    assert [one.what for one in rollout.happened] == ["started", "step", "step", "promoted"]


@pytest.mark.parametrize(
    ("step", "evidence", "seconds", "text"),
    [
        (0, Evidence(shadow=ShadowCounted(9)), 60, "9 of 10 copies compared"),
        # What the candidate answers itself says nothing of copies.
        (0, Evidence(timed(50)), 60, "0 of 10 copies compared"),
        (1, Evidence(timed(9)), 60, "9 of 10 requests"),
        (1, ENOUGH, 4, "4 of 5 s"),
        # A clock that was set back.
        (1, ENOUGH, -100, "0 of 5 s"),
        (1, replace(ENOUGH, candidate_is="coming"), 60, "version 2 is being loaded"),
    ],
)
def test_what_is_waited_for(step: int, evidence: Evidence, seconds: float, text: str) -> None:
    decision = decide(at(step), evidence, T0 + seconds)
    assert (decision.what, decision.reason) == ("hold", text)


@pytest.mark.parametrize(
    ("step", "evidence", "text"),
    [
        # At once: 2 of 3 are more than a tenth of the ten that the step will have.
        (
            1,
            Evidence(timed(3, 2), timed(10)),
            "2 of 3 requests failed; the bound is 10.00% more",
        ),
        (0, Evidence(shadow=ShadowCounted(3, 2, 0)), "2 of 3 copies had another answer"),
        (0, Evidence(shadow=ShadowCounted(3, 2, 2)), "2 of 3 requests failed"),
        (
            1,
            Evidence(timed(50, 0, 0.050), timed(50, 0, 0.020)),
            "p95 is 50 ms, the stable version's 20 ms; the bound is 2 times that",
        ),
        (
            0,
            Evidence(shadow=ShadowCounted(50, 0, 0, timed(50, 0, 0.070), timed(50, 0, 0.020))),
            "p95 is 70 ms",
        ),
        (1, Evidence(timed(20), timed(20), candidate_is="gone"), "version 2 is not served"),
    ],
)
def test_what_makes_it_fall_back(step: int, evidence: Evidence, text: str) -> None:
    # Also at the first moment, and while it is paused.
    for rollout in (at(step), replace(at(step), phase=Phase.PAUSED)):
        decision = decide(rollout, evidence, T0)
        assert decision.what == "fall_back"
        assert text in decision.reason
        after = moved(rollout, decision, T0 + 1)
        assert (after.phase, after.weight) == (Phase.FALLEN_BACK, 0)
        assert after.reason == decision.reason
        assert after.happened[-1].what == "fallen_back"


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(timed(3, 1), timed(10)),
        # Clients that send nonsense send it to both.
        Evidence(timed(20, 10), timed(20, 10)),
        # Slower by less than the slack; and too few to say.
        Evidence(timed(50, 0, 0.004), timed(50, 0, 0.0001)),
        Evidence(timed(49, 0, 0.050), timed(50, 0, 0.020)),
        Evidence(timed(50, 0, 0.050), timed(49, 0, 0.020)),
        # With weights, copies are not what is timed.
        Evidence(shadow=ShadowCounted(50, 0, 0, timed(50, 0, 1.0), timed(50, 0, 0.020))),
    ],
)
def test_what_does_not(evidence: Evidence) -> None:
    assert decide(at(1), evidence, T0).what == "hold"


def test_copies_run_behind_the_rest_and_may_be_later_for_it() -> None:
    shadow = ShadowCounted(50, 0, 0, timed(50, 0, 0.0299), timed(50, 0, 0.0001))
    assert decide(at(0), Evidence(shadow=shadow), T0).what == "hold"


def test_bounds_that_there_are_not() -> None:
    plan = replace(PLAN, bounds=Bounds(None, None, 0.0, None))
    evidence = Evidence(
        timed(100, 40, 9.0), timed(100, 0, 0.1), ShadowCounted(20, 20, 20), "there"
    )
    assert decide(replace(at(1), plan=plan), evidence, T0 + 60).what == "advance"


def test_orders() -> None:
    rollout = begun(PLAN, T0)
    paused = ordered(rollout, "pause", T0)
    assert paused is not None
    assert decide(paused, ENOUGH, T0 + 60).what == "hold"
    assert ordered(paused, "pause", T0) is None
    resumed = ordered(paused, "resume", T0)
    assert resumed is not None
    assert resumed.phase is Phase.RUNNING
    for order, phase, weight in (
        ("promote", Phase.PROMOTED, 100),
        ("abort", Phase.ABORTED, 0),
    ):
        ended = ordered(paused, order, T0)  # type: ignore[arg-type]
        assert ended is not None
        assert (ended.phase, ended.weight) == (phase, weight)
        assert all(ordered(ended, one, T0) is None for one in get_args(Order))


def test_one_of_a_label_leaves_no_weights_behind() -> None:
    labelled = begun(replace(PLAN, label="prod"), T0)
    shadow = ShadowSettings(2)
    under_way = NO_TRAFFIC.with_rollout(labelled, shadow)
    assert under_way.splits["prod"].weights == {1: 100, 2: 0}
    assert under_way.shadow == shadow
    ended = ordered(labelled, "abort", T0)
    assert ended is not None
    after = under_way.with_rollout(ended)
    assert (after.splits, after.shadow) == ({}, None)
    # Without a label there is nothing else that says who answers.
    unlabelled = NO_TRAFFIC.with_rollout(begun(PLAN, T0), shadow)
    aborted = ordered(begun(PLAN, T0), "abort", T0)
    assert aborted is not None
    assert unlabelled.with_rollout(aborted).splits[""].weights == {1: 100, 2: 0}


COUNTED = st.builds(
    lambda good, bad, p95: Counted(good + bad, bad, p95 if good else None, good),
    st.integers(0, 40),
    st.integers(0, 10),
    st.floats(0, 10),
)
EVIDENCE = st.builds(
    Evidence,
    COUNTED,
    COUNTED,
    st.builds(
        lambda equal, differing, errors, *two: ShadowCounted(
            equal + differing + errors, differing + errors, errors, *two
        ),
        st.integers(0, 40),
        st.integers(0, 5),
        st.integers(0, 5),
        COUNTED,
        COUNTED,
    ),
    st.sampled_from(["there", "coming", "gone"]),
)
PLANS = st.builds(
    Plan,
    st.just(2),
    st.just(1),
    st.sampled_from([None, "prod"]),
    st.lists(
        st.sampled_from([0.0, 1.0, 5.0, 25.0, 50.0]), min_size=0, max_size=4, unique=True
    ).map(lambda weights: tuple(Step(one, 10, 3.0) for one in [*sorted(weights), 100.0])),
    st.builds(
        Bounds,
        st.none() | st.floats(0, 1),
        st.none() | st.floats(1, 10),
        st.floats(0, 100),
        st.none() | st.floats(0, 1),
    ),
)


class Rollouts(RuleBasedStateMachine):
    """Any evidence, any orders, clocks that jump: what always holds of a rollout."""

    @initialize(plan=PLANS)
    def begin(self, plan: Plan) -> None:
        self.now = T0
        self.rollout = begun(plan, self.now)
        self.before = self.rollout

    @rule(evidence=EVIDENCE, seconds=st.floats(-100, 100))
    def tick(self, evidence: Evidence, seconds: float) -> None:
        self.now += seconds
        self.before = self.rollout
        decision = decide(self.rollout, evidence, self.now)
        assert decision.reason
        self.rollout = moved(self.rollout, decision, self.now)
        if evidence.candidate_is == "gone":
            assert not self.rollout.phase.is_active
        if self.before.phase is Phase.PAUSED and decision.what != "fall_back":
            assert self.rollout == self.before
        if decision.what == "advance":
            assert evidence.candidate_is == "there"

    @rule(order=st.sampled_from(get_args(Order)))
    def order(self, order: Order) -> None:
        self.before = self.rollout
        after = ordered(self.rollout, order, self.now)
        if order in ("promote", "abort"):
            assert (after is not None) == self.before.phase.is_active
        if after is not None:
            self.rollout = after

    @rule()
    def restart(self) -> None:
        traffic = NO_TRAFFIC.with_rollout(self.rollout, ShadowSettings(2))
        assert read_traffic(write_traffic(traffic)) == traffic

    @invariant()
    def it_is_whole(self) -> None:
        rollout, before = self.rollout, self.before
        assert 0 <= rollout.step < len(rollout.plan.steps)
        assert rollout.step - before.step in (0, 1)
        assert rollout.reason
        if not before.phase.is_active:
            # The end is the end.
            assert rollout == before
        if rollout.phase in (Phase.FALLEN_BACK, Phase.ABORTED):
            assert rollout.weight == 0
        if rollout.phase is Phase.RUNNING and before.phase.is_active:
            assert rollout.weight >= before.weight
        assert len(rollout.happened) <= 50
        assert rollout.happened[0].what == "started"
        if rollout != before:
            assert rollout.happened[-1].weight == rollout.weight


TestRollouts = Rollouts.TestCase


def test_what_fails_is_tried_again_less_and_less_often() -> None:
    before, after = at(0), at(1)
    now, retry = T0, failed_again(None, before, after, "no room", T0)
    waits = [retry.wait]
    for _ in range(9):
        assert not retry.is_due(now + 0.9 * retry.wait)
        now += retry.wait
        assert retry.is_due(now)
        retry = failed_again(retry, before, after, "no room", now)
        waits.append(retry.wait)
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    # A clock that was set back.
    assert retry.is_due(now - 3600)
    # What waits for its turn is not held up.
    assert Retry(before, after, "", now).is_due(now)
