"""In what order to load new versions and unload old ones. Pure functions.

A policy is shown all versions of one name, lowest first, and names the next
step, or None when there is none to take: to load an aspired version that is
new, or to unload a ready one that is no longer aspired. The manager asks again
after each step, so a policy answers one step at a time.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot

__all__ = [
    "PolicyAction",
    "PolicyStep",
    "TransitionPolicy",
    "availability_preserving",
    "resource_preserving",
]


class PolicyStep(enum.Enum):
    """What to do with a version."""

    LOAD = "load"
    UNLOAD = "unload"


class PolicyAction(NamedTuple):
    """The step, and the version it is for."""

    step: PolicyStep
    version: VersionSnapshot


TransitionPolicy = Callable[[Sequence[VersionSnapshot]], PolicyAction | None]


def availability_preserving(versions: Sequence[VersionSnapshot]) -> PolicyAction | None:
    """Never leave a name without a version while one could serve; the default.

    A version that is no longer aspired is unloaded if nothing is aspired at
    all, if an aspired one is ready, or if another one that is no longer
    aspired stays ready meanwhile. One that is only to be replaced, by a loader
    of the same version from another origin, stays until that has loaded or
    failed, since somebody may ask for just this version; or until that lacks
    memory, which this one may be what takes.
    """
    aspired = [version for version in versions if version.aspired]
    leaving = [v for v in versions if not v.aspired and v.state is HarnessState.READY]
    taken_over = any(version.state is HarnessState.READY for version in aspired)
    if not aspired or taken_over or len(leaving) > 1:
        on_their_way = {version.id for version in aspired if _is_on_its_way(version)}
        for version in leaving:
            if version.id not in on_their_way:
                return PolicyAction(PolicyStep.UNLOAD, version)
    return _load_highest_new(aspired)


def _is_on_its_way(version: VersionSnapshot) -> bool:
    lacks_memory = (
        version.state is HarnessState.LOAD_REQUESTED
        and version.needed is not None
        and version.error is not None
    )
    return not lacks_memory and version.state not in (HarnessState.READY, HarnessState.ERROR)


def resource_preserving(versions: Sequence[VersionSnapshot]) -> PolicyAction | None:
    """Unload what is no longer aspired before anything is loaded.

    Two versions are never in memory because of a change, at the price of a
    gap in which the name is not served.
    """
    leaving = [version for version in versions if not version.aspired]
    for version in leaving:
        if version.state is HarnessState.READY:
            return PolicyAction(PolicyStep.UNLOAD, version)
    gone = (HarnessState.DISABLED, HarnessState.ERROR)
    if any(version.state not in gone for version in leaving):
        return None
    return _load_highest_new([version for version in versions if version.aspired])


def _load_highest_new(aspired: Sequence[VersionSnapshot]) -> PolicyAction | None:
    new = [version for version in aspired if version.state is HarnessState.NEW]
    if not new:
        return None
    return PolicyAction(PolicyStep.LOAD, max(new, key=lambda version: version.id))
