"""A request and an answer, as any server or framework can give and take them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from policy_engine.model.strict_json import written

__all__ = ["HttpRequest", "HttpResponse", "json_response"]

Headers = tuple[tuple[str, str], ...]

_JSON_HEADERS: Final[Headers] = (
    ("Content-Type", "application/json"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What a client sent.

    Attributes:
        method: `POST`, `GET` …, in the case it came in.
        path: as it stood in the request line, before any decoding.
        query: what followed the first `?`, without it.
        headers: name and value, in order; a name may come twice, and that matters.
        body: the bytes after the headers.
        source: the address that it is from, as far as that is known; empty where it isn't.
    """

    method: str
    path: str
    query: str = field(default="", repr=False)
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    source: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a header; names compare without regard to case (RFC 9110 section 5.1)."""
        wanted = name.lower()
        return tuple([value for key, value in self.headers if key.lower() == wanted])


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """What the client gets; to HEAD a server sends all of it but the body.

    Attributes:
        status: 200 … 503.
        headers: name and value; the length of the body is the server's to tell.
        body: JSON.
    """

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a header."""
        wanted = name.lower()
        return tuple([value for key, value in self.headers if key.lower() == wanted])


def json_response(status: int, document: Mapping[str, Any], headers: Headers = ()) -> HttpResponse:
    """Answer with a JSON object."""
    return HttpResponse(status=status, headers=_JSON_HEADERS + headers, body=written(dict(document)))
