"""Requests that can be asked once more, of another version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

from tfs_notebook.batching.task import Inputs, Outputs
from tfs_notebook.pipelines.pipeline import Kind
from tfs_notebook.pipelines.scores import LabelledScores
from tfs_notebook.serving.inference import find_signature, run_predict
from tfs_notebook.serving.raw_prediction import predict_raw
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["RawCopy", "Replay", "TensorCopy", "bytes_of", "judged_outputs", "shown_outputs"]

Watched: TypeAlias = Callable[[Callable[[], dict[str, np.ndarray]]], dict[str, np.ndarray]]
"""Does what it is given, a run, and sees whether that hangs."""

_LONGEST_SHOWN: Final = 300
_SHOWN_VALUES: Final = 12
# As good as all of them to say how large the others are.
_STRINGS_SEEN: Final = 64


class Replay(Protocol):
    """A request without whoever sent it."""

    @property
    def size(self) -> int:
        """About how many bytes it keeps in memory."""

    def run(self, served: ServedModel, watched: Watched) -> Outputs:
        """Ask it of a version; blocks.

        Raises:
            ServingError: why that has no answer.
        """

    def shown(self) -> str:
        """What is asked, for people; cut short."""


@dataclass(frozen=True, slots=True)
class TensorCopy:
    """A Predict, Classify or Regress.

    Attributes:
        signature: its name.
        inputs: array and ``DataType`` number by alias; nobody changes them.
        output_filter: the outputs wanted; empty for all of them.
    """

    signature: str
    inputs: Inputs
    output_filter: Sequence[str] = ()

    @property
    def size(self) -> int:
        """See :class:`Replay`."""
        return sum(bytes_of(array) for array, _ in self.inputs.values())

    def run(self, served: ServedModel, watched: Watched) -> Outputs:
        """See :class:`Replay`."""
        signature = find_signature(served.model, self.signature)
        return watched(
            partial(run_predict, served.model, signature, self.inputs, self.output_filter)
        )

    def shown(self) -> str:
        """See :class:`Replay`."""
        return shown_outputs({alias: array for alias, (array, _) in self.inputs.items()})


@dataclass(frozen=True, slots=True)
class RawCopy:
    """Texts or images, which each version makes tensors of in its own way.

    Attributes:
        kind: which of the two.
        raw: as the request has them.
        most: how many are put into one run.
    """

    kind: Kind
    raw: Sequence[Any]
    most: int

    @property
    def size(self) -> int:
        """See :class:`Replay`."""
        return sum(len(one) if isinstance(one, str | bytes) else 0 for one in self.raw)

    def run(self, served: ServedModel, watched: Watched) -> Outputs:
        """See :class:`Replay`."""
        pipeline = served.pipeline
        if pipeline is None or pipeline.kind != self.kind:
            raise FailedPrecondition(f"it has no pipeline for {self.kind} input")
        most = min(self.most, pipeline.most_a_run)
        return judged_outputs(
            predict_raw(served.model, pipeline, self.raw, most, lambda _, run: watched(run))
        )

    def shown(self) -> str:
        """See :class:`Replay`."""
        if self.kind == "text":
            return _cut(repr(list(self.raw[:_SHOWN_VALUES])))
        return f"{len(self.raw)} image(s)"


def judged_outputs(judged: Sequence[LabelledScores]) -> Outputs:
    """What a model says of raw input, as arrays: ``label`` of ``[n]``, and ``score``."""
    return {
        "label": np.array([one.label for one in judged], object),
        "score": np.array([one.score for one in judged], np.float64),
    }


def bytes_of(array: np.ndarray) -> int:
    """About how much memory an array takes, with the strings in it."""
    if not array.dtype.hasobject or not array.size:
        return array.nbytes
    seen = array.reshape(-1)[:_STRINGS_SEEN].tolist()
    length = sum(len(one) for one in seen if isinstance(one, str | bytes)) / len(seen)
    return array.nbytes + int(length * array.size)


def shown_outputs(outputs: Mapping[str, np.ndarray]) -> str:
    """Arrays for people, cut short."""
    texts = []
    for alias, array in outputs.items():
        with np.printoptions(precision=6, threshold=_SHOWN_VALUES, edgeitems=3):
            texts.append(f"{alias}: {_cut(' '.join(str(array).split()))}")
    return _cut(", ".join(texts))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
