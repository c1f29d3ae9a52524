"""The model server in a background thread of this process."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from tfs_notebook.frontends.event_loop import new_event_loop
from tfs_notebook.jupyter.log_lines import LogLines, LogLinesHandler

__all__ = ["ServerThread"]

_log = logging.getLogger(__name__)

_PACKAGE: Final = "tfs_notebook"
_END_SECONDS: Final = 4.0


class ServerThread:
    """A model server on a loop of its own, in a daemon thread.

    It leaves the process as it is: no signal handler, no root logger, no collector.

    Args:
        flags: traits of :class:`tfs_notebook.config.ServerConfig`.
        lines: take what the package logs meanwhile, from level INFO on.
    """

    def __init__(self, flags: Mapping[str, object], lines: LogLines) -> None:
        self._flags = flags
        self._handler = LogLinesHandler(lines)
        self._lines = lines
        self._thread: threading.Thread | None = None
        self._owner: asyncio.AbstractEventLoop | None = None
        self._done: asyncio.Future[str] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._grace = 0.0
        self._given_up = threading.Event()

    @property
    def pid(self) -> int | None:
        """This process; None before the thread has started."""
        return None if self._thread is None else os.getpid()

    async def start(self) -> None:
        """Start the thread."""
        self._owner = asyncio.get_running_loop()
        self._done = self._owner.create_future()
        self._thread = threading.Thread(target=self._main, name="tfs-server", daemon=True)
        self._thread.start()

    async def ended(self) -> str:
        """Wait until the thread has ended, and say why."""
        assert self._done is not None  # noqa: S101 - the protocol
        return await asyncio.shield(self._done)

    async def stop(self, grace: float) -> None:
        """Ask it to stop and wait for it, but not for ever. May be repeated."""
        if self._done is None:
            return
        self._grace = grace
        self._given_up.set()
        if self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):  # the loop has closed: it stops already
                self._loop.call_soon_threadsafe(self._stop.set)
        finished, _ = await asyncio.wait([self._done], timeout=grace + _END_SECONDS)
        if not finished:
            self._lines.append("the model server's thread did not stop in time; it is left")

    def _main(self) -> None:
        package = logging.getLogger(_PACKAGE)
        level = package.level
        package.addHandler(self._handler)
        if package.getEffectiveLevel() > logging.INFO:
            package.setLevel(logging.INFO)
        try:
            loop = new_event_loop()
            try:
                loop.run_until_complete(self._serve())
            finally:
                loop.close()
            reason = "the model server has stopped"
        except BaseException as error:  # noqa: BLE001 - the end of the thread; the host is told
            self._lines.append(f"the model server's thread ended: {error!r}")
            reason = f"the model server ended: {error}"
        finally:
            package.removeHandler(self._handler)
            package.setLevel(level)
        assert self._owner is not None  # noqa: S101 - set by start
        with suppress(RuntimeError):  # the loop of the host is gone
            self._owner.call_soon_threadsafe(self._tell, reason)

    def _tell(self, reason: str) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(reason)

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._given_up.is_set():
            return
        # grpc and the C library take a second to load, which is not Jupyter's to wait for.
        from tfs_notebook.config import ServerConfig  # noqa: PLC0415
        from tfs_notebook.frontends.server import Server  # noqa: PLC0415

        server = Server(ServerConfig(**self._flags))
        starting = asyncio.ensure_future(server.start())
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
            await stopping
        finally:
            starting.cancel()
            stopping.cancel()
            await server.stop(self._grace)
