"""Where aspired versions come from: the protocol, and the file system."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tfs_notebook.lifecycle.base_path import (
    ServableToMonitor,
    StoragePath,
    versions_found,
)
from tfs_notebook.lifecycle.file_system import FileSystem, LocalFileSystem, access_error
from tfs_notebook.lifecycle.notices import Notices
from tfs_notebook.lifecycle.servable import ServableData
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError

__all__ = [
    "AspiredVersionsCallback",
    "FileSystemSource",
    "PollResult",
    "ServableToMonitor",
    "Source",
    "StoragePath",
]

logger = logging.getLogger(__name__)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

AspiredVersionsCallback = Callable[[str, Sequence[ServableData[T]]], None]
"""Takes a name and the full list of versions of it that should be served."""


class Source(Protocol[T_co]):
    """Says which versions should be served.

    For each name it calls back with *all* versions that should be served; an
    empty list unloads the name; saying nothing changes nothing.
    """

    def set_aspired_versions_callback(self, callback: AspiredVersionsCallback[T_co]) -> None:
        """Where to say it. Called once, before anything is said."""


@dataclass(frozen=True)
class PollResult:
    """What a poll found for one name."""

    versions: tuple[ServableData[StoragePath], ...] | None
    """What is aspired now; None if nothing was said and all stays as it is."""
    waiting_for: str | None = None
    """If there is nothing to serve: what has to happen first, a whole sentence."""


class FileSystemSource:
    """Finds versions as numbered children of a base path.

    TensorFlow Serving's ``FileSystemStoragePathSource``, with three
    differences: a base path that cannot be read holds up its own servable
    only; a SavedModel that lies right in the base path is served as version
    1; and the path says where a version comes from, so that a changed base
    path reloads also a version number that is served already.

    Any thread may call any method. The callback is called on the thread that
    polls or changes the servables, under a lock: it must be quick and must
    not call the source. What it raises is logged and concerns its servable
    only, as does whatever the file system raises.
    """

    def __init__(
        self,
        servables: Iterable[ServableToMonitor] = (),
        *,
        servable_versions_always_present: bool = False,
        fail_if_zero_versions_at_startup: bool = False,
        nothing_serves: Callable[[], bool] = bool,
        file_system: FileSystem | None = None,
    ) -> None:
        """Make a source; it looks at nothing before the first :meth:`poll`.

        Args:
            servables: what to watch.
            servable_versions_always_present: never aspire the empty list for a
                name because its versions have vanished.
            fail_if_zero_versions_at_startup: look right now, and raise if a
                servable has no version.
            nothing_serves: whether the server has nothing to serve yet; then
                every poll says in the log what it waits for, instead of only
                the first.
            file_system: what to read with; the machine's own if left out. With
                :class:`~tfs_notebook.lifecycle.url_file_system.UrlFileSystem` base
                paths may be URLs.

        Raises:
            InvalidArgument: if two servables have one name.
            NotFound: see ``fail_if_zero_versions_at_startup``.
        """
        self._always_present = servable_versions_always_present
        self._file_system = file_system or LocalFileSystem()
        self._notices = Notices(logger, insist=nothing_serves)
        self._callback: AspiredVersionsCallback[StoragePath] | None = None
        # One poll at a time: an older listing must not follow a newer one.
        self._polling = threading.Lock()
        # Guards the servables, and keeps lists in the order of the changes.
        self._lock = threading.Lock()
        self._servables = _by_name(servables)
        self._waiting: dict[str, str] = {}
        if fail_if_zero_versions_at_startup:
            self._require_versions()

    def set_aspired_versions_callback(
        self, callback: AspiredVersionsCallback[StoragePath]
    ) -> None:
        """See :meth:`Source.set_aspired_versions_callback`."""
        with self._lock:
            self._callback = callback

    def set_servables(self, servables: Iterable[ServableToMonitor]) -> None:
        """Watch these from now on.

        For a name that is left out the empty list is aspired at once; what is
        new or has changed takes effect with the next poll.

        Raises:
            InvalidArgument: if two servables have one name; nothing changes.
        """
        wanted = _by_name(servables)
        with self._lock:
            removed = [name for name in self._servables if name not in wanted]
            self._servables = wanted
            for name in removed:
                self._notices.forget(name)
                self._waiting.pop(name, None)
                try:
                    self._emit(name, ())
                except Exception:
                    logger.exception("The end of servable %s could not be handed on", name)

    @property
    def servables(self) -> tuple[ServableToMonitor, ...]:
        """What is watched."""
        return tuple(self._servables.values())

    def waiting(self) -> dict[str, str]:
        """The names without anything to serve, and what each waits for.

        As of the last poll.
        """
        return self._waiting.copy()

    def poll(self, only: str | None = None) -> dict[str, PollResult]:
        """Look at all base paths, or at one servable's, and aspire what is there.

        Blocks as long as the file system does. What goes wrong with one
        servable, in the file system or in the callback, is logged and is what
        that servable waits for; the others go on.

        Args:
            only: the name whose base path to look at; None for all of them.

        Returns:
            What was found, for each name that is still watched afterwards.
        """
        results = {}
        with self._polling:
            for servable in self.servables:
                if only not in (None, servable.name):
                    continue
                result = self._look(servable)
                with self._lock:
                    # The servables may have changed during the look.
                    if self._servables.get(servable.name) != servable:
                        continue
                    result = self._hand_on(servable, result)
                    results[servable.name] = result
                    self._note_waiting(servable.name, result.waiting_for)
        return results

    def _hand_on(self, servable: ServableToMonitor, result: PollResult) -> PollResult:
        """Aspire what was found; returns what came of that."""
        if result.versions is None:
            return result
        try:
            self._emit(servable.name, result.versions)
        except Exception as exc:  # noqa: BLE001 - it is said, with its trace
            failed = self._failed(
                servable,
                f"The versions of servable {servable.name} under base path "
                f"{servable.base_path} could not be handed on to be loaded",
                exc,
            )
            return PollResult(None, result.waiting_for or failed.waiting_for)
        if result.versions:
            self._notices.solved(
                servable.name,
                f"Servable {servable.name}: versions found under {servable.base_path}",
            )
        return result

    def _failed(self, servable: ServableToMonitor, what: str, exc: Exception) -> PollResult:
        error = exc.status_text if isinstance(exc, ServingError) else _described(exc)
        reason = f"{what}: {error}. The next poll tries again"
        self._notices.problem(servable.name, reason, exc)
        return PollResult(None, reason)

    def _emit(self, name: str, versions: Sequence[ServableData[StoragePath]]) -> None:
        if self._callback is not None:
            self._callback(name, versions)

    def _note_waiting(self, name: str, reason: str | None) -> None:
        if reason is None:
            self._waiting.pop(name, None)
        else:
            self._waiting[name] = reason

    def _look(self, servable: ServableToMonitor) -> PollResult:
        try:
            return self._found(servable, self._file_system.children(servable.base_path))
        except OSError as exc:
            reason = (
                f"Could not find base path {servable.base_path} for servable "
                f"{servable.name} with error {access_error(exc, servable.base_path)}"
            )
            self._notices.problem(
                servable.name,
                "FileSystemStoragePathSource encountered a filesystem access error: " + reason,
            )
            return PollResult(None, reason)
        except Exception as exc:  # noqa: BLE001 - it is said, with its trace
            return self._failed(
                servable,
                f"Could not look for versions of servable {servable.name} under base path "
                f"{servable.base_path}",
                exc,
            )

    def _found(self, servable: ServableToMonitor, children: Sequence[str]) -> PollResult:
        versions = versions_found(servable, children, self._notices)
        return PollResult(versions) if versions else self._found_nothing(servable)

    def _found_nothing(self, servable: ServableToMonitor) -> PollResult:
        reason = (
            f"No versions of servable {servable.name} found under base path "
            f"{servable.base_path}. Did you forget to name your leaf directory as a number "
            "(eg. '/1/')?"
        )
        self._notices.problem(servable.name, reason)
        if self._always_present:
            self._notices.once(
                servable.name,
                "refused",
                f"Refusing to unload all versions for Servable: {servable.name}",
                logging.WARNING,
            )
            return PollResult(None, reason)
        return PollResult((), reason)

    def _require_versions(self) -> None:
        for servable in self.servables:
            try:
                children = self._file_system.children(servable.base_path)
            except OSError:
                children = ()
            if not versions_found(servable, children, self._notices):
                raise NotFound(
                    "Unable to find a numerical version path for servable "
                    f"{servable.name} at: {servable.base_path}"
                )


def _by_name(servables: Iterable[ServableToMonitor]) -> dict[str, ServableToMonitor]:
    by_name: dict[str, ServableToMonitor] = {}
    for servable in servables:
        if servable.name in by_name:
            raise InvalidArgument(f"Servable {servable.name} is to be monitored twice")
        by_name[servable.name] = servable
    return by_name


def _described(exc: Exception) -> str:
    return f"{type(exc).__name__}: {exc}"
