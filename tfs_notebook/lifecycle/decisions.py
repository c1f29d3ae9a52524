"""What the manager does next: functions of its state and the time, without effects."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Generic, NamedTuple, TypeVar

from tfs_notebook.lifecycle.harness import BUSY, Harness, HarnessState
from tfs_notebook.lifecycle.resources import ResourceTracker
from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.lifecycle.transition_policy import PolicyStep, TransitionPolicy

__all__ = ["Action", "ActionKind", "Limits", "decide", "next_due"]

T = TypeVar("T")

_LOADS: Final = frozenset({HarnessState.LOAD_REQUESTED, HarnessState.LOADING})
_RETIRED: Final = frozenset(
    {HarnessState.QUIESCING, HarnessState.QUIESCED, HarnessState.UNLOADING}
)
"""Out of the serving map, and still in memory."""


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
    START_ESTIMATE = 6
    """Find out how much memory it needs."""
    START_LOAD = 7
    """Reserve what it needs, and load it."""
    DENY = 8
    """It does not fit in the memory that is free, and nothing is on its way out."""

    @property
    def gives_back(self) -> bool:
        """Whether it leads to less in memory."""
        return self.value < ActionKind.REQUEST_LOAD.value


@dataclass(frozen=True)
class Action(Generic[T]):
    """What to do, and with which loader."""

    kind: ActionKind
    harness: Harness[T]


def _first_come(_: ServableId) -> int:
    return 0


class Limits(NamedTuple):
    """How many loads and unloads run at once; 0 means one for each name."""

    loads: int
    unloads: int
    memory: int | None = None
    """RAM in bytes that all servables together may need; None: no limit, and
    no estimates."""
    load_order: Callable[[ServableId], Any] = _first_come
    """What waits to be loaded is loaded in the order of this key, then first
    come, first served."""
    stranded: int = 0
    """RAM in bytes that is taken by what is out of management already."""


def decide(
    harnesses: Sequence[Harness[T]], policy: TransitionPolicy, limits: Limits, now: float
) -> list[Action[T]]:
    """The steps that are due now, at most one for each loader.

    Each step makes others possible: call this again after taking them, until
    it returns none.

    Args:
        harnesses: all loaders, in order of name, version and age; not changed.
        policy: the order of loading and unloading within one name.
        limits: how many loads and unloads run at once, and in how much memory.
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
    actions.extend(_loads_to_start(harnesses, leaving, limits, now))
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
    if harness.state in _LOADS and not harness.running:
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
    slots = _Slots(
        limit, (h for h in harnesses if h.running and h.state is HarnessState.UNLOADING)
    )
    waiting = (h for h in harnesses if h.state is HarnessState.QUIESCED)
    for harness in sorted(waiting, key=lambda h: h.turn):
        if slots.take(harness):
            yield Action(ActionKind.START_UNLOAD, harness)


def _loads_to_start(
    harnesses: Sequence[Harness[T]],
    leaving: AbstractSet[Harness[T]],
    limits: Limits,
    now: float,
) -> Iterator[Action[T]]:
    slots = _Slots(limits.loads, (h for h in harnesses if h.running and h.state in _LOADS))
    used = limits.stranded + sum(h.reserved for h in harnesses)
    memory = ResourceTracker(limits.memory, used)
    denied = []
    for harness in _waiting_to_load(harnesses, leaving, limits, now):
        if limits.memory is not None and harness.needed is None:
            if slots.take(harness):
                yield Action(ActionKind.START_ESTIMATE, harness)
        elif harness.reserved or memory.fits(harness.needed or 0):
            if slots.take(harness):
                memory = memory.reserve(0 if harness.reserved else harness.needed or 0)
                yield Action(ActionKind.START_LOAD, harness)
        elif harness.error is None:
            denied.append(harness)
    # Memory that a load or unload may give back in a moment is waited for
    # without a word; what can never fit need not wait for it.
    changing = leaving or any(h.running or h.state in _RETIRED for h in harnesses)
    for harness in denied:
        if not changing or not memory.can_ever_fit(harness.needed or 0):
            yield Action(ActionKind.DENY, harness)


def _waiting_to_load(
    harnesses: Sequence[Harness[T]],
    leaving: AbstractSet[Harness[T]],
    limits: Limits,
    now: float,
) -> list[Harness[T]]:
    """Those whose next attempt, to estimate or to load, may start; the next one first."""
    busy = Counter(h.id for h in harnesses if h.state in BUSY or h.running or h in leaving)
    waiting = []
    for harness in harnesses:
        if not harness.aspired or harness.running:
            continue
        queued = harness.state is HarnessState.LOAD_REQUESTED and harness.retry_at is None
        again = harness.retry_at is not None and harness.retry_at <= now
        # A pausing loader is itself busy; anyone else of its id must not be.
        others_busy = busy[harness.id] - (harness.state in BUSY)
        if (queued or again) and not others_busy:
            waiting.append(harness)
    waiting.sort(key=lambda h: (limits.load_order(h.id), h.turn))
    return waiting


class _Slots:
    """The places in a pool: so many in all, or one for each name."""

    def __init__(self, limit: int, running: Iterable[Harness[T]]) -> None:
        self._limit = limit
        self._names = [harness.id.name for harness in running]

    def take(self, harness: Harness[T]) -> bool:
        """Take a place, if there is one."""
        name = harness.id.name
        free = len(self._names) < self._limit if self._limit else name not in self._names
        if free:
            self._names.append(name)
        return free
