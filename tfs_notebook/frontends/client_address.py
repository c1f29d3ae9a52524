"""Who asks: the address that a request comes from, through the proxies that are trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import unquote

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["ClientAddresses", "peer_host"]

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# One customer of a provider has as many addresses as that has, and more.
_IPV6_PREFIX: Final = 64
# To read an address takes longer than to count its request.
_MOST_KEPT: Final = 4096


class ClientAddresses:
    """Names clients. Immutable; any thread may use it.

    Args:
        trusted_proxies: addresses and networks, separated by commas, whose
            ``X-Forwarded-For`` is believed.

    Raises:
        InvalidArgument: one of them is neither.
    """

    def __init__(self, trusted_proxies: str = "") -> None:
        self._trusted = tuple(_networks(trusted_proxies))

    def client(self, host: str, forwarded: Sequence[str] = ()) -> str:
        """The name of who asks.

        Args:
            host: the address of the other end of the connection.
            forwarded: the values of ``X-Forwarded-For``, in their order.

        Returns:
            the nearest address that is no trusted proxy's; of IPv6 the network that one
            customer has.
        """
        if not self._trusted:
            return _name_of(host)
        address = _address(host)
        if address is None:
            return host
        if self._is_trusted(address):
            hops = [hop.strip() for value in forwarded for hop in value.split(",")]
            for hop in reversed(hops):
                before = _address(hop)
                if before is None:
                    break
                address = before
                if not self._is_trusted(address):
                    break
        return _name(address)

    def _is_trusted(self, address: _Address) -> bool:
        return any(
            address.version == network.version and address in network
            for network in self._trusted
        )


def peer_host(peer: str) -> str | None:
    """The address in what gRPC calls a peer, ``ipv4:1.2.3.4:5``; None on a Unix socket."""
    kind, _, rest = peer.partition(":")
    if kind == "unix":
        return None
    host = unquote(rest).rpartition(":")[0]
    return host.strip("[]") or peer


def _networks(text: str) -> list[_Network]:
    found: list[_Network] = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(one, strict=False))
        except ValueError:
            raise InvalidArgument(
                f"--trusted_proxies has {one!r}, which is neither an address nor a network "
                "such as 10.0.0.0/8"
            ) from None
    return found


def _address(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@lru_cache(_MOST_KEPT)
def _name_of(host: str) -> str:
    address = _address(host)
    return host if address is None else _name(address)


def _name(address: _Address) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)
