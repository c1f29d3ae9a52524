"""Large messages leave much freed memory behind, which is given back."""

from __future__ import annotations

import asyncio
import gc
from typing import Final

from tfs_notebook.runtimes.memory import return_freed_memory

__all__ = ["FreedMemory"]

# Messages of this size leave malloc with enough free pages to be worth asking for.
_LARGE_BYTES: Final = 16 * 1024 * 1024
_RETURN_SECONDS: Final = 1.0


class FreedMemory:
    """Gives it back, off the loop. Belongs to the thread of a loop."""

    def __init__(self) -> None:
        """Nothing is to be given back yet."""
        self._returning: asyncio.TimerHandle | None = None

    def answered(self, request: bytes, response: bytes) -> None:
        """A call was answered."""
        if len(request) + len(response) >= _LARGE_BYTES and self._returning is None:
            # Later, because gRPC still holds the messages; once, however many there were.
            loop = asyncio.get_running_loop()
            self._returning = loop.call_later(_RETURN_SECONDS, self._return)

    def _return(self) -> None:
        self._returning = None
        asyncio.get_running_loop().run_in_executor(None, _collect_and_return)


def _collect_and_return() -> None:
    gc.collect()
    return_freed_memory()
