"""Versions that ended the process while they were loaded: tried last, then not at all."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from tfs_notebook.lifecycle import (
    All,
    EventBus,
    FileSystem,
    Latest,
    ManagerState,
    ServableData,
    ServableId,
    ServableState,
    ServableToMonitor,
)
from tfs_notebook.lifecycle.base_path import versions_found
from tfs_notebook.lifecycle.notices import Notices
from tfs_notebook.serving.load_marks import LoadMarks
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["Quarantine"]

_log = logging.getLogger(__name__)

_TOO_OFTEN: Final = 2
_ALONE_SECONDS: Final = 20.0

Settle = Callable[[Iterable[str], float], object]
"""Waits so many seconds at most until it is known how the loads of these models went."""
Look = Callable[[str], object]
"""Looks for the versions of a model again; blocks."""


class Quarantine:
    """Decides which of the versions that are there may be loaded now. Any thread may call it.

    One that ended the process is held back until all others have been loaded or
    have failed, and is tried alone then, because several may have been under way
    when it happened; one that did so twice is not loaded. In the place of such a
    version of a model that serves its latest ones, the one before it is served.
    """

    def __init__(
        self,
        marks: LoadMarks,
        bus: EventBus[ServableState],
        file_system: FileSystem,
        *,
        holds_back: bool,
    ) -> None:
        """Begin to decide.

        Args:
            marks: what versions did.
            bus: where the state of what is held back is published.
            file_system: to look for other versions with.
            holds_back: whether there is a time after all others; not where models are
                loaded when they are asked for.
        """
        self._marks = marks
        self._bus = bus
        self._file_system = file_system
        self._notices = Notices(_log, insist=bool)
        self._lock = threading.Lock()
        self._holds_back = holds_back and marks.suspects
        self._held: set[ServableId] = set()
        self._released: set[ServableId] = set()
        self._admitted: dict[str, tuple[ServableId, ...]] = {}

    def admitted(
        self, settings: ModelSettings, versions: Sequence[ServableData[str]]
    ) -> list[ServableData[str]]:
        """What of these versions to load, with errors in place of what never is to be.

        Blocks on the base path if one is not to be loaded now.
        """
        if not self._marks.suspects:
            return list(versions)
        judged = {version.id: self._judged(version) for version in versions}
        self._forget_all_but(settings.name, judged)
        admitted = [version for version in judged.values() if version is not None]
        good = [version for version in admitted if version.error is None]
        if isinstance(settings.policy, Latest) and len(good) < len(versions):
            admitted += self._others(settings, judged, len(versions) - len(good))
        with self._lock:
            if any(id_.name == settings.name for id_ in self._held):
                good = [version for version in admitted if version.error is None]
                self._admitted[settings.name] = tuple(version.id for version in good)
        return admitted

    @property
    def tried_late(self) -> Mapping[str, tuple[ServableId, ...]]:
        """The models of which a version was held back, and what was served in its place."""
        with self._lock:
            return dict(self._admitted)

    def _judged(self, version: ServableData[str]) -> ServableData[str] | None:
        crashes = self._marks.crashes(version.id, version.data)
        if crashes >= _TOO_OFTEN:
            return ServableData.failed(version.id, _barred(version.id, crashes))
        if not crashes:
            return version
        with self._lock:
            if not self._holds_back or version.id in self._released:
                return version
            new = version.id not in self._held
            self._held.add(version.id)
        if new:
            self._publish(version.id, ManagerState.START, _held_back(version.id))
        return None

    def _publish(
        self, id_: ServableId, state: ManagerState, error: FailedPrecondition | None
    ) -> None:
        self._bus.publish(ServableState(id_, state, error, time.time()))

    def _forget_all_but(self, name: str, ids: Collection[ServableId]) -> None:
        with self._lock:
            gone = [id_ for id_ in self._held if id_.name == name and id_ not in ids]
            self._held.difference_update(gone)
        for id_ in gone:
            self._publish(id_, ManagerState.END, None)

    def _others(
        self, settings: ModelSettings, judged: Collection[ServableId], number: int
    ) -> list[ServableData[str]]:
        every = ServableToMonitor(settings.name, settings.base_path, All())
        try:
            children = self._file_system.children(settings.base_path)
        except OSError:
            return []
        others = [
            version
            for version in versions_found(every, children, self._notices)
            if version.id not in judged and not self._marks.crashes(version.id, version.data)
        ]
        return others[-number:]

    def is_barred(self, id_: ServableId) -> bool:
        """Whether this is not to be loaded before a person asks for it."""
        return self._marks.crashes(id_) >= _TOO_OFTEN

    def forgive(self, name: str) -> None:
        """A person asks for this model: whatever its versions did is forgotten. Blocks."""
        self._marks.forgive(name)
        with self._lock:
            self._held = {id_ for id_ in self._held if id_.name != name}

    def forget(self, name: str) -> None:
        """A model is not to be served any more: what was held back of it has ended."""
        self._forget_all_but(name, ())

    # -- those that were held back -----------------------------------------------

    def try_held(
        self, names: Iterable[str], settle: Settle, look: Look, *, timeout: float
    ) -> None:
        """Let all others settle, then try what was held back, one version at a time. Blocks.

        Args:
            names: of all models.
            settle: waits for loads.
            look: has a version loaded that has been released.
            timeout: seconds for the others; a version that is tried has some seconds
                before the next is, which it may have been an innocent neighbour of.
        """
        settle(names, timeout)
        while (id_ := self._next()) is not None:
            _log.warning("%s is tried once more, after all others", id_)
            look(id_.name)
            settle([id_.name], min(timeout, _ALONE_SECONDS))

    def _next(self) -> ServableId | None:
        with self._lock:
            if not self._held:
                # What turns up from now on has nobody to wait for.
                self._holds_back = False
                return None
            id_ = min(self._held)
            self._held.discard(id_)
            self._released.add(id_)
            return id_


def _held_back(id_: ServableId) -> FailedPrecondition:
    return FailedPrecondition(
        f"{id_} ended the server's process while it was loaded; it is tried once more when "
        "all other models have been loaded"
    )


def _barred(id_: ServableId, crashes: int) -> FailedPrecondition:
    times = "twice" if crashes == _TOO_OFTEN else f"{crashes} times"
    return FailedPrecondition(
        f"{id_} ended the server's process {times} while it was loaded, and is not loaded any "
        f"more. To try it again, load the model (POST /v2/repository/models/{id_.name}/load)"
    )
