"""The books of a cache: what is known, asked for and loaded, and what has to go."""

from __future__ import annotations

import logging
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Final, Generic, TypeVar

from tfs_notebook.lifecycle.cache_plan import (
    Candidate,
    has_memory,
    is_leaving,
    is_left_over,
    least_recently_used,
    waits_for_memory,
)
from tfs_notebook.lifecycle.cache_slots import Slot, Title, meaning_of
from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.manager import AspiredVersionsManager
from tfs_notebook.lifecycle.servable import ServableData, ServableId, ServableRequest
from tfs_notebook.lifecycle.serving_map import not_found
from tfs_notebook.wire.errors import ServingError

__all__ = ["Catalogue"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_LAST_RESORT: Final = sys.maxsize


class Catalogue(Generic[T]):
    """Knows the titles, and compares what they want with what the manager has.

    Not for several threads at once, save :attr:`routes` and :attr:`evicted`,
    which any thread may read: the cache has a lock around it. Nothing blocks.
    """

    def __init__(
        self,
        manager: AspiredVersionsManager[T],
        *,
        max_models: int | None,
        remember_failures: float,
        pinned: Collection[str],
    ) -> None:
        self._manager = manager
        self._max_models = max_models
        self._remember_failures = remember_failures
        self._pinned = set(pinned)
        self.titles: dict[str, Title[T]] = {}
        self.routes: dict[ServableRequest, Slot] = {}
        """Where look-ups begin."""
        self.evicted: set[int] = set()
        """Serials of what is to go, whatever else there is of its name."""
        self.uses = count(1)
        self._gone: list[Slot] = []

    # -- what there is, and what is asked for ------------------------------------

    def of(self, name: str | None) -> Iterable[Title[T]]:
        """The title of this name, if it is known, or all of them."""
        if name is None:
            return self.titles.values()
        return [self.titles[name]] if name in self.titles else []

    def learn(self, name: str, versions: Iterable[ServableData[Loader[T]]]) -> None:
        """Take a new list of the versions of a name."""
        title = self.titles.setdefault(name, Title(name))
        title.pinned = name in self._pinned
        self._gone.extend(title.learn(versions, next(self.uses)))
        self._submit(title)
        if not title.known:
            del self.titles[name]

    def pin(self, name: str) -> None:
        """Ask for all versions of a name, and evict none of them."""
        self._pinned.add(name)
        title = self.titles.get(name)
        if title is not None:
            title.pin(next(self.uses))
            self._submit(title)

    def unpin(self, name: str) -> None:
        """Let the versions of a name be evicted again."""
        self._pinned.discard(name)
        if name in self.titles:
            self.titles[name].pinned = False

    def find(self, request: ServableRequest, now: float) -> Slot | None:
        """What the request means, if that is loaded; it is found by its route from then on."""
        title = self.titles.get(request.name)
        if title is None:
            return None
        try:
            slot = title.slots.get(title.resolve(request, now))
        except ServingError:
            return None
        if slot is None or slot.id not in self._manager.available_ids():
            return None
        self._route(request, slot)
        return slot

    def _route(self, request: ServableRequest, slot: Slot) -> None:
        self.routes[request] = self.routes[slot.request] = slot
        title = self.titles[slot.id.name]
        title.follows = title.follows or request.version == "latest"

    def ask(self, request: ServableRequest, before: Slot | None, now: float) -> Slot:
        """Wait for what the request means now, instead of for what it meant before.

        Raises:
            NotFound: if nothing fits the request.
            ServingError: why it cannot be loaded.
        """
        if before is None:
            self.reconcile(now)
        title = self.titles.get(request.name)
        if title is None:
            raise not_found(request)
        slot = title.slot(title.resolve(request, now), next(self.uses))
        if slot is before and slot.asked and slot.error is None:
            # Nothing to add to the books, which are in order since the last notice.
            return slot
        if slot is not before:
            slot.waiters += 1
            if before is not None:
                self.leave(before)
        slot.asked = True
        if slot.error is not None:
            slot.try_again()
            self._submit(title, again=True)
        self._route(request, slot)
        self.reconcile(now)
        return slot

    def leave(self, slot: Slot) -> None:
        """Wait for it no longer. What is being loaded goes on; what has no place is dropped."""
        slot.waiters -= 1
        if not slot.waiters and not slot.wanted:
            slot.asked = False

    # -- keeping books ------------------------------------------------------------

    def reconcile(self, now: float) -> None:
        """Look at what the manager has done, and tell it what to do next."""
        available = frozenset(self._manager.available_ids())
        versions = self._manager.versions()
        self.evicted.intersection_update([v.serial for v in versions if not self._stays(v)])
        self._note_failures(versions, available, now)
        self._move_routes(available)
        self._give_places(versions, now)
        self._make_memory(versions)

    def _stays(self, version: VersionSnapshot) -> bool:
        """Whether it is wanted, and the manager knows that."""
        title = self.titles.get(version.id.name)
        slot = None if title is None else title.slots.get(version.id.version)
        return version.aspired and slot is not None and slot.wanted

    def _note_failures(
        self,
        versions: Sequence[VersionSnapshot],
        available: Collection[ServableId],
        now: float,
    ) -> None:
        for version in versions:
            title = self.titles.get(version.id.name)
            slot = None if title is None else title.slots.get(version.id.version)
            if title is None or slot is None or not (slot.wanted and version.aspired):
                continue
            if version.id in available:
                slot.error = None
            elif version.error is None or version.serial == slot.outlived:
                continue
            elif version.state is not HarnessState.ERROR:
                # Between two attempts; what only waits for memory has not failed.
                if not waits_for_memory(version):
                    slot.fail(version.serial, version.error, now + self._remember_failures)
            elif slot.failed != version.serial or slot.error is None:
                slot.fail(version.serial, version.error, now + self._remember_failures)
                self._give_up(title, slot, available)

    def _give_up(self, title: Title[T], slot: Slot, available: Iterable[ServableId]) -> None:
        # Where another version goes on serving because this one has failed, the
        # manager has to go on aspiring it.
        wanted = {other.id for other in title.wanted()}
        if any(id_.name == title.name and id_ not in wanted for id_ in available):
            return
        slot.asked = slot.wanted = False
        self._submit(title)

    def _move_routes(self, available: Collection[ServableId]) -> None:
        for gone in [slot for slot in self._gone if slot.id not in available]:
            self._gone.remove(gone)
            self._drop_routes(gone)
        for title in self.titles.values():
            latest = title.latest() if title.follows else None
            slot = None if latest is None else title.slots.get(latest)
            # Until its successor is ready, the old version is the latest.
            if slot is not None and slot.id in available:
                self.routes[ServableRequest.latest(title.name)] = slot

    def _drop_routes(self, slot: Slot) -> None:
        for request in (
            slot.request,
            ServableRequest.latest(slot.id.name),
            ServableRequest.earliest(slot.id.name),
        ):
            if self.routes.get(request) is slot:
                del self.routes[request]

    # -- making room ----------------------------------------------------------------

    def _give_places(self, versions: Sequence[VersionSnapshot], now: float) -> None:
        slots = [slot for title in self.titles.values() for slot in title.slots.values()]
        waiting = sorted(
            (s for s in slots if s.asked and not s.wanted and not _failed(s, now)),
            key=lambda slot: slot.used,
        )
        if not waiting:
            return
        places = len(waiting)
        if self._max_models is not None:
            wanted = {slot.id for slot in slots if slot.wanted}
            others = {v.id for v in versions if has_memory(v)} - wanted
            places = max(0, self._max_models - len(wanted) - len(others))
            leaving = {v.id for v in versions if is_leaving(v, self.evicted)} - wanted
            candidates = [each._replace(size=1) for each in self._candidates({}, ())]
            lacking = len(waiting) - places - len(leaving)
            victims = least_recently_used(candidates, min(lacking, len(candidates)))
            self._evict(victims, versions)
        for slot in waiting[:places]:
            slot.wanted = True
            self._submit(self.titles[slot.id.name])

    def _make_memory(self, versions: Sequence[VersionSnapshot]) -> None:
        memory = self._manager.memory()
        waiting = [v for v in versions if v.aspired and waits_for_memory(v)]
        if memory.free is None or not waiting:
            return
        held: defaultdict[ServableId, int] = defaultdict(int)
        for version in versions:
            if not is_leaving(version, self.evicted):
                held[version.id] += version.reserved
        room = memory.free + sum(v.reserved for v in versions if is_leaving(v, self.evicted))
        ids = {version.id for version in waiting}
        for version in sorted(waiting, key=lambda version: version.serial):
            lacking = (version.needed or 0) - room
            if lacking > 0 and (version.needed or 0) <= (memory.total or 0):
                candidates = [*self._candidates(held, ids), *self._left_over(version, versions)]
                victims = least_recently_used(candidates, lacking)
                self._evict(victims, versions)
                room += sum(victim.size for victim in victims)
            # Those that still do not fit must not keep later ones from trying.
            if version.needed is not None and version.needed <= room:
                room -= version.needed

    def _candidates(
        self, sizes: Mapping[ServableId, int], needed: Collection[ServableId]
    ) -> Iterator[Candidate]:
        """What may be evicted. Of what is held, the manager will say when it no longer is."""
        for title in self.titles.values():
            if title.pinned:
                continue
            for slot in title.wanted():
                if slot.waiters or slot.id in needed or self._is_held(title, slot):
                    continue
                yield Candidate(slot.id, slot.used, sizes.get(slot.id, 0))

    def _is_held(self, title: Title[T], slot: Slot) -> bool:
        # While it is being loaded, the version before it may serve its requests.
        before = self.routes.get(ServableRequest.latest(title.name))
        ids = {slot.id} | ({before.id} if before is not None else set())
        return any(self._manager.is_held(id_, watch=True) for id_ in ids)

    def _left_over(
        self, successor: VersionSnapshot, versions: Sequence[VersionSnapshot]
    ) -> Iterator[Candidate]:
        """What serves only until its successor does, which may be never.

        Where the successor is whom room is made for, it is the last resort:
        requests wait for the successor then. Without a cache they could not,
        and a manager by itself rather goes on with the old version.
        """
        for version in versions:
            title = self.titles.get(version.id.name)
            if title is None or title.pinned or not is_left_over(version):
                continue
            if version.serial in self.evicted:
                continue
            if not self._manager.is_held(version.id, watch=True):
                route = self.routes.get(ServableRequest.latest(version.id.name))
                used = 0 if route is None else route.used
                if version.id.name == successor.id.name:
                    used = _LAST_RESORT
                yield Candidate(version.id, used, version.reserved, version.serial)

    def _evict(self, victims: Iterable[Candidate], versions: Sequence[VersionSnapshot]) -> None:
        for victim in victims:
            logger.info("Servable %s is evicted to make room", victim.id)
            if victim.serial is not None:
                self.evicted.add(victim.serial)
                for gone in self._gone:
                    if gone.id == victim.id:
                        # Until it has gone, nobody else is to take hold of it.
                        self._drop_routes(gone)
                self._manager.wake_up()
                continue
            title = self.titles[victim.id.name]
            slot = title.slots.pop(victim.id.version)
            self._drop_routes(slot)
            if slot.id.version == title.latest():
                title.follows = False
            self._submit(title)
            self.evicted.update(v.serial for v in versions if v.id == victim.id)

    def _submit(self, title: Title[T], *, again: bool = False) -> None:
        """Tell the manager what it is to load of a name; ``again`` what has failed too."""
        self.evicted.difference_update(
            v.serial for v in self._manager.versions(title.name) if self._stays(v)
        )
        aspired = title.aspired()
        meaning = meaning_of(aspired)
        if again or meaning != title.told:
            title.told = meaning
            self._manager.set_aspired_versions(title.name, aspired)


def _failed(slot: Slot, now: float) -> bool:
    return slot.error is not None and slot.error_until > now
