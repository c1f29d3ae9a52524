"""Names of models as labels of metrics, of which there must not be any number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

__all__ = ["ModelNames"]

_MOST_STRANGERS: Final = 100
_LONGEST: Final = 256


class ModelNames:
    """Says under which name the requests for a model are counted.

    Models that are not on the server's list are counted by the name that was asked for,
    as TensorFlow Serving does, but only the first hundred names of at most 256
    characters; all others count under the empty name. Otherwise whoever sends requests
    for made-up names could fill the memory, and Prometheus's as well.

    Any thread may call any method.

    Args:
        is_listed: whether a model is on the list.
    """

    def __init__(self, is_listed: Callable[[str], bool]) -> None:
        self._is_listed = is_listed
        self._labels: dict[str, None] = {}
        self._strangers: dict[str, None] = {}

    def label(self, name: str) -> str:
        """The name to count under."""
        if name in self._labels:
            return name
        if self._is_listed(name):
            self._strangers.pop(name, None)
        elif len(name) <= _LONGEST and len(self._strangers) < _MOST_STRANGERS:
            self._strangers[name] = None
        else:
            return ""
        self._labels[name] = None
        return name

    def forget(self) -> list[str]:
        """Names to forget the counts of: of models long gone, the first that went."""
        for name in self._labels.copy():
            if self._is_listed(name):
                self._strangers.pop(name, None)
            else:
                self._strangers.setdefault(name, None)
        gone = list(self._strangers.copy())[: max(0, len(self._strangers) - _MOST_STRANGERS)]
        for name in gone:
            self._strangers.pop(name, None)
            self._labels.pop(name, None)
        return gone
