"""The models a server is to serve."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tfs_notebook.lifecycle import FileSystemSource, ServableToMonitor
from tfs_notebook.serving.labels import Labels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.wire.errors import InvalidArgument, NotFound

__all__ = ["ModelList"]

_NAMES_SHOWN: Final = 10


class ModelList:
    """Holds the list and the labels; whoever changes them has a turn from ``ChangeTurns``.

    Any thread may read, and takes no lock for it.

    Args:
        models: the first list.
        source: finds their versions, and is told of every change.
        accepted: keeps a list for the next start; if it raises, the change that is
            to be kept fails.
        listed: hears of every list, the first one included; must not block.

    Attributes:
        labels: of all models.
    """

    def __init__(
        self,
        models: Sequence[ModelSettings],
        source: FileSystemSource,
        accepted: Callable[[Sequence[ModelSettings]], None] | None = None,
        listed: Callable[[Mapping[str, ModelSettings]], None] | None = None,
    ) -> None:
        self.labels = Labels()
        self._models: Mapping[str, ModelSettings] = {model.name: model for model in models}
        self._source = source
        self._accepted = accepted
        self._listed = listed
        # Not the list: a change is accepted first, and may be served by way of others.
        self._last_accepted: Mapping[str, ModelSettings] = self._models
        # Models are changed side by side, and there is one list of them.
        self._changing = threading.Lock()
        self._watch()
        # At the start a label waits for its version, which is yet to be loaded.
        for model in models:
            self.labels.assign(model.name, model.version_labels)

    @property
    def models(self) -> Mapping[str, ModelSettings]:
        """The models by name, in the order of the list."""
        return self._models

    def settings(self, name: str) -> ModelSettings:
        """What a model is served as.

        Raises:
            NotFound: it is not in the list; the text has the names that are.
        """
        if (settings := self._models.get(name)) is None:
            raise NotFound(f"there is no model {name!r}; {self.described()}")
        return settings

    def described(self) -> str:
        """The names, or the first of them, for the text of an error."""
        names = sorted(self._models)
        shown = ", ".join(names[:_NAMES_SHOWN])
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        return f"the models are {shown}{more}" if names else "no model is configured"

    def accept(self, settings: ModelSettings) -> None:
        """Have it written down that a model is to be served so; blocks on the disk."""
        with self._changing:
            self._accept({**self._last_accepted, settings.name: settings})

    def accept_without(self, name: str) -> None:
        """Have it written down that a model is not to be served; blocks on the disk."""
        with self._changing:
            self._accept(_without(self._last_accepted, name))

    def accept_all(self, models: Sequence[ModelSettings]) -> None:
        """Have it written down that these are to be served; blocks on the disk."""
        with self._changing:
            self._accept({model.name: model for model in models})

    def accept_again(self) -> None:
        """Have the same list written down with what else is kept; blocks on the disk."""
        with self._changing:
            self._accept(self._last_accepted)

    def put(self, settings: ModelSettings) -> None:
        """Add a model, or let these be its settings."""
        with self._changing:
            self._models = {**self._models, settings.name: settings}
            self._watch()

    def drop(self, name: str) -> None:
        """Take a model off the list."""
        with self._changing:
            self._models = _without(self._models, name)
            self._watch()

    def replace(self, models: Sequence[ModelSettings]) -> None:
        """Let these be all models."""
        with self._changing:
            self._models = {model.name: model for model in models}
            self._watch()

    def check_platforms(self, models: Sequence[ModelSettings]) -> None:
        """Refuse these if one that is there would get another platform.

        Raises:
            InvalidArgument: it would.
        """
        for model in models:
            old = self._models.get(model.name)
            if old is not None and old.platform != model.platform:
                raise InvalidArgument(
                    f"Illegal to change a model's platform. For model {model.name} platform "
                    f"was {old.platform} and new platform requested is {model.platform}"
                )

    def _accept(self, models: Mapping[str, ModelSettings]) -> None:
        if self._accepted is not None:
            self._accepted(list(models.values()))
        self._last_accepted = models

    def _watch(self) -> None:
        self._source.set_servables(
            ServableToMonitor(model.name, model.base_path, model.policy)
            for model in self._models.values()
        )
        if self._listed is not None:
            self._listed(self._models)


def _without(models: Mapping[str, ModelSettings], name: str) -> dict[str, ModelSettings]:
    return {key: value for key, value in models.items() if key != name}
