"""Many models in little memory: each is loaded when its first request comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    CachedServable,
    CacheOptions,
    CachingManager,
    EventBus,
    Loader,
    LoadWait,
    ManagerState,
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
    ServableState,
    ServableStateMonitor,
    VersionSnapshot,
)
from tfs_notebook.lifecycle.serving_map import not_found
from tfs_notebook.serving.managed_models import NotLoaded, manager_options
from tfs_notebook.serving.served_model import ServedModel

__all__ = ["LazyModels"]


class LazyModels:
    """``ManagedModels`` that are loaded when they are asked for, and evicted to make room.

    What was not used for longest goes first, where the memory limit or the most
    models that may be loaded leave no room; never what is pinned or in use.
    """

    def __init__(
        self,
        config: ServerConfig,
        bus: EventBus[ServableState],
        monitor: ServableStateMonitor,
    ) -> None:
        self._pinned = frozenset(filter(None, map(str.strip, config.pinned_models.split(","))))
        options = CacheOptions(
            max_models=config.max_loaded_models or None,
            load_timeout=config.lazy_load_timeout_seconds,
            pinned=self._pinned,
        )
        self.load_timeout = options.load_timeout
        self._cache: CachingManager[ServedModel] = CachingManager(
            manager_options(config), options, bus=bus
        )
        self._monitor = monitor
        self._kept: frozenset[str] = frozenset()

    def start(self) -> None:
        """See ``ManagedModels``."""
        self._cache.start()

    def stop(self, timeout: float) -> tuple[ServableId, ...]:
        """See ``ManagedModels``."""
        return self._cache.stop(timeout)

    def set_aspired_versions(
        self, name: str, versions: Iterable[ServableData[Loader[ServedModel]]]
    ) -> None:
        """See ``ManagedModels``."""
        self._cache.set_aspired_versions(name, versions)

    @property
    def ready(self) -> bool:
        """See ``ManagedModels``; nothing has to be loaded for that."""
        return not self._cache.is_empty

    def handle(self, request: ServableRequest) -> ServableHandle[ServedModel]:
        """See ``ManagedModels``."""
        handle = self._cache.loaded(request)
        if handle is not None:
            return handle
        known = {servable.id.version for servable in self._cache.known(request.name)}
        wanted = request.version
        if (wanted in known) if isinstance(wanted, int) else known:
            raise NotLoaded(request)
        raise not_found(request)

    def waiting(
        self, request: ServableRequest, notify: Callable[[], None]
    ) -> AbstractContextManager[LoadWait[ServedModel]]:
        """See ``ManagedModels``."""
        return self._cache.waiting(request, notify)

    def usable(self, name: str) -> Collection[int]:
        """See ``ManagedModels``."""
        return {known.id.version for known in self._cache.known(name) if known.error is None}

    def expected(self, name: str) -> Collection[int]:
        """See ``ManagedModels``."""
        return {known.id.version for known in self._cache.known(name)}

    def keep(self, names: Collection[str]) -> None:
        """See ``ManagedModels``; what a flag pins stays pinned."""
        before, self._kept = self._kept, frozenset(names)
        for name in self._kept - before:
            self._cache.pin(name)
        for name in before - self._kept - self._pinned:
            self._cache.unpin(name)

    def is_kept(self, name: str) -> bool:
        """See ``ManagedModels``."""
        return name in self._pinned or name in self._kept

    def loaded_at_start(self, names: Iterable[str]) -> list[str]:
        """See ``ManagedModels``."""
        return [name for name in names if self.is_kept(name)]

    def states(self, name: str) -> tuple[ServableState, ...]:
        """See ``ManagedModels``; what could be loaded is at ``START``."""
        states = {state.id: state for state in self._monitor.states(name)}
        for known in self._cache.known(name):
            state = states.get(known.id)
            if state is None or (state.state is ManagerState.END and state.error is None):
                states[known.id] = _could_be_loaded(known)
        return tuple(states[id_] for id_ in sorted(states, reverse=True))

    def wait_until_settled(
        self, names: Iterable[str], timeout: float | None
    ) -> dict[str, tuple[VersionSnapshot, ...]]:
        """See ``ManagedModels``."""
        return self._cache.manager.wait_until_settled(names, timeout, every_version=True)


def _could_be_loaded(known: CachedServable) -> ServableState:
    return ServableState(known.id, ManagerState.START, known.error, time.time())
