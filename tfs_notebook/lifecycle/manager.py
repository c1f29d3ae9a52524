"""The manager: makes what is loaded become what is aspired."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from tfs_notebook.lifecycle.clock import Clock, SystemClock
from tfs_notebook.lifecycle.decisions import next_due
from tfs_notebook.lifecycle.event_bus import EventBus
from tfs_notebook.lifecycle.execution import Execution
from tfs_notebook.lifecycle.harness import VersionSnapshot
from tfs_notebook.lifecycle.job_threads import JobRunner, JobThreads
from tfs_notebook.lifecycle.ledger import Ledger
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.manager_options import ManagerOptions, limits_of, load_rules_of
from tfs_notebook.lifecycle.resources import ResourceTracker
from tfs_notebook.lifecycle.servable import (
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
)
from tfs_notebook.lifecycle.servable_state import ServableState
from tfs_notebook.lifecycle.serving_map import ServingMap
from tfs_notebook.lifecycle.turn_messages import Message, another_turn, run_isolated
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument

__all__ = ["AspiredVersionsManager", "ManagerOptions"]

logger = logging.getLogger(__name__)

T = TypeVar("T")
S = TypeVar("S")

_STOP_GRACE: Final = 2.0
"""Seconds that ``stop`` waits beyond its timeout for the manager's own thread."""


