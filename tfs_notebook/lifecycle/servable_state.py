"""The public states of a servable, and the record of one change."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.wire.errors import ServingError

__all__ = ["ManagerState", "ServableState"]


class ManagerState(enum.IntEnum):
    """``ModelVersionStatus.State``: the numbers are those on the wire."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclass(frozen=True)
class ServableState:
    """A change of state, as published on the event bus.

    ``error`` is set

    * at ``END``, if the version could not be loaded, was cancelled, or never
      could be (the source said so), or can never fit in the memory; or if it was
      unloaded while a run hung in it, until its memory is freed (``END`` again then);
    * at ``START``, while it waits for memory, or after an attempt to estimate
      how much it needs failed and will be repeated (TensorFlow Serving ends a
      version that does not fit in what is free, for good);
    * at ``LOADING``, after an attempt that failed and will be repeated;
    * at ``AVAILABLE``, if the version is served from where it came from
      before, because what was to replace it could not be loaded.
    """

    id: ServableId
    state: ManagerState
    error: ServingError | None
    time: float
    """Seconds since the epoch."""

    def __str__(self) -> str:
        text = f"{self.id} {self.state.name}"
        return f"{text} ({self.error.status_text})" if self.error else text
