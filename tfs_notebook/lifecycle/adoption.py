"""What a new list of aspired versions means for the loaders that are there."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.harness import Harness, HarnessState
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.servable import ServableData

__all__ = ["Adoption", "plan_adoption"]

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass
class Adoption(Generic[T]):
    """The changes that make a list of aspired versions the wanted one."""

    unaspire: list[Harness[T]] = field(default_factory=list)
    reaspire: list[Harness[T]] = field(default_factory=list)
    add: list[ServableData[Loader[T]]] = field(default_factory=list)


def plan_adoption(
    managed: Sequence[Harness[T]],
    aspired: Sequence[ServableData[Loader[T]]],
    *,
    reload_errors: bool,
) -> Adoption[T]:
    """Compare what is managed under a name with what is aspired. Pure.

    * A version that is not in the list is no longer aspired.
    * A version that is aspired already keeps its loader, unless the new one
      has another origin: then the old one goes on serving until the new one
      can.
    * A version that is no longer aspired but still ready, while its successor
      loads, goes on as if nothing had happened. One that is being loaded or
      unloaded comes to its end, and a fresh loader follows it.
    * An error in place of a loader changes nothing for a version that is
      managed.

    TensorFlow Serving instead sets the whole list aside while one of its
    versions is being unloaded; then a handle that somebody forgot would stop
    all updates of the model.

    Args:
        managed: the loaders of this name.
        aspired: the full list; of two items with one version the first counts.
        reload_errors: whether a fresh loader replaces one that has failed.
    """
    plan: Adoption[T] = Adoption()
    kept: set[Harness[T]] = set()
    for item in _without_repetitions(aspired):
        same_id = [harness for harness in managed if harness.id == item.id]
        match = _to_keep(same_id, item, reload_errors=reload_errors)
        if match is None:
            plan.add.append(item)
            continue
        kept.add(match)
        if not match.aspired:
            plan.reaspire.append(match)
    plan.unaspire.extend(h for h in managed if h.aspired and h not in kept)
    return plan


def _without_repetitions(
    aspired: Sequence[ServableData[Loader[T]]],
) -> Iterator[ServableData[Loader[T]]]:
    seen = set()
    for item in aspired:
        if item.id in seen:
            logger.warning("Servable %s is aspired twice; the first one counts", item.id)
            continue
        seen.add(item.id)
        yield item


def _to_keep(
    same_id: Sequence[Harness[T]], item: ServableData[Loader[T]], *, reload_errors: bool
) -> Harness[T] | None:
    current = [h for h in same_id if h.aspired] or [
        h for h in same_id if h.state is HarnessState.READY
    ]
    for harness in current:
        if item.error is not None:
            logger.warning(
                "Servable %s stays as it is; the source now says: %s",
                item.id,
                item.error.status_text,
            )
            return harness
        if reload_errors and harness.state is HarnessState.ERROR:
            return None
    # Any ready one will do, also one that was about to be replaced.
    origin = _origin(item)
    for harness in (*current, *same_id):
        alive = harness.aspired or harness.state is HarnessState.READY
        if alive and harness.origin == origin:
            return harness
    return None


def _origin(item: ServableData[Loader[T]]) -> Hashable:
    return None if item.error is not None else item.data.origin
