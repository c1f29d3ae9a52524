"""The model server's changes on Jupyter's event bus."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any, Final, Protocol

from tfs_notebook.jupyter.exchange import ModelServerGone
from tfs_notebook.jupyter.host import Status
from tfs_notebook.jupyter.upstream import Upstream

__all__ = ["MODEL_SERVER_STATE", "MODEL_VERSION_STATE", "EventBus", "Events"]

_log = logging.getLogger(__name__)

MODEL_VERSION_STATE: Final = "urn:tfs_notebook:model_version_state:v1"
MODEL_SERVER_STATE: Final = "urn:tfs_notebook:model_server_state:v1"

_SCHEMAS: Final = Path(__file__).parent / "event_schemas"
_POLL_SECONDS: Final = 30
_PAUSE_SECONDS: Final = 1.0
_OK: Final = 200
_NOT_FOUND: Final = 404


class EventBus(Protocol):
    """What is used of ``jupyter_events.EventLogger``."""

    def register_event_schema(self, schema: Path) -> None:
        """Make a kind of event known."""

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> object:
        """Send one; on the loop's thread only."""


class Events:
    """Tells Jupyter's event bus; everything is on its loop.

    Args:
        bus: the schemas are registered there at once. Blocks on their files.
    """

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        for schema in sorted(_SCHEMAS.glob("*.yaml")):
            bus.register_event_schema(schema)
        self._following: asyncio.Task[None] | None = None

    def tell(self, status: Status) -> None:
        """Tell of a change of the model server itself."""
        data: dict[str, Any] = {
            "state": status.state,
            "reason": status.reason,
            "restarts": status.restarts,
        }
        if status.pid is not None:
            data["pid"] = status.pid
        self._send(MODEL_SERVER_STATE, data)

    def follow(self, upstream: Upstream) -> None:
        """Tell of the changes of versions, from the first one on, until ``leave``."""
        self.leave()
        self._following = asyncio.ensure_future(self._follow(upstream))

    def leave(self) -> None:
        """The model server has ended."""
        if self._following is not None:
            self._following.cancel()
            self._following = None

    async def _follow(self, upstream: Upstream) -> None:
        after = 0
        while self._following is asyncio.current_task():
            target = f"/v2/repository/events?after={after}&timeout={_POLL_SECONDS}"
            try:
                status, body = await upstream.fetch(target, timeout=2 * _POLL_SECONDS)
                if status == _NOT_FOUND:
                    return  # it has no such events
                if status == _OK:
                    document = json.loads(body)
                    for event in document["events"]:
                        self._emit(event)
                    after = document["next"]
                    continue
                _log.warning("the model server's events could not be read: %d", status)
            except (ModelServerGone, asyncio.TimeoutError, ValueError, KeyError) as error:
                _log.debug("the model server's events could not be read: %s", error)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _emit(self, event: dict[str, Any]) -> None:
        data = {
            "model": event["model"],
            "version": str(event["version"]),
            "state": event["state"],
            "seq": event["seq"],
        }
        if event.get("error"):
            data["error"] = str(event["error"])
        if isinstance(event.get("time"), int | float):
            data["time"] = event["time"]
        self._send(MODEL_VERSION_STATE, data)

    def _send(self, schema: str, data: dict[str, Any]) -> None:
        try:
            self._bus.emit(schema_id=schema, data=data)
        except Exception:  # noqa: BLE001 - of a listener, who may be anybody
            _log.exception("an event was not taken: %s", data)
