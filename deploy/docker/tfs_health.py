#!/usr/bin/env python3
"""``tfs_health.py live|ready [ADDRESS]``: exit 0 when the server of this container says so.

Live: it answers. Ready: a model can answer, too. ADDRESS, or the variable TFS_HEALTH_ADDRESS,
is a port (8501), ``https://localhost:8501``, or the path of the REST socket, which is plain and
asks for no token. Over TCP the token of the file TFS_HEALTH_TOKEN_FILE is sent, and the
server's certificate is held against TFS_HEALTH_CA, if these variables are set.
"""

import http.client
import os
import socket
import ssl
import sys
import urllib.parse

_SECONDS = 4.0
_PORT = "8501"


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(self._path)


def _connection(address: str) -> http.client.HTTPConnection:
    if address.startswith("/"):
        return _SocketConnection(address)
    if address.isdecimal():
        address = f"http://localhost:{address}"
    parts = urllib.parse.urlsplit(address)
    host, port = parts.hostname or "localhost", parts.port or int(_PORT)
    if parts.scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=_SECONDS)
    ca = os.environ.get("TFS_HEALTH_CA")
    context = ssl.create_default_context(cafile=ca)
    if not ca:
        # As the probes of Kubernetes: inside the container, by a name no certificate has.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=context)


def _headers() -> dict[str, str]:
    path = os.environ.get("TFS_HEALTH_TOKEN_FILE")
    if not path:
        return {}
    with open(path, encoding="ascii") as file:  # noqa: PTH123 - it starts sooner without pathlib
        return {"Authorization": f"Bearer {file.read().strip()}"}


def main(state: str, address: str = "") -> int:
    """Ask, and return the exit code: 0 for yes, 1 for no or no answer."""
    try:
        connection = _connection(address or os.environ.get("TFS_HEALTH_ADDRESS") or _PORT)
        connection.request("GET", f"/v2/health/{state}", headers=_headers())
        response = connection.getresponse()
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(f"no answer: {error}")
        return 1
    print(f"{state}: {response.status}")
    return 0 if response.status == http.HTTPStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
