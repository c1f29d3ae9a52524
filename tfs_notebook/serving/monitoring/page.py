"""Monitoring as ``--monitoring_config_file`` says: the page that Prometheus reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, Protocol

from prometheus_client import Metric, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from tfs_notebook.batching.run_watch import Watches
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ManagerState, ServableHandle, ServableId, ServableState
from tfs_notebook.serving.client_limits import ClientLimits
from tfs_notebook.serving.load_records import LoadRecords
from tfs_notebook.serving.model_batching import ServerBatching
from tfs_notebook.serving.model_config import read_text_proto
from tfs_notebook.serving.model_status import ModelStatus
from tfs_notebook.serving.monitoring.metric_family import gauge
from tfs_notebook.serving.monitoring.metric_text import metric_name, serving_text
from tfs_notebook.serving.monitoring.monitored_loading import MonitoredLoading
from tfs_notebook.serving.monitoring.monitored_requests import (
    MonitoredModel,
    MonitoredStatistics,
)
from tfs_notebook.serving.monitoring.serving_metrics import ServingMetrics
from tfs_notebook.serving.monitoring.traffic_metrics import traffic_metrics
from tfs_notebook.serving.monitoring.version_metrics import (
    load_metrics,
    request_metrics,
    state_metrics,
)
from tfs_notebook.serving.request_logs.request_log import RequestLogger
from tfs_notebook.serving.routing.status import (
    TrafficStatus,
)
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.signature_counter import SignatureStatistics
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.serving.warmup.version_warmup import WarmUp
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import MonitoringConfig
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Monitored", "Monitoring", "metrics_path"]

_PATH: Final = "/monitoring/prometheus/metrics"
# Visible characters that end no path.
_USABLE: Final = re.compile(r"/[!\"$->@-~]*")
# Where other requests go. Those of the first are found in any case of their letters.
_TAKEN: Final = re.compile(r"(?i:/v1)(/.*)?|/v2(/.*)?|/predict")
_QUEUE_DEPTH: Final = "/tensorflow/serving/batching_session/queue_depth"
_REQUEST_LOG_COUNT: Final = "/tensorflow/serving/request_log_count"
_MLMD_MAP: Final = "/tensorflow/serving/mlmd_map"


def metrics_path(config: ServerConfig) -> str | None:
    """Where the page is, by the file that the flag names; None if there is none. Blocks.

    Raises:
        InvalidArgument: the file, or the path in it, cannot be used.
    """
    file = config.monitoring_config_file
    if not file:
        return None
    prometheus = read_text_proto(file, MonitoringConfig).prometheus_config
    if not prometheus.enable:
        return None
    path = prometheus.path or _PATH
    if not _USABLE.fullmatch(path):
        raise InvalidArgument(
            f"prometheus_config.path has to begin with a / and to go on with letters, digits "
            f"and the like, as {_PATH} does; it is {path!r} ({file})"
        )
    if _TAKEN.fullmatch(path):
        raise InvalidArgument(
            f"prometheus_config.path is {path!r}, where models are asked ({file}). Choose one "
            f"that is not /predict and not below /v1 or /v2; {_PATH} is the usual one"
        )
    return path


class Monitored(Protocol):
    """What the page tells of. Any thread may call any method."""

    @property
    def batching(self) -> ServerBatching | None:
        """What lets requests share a run."""

    def models(self) -> list[ModelStatus]:
        """Every configured model with its versions."""

    def statistics(self) -> Sequence[SignatureStatistics]:
        """What was counted of all of them."""

    @property
    def request_log_count(self) -> Mapping[tuple[str, str], int]:
        """Requests that were to be logged, by model and code."""

    def traffic_status(self) -> Sequence[TrafficStatus]:
        """What is said of models' traffic."""


