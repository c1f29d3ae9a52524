"""What may be written for the address of a server."""

from __future__ import annotations

import pytest

from tfs_notebook.client.address import parse_address
from tfs_notebook.wire.errors import InvalidArgument


@pytest.mark.parametrize(
    ("text", "protocol", "target", "socket"),
    [
        ("localhost:8500", "grpc", "localhost:8500", None),
        (" grpc://host:1 ", "grpc", "host:1", None),
        ("[::1]:8500", "grpc", "[::1]:8500", None),
        ("unix:/tmp/a b/g.sock", "grpc", "unix:/tmp/a b/g.sock", "/tmp/a b/g.sock"),
        ("unix:///tmp/g.sock", "grpc", "unix:/tmp/g.sock", "/tmp/g.sock"),
        ("unix:g.sock", "grpc", "unix:g.sock", "g.sock"),
        ("http://localhost:8501", "http", "http://localhost:8501", None),
        ("http://localhost:8501/v1/", "http", "http://localhost:8501", None),
        ("https://hub/user/x%40y/tfs/", "http", "https://hub/user/x%40y/tfs", None),
        ("http+unix:/tmp/r.sock", "http", "http://localhost", "/tmp/r.sock"),
        ("http+unix://%2Ftmp%2Fr.sock", "http", "http://localhost", "/tmp/r.sock"),
    ],
)
def test_addresses(text: str, protocol: str, target: str, socket: str | None) -> None:
    address = parse_address(text)
    assert (address.protocol, address.target, address.socket) == (protocol, target, socket)


@pytest.mark.parametrize(
    "text",
    ["", "localhost", "localhost:", "host:port", "host:99999", "ftp://host:1", "unix:",
     "http://", "http://user:secret@host", "http://host/?token=x", "grpc://host:1/path"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidArgument, match=r'is no address .* "localhost:8500"'):
        parse_address(text)


@pytest.mark.parametrize(
    "text",
    ["http://me:SECRET@host:1", "http://host:1/lab?token=SECRET", "host:1#SECRET",
     "http://SECRET:p/w@host"],
)  # fmt: skip
def test_a_secret_in_what_is_no_address_is_not_shown(text: str) -> None:
    with pytest.raises(InvalidArgument, match="a token goes in token=") as refused:
        parse_address(text)
    assert "SECRET" not in str(refused.value)


def test_what_is_no_text() -> None:
    with pytest.raises(InvalidArgument, match="an address is a text, not 8500"):
        parse_address(8500)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("localhost:1", True), ("127.0.0.2:1", True), ("[::1]:1", True), ("unix:/g", True),
        ("http://localhost", True), ("http+unix:/r", True),
        ("example.com:1", False), ("http://10.0.0.1", False),
    ],
)  # fmt: skip
def test_what_is_on_this_machine(text: str, local: bool) -> None:
    assert parse_address(text).is_local is local
