"""One server as a client reaches it: its doors, and what else is known of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from tfs_notebook.client.address import Address
from tfs_notebook.client.control import ModelControl
from tfs_notebook.client.http_door import HttpDoor
from tfs_notebook.client.http_transport import HttpTransport
from tfs_notebook.client.limits import checked_seconds
from tfs_notebook.client.raw_answers import PipelineFacts
from tfs_notebook.client.tls import Tls
from tfs_notebook.client.transport import ModelMetadata, Transport
from tfs_notebook.wire.errors import InvalidArgument, Unavailable, Unimplemented
from tfs_notebook.wire.model_spec import ModelReference

if TYPE_CHECKING:
    from tfs_notebook.client.chunks import Pace
    from tfs_notebook.client.client import Client

__all__ = [
    "MetadataCache",
    "Neighbours",
    "PaceCache",
    "PipelineCache",
    "ServerAccess",
    "checked_token",
]

MetadataCache: TypeAlias = "dict[ModelReference, ModelMetadata]"
"""What the server said of its models; dropped when another version answers. Single reads
and writes may come from any thread."""

PipelineCache: TypeAlias = "dict[ModelReference, PipelineFacts | None]"
"""What it said of their pipelines, by version; None where there is none. Likewise."""

PaceCache: TypeAlias = "dict[ModelReference, Pace]"
"""How many rows each model and signature was last sent at a time. Likewise."""

Neighbours: TypeAlias = "Callable[[], Mapping[str, Client]]"
"""Clients of other servers a person may mean, by the expression that gives them."""

_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_REST_MISSING: Final = (
    "gRPC has no call for {what}; give the server's REST address too: "
    "connect(address, rest_address=…)"
)


def checked_token(token: object) -> str | None:
    """A token without the blanks around it, which files of tokens end in; empty is none.

    Raises:
        InvalidArgument: it is none that a header takes. It is not shown.
    """
    if token is None:
        return None
    stripped = token.strip() if isinstance(token, str) else None
    if stripped is None or (stripped and not _TOKEN.fullmatch(stripped)):
        raise InvalidArgument(
            "token= is one word of printable ASCII characters, as no header takes any other "
            f"text; it got a {type(token).__name__} that is not, which is not shown here"
        )
    return stripped


class ServerAccess:
    """The ways to one server, opened when they are first used. Any thread may use it."""

    def __init__(
        self,
        address: Address,
        rest_address: Address | None,
        *,
        token: str | None,
        tls: Tls | None,
        grpc_tls: bool,
        timeout: float,
        expression: str = "client",
        neighbours: Neighbours = dict,
        before: Callable[[ModelReference], None] | None = None,
    ) -> None:
        """Take note; nothing is sent.

        Args:
            address: for predictions.
            rest_address: of the same server, for what gRPC has no calls for.
            token: sent as ``Authorization: Bearer``.
            tls: how it is spoken there, if it is.
            grpc_tls: whether it is for gRPC too; for REST the address says so.
            timeout: seconds a call may take, unless it says otherwise.
            expression: what gives the client, for calls that a person is shown.
            neighbours: see :data:`Neighbours`.
            before: called with what is asked for before each prediction; may refuse it.
        """
        self.address = address
        self.rest_address = rest_address
        self.tls = tls
        self.grpc_tls = tls if grpc_tls else None
        self.timeout = timeout
        self.expression = expression
        self.neighbours = neighbours
        self.before = before
        self.metadata: MetadataCache = {}
        self.pipelines: PipelineCache = {}
        self.paces: PaceCache = {}
        self.is_closed = False
        self._token = token
        self._lock = threading.Lock()
        self._transport: Transport | None = None
        self._rest: HttpTransport | None = None

    @property
    def has_token(self) -> bool:
        """Whether requests carry a token, which nobody is told."""
        return bool(self._token)

    def seconds(self, timeout: float | None) -> float:
        """What a call may take, if it says this.

        Raises:
            InvalidArgument: it is no number above 0.
        """
        return self.timeout if timeout is None else checked_seconds("timeout", timeout)

    @property
    def grpc_address(self) -> Address | None:
        """Where it speaks gRPC, if that is known."""
        return self.address if self.address.protocol == "grpc" else None

    def transport(self) -> Transport:
        """The way for predictions.

        Raises:
            Unavailable: the client is closed.
            InvalidArgument: a file of the TLS settings cannot be read.
        """
        if self.address.protocol == "http":
            return self.rest("predictions")
        with self._lock:
            self._check_open()
            if self._transport is None:
                from tfs_notebook.client.grpc_transport import (  # noqa: PLC0415 - REST needs no grpc
                    GrpcTransport,
                )

                self._transport = GrpcTransport(self.address, self._token, self.grpc_tls)
            return self._transport

    def rest(self, what: str) -> HttpTransport:
        """The way for what is asked over REST alone.

        Args:
            what: is asked for, in the error.

        Raises:
            Unimplemented: no REST address is known.
            Unavailable: the client is closed.
        """
        if self.rest_address is None:
            raise Unimplemented(_REST_MISSING.format(what=what))
        with self._lock:
            self._check_open()
            if self._rest is None:
                tls = self.tls if self.rest_address.names_tls else None
                self._rest = HttpTransport(HttpDoor(self.rest_address, self._token, tls))
            return self._rest

    def new_control(self) -> ModelControl:
        """What changes the server's models; whoever asks for it closes it.

        Raises:
            Unimplemented: no REST address is known.
            Unavailable: the client is closed.
        """
        if self.rest_address is None:
            raise Unimplemented(_REST_MISSING.format(what="changes of models"))
        with self._lock:
            self._check_open()
        tls = self.tls if self.rest_address.names_tls else None
        return ModelControl(HttpDoor(self.rest_address, self._token, tls))

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client of a model server, and what it gives, belongs to its process and is not "
            "pickled or copied; connect(ADDRESS) makes another where it is needed"
        )

    def close(self) -> None:
        """Hang up; idempotent."""
        with self._lock:
            self.is_closed = True
            open_ones = [one for one in (self._transport, self._rest) if one is not None]
            self._transport = self._rest = None
        for one in open_ones:
            one.close()

    def _check_open(self) -> None:
        if self.is_closed:
            raise Unavailable(f"the client of {self.address.text} is closed; make a new one")
