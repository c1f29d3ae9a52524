"""A client for this server and for any TensorFlow Serving."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final

from tfs_notebook.client.address import Address, parse_address
from tfs_notebook.client.http_door import HttpDoor
from tfs_notebook.client.http_transport import HttpTransport
from tfs_notebook.client.model_handle import MetadataCache, ModelHandle
from tfs_notebook.client.transport import Transport
from tfs_notebook.wire.errors import (
    Internal,
    InvalidArgument,
    ServingError,
    Unavailable,
    Unimplemented,
)
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Client"]

_COMPLETION_SECONDS: Final = 1.0


class Client:
    """Talks to one model server over gRPC or REST.

    ::

        client = Client("localhost:8500")
        client["half"].predict([1.0, 2.0, 5.0])   # the newest version
        client["half", 2]                         # that version
        client["half", "stable"]                  # the one with that label

    It may be used from any thread, and as a context manager. Nothing is sent before the
    first call, and making one costs no time.
    """

    def __init__(
        self,
        address: str,
        *,
        rest_address: str | None = None,
        token: str | None = None,
        timeout: float = 60.0,
    ) -> None:
        """Take note of an address.

        Args:
            address: ``"localhost:8500"``, ``"http://localhost:8501"``, ``"unix:PATH"`` …
                (see :data:`tfs_notebook.client.address.FORMS`).
            rest_address: of the same server, where ``address`` is for gRPC: what lists
                the models, which gRPC cannot.
            token: sent as ``Authorization: Bearer``; never shown.
            timeout: seconds a call may take, unless it says otherwise.

        Raises:
            InvalidArgument: it is no address.
        """
        self._address = parse_address(address)
        self._rest_address = self._rest(rest_address)
        self._token = token
        self._timeout = timeout
        self._lock = threading.Lock()
        self._transport: Transport | None = None
        self._door: HttpDoor | None = None
        self._cache: MetadataCache = {}
        self._is_closed = False

    def _rest(self, text: str | None) -> Address | None:
        if text is None:
            return self._address if self._address.protocol == "http" else None
        address = parse_address(text)
        if address.protocol != "http":
            raise InvalidArgument(f"rest_address is to be a REST address, not {text!r}")
        return address

    @property
    def address(self) -> str:
        """Where the server is, as it was written."""
        return self._address.text

    def __getitem__(self, key: str | tuple[str, int | str]) -> ModelHandle:
        """A handle of a model, of one of its versions, or of what has a label.

        Does not ask the server whether it is there.
        """
        name, choice = key if isinstance(key, tuple) else (key, None)
        if not isinstance(name, str) or isinstance(choice, bool):
            raise TypeError(f'expected ["name"], ["name", 2] or ["name", "label"], got {key!r}')
        if isinstance(choice, str):
            reference = ModelReference(name, label=choice)
        else:
            reference = ModelReference(name, None if choice is None else int(choice))
        return ModelHandle(
            self._connected,
            reference,
            self._cache,
            timeout=self._timeout,
            shown=self.address,
        )

    def models(self, *, timeout: float | None = None) -> list[str]:
        """The names of the server's models, in the order of its configuration; blocks.

        Raises:
            Unimplemented: gRPC has no call for it, and no ``rest_address`` is known.
            NotFound: a TensorFlow Serving, which has no such list.
            ServingError: what else the server says.
        """
        seconds = self._timeout if timeout is None else timeout
        answer = self._http().get("/v1/models", timeout=seconds)
        try:
            return [str(model["name"]) for model in answer["models"]]
        except (LookupError, TypeError) as error:
            raise Internal(f"this is no list of models: {error!r}") from None

    def _ipython_key_completions_(self) -> list[str]:
        try:
            return self.models(timeout=_COMPLETION_SECONDS)
        except ServingError:
            return []

    def _connected(self) -> Transport:
        with self._lock:
            self._check_open()
            if self._transport is None:
                self._transport = self._new_transport()
            return self._transport

    def _new_transport(self) -> Transport:
        if self._address.protocol == "http":
            return HttpTransport(HttpDoor(self._address, self._token))
        from tfs_notebook.client.grpc_transport import (  # noqa: PLC0415 - REST needs no grpc
            GrpcTransport,
        )

        return GrpcTransport(self._address, self._token)

    def _http(self) -> HttpDoor:
        if self._rest_address is None:
            raise Unimplemented(
                "gRPC has no call that lists models; give the REST address of the server: "
                "Client(address, rest_address=…)"
            )
        with self._lock:
            self._check_open()
            if self._door is None:
                self._door = HttpDoor(self._rest_address, self._token)
            return self._door

    def _check_open(self) -> None:
        if self._is_closed:
            raise Unavailable(f"the client of {self.address} is closed; make a new one")

    @property
    def is_closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._is_closed

    def close(self) -> None:
        """Hang up; idempotent. Calls under way may fail."""
        with self._lock:
            self._is_closed = True
            open_ones = [one for one in (self._transport, self._door) if one is not None]
            self._transport = self._door = None
        for one in open_ones:
            one.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"<tfs_notebook.Client of {self.address}{' (closed)' if self._is_closed else ''}>"
        )
