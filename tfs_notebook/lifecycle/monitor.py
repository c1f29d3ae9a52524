"""Remembers the public state of every servable, and waits for states."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from tfs_notebook.lifecycle.event_bus import EventBus, Subscription
from tfs_notebook.lifecycle.servable import ServableId, ServableRequest
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState
from tfs_notebook.lifecycle.state_memory import (
    DEFAULT_ENDED_NAMES,
    DEFAULT_ENDED_PER_NAME,
    StateMemory,
)

__all__ = ["Reached", "ServableStateMonitor", "StateMap"]

logger = logging.getLogger(__name__)

StateMap = Mapping[str, tuple[ServableState, ...]]
"""The latest state of each version of each name, the highest version first."""

_ON_THE_WAY_IN: Final = frozenset({ManagerState.START, ManagerState.LOADING})


class Reached(NamedTuple):
    """How a wait ended."""

    all_reached: bool
    """Whether every request reached the goal, rather than ``END`` or nothing."""
    states: dict[ServableRequest, ServableState]
    """What each request came to; one that is missing came to nothing in time."""


class _Watcher(NamedTuple):
    requests: tuple[ServableRequest, ...]
    goal: ManagerState
    callback: Callable[[Reached], None]

    @property
    def names(self) -> list[str]:
        return _names(self.requests)


def _none(_: str) -> bool:
    return False


class ServableStateMonitor:
    """The public states, kept from the events of a bus.

    Any thread may call any method. Reading takes no lock and returns what
    does not change any more. Versions that have ended are remembered, but of
    each name only the last few, and of the names without any other only the
    last: a model that is retrained every hour, or models that come and go,
    would fill the memory otherwise (TensorFlow Serving keeps them for ever).
    """

    def __init__(
        self,
        bus: EventBus[ServableState],
        *,
        ended_per_name: int = DEFAULT_ENDED_PER_NAME,
        ended_names: int = DEFAULT_ENDED_NAMES,
        wanted: Callable[[str], bool] = _none,
        log_size: int = 0,
    ) -> None:
        """Watch a bus from now on.

        Args:
            bus: where the states are published.
            ended_per_name: how many ended versions of a name to remember, those
                that ended last.
            ended_names: how many names to remember of which every version has
                ended, those to which something happened last. What somebody
                waits for is remembered in any case.
            wanted: whether to remember such a name beyond that, because it is
                still meant to be served and an answer about it is expected.
                Called by the bus's publishing thread, under a lock: it must be
                quick and must not call the monitor.
            log_size: how many events :meth:`log` remembers; 0: none.
        """
        self._changed = threading.Condition()
        self._memory = StateMemory(ended_per_name, ended_names, wanted)
        self._log: deque[ServableState] = deque(maxlen=log_size)
        self._watchers: dict[object, _Watcher] = {}
        self._subscription = bus.subscribe(self._receive)

    def close(self) -> None:
        """Watch no longer; what is known stays."""
        self._subscription.unsubscribe()

    # -- reading -------------------------------------------------------------

    def snapshot(self) -> StateMap:
        """The latest state of everything that is remembered."""
        return self._memory.states.copy()

    def states(self, name: str) -> tuple[ServableState, ...]:
        """The versions of a name, the highest first; empty if there are none."""
        return self._memory.states.get(name, ())

    def state(self, id_: ServableId) -> ServableState | None:
        """The latest state of one id, or None."""
        return next((state for state in self.states(id_.name) if state.id == id_), None)

    def live(self) -> StateMap:
        """Like :meth:`snapshot`, without what has ended."""
        live = {
            name: tuple(state for state in states if state.state is not ManagerState.END)
            for name, states in self.snapshot().items()
        }
        return {name: states for name, states in live.items() if states}

    def available(self) -> frozenset[ServableId]:
        """What can be asked for."""
        return frozenset(
            state.id
            for states in self.snapshot().values()
            for state in states
            if state.state is ManagerState.AVAILABLE
        )

    def log(self) -> tuple[ServableState, ...]:
        """The last events, oldest first."""
        with self._changed:
            return tuple(self._log)

    def forget_unloaded(self) -> None:
        """Forget all versions that have ended."""
        with self._changed:
            self._memory.forget_ended()

    # -- waiting -------------------------------------------------------------

    def wait_until_reached(
        self,
        requests: Iterable[ServableRequest],
        goal: ManagerState,
        timeout: float | None = None,
    ) -> Reached:
        """Wait until each request has reached a state, or has ended.

        A request for the latest version is met by any version of the name.
        Blocks up to ``timeout`` seconds, None for ever; not to be called by a
        subscriber of the bus.
        """
        requests = tuple(dict.fromkeys(requests))

        def reached() -> dict[ServableRequest, ServableState]:
            return _reached(self._memory.states, requests, goal)

        with self._changed, self._memory.waiting_for(_names(requests)):
            self._changed.wait_for(lambda: len(reached()) == len(requests), timeout)
            states = reached()
        return Reached(len(states) == len(requests) and _all_in(states, goal), states)

    def notify_when(
        self,
        requests: Iterable[ServableRequest],
        goal: ManagerState,
        callback: Callable[[Reached], None],
    ) -> Subscription:
        """Call back once, when each request has reached a state or has ended.

        The callback runs on the publishing thread, or at once on this one if
        there is nothing to wait for.
        """
        watcher = _Watcher(tuple(dict.fromkeys(requests)), goal, callback)
        key = object()
        with self._changed:
            self._watchers[key] = watcher
            self._memory.wait_for(watcher.names)
        self._notify()

        def cancel() -> None:
            with self._changed:
                if self._watchers.pop(key, None) is not None:
                    self._memory.wait_no_more(watcher.names)

        return Subscription(cancel)

    def wait_for_first_outcome(
        self, names: Iterable[str], timeout: float | None = None
    ) -> dict[str, ServableState]:
        """Wait until the first load of each name has succeeded or failed.

        A name has succeeded when one of its versions is available; it has
        failed when all its versions have ended or have failed their first
        attempt, whether or not it will be repeated, or wait for memory. Meant for start-up; for
        changes later see ``AspiredVersionsManager.wait_until_settled``, which
        does not take an old end for a new one. Blocks like
        :meth:`wait_until_reached`.

        Returns:
            For each name that came to an outcome the available state, or the
            failed one of the highest version.
        """
        names = tuple(names)

        def outcomes() -> dict[str, ServableState]:
            known = ((name, _first_outcome(self.states(name))) for name in names)
            return {name: outcome for name, outcome in known if outcome is not None}

        with self._changed, self._memory.waiting_for(names):
            self._changed.wait_for(lambda: len(outcomes()) == len(set(names)), timeout)
            return outcomes()

    # -- events --------------------------------------------------------------

    def _receive(self, event: ServableState) -> None:
        with self._changed:
            self._memory.record(event)
            self._log.append(event)
            self._changed.notify_all()
        self._notify()

    def _notify(self) -> None:
        due = []
        with self._changed:
            for key, watcher in tuple(self._watchers.items()):
                states = _reached(self._memory.states, watcher.requests, watcher.goal)
                if len(states) == len(watcher.requests):
                    # Taken out under the lock, so that it is called once only.
                    del self._watchers[key]
                    self._memory.wait_no_more(watcher.names)
                    due.append((watcher, states))
        for watcher, states in due:
            try:
                watcher.callback(Reached(_all_in(states, watcher.goal), states))
            except Exception:
                logger.exception("A callback failed on %s", states)


def _names(requests: Iterable[ServableRequest]) -> list[str]:
    return [request.name for request in requests]


def _all_in(states: Mapping[ServableRequest, ServableState], goal: ManagerState) -> bool:
    return all(state.state is goal for state in states.values())


def _reached(
    states: StateMap, requests: Iterable[ServableRequest], goal: ManagerState
) -> dict[ServableRequest, ServableState]:
    reached = {}
    for request in requests:
        candidates = [
            state
            for state in states.get(request.name, ())
            if state.state in (goal, ManagerState.END)
            and request.version in (state.id.version, "latest", "earliest")
        ]
        # The goal counts for more than the end of another version.
        candidates.sort(key=lambda state: state.state is not goal)
        if candidates:
            reached[request] = candidates[0]
    return reached


def _first_outcome(states: tuple[ServableState, ...]) -> ServableState | None:
    for state in states:
        if state.state is ManagerState.AVAILABLE:
            return state
    failed = [
        state
        for state in states
        if state.state is ManagerState.END
        or (state.state in _ON_THE_WAY_IN and state.error is not None)
    ]
    return failed[0] if failed and len(failed) == len(states) else None
