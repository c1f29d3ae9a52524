"""Batching as a server has it: one pool of threads, and queues for each loaded version."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from tfs_notebook.batching.batcher import Batcher, BatchRun, Run
from tfs_notebook.batching.override import BatchingOverride
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.rows import Parts
from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.batching.scheduler import BatchScheduler
from tfs_notebook.batching.task import Task
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.runtimes.model import Model, RunsInTurn, TellsSharing, parts_runner
from tfs_notebook.serving.batching_files import (
    FILE_OF_A_VERSION,
    server_parameters,
    version_parameters,
)
from tfs_notebook.serving.batching_status import (
    AutomaticStatus,
    BatchingStatus,
    VersionBatching,
)
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.multi_inference import joint_signatures
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument
from tfs_notebook.wire.signatures import Signature

__all__ = ["ModelBatching", "ServerBatching"]

_log = logging.getLogger(__name__)


_Key = tuple[str, tuple[str, ...], frozenset[str] | None]


class ModelBatching:
    """Puts the requests of one loaded version together. Any thread may call it.

    Args:
        model: runs them.
        scheduler: its threads do.
        parameters: say how, unless :meth:`apply` says otherwise.
        seen: hears of each run, with the name of its signature.

    Attributes:
        configured: the parameters above.
        problem: why what was said over them does not hold; None if it does.
    """

    def __init__(
        self,
        model: Model,
        scheduler: BatchScheduler,
        parameters: BatchingParameters,
        seen: Callable[[str, BatchRun], None],
    ) -> None:
        self._signatures = {**joint_signatures(model.signatures), **model.signatures}
        self._run_parts = parts_runner(model)
        self.configured = parameters
        self.problem: str | None = None
        self._runs_in_turn = isinstance(model, RunsInTurn) and model.runs_in_turn
        self._batcher = Batcher(
            scheduler, parameters, self._opened, one_at_a_time=self._runs_in_turn
        )
        self._seen = seen

    def apply(self, override: BatchingOverride, latency_target_micros: int) -> None:
        """Let this hold over what is configured, or that alone if both cannot work together.

        Args:
            override: what is said of the model.
            latency_target_micros: see ``Batcher.change``.
        """
        parameters, self.problem = _in_force(override, self.configured)
        self._batcher.change(parameters, latency_target_micros)

    def submit(self, task: Task, signature: Signature, outputs: tuple[str, ...]) -> None:
        """Put a request in its queue; does not block.

        Args:
            task: of this signature, checked.
            signature: one of the model's, or of :func:`joint_signatures`.
            outputs: those wanted, in the signature's order.

        Raises:
            InvalidArgument: it is too large.
            Unavailable: the queue is full, or the server is shutting down.
        """
        # Inputs may be left out that have defaults.
        given = frozenset(task.inputs) if signature.defaults else None
        if self._runs_in_turn:
            # A run gives all of them; a queue for each choice would be in the others' way.
            outputs = tuple(signature.outputs)
        self._batcher.submit((signature.name, outputs, given), task)

    def _opened(self, key: _Key) -> tuple[Run, Callable[[BatchRun], None]]:
        name, outputs, _ = key
        run_parts, signature = self._run_parts, self._signatures[name]

        def run(parts: Parts) -> dict[str, np.ndarray]:
            return dict(zip(outputs, run_parts(signature, parts, outputs), strict=True))

        return run, partial(self._seen, name)

    def close(self) -> None:
        """Wait for nobody any more: no new requests are to be expected."""
        self._batcher.close()

    @property
    def status(self) -> VersionBatching:
        """What holds for the requests that come now."""
        parameters, mode = self._batcher.parameters, self._batcher.automatic
        if mode is None:
            return VersionBatching(parameters, None, self.problem)
        found = AutomaticStatus.of(mode)
        parameters = replace(parameters, batch_timeout_micros=found.batch_timeout_micros)
        return VersionBatching(parameters, found, self.problem)

    @property
    def most_rows(self) -> int:
        """How many rows one request may have."""
        return self._batcher.parameters.max_batch_size

    @property
    def queued(self) -> int:
        """How many requests wait."""
        return self._batcher.depth


class ServerBatching:
    """The pool that all models share, and what holds for each of them.

    Any thread may call any method; :meth:`of_version` and :meth:`stop` block.

    Args:
        config: the flags.
        statistics: count the runs.
        watch: sees which of them hang.

    Raises:
        InvalidArgument: a file of parameters that cannot be used.
    """

    def __init__(self, config: ServerConfig, statistics: Statistics, watch: RunWatch) -> None:
        self._statistics = statistics
        self._by_model = config.enable_per_model_batching_parameters
        self._target = config.batching_latency_target_micros
        self._parameters = server_parameters(config)
        self._scheduler = BatchScheduler(self._parameters.num_batch_threads, watch=watch)
        self._lock = threading.Lock()
        # One that replaces another under the same id comes last, and both may serve.
        self._models: dict[ServableId, list[ModelBatching]] = {}
        self._overrides: Mapping[str, BatchingOverride] = {}

    def of_version(self, id_: ServableId, path: Path, model: Model) -> ModelBatching | None:
        """How the requests of a version are put together; blocks on its file, if it has one.

        Args:
            id_: name and version.
            path: the version's directory.
            model: runs them.

        Returns:
            None if they are not.

        Raises:
            InvalidArgument: the file cannot be used.
        """
        parameters = self._parameters
        if isinstance(model, TellsSharing) and not model.shares_runs:
            self._drop(id_)
            return None
        if self._by_model:
            own = version_parameters(path, pool=parameters)
            if own is None:
                self._drop(id_)
                return None
            parameters = own

        def seen(signature: str, run: BatchRun) -> None:
            self._statistics.add_run(id_.name, id_.version, signature, run)

        batching = ModelBatching(model, self._scheduler, parameters, seen)
        with self._lock:
            self._models.setdefault(id_, []).append(batching)
            self._apply(id_, batching)
        return batching

    def configure(self, models: Mapping[str, ModelSettings]) -> None:
        """Let what is said of models hold for those that are loaded, and that will be."""
        overrides = {name: model.batching for name, model in models.items()}
        with self._lock:
            before, self._overrides = self._overrides, overrides
            for id_, loaded in self._models.items():
                if overrides.get(id_.name) != before.get(id_.name):
                    for batching in loaded:
                        self._apply(id_, batching)

    def _apply(self, id_: ServableId, batching: ModelBatching) -> None:
        override = self._overrides.get(id_.name, BatchingOverride())
        batching.apply(override, self._target_of(override))
        if batching.problem is not None:
            _log.warning(
                "%s: what was said of its batching does not hold, because it does not go "
                "together with what files and flags say: %s",
                id_,
                batching.problem,
            )

    def _target_of(self, override: BatchingOverride) -> int:
        said = override.latency_target_micros
        return self._target if said is None else said

    def check(self, name: str, override: BatchingOverride) -> None:
        """Refuse what cannot work with what files and flags say of a model.

        Raises:
            FailedPrecondition: its requests are not put together.
            InvalidArgument: as ``BatchingOverride.over``.
        """
        for parameters in self._configured(name):
            override.over(parameters)

    def _configured(self, name: str) -> list[BatchingParameters]:
        found = [batching.configured for batching in self._versions(name).values()]
        if not self._by_model:
            return [*found, self._parameters]
        if not found:
            raise FailedPrecondition(
                f"no loaded version of model {name} puts requests together: the server was "
                "started with --enable_per_model_batching_parameters. Put a "
                f"{FILE_OF_A_VERSION} beside the saved_model.pb of a version and load that, "
                "or start the server without the flag; a function shares calls with "
                "serve(function, batched=True)"
            )
        return found

    def _versions(self, name: str) -> dict[int, ModelBatching]:
        with self._lock:
            return {
                id_.version: loaded[-1]
                for id_, loaded in self._models.items()
                if id_.name == name
            }

    def status(self, name: str, override: BatchingOverride) -> BatchingStatus:
        """What is known of a model's batching.

        Args:
            name: of the model.
            override: what is said of it.

        Raises:
            FailedPrecondition: its requests are not put together.
        """
        configured = self._configured(name)[-1]
        loaded = self._versions(name)
        versions = {number: loaded[number].status for number in sorted(loaded, reverse=True)}
        newest = next(iter(versions.values()), None)
        parameters = (
            newest.parameters if newest is not None else _in_force(override, configured)[0]
        )
        return BatchingStatus(parameters, override, self._target_of(override), versions)

    def on_state(self, state: ServableState) -> None:
        """Hear which versions go; for the bus of the states."""
        if state.state in (ManagerState.UNLOADING, ManagerState.END):
            self._drop(state.id)
        # That one is replaced no other state tells; with an error, it is not.
        elif state.state is ManagerState.AVAILABLE and state.error is None:
            self._drop(state.id, but_last=True)

    def _drop(self, id_: ServableId, *, but_last: bool = False) -> None:
        with self._lock:
            going = self._models.pop(id_, [])
            if but_last and going:
                self._models[id_] = [going.pop()]
        for batching in going:
            batching.close()

    def close(self) -> None:
        """Let nothing wait for more: the server is about to stop."""
        with self._lock:
            closing = [batching for loaded in self._models.values() for batching in loaded]
        for batching in closing:
            batching.close()

    def hold_back(self) -> None:
        """See ``BatchScheduler``."""
        self._scheduler.hold_back()

    def go_on(self) -> None:
        """See ``BatchScheduler``."""
        self._scheduler.go_on()

    def stop(self, timeout: float) -> None:
        """Run what waits, and end the threads; blocks for at most ``timeout`` seconds."""
        self._scheduler.stop(timeout)

    @property
    def threads(self) -> int:
        """How many batches run at once, of all models together."""
        return self._scheduler.threads

    @threads.setter
    def threads(self, number: int) -> None:
        self._scheduler.threads = number

    @property
    def thread_pool_name(self) -> str:
        """What TensorFlow Serving's metrics call these threads."""
        return self._parameters.thread_pool_name

    @property
    def configured_threads(self) -> int:
        """How many files and flags say."""
        return self._parameters.num_batch_threads


def _in_force(
    override: BatchingOverride, configured: BatchingParameters
) -> tuple[BatchingParameters, str | None]:
    try:
        return override.over(configured), None
    except InvalidArgument as error:
        # The files have changed below it. A model is not to stay away for that.
        return configured, error.message
