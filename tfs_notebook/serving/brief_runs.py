"""Which predictions are so brief, whatever values they come with, that no thread is woken."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from tfs_notebook.batching.task import Inputs
from tfs_notebook.runtimes.model import Model, TellsWork
from tfs_notebook.wire.signatures import Signature

__all__ = ["BriefRuns"]

_BRIEF_SECONDS: Final = 0.0005
_ENOUGH: Final = 8
# A time that has been reached once is not believed for ever.
_FORGETTING: Final = 1.02
_MOST_KINDS: Final = 256


class BriefRuns:
    """Of one loaded version: how long predictions of each kind have taken, all in all.

    Predictions are of one kind if they have the signature, the outputs and the shapes of
    their inputs in common, and if nothing else decides how much work they are; see
    ``runtimes.model.TellsWork``. The fastest of the last ones tells what that is: the
    others had to wait for a processor, or the interpreter's lock.

    Any thread may call it; of two that take note at the same moment one may be lost.
    """

    def __init__(self, model: Model) -> None:
        self._steady = (
            {name for name, one in model.signatures.items() if model.has_steady_work(one)}
            if isinstance(model, TellsWork)
            else set()
        )
        self._kinds: dict[Hashable, _Kind] = {}

    def kind(
        self, signature: Signature, inputs: Inputs, outputs: tuple[str, ...]
    ) -> Hashable | None:
        """What a prediction has in common with others of the same work; None if nothing has."""
        if signature.name not in self._steady:
            return None
        # With their names: which of two inputs is the large one may make all the difference.
        shapes = tuple([(alias, array.shape) for alias, (array, _) in inputs.items()])
        return signature.name, outputs, shapes

    def expects(self, kind: Hashable) -> bool:
        """Whether one of this kind is known to take no longer than 0.5 ms."""
        seen = self._kinds.get(kind)
        return seen is not None and seen.runs >= _ENOUGH and seen.fastest <= _BRIEF_SECONDS

    def record(self, kind: Hashable, seconds: float) -> None:
        """One of this kind took so long."""
        seen = self._kinds.get(kind)
        if seen is None:
            # Clients choose the shapes, and there are many.
            if len(self._kinds) >= _MOST_KINDS:
                return
            seen = self._kinds[kind] = _Kind()
        seen.runs += 1
        seen.fastest = min(seconds, seen.fastest * _FORGETTING)


class _Kind:
    __slots__ = ("fastest", "runs")

    def __init__(self) -> None:
        self.runs = 0
        self.fastest = float("inf")
