"""An ensemble as a model: its signature, and runs for those who wait for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tfs_notebook.batching.task import Inputs, Task
from tfs_notebook.serving.ensembles.running import EnsembleRuns
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, signature_of

__all__ = ["EnsembleModel"]


class EnsembleModel:
    """See :class:`~tfs_notebook.runtimes.model.Model`.

    What comes through a door is not run by it but by ``EnsembleRuns``, on no thread of its
    own; :meth:`run` is for those whose thread has nothing else to do, a warm-up's say.

    Args:
        definition: of its one signature.
        runs: make its runs.
        closed: called once when it is unloaded.
    """

    def __init__(
        self, definition: SignatureDef, runs: EnsembleRuns, closed: Callable[[], None]
    ) -> None:
        self.signature_defs: Mapping[str, SignatureDef] = {DEFAULT_SIGNATURE: definition}
        self.signatures: Mapping[str, Signature] = {
            DEFAULT_SIGNATURE: signature_of(DEFAULT_SIGNATURE, definition)
        }
        self._runs = runs
        self._closed = closed

    def run(
        self, signature: Signature, inputs: Inputs, outputs: Sequence[str]
    ) -> list[np.ndarray]:
        """Run it, and wait for the answer; blocks.

        Must not be called on a thread that members need: a batch thread, or one of the pool
        that steps are run on.
        """
        task, answered = Task(inputs, dict), _Answered()
        task.enqueue_for(answered, by_rows=False)
        self._runs.submit(task, signature, tuple(outputs))
        try:
            answered.wait()
        except BaseException:
            # A cell was interrupted.
            task.abandon()
            raise
        if task.error is not None:
            raise task.error
        return [task.result[alias] for alias in outputs]

    def close(self) -> None:
        """Forget it; its members are others' to unload."""
        self._closed()


class _Answered:
    """A ``Receiver`` for one task."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def deliver(self, tasks: Sequence[Task]) -> None:  # noqa: ARG002 - there is one
        self._event.set()

    def wait(self) -> None:
        self._event.wait()
