"""What blocks, as something to wait for: here where the caller blocks, else in a thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from typing import Final, Generic, TypeVar

from tfs_notebook.client.daemon_threads import DaemonThreads
from tfs_notebook.wire.errors import Cancelled

__all__ = ["BlockingCall", "FuturePending"]

T = TypeVar("T")

_THREADS: Final = DaemonThreads("tfs-blocking", 8)


class FuturePending(Generic[T]):
    """A future as a :class:`~tfs_notebook.client.calls.Pending`."""

    def __init__(self, future: Future[T]) -> None:
        self._future = future

    def wait(self) -> T:
        """Block until it is there."""
        try:
            return self._future.result()
        except CancelledError:
            raise Cancelled("the call was cancelled") from None

    def start(self) -> FuturePending[T]:
        """Itself."""
        return self

    def cancel(self) -> None:
        """Wait for it no longer; what has begun goes on."""
        self._future.cancel()

    def add_done_callback(self, callback: Callable[[], None]) -> None:
        """Call this when it is there."""
        self._future.add_done_callback(lambda _: callback())


class BlockingCall(Generic[T]):
    """A function as a :class:`~tfs_notebook.client.calls.Call`."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function

    def wait(self) -> T:
        """Call it here."""
        return self._function()

    def start(self) -> FuturePending[T]:
        """Call it in a thread."""
        future: Future[T] = Future()
        _THREADS.run(lambda: self._run(future))
        return FuturePending(future)

    def _run(self, future: Future[T]) -> None:
        if future.cancelled():
            return
        with suppress(InvalidStateError):  # nobody waits any more
            try:
                result = self._function()
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                future.set_exception(error)
            else:
                future.set_result(result)
