"""What a start waits for: that each model's first load has succeeded or failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tfs_notebook.lifecycle import (
    FileSystemSource,
    ManagerState,
    ServableId,
    ServableRequest,
    ServableState,
    ServableStateMonitor,
)
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings

__all__ = [
    "NO_ANSWER",
    "PENDING",
    "countdown",
    "wait_for_first_loads",
    "wait_for_stand_ins",
]

NO_ANSWER: Final = "its file system does not answer"
_STILL_LOADING: Final = "it is still being loaded"
_TRIED_LATE: Final = (
    "it ended the server's process when it was last loaded; it is tried after all others"
)
_STAND_IN_SECONDS: Final = 30.0
PENDING: Final = frozenset({_STILL_LOADING, NO_ANSWER})
"""Reasons for not serving that more time may mend."""


def countdown(seconds: float | None) -> Callable[[], float | None]:
    """Return a function that says what is left of this time; None is for ever."""
    if seconds is None:
        return lambda: None
    end = time.monotonic() + seconds
    return lambda: max(0.0, end - time.monotonic())


def wait_for_first_loads(
    models: Mapping[str, ModelSettings],
    source: FileSystemSource,
    managed: ManagedModels,
    monitor: ServableStateMonitor,
    left: Callable[[], float | None],
) -> dict[str, str]:
    """Wait until it is known which models serve, and why the others do not; blocks.

    A model without a version to load keeps nobody waiting, nor does one that is
    loaded when it is asked for.

    Args:
        models: by name.
        source: has looked for them once.
        managed: loads them.
        monitor: of their states.
        left: how long this may take, from :func:`countdown`.

    Returns:
        the reasons by name.
    """
    failed = source.waiting()
    names = [name for name in managed.loaded_at_start(models) if name not in failed]
    outcomes = monitor.wait_for_first_outcome(names, left())
    # A label may name any of the versions, so these have to be decided as well.
    labelled = [name for name in outcomes if models[name].version_labels]
    managed.wait_until_settled(labelled, left())
    reasons = dict(failed)
    for name in names:
        if (reason := _why_not(outcomes.get(name))) is not None:
            reasons[name] = reason
    return reasons


def wait_for_stand_ins(
    models: Mapping[str, Sequence[ServableId]],
    monitor: ServableStateMonitor,
    left: Callable[[], float | None],
) -> dict[str, str]:
    """Wait for what serves in the place of versions that are tried after all others; blocks.

    Args:
        models: the versions that do, by name; none for some.
        monitor: of their states.
        left: how long this may take, from :func:`countdown`; not all of it is used.

    Returns:
        why, by name, of the models that do not serve.
    """
    requests = [ServableRequest.for_id(id_) for ids in models.values() for id_ in ids]
    seconds = left()
    limit = _STAND_IN_SECONDS if seconds is None else min(seconds, _STAND_IN_SECONDS)
    monitor.wait_until_reached(requests, ManagerState.AVAILABLE, limit)
    serving = {id_.name for id_ in monitor.available()}
    return {name: _TRIED_LATE for name in models if name not in serving}


def _why_not(outcome: ServableState | None) -> str | None:
    if outcome is None:
        return _STILL_LOADING
    if outcome.state is ManagerState.AVAILABLE or outcome.error is None:
        return None
    return f"{outcome.id} due to error: {outcome.error.status_text}"
