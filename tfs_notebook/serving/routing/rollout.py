"""A rollout as data: what it has come to, and what is to become of it. All of it is pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

__all__ = [
    "Bounds",
    "Counted",
    "Decision",
    "Evidence",
    "Happened",
    "Order",
    "Phase",
    "Plan",
    "Rollout",
    "ShadowCounted",
    "Step",
    "begun",
    "broken",
    "decide",
    "missing",
    "moved",
    "ordered",
]

FULL: Final = 100.0
"""The weight of all requests."""

_KEPT: Final = 50
# Of fewer, one or two slow ones would be the 95th of a hundred.
_FEWEST_TIMED: Final = 50
# A copy waits for its turn of the interpreter, 5 ms and several times: it runs behind the rest.
_SLACK_OF_COPIES_MS: Final = 25.0


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
class Counted:
    """What was counted of a version.

    Attributes:
        requests: that ended.
        errors: those of them that failed.
        p95: seconds that 95 of 100 took at most; None for none.
        timed: of how many that is said.
    """

    requests: int = 0
    errors: int = 0
    p95: float | None = None
    timed: int = 0

    @property
    def error_rate(self) -> float:
        """The share that failed."""
        return self.errors / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True)
class ShadowCounted:
    """What was counted of copies.

    Attributes:
        compared: answers that were compared.
        differing: those that were not the same, failures of the candidate alone included.
        errors: how often the candidate failed where the true answer was none.
        candidate: how long its runs took.
        stable: how long the true answers took that these were compared with.
    """

    compared: int = 0
    differing: int = 0
    errors: int = 0
    candidate: Counted = field(default_factory=Counted)
    stable: Counted = field(default_factory=Counted)


Presence: TypeAlias = Literal["there", "coming", "gone"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a decision is made of.

    Attributes:
        candidate: its requests since the step began.
        stable: the stable version's since the rollout began, or the server if that was later.
        shadow: copies since the step began.
        candidate_is: ``there``, ``coming`` while it is yet to be loaded, or ``gone``.
    """

    candidate: Counted = field(default_factory=Counted)
    stable: Counted = field(default_factory=Counted)
    shadow: ShadowCounted = field(default_factory=ShadowCounted)
    candidate_is: Presence = "there"


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


def decide(rollout: Rollout, evidence: Evidence, now: float) -> Decision:
    """What is to become of a rollout.

    One that is paused stays at its step, and falls back all the same.

    Args:
        rollout: how it stands.
        evidence: what was seen of its step.
        now: seconds since the epoch.
    """
    if not rollout.phase.is_active:
        return Decision("hold", rollout.reason)
    if (reason := broken(rollout, evidence)) is not None:
        return Decision("fall_back", reason)
    waits_for = missing(rollout, evidence, now)
    if rollout.phase is Phase.PAUSED:
        return Decision("hold", "it is paused")
    if waits_for is not None:
        return Decision("hold", waits_for)
    return Decision("advance", _held(rollout, evidence))


def broken(rollout: Rollout, evidence: Evidence) -> str | None:
    """Which bound the candidate has broken, and by what; None if it has not."""
    plan, shadow = rollout.plan, evidence.shadow
    step, bounds = plan.steps[rollout.step], plan.bounds
    if evidence.candidate_is == "gone":
        return f"version {plan.candidate} is not served any more"
    checks = (
        _too_many_errors(evidence.candidate, evidence.stable.error_rate, step, bounds),
        _too_many_errors(Counted(shadow.compared, shadow.errors), 0.0, step, bounds),
        _too_many_differ(shadow, step, bounds),
        _too_slow(evidence.candidate, evidence.stable, bounds, bounds.latency_slack_ms)
        if step.weight
        else _too_slow(
            shadow.candidate,
            shadow.stable,
            bounds,
            bounds.latency_slack_ms + _SLACK_OF_COPIES_MS,
        ),
    )
    return next((reason for reason in checks if reason is not None), None)


def _too_many_errors(
    counted: Counted, stable_rate: float, step: Step, bounds: Bounds
) -> str | None:
    bound = bounds.max_error_rate
    if bound is None:
        return None
    # At once: as soon as there are more than the whole step may have.
    may_fail = (bound + stable_rate) * max(counted.requests, step.min_requests)
    if counted.errors <= may_fail:
        return None
    beside = f", {stable_rate:.2%} of the stable version's" if stable_rate else ""
    return (
        f"{counted.errors} of {counted.requests} requests failed{beside}; the bound is "
        f"{bound:.2%} more"
    )


def _too_many_differ(shadow: ShadowCounted, step: Step, bounds: Bounds) -> str | None:
    bound = bounds.max_differing_share
    if bound is None or shadow.differing <= bound * max(shadow.compared, step.min_requests):
        return None
    return (
        f"{shadow.differing} of {shadow.compared} copies had another answer; the bound is "
        f"{bound:.2%}"
    )


def _too_slow(
    candidate: Counted, stable: Counted, bounds: Bounds, slack_ms: float
) -> str | None:
    ratio = bounds.max_latency_ratio
    ours, theirs = candidate.p95, stable.p95
    if ratio is None or ours is None or theirs is None:
        return None
    if min(candidate.timed, stable.timed) < _FEWEST_TIMED:
        return None
    if ours <= ratio * theirs or (ours - theirs) * 1000 <= slack_ms:
        return None
    return (
        f"p95 is {ours * 1000:.3g} ms, the stable version's {theirs * 1000:.3g} ms; the bound "
        f"is {ratio:g} times that"
    )


def missing(rollout: Rollout, evidence: Evidence, now: float) -> str | None:
    """What is missing for the next step; None if nothing is."""
    step = rollout.plan.steps[rollout.step]
    if evidence.candidate_is == "coming":
        return f"version {rollout.plan.candidate} is being loaded"
    seen, of = _seen(step, evidence)
    if seen < step.min_requests:
        return f"{seen} of {step.min_requests} {of}"
    seconds = max(0.0, now - rollout.step_since)
    if seconds < step.min_seconds:
        return f"{seconds:.0f} of {step.min_seconds:g} s"
    return None


def _seen(step: Step, evidence: Evidence) -> tuple[int, str]:
    if step.weight:
        return evidence.candidate.requests, "requests"
    return evidence.shadow.compared, "copies compared"


def _held(rollout: Rollout, evidence: Evidence) -> str:
    seen, of = _seen(rollout.plan.steps[rollout.step], evidence)
    return f"it held for {seen} {of}"


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
