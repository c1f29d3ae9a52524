"""Requests on a run pool; those whose model has to be loaded first wait on no thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from typing import TypeVar

from tfs_notebook.lifecycle import ServableRequest
from tfs_notebook.serving.loop_receiver import LoopReceiver
from tfs_notebook.serving.managed_models import NotLoaded
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.quick_lane import QuickLane
from tfs_notebook.serving.request_limit import RequestLimit
from tfs_notebook.serving.request_times import observed
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.serving.time_limit import TimeLimit

__all__ = ["RequestRunner"]

_T = TypeVar("_T")


class RequestRunner:
    """Runs what requests ask of a model server; belongs to the thread of a loop.

    However many requests wait for models that are being loaded, those for models
    that are loaded find the threads free.

    Args:
        server: the data plane.
        pool: the threads.
        limit: how many predictions may be under way.
        nothing_runs: whether no thread of the server is at a run of a model.
        observes: whether doors take the times of requests, see ``RequestTimes``.
    """

    def __init__(
        self,
        server: ModelServer,
        pool: RunPool,
        limit: RequestLimit | None = None,
        nothing_runs: Callable[[], bool] = bool,
        *,
        observes: bool = False,
    ) -> None:
        self._server = server
        self._pool = pool
        self._limit = limit
        self._nothing_runs = nothing_runs
        self._observes = observes
        self._receiver: LoopReceiver | None = None
        self._lane: QuickLane | None = None
        self._time_limit: TimeLimit | None = None

    async def run(self, work: Callable[[], _T], timeout: float | None = None) -> _T:
        """Do ``work`` on the pool and return, or raise, what it gives; see :meth:`RunPool.run`.

        Work that ends with :class:`NotLoaded` is done again once that is loaded. So
        it must not do anything before it holds its model.

        Raises:
            DeadlineExceeded: the time is up, or the model was not loaded in time.
            ServingError: what the work raises; why a model cannot be loaded.
        """
        return await self._once_loaded(lambda left: self._pool.run(work, left), timeout)

    def predict(
        self,
        prepare: Callable[[], Prediction[_T]],
        *,
        small: bool,
        timeout: float | None = None,
    ) -> Awaitable[_T]:
        """Run a prediction, in a batch where its model has batches; await the answer.

        Args:
            prepare: understands the request and takes hold of its model.
            small: whether that is a matter of microseconds.
            timeout: seconds, all in all.

        Raises:
            DeadlineExceeded: as :meth:`run`.
            Unavailable: too many requests are under way, or wait for a batch.
            ServingError: what is wrong with the request, or why it failed.
        """
        if self._observes:
            prepare = observed(prepare)
        if not small or self._limit is not None:
            return self._predict(prepare, small=small, timeout=timeout)
        # The same without a coroutine in between, which takes a third of the time.
        try:
            prediction = prepare()
        except NotLoaded:
            return self._predict(prepare, small=small, timeout=timeout)
        return self._begun(prediction, timeout)

    async def _predict(
        self, prepare: Callable[[], Prediction[_T]], *, small: bool, timeout: float | None
    ) -> _T:
        async def attempt(left: float | None) -> _T:
            end = None if left is None else time.monotonic() + left
            if small:
                prediction = prepare()
            elif self._server.batching is None:
                made, has_run = await self._pool.run(lambda: _run_if_alone(prepare()), left)
                if has_run:
                    if made.error is not None:
                        raise made.error
                    answer: _T = made.result
                    return answer
                prediction = made
            else:
                prediction = await self._pool.run(prepare, left)
            left = None if end is None else max(0.0, end - time.monotonic())
            return await self._begun(prediction, left)

        with nullcontext() if self._limit is None else self._limit.taken():
            return await self._once_loaded(attempt, timeout)

    def _begun(self, prediction: Prediction[_T], timeout: float | None) -> Awaitable[_T]:
        if prediction.is_batched:
            answer = self._in_batch(prediction, timeout)
        elif prediction.is_quick:
            if self._lane is None:
                self._lane = QuickLane(
                    asyncio.get_running_loop(), self._pool, self._nothing_runs
                )
            answer = self._lane.submit(prediction)
        else:
            return self._pool.run(prediction.run, timeout)
        if timeout is not None:
            self._limited(answer, timeout)
        return answer

    def _limited(self, answer: asyncio.Future[_T], timeout: float) -> None:
        limit = self._time_limit
        if limit is None:
            limit = self._time_limit = TimeLimit(asyncio.get_running_loop(), timeout)
        if limit.seconds == timeout:
            limit.watch(answer)
        else:
            TimeLimit(asyncio.get_running_loop(), timeout).watch(answer)

    def _in_batch(
        self, prediction: Prediction[_T], timeout: float | None
    ) -> asyncio.Future[_T]:
        receiver = self._receiver
        if receiver is None:
            wakes = self._server.batching or _NoBatches()
            receiver = self._receiver = LoopReceiver(asyncio.get_running_loop(), wakes)
        answer: asyncio.Future[_T] = receiver.expect(prediction)
        try:
            prediction.submit(receiver, timeout)
        except BaseException:
            receiver.refused()
            raise
        return answer

    async def _once_loaded(
        self, attempt: Callable[[float | None], Awaitable[_T]], timeout: float | None
    ) -> _T:
        try:
            return await attempt(timeout)
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
                    return await attempt(left)
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


def _run_if_alone(prediction: Prediction[_T]) -> tuple[Prediction[_T], bool]:
    """On a thread of the pool: run what is not to be submitted, and tell whether it was run."""
    if prediction.is_batched:
        return prediction, False
    prediction.run_alone()
    return prediction, True


class _NoBatches:
    """``Wakes`` of a server whose ensembles wait for no batch threads."""

    def hold_back(self) -> None:
        """Nobody sleeps."""

    def go_on(self) -> None:
        """Nobody sleeps."""
