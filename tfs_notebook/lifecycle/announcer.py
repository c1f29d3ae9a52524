"""Tells the world, once and in order, what becomes of each id."""

from __future__ import annotations

from typing import Generic, TypeVar

from tfs_notebook.lifecycle.clock import Clock
from tfs_notebook.lifecycle.event_bus import EventBus
from tfs_notebook.lifecycle.harness import Harness, HarnessState
from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState
from tfs_notebook.wire.errors import ServingError

__all__ = ["Announcer"]

T = TypeVar("T")


class Announcer(Generic[T]):
    """Publishes the public states of loaders. Only the manager's thread calls it.

    Two loaders can have one id, while one replaces the other. The public must
    not see ``LOADING`` of a version that is being served all the time, nor
    ``END`` of one whose successor serves. So for each id one loader speaks:
    the older, until it is over or the newer one is ready. A successor that
    fails is told as an error beside ``AVAILABLE``.
    """

    def __init__(self, bus: EventBus[ServableState], clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._speakers: dict[ServableId, Harness[T]] = {}
        self._successors: dict[ServableId, list[Harness[T]]] = {}
        self._last: dict[ServableId, ManagerState] = {}

    def managed(self, harness: Harness[T]) -> None:
        """It is new, or came as an error."""
        if harness.id in self._speakers:
            self._successors.setdefault(harness.id, []).append(harness)
            if harness.error is not None:
                self._successor_failed(harness)
            return
        self._speak(harness)

    def load_begins(self, harness: Harness[T]) -> None:
        """Its first attempt starts."""
        if self._speaks(harness):
            self._publish(harness.id, ManagerState.LOADING)

    def put_off(self, harness: Harness[T]) -> None:
        """An attempt failed and will be repeated, or there is no memory for it yet."""
        if self._speaks(harness):
            self._publish(harness.id, _waits_in(harness), harness.error)
        else:
            self._successor_failed(harness)

    def available(self, harness: Harness[T]) -> None:
        """It can be looked up."""
        self._leave_queue(harness)
        self._speakers[harness.id] = harness
        self._publish(harness.id, ManagerState.AVAILABLE)

    def unload_begins(self, harness: Harness[T]) -> None:
        """It will be taken out of the serving map next."""
        if self._speaks(harness):
            self._publish(harness.id, ManagerState.UNLOADING)

    def ended(self, harness: Harness[T]) -> None:
        """It has been unloaded, or has failed for good."""
        if not self._speaks(harness):
            self._successor_failed(harness)
            return
        self._publish(harness.id, ManagerState.END, harness.error)
        del self._speakers[harness.id]
        del self._last[harness.id]
        for successor in self._successors.pop(harness.id, []):
            # One that is no longer wanted either need not be heard of at all.
            if successor.aspired:
                self.managed(successor)

    def freed(self, id_: ServableId) -> None:
        """It ended with an error, because its memory was held, which it is no longer."""
        if id_ not in self._speakers:
            self._bus.publish(ServableState(id_, ManagerState.END, None, self._clock.time()))

    def forgotten(self, harness: Harness[T]) -> None:
        """It is no longer managed."""
        self._leave_queue(harness)
        if self._speaks(harness):
            self.ended(harness)

    def _speaks(self, harness: Harness[T]) -> bool:
        return self._speakers.get(harness.id) is harness

    def _speak(self, harness: Harness[T]) -> None:
        self._speakers[harness.id] = harness
        if harness.state is HarnessState.ERROR:
            self.ended(harness)
            return
        self._publish(harness.id, ManagerState.START)
        if harness.state is HarnessState.LOADING or harness.error is not None:
            self._publish(harness.id, _waits_in(harness), harness.error)

    def _successor_failed(self, harness: Harness[T]) -> None:
        serving = self._last.get(harness.id) is ManagerState.AVAILABLE
        if serving and harness.aspired and harness.error is not None:
            self._publish(harness.id, ManagerState.AVAILABLE, harness.error)

    def _leave_queue(self, harness: Harness[T]) -> None:
        queue = self._successors.get(harness.id)
        if queue and harness in queue:
            queue.remove(harness)
            if not queue:
                del self._successors[harness.id]

    def _publish(
        self, id_: ServableId, state: ManagerState, error: ServingError | None = None
    ) -> None:
        self._last[id_] = state
        self._bus.publish(ServableState(id_, state, error, self._clock.time()))


def _waits_in(harness: Harness[T]) -> ManagerState:
    loading = harness.state is HarnessState.LOADING
    return ManagerState.LOADING if loading else ManagerState.START
