"""The routes that are relayed, and who may use each: a class a route.

Jupyter's authorization sticks to the class it is asked for first, so each verb is written
out where it belongs.
"""

from __future__ import annotations

from typing import Final

from tornado import web

from tfs_notebook.jupyter.access import authorized
from tfs_notebook.jupyter.relay import Relay

__all__ = ["RELAY_HANDLERS"]


class V1(Relay):
    """TensorFlow Serving's API; all it posts are predictions of one kind or another."""

    @web.authenticated
    @authorized("read")
    async def get(self, _path: str) -> None:
        """Status and metadata."""
        await self.pass_on()

    @web.authenticated
    @authorized("execute")
    async def post(self, _path: str) -> None:
        """Predict, classify, regress."""
        await self.ask()


class RawText(Relay):
    """Raw text or an image in, the model's word for it out."""

    @web.authenticated
    @authorized("execute")
    async def get(self) -> None:
        """One text, in the query."""
        await self.ask()

    @web.authenticated
    @authorized("execute")
    async def post(self) -> None:
        """One text or image, or many, in the body."""
        await self.ask()


class Inference(Relay):
    """The Open Inference Protocol's predictions."""

    @web.authenticated
    @authorized("execute")
    async def post(self, _path: str) -> None:
        """Infer."""
        await self.ask()


class Index(Relay):
    """The list of models, which the protocol asks for with POST."""

    @web.authenticated
    @authorized("read")
    async def post(self) -> None:
        """List."""
        await self.pass_on()


class Control(Relay):
    """What changes the served models, and tells what was changed of their batching."""

    @web.authenticated
    @authorized("read")
    async def get(self, _path: str) -> None:
        """Read."""
        await self.pass_on()

    @web.authenticated
    @authorized("write")
    async def post(self, _path: str) -> None:
        """Load, unload, label, roll back, change the batching and the traffic."""
        await self.pass_on()

    @web.authenticated
    @authorized("write")
    async def delete(self, _path: str) -> None:
        """Take back what was said of the traffic."""
        await self.pass_on()


class Reading(Relay):
    """All else that is asked for: health, metadata, statistics, events, metrics."""

    @web.authenticated
    @authorized("read")
    async def get(self, _path: str) -> None:
        """Read."""
        await self.pass_on()


RELAY_HANDLERS: Final[list[tuple[str, type[Relay]]]] = [
    (r"tfs/(v1/.*)", V1),
    (r"tfs/predict", RawText),
    (r"tfs/v2/repository/index", Index),
    (r"tfs/(v2/repository/(?:models/.*|batching))", Control),
    (r"tfs/(v2/models/[^/]+(?:/versions/[^/]+)?/infer)", Inference),
    (r"tfs/(v2(?:/.*)?)", Reading),
    (r"tfs/(monitoring/.*)", Reading),
]
