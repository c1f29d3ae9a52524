"""Have two versions answer the same requests, and see how far they agree."""

from __future__ import annotations

import importlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tfs_notebook.client.agreement import Agreement, rows_of
from tfs_notebook.client.blocking_call import BlockingCall
from tfs_notebook.client.calls import Steps, ask
from tfs_notebook.client.frame_results import frame_of
from tfs_notebook.client.progress_line import new_line
from tfs_notebook.client.version_comparison import ComparedSide, VersionComparison
from tfs_notebook.wire.errors import ServingError

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Ask", "Question", "compare_answers"]

Ask: TypeAlias = "Callable[[], Steps[dict[str, np.ndarray]]]"
"""Has one side answer; raises the ServingError it answers with."""

_MOST_KEPT: Final = 1000
_QUIET_SECONDS: Final = 0.7
_LONGEST_SECONDS: Final = 5.0
_OUTPUT, _SIDE = "output", "side"


@dataclass(frozen=True, slots=True)
class Question:
    """One request to both.

    Attributes:
        place: where it comes from; empty for what is compared but once.
        index: a pandas Index for its rows, or None.
        asks: one for each side.
        runs: how often each side is asked, one of which is compared; the others are for the
            latency, and not begun after some seconds.
    """

    place: str
    index: Any
    asks: tuple[Ask, Ask]
    runs: int = 1


class _Side:
    """One of the two, while they are compared."""

    def __init__(self, choice: int | str) -> None:
        self.choice = choice
        self.seconds: list[float] = []
        self.errors: Counter[str] = Counter()

    def ask(self, ask: Ask) -> Steps[dict[str, np.ndarray] | ServingError]:
        began = time.perf_counter()
        try:
            outputs = yield from ask()
        except ServingError as error:
            self.errors[error.code.name] += 1
            return error
        self.seconds.append(time.perf_counter() - began)
        return outputs

    def done(self) -> ComparedSide:
        return ComparedSide(self.choice, tuple(self.seconds), dict(self.errors))


def compare_answers(
    name: str,
    choices: tuple[int | str, int | str],
    questions: Iterator[Question],
    *,
    rtol: float,
    atol: float,
    left_out: Mapping[str, int],
) -> Steps[VersionComparison]:
    """Ask both everything, one after the other, and compare.

    An interrupt ends it with what was compared; before anything was, it is raised.

    Args:
        name: of the model.
        choices: the versions or labels.
        questions: what to ask; to find the next may block, and what it raises is raised.
        rtol: see :func:`~tfs_notebook.client.output_comparison.compare_outputs`.
        atol: likewise.
        left_out: read at the end: what was not asked, by the reason.
    """
    sides = _Side(choices[0]), _Side(choices[1])
    agreement = Agreement(rtol=rtol, atol=atol)
    differences: list[str] = []
    frames: dict[str, DataFrame] = {}
    requests = agreed = 0
    was_interrupted = False
    line, began = new_line(), time.monotonic()
    following = BlockingCall(lambda: next(questions, None))
    try:
        while (question := (yield from ask(following))) is not None:
            answers = []
            for side, one in zip(sides, question.asks, strict=True):
                answers.append((yield from side.ask(one)))
            agree, reasons = _compared(sides, answers, agreement)
            requests += 1
            agreed += not reasons
            where = f"{question.place}: " if question.place else ""
            if len(differences) < _MOST_KEPT:
                differences += [where + reason for reason in reasons]
            if len(frames) < _MOST_KEPT:
                frames[question.place] = _frame(sides, answers, agree, question.index)
            yield from _ask_again(sides, question)
            if time.monotonic() - began > _QUIET_SECONDS:
                line.show(f"comparing {name}: {requests} requests, {agreed} agree …")
    except KeyboardInterrupt:
        if not requests:
            raise
        was_interrupted = True
    line.end(f"comparing {name}: done after {time.monotonic() - began:.1f} s")
    return VersionComparison(
        name,
        (sides[0].done(), sides[1].done()),
        requests,
        agreed,
        agreement.outputs,
        differences,
        dict(left_out),
        was_interrupted,
        _joined(frames),
    )


def _ask_again(sides: Sequence[_Side], question: Question) -> Steps[None]:
    end = time.monotonic() + _LONGEST_SECONDS
    for _ in range(question.runs - 1):
        if time.monotonic() > end:
            return
        for side, one in zip(sides, question.asks, strict=True):
            yield from side.ask(one)


def _compared(
    sides: Sequence[_Side],
    answers: Sequence[dict[str, np.ndarray] | ServingError],
    agreement: Agreement,
) -> tuple[np.ndarray, list[str]]:
    first, second = answers
    if isinstance(first, dict) and isinstance(second, dict):
        return agreement.add(first, second)
    rows = [rows_of(one) for one in answers if isinstance(one, dict)]
    return np.zeros(rows[0] if rows and rows[0] else 1, bool), [
        f"{'version' if isinstance(side.choice, int) else 'label'} {side.choice} fails with "
        f"{answer.code.name}: {answer.message}"
        for side, answer in zip(sides, answers, strict=True)
        if isinstance(answer, ServingError)
    ]


def _frame(
    sides: Sequence[_Side],
    answers: Sequence[dict[str, np.ndarray] | ServingError],
    agree: np.ndarray,
    index: Any,  # noqa: ANN401 - a pandas Index
) -> DataFrame:
    pandas = importlib.import_module("pandas")
    outputs = [one if isinstance(one, dict) else {} for one in answers]
    if rows_of(*outputs) != len(agree):
        # Not by rows: a single one, with whole arrays in it.
        outputs = [{name: _boxed(array) for name, array in one.items()} for one in outputs]
        agree, index = np.array([agree.all()]), None
    if index is None or len(index) != len(agree):
        index = pandas.RangeIndex(len(agree))
    parts = [
        (side.choice, frame_of(one, index))
        for side, one in zip(sides, outputs, strict=True)
        if one
    ]
    names = dict.fromkeys(column for _, part in parts for column in part.columns)
    columns = {
        (name, choice): part[name]
        for name in names
        for choice, part in parts
        if name in part.columns
    }
    columns["agrees", ""] = pandas.Series(agree, index)
    frame: DataFrame = pandas.DataFrame(columns)
    frame.columns = pandas.MultiIndex.from_tuples(columns, names=(_OUTPUT, _SIDE))
    return frame


def _boxed(array: np.ndarray) -> np.ndarray:
    box = np.empty(1, object)
    box[0] = array.tolist()
    return box


def _joined(frames: Mapping[str, DataFrame]) -> DataFrame:
    pandas = importlib.import_module("pandas")
    if list(frames) == [""]:
        return frames[""]
    if not frames:
        return pandas.DataFrame()
    return pandas.concat(frames, names=("request", "row"))
