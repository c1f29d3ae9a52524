"""Whose request it is."""

from __future__ import annotations

import pytest

from tfs_notebook.frontends.client_address import ClientAddresses, peer_host
from tfs_notebook.wire.errors import InvalidArgument

DIRECT = ClientAddresses()
BEHIND = ClientAddresses("10.0.0.0/8, ::1, 127.0.0.1")


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        ("ipv4:127.0.0.1:4711", "127.0.0.1"),
        ("ipv6:[::1]:4711", "::1"),
        ("ipv6:%5Bfe80::1%25eth0%5D:4711", "fe80::1%eth0"),
        ("unix:", None),
        ("unix:/run/a.sock", None),
        ("odd", "odd"),
    ],
)
def test_peers_of_grpc(peer: str, host: str | None) -> None:
    assert peer_host(peer) == host


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "no address"),
    ],
)
def test_a_client_is_an_address(host: str, client: str) -> None:
    # Whatever it says of others.
    assert DIRECT.client(host, ["9.9.9.9"]) == client


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ([], "10.1.1.1"),
        (["9.9.9.9"], "9.9.9.9"),
        (["8.8.8.8, 9.9.9.9"], "9.9.9.9"),
        (["8.8.8.8, 9.9.9.9, 10.2.2.2"], "9.9.9.9"),
        (["8.8.8.8", "9.9.9.9", "10.2.2.2"], "9.9.9.9"),
        (["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        (["9.9.9.9, unknown"], "10.1.1.1"),
        (["2001:db8::1"], "2001:db8::/64"),
    ],
)
def test_proxies_that_are_trusted_say_who_asks(forwarded: list[str], client: str) -> None:
    assert BEHIND.client("10.1.1.1", forwarded) == client


def test_others_are_not_believed() -> None:
    assert BEHIND.client("7.7.7.7", ["9.9.9.9"]) == "7.7.7.7"


def test_a_slip_in_the_flag_is_told() -> None:
    with pytest.raises(InvalidArgument, match=r"--trusted_proxies has 'ten', which is neither"):
        ClientAddresses("10.0.0.1,ten")
