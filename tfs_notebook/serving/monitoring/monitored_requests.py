"""What takes the place of the data plane's own parts where its runs are monitored.

Without monitoring none of it is there, so that it costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import numpy as np

from tfs_notebook.batching.batcher import BatchRun
from tfs_notebook.batching.run_watch import WatchedRun, Watches
from tfs_notebook.batching.task import Inputs, rows_of
from tfs_notebook.lifecycle import ServableHandle
from tfs_notebook.serving.example_methods import CLASSIFY, ExampleMethod
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.monitoring.serving_metrics import ServingMetrics
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.request_logs.request_log import RequestLogger
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.signature_counter import SignatureCounter
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.example_requests import InferenceTask
from tfs_notebook.wire.inference_results import InferenceResult
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature

__all__ = ["MonitoredModel", "MonitoredStatistics"]

T = TypeVar("T")


class MonitoredStatistics(Statistics):
    """Statistics that count waits and batches for TensorFlow Serving's metrics, too.

    Its buckets are not ours, and it counts over all models together, of which ours are
    forgotten one day; so neither can be made of the other.

    Args:
        metrics: count them.
    """

    def __init__(self, metrics: ServingMetrics) -> None:
        super().__init__()
        self._metrics = metrics

    def new_counter(self) -> SignatureCounter:
        """See ``Statistics``."""
        return _MonitoredCounter(self._metrics)

    def add_run(self, model: str, version: int, signature: str, run: BatchRun) -> None:
        """See ``Statistics``."""
        super().add_run(model, version, signature, run)
        self._metrics.add_batch(run)


class _MonitoredCounter(SignatureCounter):
    __slots__ = ("_metrics",)

    def __init__(self, metrics: ServingMetrics) -> None:
        super().__init__()
        self._metrics = metrics

    def end_waiting(self, seconds: float) -> None:
        """See ``SignatureCounter``."""
        super().end_waiting(seconds)
        # What found no room in the queue has not waited in it.
        if seconds:
            self._metrics.add_wait(seconds)


class _TimedWatch:
    """A watch that times the runs that end well."""

    __slots__ = ("_seen", "_watch")

    def __init__(self, watch: Watches, seen: Callable[[float], None]) -> None:
        self._watch = watch
        self._seen = seen

    def run(self, run: WatchedRun, work: Callable[[], T]) -> T:
        """See ``RunWatch``."""
        return self._watch.run(run, lambda: self._timed(work))

    def _timed(self, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        result = work()
        self._seen(time.perf_counter() - started)
        return result


class MonitoredModel(HeldModel):
    """A held model whose runs are timed.

    What runs by itself is timed while it runs. In a batch it is the time from when the
    request was understood until its outputs are there: TensorFlow Serving has its batches
    below what it times.

    Args:
        metrics: count the runs.
        others: as for ``HeldModel``.
    """

    __slots__ = ("_metrics",)

    def __init__(
        self,
        metrics: ServingMetrics,
        handle: ServableHandle[ServedModel],
        statistics: Statistics,
        watch: Watches,
        *,
        check_method: bool,
        logger: RequestLogger | None = None,
        asked: ModelReference | None = None,
    ) -> None:
        super().__init__(
            handle, statistics, watch, check_method=check_method, logger=logger, asked=asked
        )
        self._metrics = metrics

    def prediction(
        self,
        signature: Signature,
        inputs: Inputs,
        encode: Callable[[Mapping[str, np.ndarray]], T],
        output_filter: Sequence[str] = (),
        *,
        sent: bytes | None = None,
    ) -> Prediction[T]:
        """See ``HeldModel``."""
        if self._served.batching is not None:
            # What is wrong with the rows is said where all are told.
            with suppress(InvalidArgument):
                self._metrics.add_batch_input(rows_of(inputs))
        seen = self._timed("Predict")

        def finish(outputs: Mapping[str, np.ndarray]) -> T:
            seen()
            return encode(outputs)

        return super().prediction(signature, inputs, finish, output_filter, sent=sent)

    def inference(
        self,
        method: ExampleMethod,
        signature_name: str,
        examples: Sequence[bytes],
        encode: Callable[[ModelReference, InferenceResult], T],
        *,
        sent: bytes | None = None,
    ) -> Prediction[T]:
        """See ``HeldModel``."""
        number = len(examples)
        seen = self._timed("Classify" if method is CLASSIFY else "Regress")

        def finish(model: ModelReference, result: InferenceResult) -> T:
            seen()
            self._metrics.add_examples(self.name, number)
            return encode(model, result)

        prediction = super().inference(method, signature_name, examples, finish, sent=sent)
        self._take_in(number)
        return prediction

    def multi_inference(
        self,
        tasks: Sequence[InferenceTask],
        examples: Sequence[bytes],
        encode: Callable[[Sequence[tuple[ModelReference, InferenceResult]]], T],
        *,
        sent: bytes | None = None,
    ) -> Prediction[T]:
        """See ``HeldModel``."""
        number = len(examples)
        seen = self._timed("MultiInference")

        def finish(results: Sequence[tuple[ModelReference, InferenceResult]]) -> T:
            seen()
            self._metrics.add_examples(self.name, number)
            return encode(results)

        prediction = super().multi_inference(tasks, examples, finish, sent=sent)
        self._take_in(number)
        return prediction

    def _take_in(self, rows: int) -> None:
        if self._served.batching is not None:
            self._metrics.add_batch_input(rows)

    def _timed(self, api: str) -> Callable[[], None]:
        """Have the one run of this request timed.

        Returns:
            to be called when its outputs are there.
        """
        metrics, name = self._metrics, self.name
        if self._served.tasks is None:
            self._watch = _TimedWatch(
                self._watch, lambda seconds: metrics.add_runtime(name, api, seconds)
            )
            return _nothing
        started = time.perf_counter()
        return lambda: metrics.add_runtime(name, api, time.perf_counter() - started)


def _nothing() -> None:
    """It has been timed where it ran."""
