"""Who may do what below ``tfs/``, and how a refusal is written.

Reading is the action ``read``, asking a model ``execute``, and what changes the served
models ``write``; all on the resource ``tfs_notebook``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http.client import responses
from typing import Any, Final, TypeVar, cast

from jupyter_server.auth import decorator
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web

from tfs_notebook.jupyter.gateway import Gateway

__all__ = ["RESOURCE", "JsonErrors", "authorized"]

RESOURCE: Final = "tfs_notebook"

Verb = TypeVar("Verb", bound=Callable[..., Awaitable[None]])

_RETRY_SECONDS: Final = 1
_FORBIDDEN: Final = 403
_UNAVAILABLE: Final = 503


def authorized(action: str) -> Callable[[Verb], Verb]:
    """Whether the user may, as Jupyter's authorizer says; only on leaf classes.

    Jupyter's decorator keeps for ever what it has been called with first.
    """
    return cast(
        "Callable[[Verb], Verb]", decorator.authorized(action=action, resource=RESOURCE)
    )


class JsonErrors(ExtensionHandlerMixin, APIHandler):
    """Errors as the model server writes them: ``{"error": text}``."""

    auth_resource = RESOURCE
    # Pages ask for the state every few seconds: that is no use of the server.
    _track_activity = False

    @property
    def gateway(self) -> Gateway:
        """The way to the model server."""
        return self.settings["tfs_notebook_gateway"]  # type: ignore[no-any-return]

    async def prepare(self, **_further: Any) -> None:  # noqa: ANN401 - Jupyter's
        """Let nobody in without a login, whatever the verb.

        Raises:
            HTTPError: 403; Tornado would answer 405 to a verb that there is not.
        """
        await super().prepare()
        if not self.current_user and self.request.method != "OPTIONS":
            raise web.HTTPError(_FORBIDDEN)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 - Tornado's
        """Write the error."""
        error = (kwargs.get("exc_info") or (None, None))[1]
        text = error.get_message() if isinstance(error, web.HTTPError) else None
        reason = text or responses.get(status_code, "unknown error")
        if status_code == _FORBIDDEN and not self.current_user:
            reason = f"{reason}: log in, or send the header 'Authorization: token …'"
        if status_code == _UNAVAILABLE:
            self.set_header("Retry-After", str(_RETRY_SECONDS))
        self.finish(json.dumps({"error": reason}))
