"""The model server: what every door leads to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    EventBus,
    FileSystemSource,
    ManagerState,
    PeriodicPoller,
    ServableData,
    ServableId,
    ServableState,
    ServableStateMonitor,
    Subscription,
)
from tfs_notebook.serving.batching_control import BatchingControl
from tfs_notebook.serving.batching_files import check_batching_flags
from tfs_notebook.serving.change_turns import ChangeTurns
from tfs_notebook.serving.config_file import ConfigFile
from tfs_notebook.serving.ensembles.description import Step
from tfs_notebook.serving.ensembles.ensembles import Ensembles
from tfs_notebook.serving.event_log import EventLog
from tfs_notebook.serving.in_process import InProcessPredictions
from tfs_notebook.serving.journal import Journal, first_models
from tfs_notebook.serving.label_rules import LabelRules
from tfs_notebook.serving.lazy_models import LazyModels
from tfs_notebook.serving.list_update import ListUpdate
from tfs_notebook.serving.load_marks import LoadMarks
from tfs_notebook.serving.load_records import LoadRecord, LoadRecords
from tfs_notebook.serving.managed_models import (
    EagerModels,
    ManagedModels,
    check_loading_flags,
)
from tfs_notebook.serving.model_batching import ServerBatching
from tfs_notebook.serving.model_changes import ModelChanges
from tfs_notebook.serving.model_config import (
    PLATFORM,
    ModelSettings,
    configured_models,
    model_settings,
)
from tfs_notebook.serving.model_control import ModelControl
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_loading import ModelLoaders
from tfs_notebook.serving.model_status import ModelStatus
from tfs_notebook.serving.model_update import ModelUpdate
from tfs_notebook.serving.models_root import ModelsRoot
from tfs_notebook.serving.monitoring.page import Monitoring
from tfs_notebook.serving.platform_config import with_platform_config
from tfs_notebook.serving.process_facts import ServerProcess
from tfs_notebook.serving.quarantine import Quarantine
from tfs_notebook.serving.request_logs.recording import RecordingControl
from tfs_notebook.serving.request_logs.request_log import RequestLog
from tfs_notebook.serving.routing.control import (
    TrafficControl,
)
from tfs_notebook.serving.routing.router import Router
from tfs_notebook.serving.routing.shadow import ShadowRunner
from tfs_notebook.serving.routing.status import (
    TrafficStatus,
)
from tfs_notebook.serving.start_up import (
    NO_ANSWER,
    countdown,
    wait_for_first_loads,
    wait_for_stand_ins,
)
from tfs_notebook.serving.state_history import StateHistory
from tfs_notebook.serving.statistics import SignatureStatistics, Statistics
from tfs_notebook.serving.traffic_history import TrafficHistory
from tfs_notebook.serving.validation.validator import Validator
from tfs_notebook.serving.version_kinds import VersionKinds
from tfs_notebook.serving.warmup.making import WarmUpMaker
from tfs_notebook.serving.warmup.version_warmup import WarmUp
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import ModelServerConfig

__all__ = ["ModelServer"]

_log = logging.getLogger(__name__)

# What a second of requests takes to be written.
_LOG_SECONDS = 1.0


class ModelServer(ModelChanges, InProcessPredictions):
    """Loads the configured models, keeps them up to date and runs them.

    Every method may be called from any thread once :meth:`start` has returned.
    Only :meth:`wait_for_models`, :meth:`reload`, :meth:`stop`, what changes single
    models and what runs a model block.

    Attributes:
        events: the last changes of versions' states.
        history: those of each version.
        traffic: what was asked in the last hour, if somebody ends its steps.
        process: which the server is in.
        run_watch: sees which runs hang; who has threads that run models tells it.
        monitoring: counts for the page of metrics; None if there is none.
    """

    def __init__(self, config: ServerConfig) -> None:
        """Read the configuration; no model is loaded before :meth:`start`.

        Blocks on the files the configuration names, and loads libraries of ops.

        Raises:
            InvalidArgument: a configuration that cannot be used.
            ServingError: as ``load_custom_ops``.
        """
        config = with_platform_config(config)
        ModelChanges.__init__(self, config.reload_timeout_seconds)
        InProcessPredictions.__init__(
            self, check_method=config.enable_signature_method_name_check
        )
        self._config = config
        journal = Journal(config.journal_path) if config.journal_path else None
        models = first_models(config, journal)
        self._marks = LoadMarks(f"{config.journal_path}.loading" if journal else None)
        self.process = ServerProcess()
        self._loads = LoadRecords()
        self.monitoring = Monitoring.of(config, self.is_listed, self._loads)
        self._statistics = Statistics()
        if self.monitoring is not None:
            self._statistics = self.monitoring.statistics()
            self._model_kind = self.monitoring.held_model
        self.traffic = TrafficHistory(self._statistics)
        self._request_log = RequestLog(config)
        self._request_log.check(models)
        self.run_watch = RunWatch(config.run_limit_seconds)
        check_batching_flags(config)
        self._batching = (
            ServerBatching(config, self._statistics, self.run_watch)
            if config.enable_batching
            else None
        )
        self._warm_up = WarmUp(config, self.run_watch) if config.enable_model_warmup else None
        self._validator = Validator(config) if config.validate_in_subprocess else None
        monitored = None
        if self.monitoring is not None:
            monitored = self.monitoring.loading(self._batching, self._warm_up)
        self._ensembles = Ensembles(self, config, self.run_watch)
        self._loaders = ModelLoaders(
            config,
            self._marks,
            self._batching,
            self._warm_up,
            monitored,
            records=self._loads,
            validator=self._validator,
            kinds=VersionKinds(config, self._ensembles),
        )
        self._bus: EventBus[ServableState] = EventBus()
        self.events = EventLog(self._bus)
        self.history = StateHistory(self._bus)
        self._bus.subscribe(self._statistics.on_state)
        if self._batching is not None:
            self._bus.subscribe(self._batching.on_state)
        self._monitor = ServableStateMonitor(self._bus, wanted=self.is_listed)
        check_loading_flags(config)
        kind = LazyModels if config.lazy_loading else EagerModels
        self._managed: ManagedModels = kind(config, self._bus, self._monitor)
        self._source = FileSystemSource(
            servable_versions_always_present=config.servable_versions_always_present,
            nothing_serves=lambda: not self.ready,
            file_system=self._loaders.file_system,
        )
        self._source.set_aspired_versions_callback(self._aspire)
        self._shadow = ShadowRunner(self._managed.handle, self.run_watch)
        self._router = Router(self._shadow, self._versions_of)
        self._list = ModelList(
            models,
            self._source,
            accepted=None if journal is None else journal.write,
            listed=self._on_list,
        )
        rules = LabelRules(
            self._list.labels,
            self._managed,
            allow_unavailable=config.allow_version_labels_for_unavailable_models,
        )
        turns = ChangeTurns()
        self._quarantine = Quarantine(
            self._marks,
            self._bus,
            self._loaders.file_system,
            holds_back=not config.lazy_loading,
        )
        self._list_update = ListUpdate(
            self._list, self._source, self._managed, rules, turns, self._quarantine
        )
        self._root = ModelsRoot(config.models_root)
        update = ModelUpdate(self._list, self._source, self._managed, rules, turns)
        self._batching_control = BatchingControl(self._list, update, self._batching, journal)
        self._recording_control = RecordingControl(self._list, update, self._request_log)
        self._warmup_maker = WarmUpMaker(
            self._list, self._request_log, self._loaders.file_system
        )
        self._control = ModelControl(
            self._list,
            update,
            self._managed,
            self._monitor,
            self._loaders.file_system,
            self._root,
            self._quarantine,
            try_again=self._loaders.try_again,
        )
        self._traffic_control = TrafficControl(
            self._list,
            update,
            self._managed,
            self._router,
            self._control.set_labels,
            self._note,
            allow_unavailable=config.allow_version_labels_for_unavailable_models,
        )
        self._bus.subscribe(self._on_state)
        self._first_look = threading.Event()
        self._poller = PeriodicPoller(self._look, float(config.file_system_poll_wait_seconds))
        self._config_poller = self._config_file_poller()

    # -- its life --------------------------------------------------------------

    def start(self) -> None:
        """Begin to look for versions and to load them; does not wait for either."""
        self._managed.start()
        self._poller.start()
        self._traffic_control.start()
        if self._config_poller is not None:
            self._config_poller.start()
        if self._marks.suspects:
            threading.Thread(
                target=self._try_held_back, name="tfs-quarantine", daemon=True
            ).start()

    def _try_held_back(self) -> None:
        self._first_look.wait(self._config.start_timeout_seconds)
        self._quarantine.try_held(
            list(self._list.models),
            self._managed.wait_until_settled,
            self._source.poll,
            timeout=self._config.start_timeout_seconds,
        )

    def _config_file_poller(self) -> PeriodicPoller | None:
        period = self._config.model_config_file_poll_wait_seconds
        if period <= 0 or not self._config.model_config_file:
            return None
        file = ConfigFile(
            self._config.model_config_file,
            lambda: self._replace(configured_models(self._config)),
        )
        return PeriodicPoller(file.look, float(period))

    def _look(self) -> None:
        try:
            self._source.poll()
        finally:
            self._first_look.set()

    def _on_list(self, models: Mapping[str, ModelSettings]) -> None:
        self._request_log.configure(models)
        self._managed.keep({name for name, model in models.items() if model.pin is not None})
        if self._batching is not None:
            self._batching.configure(models)
        self._router.configure(models)

    def _note(self, state: ServableState) -> None:
        self.events.record(state)
        self.history.record(state)

    def is_listed(self, name: str) -> bool:
        """Whether a model is one of those that are configured."""
        return name in self._list.models

    def _on_state(self, state: ServableState) -> None:
        if state.state is ManagerState.AVAILABLE:
            self._list.labels.arrived(state.id.name, state.id.version)

    def wait_for_models(self, timeout: float | None = None) -> dict[str, str]:
        """Wait until each model's first load has succeeded or failed; blocks.

        A model without a version to load keeps nobody waiting, nor does one that
        is loaded when it is asked for.

        Args:
            timeout: seconds, all in all; None waits for ever.

        Returns:
            why, by name, of the models that do not serve.
        """
        models = self._list.models
        if self._config.file_system_poll_wait_seconds < 0:
            return dict.fromkeys(models, "--file_system_poll_wait_seconds is negative")
        left = countdown(timeout)
        if not self._first_look.wait(left()):
            return dict.fromkeys(models, NO_ANSWER)
        late = self._quarantine.tried_late
        now = {name: model for name, model in models.items() if name not in late}
        failed = wait_for_first_loads(now, self._source, self._managed, self._monitor, left)
        return failed | wait_for_stand_ins(late, self._monitor, left)

    def end_in_order(self) -> None:
        """The process is about to end because it is told to: not the fault of any model.

        Call it before whatever may take long. Blocks on the journal's disk.
        """
        self._marks.end_in_order()
        if self._warm_up is not None:
            self._warm_up.end()
        if self._validator is not None:
            self._validator.end()
        self._ensembles.end()
        if self._batching is not None:
            self._batching.close()

    def stop(self, timeout: float) -> None:
        """Unload everything and end all threads; idempotent.

        Blocks for at most ``timeout`` seconds and a moment, and for the removal of
        local copies.
        """
        self.end_in_order()
        left = countdown(timeout)
        self._traffic_control.stop(left() or 0.0)
        self._shadow.stop(left() or 0.0)
        for poller in (self._config_poller, self._poller):
            if poller is not None:
                poller.stop(left() or 0.0)
        if abandoned := self._managed.stop(left() or 0.0):
            names = ", ".join(map(str, abandoned))
            _log.warning("still busy after %.1f s, left behind: %s", timeout, names)
        if self._batching is not None:
            self._batching.stop(left() or 0.0)
        self._ensembles.stop(left() or 0.0)
        self.run_watch.stop()
        self._loaders.close()
        self._request_log.close(max(left() or 0.0, _LOG_SECONDS))

    def reload(self, config: ModelServerConfig) -> None:
        """Serve the models of this configuration from now on, and wait until they do.

        Blocks as :meth:`ListUpdate.replace`. An empty one changes nothing.

        Raises:
            InvalidArgument: it cannot be used; nothing has changed.
            ServingError: as :meth:`ListUpdate.replace`.
        """
        kind = config.WhichOneof("config")
        if kind == "custom_model_config":
            raise InvalidArgument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest. Only "
                "ModelConfigList is currently supported"
            )
        if kind is not None:
            self._replace(model_settings(config))

    def _replace(self, models: Sequence[ModelSettings]) -> None:
        self._request_log.check(models)
        self._list_update.replace(models, self._config.reload_timeout_seconds)

    # -- what it serves --------------------------------------------------------

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

    def _aspire(self, name: str, versions: Sequence[ServableData[str]]) -> None:
        settings = self._list.models.get(name)
        if settings is not None:
            versions = self._quarantine.admitted(settings, versions)
        platform = PLATFORM if settings is None else settings.platform
        loadable = [self._loaders.loadable(version, platform) for version in versions]
        self._managed.set_aspired_versions(name, loadable)
