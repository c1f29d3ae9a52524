"""What becomes of the runs that hang: what they keep, and who is refused for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from tfs_notebook.batching.run_watch import WatchedRun
from tfs_notebook.lifecycle import ServableHandle
from tfs_notebook.runtimes.hanging import hanging_runs
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.signature_counter import SignatureCounter
from tfs_notebook.wire.errors import ServingError, Unavailable

__all__ = ["DirectRun", "refusal", "strand"]

# Each has a thread that does nothing else any more. Once may be an accident.
_MOST_HUNG_RUNS: Final = 3

_NANOSECONDS: Final = 1e9


def refusal(handle: ServableHandle[ServedModel]) -> Unavailable | None:
    """Why no further request of a version is run: too many hang already. None if not."""
    hung = handle.lingering
    if hung < _MOST_HUNG_RUNS:
        return None
    return Unavailable(
        f"{hung} runs of {handle.id} were written off (--run_limit_seconds) and still hang; "
        "its requests are refused until one of them ends. Serve another version, load this "
        "one anew, or restart the server"
    )


def strand(
    handle: ServableHandle[ServedModel], counter: SignatureCounter
) -> Callable[[], None]:
    """Keep in memory what a run hangs in, without holding its version, and count it.

    Args:
        handle: a hold on it, which may be given back after that.
        counter: of the signature that runs.

    Returns:
        lets go of it; called when the run has come back.
    """
    hold = handle.keep_memory()
    counter.write_off()
    hanging_runs.add()

    def let_go() -> None:
        hanging_runs.remove()
        counter.come_back()
        hold.release()

    return let_go


class DirectRun(WatchedRun):
    """A run on the thread that asked for it.

    Args:
        handle: of the model; released when the run is written off.
        counter: where its request is under way, which ends there then.
        signature: the name of what is run.
    """

    __slots__ = ("_counter", "_handle", "_let_go", "_signature")

    def __init__(
        self,
        handle: ServableHandle[ServedModel],
        counter: SignatureCounter,
        signature: str,
    ) -> None:
        self._handle = handle
        self._counter = counter
        self._signature = signature
        self._let_go: Callable[[], None] | None = None

    def describe(self) -> str:
        """See ``WatchedRun``."""
        return f"{self._handle.id}, signature {self._signature!r}"

    def write_off(self, error: ServingError) -> None:  # noqa: ARG002 - its pool tells it
        """See ``WatchedRun``."""
        self._let_go = strand(self._handle, self._counter)
        nanoseconds = int((time.perf_counter() - self.since) * _NANOSECONDS)
        self._counter.end(nanoseconds, failed=True)
        self._handle.release()

    def come_back(self) -> None:
        """See ``WatchedRun``."""
        if self._let_go is not None:
            self._let_go()
