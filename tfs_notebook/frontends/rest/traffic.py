"""Which versions of a model answer, as ``/v2/repository`` tells and changes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final, cast, get_args

from tfs_notebook.frontends.rest.control_bodies import Parameters, read_timeout
from tfs_notebook.frontends.rest.repository import Entry
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.routing.decision import (
    Counted,
    Evidence,
)
from tfs_notebook.serving.routing.figures import ShadowRead
from tfs_notebook.serving.routing.rollout import (
    Order,
)
from tfs_notebook.serving.routing.rollout_documents import read_rollout_request, write_rollout
from tfs_notebook.serving.routing.settings import NO_LABEL
from tfs_notebook.serving.routing.split_documents import read_shadow, read_split, write_shadow
from tfs_notebook.serving.routing.status import (
    TrafficChanges,
    TrafficStatus,
)
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.shown_values import shown

__all__ = [
    "brief_traffic",
    "change_traffic",
    "reset_traffic",
    "rollout",
    "steer_rollout",
    "traffic",
]

_ORDERS: Final = get_args(Order)


def traffic(server: ModelServer, name: str) -> Entry:
    """What holds for a model's traffic, and what was counted.

    Raises:
        NotFound: there is no such model.
    """
    return _described(server.traffic_of(name))


def change_traffic(server: ModelServer, name: str, given: Parameters) -> Entry:
    """Change weights or copies, and tell what holds then; blocks.

    Raises:
        ServingError: as ``ModelServer.change_traffic``.
    """
    server.change_traffic(name, _changes(given), read_timeout(given))
    return traffic(server, name)


def reset_traffic(server: ModelServer, name: str) -> Entry:
    """Take back all that was said of a model's traffic; blocks.

    Raises:
        ServingError: as ``ModelServer.change_traffic``.
    """
    server.change_traffic(name, TrafficChanges({}, reset=True))
    return traffic(server, name)


def rollout(server: ModelServer, name: str) -> Entry:
    """The rollout that is under way, or the last one.

    Raises:
        NotFound: there is no such model.
    """
    described = traffic(server, name)
    return {"name": name, "rollout": described["rollout"]}


def steer_rollout(server: ModelServer, name: str, given: Parameters) -> Entry:
    """Begin a rollout, or tell one what to do; blocks until that holds.

    Raises:
        ServingError: as ``ModelServer.start_rollout`` and ``ModelServer.steer_rollout``.
    """
    timeout = read_timeout(given)
    said = {field: value for field, value in given.items() if field != "timeout"}
    if "action" in said:
        server.steer_rollout(name, _order(said), timeout)
    else:
        server.start_rollout(name, read_rollout_request(said), timeout)
    return rollout(server, name)


def _order(said: Parameters) -> Order:
    action = said["action"]
    if action not in _ORDERS or len(said) > 1:
        raise InvalidArgument(
            f'"action" is one of {", ".join(_ORDERS)}, and stands alone; got '
            f"{shown(dict(said))}"
        )
    return cast("Order", action)


def _changes(given: Parameters) -> TrafficChanges:
    reset = given.get("reset", False)
    if not isinstance(reset, bool):
        raise InvalidArgument(f'"reset" is true or false; got {shown(reset)}')
    if not reset and not given.keys() & {"split", "shadow"}:
        raise InvalidArgument(
            'say what to change: {"parameters": {"split": {"stable": 95, "gray": 5}}} for '
            'requests without a version or label, with "label": "prod" for those with this '
            'one; "shadow": {"target": 2, "share": 0.1} for copies; null takes either away, '
            'and "reset": true everything'
        )
    splits = {}
    label = given.get("label", NO_LABEL)
    if not isinstance(label, str) or ("label" in given and "split" not in given):
        raise InvalidArgument(f'"label" says whose "split" is meant; got {shown(dict(given))}')
    if "split" in given:
        split = given["split"]
        splits[label] = None if split is None else read_split(split)
    shadow = given.get("shadow")
    return TrafficChanges(
        splits,
        None if shadow is None else read_shadow(shadow),
        ends_shadow="shadow" in given and shadow is None,
        reset=reset,
    )


# -- in short ---------------------------------------------------------------------


def brief_traffic(status: TrafficStatus | None) -> Entry | None:
    """What holds, for those who look again and again; None if nothing is said.

    Without what was asked and answered, and without what has happened in a rollout.
    """
    if status is None:
        return None
    return {
        "splits": _splits(status),
        "copies": _brief_copies(status),
        "rollout": _brief_rollout(status),
    }


def _brief_copies(status: TrafficStatus) -> Entry | None:
    settings, read = status.traffic.shadow, status.shadow
    if settings is None and read is None:
        return None
    return {
        # None where copies have ended, of which there is still something to tell.
        "target": None if settings is None else str(settings.target),
        "share": None if settings is None else settings.share,
        "compared": 0 if read is None else read.counted.compared,
        "differing": 0 if read is None else read.counted.differing,
        "errors": 0 if read is None else read.counted.errors,
        "dropped": 0 if read is None else read.dropped,
    }


def _brief_rollout(status: TrafficStatus) -> Entry | None:
    said = status.traffic.rollout
    if said is None:
        return None
    return {
        "candidate": str(said.plan.candidate),
        "stable": str(said.plan.stable),
        "label": said.plan.label,
        "phase": said.phase.value,
        "step": said.step,
        "weights": [step.weight for step in said.plan.steps],
        "reason": said.reason,
        "waits_for": status.waits_for,
    }


# -- as it is told ---------------------------------------------------------------


def _described(status: TrafficStatus) -> Entry:
    return {
        "name": status.name,
        "splits": _splits(status),
        "answered": [
            {"version": str(version), **_counted(counted)}
            for version, counted in status.counted.items()
        ],
        "shadow": _shadow(status),
        "rollout": _rollout(status),
    }


def _splits(status: TrafficStatus) -> list[Entry]:
    return [
        {
            "label": label or None,
            "targets": [
                {
                    "target": str(target),
                    "weight": weight,
                    "share": split.share(target),
                    "version": _text(status.versions.get(target)),
                }
                for target, weight in split.weights.items()
            ],
        }
        for label, split in status.traffic.splits.items()
    ]


def _text(version: int | None) -> str | None:
    return None if version is None else str(version)


def _counted(counted: Counted) -> Entry:
    return {
        "requests": counted.requests,
        "errors": counted.errors,
        "p95_ms": _millis(counted),
    }


def _millis(counted: Counted) -> float | None:
    return None if counted.p95 is None else counted.p95 * 1000


def _shadow(status: TrafficStatus) -> Entry | None:
    settings = status.traffic.shadow
    if settings is None and status.shadow is None:
        return None
    found: Entry = {} if status.shadow is None else _copies(status.shadow)
    return {"settings": write_shadow(settings)} | found


def _copies(read: ShadowRead) -> Entry:
    counted = read.counted
    return {
        "compared": counted.compared,
        "equal": counted.compared - counted.differing,
        "differing": counted.differing,
        "errors": counted.errors,
        "dropped": read.dropped,
        "absent": read.absent,
        "p95_ms": _millis(counted.candidate),
        "true_p95_ms": _millis(counted.stable),
        "max_difference": dict(read.apart),
        "examples": [asdict(example) for example in read.examples],
    }


def _rollout(status: TrafficStatus) -> Entry | None:
    described = write_rollout(status.traffic.rollout)
    if described is None:
        return None
    described["waits_for"] = status.waits_for
    described["evidence"] = None if status.evidence is None else _evidence(status.evidence)
    return described


def _evidence(evidence: Evidence) -> Entry:
    shadow = evidence.shadow
    told: dict[str, Any] = {
        "candidate": _counted(evidence.candidate),
        "stable": _counted(evidence.stable),
        "compared": shadow.compared,
        "differing": shadow.differing,
        "errors": shadow.errors,
    }
    return told
