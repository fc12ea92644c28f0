"""The URLs that keys are fetched from: a narrow grammar, so that no two parsers read one differently."""

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Url", "parse_url", "well_known_urls"]

_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[!-~]*)?)",
    re.IGNORECASE | re.ASCII,
)
# Printable characters that URLs don't have (RFC 3986 section 2), and the fragment.
_FOREIGN: Final = frozenset('"<>\\^`{|}#')

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_MAX_PORT: Final = 65535

_LOOPBACK: Final = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute http(s) URL without user, and without fragment.

    Attributes:
        scheme: `https` or `http`.
        host: lower case; brackets around an IPv6 address.
        port: the one of the scheme where none is written.
        path: path and query; may be empty.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: who answers."""
        return self.scheme, self.host, self.port

    @property
    def default_port(self) -> bool:
        """Whether the port is the one of the scheme."""
        return self.port == _DEFAULT_PORTS[self.scheme]

    @property
    def loopback(self) -> bool:
        """Whether it names this machine."""
        return _LOOPBACK.fullmatch(self.host) is not None

    def may_be_fetched(self, *, allow_loopback_http: bool) -> bool:
        """Whether it is https; or, in development, http on this machine."""
        return self.scheme == "https" or (allow_loopback_http and self.loopback)


def parse_url(text: object) -> Url | None:
    """Parse a URL; None for what isn't one."""
    match = _URL.fullmatch(text) if isinstance(text, str) else None
    if match is None or not _FOREIGN.isdisjoint(match["path"]):
        return None
    scheme = match["scheme"].lower()
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port <= _MAX_PORT:
        return None
    return Url(scheme, match["host"].lower(), port, match["path"])


def well_known_urls(issuer: str) -> tuple[str, ...]:
    """Where an issuer's metadata may be, in the order to try.

    RFC 8414 section 3.1 puts the well-known part between host and path; OpenID Connect Discovery 1.0 section
    4 appends it to the path, and servers of both kinds are met with either name.
    """
    base = issuer.rstrip("/")
    scheme, _, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    inserted = f"{scheme}://{host}/.well-known"
    urls = (
        f"{inserted}/oauth-authorization-server{slash}{path}",
        f"{base}/.well-known/openid-configuration",
        f"{inserted}/openid-configuration{slash}{path}",
    )
    return tuple(dict.fromkeys(urls))
