"""The model server: what every door leads to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    EventBus,
    FileSystemSource,
    LoadWait,
    ManagerState,
    PeriodicPoller,
    ServableData,
    ServableRequest,
    ServableState,
    ServableStateMonitor,
    Subscription,
)
from tfs_notebook.pipelines.description import FILE_NAME
from tfs_notebook.pipelines.text import DIRECTORY
from tfs_notebook.serving.config_file import ConfigFile
from tfs_notebook.serving.event_log import EventLog
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.journal import Journal, first_models
from tfs_notebook.serving.lazy_models import LazyModels
from tfs_notebook.serving.load_marks import LoadMarks
from tfs_notebook.serving.managed_models import (
    EagerModels,
    ManagedModels,
    NotLoaded,
    check_loading_flags,
)
from tfs_notebook.serving.model_config import (
    PLATFORM,
    ModelSettings,
    configured_models,
    model_settings,
)
from tfs_notebook.serving.model_control import LoadRequest, ModelControl, Rollback
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.model_loading import ModelLoaders
from tfs_notebook.serving.model_status import ModelStatus
from tfs_notebook.serving.models_root import ModelsRoot
from tfs_notebook.serving.quarantine import Quarantine
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.start_up import (
    NO_ANSWER,
    countdown,
    wait_for_first_loads,
    wait_for_stand_ins,
)
from tfs_notebook.serving.statistics import SignatureStatistics, Statistics
from tfs_notebook.wire.errors import InvalidArgument, NotFound
from tfs_notebook.wire.messages import ModelServerConfig
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["ModelServer"]

_log = logging.getLogger(__name__)

_AS_IT_IS: Final = LoadRequest()


class ModelServer:
    """Loads the configured models, keeps them up to date and runs them.

    Every method may be called from any thread once :meth:`start` has returned.
    Only :meth:`wait_for_models`, :meth:`reload`, :meth:`stop`, what changes single
    models and what runs a model block.

    Attributes:
        events: the last changes of versions' states.
    """

    def __init__(self, config: ServerConfig) -> None:
        """Read the configuration; nothing is loaded before :meth:`start`.

        Blocks on the files the configuration names.

        Raises:
            InvalidArgument: a configuration that cannot be used.
        """
        self._config = config
        journal = Journal(config.journal_path) if config.journal_path else None
        models = first_models(config, journal)
        self._marks = LoadMarks(f"{config.journal_path}.loading" if journal else None)
        self._loaders = ModelLoaders(config, self._marks)
        self._bus: EventBus[ServableState] = EventBus()
        self.events = EventLog(self._bus)
        self._statistics = Statistics()
        self._bus.subscribe(self._statistics.on_state)
        self._monitor = ServableStateMonitor(self._bus, wanted=self._is_listed)
        check_loading_flags(config)
        kind = LazyModels if config.lazy_loading else EagerModels
        self._managed: ManagedModels = kind(config, self._bus, self._monitor)
        self._source = FileSystemSource(
            nothing_serves=lambda: not self.ready, file_system=self._loaders.file_system
        )
        self._source.set_aspired_versions_callback(self._aspire)
        self._list = ModelList(
            models,
            self._source,
            self._managed,
            allow_labels_for_unavailable=(config.allow_version_labels_for_unavailable_models),
            accepted=None if journal is None else journal.write,
        )
        self._quarantine = Quarantine(
            self._marks,
            self._bus,
            self._loaders.file_system,
            holds_back=not config.lazy_loading,
        )
        self._root = ModelsRoot(config.models_root)
        self._control = ModelControl(
            self._list,
            self._managed,
            self._monitor,
            self._loaders.file_system,
            self._root,
            self._quarantine,
            try_again=self._loaders.try_again,
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

    def _is_listed(self, name: str) -> bool:
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

    def stop(self, timeout: float) -> None:
        """Unload everything and end all threads; idempotent.

        Blocks for at most ``timeout`` seconds and a moment, and for the removal of
        local copies.
        """
        self.end_in_order()
        left = countdown(timeout)
        for poller in (self._config_poller, self._poller):
            if poller is not None:
                poller.stop(left() or 0.0)
        if abandoned := self._managed.stop(left() or 0.0):
            names = ", ".join(map(str, abandoned))
            _log.warning("still busy after %.1f s, left behind: %s", timeout, names)
        self._loaders.close()

    def reload(self, config: ModelServerConfig) -> None:
        """Serve the models of this configuration from now on, and wait until they do.

        Blocks as :meth:`ModelList.replace`. An empty one changes nothing.

        Raises:
            InvalidArgument: it cannot be used; nothing has changed.
            ServingError: as :meth:`ModelList.replace`.
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
        self._list.replace(models, self._config.reload_timeout_seconds)

    # -- single models ---------------------------------------------------------

    def load(
        self, name: str, request: LoadRequest = _AS_IT_IS, timeout: float | None = None
    ) -> None:
        """Add a model, or change what it is served as, and wait until that has been done.

        Of a model that is there, what the request does not give stays as it is, and
        versions whose load has failed are tried again. Changes of different models
        go on side by side; one of the same model waits for its turn.

        Blocks for at most ``timeout`` seconds (by default ``reload_timeout_seconds``),
        and for the file system.

        Raises:
            InvalidArgument: the request cannot be used.
            NotFound: there is nothing to load where it is to be loaded from.
            FailedPrecondition: a label names a version that is not available; the
                platform does not exist; no base path and no models root.
            DeadlineExceeded: it is still loading. It goes on with that, unless the text
                says that the model keeps what it had.
            Aborted: another change was under way for all that time.
            ServingError: why it cannot be loaded. Whenever this raises, but for
                DeadlineExceeded, a new model is not configured, and one that was
                there goes on as it was; the text says which.
        """
        self._control.load(name, request, self._seconds(timeout))

    def unload(self, name: str, timeout: float | None = None) -> None:
        """Serve a model no longer, and wait until it is out of memory.

        Requests that hold it are answered. Blocks as :meth:`load`.

        Raises:
            NotFound: it is not configured.
            DeadlineExceeded: it takes no more requests, and is still in memory.
            Aborted: as :meth:`load`.
        """
        self._control.unload(name, self._seconds(timeout))

    def set_labels(
        self, name: str, changes: Mapping[str, int | None], timeout: float | None = None
    ) -> None:
        """Let labels stand for versions; None takes a label away, others stay. Blocks.

        Raises:
            NotFound: there is no such model.
            FailedPrecondition: a version is not available; nothing has changed.
            InvalidArgument: what is no label, or no version.
            Aborted: as :meth:`load`.
        """
        self._control.set_labels(name, changes, self._seconds(timeout))

    def rollback(
        self, name: str, version: int | None = None, timeout: float | None = None
    ) -> Rollback:
        """Serve this version from now on, whatever newer ones there are or will be.

        Without a gap: what serves goes when the version has come up. Labels of newer
        versions stand for this one then; labels of older ones stay, and so do these
        versions. Load it with the policy ``Latest()`` to follow the newest again, and
        say in the same request where these labels are to go.

        Args:
            name: of the model.
            version: by default the one before the newest that is available.
            timeout: as :meth:`load`, as which this blocks.

        Returns:
            the version, and the labels that have moved.

        Raises:
            NotFound: there is no such model, or no such version on the disk.
            FailedPrecondition: it serves nothing, and no version is given.
            ServingError: as :meth:`load`; it goes on as it was.
        """
        return self._control.rollback(name, version, self._seconds(timeout))

    def _seconds(self, timeout: float | None) -> float:
        return self._config.reload_timeout_seconds if timeout is None else timeout

    # -- what it serves --------------------------------------------------------

    @property
    def answers_as_content(self) -> bool:
        """Whether Predict answers in ``tensor_content`` (a flag)."""
        return self._config.enable_serialization_as_tensor_content

    @property
    def ready(self) -> bool:
        """Whether any model can answer, or none is wanted before it is asked for."""
        if self._managed.ready:
            return True
        return self._config.model_control == "explicit" and not self._list.models

    def hold(self, reference: ModelReference | None) -> HeldModel:
        """Return the version a request asks for, kept loaded until it is released.

        Does not block.

        Raises:
            InvalidArgument: no name, or a label that does not exist.
            NotFound: no such model or version is there.
            NotLoaded: it is loaded on request, and now has to be; see :meth:`waiting`.
        """
        name, versions = self._resolve(reference)
        while True:
            try:
                return self._first_there(name, versions)
            except NotFound:
                # A label may have moved since it was looked up, and its version be gone.
                before = versions
                name, versions = self._resolve(reference)
                if versions == before:
                    raise

    def _first_there(self, name: str, versions: tuple[int, ...]) -> HeldModel:
        if not versions:
            return self._held(ServableRequest.latest(name))
        for version in versions[:-1]:
            # A label that moves stands for its old version until the new one serves.
            with suppress(NotFound):
                return self._held(ServableRequest.specific(name, version))
        return self._held(ServableRequest.specific(name, versions[-1]))

    def _held(self, request: ServableRequest) -> HeldModel:
        return HeldModel(
            self._managed.handle(request),
            self._statistics,
            check_method=self._config.enable_signature_method_name_check,
        )

    def _resolve(self, reference: ModelReference | None) -> tuple[str, tuple[int, ...]]:
        """The name, and the versions to try in turn; none of them means the newest."""
        if reference is None:
            raise InvalidArgument("Missing ModelSpec")
        if not reference.name:
            raise InvalidArgument("ModelSpec has no name specified.")
        if reference.label is not None:
            labels = self._list.labels
            return reference.name, labels.resolve(reference.name, reference.label)
        return reference.name, () if reference.version is None else (reference.version,)

    def waiting(
        self, request: ServableRequest, notify: Callable[[], None]
    ) -> AbstractContextManager[LoadWait[ServedModel]]:
        """Have loaded what :meth:`hold` said is not; see ``CachingManager.waiting``."""
        return self._managed.waiting(request, notify)

    @property
    def load_timeout(self) -> float:
        """Seconds that a request waits for its model to be loaded."""
        return self._managed.load_timeout

    def only_text_model(self) -> str:
        """The name of the one model that takes raw text, for requests that name none.

        Raises:
            NotFound: none of those that are loaded does.
            InvalidArgument: several do.
        """
        names = list(self._list.models)
        if len(names) > 1:
            names = [name for name in names if self._takes_text(name)]
        if len(names) == 1:
            return names[0]
        if names:
            raise InvalidArgument(
                f'Several models take raw text: {", ".join(names)}; say which with "model"'
            )
        raise NotFound(
            f"No model that is loaded takes raw text (has a {DIRECTORY}/{FILE_NAME}); say with "
            '"model" which one is to be asked'
        )

    def _takes_text(self, name: str) -> bool:
        try:
            with self._held(ServableRequest.latest(name)) as model:
                return model.pipeline is not None
        except (NotFound, NotLoaded):
            return False

    def version_states(self, reference: ModelReference | None) -> tuple[ServableState, ...]:
        """The states of a model's versions, the newest first, or of the one asked for.

        Raises:
            InvalidArgument: no name, or a label that does not exist.
            NotFound: no such version, or none at all.
        """
        name, versions = self._resolve(reference)
        states = self._managed.states(name)
        if versions:
            version = versions[0]
            states = tuple(state for state in states if state.id.version == version)
            if not states:
                raise NotFound(f"Could not find version {version} of model {name}")
        if not states:
            raise NotFound(f"Could not find any versions of model {name}")
        return states

    def statistics(
        self, name: str | None = None, version: int | None = None
    ) -> tuple[SignatureStatistics, ...]:
        """What was counted, of one model or version or of all, by signature."""
        return self._statistics.read(name, version)

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
