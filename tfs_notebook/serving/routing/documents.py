"""Traffic as JSON: as people, files and the journal say it, and as it is told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from tfs_notebook.serving.routing.rollout import (
    FULL,
    Bounds,
    Happened,
    Phase,
    Plan,
    Rollout,
    Step,
)
from tfs_notebook.serving.routing.settings import ShadowSettings, TrafficSettings
from tfs_notebook.serving.routing.split import Split, Target
from tfs_notebook.serving.version_policies import check_version
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.shown_values import shown

__all__ = [
    "RolloutRequest",
    "read_rollout_request",
    "read_shadow",
    "read_split",
    "read_target",
    "read_traffic",
    "write_rollout",
    "write_shadow",
    "write_split",
    "write_traffic",
]

_MOST_TARGETS: Final = 16
_MOST_STEPS: Final = 20
_MOST_EXAMPLES: Final = 20
_LARGEST: Final = 1e9
_LONGEST_LABEL: Final = 255
_USUAL_STEPS: Final = (0, 5, 25, 100)
_MOST_OF_BOUNDS: Final = {
    "max_error_rate": 1.0,
    "max_latency_ratio": _LARGEST,
    "latency_slack_ms": _LARGEST,
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


# -- weights and copies ----------------------------------------------------------


def read_target(value: object) -> Target:
    """A version or a label; digits are a version.

    Raises:
        InvalidArgument: it is neither.
    """
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return check_version(int(value[:_LONGEST_LABEL]))
    if isinstance(value, str):
        return _label(value)
    return check_version(value)


def _label(value: object) -> str:
    if isinstance(value, str) and value.isprintable() and 0 < len(value) <= _LONGEST_LABEL:
        return value
    raise InvalidArgument(
        f"a label has 1 to {_LONGEST_LABEL} printable characters; got {shown(value)}"
    )


def read_split(value: object) -> Split:
    """Weights by version or label.

    Raises:
        InvalidArgument: they are none; the text says what would be.
    """
    if not isinstance(value, Mapping) or not value or len(value) > _MOST_TARGETS:
        raise InvalidArgument(
            f'weights are numbers by version or label, such as {{"stable": 95, "gray": 5}}, of '
            f"1 to {_MOST_TARGETS} of them; got {shown(value)}"
        )
    weights: dict[Target, float] = {}
    for name, weight in value.items():
        target = read_target(name)
        if target in weights:
            raise InvalidArgument(f"{target} is there twice")
        weights[target] = _number(weight, f"the weight of {target}", 0, _LARGEST)
    if not any(weights.values()):
        raise InvalidArgument("all weights are 0; one of them has to be above that")
    return Split(weights)


def write_split(split: Split) -> dict[str, float]:
    """Write weights so that :func:`read_split` reads them."""
    return {str(target): weight for target, weight in split.weights.items()}


def read_shadow(value: object) -> ShadowSettings:
    """Copies as they are asked for; the target alone says that all are copied.

    Raises:
        InvalidArgument: that cannot be made out.
    """
    if not isinstance(value, Mapping):
        return ShadowSettings(read_target(value))
    if "target" not in value:
        raise InvalidArgument(
            'say for which version or label: {"shadow": {"target": 2, "share": 0.1}}'
        )
    return _shadow_options(value, read_target(value["target"]))


def _shadow_options(value: Mapping[str, Any], target: Target) -> ShadowSettings:
    _check_fields(value, _names(ShadowSettings), '"shadow"')
    settings = ShadowSettings(target)
    share = _number(value.get("share", settings.share), '"share"', 0, 1)
    if not share:
        raise InvalidArgument('"share" is above 0 and at most 1; null takes the copies away')
    return ShadowSettings(
        target,
        share,
        _number(value.get("rtol", settings.rtol), '"rtol"', 0, _LARGEST),
        _number(value.get("atol", settings.atol), '"atol"', 0, _LARGEST),
        _whole(value.get("examples", settings.examples), '"examples"', _MOST_EXAMPLES),
    )


def write_shadow(shadow: ShadowSettings | None) -> dict[str, Any] | None:
    """Write them so that :func:`read_shadow` reads them."""
    return None if shadow is None else asdict(shadow)


# -- rollouts --------------------------------------------------------------------


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
    _check_fields(value, (*_names(RolloutRequest), "min_requests", "min_seconds"), "a rollout")
    candidate = read_target(value["candidate"])
    label, stable = value.get("label"), value.get("stable")
    request = RolloutRequest(
        candidate,
        None if stable is None else read_target(stable),
        None if label is None else _label(label),
        _steps(value),
        _bounds(value.get("bounds", {})),
        _rollout_shadow(value.get("shadow", {}), candidate),
    )
    if request.shadow is None and not request.steps[0].weight:
        raise InvalidArgument(
            'the step with the weight 0 compares copies; leave it out, or "shadow": null'
        )
    return request


def _steps(value: Mapping[str, Any]) -> tuple[Step, ...]:
    usual = Step(
        0,
        _whole(value.get("min_requests", Step(0).min_requests), '"min_requests"', _LARGEST),
        _number(value.get("min_seconds", Step(0).min_seconds), '"min_seconds"', 0, _LARGEST),
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
        return replace(usual, weight=_number(value, "a step", 0, FULL))
    _check_fields(value, _names(Step), "a step")
    if "weight" not in value:
        raise InvalidArgument(f'a step has a "weight"; got {shown(dict(value))}')
    return Step(
        _number(value["weight"], '"weight"', 0, FULL),
        _whole(value.get("min_requests", usual.min_requests), '"min_requests"', _LARGEST),
        _number(value.get("min_seconds", usual.min_seconds), '"min_seconds"', 0, _LARGEST),
    )


def _bounds(value: object) -> Bounds:
    if not isinstance(value, Mapping):
        raise InvalidArgument(
            f'"bounds" is an object, such as {{"max_error_rate": 0.01}}; got {shown(value)}'
        )
    _check_fields(value, _MOST_OF_BOUNDS, '"bounds"')
    if value.get("latency_slack_ms", 0) is None:
        raise InvalidArgument('"latency_slack_ms" is a number; 0 for none')
    given = {
        name: None if value[name] is None else _number(value[name], f'"{name}"', 0, most)
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
    return _shadow_options(value, candidate)


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


def _read_rollout(value: object) -> Rollout | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise TypeError("a rollout is an object, or null")
    plan = Plan(
        check_version(value["candidate"]),
        check_version(value["stable"]),
        value["label"],
        _steps(value),
        _bounds(value["bounds"]),
    )
    step = value["step"]
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step < len(plan.steps):
        raise ValueError(f"there is no step {step!r}")
    return Rollout(
        plan,
        Phase(value["phase"]),
        step,
        float(value["step_since"]),
        str(value["reason"]),
        tuple(
            Happened(
                float(one["time"]), str(one["what"]), float(one["weight"]), str(one["reason"])
            )
            for one in value["happened"]
        ),
    )


# -- all of it -------------------------------------------------------------------


def write_traffic(traffic: TrafficSettings) -> dict[str, Any] | None:
    """Write it for :func:`read_traffic`; None if nothing is said."""
    if not traffic.routes and traffic.rollout is None:
        return None
    return {
        "splits": {label: write_split(split) for label, split in traffic.splits.items()},
        "shadow": write_shadow(traffic.shadow),
        "rollout": write_rollout(traffic.rollout),
    }


def read_traffic(value: object) -> TrafficSettings:
    """Read what :func:`write_traffic` has written.

    Raises:
        KeyError: it is nothing of the kind.
        TypeError: likewise.
        ValueError: likewise.
        InvalidArgument: likewise.
    """
    if value is None:
        return TrafficSettings()
    if not isinstance(value, Mapping) or not isinstance(value["splits"], Mapping):
        raise TypeError("traffic is an object, or null")
    shadow = value["shadow"]
    return TrafficSettings(
        {str(label): read_split(one) for label, one in value["splits"].items()},
        None if shadow is None else read_shadow(shadow),
        _read_rollout(value["rollout"]),
    )


# -- what they are made of -------------------------------------------------------


def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - any dataclass
    return tuple(one.name for one in fields(kind))


def _check_fields(given: Iterable[object], known: Iterable[str], what: str) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            raise InvalidArgument(
                f"{what} has {', '.join(known)}; got the unknown field {shown(name)}"
            )


def _number(value: object, what: str, least: float, most: float) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not least <= value <= most
    ):
        raise InvalidArgument(
            f"{what} is a number from {least:g} to {most:g}; got {shown(value)}"
        )
    return value


def _whole(value: object, what: str, most: float) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InvalidArgument(
            f"{what} is a whole number from 0 to {most:g}; got {shown(value)}"
        )
    return value
