"""Keeps a model server alive: starts it, watches it, starts it again, gives up in time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from tfs_notebook.jupyter.exchange import ModelServerGone
from tfs_notebook.jupyter.log_lines import LogLines
from tfs_notebook.jupyter.run import Run
from tfs_notebook.jupyter.supervision import RestartPolicy
from tfs_notebook.jupyter.upstream import Upstream

__all__ = ["Host", "State", "Status", "resident_bytes"]

_log = logging.getLogger(__name__)

State = Literal["starting", "ready", "restarting", "quarantined", "stopped"]
Listener = Callable[["Status"], Awaitable[None]]

_LIVE: Final = "/v2/health/live"
_PROBE_SECONDS: Final = 0.05
_PROBE_TIMEOUT_SECONDS: Final = 5.0
_MEMORY_SECONDS: Final = 1.0
_CANCEL_SECONDS: Final = 0.5
_OK: Final = 200
_HALTED: Final = (
    "the model server was stopped by hand; POST tfs/start starts it, with the models it had"
)


@dataclass(frozen=True, slots=True)
class Status:
    """How it is with the model server.

    Attributes:
        state: ``ready`` when it takes requests.
        reason: why it is not; empty when it is.
        pid: of the process it is in; None when there is none.
        restarts: how often it has been started again.
        started: when the present run was started, in seconds since the epoch.
    """

    state: State = "stopped"
    reason: str = "the model server has not been started yet"
    pid: int | None = None
    restarts: int = 0
    started: float | None = None


class Host:
    """Owns the model server of a Jupyter server; everything is on the loop's thread.

    Args:
        launch: makes a run that has not started.
        upstream: leads to its REST socket.
        policy: whether and when it is started again after it has ended by itself.
        listener: is told of each change, before the next can come.
        lines: what it writes.
        grace: seconds that requests under way have when it is stopped.
        start_timeout: seconds a start may take.
        memory_limit: bytes of resident memory; above it is started afresh. 0 for none.
    """

    def __init__(
        self,
        launch: Callable[[], Run],
        upstream: Upstream,
        *,
        policy: RestartPolicy,
        listener: Listener,
        lines: LogLines,
        grace: float,
        start_timeout: float,
        memory_limit: int = 0,
    ) -> None:
        self.lines = lines
        self.upstream = upstream
        self.status = Status()
        self._launch = launch
        self._policy = policy
        self._listener = listener
        self._grace = grace
        self._start_timeout = start_timeout
        self._memory_limit = memory_limit
        self._asked = asyncio.Event()
        self._halted = False
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; waits for nothing."""
        if self._task is None and not self._stopping:
            self._task = asyncio.ensure_future(self._supervise())

    async def stop(self) -> None:
        """End the model server, and wait until it has. Idempotent."""
        self._stopping = True
        self._asked.set()
        if self._task is not None:
            await asyncio.shield(self._task)
        await self.upstream.close()

    def restart(self) -> None:
        """Have it started afresh, out of quarantine or a halt too; waits for nothing."""
        self._halted = False
        self._asked.set()

    def halt(self) -> None:
        """Have it end until ``restart`` is called; waits for nothing."""
        self._halted = True
        self._asked.set()

    async def _supervise(self) -> None:
        reason = "the model server is on its way up"
        state: State = "starting"
        while not self._is_stopping():
            run = self._launch()
            crash, up_for = await self._live(run, state, reason)
            self.upstream.drop_idle()
            if self._is_stopping():
                break
            if crash is None:
                self._policy.forget()
                self._asked.clear()
                await self._wait_while_halted()
                state, reason = "restarting", "a restart was asked for"
            else:
                state, reason = "restarting", crash
                await self._wait_after(crash, up_for)
            if self._is_stopping():
                break
            self.status = replace(self.status, restarts=self.status.restarts + 1)
        await self._change("stopped", "the model server has been stopped", None)

    def _is_stopping(self) -> bool:
        return self._stopping

    async def _wait_while_halted(self) -> None:
        while self._halted and not self._is_stopping():
            await self._change("stopped", _HALTED, None)
            await self._asked.wait()
            self._asked.clear()

    async def _wait_after(self, crash: str, up_for: float) -> None:
        seconds = self._policy.crashed(time.monotonic(), up_for)
        if seconds is None:
            reason = (
                f"{crash}. It has ended {self._policy.max_crashes} times within "
                f"{self._policy.window:g} s and is not started again until somebody asks: "
                "see tfs/log, mend the cause, then POST tfs/restart"
            )
            await self._change("quarantined", reason, None)
            await self._asked.wait()
        else:
            await self._change("restarting", crash, None)
            await _first(self._asked.wait(), timeout=seconds)
        if self._asked.is_set():
            self._policy.forget()
            self._asked.clear()
            await self._wait_while_halted()

    async def _live(self, run: Run, state: State, reason: str) -> tuple[str | None, float]:
        # Until it ends by itself (why), or is asked to (None); and for how long it was ready.
        ready_at = None
        try:
            await run.start()
            self.status = replace(self.status, started=time.time())
            await self._change(state, reason, run.pid)
            crash = await self._until_ready(run)
            if crash is None and not self._asked.is_set():
                ready_at = time.monotonic()
                await self._change("ready", "", run.pid)
                crash = await _first(run.ended(), self._asked.wait(), self._too_large(run))
        except Exception as error:  # noqa: BLE001 - else nobody would start it again, or say why
            _log.debug("the model server cannot be started", exc_info=True)
            crash = f"the model server cannot be started: {error}"
        if crash is None or crash is True:
            ends = self._stopping or self._halted
            asked: State = "stopped" if ends else "restarting"
            text = "is stopping" if ends else "is being started afresh"
            await self._change(asked, f"the model server {text}", run.pid)
        await run.stop(self._grace)
        up_for = 0.0 if ready_at is None else time.monotonic() - ready_at
        return (crash if isinstance(crash, str) else None), up_for

    async def _until_ready(self, run: Run) -> object:
        crash = await _first(
            run.ended(), self._asked.wait(), self._answers(), timeout=self._start_timeout
        )
        if crash is _TIMEOUT:
            return f"the model server was not up after {self._start_timeout:g} s"
        return crash if isinstance(crash, str) else None

    async def _answers(self) -> None:
        while True:
            try:
                status, _ = await self.upstream.fetch(_LIVE, timeout=_PROBE_TIMEOUT_SECONDS)
                if status == _OK:
                    return
            except (ModelServerGone, asyncio.TimeoutError):
                pass
            await asyncio.sleep(_PROBE_SECONDS)

    async def _too_large(self, run: Run) -> str:
        while True:
            await asyncio.sleep(_MEMORY_SECONDS)
            used = resident_bytes(run.pid) if self._memory_limit else None
            if used is not None and used > self._memory_limit:
                return (
                    f"the model server took {used} bytes of memory; the limit is "
                    f"{self._memory_limit} (memory_limit_bytes)"
                )

    async def _change(self, state: State, reason: str, pid: int | None) -> None:
        self.status = replace(self.status, state=state, reason=reason, pid=pid)
        try:
            await self._listener(self.status)
        except Exception:  # noqa: BLE001 - what others make of it must not end the supervision
            _log.exception("a change of the model server's state could not be made known")


_TIMEOUT: Final = object()


async def _first(*waits: Coroutine[Any, Any, object], timeout: float | None = None) -> object:
    # The result of the first to end; the others are cancelled.
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(
            tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
        )
        ended = next((task for task in tasks if task in done), None)
        return _TIMEOUT if ended is None else ended.result()
    finally:
        # Before Python 3.12 wait_for can lose a cancellation.
        while running := [task for task in tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=_CANCEL_SECONDS)
        await asyncio.gather(*tasks, return_exceptions=True)


def resident_bytes(pid: int | None) -> int | None:
    """Memory of a process, or None when it is not there."""
    import psutil  # noqa: PLC0415 - Jupyter's start does not need it

    try:
        return None if pid is None else int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return None
