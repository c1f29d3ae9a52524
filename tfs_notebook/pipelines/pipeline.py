"""What the data plane knows of a pipeline, whatever it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np

from tfs_notebook.pipelines.scores import LabelledScores
from tfs_notebook.wire.signatures import Signature

__all__ = ["Kind", "Pipeline"]

Kind = Literal["text", "image"]


class Pipeline(Protocol):
    """What stands before and after one version of a model; for any thread, immutable."""

    @property
    def kind(self) -> Kind:
        """What it takes."""

    @property
    def signature(self) -> str:
        """The signature of the model that it is for."""

    @property
    def output(self) -> str:
        """The alias of the scores."""

    @property
    def labels(self) -> tuple[str, ...] | None:
        """A name for each score; None if they are known by their places."""

    @property
    def top(self) -> int | None:
        """How many labels an answer tells unless the request says so; None for the best."""

    @property
    def most_a_run(self) -> int:
        """How much of it may be in one tensor, which bounds the memory that takes."""

    def check(self, signatures: Mapping[str, Signature]) -> Signature:
        """Return the signature that the pipeline is for.

        Raises:
            FailedPrecondition: the model has no such signature, or one that takes
                or gives other tensors.
        """

    def encode(self, raw: Sequence[Any]) -> dict[str, np.ndarray]:
        """Return the tensor for some raw inputs, by the input's alias. Takes its time.

        Raises:
            InvalidArgument: one of them is not of the kind.
        """

    def decode(self, outputs: Mapping[str, np.ndarray]) -> list[LabelledScores]:
        """Return what the scores say, one record a raw input.

        Args:
            outputs: the model's answer by alias, for what :meth:`encode` gave.

        Raises:
            FailedPrecondition: the scores are missing or not one a label.
        """

    def summary(self) -> dict[str, Any]:
        """What the model is given, for people and clients; can be written as JSON."""
