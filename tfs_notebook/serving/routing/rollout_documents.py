"""Rollouts as JSON: as they are asked for, and as they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from tfs_notebook.serving.routing.document_fields import check_fields, names_of, number, whole
from tfs_notebook.serving.routing.rollout import FULL, Bounds, Rollout, Step
from tfs_notebook.serving.routing.settings import ShadowSettings
from tfs_notebook.serving.routing.split import Target
from tfs_notebook.serving.routing.split_documents import (
    LARGEST,
    read_label,
    read_shadow_options,
    read_target,
)
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.shown_values import shown

__all__ = [
    "RolloutRequest",
    "read_bounds",
    "read_rollout_request",
    "read_steps",
    "write_rollout",
]

_MOST_STEPS: Final = 20
_USUAL_STEPS: Final = (0, 5, 25, 100)
_MOST_OF_BOUNDS: Final = {
    "max_error_rate": 1.0,
    "max_latency_ratio": LARGEST,
    "latency_slack_ms": LARGEST,
    "max_differing_share": 1.0,
}


@dataclass(frozen=True, slots=True)
class RolloutRequest:
    """A rollout as it is asked for.

    Attributes:
        candidate: the version that is to come, or a label of it.
        stable: the one that is there; None for the one that answers now.
        label: see ``Plan``.
        steps: see ``Plan``.
        bounds: see ``Plan``.
        shadow: how copies are made for the candidate; None for none. Its target is the
            candidate, whatever it says.
    """

    candidate: Target
    stable: Target | None
    label: str | None
    steps: tuple[Step, ...]
    bounds: Bounds
    shadow: ShadowSettings | None


def read_rollout_request(value: object) -> RolloutRequest:
    """A rollout as it is asked for; what is not said is as it usually is.

    Raises:
        InvalidArgument: it cannot be made out; the text says what could.
    """
    if not isinstance(value, Mapping) or "candidate" not in value:
        raise InvalidArgument(
            'say which version is to come: {"candidate": 2, "steps": [0, 5, 25, 100], '
            f'"min_requests": 100, "min_seconds": 60}}; got {shown(value)}'
        )
    check_fields(value, (*names_of(RolloutRequest), "min_requests", "min_seconds"), "a rollout")
    candidate = read_target(value["candidate"])
    label, stable = value.get("label"), value.get("stable")
    request = RolloutRequest(
        candidate,
        None if stable is None else read_target(stable),
        None if label is None else read_label(label),
        read_steps(value),
        read_bounds(value.get("bounds", {})),
        _rollout_shadow(value.get("shadow", {}), candidate),
    )
    if request.shadow is None and not request.steps[0].weight:
        raise InvalidArgument(
            'the step with the weight 0 compares copies; leave it out, or "shadow": null'
        )
    return request


def read_steps(value: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of a rollout, with what it says of all of them.

    Raises:
        InvalidArgument: they are none; the text says what would be.
    """
    usual = Step(
        0,
        whole(value.get("min_requests", Step(0).min_requests), '"min_requests"', LARGEST),
        number(value.get("min_seconds", Step(0).min_seconds), '"min_seconds"', 0, LARGEST),
    )
    given = value.get("steps", list(_USUAL_STEPS))
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_STEPS:
        raise InvalidArgument(
            f'"steps" are 1 to {_MOST_STEPS} weights in percent, such as [0, 5, 25, 100]; got '
            f"{shown(given)}"
        )
    steps = tuple(_step(one, usual) for one in given)
    weights = [step.weight for step in steps]
    if weights != sorted(set(weights)) or weights[-1] != FULL:
        raise InvalidArgument(
            f"the weights of steps rise, and the last one is 100; got {shown(weights)}"
        )
    return steps


def _step(value: object, usual: Step) -> Step:
    if not isinstance(value, Mapping):
        return replace(usual, weight=number(value, "a step", 0, FULL))
    check_fields(value, names_of(Step), "a step")
    if "weight" not in value:
        raise InvalidArgument(f'a step has a "weight"; got {shown(dict(value))}')
    return Step(
        number(value["weight"], '"weight"', 0, FULL),
        whole(value.get("min_requests", usual.min_requests), '"min_requests"', LARGEST),
        number(value.get("min_seconds", usual.min_seconds), '"min_seconds"', 0, LARGEST),
    )


def read_bounds(value: object) -> Bounds:
    """What a candidate is held to; what is not said is as it usually is.

    Raises:
        InvalidArgument: that cannot be made out.
    """
    if not isinstance(value, Mapping):
        raise InvalidArgument(
            f'"bounds" is an object, such as {{"max_error_rate": 0.01}}; got {shown(value)}'
        )
    check_fields(value, _MOST_OF_BOUNDS, '"bounds"')
    if value.get("latency_slack_ms", 0) is None:
        raise InvalidArgument('"latency_slack_ms" is a number; 0 for none')
    given = {
        name: None if value[name] is None else number(value[name], f'"{name}"', 0, most)
        for name, most in _MOST_OF_BOUNDS.items()
        if name in value
    }
    return replace(Bounds(), **given)  # type: ignore[arg-type]


def _rollout_shadow(value: object, candidate: Target) -> ShadowSettings | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidArgument(
            f'"shadow" says how copies are compared, such as {{"share": 0.1}}; got '
            f"{shown(value)}"
        )
    return read_shadow_options(value, candidate)


def write_rollout(rollout: Rollout | None) -> dict[str, Any] | None:
    """What is told of a rollout, and what the journal keeps of it."""
    if rollout is None:
        return None
    plan = rollout.plan
    return {
        "candidate": plan.candidate,
        "stable": plan.stable,
        "label": plan.label,
        "steps": [asdict(step) for step in plan.steps],
        "bounds": asdict(plan.bounds),
        "phase": rollout.phase.value,
        "step": rollout.step,
        "step_since": rollout.step_since,
        "weight": rollout.weight,
        "reason": rollout.reason,
        "happened": [asdict(one) for one in rollout.happened],
    }
