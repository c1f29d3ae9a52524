"""Where the time of one request to ``/predict`` went."""

from __future__ import annotations

import time
from typing import Any, Final

from tfs_notebook.serving.prediction import Prediction

__all__ = ["RawTiming"]

_MILLISECONDS: Final = 1000


class RawTiming:
    """Takes note of the steps of one request, in their order; one thread at a time.

    The header that tells of them has milliseconds: ``queue`` until a thread had it, and in
    the queue of a batch; ``prepare`` for words and pixels; ``run`` for the model, until there
    was an answer to be written; ``total`` for all of that.
    """

    __slots__ = ("_begun", "_prediction", "_prepared", "_received")

    def __init__(self) -> None:
        self._received = self._begun = self._prepared = time.perf_counter()
        self._prediction: Prediction[Any] | None = None

    def begin(self) -> None:
        """A thread has it, perhaps not for the first time."""
        self._begun = self._prepared = time.perf_counter()

    def prepared(self, prediction: Prediction[Any] | None = None) -> None:
        """Its tensors are there.

        Args:
            prediction: that is to be run now, with others perhaps.
        """
        self._prepared = time.perf_counter()
        self._prediction = prediction

    def header(self) -> tuple[str, str]:
        """``Server-Timing``, where browsers look for it; the answer is to be written now."""
        now = time.perf_counter()
        waited = self._waited()
        steps = {
            "queue": self._begun - self._received + waited,
            "prepare": self._prepared - self._begun,
            "run": now - self._prepared - waited,
            "total": now - self._received,
        }
        told = (f"{name};dur={took * _MILLISECONDS:.3f}" for name, took in steps.items())
        return "Server-Timing", ", ".join(told)

    def _waited(self) -> float:
        prediction = self._prediction
        if prediction is None or not prediction.is_batched:
            return 0.0
        return prediction.started - prediction.enqueued
