"""A rollout as data: its plan, what it has come to, and how it moves on. All of it is pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

__all__ = [
    "FULL",
    "Bounds",
    "Decision",
    "Happened",
    "Order",
    "Phase",
    "Plan",
    "Rollout",
    "Step",
    "begun",
    "moved",
    "ordered",
]

FULL: Final = 100.0
"""The weight of all requests."""

_KEPT: Final = 50


class Phase(enum.Enum):
    """Where a rollout stands."""

    RUNNING = "running"
    PAUSED = "paused"
    PROMOTED = "promoted"
    FALLEN_BACK = "fallen_back"
    ABORTED = "aborted"

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self in (Phase.RUNNING, Phase.PAUSED)


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        weight: percent of the requests that the candidate answers; 0 for copies alone.
        min_requests: that have to have been seen before the next step: answered by the
            candidate, or, with the weight 0, compared.
        min_seconds: that the step takes at least.
    """

    weight: float
    min_requests: int = 100
    min_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a candidate is held to; None for a bound that there is not.

    Attributes:
        max_error_rate: by how much the share of its requests that fail may be above the
            stable version's. All failures count, whoever is at fault: what clients do
            wrong they do to both.
        max_latency_ratio: how many times the stable version's 95th percentile its own may
            be. Looked at from fifty requests of each on.
        latency_slack_ms: a difference of so little is none, whatever the ratio. With the
            weight 0 it is 25 ms more, because copies run behind all other traffic.
        max_differing_share: of the copies that it answered, which may have other answers.
    """

    max_error_rate: float | None = 0.01
    max_latency_ratio: float | None = 2.0
    latency_slack_ms: float = 10.0
    max_differing_share: float | None = 0.01


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        candidate: the version that is to come.
        stable: the one that is there, and stays if the candidate is not good enough.
        label: whose requests are meant, and which stands for the candidate in the end; None
            for requests that name neither version nor label.
        steps: with rising weights, the last of which is 100.
        bounds: that the candidate is held to.
    """

    candidate: int
    stable: int
    label: str | None
    steps: tuple[Step, ...]
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened in a rollout.

    Attributes:
        time: seconds since the epoch.
        what: ``started``, ``step``, ``paused``, ``resumed``, ``promoted``, ``fallen_back``
            or ``aborted``.
        weight: of the candidate from then on.
        reason: why.
    """

    time: float
    what: str
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class Rollout:
    """What a rollout has come to.

    Attributes:
        plan: does not change.
        phase: where it stands.
        step: the number of the step it is at, or was at when it ended; from 0.
        step_since: when that began, in seconds since the epoch.
        reason: why it is where it is.
        happened: the first thing first; the last fifty.
    """

    plan: Plan
    phase: Phase
    step: int
    step_since: float
    reason: str
    happened: tuple[Happened, ...]

    @property
    def weight(self) -> float:
        """Percent of the requests that the candidate is to answer."""
        if self.phase is Phase.PROMOTED:
            return FULL
        return self.plan.steps[self.step].weight if self.phase.is_active else 0.0

    @property
    def began(self) -> float:
        """Tells it from others of the model: when it began, in seconds since the epoch."""
        return self.happened[0].time if self.happened else self.step_since


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a rollout.

    Attributes:
        what: ``hold``, ``advance`` or ``fall_back``.
        reason: why; of ``hold``, what is missing for the next step.
    """

    what: Literal["hold", "advance", "fall_back"]
    reason: str


Order = Literal["pause", "resume", "promote", "abort"]
"""What a person can say of a rollout."""


def begun(plan: Plan, now: float) -> Rollout:
    """A rollout at its first step."""
    reason = f"version {plan.candidate} is rolled out beside version {plan.stable}"
    first = Happened(now, "started", plan.steps[0].weight, reason)
    return Rollout(plan, Phase.RUNNING, 0, now, reason, (first,))


def moved(rollout: Rollout, decision: Decision, now: float) -> Rollout:
    """The rollout after a decision; one that has ended, and one held, stay as they are."""
    if not rollout.phase.is_active or decision.what == "hold":
        return rollout
    if decision.what == "fall_back":
        return _ended(rollout, Phase.FALLEN_BACK, decision.reason, now)
    following = rollout.step + 1
    if following == len(rollout.plan.steps):
        return _ended(rollout, Phase.PROMOTED, decision.reason, now)
    after = replace(rollout, step=following, step_since=now, reason=decision.reason)
    return _noted(after, "step", decision.reason, now)


def ordered(rollout: Rollout, order: Order, now: float) -> Rollout | None:
    """The rollout after a person's order; None if that cannot be followed."""
    phase = rollout.phase
    if order == "pause" and phase is Phase.RUNNING:
        reason = "paused by hand"
        return _noted(
            replace(rollout, phase=Phase.PAUSED, reason=reason), "paused", reason, now
        )
    if order == "resume" and phase is Phase.PAUSED:
        reason = "resumed by hand"
        return _noted(
            replace(rollout, phase=Phase.RUNNING, reason=reason), "resumed", reason, now
        )
    if order == "promote" and phase.is_active:
        return _ended(rollout, Phase.PROMOTED, "promoted by hand", now)
    if order == "abort" and phase.is_active:
        return _ended(rollout, Phase.ABORTED, "aborted by hand", now)
    return None


def _ended(rollout: Rollout, phase: Phase, reason: str, now: float) -> Rollout:
    return _noted(replace(rollout, phase=phase, reason=reason), phase.value, reason, now)


def _noted(rollout: Rollout, what: str, reason: str, now: float) -> Rollout:
    happened: Sequence[Happened] = rollout.happened
    new = Happened(now, what, rollout.weight, reason)
    # The first one says when it began.
    kept = happened if len(happened) < _KEPT else (happened[0], *happened[2:])
    return replace(rollout, happened=(*kept, new))
