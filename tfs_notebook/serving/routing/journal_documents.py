"""All of a model's traffic as JSON: as the journal keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfs_notebook.serving.routing.rollout import Happened, Phase, Plan, Rollout
from tfs_notebook.serving.routing.rollout_documents import (
    read_bounds,
    read_steps,
    write_rollout,
)
from tfs_notebook.serving.routing.settings import TrafficSettings
from tfs_notebook.serving.routing.split_documents import (
    read_shadow,
    read_split,
    write_shadow,
    write_split,
)
from tfs_notebook.serving.version_policies import check_version

__all__ = ["read_traffic", "write_traffic"]


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


def _read_rollout(value: object) -> Rollout | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise TypeError("a rollout is an object, or null")
    plan = Plan(
        check_version(value["candidate"]),
        check_version(value["stable"]),
        value["label"],
        read_steps(value),
        read_bounds(value["bounds"]),
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
