"""Which models the console's server has, as long as it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tfs_notebook.client import Client, ModelHandle
from tfs_notebook.client.asynchronous import run_steps_async
from tfs_notebook.client.blocking_call import BlockingCall
from tfs_notebook.client.calls import ask
from tfs_notebook.client.model_list import ServedModel
from tfs_notebook.wire.errors import Code, ServingError, Unavailable, Unimplemented
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Seen", "ServerWatch"]

_SECONDS: Final = 4.0
_NO_ANSWER: Final = (
    Code.UNAVAILABLE,
    Code.DEADLINE_EXCEEDED,
    Code.UNAUTHENTICATED,
    Code.PERMISSION_DENIED,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found at one look.

    Attributes:
        models: by name, in the server's order; None where it does not list them.
        title: whose server it is.
        problem: why it does not answer; empty if it does.
    """

    models: dict[str, ServedModel] | None
    title: str
    problem: str = ""

    @property
    def names(self) -> list[str] | None:
        """Of the models; None where they are not listed."""
        return None if self.models is None else list(self.models)


class ServerWatch:
    """Looks at a server; of one thread.

    Args:
        resolve: gives the client, each time anew, as a server that was started again may
            be elsewhere; blocks, and raises ServingError where there is none.
    """

    def __init__(self, resolve: Callable[[], Client]) -> None:
        self._resolve = resolve
        self._client: Client | None = None

    def handle(self, reference: ModelReference) -> ModelHandle:
        """A model, version or label of the server that was found last.

        Raises:
            Unavailable: none was found yet.
        """
        client = self._client
        if client is None:
            raise Unavailable("there is no model server yet")
        if reference.version is not None:
            return client[reference.name, reference.version]
        if reference.label is not None:
            return client[reference.name, reference.label]
        return client[reference.name]

    async def look(self, model: str) -> Seen:
        """See what is there.

        Args:
            model: that is asked about where the server lists none; empty for none.
        """
        try:
            call: BlockingCall[Client] = BlockingCall(self._resolve)
            client = await run_steps_async(ask(call))
            models = await self._models(client)
            if models is None and model:
                await _look_for(client, model)
        except ServingError as error:
            title = "" if self._client is None else _title(self._client)
            return Seen(None, title, error.message)
        self._client = client
        return Seen(models, _title(client))

    async def _models(self, client: Client) -> dict[str, ServedModel] | None:
        try:
            found = await client.served_async(timeout=_SECONDS)
        except Unimplemented:
            return None
        models = {one.name: one for one in found}
        # What this kernel serves by itself is found by its name, too.
        for other in client.access.neighbours().values():
            try:
                for one in await other.served_async(timeout=_SECONDS):
                    models.setdefault(one.name, one)
            except ServingError:
                continue
        return models


async def _look_for(client: Client, model: str) -> None:
    try:
        await client[model].status_async(timeout=_SECONDS)
    except ServingError as error:
        # Whatever else it is, it is an answer.
        if error.code in _NO_ANSWER:
            raise


def _title(client: Client) -> str:
    return client.title or client.address
