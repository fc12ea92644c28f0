"""URIs of resources: one spelling each, so that two readers can't find two resources in one.

A URI is compared as it was given, and its entity's id is that text. So what RFC 3986 lets be written in
several ways is accepted in its normal form only (section 6.2.2), and what readers are known to disagree on
isn't accepted at all: a forbid on `file:///secret/…` would otherwise not hold for `file:///a/../secret/…`,
`file:///%73ecret/…` or `FILE:///secret/…`. Characters beyond ASCII have to be percent-encoded, and others
only where they have to be: RFC 3986 doesn't say that `%28` is `(`, but whoever decodes a path finds one file.

Hosts keep their case, but for schemes whose hosts are DNS names for every reader (WHATWG's "special" ones):
of others (`memo://Notes/1`) it may be a name that a server compares exactly.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from types import MappingProxyType
from urllib.parse import unquote

from policy_engine.errors import MessageError
from policy_engine.model import CedarJson

__all__ = ["MAX_URI", "Uri", "parse_uri"]

MAX_URI = 8192
"""Characters of a URI that is read."""

_PARTS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,63}):"
    r"(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?"
)
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_HOST = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-F]{2})*")
_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SMALL_HEX = re.compile(r"%(?:[a-f].|.[a-f])")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")
_NEEDLESS = re.compile(r"%(?:2[146-9A-C]|3[ABD]|40)")
"""What stands in hosts and paths as it is (RFC 3986 section 3.3): `!$&'()*+,;=`, `:` and `@`, encoded."""

_STRUCTURE = re.compile(r"[./\\%]")
_TWICE = re.compile(r"%25[0-9A-Fa-f]{2}")
_NUMBER_LIKE = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")

_SPECIAL: Mapping[str, int | None] = MappingProxyType(
    {"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 21, "file": None}
)
"""Schemes that readers treat by rules of their own (WHATWG URL), and their ports."""

_LARGEST_PORT = 65535
_DOTS = frozenset({".", ".."})
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cf"})
"""Categories of spaces, and of what can't be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uri:
    """A URI and its parts, as they are written; None for a part that isn't there."""

    text: str
    scheme: str
    authority: str | None
    host: str | None
    port: int | None
    path: str
    query: str | None
    fragment: str | None

    @property
    def attributes(self) -> CedarJson:
        """The parts that are there, for Cedar."""
        parts: CedarJson = {
            "uri": self.text,
            "scheme": self.scheme,
            "authority": self.authority,
            "host": self.host,
            "port": self.port,
            "path": self.path,
            "query": self.query,
            "fragment": self.fragment,
        }
        return {name: value for name, value in parts.items() if value is not None}


def parse_uri(text: str) -> Uri:
    """Take a URI apart.

    Raises:
        MessageError: `invalid_params`; detail: `uri` (it is none), `uri_authority`, `uri_path` (readers
            disagree on it) or `uri_spelling` (it isn't in its normal form).
    """
    if len(text) > MAX_URI:
        raise _refusal("uri", "is too long")
    parts = _PARTS.fullmatch(text)
    if parts is None or not _CHARACTERS.fullmatch(text):
        raise _refusal("uri", "has no scheme, or a character that URIs don't have")
    if text.count("#") > 1:
        raise _refusal("uri", "has two fragments")
    scheme, authority, path = parts["scheme"], parts["authority"], parts["path"]
    _check_encoding(text)
    if scheme != scheme.lower():
        raise _refusal("uri_spelling", "has a scheme in capitals")
    if "" in (parts["query"], parts["fragment"]):
        raise _refusal("uri_spelling", "has a `?` or a `#` with nothing behind it")
    _check_path(path)
    host, port = _authority(scheme, authority)
    if not path and scheme in _SPECIAL:
        raise _refusal("uri_spelling", "has no path, not even `/`")
    for part in filter(None, (host, path)):
        _check_spelling(part)
    return Uri(
        text=text,
        scheme=scheme,
        authority=authority,
        host=host,
        port=port,
        path=path,
        query=parts["query"],
        fragment=parts["fragment"],
    )


def _check_encoding(text: str) -> None:
    """Percent-encoding is well-formed, needed, of UTF-8, and in capitals (RFC 3986 sections 2.1, 2.3)."""
    if _LONE_PERCENT.search(text):
        raise _refusal("uri", "has a `%` that begins nothing")
    for run in _ENCODED.findall(text):
        try:
            plain = bytes.fromhex(run.replace("%", "")).decode("utf-8")
        except UnicodeDecodeError:
            raise _refusal("uri", "has percent-encoding that isn't UTF-8") from None
        if any(char < " " or "\x7f" <= char <= "\x9f" for char in plain):
            raise _refusal("uri", "has an encoded control character")
        if _UNRESERVED.search(plain):
            raise _refusal("uri_spelling", "has a character encoded that needn't be")
        if _SMALL_HEX.search(run):
            raise _refusal("uri_spelling", "has percent-encoding in small letters")