class Monitoring:
    """Makes the page. Any thread may call any method.

    First come the metrics of TensorFlow Serving in its own form, then ours in
    Prometheus's, and those of the process.

    Args:
        path: of the page.
        is_listed: whether there is a model of a name.
        loads: keep what is known of the versions that are loaded.

    Attributes:
        path: of the page.
        serving: counts what TensorFlow Serving counts.
        loads: as it was given.
        client_limits: those of each client, if there are any; whoever has them sets them.
    """

    client_limits: ClientLimits | None = None

    def __init__(self, path: str, is_listed: Callable[[str], bool], loads: LoadRecords) -> None:
        self.path = path
        self.serving = ServingMetrics(is_listed)
        self.loads = loads
        self._process = ProcessCollector(registry=None)

    @classmethod
    def of(
        cls, config: ServerConfig, is_listed: Callable[[str], bool], loads: LoadRecords
    ) -> Monitoring | None:
        """What the flags say; None if there is no page. Blocks on their file.

        Raises:
            InvalidArgument: as :func:`metrics_path`.
        """
        path = metrics_path(config)
        return None if path is None else cls(path, is_listed, loads)

    def statistics(self) -> MonitoredStatistics:
        """Statistics that count for the page, too."""
        return MonitoredStatistics(self.serving)

    def held_model(
        self,
        handle: ServableHandle[ServedModel],
        statistics: Statistics,
        watch: Watches,
        *,
        check_method: bool,
        logger: RequestLogger | None,
        asked: ModelReference | None,
    ) -> MonitoredModel:
        """A held model whose runs count for the page; see ``HeldModel``."""
        return MonitoredModel(
            self.serving,
            handle,
            statistics,
            watch,
            check_method=check_method,
            logger=logger,
            asked=asked,
        )

    def loading(
        self, batching: ServerBatching | None, warm_up: WarmUp | None
    ) -> MonitoredLoading:
        """What is to be put around loaders. Batches and warm-ups count from now on."""
        if batching is not None:
            self.serving.thread_pool_name = batching.thread_pool_name
        loading = MonitoredLoading(self.serving)
        if warm_up is not None:
            warm_up.seen = loading.warmed_up
        return loading

    def page(self, monitored: Monitored) -> bytes:
        """All metrics as Prometheus reads them; takes a moment, and waits for no run."""
        counted = monitored.statistics()
        states = [state for model in monitored.models() for state in model.versions]
        serving = [
            *self.serving.collect(),
            self._mlmd_map(),
            _logged(monitored.request_log_count),
            _queue_depth(counted, states),
        ]
        serving.sort(key=lambda metric: metric.name)
        ours = self._ours(counted, states, monitored.batching)
        traffic = traffic_metrics(monitored.traffic_status())
        text = generate_latest(_Collected(chain(ours, traffic)))
        return serving_text(serving).encode("utf-8", "replace") + text

    def counts(self, names: Iterable[str]) -> dict[str, int]:
        """The counters among these, over all their labels.

        Args:
            names: as TensorFlow Serving has them, ``/tensorflow/serving/request_count``.

        Returns:
            by the names that there are.
        """
        counters = {one.name: one for one in self.serving.collect() if one.type == "counter"}
        found = {name: counters.get(metric_name(name)) for name in names}
        return {
            name: int(sum(sample.value for sample in counter.samples))
            for name, counter in found.items()
            if counter is not None
        }

    def _mlmd_map(self) -> Metric:
        metric = gauge(_MLMD_MAP)
        for id_, record in sorted(self.loads.read().items()):
            if record.mlmd_uuid:
                labels = {
                    "model_name": id_.name,
                    "version": str(id_.version),
                    "mlmd_uuid": record.mlmd_uuid,
                }
                metric.add_sample(metric.name, labels, 1)
        return metric

    def _ours(
        self,
        counted: Sequence[SignatureStatistics],
        states: Sequence[ServableState],
        batching: ServerBatching | None,
    ) -> Iterator[Metric]:
        yield from request_metrics(counted)
        yield from state_metrics(states)
        yield from load_metrics(self.loads.read())
        yield GaugeMetricFamily(
            "tfs_notebook_batch_threads",
            "How many batches may run at once, of all models together.",
            value=0 if batching is None else batching.threads,
        )
        if self.client_limits is not None:
            yield _refused(self.client_limits.refused)
        yield from self._process.collect()


def _refused(counted: Mapping[str, int]) -> Metric:
    metric = CounterMetricFamily(
        "tfs_notebook_client_limit_refusals",
        "Requests that were refused because their client asks too much, by which limit.",
        labels=["reason"],
    )
    for reason, number in sorted(counted.items()):
        metric.add_metric([reason], number)
    return metric


def _logged(counted: Mapping[tuple[str, str], int]) -> Metric:
    metric = Metric(metric_name(_REQUEST_LOG_COUNT), "", "counter")
    for (model, code), number in sorted(counted.items()):
        metric.add_sample(metric.name, {"model_name": model, "status_code": code}, number)
    return metric


def _queue_depth(
    counted: Iterable[SignatureStatistics], states: Iterable[ServableState]
) -> Metric:
    # TensorFlow Serving has none; who scales by its metrics finds this one beside them.
    metric = gauge(_QUEUE_DEPTH)

    def add(model: str, version: int, signature: str, depth: int) -> None:
        labels = {"model_name": model, "version": str(version), "signature_name": signature}
        metric.add_sample(metric.name, labels, depth)

    asked = set()
    for one in counted:
        asked.add(ServableId(one.model, one.version))
        add(one.model, one.version, one.signature, one.queued)
    for state in states:
        # The queue of a version that nobody has asked yet is empty, and not missing.
        if state.state is ManagerState.AVAILABLE and state.id not in asked:
            add(state.id.name, state.id.version, "", 0)
    return metric


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics
