"""What ranges of IP addresses are, and which is in which."""

from ipaddress import ip_address

from policy_engine.cedar.fold.values import IpAddress

__all__ = ["in_range", "is_ipv4", "is_ipv6", "is_loopback", "is_multicast"]

_V4 = 4
_LOOPBACK = (IpAddress(ip_address("127.0.0.0"), 8), IpAddress(ip_address("::1"), 128))
_MULTICAST = (IpAddress(ip_address("224.0.0.0"), 4), IpAddress(ip_address("ff00::"), 8))


def is_ipv4(address: IpAddress) -> bool:
    """Whether it is an IPv4 address."""
    return address.address.version == _V4


def is_ipv6(address: IpAddress) -> bool:
    """Whether it is an IPv6 address."""
    return not is_ipv4(address)


def is_loopback(address: IpAddress) -> bool:
    """Whether the whole range is one of loopback addresses."""
    return any(in_range(address, loopback) for loopback in _LOOPBACK)


def is_multicast(address: IpAddress) -> bool:
    """Whether the whole range is one of multicast addresses."""
    return any(in_range(address, multicast) for multicast in _MULTICAST)


def in_range(address: IpAddress, other: IpAddress) -> bool:
    """Whether the range of one lies within that of the other."""
    if is_ipv4(address) != is_ipv4(other) or address.prefix < other.prefix:
        return False
    beyond = other.address.max_prefixlen - other.prefix
    return int(address.address) >> beyond == int(other.address) >> beyond
