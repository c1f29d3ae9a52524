"""What is to be seen of one request: how it ends, and what its answer is compared with."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import numpy as np

from tfs_notebook.batching.task import Outputs
from tfs_notebook.serving.routing.comparison import Answer
from tfs_notebook.serving.routing.copies import Replay, TensorCopy
from tfs_notebook.serving.routing.figures import ShadowFigures
from tfs_notebook.serving.routing.settings import ShadowSettings
from tfs_notebook.serving.routing.shadow import ShadowCopy, ShadowRunner
from tfs_notebook.wire.errors import (
    Aborted,
    Cancelled,
    DeadlineExceeded,
    ResourceExhausted,
    Unavailable,
)

__all__ = ["Counts", "Observation"]

T = TypeVar("T")

# What they say is not about the request: there is nothing to compare with.
_OF_THE_MOMENT: Final = (Aborted, Cancelled, DeadlineExceeded, ResourceExhausted, Unavailable)


class Counts(Protocol):
    """Where a request is counted; see ``Route``."""

    name: str
    shadow: ShadowFigures | None

    def count(self, version: int, seconds: float, *, failed: bool) -> None:
        """A request has ended."""


class Observation:
    """Sees one request end. Belongs to the thread that the request is at.

    Attributes:
        copies: whether it is asked once more, of another version.
        version: that answers.
        keeps_arrays: whether inputs and outputs are copied, since they are somebody's own.
    """

    __slots__ = (
        "_outputs",
        "_replay",
        "_route",
        "_runner",
        "_settings",
        "_versions",
        "copies",
        "keeps_arrays",
        "version",
    )

    def __init__(
        self,
        runner: ShadowRunner,
        route: Counts,
        version: int,
        settings: ShadowSettings | None,
        versions: tuple[int, ...],
    ) -> None:
        self._runner = runner
        self._route = route
        self._settings = settings
        self._versions = versions
        self._replay: Replay | None = None
        self._outputs: Outputs | None = None
        self.version = version
        self.copies = settings is not None
        self.keeps_arrays = False

    def seeing(
        self, encode: Callable[[Outputs], T], replay: TensorCopy
    ) -> Callable[[Outputs], T]:
        """Have the outputs kept for the comparison, where ``encode`` is given them."""
        if self.keeps_arrays:
            inputs = {
                alias: (array.copy(), dtype) for alias, (array, dtype) in replay.inputs.items()
            }
            replay = TensorCopy(replay.signature, inputs, replay.output_filter)
        self._replay = replay

        def seen(outputs: Outputs) -> T:
            self._outputs = _own(outputs) if self.keeps_arrays else outputs
            return encode(outputs)

        return seen

    def replays(self, replay: Replay) -> None:
        """This is what is to be asked once more."""
        self._replay = replay

    def saw(self, outputs: Outputs) -> None:
        """This is what it is to be compared with."""
        self._outputs = outputs

    def timed(self, work: Callable[[], T]) -> T:
        """Do what answers it, and see that end; gives, or raises, what the work does."""
        started = time.perf_counter()
        try:
            result = work()
        except Exception as error:
            self.ended(time.perf_counter() - started, error)
            raise
        self.ended(time.perf_counter() - started, None)
        return result

    def refused(self) -> None:
        """It did not fit the version: a signature is missing, say."""
        self._route.count(self.version, 0.0, failed=True)

    def ended(self, seconds: float, error: Exception | None) -> None:
        """It has its answer."""
        route, settings, replay = self._route, self._settings, self._replay
        route.count(self.version, seconds, failed=error is not None)
        if settings is None or replay is None or route.shadow is None:
            return
        if isinstance(error, _OF_THE_MOMENT):
            return
        outputs = self._outputs if error is None else None
        if error is None and outputs is None:
            return
        true = Answer(seconds, outputs, error)
        self._runner.offer(
            ShadowCopy(route.name, self._versions, settings, route.shadow, replay, true)
        )


def _own(outputs: Outputs) -> dict[str, np.ndarray]:
    return {alias: array.copy() for alias, array in outputs.items()}
