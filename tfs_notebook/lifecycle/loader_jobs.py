"""What is done with loaders on threads of their own: estimate, load, unload."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Generic, Protocol, TypeVar

from tfs_notebook.lifecycle.harness import Harness
from tfs_notebook.lifecycle.job_threads import JobRunner
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.resources import check_estimate
from tfs_notebook.lifecycle.servable import ServableId, ServedEntry
from tfs_notebook.lifecycle.stranded import Stranded
from tfs_notebook.lifecycle.turn_messages import Message, another_turn
from tfs_notebook.wire.errors import Internal, ResourceExhausted, ServingError, Unknown

__all__ = ["JobReports", "LoaderJobs"]

logger = logging.getLogger(__name__)

T = TypeVar("T")


class JobReports(Protocol[T]):
    """Hears how a job ended, on the manager's thread."""

    def estimate_ended(
        self, harness: Harness[T], needed: int, error: ServingError | None
    ) -> None:
        """It is known how much memory the loader needs, or why not."""

    def load_ended(
        self,
        harness: Harness[T],
        entry: ServedEntry[T] | None,
        error: ServingError | None,
        needed: int | None = None,
    ) -> None:
        """It is loaded, and needs this much from now on; or it is not, and why."""

    def unload_ended(self, harness: Harness[T], error: ServingError | None) -> None:
        """It is out of memory; ``error`` if that went wrong."""

    def stranded_ended(self, stranded: Stranded[T], error: ServingError | None) -> None:
        """What was stranded is out of memory; ``error`` if that went wrong."""


class LoaderJobs(Generic[T]):
    """Starts the jobs, and sends what comes of them to the manager's thread.

    The manager's thread calls the public methods, which do not block. A job
    that gets no thread is reported at once as one that failed.
    """

    def __init__(
        self,
        *,
        reports: JobReports[T],
        jobs: JobRunner,
        send: Callable[[Message], None],
        pre_load_hook: Callable[[ServableId], None] | None,
    ) -> None:
        self._reports = reports
        self._jobs = jobs
        self._send = send
        self._pre_load_hook = pre_load_hook
        self._abandoned = False

    def abandon(self) -> None:
        """The manager goes; what is loaded from now on is unloaded by its own job."""
        self._abandoned = True

    def start_estimate(self, harness: Harness[T]) -> None:
        """Ask the loader how much memory it needs."""
        try:
            self._jobs.start(
                f"tfs-load-{harness.id.name}", partial(self._estimate, harness, harness.loader)
            )
        except RuntimeError as exc:
            error = ResourceExhausted(f"No thread to estimate on: {exc}")
            self._reports.estimate_ended(harness, 0, error)

    def start_load(self, harness: Harness[T]) -> None:
        """Load it."""
        try:
            self._jobs.start(
                f"tfs-load-{harness.id.name}", partial(self._load, harness, harness.loader)
            )
        except RuntimeError as exc:
            error = ResourceExhausted(f"No thread to load on: {exc}")
            self._reports.load_ended(harness, None, error)

    def start_unload(self, harness: Harness[T]) -> None:
        """Unload it; nobody holds it any more."""
        try:
            self._jobs.start(
                f"tfs-unload-{harness.id.name}", partial(self._unload, harness, harness.loader)
            )
        except RuntimeError as exc:
            error = ResourceExhausted(f"No thread to unload on: {exc}")
            self._reports.unload_ended(harness, error)

    def start_late_unload(self, stranded: Stranded[T]) -> None:
        """Unload what was stranded; nothing hangs in it any more. Any thread may call it."""
        try:
            self._jobs.start(
                f"tfs-unload-{stranded.id.name}", partial(self._late_unload, stranded)
            )
        except RuntimeError as exc:
            error = ResourceExhausted(f"No thread to unload on: {exc}")
            self._send(partial(self._reports.stranded_ended, stranded, error))

    # -- on their own threads --------------------------------------------------

    def _estimate(self, harness: Harness[T], loader: Loader[T] | None) -> None:
        needed, error = 0, None
        try:
            needed = check_estimate(_present(harness, loader).estimate_resources())
        except BaseException as exc:
            logger.debug("The estimate for %s failed", harness.id, exc_info=True)
            error = _without_traces(exc)
        self._send(partial(self._reports.estimate_ended, harness, needed, error))

    def _load(self, harness: Harness[T], loader: Loader[T] | None) -> None:
        entry: ServedEntry[T] | None = None
        error: ServingError | None = None
        needed: int | None = None
        try:
            loader = _present(harness, loader)
            if self._pre_load_hook is not None:
                self._pre_load_hook(harness.id)
            loader.load()
            if self._abandoned:
                # The manager has gone; nobody else will give it back.
                loader.unload()
                return
            entry = ServedEntry(harness.id, loader.servable, self._wake_up)
            if harness.reserved:
                needed = _needed_now(harness.id, loader)
        except BaseException as exc:
            logger.debug("Loading servable %s failed", harness.id, exc_info=True)
            error = _without_traces(exc)
        self._send(partial(self._reports.load_ended, harness, entry, error, needed))

    def _unload(self, harness: Harness[T], loader: Loader[T] | None) -> None:
        error = _unloaded(harness.id, harness.entry, loader)
        self._send(partial(self._reports.unload_ended, harness, error))

    def _late_unload(self, stranded: Stranded[T]) -> None:
        error = _unloaded(stranded.id, stranded.entry, stranded.loader)
        self._send(partial(self._reports.stranded_ended, stranded, error))

    def _wake_up(self) -> None:
        # Also called by finalizers, on whatever thread they run: the queue
        # behind this is reentrant.
        self._send(another_turn)


def _unloaded(
    id_: ServableId, entry: ServedEntry[T] | None, loader: Loader[T] | None
) -> ServingError | None:
    """Unload, and return what went wrong."""
    try:
        if entry is not None:
            # Released handles that somebody still has lead to the entry.
            del entry.servable
        if loader is not None:
            loader.unload()
    except BaseException as exc:
        logger.exception("Unloading servable %s failed", id_)
        return _without_traces(exc)
    return None


def _present(harness: Harness[T], loader: Loader[T] | None) -> Loader[T]:
    if loader is None:
        raise Internal(f"Servable {harness.id} has no loader")
    return loader


def _needed_now(id_: ServableId, loader: Loader[T]) -> int | None:
    """The estimate after the load; a loaded servable is not lost for want of one."""
    try:
        estimate = loader.estimate_resources()
        return None if estimate is None else check_estimate(estimate)
    except Exception:
        logger.exception("Servable %s is loaded; how much it still needs is not known", id_)
        return None


def _without_traces(exc: BaseException) -> ServingError:
    """The error to keep: its frames would keep the failed load's memory."""
    if isinstance(exc, ServingError):
        exc.__cause__ = exc.__context__ = None
        return exc.with_traceback(None)
    kind = ResourceExhausted if isinstance(exc, MemoryError) else Unknown
    return kind(f"{type(exc).__name__}: {exc}")
