"""How a server puts a model's requests together, as it tells and a notebook shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from tfs_notebook.client.text_tables import html_table, text_table
from tfs_notebook.wire.errors import Internal

__all__ = ["BatchingSettings", "batching_settings"]

_HEADS: Final = ("parameter", "value", "changed live")
_MICROS_OF_A_MILLI: Final = 1000


@dataclass(frozen=True, slots=True)
class BatchingSettings:
    """How the requests of a model are put together; shown as a table.

    Attributes:
        name: of the model.
        parameters: in force, by the names of ``BatchingParameters``.
        overridden: what of them was said while the model was served.
        latency_target_micros: of the automatic mode; 0 where it is off.
        automatic: what that has found, by version; empty where it is off.
        document: all that the server tells, as it came.
    """

    name: str
    parameters: Mapping[str, Any]
    overridden: Mapping[str, Any]
    latency_target_micros: int
    automatic: Mapping[int, Mapping[str, Any]]
    document: Mapping[str, Any]

    def _rows(self) -> list[list[str]]:
        values = {**self.parameters, "latency_target_micros": self.latency_target_micros}
        return [
            [name, _text(value), "yes" if name in self.overridden else ""]
            for name, value in values.items()
        ]

    def _notes(self) -> list[str]:
        return [_found(number, one) for number, one in self.automatic.items()]

    def __repr__(self) -> str:
        return "\n".join([self.name, text_table(_HEADS, self._rows()), *self._notes()])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        table = html_table(_HEADS, self._rows())
        return f"<div><p>{escape(self.name)}</p>{table}{notes}</div>"


def batching_settings(answer: Any) -> BatchingSettings:  # noqa: ANN401 - any JSON
    """Read what a server tells.

    Raises:
        Internal: it tells something else.
    """
    try:
        return BatchingSettings(
            str(answer["name"]),
            answer["parameters"],
            answer["overridden"],
            int(answer["latency_target_micros"]),
            {
                int(one["version"]): one["automatic"]
                for one in answer["versions"]
                if one["automatic"]
            },
            answer,
        )
    except (LookupError, TypeError, ValueError) as error:
        raise Internal(f"this tells nothing of batching: {error!r}") from None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "any"
    return str(value)


def _found(version: int, found: Mapping[str, Any]) -> str:
    target, p99 = (
        None if micros is None else f"{micros / _MICROS_OF_A_MILLI:.3g} ms"
        for micros in (found["latency_target_micros"], found["p99_micros"])
    )
    if p99 is None:
        return (
            f"version {version}: {target} are to be held; not enough requests yet to find out"
        )
    waits = found["batch_timeout_micros"] / _MICROS_OF_A_MILLI
    verdict = "" if found["is_reachable"] else ", which it cannot"
    return (
        f"version {version} is to hold {target}{verdict}: p99 was {p99} of late, with up to "
        f"{found['rows_of_a_run']} rows a run that wait up to {waits:.3g} ms for each other"
    )
