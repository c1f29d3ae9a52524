"""The files of a request log: private, rotated, and never two servers' at once."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["LogFiles", "LogLimits"]

_OWNER_ONLY: Final = 0o600
_PIECE_BYTES: Final = 1 << 20
_MOST_TRIES: Final = 1000


@dataclass(frozen=True, slots=True)
class LogLimits:
    """When the next file begins, and how many are kept.

    Attributes:
        bytes: of a file; one that holds a single record may be larger.
        seconds: from the first record of a file on.
        files: those of a server and a prefix that are kept; 0 for all.
    """

    bytes: int
    seconds: float
    files: int


class LogFiles:
    """Appends records to the files of one prefix; belongs to one thread.

    A file is ``PREFIX.TIME.SERVER.NUMBER.tfrecord``, and is made anew: no file that is
    there is ever written to, nor is one behind a link. Whatever is in it may be read at
    any time, up to the last record.

    Args:
        directory: where they lie.
        prefix: a plain name.
        server: tells the files of a server, and of its earlier runs, from those of others:
            eight characters.
        limits: see :class:`LogLimits`.
        clock: seconds that never run backwards.
    """

    def __init__(
        self,
        directory: Path,
        prefix: str,
        server: str,
        limits: LogLimits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._prefix = prefix
        self._server = server
        self._limits = limits
        self._clock = clock
        self._number = 0
        self._handle = -1
        self._path = directory
        self._size = 0
        self._began = 0.0
        name = rf"{re.escape(prefix)}\.\d{{8}}T\d{{6}}Z\.{re.escape(server)}\.\d{{6}}\.tfrecord"
        self._own = re.compile(name)

    @property
    def prefix(self) -> str:
        """What the names of the files begin with."""
        return self._prefix

    @property
    def place(self) -> str:
        """Which files these are, for messages."""
        return str(self._directory / f"{self._prefix}.*.tfrecord")

    def paths(self) -> list[Path]:
        """The files there are, the oldest first; blocks on the directory.

        Raises:
            OSError: it cannot be read.
        """
        names = (path.name for path in self._directory.iterdir())
        # The time in front, so that they are in the order in which they were made.
        return [self._directory / name for name in sorted(filter(self._own.fullmatch, names))]

    def write(self, records: Sequence[bytes]) -> tuple[int, OSError | None]:
        """Append records; blocks on the disk.

        Returns:
            how many have been written, the first ones, and why no more have been. What was
            written of another is cut off again.
        """
        written = 0
        while written < len(records):
            try:
                taken = self._room_for(records, written)
                self._append(b"".join(records[written : written + taken]))
            except OSError as error:
                self._give_up()
                return written, error
            written += taken
        return written, None

    def _room_for(self, records: Sequence[bytes], first: int) -> int:
        """How many of them go into the file there is now, in one piece: at least one."""
        most = self._limits.bytes
        if self._handle >= 0 and self._size and self._size + len(records[first]) > most:
            self.close()
        if self._handle < 0:
            self._open()
        size = self._size
        taken = 0
        for record in records[first:]:
            size += len(record)
            if taken and (size > most or size - self._size > _PIECE_BYTES):
                break
            taken += 1
        return taken

    def _open(self) -> None:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        for _ in range(_MOST_TRIES):
            self._number = self._number % 999_999 + 1
            name = f"{self._prefix}.{stamp}.{self._server}.{self._number:06d}.tfrecord"
            path = self._directory / name
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            try:
                self._handle = os.open(path, flags, _OWNER_ONLY)
            except FileExistsError:
                continue
            self._path, self._size, self._began = path, 0, self._clock()
            self._remove_oldest()
            return
        raise FileExistsError(f"{_MOST_TRIES} names like {path} are taken")

    def _remove_oldest(self) -> None:
        if not self._limits.files:
            return
        others = [path for path in self.paths() if path.name != self._path.name]
        for path in others[: max(0, len(others) + 1 - self._limits.files)]:
            with suppress(OSError):
                path.unlink()

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._handle, view) :]
        self._size += len(data)

    def _give_up(self) -> None:
        """Leave the file as it was before what could not be written as a whole."""
        if self._handle < 0:
            return
        with suppress(OSError):
            os.ftruncate(self._handle, self._size)
        if not self._size:
            with suppress(OSError):
                self._path.unlink()
        with suppress(OSError):
            self.close()

    @property
    def ends(self) -> float | None:
        """When the file there is now is old enough, by the clock; None if there is none."""
        return None if self._handle < 0 else self._began + self._limits.seconds

    def close_if_old(self) -> None:
        """Let the next record begin a new file, if this one is old enough."""
        if (ends := self.ends) is not None and self._clock() >= ends:
            self.close()

    def close(self) -> None:
        """End the file; the next record begins a new one. Idempotent."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)
