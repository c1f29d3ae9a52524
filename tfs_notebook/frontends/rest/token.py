"""REST over TCP with a token; the Unix socket is its user's own and asks for none."""

from __future__ import annotations

from typing import Final

from tornado.httputil import HTTPHeaders

from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.frontends.token_file import is_bearer_of
from tfs_notebook.wire.errors import Unauthenticated

__all__ = ["BODIES", "RestToken"]

BODIES: Final = frozenset({"Content-Length", "Transfer-Encoding"})
"""The headers of which a request with a body has one."""


class RestToken:
    """Lets a request pass that has the token; the web page alone needs none.

    A request has one such header, so whoever changes models passes with the token for that.

    Args:
        token: that of ``--rest_api_token_file``.
        control: that of ``--model_control_token_file``, if there is one.
        cors: whether pages of other origins may ask: browsers ask first whether they may,
            without any token.
    """

    def __init__(
        self,
        token: ReloadedFile[bytes],
        control: ReloadedFile[bytes] | None = None,
        *,
        cors: bool = False,
    ) -> None:
        self._token = token
        self._control = control
        self._cors = cors

    def check(self, method: str, headers: HTTPHeaders) -> None:
        """Raise Unauthenticated unless a request with this head, over TCP, may pass."""
        sent = headers.get("Authorization", "")
        if is_bearer_of(self._token.current, sent):
            return
        if self._control is not None and is_bearer_of(self._control.current, sent):
            return
        if self._cors and method == "OPTIONS" and not BODIES & headers.keys():
            return
        raise Unauthenticated(
            "over TCP this server asks for the header Authorization: Bearer TOKEN, with the "
            "token of the file that --rest_api_token_file names; got "
            f"{'another' if sent else 'none'}"
        )
