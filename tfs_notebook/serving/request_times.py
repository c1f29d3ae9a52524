"""Where the time of one request goes, for those who log or trace it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple, TypeVar

from tfs_notebook.batching.run_watch import WatchedRun, Watches
from tfs_notebook.serving.prediction import Prediction

__all__ = ["Parts", "RequestTimes", "observed"]

_T = TypeVar("_T")

_CURRENT: Final[ContextVar[RequestTimes | None]] = ContextVar("request_times", default=None)


class Parts(NamedTuple):
    """Seconds of ``time.perf_counter`` between which a request did something.

    What it has not come to is None; what it was at when it was given up ends then.

    Attributes:
        prepare: it was understood, on a thread.
        queue: it waited for its run.
        run: its model ran, with others in a batch perhaps.
    """

    prepare: tuple[float, float] | None
    queue: tuple[float, float] | None
    run: tuple[float, float] | None


class RequestTimes:
    """Takes note of the steps of one request, wherever they happen; read by its door.

    Of a request that makes several predictions the last one is told.

    Attributes:
        received: when the door had its head.
        model: its name, when that is known.
        version: of that model.
        signature: that it asks for.
        rows: of its inputs, where they have any.
    """

    __slots__ = (
        "_begun",
        "_prediction",
        "_prepared",
        "_run_began",
        "_run_ended",
        "model",
        "received",
        "rows",
        "signature",
        "version",
    )

    def __init__(self, received: float) -> None:
        self.received = received
        self.model: str | None = None
        self.version: int | None = None
        self.signature: str | None = None
        self.rows: int | None = None
        self._begun: float | None = None
        self._prepared: float | None = None
        self._run_began: float | None = None
        self._run_ended: float | None = None
        self._prediction: Prediction[Any] | None = None

    @contextmanager
    def current(self) -> Iterator[None]:
        """What is asked of a runner meanwhile, or by a task that is made meanwhile, is this."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    def prepare(self, prepare: Callable[[], Prediction[_T]]) -> Prediction[_T]:
        """Do so, and take note of it and of the run to come."""
        self._begun = time.perf_counter()
        prediction = prepare()
        self.model, self.version, self.signature = prediction.target
        self.rows = _rows(prediction)
        if prediction.is_batched:
            self._prediction = prediction
            prediction.before_answer(self._ran)
        else:
            prediction.watched_by(lambda watch: _TimedRun(watch, self))
        self._prepared = time.perf_counter()
        return prediction

    def _ran(self) -> None:
        self._run_ended = time.perf_counter()

    def begin_run(self) -> None:
        """Its run begins."""
        self._run_began = time.perf_counter()

    def end_run(self) -> None:
        """Its run has ended, whichever way."""
        self._run_ended = time.perf_counter()

    def parts(self, ended: float) -> Parts:
        """What it was at, and when.

        Args:
            ended: when it was answered, or given up.
        """
        self._read_batch()
        return Parts(
            _between(self._begun, self._prepared, ended),
            _between(self._prepared, self._run_began, ended),
            _between(self._run_began, self._run_ended, ended),
        )

    def _read_batch(self) -> None:
        # A batch's thread says it to the prediction alone. That knows of these times, and
        # would be kept, with its inputs, until a collection of garbage.
        prediction, self._prediction = self._prediction, None
        if prediction is None or not hasattr(prediction, "started"):
            return
        if prediction.started > prediction.enqueued:
            self._run_began = prediction.started
            if self._run_ended is None and prediction.ended > prediction.started:
                self._run_ended = prediction.ended


class _TimedRun:
    """A watch that tells when a run begins and ends."""

    __slots__ = ("_times", "_watch")

    def __init__(self, watch: Watches, times: RequestTimes) -> None:
        self._watch = watch
        self._times = times

    def run(self, run: WatchedRun, work: Callable[[], _T]) -> _T:
        """See ``RunWatch``."""
        self._times.begin_run()
        try:
            return self._watch.run(run, work)
        finally:
            self._times.end_run()


def _between(
    begun: float | None, over: float | None, ended: float
) -> tuple[float, float] | None:
    if begun is None or begun > ended:
        return None
    return begun, min(ended, ended if over is None else over)


def _rows(prediction: Prediction[Any]) -> int | None:
    for array, _ in prediction.inputs.values():
        if array.ndim:
            return int(array.shape[0])
    return None


def observed(prepare: Callable[[], Prediction[_T]]) -> Callable[[], Prediction[_T]]:
    """The same, with its times taken if the request at hand is observed."""
    times = _CURRENT.get()
    return prepare if times is None else lambda: times.prepare(prepare)
