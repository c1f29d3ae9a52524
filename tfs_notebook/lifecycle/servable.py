"""What is served: ids, the data a source hands on, requests, and handles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar, cast

from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, ServingError

__all__ = [
    "MAX_VERSION",
    "MemoryHold",
    "ServableData",
    "ServableHandle",
    "ServableId",
    "ServableRequest",
    "ServedEntry",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_VERSION: Final = 2**63 - 1
"""Versions are int64 on the wire."""


@dataclass(frozen=True, order=True)
class ServableId:
    """A name and a version: what a manager loads, and what a client asks for.

    Ordered by name, then version. ``str()`` is TensorFlow Serving's text,
    ``{name: m version: 1}``.

    Raises:
        InvalidArgument: if the version is negative or does not fit in int64.
    """

    name: str
    version: int

    def __post_init__(self) -> None:
        if not 0 <= self.version <= MAX_VERSION:
            raise InvalidArgument(
                f"A servable version is a number from 0 to {MAX_VERSION}; "
                f"{self.name!r} came with {self.version}"
            )

    def __str__(self) -> str:
        return f"{{name: {self.name} version: {self.version}}}"


class ServableData(Generic[T_co]):
    """An id with what it takes to serve it, or with why that is impossible.

    Immutable. Build one with :meth:`of` or :meth:`failed`.
    """

    __slots__ = ("_data", "error", "id")

    id: ServableId
    error: ServingError | None

    def __init__(self, id_: ServableId, data: T_co | None, error: ServingError | None) -> None:
        self.id = id_
        self._data = data
        self.error = error

    @staticmethod
    def of(id_: ServableId, data: T) -> ServableData[T]:
        """The id with its data."""
        return ServableData(id_, data, None)

    @staticmethod
    def failed(id_: ServableId, error: ServingError) -> ServableData[Any]:
        """The id with the error that stands for its data."""
        return ServableData(id_, None, error)

    @property
    def data(self) -> T_co:
        """The data.

        Raises:
            ServingError: the error of this item, if it has one.
        """
        if self.error is not None:
            raise self.error
        return cast("T_co", self._data)

    def __repr__(self) -> str:
        content = f"error={self.error.status_text!r}" if self.error else f"data={self._data!r}"
        return f"ServableData({self.id}, {content})"


class ServableRequest(NamedTuple):
    """Which version of a name is meant: one number, the latest or the earliest.

    A plain tuple, because it is itself the key of the serving map: a lookup
    is one dictionary read whatever kind of request it is. Requests can be
    kept and used again.
    """

    name: str
    version: int | Literal["latest", "earliest"]

    @classmethod
    def latest(cls, name: str) -> ServableRequest:
        """The highest version that is being served."""
        return cls(name, "latest")

    @classmethod
    def earliest(cls, name: str) -> ServableRequest:
        """The lowest version that is being served."""
        return cls(name, "earliest")

    @classmethod
    def specific(cls, name: str, version: int) -> ServableRequest:
        """Exactly this version."""
        return cls(name, version)

    @classmethod
    def for_id(cls, id_: ServableId) -> ServableRequest:
        """Exactly this id."""
        return cls(id_.name, id_.version)

    def __str__(self) -> str:
        if isinstance(self.version, int):
            return f"Specific({self.name}, {self.version})"
        return f"{self.version.capitalize()}({self.name})"


class ServedEntry(Generic[T]):
    """A servable in the serving map, and who is using it.

    How a reader takes hold of it without a lock and without a race against
    its unload (both orders matter):

    * A reader first appends to ``holders`` and *then* reads ``retired``. If it
      is set, the reader takes its hold back and looks in the fresh map.
    * The manager first publishes a map without the entry, then sets
      ``retired``, and *then* looks at ``holders``.

    Each of these steps is atomic under the interpreter, so they have one
    order. Either the append comes before ``retired`` is set, and the manager,
    which looks later, sees the hold and waits; or it comes after, and the
    reader, which looks later, sees ``retired`` and backs out. Once the manager
    has seen a retired entry without holders, nobody can obtain it any more,
    though a reader that is about to back out may still flit through
    ``holders``.

    Whoever gives back a hold pops first and reads ``retired`` second, so that
    of the last pop and the manager's look one always sees the other: the
    signal cannot be lost, only given twice. Nothing is signalled while the
    entry serves, so serving costs no wake-ups; unless somebody watches it, who
    in the same way says so first and looks at the holders second.

    ``holders`` is a deque because its append, pop and truth value are atomic,
    which ``count += 1`` is not.

    A run that hangs gives its hold back, so that nobody waits for it, and takes a
    hold on the memory before: ``lingering``. It does so while it still has the
    other one. So whoever finds a retired entry without holders finds all that
    linger as well, and none is added after that: only a holder can.
    """

    __slots__ = (
        "_on_freed",
        "_on_idle",
        "holders",
        "id",
        "lingering",
        "retired",
        "servable",
        "watched",
    )

    def __init__(self, id_: ServableId, servable: T, on_idle: Callable[[], None]) -> None:
        """Make an entry.

        Args:
            id_: what is served.
            servable: the thing itself.
            on_idle: called on the releasing thread, perhaps from a finalizer,
                when an entry that is retired or watched has lost its last
                holder. Must not block nor take a lock.
        """
        self.id = id_
        self.servable = servable
        self.holders: deque[None] = deque()
        self.lingering: deque[None] = deque()
        self.retired = False
        self.watched = False
        self._on_idle = on_idle
        self._on_freed: list[Callable[[], None]] = []

    def is_held(self, *, watch: bool = False) -> bool:
        """Whether somebody holds it now, or its memory.

        Args:
            watch: signal once, when nobody does any more.
        """
        if watch:
            self.watched = True
        return bool(self.holders or self.lingering)

    def drop(self) -> None:
        """Give one hold back."""
        self.holders.pop()
        if (self.retired or self.watched) and not self.holders:
            # Before the signal: whoever watches anew meanwhile looks again then.
            self.watched = False
            self._on_idle()

    def when_freed(self, free: Callable[[], None]) -> None:
        """Call this once nothing lingers, which may be now; the entry is retired and drained.

        Called once, on the thread that lets go last, or on this one.
        """
        # First it is there, then it is looked for; who lets go does both in the opposite
        # order. So one of the two finds it, and to pop is atomic: only one does.
        self._on_freed.append(free)
        if not self.lingering:
            self._freed()

    def let_go(self) -> None:
        """Give one hold on the memory back."""
        self.lingering.pop()
        if self.lingering:
            return
        self._freed()
        if self.watched and not self.holders:
            self.watched = False
            self._on_idle()

    def _freed(self) -> None:
        try:
            free = self._on_freed.pop()
        except IndexError:
            return
        free()


class MemoryHold:
    """Keeps a servable's memory, and keeps nobody waiting: it may be retired and replaced.

    Made by :meth:`ServableHandle.keep_memory`. Any thread may release it.
    """

    __slots__ = ("_entry",)

    def __init__(self, entry: ServedEntry[Any]) -> None:
        entry.lingering.append(None)
        self._entry = entry

    def release(self) -> None:
        """Let go of it; call it once. What is unloaded is freed then, on another thread."""
        self._entry.let_go()


class ServableHandle(Generic[T]):
    """A hold on a servable, which is not unloaded before the handle is released.

    Use it as a context manager, or call :meth:`release`. A handle that is
    simply dropped releases itself. Any thread may use and release it, also
    another one than that which obtained it; nothing here blocks.
    """

    __slots__ = ("_entry", "id")

    id: ServableId
    """What is held; still there after the release."""

    def __init__(self, entry: ServedEntry[T]) -> None:
        self.id = entry.id
        self._entry = entry

    @property
    def servable(self) -> T:
        """The servable.

        Raises:
            FailedPrecondition: if the handle has been released.
        """
        try:
            return self._entry.servable
        except AttributeError:
            raise FailedPrecondition(
                f"The handle of servable {self.id} has been released"
            ) from None

    def keep_memory(self) -> MemoryHold:
        """Have the memory stay, also when this handle has been released.

        For a run that hangs: its version is unloaded without waiting for it, but not
        freed. Call it before the release.

        Raises:
            FailedPrecondition: if the handle has been released.
        """
        _ = self.servable
        return MemoryHold(self._entry)

    @property
    def lingering(self) -> int:
        """How many runs hang in the servable; the handle has not been released."""
        return len(self._entry.lingering)

    def release(self) -> None:
        """Let go of the servable; calls after the first do nothing."""
        try:
            entry = self._entry
            # Deleting a slot is atomic and fails the second time, so of two
            # threads that release at once exactly one comes through.
            del self._entry
        except AttributeError:
            return
        entry.drop()

    def __enter__(self) -> ServableHandle[T]:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def __del__(self) -> None:
        # A hold that leaks would keep the old version in memory for ever. Most
        # handles have been released, and asking first is faster than failing.
        if hasattr(self, "_entry"):
            self.release()
