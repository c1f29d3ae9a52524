"""The last changes of state of each version, for those who look at how it came to be."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from tfs_notebook.lifecycle import EventBus, ManagerState, ServableId, ServableState

__all__ = ["StateHistory"]

_KEPT: Final = 20
_ENDED_KEPT: Final = 200


class StateHistory:
    """Keeps the last twenty changes of each version. Any thread may call any method.

    Those of versions that have ended are kept for the last few hundred. What one model
    does over and over pushes nothing of another out, as it would in the event log.

    Args:
        bus: of the states.
    """

    def __init__(self, bus: EventBus[ServableState]) -> None:
        self._lock = threading.Lock()
        self._changes: dict[ServableId, tuple[ServableState, ...]] = {}
        self._ended: OrderedDict[ServableId, None] = OrderedDict()
        bus.subscribe(self.record)

    def read(self) -> Mapping[ServableId, tuple[ServableState, ...]]:
        """Of each version its changes, the oldest first."""
        with self._lock:
            return dict(self._changes)

    def record(self, state: ServableState) -> None:
        """Keep a change; what the manager does not say is told here too."""
        with self._lock:
            before = self._changes.get(state.id, ())
            self._changes[state.id] = (*before[1 - _KEPT :], state)
            self._ended.pop(state.id, None)
            if state.state is ManagerState.END:
                self._ended[state.id] = None
                if len(self._ended) > _ENDED_KEPT:
                    del self._changes[self._ended.popitem(last=False)[0]]
