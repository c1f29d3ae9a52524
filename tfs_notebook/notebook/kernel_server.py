"""A model server in a daemon thread of this kernel, for where no Jupyter has one."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
import time
from contextlib import suppress
from typing import Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.event_loop import new_event_loop
from tfs_notebook.frontends.server import Server
from tfs_notebook.jupyter.recordings import recording_flags
from tfs_notebook.jupyter.socket_directory import SocketDirectory
from tfs_notebook.notebook.quiet_library import load_quietly
from tfs_notebook.wire.errors import DeadlineExceeded, Internal, ServingError

__all__ = ["KernelServer"]

_log = logging.getLogger(__name__)

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0
_LOAD_SECONDS: Final = 3600.0
_GRACE_SECONDS: Final = 1.0


class KernelServer:
    """A model server with sockets of its own, on its own loop in a daemon thread.

    ``start`` → ``stop``, once. It does not need the kernel's loop, so it answers while a
    cell runs. It ends with the process, however that ends: nothing but an empty
    directory is left by a kill, and the next server removes that.

    Its methods may be called from any thread of the process that made it; in a fork of
    that process they do nothing.
    """

    def __init__(self, config: ServerConfig | None = None) -> None:
        """Prepare; :meth:`start` opens the sockets.

        Args:
            config: what it is told; its addresses are replaced by private sockets.
        """
        self._config = config or ServerConfig()
        self._pid = os.getpid()
        self._directory: SocketDirectory | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._settled = threading.Event()
        self._given_up = threading.Event()
        self._error: BaseException | None = None
        self.started = 0.0

    @property
    def grpc_address(self) -> str:
        """For a client."""
        return f"unix:{self._sockets.grpc_socket}"

    @property
    def rest_address(self) -> str:
        """For a client, and for control."""
        return f"http+unix:{self._sockets.rest_socket}"

    @property
    def _sockets(self) -> SocketDirectory:
        if self._directory is None:
            raise Internal("the kernel's model server has not been started")
        return self._directory

    @property
    def is_running(self) -> bool:
        """Whether it takes requests: started, not stopped, and in this very process."""
        thread = self._thread
        return self._pid == os.getpid() and thread is not None and thread.is_alive()

    def start(self) -> None:
        """Open the sockets, and return when they answer; blocks.

        Raises:
            ServingError: why it could not be started.
        """
        self._directory = SocketDirectory()
        config = self._config
        config.port = config.rest_api_port = 0
        config.grpc_socket_path = str(self._directory.grpc_socket)
        config.rest_api_socket_path = str(self._directory.rest_socket)
        config.model_control = "explicit"
        # Of those models alone that have a file of their own for it, as functions do.
        config.enable_batching = config.enable_per_model_batching_parameters = True
        if not config.request_log_dir:
            for flag, value in recording_flags(self._directory).items():
                setattr(config, flag, value)
        # Whoever asks for a model waits as long as they choose to themselves.
        config.reload_timeout_seconds = max(config.reload_timeout_seconds, _LOAD_SECONDS)
        # What a library logs is not to end up in cells unless somebody asks for it.
        logging.getLogger("tfs_notebook").addHandler(_SILENT)
        atexit.register(self.stop)
        self.started = time.time()
        self._thread = threading.Thread(target=self._run, name="tfs-kernel", daemon=True)
        self._thread.start()
        try:
            self._wait_for_start()
        except BaseException:  # an interrupt too: nobody would have the server to stop it
            self.stop()
            raise

    def _wait_for_start(self) -> None:
        if not self._settled.wait(_START_SECONDS):
            raise DeadlineExceeded(
                f"the kernel's model server has not started within {_START_SECONDS:g} s"
            )
        if isinstance(self._error, ServingError):
            raise self._error
        if self._error is not None:
            raise Internal(
                f"the kernel's model server did not start: {self._error!r}"
            ) from self._error

    def stop(self) -> None:
        """Stop serving and remove the sockets; blocks for seconds at most. Idempotent."""
        if self._pid != os.getpid():
            return
        atexit.unregister(self.stop)
        self._given_up.set()
        loop, end = self._loop, self._end
        if loop is not None and end is not None:
            with suppress(RuntimeError):  # the loop is closed: it has stopped
                loop.call_soon_threadsafe(end.set)
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
        if self._directory is not None:
            self._directory.remove()

    def _run(self) -> None:
        try:
            loop = new_event_loop()
            try:
                loop.run_until_complete(self._serve())
            finally:
                loop.close()
        except BaseException as error:  # noqa: BLE001 - the end of the thread: told to who waits
            self._error = error
            _log.warning("the kernel's model server ended: %r", error)
        finally:
            self._settled.set()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._given_up.is_set():
            return
        # The model that is trained in this kernel needs the card too.
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
        load_quietly()
        server = Server(self._config)
        try:
            await server.start()
            self._settled.set()
            await self._end.wait()
        finally:
            await server.stop(_GRACE_SECONDS)


_SILENT: Final = logging.NullHandler()
