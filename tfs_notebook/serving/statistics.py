"""How often each signature of each version was run, how long that took, how it went."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from tfs_notebook.batching.batcher import BatchRun
from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.serving.signature_counter import SignatureCounter, SignatureStatistics

__all__ = ["SignatureStatistics", "Statistics"]

_ENDED_KEPT: Final = 200


class Statistics:
    """Counts the requests of all models. Any thread may call any method.

    What was counted of a version is kept while it serves, and of those that have
    ended for the last few hundred.
    """

    def __init__(self) -> None:
        self._counters: dict[tuple[str, int, str], SignatureCounter] = {}
        self._ending = threading.Lock()
        self._ended: OrderedDict[ServableId, None] = OrderedDict()

    def counter(self, model: str, version: int, signature: str) -> SignatureCounter:
        """Where the requests of a signature are counted."""
        key = (model, version, signature)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters.setdefault(key, self.new_counter())
        return counter

    def new_counter(self) -> SignatureCounter:
        """A counter that has counted nothing."""
        return SignatureCounter()

    def counters(self) -> Mapping[tuple[str, int, str], SignatureCounter]:
        """All that there are now, by model, version and signature."""
        # A copy, because requests may add to the dictionary meanwhile.
        return self._counters.copy()

    def add_run(self, model: str, version: int, signature: str, run: BatchRun) -> None:
        """Count one run of a batch, on the thread that made it."""
        self.counter(model, version, signature).add_run(run)

    def read(
        self, model: str | None = None, version: int | None = None
    ) -> tuple[SignatureStatistics, ...]:
        """What was counted, of one model or version or of all, ordered by what it is of."""
        counters = sorted(self.counters().items())
        return tuple(
            counter.read(*key)
            for key, counter in counters
            if model in (None, key[0]) and version in (None, key[1])
        )

    def on_state(self, state: ServableState) -> None:
        """Hear which versions have ended; for the bus of the states."""
        with self._ending:
            if state.state is ManagerState.AVAILABLE:
                self._ended.pop(state.id, None)
            elif state.state is ManagerState.END:
                self._ended[state.id] = None
                self._ended.move_to_end(state.id)
                while len(self._ended) > _ENDED_KEPT:
                    self._forget(self._ended.popitem(last=False)[0])

    def _forget(self, id_: ServableId) -> None:
        for key in [key for key in self._counters.copy() if key[:2] == (id_.name, id_.version)]:
            self._counters.pop(key, None)
