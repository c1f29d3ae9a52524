"""The model server: what every door leads to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    AspiredVersionsManager,
    EventBus,
    FileSystemSource,
    Loader,
    ManagerOptions,
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
from tfs_notebook.serving.configuration import ModelConfiguration
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.model_config import ModelSettings, configured_models, model_settings
from tfs_notebook.serving.model_loading import ModelLoaders
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError
from tfs_notebook.wire.messages import ModelServerConfig
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["ModelServer", "ModelStatus"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What is known of one configured model.

    Attributes:
        settings: how it is configured.
        versions: their states, the newest first.
        waiting_for: why there is nothing to load, or None.
        labels: versions by label, as they are in force.
    """

    settings: ModelSettings
    versions: tuple[ServableState, ...]
    waiting_for: str | None
    labels: Mapping[str, int]


class ModelServer:
    """Loads the configured models, keeps them up to date and runs them.

    Every method may be called from any thread once :meth:`start` has returned.
    Only :meth:`wait_for_models`, :meth:`stop` and what runs a model block.
    """

    def __init__(self, config: ServerConfig) -> None:
        """Read the configuration; nothing is loaded before :meth:`start`.

        Blocks on the files the configuration names.

        Raises:
            InvalidArgument: a configuration that cannot be used.
        """
        self._config = config
        models = configured_models(config)
        self._loaders = ModelLoaders(config)
        self._bus: EventBus[ServableState] = EventBus()
        self._monitor = ServableStateMonitor(self._bus)
        self._manager: AspiredVersionsManager[ServedModel] = AspiredVersionsManager(
            ManagerOptions(
                num_load_threads=max(1, config.num_load_threads),
                num_unload_threads=max(1, config.num_unload_threads),
                max_num_load_retries=config.max_num_load_retries,
                load_retry_interval=config.load_retry_interval_micros / 1e6,
                total_model_memory_limit_bytes=config.total_model_memory_limit_bytes or None,
            ),
            bus=self._bus,
        )
        self._source = FileSystemSource(
            nothing_serves=lambda: not self.ready, file_system=self._loaders.file_system
        )
        self._source.set_aspired_versions_callback(self._aspire)
        self._configuration = ModelConfiguration(
            models,
            self._source,
            self._manager,
            allow_labels_for_unavailable=(config.allow_version_labels_for_unavailable_models),
        )
        self._first_look = threading.Event()
        self._poller = PeriodicPoller(self._look, float(config.file_system_poll_wait_seconds))
        self._config_poller = self._config_file_poller()

    # -- its life --------------------------------------------------------------

    def start(self) -> None:
        """Begin to look for versions and to load them; does not wait for either."""
        self._manager.start()
        self._poller.start()
        if self._config_poller is not None:
            self._config_poller.start()

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
        self._source.poll()
        self._first_look.set()

    def wait_for_models(self, timeout: float | None = None) -> dict[str, str]:
        """Wait until each model's first load has succeeded or failed; blocks.

        A model without a version to load keeps nobody waiting.

        Returns:
            why, by name, of the models that do not serve.
        """
        names = self._configuration.models
        if self._config.file_system_poll_wait_seconds < 0:
            return dict.fromkeys(names, "--file_system_poll_wait_seconds is negative")
        if not self._first_look.wait(timeout):
            return dict.fromkeys(names, "its file system does not answer")
        waiting = self._source.waiting()
        outcomes = self._monitor.wait_for_first_outcome(
            [name for name in names if name not in waiting], timeout
        )
        # A label may name any of the versions, so these have to be decided as well.
        labelled = [name for name in outcomes if names[name].version_labels]
        self._manager.wait_until_settled(labelled, timeout, every_version=True)
        failed = dict(waiting)
        for name, state in outcomes.items():
            if state.state != ManagerState.AVAILABLE and state.error is not None:
                failed[name] = f"{state.id} due to error: {state.error.status_text}"
        return failed

    def stop(self, timeout: float) -> None:
        """Unload everything and end all threads; blocks for ``timeout`` seconds. Idempotent."""
        if self._config_poller is not None:
            self._config_poller.stop(timeout)
        self._poller.stop(timeout)
        if left := self._manager.stop(timeout):
            names = ", ".join(map(str, left))
            _log.warning("still busy after %.1f s, left behind: %s", timeout, names)
        self._loaders.close()

    def reload(self, config: ModelServerConfig) -> None:
        """Serve the models of this configuration from now on, and wait until they do.

        Blocks as :meth:`ModelConfiguration.replace`. An empty one changes nothing.

        Raises:
            InvalidArgument: it cannot be used; nothing has changed.
            ServingError: as :meth:`ModelConfiguration.replace`.
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
        self._configuration.replace(models, self._config.reload_timeout_seconds)

    # -- what it serves --------------------------------------------------------

    @property
    def answers_as_content(self) -> bool:
        """Whether Predict answers in ``tensor_content`` (a flag)."""
        return self._config.enable_serialization_as_tensor_content

    @property
    def ready(self) -> bool:
        """Whether any model can answer."""
        return bool(self._manager.available_ids())

    def hold(self, reference: ModelReference | None) -> HeldModel:
        """Return the version a request asks for, kept loaded until it is released.

        Raises:
            InvalidArgument: no name, or a label that does not exist.
            NotFound: no such model or version is loaded.
        """
        name, versions = self._resolve(reference)
        if not versions:
            return self._held(ServableRequest.latest(name))
        for version in versions[:-1]:
            # A label that moves stands for its old version until the new one serves.
            with suppress(NotFound):
                return self._held(ServableRequest.specific(name, version))
        return self._held(ServableRequest.specific(name, versions[-1]))

    def _held(self, request: ServableRequest) -> HeldModel:
        return HeldModel(
            self._manager.handle(request),
            check_method=self._config.enable_signature_method_name_check,
        )

    def _resolve(self, reference: ModelReference | None) -> tuple[str, tuple[int, ...]]:
        """The name, and the versions to try in turn; none of them means the newest."""
        if reference is None:
            raise InvalidArgument("Missing ModelSpec")
        if not reference.name:
            raise InvalidArgument("ModelSpec has no name specified.")
        if reference.label is not None:
            labels = self._configuration.labels
            return reference.name, labels.resolve(reference.name, reference.label)
        return reference.name, () if reference.version is None else (reference.version,)

    def only_text_model(self) -> str:
        """The name of the one model that takes raw text, for requests that name none.

        Raises:
            NotFound: none of those that are loaded does.
            InvalidArgument: several do.
        """
        names = list(self._configuration.models)
        if len(names) > 1:
            names = [name for name in names if self._takes_text(name)]
        if len(names) == 1:
            return names[0]
        if names:
            raise InvalidArgument(
                f'Several models take raw text: {", ".join(names)}; say which with "model"'
            )
        raise NotFound(
            "No model that is loaded takes raw text. One does if its version directory has "
            f"{DIRECTORY}/{FILE_NAME}"
        )

    def _takes_text(self, name: str) -> bool:
        try:
            with self._held(ServableRequest.latest(name)) as model:
                return model.pipeline is not None
        except NotFound:
            return False

    def version_states(self, reference: ModelReference | None) -> tuple[ServableState, ...]:
        """The states of a model's versions, the newest first, or of the one asked for.

        Raises:
            InvalidArgument: no name, or a label that does not exist.
            NotFound: no such version, or none at all.
        """
        name, versions = self._resolve(reference)
        states = self._monitor.states(name)
        if versions:
            version = versions[0]
            states = tuple(state for state in states if state.id.version == version)
            if not states:
                raise NotFound(f"Could not find version {version} of model {name}")
        if not states:
            raise NotFound(f"Could not find any versions of model {name}")
        return states

    def subscribe(self, callback: Callable[[ServableState], None]) -> Subscription:
        """Hear of every change of a version's state, on the manager's thread.

        The callback must not block.
        """
        return self._bus.subscribe(callback)

    def models(self) -> list[ModelStatus]:
        """Every configured model with its versions, in the order of the configuration."""
        waiting = self._source.waiting()
        return [
            ModelStatus(
                model,
                self._monitor.states(name),
                waiting.get(name),
                self._configuration.labels.of(name),
            )
            for name, model in self._configuration.models.items()
        ]

    def _aspire(self, name: str, versions: Sequence[ServableData[str]]) -> None:
        self._manager.set_aspired_versions(name, map(self._loadable, versions))

    def _loadable(self, version: ServableData[str]) -> ServableData[Loader[ServedModel]]:
        try:
            return ServableData.of(version.id, self._loaders.loader(version.data))
        except ServingError as error:
            return ServableData.failed(version.id, error)
