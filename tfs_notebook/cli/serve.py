"""``tfs-notebook --port=…``: the model server as a process of its own."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable

from tfs_notebook.cli.stdin_end import watch_stdin
from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.event_loop import new_event_loop
from tfs_notebook.frontends.server import Server
from tfs_notebook.wire.errors import ServingError

__all__ = ["serve"]

_log = logging.getLogger(__name__)

# A thread that parses or encodes a large body hands the others their turn sooner.
_SWITCH_INTERVAL_SECONDS = 0.0005

# Whoever started the server is gone, and with it most of those who wait for answers.
_ORPHAN_GRACE_SECONDS = 1.0

OnReady = Callable[[ServerConfig], None]


async def _run(config: ServerConfig, on_ready: OnReady | None) -> None:
    server = Server(config)
    stop = asyncio.Event()
    _on_signals(stop.set)
    orphaned = asyncio.Event()
    if config.exit_on_stdin_eof:
        loop = asyncio.get_running_loop()

        def stdin_ended() -> None:
            loop.call_soon_threadsafe(orphaned.set)

        watch_stdin(stdin_ended)
    starting = asyncio.ensure_future(server.start())
    stopping = asyncio.ensure_future(_any_of(stop, orphaned))
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            gc.collect()
            # Collections need not look again at what lives as long as the process.
            gc.freeze()
            if on_ready is not None:
                on_ready(config)
            await stopping
    finally:
        starting.cancel()
        # The end of the input after a signal is no second signal.
        stop.clear()
        hurry = asyncio.ensure_future(stop.wait())
        ending = asyncio.ensure_future(server.stop(_grace(config, orphaned.is_set())))
        await asyncio.wait({ending, hurry}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        hurry.cancel()


async def _any_of(*events: asyncio.Event) -> None:
    waits = {asyncio.ensure_future(event.wait()) for event in events}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _grace(config: ServerConfig, orphaned: bool) -> float:
    seconds = config.shutdown_grace_seconds
    if orphaned:
        seconds = min(seconds, _ORPHAN_GRACE_SECONDS)
        _log.info("standard input has ended (--exit_on_stdin_eof)")
    _log.info("draining for at most %.1f s ...", seconds)
    return seconds


def _on_signals(callback: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, callback)


def serve(config: ServerConfig, on_ready: OnReady | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C, drain, and return the exit code; blocks.

    ``on_ready`` is called once the ports are open. A second signal ends the
    draining at once.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    try:
        loop = new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(_run(config, on_ready))
        finally:
            loop.close()
    except ServingError as error:
        _log.error("Failed to start server. Error: %s", error.status_text)
        return 1
    _log.info("stopped")
    return 0
