"""Version labels: names such as ``stable`` that requests use in place of a number."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["Labels"]

_Versions = tuple[int, ...]


class Labels:
    """The labels of all models.

    A label may stand for several versions while it moves: the new one, and those
    it stood for before, for as long as the new one does not serve. So no request
    falls between, however long a load takes.

    Any thread may call any method; look-ups take no lock.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._models: dict[str, Mapping[str, _Versions]] = {}

    def resolve(self, name: str, label: str) -> _Versions:
        """The version a label stands for, and the ones to try after it.

        Raises:
            InvalidArgument: the model has no such label.
        """
        versions = self._models.get(name, {}).get(label)
        if versions is None:
            raise InvalidArgument(f"Unrecognized servable version label: {label}")
        return versions

    def of(self, name: str) -> dict[str, int]:
        """The labels of one model; of one that moves, the version that it comes from."""
        return {
            label: versions[-1]
            for label, versions in sorted(self._models.get(name, {}).items())
        }

    def wanted(self, name: str) -> dict[str, int]:
        """The labels of one model; of one that moves, the version that it goes to."""
        return {
            label: versions[0] for label, versions in sorted(self._models.get(name, {}).items())
        }

    def begin_move(self, name: str, labels: Mapping[str, int]) -> None:
        """Let labels stand for new versions, and for their old ones after these."""
        with self._changing:
            moving = dict(self._models.get(name, {}))
            for label, version in labels.items():
                old = (other for other in moving.get(label, ()) if other != version)
                moving[label] = (version, *old)
            self._models[name] = moving

    def arrived(self, name: str, version: int) -> None:
        """Labels that were on their way to this version are there; it has come up."""
        with self._changing:
            labels = self._models.get(name, {})
            if any(len(vs) > 1 and vs[0] == version for vs in labels.values()):
                self._models[name] = {
                    label: (version,) if versions[0] == version else versions
                    for label, versions in labels.items()
                }

    def assign(self, name: str, labels: Mapping[str, int]) -> None:
        """Let these be all labels of a model."""
        with self._changing:
            if labels:
                self._models[name] = {label: (version,) for label, version in labels.items()}
            else:
                self._models.pop(name, None)

    def keep_only(self, name: str, labels: Mapping[str, int], moving: set[str]) -> None:
        """Let these be all labels of a model, those that move going on to do so."""
        with self._changing:
            before = self._models.get(name, {})
            self._models[name] = {
                label: before.get(label, (version,)) if label in moving else (version,)
                for label, version in labels.items()
            }
