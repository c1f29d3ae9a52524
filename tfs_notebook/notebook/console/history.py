"""What was asked before. Pure."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tfs_notebook.notebook.console.choices import reference_text
from tfs_notebook.notebook.console.questions import Answer, Judged, Question
from tfs_notebook.notebook.widgets.markup import cut, percent

__all__ = ["Entry", "History"]

_MOST: Final = 50
_LONGEST_INPUT: Final = 36
# Together: an upload is kept so that it can be sent again.
_MOST_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with what came of it.

    Attributes:
        number: counts from 1.
        at: when the answer was there.
        question: as it was asked.
        answer: None for an error.
        error: why there is none.
    """

    number: int
    at: datetime
    question: Question
    answer: Answer | None
    error: str = ""

    @property
    def outcome(self) -> str:
        """The label and its score, or how it ended, in a few words."""
        answer = self.answer
        if answer is None:
            return f"✕ {cut(self.error.splitlines()[0], _LONGEST_INPUT) if self.error else ''}"
        if len(answer.judged) > 1:
            return f"{len(answer.judged)} × {_counted(answer.judged)}".strip()
        if answer.judged:
            judged = answer.judged[0]
            score = f" {percent(judged.score)}" if judged.has_scores else ""
            return f"{judged.label}{score}"
        return ", ".join(
            f"{name} {list(array.shape)}" for name, array in answer.outputs.items()
        )

    @property
    def text(self) -> str:
        """The entry in a line."""
        given = self.question.given
        typed = " ".join(given.text.split()) or given.upload_name or Path(given.path).name
        version = None if self.answer is None else self.answer.version
        model = reference_text(self.question.model, version)
        took = "" if self.answer is None else f" · {self.answer.seconds * 1000:.0f} ms"
        return (
            f"{self.number}  {self.at:%H:%M:%S}  {model}  {cut(typed, _LONGEST_INPUT)}  "
            f"→ {self.outcome}{took}"
        )


def _counted(judged: Sequence[Judged]) -> str:
    counts = Counter(one.label for one in judged if one.label)
    told = ", ".join(f"{label} {count}" for label, count in counts.most_common())
    return cut(told, _LONGEST_INPUT)


class History:
    """The last questions, the newest first; of one thread."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_MOST)
        self._count = 0

    def add(
        self, at: datetime, question: Question, answer: Answer | None, error: str = ""
    ) -> Entry:
        """Remember one; what is oldest is forgotten."""
        self._count += 1
        entry = Entry(self._count, at, question, answer, error)
        self._entries.appendleft(entry)
        while self._held() > _MOST_BYTES and len(self._entries) > 1:
            self._entries.pop()
        return entry

    def entries(self) -> list[Entry]:
        """All that are remembered."""
        return list(self._entries)

    def entry(self, number: int) -> Entry | None:
        """One of them, if it is still there."""
        return next((one for one in self._entries if one.number == number), None)

    def _held(self) -> int:
        return sum(len(one.question.given.upload) for one in self._entries)
