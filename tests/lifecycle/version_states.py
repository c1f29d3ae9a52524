"""The states that versions go through, and the error that stops them on their way."""

from __future__ import annotations

from typing import Final

from tfs_notebook.lifecycle.testing import ManagerBench
from tfs_notebook.wire.errors import InvalidArgument

BROKEN: Final = InvalidArgument("broken")

LIFE: Final = ["START", "LOADING", "AVAILABLE"]
WHOLE_LIFE: Final = [*LIFE, "UNLOADING", "END"]


def states(bench: ManagerBench, name: str = "m") -> dict[int, str]:
    """The manager's own state of each version; the above are those it publishes."""
    return {v.id.version: str(v.state) for v in bench.manager.versions(name)}
