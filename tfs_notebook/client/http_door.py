"""HTTP requests to one server, over TCP, TLS or a Unix socket, with the tree's errors."""

from __future__ import annotations

import json
import operator
import os
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from http.client import HTTPException
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import urllib3

from tfs_notebook.client.address import Address
from tfs_notebook.client.daemon_threads import DaemonThreads
from tfs_notebook.client.http_connections import CONNECT_SECONDS, Exchange, new_pool
from tfs_notebook.client.tls import Tls
from tfs_notebook.wire.errors import (
    Cancelled,
    Code,
    DeadlineExceeded,
    Internal,
    ServingError,
    Unavailable,
    error_for_code,
)

__all__ = ["HttpDoor", "HttpExchange", "Reply"]

_VERSION: Final = "X-Model-Version"

_CODES: Final = {
    400: Code.INVALID_ARGUMENT,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.NOT_FOUND,
    405: Code.UNIMPLEMENTED,
    409: Code.ALREADY_EXISTS,
    413: Code.RESOURCE_EXHAUSTED,
    429: Code.RESOURCE_EXHAUSTED,
    499: Code.CANCELLED,
    501: Code.UNIMPLEMENTED,
    503: Code.UNAVAILABLE,
    504: Code.DEADLINE_EXCEEDED,
}
_THREADS: Final = 16
_LONGEST_EXCERPT: Final = 300
_NO_HEADERS: Final[Mapping[str, str]] = {}


class Reply(NamedTuple):
    """An answer that is no error.

    Attributes:
        data: its body.
        version: of the model that answered, if it says so.
        timing: what it says of the time it took, as ``Server-Timing`` has it.
    """

    data: bytes
    version: int | None
    timing: str = ""


