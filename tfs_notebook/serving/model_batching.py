"""Batching as a server has it: one pool of threads, and queues for each loaded version."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from tfs_notebook.batching.batcher import Batcher, BatchRun, Run
from tfs_notebook.batching.parameters import BatchingParameters, parameters_of
from tfs_notebook.batching.rows import Parts
from tfs_notebook.batching.scheduler import BatchScheduler
from tfs_notebook.batching.task import Task
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.runtimes.model import Model, parts_runner
from tfs_notebook.serving.model_config import read_text_proto
from tfs_notebook.serving.multi_inference import joint_signatures
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import BatchingParameters as BatchingParametersProto
from tfs_notebook.wire.signatures import Signature

__all__ = ["ModelBatching", "ServerBatching"]

_FILE_OF_A_VERSION: Final = "batching_params.pbtxt"


_Key = tuple[str, tuple[str, ...], frozenset[str] | None]


class ModelBatching:
    """Puts the requests of one loaded version together. Any thread may call it.

    Args:
        model: runs them.
        scheduler: its threads do.
        parameters: say how.
        seen: hears of each run, with the name of its signature.
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
        self._batcher = Batcher(scheduler, parameters, self._opened)
        self._seen = seen

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
    def parameters(self) -> BatchingParameters:
        """What holds for the requests that come now."""
        return self._batcher.parameters

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

    Raises:
        InvalidArgument: a file of parameters that cannot be used.
    """

    def __init__(self, config: ServerConfig, statistics: Statistics) -> None:
        self._statistics = statistics
        self._by_model = config.enable_per_model_batching_parameters
        self._parameters = _parameters(config)
        self._scheduler = BatchScheduler(self._parameters.num_batch_threads)
        self._lock = threading.Lock()
        self._models: dict[ServableId, ModelBatching] = {}

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
        if self._by_model:
            file = path / _FILE_OF_A_VERSION
            if not file.is_file():
                return None
            parameters = _read(str(file), pool=parameters)

        def seen(signature: str, run: BatchRun) -> None:
            self._statistics.add_run(id_.name, id_.version, signature, run)

        batching = ModelBatching(model, self._scheduler, parameters, seen)
        with self._lock:
            self._models[id_] = batching
        return batching

    def on_state(self, state: ServableState) -> None:
        """Hear which versions go; for the bus of the states."""
        if state.state not in (ManagerState.UNLOADING, ManagerState.END):
            return
        with self._lock:
            batching = self._models.pop(state.id, None)
        if batching is not None:
            batching.close()

    def close(self) -> None:
        """Let nothing wait for more: the server is about to stop."""
        for batching in list(self._models.values()):
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


def _parameters(config: ServerConfig) -> BatchingParameters:
    if not config.batching_parameters_file:
        return BatchingParameters()
    return _read(config.batching_parameters_file)


def _read(path: str, pool: BatchingParameters | None = None) -> BatchingParameters:
    message = read_text_proto(path, BatchingParametersProto)
    if pool is not None:
        # It is shared, and so is what is said of it.
        message.num_batch_threads.value = pool.num_batch_threads
        message.thread_pool_name.value = pool.thread_pool_name
    try:
        return parameters_of(message)
    except InvalidArgument as error:
        raise InvalidArgument(f"{error.message} ({path})") from None
