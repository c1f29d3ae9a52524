"""``assets.extra/tf_serving_warmup_requests``: requests made before a version serves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Final

from google.protobuf.message import DecodeError

from tfs_notebook.serving.warmup.requests import Run
from tfs_notebook.serving.warmup.threads import WarmUpWork
from tfs_notebook.wire.errors import DataLoss, FailedPrecondition, InvalidArgument
from tfs_notebook.wire.messages import PredictionLog
from tfs_notebook.wire.tfrecord import read_records

__all__ = ["MOST_RECORDS", "WarmUpFile", "open_warmup_file", "warmup_file_of"]

MOST_RECORDS: Final = 1000

_SHOWN_BYTES: Final = 200


def warmup_file_of(version: Path) -> Path:
    """Where the file of a version lies, if it has one."""
    return version / "assets.extra" / "tf_serving_warmup_requests"


def open_warmup_file(path: Path) -> BinaryIO | None:
    """Open it for reading; None if there is none.

    Raises:
        FailedPrecondition: it cannot be read.
    """
    try:
        # Whoever opened a pipe would wait for one who writes.
        if not S_ISREG(path.stat().st_mode):
            raise FailedPrecondition(f"The warm-up data at {path} is not a file")
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FailedPrecondition(
            f"The warm-up data at {path} cannot be read: {error.strerror}"
        ) from None


class WarmUpFile:
    """Makes the requests of one file; several threads may share it.

    Args:
        file: open for reading, at its beginning.
        path: of it, for messages.
        runs: what is to be run for a record.
        iterations: how often each record is.
        go_on: raises if there is no use in going on.

    Attributes:
        records: how many have been run.
        runs_made: all of them.
    """

    def __init__(
        self,
        file: BinaryIO,
        path: Path,
        runs: Callable[[PredictionLog], list[Run]],
        iterations: int,
        go_on: Callable[[], None],
    ) -> None:
        self._path = path
        self._runs = runs
        self._iterations = iterations
        self._go_on = go_on
        self._lock = threading.Lock()
        self._records: Iterator[bytes] = read_records(file)
        self._read = 0
        self.records = self.runs_made = 0

    def play(self, work: WarmUpWork) -> None:
        """Run what no other thread has taken, until there is no more or one has failed.

        Raises:
            InvalidArgument: a record is no ``PredictionLog``, or there are too many.
            DataLoss: it is no TFRecord file.
            Unimplemented: a record of a kind that cannot be made again.
            ServingError: what a request comes to.
        """
        while not work.failed and (record := self._next()) is not None:
            made = 0
            runs = self._runs(self._parsed(record))
            for _ in range(self._iterations):
                for run in runs:
                    self._go_on()
                    run()
                    made += 1
            with self._lock:
                self.records += 1
                self.runs_made += made

    def _next(self) -> bytes | None:
        with self._lock:
            try:
                record = next(self._records, None)
            except DataLoss as error:
                raise DataLoss(
                    f"{error.message}. Please verify your warmup data is in TFRecord format."
                ) from None
            if record is not None:
                self._read += 1
                if self._read > MOST_RECORDS:
                    raise InvalidArgument(
                        f"Number of warmup records exceeds the maximum ({MOST_RECORDS}) at "
                        f"{self._path}"
                    )
            return record

    def _parsed(self, record: bytes) -> PredictionLog:
        try:
            return PredictionLog.FromString(record)
        except DecodeError:
            shown = record[:_SHOWN_BYTES].decode("utf-8", "replace")
            cut = "…" if len(record) > _SHOWN_BYTES else ""
            raise InvalidArgument(
                f"Failed to parse warmup record: {shown}{cut} from {self._path}"
            ) from None
