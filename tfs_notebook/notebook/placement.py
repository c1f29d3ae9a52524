"""A model on its way to a server, and back if others fail that are to come with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tfs_notebook.client.control import ModelControl, ServedModel
from tfs_notebook.exporting.base_path import versions_in
from tfs_notebook.notebook.function_versions import (
    FUNCTION_PLATFORM,
    FUNCTIONS,
    forget_function,
)
from tfs_notebook.notebook.live_models import LiveVersions
from tfs_notebook.notebook.session import SESSION, RunningServer
from tfs_notebook.wire.errors import NotFound, ServingError

__all__ = ["Placement"]

_QUICK_SECONDS: Final = 2.0
_BACK_SECONDS: Final = 60.0


class Placement:
    """One model that is to be served. It belongs to one thread at a time.

    Attributes:
        name: what it is to be called.
        server: where it is to be served.
        control: of that.
        before: what that serves by the name; None for nothing.
        elsewhere: another server that this kernel uses and that serves something by the
            name, which :meth:`settle` ends.
    """

    def __init__(
        self,
        name: str,
        server: RunningServer,
        before: ServedModel | None,
        load: Callable[..., None],
        *,
        platform: str | None = None,
        versions: LiveVersions | None = None,
        takes_newest: bool = False,
    ) -> None:
        """Note what is to be done; nothing is.

        Args:
            name: see the attribute.
            server: likewise.
            before: likewise.
            load: asks the server for it; takes a ``version_policy``.
            platform: of functions.
            versions: of a live model or a function.
            takes_newest: whether the newest of them is wanted.
        """
        self.name = name
        self.server = server
        self.control: ModelControl = SESSION.control(server)
        self.before = before
        self.elsewhere: RunningServer | None = None
        self._load = load
        self._platform = platform
        self._versions = versions
        self._takes_newest = takes_newest
        self._new: Path | None = None
        self._has_changed = False
        self._made_here = LiveVersions(server, name).base_path
        self._was_function = (
            before is not None
            and before.base_path == str(self._made_here)
            and FUNCTIONS.has_any(self._made_here)
        )

    @property
    def was_function(self) -> bool:
        """Whether a function of this kernel is served by the name."""
        return self._was_function

    @property
    def _was_other_kind(self) -> bool:
        is_function = self._platform is not None
        return self.before is not None and self._was_function != is_function

    def add(self, version: Path) -> None:
        """A version was made for it."""
        self._new = version

    def load(self) -> None:
        """Have it served; blocks.

        Raises:
            ServingError: why that cannot be. What was there serves on, but for what was
                unloaded because it is of another kind, which :meth:`take_back` mends.
        """
        if self._was_other_kind:
            with suppress(NotFound):
                self.control.unload(self.name)
            self._has_changed = True
        if self._versions is not None and self._takes_newest:
            self._versions.load_newest(self.control, self._load)
        else:
            self._load()
        self._has_changed = True

    def settle(self) -> None:
        """All that were to come have come: let go of what this is instead of."""
        if self._versions is not None:
            self._versions.remove_old(self.control)
        if self._was_function and self._platform is None:
            forget_function(self.server, self.name)
        if self.elsewhere is not None:
            with suppress(NotFound):
                SESSION.control(self.elsewhere).unload(self.name)
            SESSION.served.get(self.elsewhere.rest_address, set()).discard(self.name)
            forget_function(self.elsewhere, self.name)

    def take_back(self) -> None:
        """Let the server have what it had before; blocks.

        Raises:
            ServingError: why it has not.
        """
        rolled_back = self._rolled_back()
        if self._new is not None:
            FUNCTIONS.drop(self._new)
        if not self._has_changed:
            return
        before = self.before
        if before is None or self._was_other_kind:
            with suppress(NotFound):
                self.control.unload(self.name)
        if before is None:
            return
        self.control.load(
            self.name,
            base_path=before.base_path,
            platform=FUNCTION_PLATFORM if self._was_function else None,
            version_policy=rolled_back,
            timeout=_BACK_SECONDS,
        )

    def _rolled_back(self) -> list[int] | None:
        """The versions that were told to serve, if the newest is none of them."""
        if self.before is None or self.before.base_path != str(self._made_here):
            return None
        there = versions_in(self._made_here)
        newest = max((one for one, path in there.items() if path != self._new), default=0)
        return self.before.available if newest not in self.before.available else None

    def state(self) -> str:
        """How far it is, in a few words; empty if that is not known."""
        try:
            models = self.control.models(timeout=_QUICK_SECONDS)
        except ServingError:
            return ""
        states = [
            str(one)
            for model in models
            if model.name == self.name
            for one in model.versions[:1]
        ]
        return f" ({states[0]})" if states else ""
