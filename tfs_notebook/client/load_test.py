"""The same request again and again, so many at a time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from tfs_notebook.client.calls import Call
from tfs_notebook.client.load_record import LoadLevel, LoadRecord
from tfs_notebook.client.progress_line import Line, new_line
from tfs_notebook.wire.errors import InvalidArgument, ServingError

__all__ = ["check_load", "run_load"]

_MOST_THREADS: Final = 256
_LINE_SECONDS: Final = 0.5
# A server that refuses at once is not to be asked as often as it can refuse.
_PAUSE_AFTER_ERROR_SECONDS: Final = 0.01


def check_load(concurrency: Sequence[int], seconds: float) -> None:
    """Refuse what cannot be run.

    Raises:
        InvalidArgument: the text says what can.
    """
    if not concurrency or not all(
        isinstance(one, int) and 1 <= one <= _MOST_THREADS for one in concurrency
    ):
        raise InvalidArgument(
            f"concurrency is numbers from 1 to {_MOST_THREADS}, as 1,2,4,8, not {concurrency}"
        )
    if not seconds > 0:
        raise InvalidArgument(f"seconds has to be more than 0, and is {seconds:g}")


def run_load(
    model: str,
    request: str,
    new_call: Callable[[], Call[Any]],
    concurrency: Sequence[int],
    seconds: float,
) -> LoadRecord:
    """Send a request for some seconds at each level; blocks, with a line that tells of it.

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
            level.run(seconds, line, f"{model}: {number} at a time")
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

    def run(self, seconds: float, line: Line, title: str) -> None:
        threads = [
            threading.Thread(target=self._work, name="tfs-load", daemon=True)
            for _ in range(self._concurrency)
        ]
        self._began = time.perf_counter()
        try:
            for thread in threads:
                thread.start()
            while (left := self._began + seconds - time.perf_counter()) > 0:
                time.sleep(min(left, _LINE_SECONDS))
                line.show(f"{title} … {len(self._latencies)} answered")
            self._finish()
            for thread in threads:
                thread.join()
        finally:
            self._finish()

    def _finish(self) -> None:
        if not self._stop.is_set():
            self._ended = time.perf_counter()
            self._stop.set()

    def _work(self) -> None:
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
