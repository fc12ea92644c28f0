"""The issuer identifier, and the places that follow from it (RFC 8414 sections 2 and 3).

It is compared as text by everyone who reads a token or the metadata, so it has one spelling here: lower case
scheme and host, no user, no query, no fragment, no slash at the end.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from policy_engine.errors import ConfigError

__all__ = ["Issuer"]

_ISSUER: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+)*)"
)

_MAX_PORT: Final = 65535

_WELL_KNOWN: Final = "/.well-known"


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer whose spelling was checked.

    Attributes:
        url: the identifier: the `iss` of every token, and the audience of every assertion.
        path: its path, empty or `/…`.
    """

    url: str
    path: str = ""

    @classmethod
    def parse(cls, url: str, *, development: bool = False) -> "Issuer":
        """Check an issuer identifier.

        Args:
            url: `https://host[:port][/path]`.
            development: whether http on a loopback host will do.

        Raises:
            ConfigError: it isn't one.
        """
        match = _ISSUER.fullmatch(url)
        if match is None or not _is_address(match["host"], match["port"]):
            raise _error(
                "the issuer isn't https://host[:port][/path]",
                "leave out user, query, fragment and a final slash; write the host in lower case",
            )
        if match["scheme"] == "http":
            _check_http(match["host"], development=development)
        return cls(url, match["path"])

    def endpoint(self, name: str) -> str:
        """The URL of an endpoint."""
        return f"{self.url}/{name}"

    def endpoint_path(self, name: str) -> str:
        """The path of an endpoint."""
        return f"{self.path}/{name}"

    def metadata_paths(self) -> tuple[str, ...]:
        """Where clients look for the metadata (RFC 8414 sections 3.1 and 5; OpenID Connect Discovery)."""
        paths = (
            f"{_WELL_KNOWN}/oauth-authorization-server{self.path}",
            f"{_WELL_KNOWN}/openid-configuration{self.path}",
            f"{self.path}{_WELL_KNOWN}/openid-configuration",
        )
        return tuple(dict.fromkeys(paths))


def _is_address(host: str, port: str | None) -> bool:
    return int(port or 0) <= _MAX_PORT and (not host.startswith("[") or _ip_address(host) is not None)


def _check_http(host: str, *, development: bool) -> None:
    if not _is_loopback(host):
        raise _error("the issuer isn't https", "use https; http is for loopback hosts in development")
    if not development:
        raise _error("the issuer is http", "say `development` if this server is for development")


def _is_loopback(host: str) -> bool:
    address = _ip_address(host)
    return host == "localhost" if address is None else address.is_loopback


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _error(problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code="issuer")
