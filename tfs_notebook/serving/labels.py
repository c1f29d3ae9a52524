"""Version labels: names such as ``stable`` that requests use in place of a number."""

from __future__ import annotations

from collections.abc import Mapping

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["Labels"]

_Versions = tuple[int, ...]


class Labels:
    """The labels of all models.

    A label may stand for two versions while it moves: the new one, and the old
    one for as long as the new one does not serve. So no request falls between.

    Look-ups take no lock and may come from any thread; changes belong to one
    thread at a time.
    """

    def __init__(self) -> None:
        self._versions: Mapping[tuple[str, str], _Versions] = {}

    def resolve(self, name: str, label: str) -> _Versions:
        """The version a label stands for, and the ones to try after it.

        Raises:
            InvalidArgument: the model has no such label.
        """
        versions = self._versions.get((name, label))
        if versions is None:
            raise InvalidArgument(f"Unrecognized servable version label: {label}")
        return versions

    def of(self, name: str) -> dict[str, int]:
        """The labels of one model."""
        return {
            label: versions[0]
            for (model, label), versions in sorted(self._versions.items())
            if model == name
        }

    def begin_move(self, name: str, labels: Mapping[str, int]) -> None:
        """Let labels stand for new versions, and for their old ones after these."""
        moving: dict[str, _Versions] = {
            label: (version,) for label, version in self.of(name).items()
        }
        for label, version in labels.items():
            old = self._versions.get((name, label), ())
            moving[label] = (version, *(other for other in old if other != version))
        self._replace(name, moving)

    def assign(self, name: str, labels: Mapping[str, int]) -> None:
        """Let these be all labels of a model."""
        self._replace(name, {label: (version,) for label, version in labels.items()})

    def _replace(self, name: str, labels: Mapping[str, _Versions]) -> None:
        others = {key: value for key, value in self._versions.items() if key[0] != name}
        self._versions = others | {(name, label): value for label, value in labels.items()}
