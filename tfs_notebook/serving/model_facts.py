"""What a model server tells of itself and of its models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    EventBus,
    FileSystemSource,
    ServableId,
    ServableState,
    Subscription,
)
from tfs_notebook.serving.ensembles.description import Step
from tfs_notebook.serving.ensembles.ensembles import Ensembles
from tfs_notebook.serving.load_records import LoadRecord, LoadRecords
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_batching import ServerBatching
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_status import ModelStatus
from tfs_notebook.serving.models_root import ModelsRoot
from tfs_notebook.serving.request_logs.request_log import RequestLog
from tfs_notebook.serving.routing.control import TrafficControl
from tfs_notebook.serving.routing.status import TrafficStatus
from tfs_notebook.serving.statistics import SignatureStatistics, Statistics

__all__ = ["ModelFacts"]


class ModelFacts:
    """The part of ``ModelServer`` that tells what there is.

    Any thread may call any method; only :meth:`loadable_names` blocks.
    """

    _batching: ServerBatching | None
    _bus: EventBus[ServableState]
    _config: ServerConfig
    _ensembles: Ensembles
    _list: ModelList
    _loads: LoadRecords
    _managed: ManagedModels
    _request_log: RequestLog
    _root: ModelsRoot
    _source: FileSystemSource
    _statistics: Statistics
    _traffic_control: TrafficControl

    @property
    def answers_as_content(self) -> bool:
        """Whether Predict answers in ``tensor_content`` (a flag)."""
        return self._config.enable_serialization_as_tensor_content

    @property
    def batching(self) -> ServerBatching | None:
        """What lets requests share a run, if they may (a flag)."""
        return self._batching

    @property
    def ready(self) -> bool:
        """Whether any model can answer, or none is wanted before it is asked for."""
        if self._managed.ready:
            return True
        return self._config.model_control == "explicit" and not self._list.models

    def statistics(
        self, name: str | None = None, version: int | None = None
    ) -> tuple[SignatureStatistics, ...]:
        """What was counted, of one model or version or of all, by signature."""
        return self._statistics.read(name, version)

    def traffic_status(self) -> Sequence[TrafficStatus]:
        """See :meth:`traffic_of`; of all models about whose traffic something is said."""
        return self._traffic_control.all()

    def ensemble_steps(self, id_: ServableId) -> Mapping[str, SignatureStatistics]:
        """What was counted of an ensemble's steps, by name; nothing of what is none."""
        return self._ensembles.steps_of(id_)

    def ensemble_members(self, id_: ServableId) -> Sequence[Step]:
        """What an ensemble asks, step by step; nothing of what is none, or is not loaded."""
        return self._ensembles.described_steps(id_)

    @property
    def loads(self) -> Mapping[ServableId, LoadRecord]:
        """How the versions that are loaded were loaded, and what memory they take."""
        return self._loads.read()

    @property
    def request_log_count(self) -> Mapping[tuple[str, str], int]:
        """Requests that were to be logged, by model and code; see ``LogWriter.counts``."""
        return self._request_log.counts

    @property
    def request_log_directory(self) -> str | None:
        """Where requests are recorded; None if they cannot be (a flag)."""
        return self._request_log.directory

    def subscribe(self, callback: Callable[[ServableState], None]) -> Subscription:
        """Hear of every change of a version's state, on the manager's thread.

        The callback must not block.
        """
        return self._bus.subscribe(callback)

    def models(self) -> list[ModelStatus]:
        """Every configured model with its versions, in the order of the configuration."""
        waiting = self._source.waiting()
        return [self._status(model, waiting) for model in self._list.models.values()]

    def model(self, name: str) -> ModelStatus | None:
        """One configured model with its versions, or None."""
        model = self._list.models.get(name)
        return None if model is None else self._status(model, self._source.waiting())

    def _status(self, model: ModelSettings, waiting: Mapping[str, str]) -> ModelStatus:
        name = model.name
        states, labels = self._managed.states(name), self._list.labels.of(name)
        return ModelStatus(model, states, waiting.get(name), labels)

    @property
    def loads_on_request(self) -> bool:
        """Whether a model is loaded when its first request comes (a flag)."""
        return self._config.lazy_loading

    def keeps(self, name: str) -> bool:
        """Whether a model stays in memory once it is loaded, used or not."""
        return self._managed.is_kept(name)

    def loadable_names(self) -> list[str]:
        """The models that can be loaded by their bare names; blocks."""
        return self._root.names()

    def is_listed(self, name: str) -> bool:
        """Whether a model is one of those that are configured."""
        return name in self._list.models
