"""The thread that writes request logs, and the queue in front of it."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tfs_notebook.serving.request_logs.log_contents import Content
from tfs_notebook.serving.request_logs.log_files import LogFiles
from tfs_notebook.wire.errors import Code, ServingError
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.prediction_logs import encode_prediction_log
from tfs_notebook.wire.tfrecord import encode_record

__all__ = ["LogEntry", "LogWriter"]

_log = logging.getLogger(__name__)

_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_ENTRIES: Final = 10_000
# A file is behind by so much at most; and the thread wakes up no oftener than that.
_FLUSH_SECONDS: Final = 1.0
_RETRY_SECONDS: Final = 5.0
_REPORT_SECONDS: Final = 60.0


@dataclass(slots=True)
class LogEntry:
    """An answered request that is to be written.

    Attributes:
        files: where to.
        sampling: the ``SamplingConfig`` by which it was chosen, serialised.
        answering: the model, the version and the signature that answered.
        seconds: when, since 1970.
        content: what was asked and answered.
    """

    files: LogFiles
    sampling: bytes
    answering: ModelReference
    seconds: int
    content: Content


class LogWriter:
    """Writes entries in the order in which they come, on a thread of its own.

    The thread starts with the first entry. What there is no room for is dropped and
    counted, and so is what cannot be written: nobody who is answered waits for a disk.

    Args:
        tags: of the meta graph that is run.
        most_bytes: that may wait.
        most_entries: that may wait.
        clock: seconds that never run backwards.
    """

    def __init__(
        self,
        tags: Iterable[str],
        *,
        most_bytes: int = _MOST_BYTES,
        most_entries: int = _MOST_ENTRIES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tags = tuple(tags)
        self._most_bytes, self._most_entries = most_bytes, most_entries
        self._clock = clock
        self._changed = threading.Condition()
        self._queue: list[LogEntry] = []
        # Also those that the thread has taken, until they are written.
        self._entries = self._bytes = 0
        self._closing = False
        self._thread: threading.Thread | None = None
        self._counts: Counter[tuple[str, str]] = Counter()
        self._wanted: frozenset[str] | None = None
        # The thread's own: those of a prefix are written to by way of one object.
        self._open: dict[str, LogFiles] = {}
        self._retry_at: dict[str, float] = {}
        self._reported: Counter[str] = Counter()
        self._reported_at: float | None = None

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """Requests that were to be logged, by model and by what became of that.

        ``OK``: written; ``RESOURCE_EXHAUSTED``: dropped, because too many waited; other
        names of codes: not written, for other reasons. Any thread may ask.
        """
        with self._changed:
            return dict(self._counts)

    def put(self, entry: LogEntry) -> None:
        """Have it written, or dropped. Any thread may call it; does not block.

        Raises:
            RuntimeError: there can be no thread that writes it.
        """
        size = entry.content.size
        with self._changed:
            if (
                self._closing
                or self._entries >= self._most_entries
                or self._bytes + size > self._most_bytes
            ):
                self._counts[entry.answering.name, Code.RESOURCE_EXHAUSTED.name] += 1
                return
            if self._thread is None:
                # Where there can be no more threads nothing is queued for it.
                thread = threading.Thread(target=self._run, name="tfs-request-log", daemon=True)
                thread.start()
                self._thread = thread
            self._queue.append(entry)
            self._entries += 1
            self._bytes += size
            if len(self._queue) == 1 or self._is_pressing():
                self._changed.notify()

    def keep(self, prefixes: Iterable[str]) -> None:
        """These alone go on: end the files of others soon. Any thread may call it."""
        with self._changed:
            self._wanted = frozenset(prefixes)
            self._changed.notify()

    def fail(self, model: str, error: Exception) -> None:
        """Count a request that could not even be kept. Any thread may call it."""
        with self._changed:
            self._counts[model, _code_of(error).name] += 1
        _log.debug("a request of %s is not logged: %r", model, error)

    def close(self, timeout: float) -> None:
        """Write what waits, end the files and the thread; blocks for ``timeout`` at most."""
        with self._changed:
            self._closing = True
            self._changed.notify()
            thread = self._thread
        if thread is None:
            return
        thread.join(timeout)
        if thread.is_alive():
            _log.warning("request log: the disk does not answer; what waits for it is lost")

    # -- on the thread -----------------------------------------------------------------

    def _run(self) -> None:
        while True:
            entries, closing = self._next()
            try:
                self._write(entries)
            except Exception:  # noqa: BLE001 - the next ones are to be written
                _log.exception("request log: %d records are lost", len(entries))
            with self._changed:
                self._entries -= len(entries)
                self._bytes -= sum(entry.content.size for entry in entries)
                closing = closing and not self._queue
            self._report(at_once=closing)
            if closing:
                break
        for files in self._open.values():
            files.close()

    def _next(self) -> tuple[list[LogEntry], bool]:
        with self._changed:
            if not self._queue and not self._closing:
                self._changed.wait(self._until_old())
            if self._queue and not self._closing:
                self._changed.wait_for(
                    lambda: self._closing or self._is_pressing(), _FLUSH_SECONDS
                )
            entries, self._queue = self._queue, []
            return entries, self._closing

    def _is_pressing(self) -> bool:
        half = 2 * self._entries >= self._most_entries
        return half or 2 * self._bytes >= self._most_bytes

    def _until_old(self) -> float | None:
        """Seconds until a file is to be ended; None if there is none. Called with the lock."""
        if self._wanted is not None and not self._open.keys() <= self._wanted:
            return 0.0
        ends = [end for files in self._open.values() if (end := files.ends) is not None]
        return max(0.0, min(ends) - self._clock()) if ends else None

    def _write(self, entries: list[LogEntry]) -> None:
        self._close_some()
        by_prefix: dict[str, list[LogEntry]] = {}
        for entry in entries:
            by_prefix.setdefault(entry.files.prefix, []).append(entry)
        for theirs in by_prefix.values():
            self._write_to(theirs[0].files, theirs)

    def _close_some(self) -> None:
        with self._changed:
            wanted = self._wanted
        for prefix, files in list(self._open.items()):
            if wanted is not None and prefix not in wanted:
                files.close()
                del self._open[prefix]
                self._retry_at.pop(prefix, None)
            else:
                files.close_if_old()

    def _write_to(self, files: LogFiles, entries: list[LogEntry]) -> None:
        files = self._open.setdefault(files.prefix, files)
        if self._clock() < self._retry_at.get(files.prefix, 0.0):
            self._count(entries, Code.UNAVAILABLE)
            return
        good, records = self._encoded(entries)
        written, error = files.write(records)
        self._count(good[:written], Code.OK)
        self._count(good[written:], Code.UNAVAILABLE)
        if error is not None:
            if files.prefix not in self._retry_at:
                _log.warning(
                    "request log: cannot write %s: %s. Requests are answered, and not logged; "
                    "it is tried again every %d s",
                    files.place,
                    error.strerror or error,
                    _RETRY_SECONDS,
                )
            self._retry_at[files.prefix] = self._clock() + _RETRY_SECONDS
        elif written and self._retry_at.pop(files.prefix, None) is not None:
            _log.info("request log: %s is written again", files.place)

    def _encoded(self, entries: list[LogEntry]) -> tuple[list[LogEntry], list[bytes]]:
        good: list[LogEntry] = []
        records: list[bytes] = []
        for entry in entries:
            content = entry.content
            try:
                request, response = content.encode()
                record = encode_prediction_log(
                    content.kind,
                    entry.answering,
                    entry.sampling,
                    self._tags,
                    entry.seconds,
                    request,
                    response,
                )
                records.append(encode_record(record))
            except Exception as error:  # noqa: BLE001 - the others are to be written
                self.fail(entry.answering.name, error)
            else:
                good.append(entry)
        return good, records

    def _count(self, entries: list[LogEntry], code: Code) -> None:
        with self._changed:
            for entry in entries:
                self._counts[entry.answering.name, code.name] += 1

    def _report(self, *, at_once: bool) -> None:
        """Say what was lost, once a minute at most."""
        now = self._clock()
        last = self._reported_at
        if not at_once and last is not None and now < last + _REPORT_SECONDS:
            return
        totals: Counter[str] = Counter()
        for (_, code), number in self.counts.items():
            totals[code] += number
        new = totals - self._reported
        written, dropped = new[Code.OK.name], new[Code.RESOURCE_EXHAUSTED.name]
        failed = new.total() - written - dropped
        if dropped or failed:
            _log.warning(
                "request log: %d requests written, %d dropped because too many waited, %d not "
                "written for other reasons",
                written,
                dropped,
                failed,
            )
            self._reported, self._reported_at = totals, now


def _code_of(error: Exception) -> Code:
    return error.code if isinstance(error, ServingError) else Code.INTERNAL
