"""Where a request is from: the peer, or whom a trusted proxy names; of others, nobody is believed."""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

__all__ = ["TrustedProxies"]

_IPV4: Final = 4
_PREFIX: Final = 64
"""Bits of an IPv6 address that are its network's (RFC 4291 section 2.5.1)."""

_WITH_PORT: Final = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")
"""As some proxies write whom they talk to; a bare IPv6 address has no port."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TrustedProxies:
    """Networks whose word counts.

    Args:
        networks: addresses and networks, `10.0.0.0/8`.

    Raises:
        ValueError: one isn't a network.
    """

    __slots__ = ("_networks",)

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = tuple(map(ipaddress.ip_network, networks))

    def source(self, peer: str, forwarded: Iterable[str]) -> str:
        """Whom a request is from: an address, or for IPv6 the network, as senders have many addresses there.

        Each proxy adds the address of whom it talks to at the end, so the list is read from there for as long
        as those who wrote it are trusted. What is further to the left may be anybody's invention.

        Args:
            peer: the other end of the connection.
            forwarded: the values of `X-Forwarded-For`, in order.
        """
        address = _address(peer)
        if address is None:
            return peer
        hops = [hop for value in forwarded for hop in value.split(",")]
        while hops and self._trusts(address):
            named = _address(_without_port(hops.pop().strip()))
            if named is None:
                break
            address = named
        return _sender(address)

    def trusts(self, peer: str) -> bool:
        """Whether the other end of a connection is one of these proxies."""
        address = _address(peer)
        return address is not None and self._trusts(address)

    def _trusts(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._networks)


def _without_port(hop: str) -> str:
    match = _WITH_PORT.fullmatch(hop)
    return hop if match is None else match[1] or match[2]


def _sender(address: Address) -> str:
    if address.version == _IPV4 or address.is_loopback:
        return str(address)
    return str(ipaddress.ip_network((address, _PREFIX), strict=False))


@lru_cache(maxsize=1024)
def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped
