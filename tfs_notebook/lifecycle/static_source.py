"""A source whose versions are known from the start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.servable import ServableData
from tfs_notebook.lifecycle.source import AspiredVersionsCallback

__all__ = ["StaticSource"]

T = TypeVar("T")


class StaticSource(Generic[T]):
    """Aspires a fixed list, when it is connected and never again.

    With paths it is TensorFlow Serving's ``StaticStoragePathSource``; with
    loaders and a manager behind it, its ``StaticManager``.
    """

    def __init__(self, versions: Iterable[ServableData[T]]) -> None:
        self._by_name: dict[str, list[ServableData[T]]] = {}
        for item in versions:
            self._by_name.setdefault(item.id.name, []).append(item)

    def set_aspired_versions_callback(self, callback: AspiredVersionsCallback[T]) -> None:
        """Call back with everything, on this thread. See ``Source``."""
        for name, versions in self._by_name.items():
            callback(name, tuple(versions))
