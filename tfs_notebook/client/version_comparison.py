"""What came of having two versions answer the same requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tfs_notebook.client.agreement import OutputAgreement
from tfs_notebook.client.latencies import latencies
from tfs_notebook.client.plots import COLOURS, Plot, new_plot
from tfs_notebook.client.text_tables import html_table, text_table

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["ComparedSide", "VersionComparison"]

_OUTPUT_HEADS: Final = (
    "output", "rows", "exact", "within tolerance", "same label", "largest difference",
    "relative",
)  # fmt: skip
_SIDE_HEADS: Final = ("", "p50 ms", "p95 ms", "measured", "failed")
_MOST_DIFFERENCES: Final = 3
_BOXES: Final[Mapping[str, Any]] = {
    "widths": 0.4,
    "patch_artist": True,
    "boxprops": {"facecolor": COLOURS[0], "alpha": 0.6},
    "medianprops": {"color": "black"},
    "flierprops": {"marker": ".", "alpha": 0.4},
}


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One of the two.

    Attributes:
        choice: the version number or the label.
        seconds: how long its answers took.
        errors: how many requests it failed, by code.
    """

    choice: int | str
    seconds: Sequence[float]
    errors: Mapping[str, int]

    def __str__(self) -> str:
        kind = "version" if isinstance(self.choice, int) else "label"
        return f"{kind} {self.choice}"

    @property
    def latency_ms(self) -> dict[str, float]:
        """``p50``, ``p95``, ``p99`` and ``max`` in milliseconds; empty without any."""
        return latencies(self.seconds)


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """Two versions or labels of a model on the same requests; shown as tables.

    Attributes:
        name: of the model.
        sides: the two.
        requests: that both were sent.
        agreed: of these, to how many they gave answers that agree within the tolerance.
        outputs: how far each agrees, by name.
        differences: in what they differ, for the first requests that do.
        left_out: how many records of a log were not sent, by the reason.
        was_interrupted: whether there was more to compare.
        frame: both answers side by side, a row for each row of input: a column for each
            output and side, and ``("agrees", "")``.
    """

    name: str
    sides: tuple[ComparedSide, ComparedSide]
    requests: int
    agreed: int
    outputs: Mapping[str, OutputAgreement]
    differences: Sequence[str]
    left_out: Mapping[str, int]
    was_interrupted: bool
    frame: DataFrame

    @property
    def agrees(self) -> bool:
        """Whether all answers agree within the tolerance, and none was an error."""
        return self.agreed == self.requests

    def plot(self) -> Plot:
        """Latencies of both, and the numbers of the one against those of the other.

        Raises:
            FailedPrecondition: matplotlib is not there.
        """
        names = [str(side) for side in self.sides]
        plot = new_plot(f"{self.name}: latency", f"{self.name}: answers")
        time, answers = plot.axes
        measured = [
            (name, [1e3 * one for one in side.seconds])
            for name, side in zip(names, self.sides, strict=True)
            if side.seconds
        ]
        if measured:
            time.boxplot(
                [one for _, one in measured],
                tick_labels=[name for name, _ in measured],
                **_BOXES,
            )
        time.set_ylim(bottom=0)
        time.set_ylabel("milliseconds")
        answers.set_prop_cycle(color=COLOURS)
        for column in self._number_columns():
            first, second = (self.frame[column, side.choice] for side in self.sides)
            answers.plot(first, second, ".", label=column, alpha=0.6)
        if answers.lines:
            answers.axline((0, 0), slope=1, color="gray", linewidth=0.5, zorder=0)
            answers.legend(frameon=False, fontsize="small")
        answers.grid(axis="x", alpha=0.3)
        answers.set_xlabel(names[0])
        answers.set_ylabel(names[1])
        return plot

    def _number_columns(self) -> list[str]:
        first, second = (side.choice for side in self.sides)
        found = dict.fromkeys(column for column, _ in self.frame.columns)
        return [
            column
            for column in found
            if all(
                (column, choice) in self.frame.columns
                and np.issubdtype(self.frame[column, choice].to_numpy().dtype, np.number)
                for choice in (first, second)
            )
        ]

    def _title(self) -> str:
        first, second = self.sides
        count = f"{self.requests} request{'' if self.requests == 1 else 's'}"
        verdict = "they agree" if self.agrees else f"they agree in {self.agreed}"
        if self.requests == 1 and len(self.frame) > 1:
            count += f" of {len(self.frame)} rows"
            if not self.agrees:
                verdict = f"they agree in {self.frame['agrees', ''].sum()} of them"
        title = f"{self.name}, {first} and {second}: {count}, {verdict}"
        return f"{title} (interrupted)" if self.was_interrupted else title

    def _tables(self) -> list[tuple[Sequence[str], list[list[str]]]]:
        outputs = [
            [
                name,
                str(one.rows),
                _share(one.exact, one.rows),
                _share(one.close, one.rows),
                _share(one.same_label, one.scored),
                f"{one.largest:.4g}",
                f"{one.relative:.4g}",
            ]
            for name, one in self.outputs.items()
        ]
        sides = [
            [
                str(side),
                *(f"{side.latency_ms.get(key, np.nan):.3g}" for key in ("p50", "p95")),
                str(len(side.seconds)),
                ", ".join(f"{count} {code}" for code, count in side.errors.items()),
            ]
            for side in self.sides
        ]
        return [(_OUTPUT_HEADS, outputs), (_SIDE_HEADS, sides)]

    def _notes(self) -> list[str]:
        notes = list(self.differences[:_MOST_DIFFERENCES])
        if len(self.differences) > _MOST_DIFFERENCES:
            notes.append("…")
        return notes + [f"left out: {count} {why}" for why, count in self.left_out.items()]

    def __repr__(self) -> str:
        tables = [text_table(*table) for table in self._tables() if table[1]]
        return "\n".join([self._title(), *tables, *self._notes()])

    def _repr_html_(self) -> str:
        tables = [html_table(*table) for table in self._tables() if table[1]]
        notes = [f"<p>{escape(note)}</p>" for note in self._notes()]
        return f"<div><p>{escape(self._title())}</p>{''.join(tables + notes)}</div>"


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.4g} %)" if whole else ""
