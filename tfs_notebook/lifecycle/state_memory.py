"""Which public states are remembered, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState

__all__ = ["DEFAULT_ENDED_NAMES", "DEFAULT_ENDED_PER_NAME", "StateMemory"]

DEFAULT_ENDED_PER_NAME: Final = 32
DEFAULT_ENDED_NAMES: Final = 1000

# More than one for each name that comes, so that what has grown shrinks again.
_LOOKS: Final = 2


class StateMemory:
    """The latest state of each version, without an end for what has ended.

    Of each name the versions that ended last are remembered, and of the names
    of which every version has ended those to which something happened last. A
    name that somebody waits for, or that is ``wanted``, stays; so beyond
    ``ended_names`` there are at most about twice as many as are wanted.

    Not for several threads, save that :attr:`states` may be copied and read
    while it changes: its values do not.
    """

    def __init__(
        self, ended_per_name: int, ended_names: int, wanted: Callable[[str], bool]
    ) -> None:
        self.states: dict[str, tuple[ServableState, ...]] = {}
        """Of each name its versions, the highest first."""
        # The same in the order in which they came: a clock may be set back.
        self._arrived: dict[str, dict[ServableId, ServableState]] = {}
        self._ended_per_name = ended_per_name
        self._ended_names = ended_names
        self._wanted = wanted
        self._waited_for: Counter[str] = Counter()
        # Every version of these has ended; a dict for its order.
        self._ended: dict[str, None] = {}

    def record(self, event: ServableState) -> None:
        """Take note of an event, and forget what is too much."""
        name = event.id.name
        arrived = self._arrived.setdefault(name, {})
        arrived.pop(event.id, None)
        arrived[event.id] = event
        self._forget_versions(arrived)
        self.states[name] = _highest_first(arrived)
        self._ended.pop(name, None)
        if all(state.state is ManagerState.END for state in arrived.values()):
            self._ended[name] = None
            self._forget_names()

    def forget_ended(self) -> None:
        """Forget every version that has ended."""
        live = {
            name: {
                id_: state
                for id_, state in arrived.items()
                if state.state is not ManagerState.END
            }
            for name, arrived in self._arrived.items()
        }
        self._arrived = {name: arrived for name, arrived in live.items() if arrived}
        self.states = {name: _highest_first(one) for name, one in self._arrived.items()}
        self._ended.clear()

    def wait_for(self, names: Iterable[str]) -> None:
        """Forget none of these names, until :meth:`wait_no_more`."""
        self._waited_for.update(names)

    def wait_no_more(self, names: Iterable[str]) -> None:
        """Take back one :meth:`wait_for`."""
        self._waited_for -= Counter(names)

    @contextmanager
    def waiting_for(self, names: Iterable[str]) -> Iterator[None]:
        """Forget none of these names meanwhile."""
        names = tuple(names)
        self.wait_for(names)
        try:
            yield
        finally:
            self.wait_no_more(names)

    def _forget_versions(self, arrived: dict[ServableId, ServableState]) -> None:
        ended = [id_ for id_, state in arrived.items() if state.state is ManagerState.END]
        for id_ in ended[: max(0, len(ended) - self._ended_per_name)]:
            del arrived[id_]

    def _forget_names(self) -> None:
        # With thousands of names that have to stay, all of them cannot be looked at
        # for each that ends; so one that stays goes to the back of the queue.
        for _ in range(_LOOKS):
            if len(self._ended) <= self._ended_names:
                return
            name = next(iter(self._ended))
            del self._ended[name]
            if name in self._waited_for or self._wanted(name):
                self._ended[name] = None
            else:
                del self.states[name], self._arrived[name]


def _highest_first(arrived: Mapping[ServableId, ServableState]) -> tuple[ServableState, ...]:
    return tuple(arrived[id_] for id_ in sorted(arrived, reverse=True))
