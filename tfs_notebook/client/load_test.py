"""The same request again and again, so many at a time."""

from __future__ import annotations

import operator
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Final

from tfs_notebook.client.blocking_call import FuturePending
from tfs_notebook.client.calls import Call, Pause, Steps, ask
from tfs_notebook.client.limits import checked_seconds
from tfs_notebook.client.load_record import LoadLevel, LoadRecord
from tfs_notebook.client.progress_line import Line, new_line
from tfs_notebook.wire.errors import InvalidArgument, ServingError

__all__ = ["checked_levels", "run_load"]

_MOST_THREADS: Final = 256
_LINE_SECONDS: Final = 0.5
# A server that refuses at once is not to be asked as often as it can refuse.
_PAUSE_AFTER_ERROR_SECONDS: Final = 0.01


def checked_levels(concurrency: object, seconds: object) -> tuple[int, ...]:
    """How many at a time, level by level; of a single number too.

    Raises:
        InvalidArgument: that cannot be run; the text says what can.
    """
    given = concurrency if isinstance(concurrency, Iterable) else (concurrency,)
    try:
        levels = tuple(map(operator.index, given))
    except TypeError:
        levels = ()
    if not levels or not all(1 <= one <= _MOST_THREADS for one in levels):
        raise InvalidArgument(
            f"concurrency is numbers from 1 to {_MOST_THREADS}, as 1,2,4,8, not {concurrency}"
        )
    checked_seconds("seconds", seconds)
    return levels


def run_load(
    model: str,
    request: str,
    new_call: Callable[[], Call[Any]],
    concurrency: Sequence[int],
    seconds: float,
) -> Steps[LoadRecord]:
    """Send a request for some seconds at each level, with a line that tells of it.

    An interrupt ends it with what was measured. Threads that have asked end with the
    answer to their request.

    Args:
        model: for the record.
        request: likewise.
        new_call: makes the request; called on many threads at once.
        concurrency: how many at a time, level by level.
        seconds: for each level.
    """
    levels: list[LoadLevel] = []
    line = new_line()
    was_interrupted = False
    for number in concurrency:
        level = _Level(number, new_call)
        try:
            yield from level.run(seconds, line, f"{model}: {number} at a time")
        except KeyboardInterrupt:
            was_interrupted = True
        levels.append(level.measured())
        if was_interrupted:
            break
    measured = f"{len(levels)} level{'' if len(levels) == 1 else 's'}"
    line.end(f"{model}: measured {measured}{' until interrupted' if was_interrupted else ''}")
    return LoadRecord(model, request, tuple(levels), was_interrupted)


class _Level:
    """One level, under way."""

    def __init__(self, concurrency: int, new_call: Callable[[], Call[Any]]) -> None:
        self._concurrency = concurrency
        self._new_call = new_call
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._latencies: list[float] = []
        self._errors: Counter[str] = Counter()
        self._first_error = ""
        self._began = self._ended = 0.0
        self._working = concurrency
        self._all_done: Future[None] = Future()

    def run(self, seconds: float, line: Line, title: str) -> Steps[None]:
        threads = [
            threading.Thread(target=self._work, name="tfs-load", daemon=True)
            for _ in range(self._concurrency)
        ]
        self._began = time.perf_counter()
        try:
            for thread in threads:
                thread.start()
            while (left := self._began + seconds - time.perf_counter()) > 0:
                yield Pause(min(left, _LINE_SECONDS))
                line.show(f"{title} … {len(self._latencies)} answered")
            self._finish()
            yield from ask(FuturePending(self._all_done))
            for thread in threads:
                thread.join()
        finally:
            self._finish()

    def _finish(self) -> None:
        if not self._stop.is_set():
            self._ended = time.perf_counter()
            self._stop.set()

    def _work(self) -> None:
        try:
            self._send_until_stopped()
        finally:
            with self._lock:
                self._working -= 1
                is_last = not self._working
            if is_last:
                self._all_done.set_result(None)

    def _send_until_stopped(self) -> None:
        while not self._stop.is_set():
            began = time.perf_counter()
            try:
                self._new_call().wait()
            except ServingError as error:
                self._failed(error)
                self._stop.wait(_PAUSE_AFTER_ERROR_SECONDS)
                continue
            ended = time.perf_counter()
            # What is answered after the end counts for no rate.
            if not self._stop.is_set():
                self._latencies.append(ended - began)

    def _failed(self, error: ServingError) -> None:
        with self._lock:
            if self._stop.is_set():
                return
            self._errors[error.code.name] += 1
            self._first_error = self._first_error or f"{error.code.name}: {error.message}"

    def measured(self) -> LoadLevel:
        with self._lock:
            return LoadLevel(
                self._concurrency,
                self._ended - self._began,
                tuple(self._latencies),
                dict(self._errors),
                self._first_error,
            )