class HttpDoor:
    """Keeps connections to one server. Its methods may be called from any thread, and block.

    No proxy is asked: the server is this machine's, or named by its own address.
    """

    def __init__(
        self, address: Address, token: str | None = None, tls: Tls | None = None
    ) -> None:
        """Prepare; it connects with the first request.

        Raises:
            InvalidArgument: a file of the TLS settings cannot be used.
        """
        self._address = address
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        if tls is None and address.names_tls:
            tls = Tls()
        self._tls = tls
        self._above = "" if address.socket is not None else urlsplit(address.target).path
        self._open()

    def _open(self) -> None:
        self._pool = new_pool(self._address, self._tls)
        self._threads = DaemonThreads("tfs-http", _THREADS)
        self._pid = os.getpid()

    def _own(self) -> None:
        # A fork has no threads, and the connections are its parent's.
        if self._pid != os.getpid():
            self._open()

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        timeout: float,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Reply:
        """Send a request and return its answer.

        Args:
            method: of HTTP.
            path: below the address, with a slash at its beginning.
            body: JSON, or None.
            timeout: seconds for the answer.
            headers: further ones.

        Raises:
            ServingError: what the server answers with, by its status.
            Unavailable: no server is there.
            DeadlineExceeded: no answer in time.
        """
        self._own()
        sent = {**self._headers, **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            response = self._send(method, path, body, sent, timeout)
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            raise Unavailable(
                f"no model server answers HTTP at {self._address.text}. Is it running, and is "
                "this its REST address?"
            ) from None
        except urllib3.exceptions.SSLError as error:
            raise Unavailable(
                f"TLS with {self._address.text} failed: {error}. Does it speak TLS there, and "
                "is its certificate for this name and of an authority that ca=FILE names?"
            ) from None
        except urllib3.exceptions.TimeoutError:
            raise DeadlineExceeded(
                f"no answer from {self._address.text} within {timeout:g} s"
            ) from None
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"{self._address.text} {_broken_off(error)}") from None
        if response.status >= 300:
            raise self._error(response)
        version = response.headers.get(_VERSION, "")
        timing = response.headers.get("Server-Timing", "")
        return Reply(response.data, int(version) if version.isdecimal() else None, timing)

    def start(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        timeout: float,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> HttpExchange:
        """As :meth:`request`, in a thread of its own; does not block."""
        self._own()
        return HttpExchange(
            self._threads,
            lambda: self.request(method, path, body, timeout=timeout, headers=headers),
        )

    def get(self, path: str, *, timeout: float) -> Any:  # noqa: ANN401 - any JSON
        """GET a JSON document; raises as :meth:`request`."""
        return self.document(self.request("GET", path, timeout=timeout).data)

    def post(self, path: str, document: Mapping[str, object], *, timeout: float) -> Any:  # noqa: ANN401 - any JSON
        """POST a JSON document and return the answer; raises as :meth:`request`."""
        # Integers of NumPy's, versions say, are not JSON's.
        body = json.dumps(document, default=operator.index).encode()
        return self.document(self.request("POST", path, body, timeout=timeout).data)

    def close(self) -> None:
        """Close the connections that are idle; idempotent."""
        self._pool.close()

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        timeout: float,
    ) -> urllib3.BaseHTTPResponse:
        options: dict[str, Any] = {
            "body": body,
            "headers": headers,
            "timeout": urllib3.Timeout(connect=min(timeout, CONNECT_SECONDS), read=timeout),
            "retries": False,
            "redirect": False,
        }
        try:
            return self._pool.urlopen(method, self._above + path, **options)
        except urllib3.exceptions.ClosedPoolError:
            raise Unavailable(f"the client of {self._address.text} is closed") from None

    def document(self, data: bytes) -> Any:  # noqa: ANN401 - any JSON
        """The JSON of an answer.

        Raises:
            Internal: it is none; the text shows it.
        """
        try:
            return json.loads(data or b"null")
        except ValueError:
            shown = data[:_LONGEST_EXCERPT].decode(errors="replace").strip()
            raise Internal(
                f"{self._address.text} answered with something that is no JSON; is this the "
                f"address of a model server's REST API, and is a token needed? It said: {shown}"
            ) from None

    def _error(self, response: urllib3.BaseHTTPResponse) -> ServingError:
        status = response.status
        code = _CODES.get(status, Code.INTERNAL if status >= 500 else Code.UNKNOWN)
        return error_for_code(code, self._text(response))

    def _text(self, response: urllib3.BaseHTTPResponse) -> str:
        data = response.data
        try:
            document = json.loads(data)
        except ValueError:
            document = None
        if isinstance(document, dict):
            # Jupyter's own errors have a message.
            for key in ("error", "message"):
                if isinstance(document.get(key), str) and document[key]:
                    return str(document[key])
        if response.status in (301, 302, 303, 307, 308):
            return (
                f"{self._address.text} sends elsewhere ({response.headers.get('Location')}): "
                "is a token needed?"
            )
        shown = data[:_LONGEST_EXCERPT].decode(errors="replace").strip()
        return f"{self._address.text} answered {response.status} {response.reason}: {shown}"


def _broken_off(error: urllib3.exceptions.HTTPError) -> str:
    cause = error.args[-1] if error.args else error
    if isinstance(cause, HTTPException) and not isinstance(cause, ConnectionError):
        return "answers with something that is no HTTP. Is that its gRPC address?"
    return f"broke off: {cause}. Has the server ended?"


class HttpExchange:
    """A request under way. Any thread may use it."""

    def __init__(self, threads: DaemonThreads, send: Callable[[], Reply]) -> None:
        """Begin."""
        self._send = send
        self._exchange = Exchange()
        # It is never marked as running, so that it can be cancelled all the while.
        self._answer: Future[Reply] = Future()
        threads.run(self._run)

    def _run(self) -> None:
        if self._answer.cancelled():
            return
        with suppress(InvalidStateError), self._exchange.under_way():
            try:
                reply = self._send()
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                self._answer.set_exception(error)
            else:
                self._answer.set_result(reply)

    def wait(self) -> Reply:
        """The answer; blocks, and raises as :meth:`HttpDoor.request`."""
        try:
            return self._answer.result()
        except CancelledError:
            raise Cancelled("the call was cancelled") from None

    def cancel(self) -> None:
        """Hang up, which tells the server; idempotent."""
        if self._answer.cancel():
            self._exchange.abort()

    def add_done_callback(self, callback: Callable[[], None]) -> None:
        """Call this when the answer is there, or the request was cancelled."""
        self._answer.add_done_callback(lambda _: callback())
