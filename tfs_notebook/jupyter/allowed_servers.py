"""Which other model servers may be looked at: as configured, and no other. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final
from urllib.parse import urlsplit

__all__ = ["METRICS_PATH", "TRAIT", "AllowedServer", "AllowedServers", "ServerFiles"]

TRAIT: Final = "TfsNotebookApp.allowed_servers"

_PORTS: Final = {"http": 80, "https": 443}
_FORMS: Final = "'host:8501', 'http://host:8501' or 'https://host/path'"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
METRICS_PATH: Final = "monitoring/prometheus/metrics"
"""Where a TensorFlow Serving has its page of metrics, unless it was told another."""

_SERVER_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PLAIN_PATH: Final = re.compile(r"[\w.~-]+(?:/[\w.~-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """Paths of files, read when they are needed; empty for none.

    Attributes:
        token_file: one word, for ``Authorization: Bearer``.
        ca: the authorities to believe, in PEM; else those of the system.
        client_certificate: Jupyter's own, in PEM, with its key unless there is the next.
        client_key: of that certificate.
    """

    token_file: str = ""
    ca: str = ""
    client_certificate: str = ""
    client_key: str = ""

    @classmethod
    def parse(cls, given: Mapping[object, object], *, is_secure: bool) -> ServerFiles:
        """Check what a server's entry says beside its address.

        Raises:
            ValueError: it says something else, or what has no effect.
        """
        known = [field.name for field in fields(cls)]
        for key, value in given.items():
            if key not in known:
                raise ValueError(
                    f"{TRAIT} has {key!r} for a server, which may have 'address', "
                    f"'server_name', 'metrics_path', {', '.join(map(repr, known))}"
                )
            if not isinstance(value, str) or not value.strip() or "\0" in value:
                # Not shown: it may be what should be in the file.
                raise ValueError(f"{TRAIT} has to have the path of a file as {key!r}")
        files = cls(**{str(key): str(value) for key, value in given.items()})
        if files.client_key and not files.client_certificate:
            raise ValueError(f"{TRAIT} has a 'client_key' without its 'client_certificate'")
        if not is_secure and (files.ca or files.client_certificate):
            raise ValueError(
                f"{TRAIT} has 'ca' or 'client_certificate' for an address without https://"
            )
        return files


@dataclass(frozen=True, slots=True)
class AllowedServer:
    """A REST address.

    Attributes:
        name: what it is called, here and in paths.
        address: as it is shown, without a slash at its end.
        host: as it was configured; it is resolved anew for each connection.
        port: of TCP.
        is_secure: whether TLS is spoken there.
        netloc: for the header ``Host``.
        prefix: what its paths begin with; empty, or with a slash at its front.
        files: what it is shown, and known by.
        server_name: of its certificate, where that is another than its host's.
        metrics_path: of its page of metrics, below the prefix, without a slash at its front.
    """

    name: str
    address: str
    host: str
    port: int
    is_secure: bool
    netloc: str
    prefix: str
    files: ServerFiles = ServerFiles()
    server_name: str = ""
    metrics_path: str = METRICS_PATH

    def target(self, path: str) -> str:
        """What to ask for there.

        Args:
            path: below a model server's root, without a slash at its front.
        """
        return f"{self.prefix}/{self.metrics_path if path == METRICS_PATH else path}"

    @property
    def shows_its_token(self) -> bool:
        """Whether its token can be read by those between here and there."""
        is_bare = not self.is_secure and self.host not in _LOOPBACK
        return is_bare and bool(self.files.token_file)

    @classmethod
    def of_entry(cls, entry: object, name: str = "") -> AllowedServer:
        """An address, or a dictionary with one, names of files, and what is unusual there.

        Raises:
            ValueError: as :meth:`parse` and :meth:`ServerFiles.parse`.
        """
        if not isinstance(entry, Mapping):
            return cls.parse(entry, name)
        server = cls.parse(entry.get("address"), name)
        further = {key: value for key, value in entry.items() if key != "address"}
        server_name = _server_name(further.pop("server_name", ""), is_secure=server.is_secure)
        metrics_path = _metrics_path(further.pop("metrics_path", METRICS_PATH))
        files = ServerFiles.parse(further, is_secure=server.is_secure)
        return replace(server, files=files, server_name=server_name, metrics_path=metrics_path)

    @classmethod
    def parse(cls, text: object, name: str = "") -> AllowedServer:
        """Take an address apart.

        Args:
            text: as :data:`_FORMS` has it.
            name: else host and port, and the path if there is one.

        Raises:
            ValueError: it is none, or says more than where; the text says what is expected.
        """
        wrong = f"{TRAIT} has to have REST addresses such as {_FORMS}, and has "
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{wrong}{text!r}")
        text = text.strip()
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError(f"{wrong}{text!r}")
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError(f"{wrong}{text!r}") from None
        if parts.username is not None or parts.password is not None:
            # Not shown: it is a password.
            raise ValueError(f"{wrong}one with a user's name; what it knows is never sent")
        if parts.scheme not in _PORTS or not host or parts.query or parts.fragment:
            raise ValueError(f"{wrong}{text!r}")
        prefix = parts.path.rstrip("/").removesuffix("/v1")
        return cls(
            name=name or f"{parts.netloc}{prefix}",
            address=f"{parts.scheme}://{parts.netloc}{prefix}",
            host=host,
            port=_PORTS[parts.scheme] if port is None else port,
            is_secure=parts.scheme == "https",
            netloc=parts.netloc,
            prefix=prefix,
        )


def _server_name(given: object, *, is_secure: bool) -> str:
    if given == "":
        return ""
    if not isinstance(given, str) or not _SERVER_NAME.fullmatch(given):
        raise ValueError(
            f"{TRAIT} has to have a name such as 'serving.example' as 'server_name', "
            f"the one in the server's certificate, and has {given!r}"
        )
    if not is_secure:
        raise ValueError(f"{TRAIT} has a 'server_name' for an address without https://")
    return given


def _metrics_path(given: object) -> str:
    path = given.removeprefix("/") if isinstance(given, str) else ""
    if not _PLAIN_PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(
            f"{TRAIT} has to have a path such as {f'/{METRICS_PATH}'!r} as 'metrics_path', "
            f"and has {given!r}"
        )
    return path


class AllowedServers:
    """The servers by their names.

    Args:
        configured: addresses, or names with their addresses; in the place of an address
            may be a dictionary with it as ``address`` and with fields of :class:`ServerFiles`.

    Raises:
        ValueError: one is no address, or two have the same name.
    """

    def __init__(self, configured: Mapping[object, object] | Sequence[object]) -> None:
        self._servers: dict[str, AllowedServer] = {}
        pairs: Iterator[tuple[object, object]] = (
            iter(configured.items())
            if isinstance(configured, Mapping)
            else (("", entry) for entry in configured)
        )
        for name, entry in pairs:
            if not isinstance(name, str) or (isinstance(configured, Mapping) and not name):
                raise ValueError(f"{TRAIT} has to have texts as names, and has {name!r}")
            server = AllowedServer.of_entry(entry, name)
            if server.name in self._servers:
                raise ValueError(f"{TRAIT} has {server.name!r} twice")
            self._servers[server.name] = server

    def __iter__(self) -> Iterator[AllowedServer]:
        return iter(self._servers.values())

    def find(self, name: str) -> AllowedServer:
        """The server of this name.

        Raises:
            LookupError: there is none; the text says what would allow it.
        """
        server = self._servers.get(name)
        if server is None:
            allowed = ", ".join(self._servers) or "none"
            raise LookupError(
                f"{name[:200]!r} is not among the model servers that this Jupyter server may "
                f"look at ({allowed}). Whoever runs Jupyter allows it with the address of its "
                f"REST API in {TRAIT}, in jupyter_tfs_notebook_config.py or on the command "
                "line, and starts Jupyter again"
            )
        return server
