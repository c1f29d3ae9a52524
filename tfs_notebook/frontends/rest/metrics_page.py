"""The page of metrics, where the monitoring's configuration has it."""

from __future__ import annotations

from functools import partial
from typing import Final

from tfs_notebook.frontends.rest.http import Request, Response
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.monitoring.page import Monitoring
from tfs_notebook.serving.request_runner import RequestRunner

__all__ = ["MetricsPage"]

_TEXT: Final = (("Content-Type", "text/plain"),)
_READ: Final = ("GET", "HEAD")


class MetricsPage:
    """Answers the requests for the page, on the loop's thread.

    Args:
        server: what it tells of.
        monitoring: makes it.
        control: does so, also while all threads that run models are taken.
        timeout: seconds that may take.

    Attributes:
        path: of the page.
    """

    def __init__(
        self,
        server: ModelServer,
        monitoring: Monitoring,
        control: RequestRunner,
        *,
        timeout: float,
    ) -> None:
        self.path = monitoring.path
        self._make = partial(monitoring.page, server)
        self._control = control
        self._timeout = timeout

    async def handle(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            DeadlineExceeded: the time is up.
        """
        if request.method not in _READ:
            text = f"{self.path} takes {' and '.join(_READ)}; got {request.method}\n"
            return Response(405, text.encode(), (*_TEXT, ("Allow", ", ".join(_READ))))
        if request.query:
            asked = f"{self.path}?{request.query}"
            text = f"Unexpected path: {asked}. Should be {self.path}"
            return Response(400, text.encode("latin-1", "replace"), _TEXT)
        return Response(200, await self._control.run(self._make, self._timeout), _TEXT)
