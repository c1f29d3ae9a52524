"""The life of one loader: its states, the legal steps between them, its record."""

from __future__ import annotations

import enum
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.servable import ServableId, ServedEntry
from tfs_notebook.wire.errors import FailedPrecondition, Internal, ServingError

__all__ = ["TRANSITIONS", "Harness", "HarnessState", "VersionSnapshot", "check_transition"]

T = TypeVar("T")


class HarnessState(enum.Enum):
    """Where a loader is in its life. The values are TensorFlow Serving's debug names."""

    NEW = "new"
    LOAD_REQUESTED = "load-requested"
    """The policy wants it loaded; it waits for its turn, its estimate, or for memory."""
    LOAD_APPROVED = "load-approved"
    LOADING = "loading"
    """A thread loads it, or it pauses between two attempts."""
    READY = "ready"
    UNLOAD_REQUESTED = "unload-requested"
    QUIESCING = "quiescing"
    """Out of the serving map; somebody still holds it."""
    QUIESCED = "quiesced"
    """Nobody holds it; it waits for a thread."""
    UNLOADING = "unloading"
    DISABLED = "disabled"
    ERROR = "error"

    def __str__(self) -> str:
        return self.value


TRANSITIONS: Final[Mapping[HarnessState, HarnessState]] = {
    HarnessState.NEW: HarnessState.LOAD_REQUESTED,
    HarnessState.LOAD_REQUESTED: HarnessState.LOAD_APPROVED,
    HarnessState.LOAD_APPROVED: HarnessState.LOADING,
    HarnessState.LOADING: HarnessState.READY,
    HarnessState.READY: HarnessState.UNLOAD_REQUESTED,
    HarnessState.UNLOAD_REQUESTED: HarnessState.QUIESCING,
    HarnessState.QUIESCING: HarnessState.QUIESCED,
    HarnessState.QUIESCED: HarnessState.UNLOADING,
    HarnessState.UNLOADING: HarnessState.DISABLED,
}
"""The one step forward from each state; beside it, ``ERROR`` from any state."""

BUSY: Final = frozenset(
    {
        HarnessState.LOAD_APPROVED,
        HarnessState.LOADING,
        HarnessState.UNLOAD_REQUESTED,
        HarnessState.QUIESCING,
        HarnessState.QUIESCED,
        HarnessState.UNLOADING,
    }
)
"""On the way in or out; no second loader of the same id may start meanwhile."""


def check_transition(old: HarnessState, new: HarnessState) -> None:
    """Allow or refuse a step. Pure.

    Raises:
        Internal: if the step is not legal.
    """
    if new is not HarnessState.ERROR and TRANSITIONS.get(old) is not new:
        raise Internal(f"Illegal request to transition from state {old} to {new}")


@dataclass(frozen=True)
class VersionSnapshot:
    """What the manager knew of one loader at one moment.

    There can be two of one id: the one that serves, no longer aspired, and the
    one that is to replace it from another origin. ``serial`` tells them apart;
    the later has the higher one.
    """

    id: ServableId
    state: HarnessState
    aspired: bool
    serial: int = 0
    origin: Hashable = None
    error: ServingError | None = None
    """Why it is in ``ERROR``, how its last attempt to load ended, or why it waits."""
    needed: int | None = None
    """RAM in bytes that loading it takes; None before it was estimated, which
    happens only where memory is limited."""
    reserved: int = 0
    """RAM in bytes that is set aside for it."""

    @property
    def decided(self) -> bool:
        """Whether its first load has succeeded or failed, or was put off for lack of memory."""
        if self.state in (HarnessState.LOAD_REQUESTED, HarnessState.LOADING):
            return self.error is not None
        return self.state in (HarnessState.READY, HarnessState.ERROR)


