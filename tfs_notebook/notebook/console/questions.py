"""What is sent, and what came of it: records that a history can keep and send again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tfs_notebook.notebook.console.forms import FormKey
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Answer", "Input", "Judged", "Question", "Word", "lines_of"]


@dataclass(frozen=True, slots=True)
class Input:
    """What was filled in, as it was.

    Attributes:
        text: what was typed: a text, JSON, or the name of a variable.
        each_line: whether each line of a text is one of its own.
        path: of an image's file; empty for none.
        upload: the bytes of an image that was uploaded; wins over ``path``.
        upload_name: of its file.
    """

    text: str = ""
    each_line: bool = True
    path: str = ""
    upload: bytes = field(default=b"", repr=False)
    upload_name: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all."""
        return not (self.text.strip() or self.path.strip() or self.upload)


def lines_of(given: Input) -> list[str]:
    """The texts that were typed: the whole, or a text a line without the empty ones."""
    if not given.each_line:
        return [given.text] if given.text.strip() else []
    return [line.strip() for line in given.text.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Question:
    """One input for one version.

    Attributes:
        model: which one, and which version or label of it.
        form: how it is asked.
        given: the input.
    """

    model: ModelReference
    form: FormKey
    given: Input


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a text was cut into.

    Attributes:
        text: as the model was given it.
        known: ``word``, ``pieces`` or ``no``.
        is_used: whether the model was given it at all.
    """

    text: str
    known: str
    is_used: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What a pipeline says of one text or image.

    Attributes:
        text: what was judged; empty for an image.
        scores: labels with their scores, the likeliest first.
        words: that the text was cut into; empty where nobody tells.
        has_scores: whether the scores are the model's; else they are 0, and say nothing.
    """

    text: str
    scores: tuple[tuple[str, float], ...]
    words: tuple[Word, ...] = ()
    has_scores: bool = True

    @property
    def label(self) -> str:
        """The likeliest."""
        return self.scores[0][0] if self.scores else ""

    @property
    def score(self) -> float:
        """Of that."""
        return self.scores[0][1] if self.scores else float("nan")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        version: that answered; None if the server does not say.
        seconds: from sending to the last byte, as the kernel saw it.
        judged: of a pipeline; empty for tensors.
        outputs: of a signature, by name; empty for a pipeline.
        timing: milliseconds that the server tells of, by step; empty where it tells none.
        request: what was sent, to be read.
        response: what came, to be read.
    """

    version: int | None
    seconds: float
    judged: tuple[Judged, ...] = ()
    outputs: Mapping[str, np.ndarray] = field(default_factory=dict)
    timing: Mapping[str, float] = field(default_factory=dict)
    request: str = ""
    response: str = ""