def _check_path(path: str) -> None:
    if "%2F" in path or "%5C" in path:
        raise _refusal("uri_path", "has an encoded separator")
    if "//" in path:
        raise _refusal("uri_path", "has an empty segment")
    if not _DOTS.isdisjoint(_segments(path)):
        raise _refusal("uri_path", "has a dot segment")
    if _TWICE.search(path):
        raise _refusal("uri_path", "is encoded twice")
    if "[" in path or "]" in path:
        raise _refusal("uri", "has a bracket outside its host")


def _segments(path: str) -> Iterator[str]:
    """Segments as the laxest of servers find them.

    Some cut one at its `;` and then go up all the same; some leave out spaces, or what can't be seen.
    """
    for segment in path.split("/"):
        text = segment
        if "%" in segment:
            text = "".join(char for char in unquote(segment) if unicodedata.category(char) not in _UNSEEN)
        yield text.partition(";")[0]


def _check_spelling(part: str) -> None:
    """A host or a path is encoded only where it has to be, and its text is what Unicode's readers keep."""
    if "%" not in part:
        return
    if _NEEDLESS.search(part):
        raise _refusal("uri_spelling", "has a character encoded that needn't be")
    text = unquote(part)
    if text.isascii():
        return
    if any(not char.isascii() and _STRUCTURE.search(unicodedata.normalize("NFKC", char)) for char in text):
        raise _refusal("uri_path", "has a character that some readers take for a dot or a separator")
    if not unicodedata.is_normalized("NFC", text):
        raise _refusal("uri_spelling", "has text that isn't in Unicode's normal form C")


def _authority(scheme: str, authority: str | None) -> tuple[str | None, int | None]:
    """Host and port (RFC 3986 section 3.2); a user's name isn't accepted."""
    if authority is None:
        if scheme in _SPECIAL:
            raise _refusal("uri_authority", f"begins with `{scheme}:` without `//`")
        return None, None
    if "@" in authority or "%40" in authority:
        raise _refusal("uri_authority", "has a user's name")
    bracketed, colon, rest = authority.rpartition("]")
    host, separator, digits = rest.partition(":")
    host = f"{bracketed}{colon}{host}"
    port = _port(scheme, digits) if separator else None
    if host.startswith("["):
        _check_ipv6(host)
    elif (
        host in _DOTS  # a server may have cut the scheme off, and see a path
        or not _HOST.fullmatch(host)
        or any(char in host for char in ("%2F", "%5C", "%3A", "%3F", "%23", "%25"))
    ):
        raise _refusal("uri_authority", "has no host that is one to every reader")
    if separator and not host:
        raise _refusal("uri_authority", "has a port without a host")
    if scheme in _SPECIAL:
        _check_special(scheme, host)
    return host, port


def _port(scheme: str, digits: str) -> int:
    if not _PORT.fullmatch(digits) or int(digits) > _LARGEST_PORT:
        raise _refusal("uri_authority", "has a port that is no number")
    if int(digits) == _SPECIAL.get(scheme):
        raise _refusal("uri_spelling", "names its scheme's own port")
    return int(digits)


def _check_ipv4(host: str) -> None:
    # `0x7f.1` and `2130706433` are 127.0.0.1 to some readers, and names to others.
    try:
        IPv4Address(host)
    except AddressValueError:
        raise _refusal("uri_authority", "has a number for a host") from None


def _check_ipv6(host: str) -> None:
    try:
        normal = IPv6Address(host[1:-1].replace("%", " "))  # no zones: they are of one machine
    except AddressValueError:
        raise _refusal("uri_authority", "has a host in brackets that is no address") from None
    if host != f"[{normal.compressed}]":
        raise _refusal("uri_spelling", "has an address that isn't in its short form")


def _check_special(scheme: str, host: str) -> None:
    if not host and scheme != "file":
        raise _refusal("uri_authority", "has no host")
    if "%" in host or host.endswith("."):
        raise _refusal("uri_authority", "has a host that readers change")
    if host != host.lower() or (scheme == "file" and host == "localhost"):
        raise _refusal("uri_spelling", "has a host that isn't in its normal form")
    if _NUMBER_LIKE.fullmatch(host.rpartition(".")[2]):
        _check_ipv4(host)


def _refusal(detail: str, what: str) -> MessageError:
    return MessageError("invalid_params", f"`uri` {what}", detail=detail)
