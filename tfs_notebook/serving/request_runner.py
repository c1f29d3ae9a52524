"""Requests on a run pool; those whose model has to be loaded first wait on no thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TypeVar

from tfs_notebook.lifecycle import ServableRequest
from tfs_notebook.serving.managed_models import NotLoaded
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.run_pool import RunPool

__all__ = ["RequestRunner"]

_T = TypeVar("_T")


class RequestRunner:
    """Runs what requests ask of a model server; belongs to the thread of a loop.

    However many requests wait for models that are being loaded, those for models
    that are loaded find the threads free.

    Args:
        server: the data plane.
        pool: the threads.
    """

    def __init__(self, server: ModelServer, pool: RunPool) -> None:
        self._server = server
        self._pool = pool

    async def run(self, work: Callable[[], _T], timeout: float | None = None) -> _T:
        """Do ``work`` on the pool and return, or raise, what it gives; see :meth:`RunPool.run`.

        Work that ends with :class:`NotLoaded` is done again once that is loaded. So
        it must not do anything before it holds its model.

        Raises:
            DeadlineExceeded: the time is up, or the model was not loaded in time.
            ServingError: what the work raises; why a model cannot be loaded.
        """
        try:
            return await self._pool.run(work, timeout)
        except NotLoaded as missing:
            request = missing.request
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        async with AsyncExitStack() as waits:
            while True:
                left = None if end is None else max(0.0, end - loop.time())
                await waits.enter_async_context(self._loaded(request, left))
                left = None if end is None else max(0.0, end - loop.time())
                try:
                    return await self._pool.run(work, left)
                except NotLoaded as missing:
                    # A label has moved on meanwhile, say.
                    request = missing.request

    @asynccontextmanager
    async def _loaded(
        self, request: ServableRequest, timeout: float | None
    ) -> AsyncIterator[None]:
        """Wait until it is loaded; it is not evicted before the block ends."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()

        def notify() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(news.set)

        seconds = self._server.load_timeout
        if timeout is not None:
            seconds = min(seconds, timeout)
        end = loop.time() + seconds
        with self._server.waiting(request, notify) as wait:
            while True:
                news.clear()
                handle = wait.handle()
                if handle is not None:
                    handle.release()
                    break
                try:
                    await asyncio.wait_for(news.wait(), end - loop.time())
                except asyncio.TimeoutError:
                    raise wait.too_late(seconds) from None
            yield
