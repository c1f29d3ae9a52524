"""What a model was asked in the last hour, for charts that begin with more than now."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from tfs_notebook.frontends.rest.query_fields import query_fields, whole_number
from tfs_notebook.serving.histogram import MICROSECONDS
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.traffic_counts import TrafficCounts
from tfs_notebook.serving.traffic_history import STEP_SECONDS, TrafficHistory, TrafficStep
from tfs_notebook.wire.errors import InvalidArgument, ServingError

__all__ = ["HistorySteps", "history"]

_log = logging.getLogger(__name__)

_FIELDS: Final = ("model", "since")


class HistorySteps:
    """Ends a step of the history every few seconds; belongs to the thread of a loop.

    Args:
        traffic: the history.
        control: its threads do it, which is no work for the loop.
    """

    def __init__(self, traffic: TrafficHistory, control: RequestRunner) -> None:
        self._traffic = traffic
        self._control = control
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the loop that runs."""
        self._task = asyncio.get_running_loop().create_task(self._go_on())

    def stop(self) -> None:
        """End no more of them."""
        if self._task is not None:
            self._task.cancel()

    async def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            # Steps that were missed are one.
            due = max(due + STEP_SECONDS, loop.time())
            await asyncio.sleep(due - loop.time())
            try:
                await self._control.run(self._traffic.end_step)
            except ServingError as error:
                _log.warning("no history is kept any more: %s", error)
                return


def history(server: ModelServer, query: str) -> dict[str, Any]:
    """The steps of a model's last hour, or those from a number on, and the one that goes on.

    Raises:
        InvalidArgument: a query that cannot be used.
    """
    model, since = _parsed(query)
    process = server.process.read()
    traffic = server.traffic.read(model, since)
    return {
        "model": model,
        "run": process.run,
        "time": traffic.current.time,
        "next": traffic.current.number,
        "bounds": {"micros": MICROSECONDS},
        "steps": [_step(step) for step in traffic.steps],
        "current": _step(traffic.current),
        "models": traffic.models,
    }


def _step(step: TrafficStep) -> dict[str, Any]:
    return {
        "number": step.number,
        "time": step.time,
        "seconds": step.seconds,
        "versions": {str(version): _counts(one) for version, one in step.versions.items()},
    }


def _counts(counts: TrafficCounts) -> dict[str, Any]:
    return {
        "requests": counts.requests,
        "errors": counts.errors,
        "in_flight": counts.in_flight,
        "queued": counts.queued,
        "latency_micros": {"total": counts.micros, "counts": counts.latency},
        "runs": counts.runs,
        "rows": counts.rows,
        "padding_rows": counts.padding,
        "waits": counts.waits,
        "wait_micros": counts.wait_micros,
    }


def _parsed(query: str) -> tuple[str, int]:
    given = query_fields(query, _FIELDS)
    if not (model := given.get("model", "")):
        raise InvalidArgument(
            "the query has to name a model, as /v2/repository/history?model=NAME does"
        )
    return model, whole_number(given, "since")
