"""What an export came to, as a record that shows itself."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final, Literal

from tfs_notebook.wire.signatures import Signature, TensorSpec

__all__ = ["Check", "ExportedVersion"]

_HEADS: Final = ("signature", "inputs", "outputs")
# No colours: those of the page hold in light and in dark themes.
_CELL: Final = "text-align: left; vertical-align: top"
_FONT: Final = "font-family: monospace"
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_THOUSAND: Final = 1000
_MOST_LABELS: Final = 5
# Characters that no page may have, escaped or not.
_NOT_IN_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Check:
    """How the exported version was tried.

    Attributes:
        with_inputs: the person's ``example``, or ``made up`` ones; ``none`` if it was
            loaded and not run.
        compared: whether the answers were compared with the model's own.
        signatures: those that were run.
        rows: how many the inputs had; 0 where there is no number of them.
        largest: difference between a number that was served and the model's own.
        note: why there is less than there could be; may be empty.
    """

    with_inputs: Literal["example", "made up", "none"]
    compared: bool = False
    signatures: tuple[str, ...] = ()
    rows: int = 0
    largest: float = 0.0
    note: str = ""

    def __str__(self) -> str:
        if self.with_inputs == "none":
            said = "it loads"
        else:
            whose = "the example" if self.with_inputs == "example" else "made-up inputs"
            rows = f" ({self.rows} rows)" if self.rows > 1 else ""
            said = f"{', '.join(self.signatures)} answers {whose}{rows}"
            if self.compared:
                said += " as the model does"
                said += f", to within {self.largest:.1g}" if self.largest else ""
        return f"{said}; {self.note}" if self.note else said


@dataclass(frozen=True, slots=True)
class ExportedVersion:
    """A version that is there now, whole.

    Attributes:
        path: its directory.
        version: its number.
        signatures: what it answers, by name.
        size: of all its files, in bytes.
        seconds: that the export took.
        check: how it was tried.
        labels: names of the classes, in the order of the scores.
        pipeline: the kind of the pipeline beside it; empty without one.
        warmup_rows: of the example that a server runs before the version serves.
    """

    path: Path
    version: int
    signatures: Mapping[str, Signature]
    size: int
    seconds: float
    check: Check
    labels: tuple[str, ...] = ()
    pipeline: str = ""
    warmup_rows: int = 0

    @property
    def base_path(self) -> Path:
        """The directory that a server watches."""
        return self.path.parent

    @property
    def name(self) -> str:
        """What the model is called where nobody says otherwise."""
        return self.base_path.name or "default"

    @property
    def next_steps(self) -> tuple[str, ...]:
        """Lines that serve it: in a notebook, and in a shell."""
        base = str(self.base_path)
        name, path = shlex.quote(self.name), shlex.quote(base)
        command = f"tfs-notebook --model_name={name} --model_base_path={path}"
        return f"tfs_notebook.serve({base!r})", f"{command} --rest_api_port=8501"

    @property
    def _title(self) -> str:
        return (
            f"{self.name} version {self.version}: {self.path} "
            f"({_size(self.size)}, {self.seconds:.1f} s)"
        )

    @property
    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (name, _specs(one.inputs), _specs(one.outputs))
            for name, one in self.signatures.items()
        ]

    @property
    def _facts(self) -> list[str]:
        beside = []
        if self.pipeline:
            beside.append(f"a pipeline for {self.pipeline}s")
        if self.labels:
            more = " …" if len(self.labels) > _MOST_LABELS else ""
            shown = ", ".join(self.labels[:_MOST_LABELS]) + more
            beside.append(f"{len(self.labels)} labels ({shown})")
        if self.warmup_rows:
            beside.append("the example as its warm-up")
        return [f"checked: {self.check}", *([f"with {', '.join(beside)}"] if beside else [])]

    def __repr__(self) -> str:
        table = [_HEADS, *self._rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in table
        )
        steps = (f"    {step}" for step in self.next_steps)
        return "\n".join(
            [
                self._title,
                *(line.rstrip() for line in lines),
                *self._facts,
                "to serve it:",
                *steps,
            ]
        )

    def _repr_html_(self) -> str:
        body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in self._rows)
        facts = "".join(f"<p>{_text(fact)}</p>" for fact in self._facts)
        steps = _text("\n".join(self.next_steps))
        return (
            f"<div><p>{_text(self._title)}</p>"
            f"<table><thead><tr>{_cells('th', _HEADS)}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
            f'{facts}<p>to serve it:</p><pre style="{_FONT}">{steps}</pre></div>'
        )


def _cells(tag: str, row: Sequence[str]) -> str:
    return "".join(f'<{tag} style="{_CELL}">{_text(cell)}</{tag}>' for cell in row)


def _text(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _specs(specs: Mapping[str, TensorSpec]) -> str:
    return "; ".join(map(str, specs.values()))


def _size(size: int) -> str:
    shown, unit = float(size), 0
    while shown >= _THOUSAND and unit < len(_UNITS) - 1:
        shown /= _THOUSAND
        unit += 1
    return f"{shown:.0f} {_UNITS[unit]}" if unit == 0 else f"{shown:.1f} {_UNITS[unit]}"
