"""The metrics that TensorFlow Serving has, by its names and with its labels and buckets.

::

    metrics = ServingMetrics(is_listed)
    with metrics.request("half", "Predict", "GRPC"):
        ...
    serving_text(metrics.collect())

What is TensorFlow Serving's and looks odd is kept: times are in microseconds, ``model``
and ``model_name`` are both there, the metrics of batching tell no models apart. A status
is a canonical code's name, ``OK`` or ``INVALID_ARGUMENT``. These differ:

* A value that equals the bound of a bucket is in that bucket, as Prometheus has it; there
  it is in the next one.
* Names of models that are not there, and sizes of batches, are labels of which there are
  not more than a hundred; see :class:`ModelNames`. Further sizes count under an empty one.
  Of the paths of versions the last two hundred are kept.
* The status of a warm-up is the code alone, where TensorFlow Serving has the whole text of
  an error.
* ``mlmd_map`` is 1, and what it maps to is the label ``mlmd_uuid``: Prometheus has no
  values that are texts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

from prometheus_client import Metric

from tfs_notebook.batching.batcher import BatchRun
from tfs_notebook.serving.histogram import MICROSECONDS, growing
from tfs_notebook.serving.monitoring.metric_family import Counter, Histogram, MetricFamily
from tfs_notebook.serving.monitoring.model_names import ModelNames
from tfs_notebook.wire.errors import Code, ServingError

__all__ = ["ServingMetrics", "TimedRequest", "status_of"]

_EXAMPLES: Final = growing(1, 2, 15)
_BATCH_SIZES: Final = growing(1, 2, 14)
_QUEUING: Final = growing(100, 1.2, 52)
_MOST_SIZES: Final = 100
_MOST_PATHS: Final = 200
_OK: Final = Code.OK.name
_MICROSECONDS_A_SECOND: Final = 1e6
_NANOSECONDS_A_MICROSECOND: Final = 1e3
_NANOSECONDS_A_SECOND: Final = 1e9
_RUNTIME: Final = "TF1"
_SERVING: Final = "/tensorflow/serving"
_BATCHING: Final = f"{_SERVING}/batching_session"
_SAVED_MODEL: Final = "/tensorflow/cc/saved_model"
_BY_PATH: Final = ("model_path", "status")


def status_of(error: BaseException | None) -> str:
    """The canonical code that something has ended with."""
    if error is None:
        return _OK
    if isinstance(error, ServingError):
        return error.code.name
    return (Code.CANCELLED if isinstance(error, asyncio.CancelledError) else Code.INTERNAL).name


class ServingMetrics:
    """Counts. Any thread may call any method; none of them waits, but :meth:`collect`.

    Args:
        is_listed: whether there is a model of a name.

    Attributes:
        thread_pool_name: of those who run batches.
    """

    def __init__(self, is_listed: Callable[[str], bool]) -> None:
        self.thread_pool_name = ""
        self._names = ModelNames(is_listed)
        micros = MICROSECONDS
        self._requests = Counter(f"{_SERVING}/request_count", "model_name", "status")
        self._latency = Histogram(
            f"{_SERVING}/request_latency", "model_name", "API", "entrypoint", bounds=micros
        )
        self._runtime = Histogram(
            f"{_SERVING}/runtime_latency", "model_name", "API", "runtime", bounds=micros
        )
        self._examples = Histogram(
            f"{_SERVING}/request_example_counts", "model", bounds=_EXAMPLES
        )
        self._examples_total = Counter(f"{_SERVING}/request_example_count_total", "model")
        self._warm_up = Histogram(
            f"{_SERVING}/model_warmup_latency", *_BY_PATH, bounds=micros, most=_MOST_PATHS
        )
        self._warm_up_records = Counter(
            f"{_SERVING}/model_warmup_records_read", *_BY_PATH, most=_MOST_PATHS
        )
        self._queuing = Histogram(
            f"{_BATCHING}/queuing_latency", "thread_pool_name", bounds=_QUEUING
        )
        self._batch_runs = Counter(f"{_BATCHING}/wrapped_run_count")
        self._padding = Histogram(
            f"{_BATCHING}/padding_size", "execution_batch_size", bounds=_BATCH_SIZES
        )
        self._input_sizes = Histogram(f"{_BATCHING}/input_batch_size", bounds=_BATCH_SIZES)
        self._batch_sizes = Histogram(f"{_BATCHING}/processed_batch_size", bounds=_BATCH_SIZES)
        self._loads = Counter(f"{_SAVED_MODEL}/load_attempt_count", *_BY_PATH, most=_MOST_PATHS)
        self._load_micros = Counter(
            f"{_SAVED_MODEL}/load_latency", "model_path", most=_MOST_PATHS
        )

    # -- requests ----------------------------------------------------------------

    def request(self, model: str, api: str, entrypoint: str) -> TimedRequest:
        """A context: one request, which is counted when it ends.

        Args:
            model: the name it asks for; empty if it has none.
            api: ``Predict`` over gRPC, ``predict`` over REST.
            entrypoint: ``GRPC`` or ``REST``.
        """
        return TimedRequest(self, model, api, entrypoint)

    def add_request(
        self, model: str, api: str, entrypoint: str, status: str, nanoseconds: int
    ) -> None:
        """A request has been answered; the time counts of those that succeed."""
        name = self._names.label(model)
        self._requests.of(name, status).add()
        if status == _OK:
            latency = self._latency.of(name, api, entrypoint)
            latency.add(nanoseconds / _NANOSECONDS_A_MICROSECOND)

    def add_runtime(self, model: str, api: str, seconds: float) -> None:
        """A request's run has given outputs, this long after it was asked for.

        Args:
            model: the name of the model.
            api: ``Predict``, ``Classify``, ``Regress`` or ``MultiInference``.
            seconds: of the run; in a batch also of the wait for it, as in TensorFlow
                Serving.
        """
        runtime = self._runtime.of(self._names.label(model), api, _RUNTIME)
        runtime.add(seconds * _MICROSECONDS_A_SECOND)

    def add_examples(self, model: str, number: int) -> None:
        """A request has been run that had so many examples."""
        name = self._names.label(model)
        self._examples.of(name).add(number)
        self._examples_total.of(name).add(number)

    # -- batches -----------------------------------------------------------------

    def add_batch_input(self, rows: int) -> None:
        """A request of so many rows is to share a run."""
        self._input_sizes.of().add(rows)

    def add_wait(self, seconds: float) -> None:
        """A request has waited for its batch."""
        self._queuing.of(self.thread_pool_name).add(seconds * _MICROSECONDS_A_SECOND)

    def add_batch(self, run: BatchRun) -> None:
        """A batch was run."""
        self._batch_runs.of().add()
        self._batch_sizes.of().add(run.padded_rows)
        size = str(run.padded_rows)
        if (size,) not in self._padding and len(self._padding) >= _MOST_SIZES:
            size = ""
        self._padding.of(size).add(run.padded_rows - run.rows)

    # -- versions ----------------------------------------------------------------

    def add_load(self, path: str, seconds: float, *, loaded: bool) -> None:
        """The version in a directory was loaded, or could not be."""
        self._loads.of(path, "success" if loaded else "fail").add()
        self._load_micros.of(path).add(int(seconds * _MICROSECONDS_A_SECOND))

    def add_warm_up(
        self, path: str, seconds: float, records: int, error: BaseException | None
    ) -> None:
        """The version in a directory was warmed up with this many records of its own."""
        status = status_of(error)
        self._warm_up.of(path, status).add(seconds * _MICROSECONDS_A_SECOND)
        self._warm_up_records.of(path, status).add(records)

    # -- what came of it ---------------------------------------------------------

    def collect(self) -> list[Metric]:
        """All of them, in the order of their names; those without samples too."""
        by_model: tuple[MetricFamily[Any], ...] = (
            self._requests,
            self._latency,
            self._runtime,
            self._examples,
            self._examples_total,
        )
        for name in self._names.forget():
            for family in by_model:
                family.forget(name)
        others: tuple[MetricFamily[Any], ...] = (
            self._warm_up,
            self._warm_up_records,
            self._queuing,
            self._batch_runs,
            self._padding,
            self._input_sizes,
            self._batch_sizes,
            self._loads,
            self._load_micros,
        )
        metrics = [family.collect() for family in (*by_model, *others)]
        return sorted(metrics, key=lambda metric: metric.name)


class TimedRequest:
    """Counts a request when its block ends; see :meth:`ServingMetrics.request`.

    Attributes:
        status: how it has ended, where the block's error does not tell.
    """

    __slots__ = ("_api", "_entrypoint", "_metrics", "_model", "_started", "status")

    def __init__(self, metrics: ServingMetrics, model: str, api: str, entrypoint: str) -> None:
        self._metrics = metrics
        self._model = model
        self._api = api
        self._entrypoint = entrypoint
        self.status: str | None = None

    @property
    def seconds(self) -> float:
        """What it has taken until now."""
        return (time.perf_counter_ns() - self._started) / _NANOSECONDS_A_SECOND

    def __enter__(self) -> TimedRequest:
        self._started = time.perf_counter_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        nanoseconds = time.perf_counter_ns() - self._started
        self._metrics.add_request(
            self._model,
            self._api,
            self._entrypoint,
            self.status or status_of(error),
            nanoseconds,
        )
