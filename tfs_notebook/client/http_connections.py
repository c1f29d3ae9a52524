"""Connections to one HTTP server, over TCP, TLS or a Unix socket, that can be broken off."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from tfs_notebook.client.address import Address
from tfs_notebook.client.tls import Tls
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["CONNECT_SECONDS", "Exchange", "new_pool"]

CONNECT_SECONDS: Final = 5.0
_CONNECTIONS: Final = 16


class Exchange:
    """A request in one thread that another may break off."""

    _of_thread: Final = threading.local()
    _lock: Final = threading.Lock()

    def __init__(self) -> None:
        self._connection: _Connection | None = None
        self.is_aborted = False

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """While this thread sends the request and reads the answer."""
        self._of_thread.current = self
        try:
            yield
        finally:
            self._of_thread.current = None

    def abort(self) -> None:
        """Shut the connection, which ends the request with an error in its thread."""
        with self._lock:
            self.is_aborted = True
            connection = self._connection
            # After the answer, the connection may serve somebody else already.
            if connection is None or connection.exchange is not self or connection.sock is None:
                return
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    @classmethod
    def take(cls, connection: _Connection) -> None:
        """Note that a connection is this thread's from now on."""
        exchange: Exchange | None = getattr(cls._of_thread, "current", None)
        with cls._lock:
            connection.exchange = exchange
            if exchange is not None:
                exchange._connection = connection  # noqa: SLF001 - its own
        cls.check(connection)

    @classmethod
    def check(cls, connection: _Connection) -> None:
        """Go no further with what was broken off meanwhile."""
        if connection.exchange is not None and connection.exchange.is_aborted:
            raise urllib3.exceptions.ProtocolError("broken off")


class _Connection(HTTPConnection):
    exchange: Exchange | None = None

    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - urllib3's own
        """Urllib3's call."""
        Exchange.take(self)
        super().request(*arguments, **options)

    def connect(self) -> None:
        """Urllib3's call."""
        super().connect()
        Exchange.check(self)


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _UnixConnection(_Connection):
    def __init__(self, path: str, **options: Any) -> None:  # noqa: ANN401 - urllib3's own
        super().__init__("localhost", **options)
        self._path = path

    def _new_conn(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(self._path)
        except OSError as error:
            connection.close()
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from None
        return connection


class _TcpPool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _UnixPool(HTTPConnectionPool):
    def __init__(self, path: str, **options: Any) -> None:  # noqa: ANN401 - urllib3's own
        super().__init__("localhost", **options)
        self._path = path

    def _new_conn(self) -> HTTPConnection:
        return _UnixConnection(self._path, timeout=self.timeout.connect_timeout)


def new_pool(address: Address, tls: Tls | None) -> HTTPConnectionPool:
    """A pool of connections to an address; nothing is sent.

    Raises:
        InvalidArgument: a file of the TLS settings cannot be used.
    """
    if address.socket is not None:
        return _UnixPool(address.socket, maxsize=_CONNECTIONS)
    parts = urlsplit(address.target)
    if tls is None:
        return _TcpPool(parts.hostname or "", parts.port or 80, maxsize=_CONNECTIONS)
    return _TlsPool(
        parts.hostname or "",
        parts.port or 443,
        maxsize=_CONNECTIONS,
        ssl_context=_context(tls),
        assert_hostname=tls.server_name,
        server_hostname=tls.server_name,
    )


def _context(tls: Tls) -> ssl.SSLContext:
    tls.contents()  # which says what cannot be read
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate, tls.key)
    except (ssl.SSLError, OSError) as error:
        raise InvalidArgument(f"these are no usable certificates in PEM: {error}") from None
    return context
