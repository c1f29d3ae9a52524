"""The models in memory: what the model server asks of whoever manages them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    AspiredVersionsManager,
    EventBus,
    Loader,
    LoadWait,
    ManagerOptions,
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
    ServableState,
    ServableStateMonitor,
    VersionSnapshot,
)
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.wire.errors import InvalidArgument, Unavailable

__all__ = [
    "EagerModels",
    "ManagedModels",
    "NotLoaded",
    "check_loading_flags",
    "manager_options",
]

_LOAD_THREADS_A_CPU = 4


class NotLoaded(Unavailable):
    """What is asked for is there, but has to be loaded first.

    Attributes:
        request: what is asked for.
    """

    def __init__(self, request: ServableRequest) -> None:
        super().__init__(f"{request} is being loaded; try again in a moment")
        self.request = request


class ManagedModels(Protocol):
    """Versions of models, loaded as their sources say. Any thread may call any method."""

    def start(self) -> None:
        """Begin to load."""

    def stop(self, timeout: float) -> tuple[ServableId, ...]:
        """Unload everything; blocks for at most ``timeout`` seconds and a moment.

        Returns:
            what was left behind.
        """

    def set_aspired_versions(
        self, name: str, versions: Iterable[ServableData[Loader[ServedModel]]]
    ) -> None:
        """Say which versions of a name there are: all of them, at once."""

    @property
    def ready(self) -> bool:
        """Whether there is any model that can answer."""

    def handle(self, request: ServableRequest) -> ServableHandle[ServedModel]:
        """Take hold of a version; does not block.

        Raises:
            NotFound: there is none.
            NotLoaded: it has to be loaded first; see :meth:`waiting`.
        """

    def waiting(
        self, request: ServableRequest, notify: Callable[[], None]
    ) -> AbstractContextManager[LoadWait[ServedModel]]:
        """Wait for what was not loaded; see ``CachingManager.waiting``."""

    @property
    def load_timeout(self) -> float:
        """Seconds that a request waits for its model."""

    def usable(self, name: str) -> Collection[int]:
        """The versions of a name that can answer, if need be after a load."""

    def expected(self, name: str) -> Collection[int]:
        """The versions of a name that are to be there, whether they can answer or not."""

    def keep(self, names: Collection[str]) -> None:
        """Load the versions of these names, and of no others, without being asked for them.

        They stay in memory. Not for several threads at once; does not block.
        """

    def is_kept(self, name: str) -> bool:
        """Whether what is loaded of a name stays in memory, used or not."""

    def loaded_at_start(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are loaded without having been asked for."""

    def states(self, name: str) -> tuple[ServableState, ...]:
        """The states of a name's versions, the newest first."""

    def wait_until_settled(
        self, names: Iterable[str], timeout: float | None
    ) -> dict[str, tuple[VersionSnapshot, ...]]:
        """Wait for the first load of every version that is to be loaded; blocks."""


def check_loading_flags(config: ServerConfig) -> None:
    """Refuse what would have no effect.

    Raises:
        InvalidArgument: a flag for lazy loading, which is off.
    """
    for flag in ("max_loaded_models", "pinned_models"):
        if getattr(config, flag) and not config.lazy_loading:
            raise InvalidArgument(f"--{flag} needs --lazy_loading")


def manager_options(config: ServerConfig) -> ManagerOptions:
    """How the manager below works, whoever is above it."""
    return ManagerOptions(
        num_load_threads=config.num_load_threads or _LOAD_THREADS_A_CPU * (os.cpu_count() or 1),
        num_unload_threads=config.num_unload_threads,
        max_num_load_retries=config.max_num_load_retries,
        load_retry_interval=config.load_retry_interval_micros / 1e6,
        total_model_memory_limit_bytes=config.total_model_memory_limit_bytes or None,
        reload_servables_with_error=config.enable_reload_servables_with_error,
    )


class EagerModels:
    """:class:`ManagedModels` that are all loaded as soon as they are there."""

    load_timeout = 0.0

    def __init__(
        self,
        config: ServerConfig,
        bus: EventBus[ServableState],
        monitor: ServableStateMonitor,
    ) -> None:
        self._manager: AspiredVersionsManager[ServedModel] = AspiredVersionsManager(
            manager_options(config), bus=bus
        )
        self._monitor = monitor

    def start(self) -> None:
        """See :class:`ManagedModels`."""
        self._manager.start()

    def stop(self, timeout: float) -> tuple[ServableId, ...]:
        """See :class:`ManagedModels`."""
        return self._manager.stop(timeout)

    def set_aspired_versions(
        self, name: str, versions: Iterable[ServableData[Loader[ServedModel]]]
    ) -> None:
        """See :class:`ManagedModels`."""
        self._manager.set_aspired_versions(name, versions)

    @property
    def ready(self) -> bool:
        """See :class:`ManagedModels`."""
        return bool(self._manager.available_ids())

    def handle(self, request: ServableRequest) -> ServableHandle[ServedModel]:
        """See :class:`ManagedModels`."""
        return self._manager.handle(request)

    def waiting(
        self,
        request: ServableRequest,
        notify: Callable[[], None],  # noqa: ARG002 - the protocol's
    ) -> AbstractContextManager[LoadWait[ServedModel]]:
        """Nothing has to be asked for here, so there is nothing to wait for."""
        raise NotLoaded(request)

    def usable(self, name: str) -> Collection[int]:
        """See :class:`ManagedModels`."""
        return {id_.version for id_ in self._manager.available_ids() if id_.name == name}

    def expected(self, name: str) -> Collection[int]:
        """See :class:`ManagedModels`."""
        return {v.id.version for v in self._manager.versions(name) if v.aspired}

    def keep(self, names: Collection[str]) -> None:
        """Nothing: all that is loaded stays."""

    def is_kept(self, name: str) -> bool:  # noqa: ARG002 - the protocol's
        """See :class:`ManagedModels`; all are."""
        return True

    def loaded_at_start(self, names: Iterable[str]) -> list[str]:
        """See :class:`ManagedModels`."""
        return list(names)

    def states(self, name: str) -> tuple[ServableState, ...]:
        """See :class:`ManagedModels`."""
        return self._monitor.states(name)

    def wait_until_settled(
        self, names: Iterable[str], timeout: float | None
    ) -> dict[str, tuple[VersionSnapshot, ...]]:
        """See :class:`ManagedModels`."""
        return self._manager.wait_until_settled(names, timeout, every_version=True)
