"""Many models in little memory: each is loaded when it is first asked for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Generic, TypeVar

from tfs_notebook.lifecycle.cache_catalogue import Catalogue
from tfs_notebook.lifecycle.cache_options import CachedServable, CacheOptions, LoadWait
from tfs_notebook.lifecycle.cache_slots import Slot
from tfs_notebook.lifecycle.clock import Clock, SystemClock
from tfs_notebook.lifecycle.event_bus import EventBus
from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.job_threads import JobRunner
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.manager import AspiredVersionsManager
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.servable import (
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
)
from tfs_notebook.lifecycle.servable_state import ServableState
from tfs_notebook.lifecycle.transition_policy import PolicyAction, PolicyStep
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    Unavailable,
)

__all__ = ["CachingManager"]

T = TypeVar("T")
S = TypeVar("S")


class CachingManager(Generic[T]):
    """Knows many versions, and has those in memory that are used.

    Sources tell it which versions there are, as they would a manager; it has a
    manager of its own, and tells that to load a version when the first request
    for it comes. Where there is no room, by the manager's memory limit or by
    ``max_models``, it evicts what was not used for longest, but nothing that
    is pinned, that a request holds or that a request waits for; if that is not
    enough, the request waits.

    A name whose latest version was asked for goes on to a later one when it
    comes, without a gap; one that was not is only known to have it.

    What is loaded is looked up without a lock; that costs one dictionary read
    more than with the manager alone. :meth:`handle` blocks while a model is
    loaded, so it belongs on a thread that may; a loop asks :meth:`loaded`
    first. Any thread may call any method, save that subscribers of the bus
    must not call :meth:`handle` or :meth:`stop`.
    """

    def __init__(
        self,
        manager_options: ManagerOptions | None = None,
        options: CacheOptions | None = None,
        *,
        bus: EventBus[ServableState] | None = None,
        clock: Clock | None = None,
        jobs: JobRunner | None = None,
    ) -> None:
        """Make a cache and its manager; nothing is loaded before :meth:`start`.

        Args:
            manager_options: how the manager works, the memory limit among it.
            options: how the cache works.
            bus: where the changes of state are published. What is known and not
                loaded is not heard of; what is evicted has ended.
            clock: time; tests put their own in place.
            jobs: runs loads and unloads; tests put their own in place.
        """
        manager_options = manager_options or ManagerOptions()
        self._options = options or CacheOptions()
        self._clock = clock or SystemClock()
        self._base_policy = manager_options.transition_policy
        self.manager: AspiredVersionsManager[T] = AspiredVersionsManager(
            replace(
                manager_options,
                transition_policy=self._policy,
                # The cache says when what has failed is to be loaded again.
                reload_servables_with_error=True,
            ),
            bus=bus,
            clock=self._clock,
            jobs=jobs,
        )
        """For states, listings and what else does not load; its lists are the cache's."""
        self.manager.on_turn(self._on_turn)
        self._lock = threading.Lock()
        self._catalogue: Catalogue[T] = Catalogue(
            self.manager,
            max_models=self._options.max_models,
            remember_failures=self._options.remember_failures,
            pinned=self._options.pinned,
        )
        self._notices: set[Callable[[], None]] = set()
        self._closed = False

    # -- what there is ---------------------------------------------------------

    def set_aspired_versions(
        self, name: str, versions: Iterable[ServableData[Loader[T]]]
    ) -> None:
        """Say which versions of a name there are: all of them, at once.

        The target of a source, as the manager's method of this name; does not
        block. What is loaded and not in the list is unloaded; what is new is
        loaded when it is asked for.

        Raises:
            InvalidArgument: if an item has another name.
        """
        versions = tuple(versions)
        if any(item.id.name != name for item in versions):
            raise InvalidArgument(f"All versions in a list for {name} have to have that name")
        with self._changing():
            self._catalogue.learn(name, versions)

    def known(self, name: str | None = None) -> tuple[CachedServable, ...]:
        """Everything there is, loaded or not, of one name or of all; sorted."""
        loaded = frozenset(self.manager.available_ids())
        with self._lock:
            titles = self._catalogue.of(name)
            found = [
                CachedServable(
                    id=item.id,
                    loaded=item.id in loaded,
                    pinned=title.pinned,
                    waiting=0 if slot is None else slot.waiters,
                    error=item.error if slot is None else slot.error,
                )
                for title in titles
                for item in title.known.values()
                for slot in (title.slots.get(item.id.version),)
            ]
        return tuple(sorted(found, key=lambda servable: servable.id))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could be asked for."""
        with self._lock:
            return all(title.latest() is None for title in self._catalogue.of(None))

    def pin(self, name: str) -> None:
        """Load all versions of a name, now and in future, and never evict them."""
        with self._changing():
            self._catalogue.pin(name)

    def unpin(self, name: str) -> None:
        """Let a name be evicted again."""
        with self._changing():
            self._catalogue.unpin(name)

    # -- what is asked for -------------------------------------------------------

    def loaded(self, request: ServableRequest) -> ServableHandle[T] | None:
        """Take hold of a servable if it is loaded, else None; does not wait for a load."""
        catalogue = self._catalogue
        slot = catalogue.routes.get(request)
        if slot is None:
            with self._lock:
                slot = catalogue.find(request, self._clock.monotonic())
            if slot is None:
                return None
        if not slot.wanted:
            # It may be there still, on its way out: whoever holds it would be in the way.
            return None
        try:
            handle = self.manager.handle(slot.request)
        except NotFound:
            return None
        slot.used = next(catalogue.uses)
        return handle

    def handle(
        self, request: ServableRequest, timeout: float | None = None
    ) -> ServableHandle[T]:
        """Take hold of a servable; one that is not loaded is loaded first.

        Blocks until it is loaded. However many ask, it is loaded once. A load
        that takes longer than its request waits goes on.

        Args:
            request: what is asked for.
            timeout: seconds to wait; None: as the options say.

        Raises:
            NotFound: if nothing fits the request.
            DeadlineExceeded: if it was not loaded in time; says what it waited for.
            Unavailable: if the cache is stopped meanwhile.
            ServingError: why it cannot be loaded, ``ResourceExhausted`` if it
                would never fit in memory.
        """
        return self.loaded(request) or self._wait(
            request, self._options.load_timeout if timeout is None else timeout
        )

    def handle_of(
        self, request: ServableRequest, kind: type[S], timeout: float | None = None
    ) -> ServableHandle[S]:
        """A handle on a servable of a certain type; see :meth:`handle`.

        Raises:
            InvalidArgument: if what fits is of another type.
            ServingError: see :meth:`handle`.
        """
        handle: ServableHandle[Any] = self.handle(request, timeout)
        if not isinstance(handle.servable, kind):
            handle.release()
            raise InvalidArgument("Servable type doesn't match the asked for type.")
        return handle

    def _wait(self, request: ServableRequest, timeout: float) -> ServableHandle[T]:
        deadline = self._clock.monotonic() + timeout
        inbox: queue.SimpleQueue[bool] = queue.SimpleQueue()
        with self.waiting(request, lambda: inbox.put(True)) as wait:
            while True:
                now = self._clock.monotonic()
                handle = wait.handle()
                if handle is not None:
                    return handle
                if now >= deadline:
                    raise wait.too_late(timeout)
                self._clock.receive(inbox, deadline - now)

    @contextmanager
    def waiting(
        self, request: ServableRequest, notify: Callable[[], None]
    ) -> Iterator[LoadWait[T]]:
        """Wait for a servable without a thread; for event loops. Does not block.

        Args:
            request: what is asked for.
            notify: called, on any thread and under a lock, whenever there may be
                news; it must be quick and must not call the cache.
        """
        slot: Slot | None = None

        def handle() -> ServableHandle[T] | None:
            nonlocal slot
            with self._lock:
                if self._closed:
                    raise Unavailable("The server is shutting down")
                slot = self._catalogue.ask(request, slot, self._clock.monotonic())
            return self.loaded(request)

        def too_late(timeout: float) -> DeadlineExceeded:
            what = request if slot is None else slot.id
            why = "it was not asked for" if slot is None else self._reason(slot)
            return DeadlineExceeded(
                f"Servable {what} was not loaded within {timeout:g} s: {why}"
            )

        with self._lock:
            self._notices.add(notify)
        try:
            yield LoadWait(handle, too_late)
        finally:
            with self._lock:
                self._notices.discard(notify)
            if slot is not None:
                with self._changing():
                    self._catalogue.leave(slot)

    def _reason(self, slot: Slot) -> str:
        for version in self.manager.versions(slot.id.name):
            if version.id == slot.id and version.aspired:
                return version.error.message if version.error else f"it is {version.state}"
        if slot.wanted:
            return "the manager has not got to it"
        return f"all {self._options.max_models} places are taken by what is in use or pinned"

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Change the catalogue, and act on the change."""
        with self._lock:
            yield
            if not self._closed:
                self._catalogue.reconcile(self._clock.monotonic())
            self._wake_up()

    def _on_turn(self) -> None:
        with self._changing():
            pass

    def _wake_up(self) -> None:
        for notify in self._notices:
            notify()

    def _policy(self, versions: Sequence[VersionSnapshot]) -> PolicyAction | None:
        """Let go of what is evicted before anything; then as the options say."""
        evicted = self._catalogue.evicted
        for version in versions:
            ready = version.state is HarnessState.READY and not version.aspired
            if ready and version.serial in evicted:
                return PolicyAction(PolicyStep.UNLOAD, version)
        return self._base_policy(versions)

    # -- life --------------------------------------------------------------------

    def start(self) -> None:
        """Start the manager; calls after the first do nothing."""
        self.manager.start()

    def stop(self, timeout: float = 30.0) -> tuple[ServableId, ...]:
        """Unload everything; see ``AspiredVersionsManager.stop``. Whoever waits is told."""
        with self._lock:
            self._closed = True
            self._wake_up()
        return self.manager.stop(timeout)

    def __enter__(self) -> CachingManager[T]:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
