"""What is to become of a rollout, from what was seen of its step. All of it is pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from tfs_notebook.serving.routing.rollout import Bounds, Decision, Phase, Rollout, Step

__all__ = [
    "Counted",
    "Evidence",
    "Presence",
    "ShadowCounted",
    "broken",
    "decide",
    "missing",
]

# Of fewer, one or two slow ones would be the 95th of a hundred.
_FEWEST_TIMED: Final = 50
# A copy waits for its turn of the interpreter, 5 ms and several times: it runs behind the rest.
_SLACK_OF_COPIES_MS: Final = 25.0


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
