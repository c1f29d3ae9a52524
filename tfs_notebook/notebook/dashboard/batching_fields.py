"""The fields with which the batching of a model is changed while it is served."""

from __future__ import annotations

from typing import Any, Final

import ipywidgets

from tfs_notebook.client.observing.observation import Batching
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["BatchingFields", "read_sizes"]

_MOST: Final = 2**31 - 1
_NUMBERS: Final = ("max_batch_size", "batch_timeout_micros", "max_enqueued_batches")
_SIZES: Final = "allowed_batch_sizes"


def read_sizes(text: str) -> list[int] | None:
    """Numbers between commas or blanks; None if they are none."""
    parts = text.replace(",", " ").split()
    return [int(one) for one in parts] if all(one.isdecimal() for one in parts) else None


class BatchingFields:
    """They show what holds, until somebody changes them.

    Args:
        words: of the language.

    Attributes:
        widgets: the fields.
    """

    def __init__(self, words: Words) -> None:
        style = {"style": {"description_width": "initial"}}
        texts = (words("rows"), words("wait in µs"), words("batches in the queue"))
        widths = ("130px", "170px", "210px")
        self._fields: dict[str, Any] = {
            name: ipywidgets.BoundedIntText(
                0, min=0, max=_MOST, description=text, tooltip=name, layout={"width": width},
                **style,
            )
            for name, text, width in zip(_NUMBERS, texts, widths, strict=True)
        }  # fmt: skip
        self._fields[_SIZES] = ipywidgets.Text(
            continuous_update=False,
            description=words("allowed sizes"), tooltip=_SIZES, placeholder="1, 8, 32",
            layout={"width": "220px"}, **style,
        )  # fmt: skip
        self._filled: dict[str, object] = {}
        self.widgets: Final = tuple(self._fields.values())

    def forget(self) -> None:
        """What was typed was meant for another model."""
        for name, field in self._fields.items():
            if name in self._filled:
                field.value = self._filled[name]

    def show(self, batching: Batching | None) -> None:
        """Fill in what holds now, but not over what somebody has typed."""
        for name, field in self._fields.items():
            value = _shown(name, batching)
            before = self._filled.get(name)
            if value != before and (before is None or field.value == before):
                field.value = value
            self._filled[name] = value

    def changes(self) -> dict[str, object]:
        """What was typed, by the names of ``BatchingParameters``."""
        changes: dict[str, object] = {}
        for name, field in self._fields.items():
            if field.value != self._filled.get(name):
                sizes = read_sizes(field.value) if name == _SIZES else None
                # What is no list of numbers is refused by the server, which says how it goes.
                changes[name] = field.value if sizes is None else sizes
        return changes


def _shown(name: str, batching: Batching | None) -> object:
    parameters = {} if batching is None else batching.parameters
    if name == _SIZES:
        return ", ".join(map(str, parameters.get(name) or ()))
    return int(parameters.get(name) or 0)