class AspiredVersionsManager(Generic[T]):
    """Loads what is aspired, unloads what no longer is, and hands out handles.

    One thread, the manager's, owns all state and takes all decisions; it wakes
    up for events and when a pause between attempts is over, and never loads,
    unloads or waits for a handle itself. Loads and unloads run on their own
    threads. So a model that fails, hangs or is held for long delays no other.

    Every public method may be called from any thread; :meth:`handle` and the
    other look-ups take no lock. Subscribers of the bus run on the manager's
    thread and must not call what blocks here.
    """

    def __init__(
        self,
        options: ManagerOptions | None = None,
        *,
        bus: EventBus[ServableState] | None = None,
        clock: Clock | None = None,
        jobs: JobRunner | None = None,
    ) -> None:
        """Make a manager; it does nothing before :meth:`start`.

        Args:
            options: how it works.
            bus: where the changes of state are published.
            clock: time; tests put their own in place.
            jobs: runs loads and unloads; tests put their own in place.
        """
        options = options or ManagerOptions()
        self._memory_limit = options.total_model_memory_limit_bytes
        self._turn_ended: Callable[[], None] | None = None
        self._clock = clock or SystemClock()
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._map: ServingMap[T] = ServingMap()
        self._jobs = jobs or JobThreads()
        self._execution: Execution[T] = Execution(
            rules=load_rules_of(options),
            limits=limits_of(options),
            serving_map=self._map,
            bus=bus or EventBus(),
            clock=self._clock,
            jobs=self._jobs,
            send=self._inbox.put,
        )
        self._ledger: Ledger[T] = Ledger(accept_repetitions=options.reload_servables_with_error)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop_at: float | None = None
        self._abandoned: tuple[ServableId, ...] = ()
        # Of what is no longer among the versions, and still in memory.
        self._stranded_memory = 0

    # -- what is served ------------------------------------------------------

    def handle(self, request: ServableRequest) -> ServableHandle[T]:
        """Take hold of a servable; it stays loaded until the handle is released.

        Takes no lock and does not block.

        Raises:
            NotFound: if nothing that fits the request is being served.
        """
        return self._map.acquire(request)

    def handle_of(self, request: ServableRequest, kind: type[S]) -> ServableHandle[S]:
        """A handle on a servable of a certain type. Does not block.

        Raises:
            NotFound: if nothing that fits the request is being served.
            InvalidArgument: if what fits is of another type.
        """
        handle: ServableHandle[Any] = self.handle(request)
        if not isinstance(handle.servable, kind):
            handle.release()
            raise InvalidArgument("Servable type doesn't match the asked for type.")
        return handle

    def available_ids(self) -> tuple[ServableId, ...]:
        """What is being served, in order of name and version."""
        return self._map.ids

    def available_handles(self) -> dict[ServableId, ServableHandle[T]]:
        """A handle on everything that is being served; release each of them."""
        return self._map.acquire_all()

    def versions(self, name: str | None = None) -> tuple[VersionSnapshot, ...]:
        """What is managed, of one name or of all, in order of name and version.

        As of the manager's last turn; look-ups may be a moment ahead of it.
        """
        return self._ledger.versions(name)

    def memory(self) -> ResourceTracker:
        """The memory there is, and what of it is reserved; as :meth:`versions`.

        Without a limit nothing is estimated, and ``used`` is 0.
        """
        used = self._stranded_memory + sum(v.reserved for v in self.versions())
        return ResourceTracker(self._memory_limit, used)

    def is_held(self, id_: ServableId, *, watch: bool = False) -> bool:
        """Whether somebody holds a handle on what is served under this id.

        Does not block. With ``watch``, the manager takes a turn when nobody
        does any more; see :meth:`on_turn`.
        """
        return self._map.is_held(id_, watch=watch)

    def on_turn(self, callback: Callable[[], None]) -> None:
        """Call this after each turn, when :meth:`versions` shows what it changed.

        For what builds on the manager, once and before :meth:`start`. The
        callback runs on the manager's thread: it must be quick, and must not
        call what blocks here.
        """
        self._turn_ended = callback

    def wake_up(self) -> None:
        """Take another turn soon; for a transition policy whose mind has changed."""
        self._inbox.put(another_turn)

    # -- what is aspired -----------------------------------------------------

    def set_aspired_versions(
        self, name: str, versions: Iterable[ServableData[Loader[T]]]
    ) -> None:
        """Say which versions of a name should be served: all of them, at once.

        Returns without waiting; a later list for the name replaces one that
        has not been looked at. The same list again (versions and origins)
        changes nothing and costs next to nothing, so a source may repeat it.
        After :meth:`stop` nothing happens.

        Raises:
            InvalidArgument: if an item has another name.
        """
        versions = tuple(versions)
        for item in versions:
            if item.id.name != name:
                raise InvalidArgument(
                    f"Servable name: {name} doesn't match name in servable version: "
                    f"{item.id.name}"
                )
        if self._ledger.submit(name, versions):
            self._inbox.put(another_turn)

    def set_num_load_threads(self, number: int) -> None:
        """Change how many loads run at once, for instance after start-up.

        Loads that run go on; 0 means one for each name.
        """
        self._inbox.put(partial(self._execution.set_load_limit, max(0, number)))

    def wait_until_settled(
        self, names: Iterable[str], timeout: float | None = None, *, every_version: bool = False
    ) -> dict[str, tuple[VersionSnapshot, ...]]:
        """Wait until it is known what becomes of the latest lists of these names.

        A name is settled when the manager has taken up its latest list, and
        one of its aspired versions is ready, or the first load of each of them
        has failed (whether or not it will be repeated) or waits for memory, or
        none is aspired.
        Versions that are only on their way out are not waited for.

        Blocks, up to ``timeout`` seconds; not to be called by a subscriber.

        Args:
            names: whom to wait for.
            timeout: seconds; None waits for ever.
            every_version: wait for the first load of every aspired version.

        Returns:
            The versions of each name that is settled. A name that is not
            among the keys was not settled in time. A version with an
            ``error`` is one whose load has failed.
        """
        return self._ledger.wait_until_settled(names, timeout, every_version=every_version)

    # -- life ----------------------------------------------------------------

    def start(self) -> None:
        """Start the manager's thread; calls after the first do nothing."""
        self._running_thread()

    def _running_thread(self) -> threading.Thread:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="tfs-manager", daemon=True
                )
                self._thread.start()
            return self._thread

    def stop(self, timeout: float = 30.0) -> tuple[ServableId, ...]:
        """Unload everything and end the threads, in bounded time.

        New look-ups fail at once. What is held is unloaded when it is
        released; what a run hangs in is not waited for. Loads that run are
        waited for and dropped. Blocks up to ``timeout`` seconds and a moment;
        calls after the first return the same.

        Args:
            timeout: seconds, after which what remains is left behind.

        Returns:
            What was left behind: still loading, still held, or hanging in its
            unload. Their threads are daemons and do not keep the process.

        Raises:
            FailedPrecondition: if a subscriber of the bus calls it.
        """
        if threading.current_thread() is self._thread:
            raise FailedPrecondition("A subscriber of the event bus cannot stop the manager")
        if self._ledger.close():
            self._inbox.put(partial(self._begin_stop, timeout))
        thread = self._running_thread()
        thread.join(timeout + _STOP_GRACE)
        if thread.is_alive():
            logger.error("The manager's thread did not end; is a subscriber hanging?")
            return tuple(version.id for version in self.versions())
        self._jobs.join(0.0 if self._abandoned else _STOP_GRACE)
        return self._abandoned

    def __enter__(self) -> AspiredVersionsManager[T]:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def turn(self) -> float | None:
        """Take all steps that are due; returns when time alone makes the next due.

        The manager's thread calls this. Tests call it instead of
        :meth:`start`, from one thread.
        """
        while True:
            try:
                message = self._inbox.get_nowait()
            except queue.Empty:
                break
            run_isolated(message)
        adopted = self._ledger.pending()
        for name, versions in adopted.items():
            run_isolated(partial(self._execution.adopt, name, versions))
        now = self._clock.monotonic()
        run_isolated(partial(self._execution.take_steps, now))
        self._ledger.record(adopted, self._execution.snapshots())
        self._stranded_memory = self._execution.stranded_memory
        if self._turn_ended is not None:
            run_isolated(self._turn_ended)
        return next_due(self._execution.harnesses, now)

    def _run(self) -> None:
        while True:
            due = self.turn()
            now = self._clock.monotonic()
            if self._stop_at is not None:
                if not self._execution.harnesses or now >= self._stop_at:
                    break
                due = self._stop_at if due is None else min(due, self._stop_at)
            message = self._clock.receive(self._inbox, None if due is None else due - now)
            if message is not None:
                run_isolated(message)
        self._abandoned = self._execution.abandon()

    def _begin_stop(self, timeout: float) -> None:
        self._stop_at = self._clock.monotonic() + timeout
        self._execution.unaspire_all()