class Harness(Generic[T]):
    """A loader under management. Only the manager's thread may touch it.

    While ``running`` is set, a pool thread works on the loader. ``short`` says
    that there was no memory for it in an earlier turn. What the snapshot shows
    changes through methods only, because it is kept.
    """

    __slots__ = (
        "_snapshot",
        "aspired",
        "attempts",
        "entry",
        "error",
        "id",
        "loader",
        "needed",
        "origin",
        "reserved",
        "retry_at",
        "running",
        "serial",
        "short",
        "state",
        "turn",
    )

    def __init__(
        self, id_: ServableId, loader: Loader[T] | None, serial: int, origin: Hashable
    ) -> None:
        self.id = id_
        self.loader = loader
        self.serial = serial
        self.origin = origin
        self.aspired = True
        self.state = HarnessState.NEW
        self.error: ServingError | None = None
        self.attempts = 0
        self.needed: int | None = None
        self.reserved = 0
        self.short = False
        self.retry_at: float | None = None
        self.running = False
        self.turn = 0
        self.entry: ServedEntry[T] | None = None
        self._snapshot: VersionSnapshot | None = None

    def set_aspired(self, *, aspired: bool) -> None:
        """Want it, or want it no more."""
        self.aspired = aspired
        self._snapshot = None

    def advance(self, state: HarnessState) -> None:
        """Take one legal step.

        Raises:
            Internal: if the step is not legal.
        """
        check_transition(self.state, state)
        self.state = state
        self._snapshot = None

    def request_load(self, turn: int) -> None:
        """Put it in the queue of loads, where the lowest turn is first.

        Raises:
            FailedPrecondition: if that has happened before.
        """
        if self.state is not HarnessState.NEW:
            raise FailedPrecondition("Duplicate load request")
        self.advance(HarnessState.LOAD_REQUESTED)
        self.turn = turn

    def begin_estimate(self) -> None:
        """Start an attempt to find out how much memory it needs."""
        self.attempts += 1
        self.retry_at = None
        self.running = True

    def estimated(self, needed: int) -> None:
        """It is known how much memory it needs; the attempts to load count anew."""
        self.needed = needed
        self.attempts = 0
        self.error = None
        self._snapshot = None

    def deny(self, error: ServingError) -> None:
        """Let it wait for memory, and say so."""
        self.error = error
        self._snapshot = None

    def begin_load(self) -> bool:
        """Start an attempt, with the memory that it needs reserved; True if it is the first."""
        first = self.state is HarnessState.LOAD_REQUESTED
        if first:
            self.advance(HarnessState.LOAD_APPROVED)
            self.advance(HarnessState.LOADING)
            self.reserved = self.needed or 0
            self.error = None
        self.attempts += 1
        self.retry_at = None
        self.running = True
        return first

    def pause(self, error: ServingError, retry_at: float, turn: int) -> None:
        """Stay where it is, without a thread, until the next attempt is due."""
        self.error = error
        self._snapshot = None
        self.retry_at = retry_at
        self.turn = turn

    def shrink(self, reserved: int) -> None:
        """It takes less, now that it is loaded."""
        self.reserved = reserved
        self._snapshot = None

    def serve(self, entry: ServedEntry[T]) -> None:
        """It has been loaded."""
        self.error = None
        self.advance(HarnessState.READY)
        self.entry = entry

    def request_unload(self, turn: int) -> None:
        """Ask for its unload.

        Raises:
            FailedPrecondition: if it is not loaded, or that has happened before.
        """
        if self.state is not HarnessState.READY:
            raise FailedPrecondition("Servable not loaded, or unload already requested/ongoing")
        self.advance(HarnessState.UNLOAD_REQUESTED)
        self.turn = turn

    def discard_loaded(self, error: ServingError, turn: int) -> None:
        """It has been loaded and is not wanted: straight to its unload.

        Nobody has seen it, so there is nobody to wait for. ``error`` is what
        it ends with.
        """
        self.error = error
        self.advance(HarnessState.READY)
        self.request_unload(turn)
        self.advance(HarnessState.QUIESCING)
        self.advance(HarnessState.QUIESCED)

    def end(self, error: ServingError | None) -> None:
        """Unloaded, or failed for good. Lets go of the loader."""
        self.error = error
        self.advance(HarnessState.DISABLED if error is None else HarnessState.ERROR)
        self.retry_at = None
        self.reserved = 0
        self.loader = None
        self.entry = None

    @property
    def drained(self) -> bool:
        """Whether nobody can hold it any more, once it is retired."""
        return self.entry is None or not self.entry.holders

    def snapshot(self) -> VersionSnapshot:
        """An immutable copy of what others may know."""
        if self._snapshot is None:
            self._snapshot = VersionSnapshot(
                self.id,
                self.state,
                self.aspired,
                self.serial,
                self.origin,
                self.error,
                self.needed,
                self.reserved,
            )
        return self._snapshot
