"""The form that a token request is, read strictly (RFC 6749 sections 2.3.1, 3.2 and appendix B).

Two parsers that read one body differently are two requests; so whatever has a second reading is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, unquote_to_bytes

from policy_engine.authserver.web.messages import HttpRequest
from policy_engine.authserver.web.refusals import RefusedError

__all__ = ["MAX_BODY_BYTES", "Form", "decode_component", "read_form"]

MAX_BODY_BYTES: Final = 64 * 1024
"""Nothing of a longer body is read; an assertion takes two kilobytes."""

_MAX_PARAMETERS: Final = 64

_MEDIA_TYPE: Final = re.compile(
    r'application/x-www-form-urlencoded[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?', re.IGNORECASE
)

_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")

_REPEATABLE: Final = "resource"
"""RFC 8707 section 2: the one parameter that may be sent several times."""

_RECURRING: Final = frozenset({"grant_type", "resource", "scope", "client_assertion_type"})
"""Parameters of few values, none of them secret."""

_CREDENTIALS: Final = frozenset({"client_secret", "client_assertion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The parameters of a token request; those without a value count as omitted.

    Attributes:
        values: parameters by name, without `resource`.
        resources: the values of `resource`, in order.
    """

    values: Mapping[str, str] = field(repr=False)
    resources: tuple[str, ...] = ()

    def get(self, name: str) -> str | None:
        """The value of a parameter, or None."""
        return self.values.get(name)

    def require(self, name: str) -> str:
        """The value of a parameter.

        Raises:
            RefusedError: `missing_parameter`.
        """
        value = self.values.get(name)
        if value is None:
            raise RefusedError("missing_parameter")
        return value


def read_form(request: HttpRequest) -> Form:
    """Read the form in the body of a request; the query is never part of it.

    Raises:
        RefusedError: `credentials_in_query`, `media_type`, `body_too_large`, `malformed_form`,
            `repeated_parameter`.
    """
    # They are in access logs by now; a client that gets a token this way would go on leaking them.
    query = parse_qsl(request.query, keep_blank_values=True) if request.query else ()
    if any(name in _CREDENTIALS for name, _ in query):
        raise RefusedError("credentials_in_query")
    types = request.values("Content-Type")
    if len(types) != 1 or not _is_form(types[0]) or request.values("Content-Encoding"):
        raise RefusedError("media_type")
    if len(request.body) > MAX_BODY_BYTES:
        raise RefusedError("body_too_large")
    return _form(_pairs(request.body))


@lru_cache(maxsize=64)
def _is_form(media_type: str) -> bool:
    return _MEDIA_TYPE.fullmatch(media_type.strip()) is not None


def decode_component(text: str) -> str:
    """Undo the encoding of one name or value.

    Raises:
        ValueError: a stray `%`, or what is encoded isn't UTF-8.
    """
    if "%" not in text and "+" not in text:
        return text
    if _STRAY_PERCENT.search(text):
        raise ValueError("stray percent sign")
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")


_MAX_KNOWN_CHARS: Final = 256
"""What is longer isn't kept: it is nothing that recurs, and whoever sends it fills the memory with it."""

_decode_known = lru_cache(maxsize=512)(decode_component)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        parts = [part.partition("=") for part in body.decode("ascii").split("&") if part]
        if len(parts) > _MAX_PARAMETERS:
            raise RefusedError("malformed_form")
        return [_pair(name, value) for name, _, value in parts]
    except ValueError:
        raise RefusedError("malformed_form") from None


def _pair(name: str, value: str) -> tuple[str, str]:
    name = decode_component(name)
    recurs = name in _RECURRING and len(value) <= _MAX_KNOWN_CHARS
    return name, (_decode_known if recurs else decode_component)(value)


def _form(pairs: list[tuple[str, str]]) -> Form:
    single = [pair for pair in pairs if pair[0] != _REPEATABLE]
    values = dict(single)
    if len(values) != len(single):
        raise RefusedError("repeated_parameter")
    return Form(
        values={name: value for name, value in values.items() if value},
        resources=tuple(value for name, value in pairs if name == _REPEATABLE and value),
    )
