"""What the manager does next: functions of its state and the time, without effects."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, NamedTuple, TypeVar

from tfs_notebook.lifecycle.harness import BUSY, Harness, HarnessState
from tfs_notebook.lifecycle.transition_policy import PolicyStep, TransitionPolicy

__all__ = ["Action", "ActionKind", "Limits", "decide", "next_due"]

T = TypeVar("T")


class ActionKind(enum.Enum):
    """A step with one loader, in the order in which steps are taken: unloading first."""

    FORGET = 0
    """It is over and no longer aspired: drop its record."""
    CANCEL = 1
    """It waits to be loaded, or to be tried again, and is no longer aspired."""
    RETIRE = 2
    """Take it out of the serving map."""
    DRAINED = 3
    """The last handle is gone."""
    START_UNLOAD = 4
    REQUEST_LOAD = 5
    START_LOAD = 6

    @property
    def gives_back(self) -> bool:
        """Whether it leads to less in memory."""
        return self not in (ActionKind.REQUEST_LOAD, ActionKind.START_LOAD)


@dataclass(frozen=True)
class Action(Generic[T]):
    """What to do, and with which loader."""

    kind: ActionKind
    harness: Harness[T]


class Limits(NamedTuple):
    """How many loads and unloads run at once; 0 means one for each name."""

    loads: int
    unloads: int


def decide(
    harnesses: Sequence[Harness[T]], policy: TransitionPolicy, limits: Limits, now: float
) -> list[Action[T]]:
    """The steps that are due now, at most one for each loader.

    Each step makes others possible: call this again after taking them, until
    it returns none.

    Args:
        harnesses: all loaders, in order of name, version and age; not changed.
        policy: the order of loading and unloading within one name.
        limits: how many loads and unloads run at once.
        now: the time on the clock that the pauses between attempts refer to.
    """
    actions = [
        Action(kind, harness)
        for harness in harnesses
        if (kind := _own_step(harness)) is not None
    ]
    changing = {harness.id.name for harness in harnesses if _policy_could_act(harness)}
    concerned = (harness for harness in harnesses if harness.id.name in changing)
    for _, versions in groupby(concerned, key=lambda harness: harness.id.name):
        actions.extend(_policy_steps(list(versions), policy))
    actions.extend(_unloads_to_start(harnesses, limits.unloads))
    leaving = {action.harness for action in actions if action.kind is ActionKind.RETIRE}
    actions.extend(_loads_to_start(harnesses, leaving, limits.loads, now))
    actions.sort(key=lambda action: action.kind.value)
    return actions


def next_due(harnesses: Iterable[Harness[T]], now: float) -> float | None:
    """When time alone will make a step due, or None if only an event can."""
    pauses = (h.retry_at for h in harnesses if h.retry_at is not None and h.retry_at > now)
    return min(pauses, default=None)


def _policy_could_act(harness: Harness[T]) -> bool:
    # Most names are at rest; to ask the policy about each of them every time
    # would make a thousand models slow to start.
    if harness.aspired:
        return harness.state is HarnessState.NEW
    return harness.state is HarnessState.READY


def _own_step(harness: Harness[T]) -> ActionKind | None:
    """What is due whatever the policy and the limits say."""
    if harness.state is HarnessState.QUIESCING:
        return ActionKind.DRAINED if harness.drained else None
    if harness.aspired:
        return None
    if harness.state in (HarnessState.NEW, HarnessState.DISABLED, HarnessState.ERROR):
        return ActionKind.FORGET
    pausing = harness.state is HarnessState.LOADING and not harness.running
    if pausing or harness.state is HarnessState.LOAD_REQUESTED:
        return ActionKind.CANCEL
    return None


def _policy_steps(versions: list[Harness[T]], policy: TransitionPolicy) -> Iterator[Action[T]]:
    step = policy([harness.snapshot() for harness in versions])
    if step is None:
        return
    kinds = {PolicyStep.LOAD: ActionKind.REQUEST_LOAD, PolicyStep.UNLOAD: ActionKind.RETIRE}
    for harness in versions:
        if harness.serial == step.version.serial:
            yield Action(kinds[step.step], harness)


def _unloads_to_start(harnesses: Sequence[Harness[T]], limit: int) -> Iterator[Action[T]]:
    running = [h for h in harnesses if h.running and h.state is HarnessState.UNLOADING]
    waiting = [h for h in harnesses if h.state is HarnessState.QUIESCED]
    for harness in _within_limit(running, waiting, limit):
        yield Action(ActionKind.START_UNLOAD, harness)


def _loads_to_start(
    harnesses: Sequence[Harness[T]], leaving: AbstractSet[Harness[T]], limit: int, now: float
) -> Iterator[Action[T]]:
    running = [h for h in harnesses if h.running and h.state is HarnessState.LOADING]
    busy = Counter(h.id for h in harnesses if h.state in BUSY or h in leaving)
    waiting = []
    for harness in harnesses:
        if not harness.aspired:
            continue
        queued = harness.state is HarnessState.LOAD_REQUESTED
        again = harness.retry_at is not None and harness.retry_at <= now
        # A pausing loader is itself busy; anyone else of its id must not be.
        others_busy = busy[harness.id] - (harness.state in BUSY)
        if (queued or again) and not others_busy:
            waiting.append(harness)
    for harness in _within_limit(running, waiting, limit):
        yield Action(ActionKind.START_LOAD, harness)


def _within_limit(
    running: Sequence[Harness[T]], waiting: Iterable[Harness[T]], limit: int
) -> Iterator[Harness[T]]:
    """Those of the waiting that may start, first come, first served."""
    total = len(running)
    names = {harness.id.name for harness in running}
    for harness in sorted(waiting, key=lambda h: h.turn):
        if total < limit if limit else harness.id.name not in names:
            total += 1
            names.add(harness.id.name)
            yield harness
