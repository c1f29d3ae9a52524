"""The model server: what every door leads to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import (
    AspiredVersionsManager,
    EventBus,
    FileSystemSource,
    ManagerOptions,
    ManagerState,
    PeriodicPoller,
    ServableData,
    ServableHandle,
    ServableRequest,
    ServableState,
    ServableStateMonitor,
    ServableToMonitor,
    SimpleLoader,
    Subscription,
)
from tfs_notebook.runtimes.model import Model
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.serving.inference import check_method_name, find_signature, run_predict
from tfs_notebook.serving.model_config import ModelSettings, configured_models
from tfs_notebook.serving.session_config import session_config
from tfs_notebook.wire.errors import InvalidArgument, NotFound
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature

__all__ = ["HeldModel", "ModelServer", "ModelStatus"]

_log = logging.getLogger(__name__)

Inputs = Mapping[str, tuple[np.ndarray, int]]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What is known of one configured model.

    Attributes:
        settings: how it is configured.
        versions: their states, the newest first.
        waiting_for: why there is nothing to load, or None.
    """

    settings: ModelSettings
    versions: tuple[ServableState, ...]
    waiting_for: str | None


class HeldModel:
    """One version of a model, kept loaded for as long as this is held.

    Hold it in a ``with`` statement, on one thread, for the length of a request.
    """

    __slots__ = ("_check_method", "_handle", "_model", "name", "version")

    def __init__(self, handle: ServableHandle[Model], *, check_method: bool) -> None:
        self._handle = handle
        self._model = handle.servable
        self._check_method = check_method
        self.name = handle.id.name
        self.version = handle.id.version

    def __enter__(self) -> HeldModel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._handle.release()

    @property
    def signature_defs(self) -> Mapping[str, SignatureDef]:
        """What the model offers, as clients read it."""
        return self._model.signature_defs

    def signature(self, name: str) -> Signature:
        """The signature a request names; an empty name is ``serving_default``.

        Raises:
            SignatureNotFound: the model does not have it.
        """
        return find_signature(self._model, name)

    def reference(self, signature: str = "") -> ModelReference:
        """What answers name as the model that answered."""
        return ModelReference(self.name, self.version, None, signature)

    def predict(
        self, signature: Signature, inputs: Inputs, output_filter: Sequence[str] = ()
    ) -> dict[str, np.ndarray]:
        """Check a request and run it; blocks. See :func:`run_predict`."""
        if self._check_method:
            check_method_name(signature)
        return run_predict(self._model, signature, inputs, output_filter)


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
        self._models = {model.name: model for model in configured_models(config)}
        self._tags = [tag.strip() for tag in config.saved_model_tags.split(",")]
        self._session_config = session_config(config).SerializeToString()
        self._bus: EventBus[ServableState] = EventBus()
        self._monitor = ServableStateMonitor(self._bus)
        self._manager: AspiredVersionsManager[Model] = AspiredVersionsManager(
            ManagerOptions(
                num_load_threads=max(1, config.num_load_threads),
                num_unload_threads=max(1, config.num_unload_threads),
                max_num_load_retries=config.max_num_load_retries,
                load_retry_interval=config.load_retry_interval_micros / 1e6,
            ),
            bus=self._bus,
        )
        self._source = FileSystemSource(
            [
                ServableToMonitor(model.name, model.base_path, model.policy)
                for model in self._models.values()
            ],
            nothing_serves=lambda: not self.ready,
        )
        self._source.set_aspired_versions_callback(self._aspire)
        self._first_look = threading.Event()
        self._poller = PeriodicPoller(self._look, float(config.file_system_poll_wait_seconds))

    # -- its life --------------------------------------------------------------

    def start(self) -> None:
        """Begin to look for versions and to load them; does not wait for either."""
        self._manager.start()
        self._poller.start()

    def _look(self) -> None:
        self._source.poll()
        self._first_look.set()

    def wait_for_models(self, timeout: float | None = None) -> dict[str, str]:
        """Wait until each model's first load has succeeded or failed; blocks.

        A model without a version to load keeps nobody waiting.

        Returns:
            why, by name, of the models that do not serve.
        """
        if self._config.file_system_poll_wait_seconds < 0:
            return dict.fromkeys(self._models, "--file_system_poll_wait_seconds is negative")
        if not self._first_look.wait(timeout):
            return dict.fromkeys(self._models, "its file system does not answer")
        waiting = self._source.waiting()
        outcomes = self._monitor.wait_for_first_outcome(
            [name for name in self._models if name not in waiting], timeout
        )
        failed = dict(waiting)
        for name, state in outcomes.items():
            if state.state != ManagerState.AVAILABLE and state.error is not None:
                failed[name] = f"{state.id} due to error: {state.error.status_text}"
        return failed

    def stop(self, timeout: float) -> None:
        """Unload everything and end all threads; blocks for ``timeout`` seconds. Idempotent."""
        self._poller.stop(timeout)
        if left := self._manager.stop(timeout):
            names = ", ".join(map(str, left))
            _log.warning("still busy after %.1f s, left behind: %s", timeout, names)

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
        name, version = self._resolve(reference)
        request = (
            ServableRequest.latest(name)
            if version is None
            else ServableRequest.specific(name, version)
        )
        return HeldModel(
            self._manager.handle(request),
            check_method=self._config.enable_signature_method_name_check,
        )

    def _resolve(self, reference: ModelReference | None) -> tuple[str, int | None]:
        if reference is None:
            raise InvalidArgument("Missing ModelSpec")
        if not reference.name:
            raise InvalidArgument("ModelSpec has no name specified.")
        if reference.label is None:
            return reference.name, reference.version
        model = self._models.get(reference.name)
        if model is None or reference.label not in model.version_labels:
            raise InvalidArgument(f"Unrecognized servable version label: {reference.label}")
        return reference.name, model.version_labels[reference.label]

    def version_states(self, reference: ModelReference | None) -> tuple[ServableState, ...]:
        """The states of a model's versions, the newest first, or of the one asked for.

        Raises:
            InvalidArgument: no name, or a label that does not exist.
            NotFound: no such version, or none at all.
        """
        name, version = self._resolve(reference)
        states = self._monitor.states(name)
        if version is not None:
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
            ModelStatus(model, self._monitor.states(name), waiting.get(name))
            for name, model in self._models.items()
        ]

    def _aspire(self, name: str, versions: Sequence[ServableData[str]]) -> None:
        self._manager.set_aspired_versions(
            name,
            [
                ServableData.failed(version.id, version.error)
                if version.error is not None
                else ServableData.of(version.id, self._loader(version.data))
                for version in versions
            ],
        )

    def _loader(self, path: str) -> SimpleLoader[Model]:
        return SimpleLoader(
            lambda: load_saved_model(Path(path), self._tags, self._session_config),
            destroy=lambda model: model.close(),
            origin=path,
        )
