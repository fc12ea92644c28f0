"""The compact serialisation, taken apart strictly (RFC 7515 sections 3.1 and 7.1).

Nothing here is proven: a value of this module says what a token claims, not that it's true.
"""

from dataclasses import dataclass
from typing import Any, Final

from policy_engine.errors import JoseError
from policy_engine.jose import base64url
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["MAX_TOKEN_BYTES", "UnverifiedJws", "peek"]

MAX_TOKEN_BYTES: Final = 16 * 1024
"""Longer tokens don't fit common header limits either; nothing of them is read."""

_SEGMENTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedJws:
    """A token as its sender wrote it; use it to find the keys that could prove it, and for nothing else.

    Only `peek` makes one, and nobody changes it: what `verify` proves is then what was peeked at.

    Attributes:
        header: the JOSE header, strictly parsed; its members are unchecked.
        payload: the payload's bytes.
        signing_input: what the signature covers.
        signature: the signature's bytes; may be empty.
    """

    header: dict[str, Any]
    payload: bytes
    signing_input: bytes
    signature: bytes


def peek(compact: str | bytes) -> UnverifiedJws:
    """Take a compact token apart without verifying it.

    Raises:
        JoseError: `malformed_token`, with detail `too_long`, `not_ascii`, `not_compact`, `not_base64url`,
            `header_form`, or a code of `JsonError` for the header.
    """
    text = _as_bytes(compact)
    parts = text.split(b".")
    if len(parts) != _SEGMENTS:
        raise _malformed("not_compact", "a compact JWS has three parts")
    header, payload, signature = map(base64url.decode, parts)
    return UnverifiedJws(
        header=_parse_header(header),
        payload=payload,
        signing_input=text[: -1 - len(parts[2])],
        signature=signature,
    )


def _as_bytes(compact: str | bytes) -> bytes:
    if not isinstance(compact, str | bytes):
        raise _malformed("not_compact", "a compact JWS is text")
    if len(compact) > MAX_TOKEN_BYTES:
        raise _malformed("too_long", f"a token has at most {MAX_TOKEN_BYTES} bytes")
    if not compact.isascii():
        raise _malformed("not_ascii", "a compact JWS is ASCII")
    return compact.encode("ascii") if isinstance(compact, str) else compact


def _parse_header(data: bytes) -> dict[str, Any]:
    try:
        header = parse(data)
    except JsonError as error:
        raise _malformed(error.code, "the header isn't strict JSON") from None
    if not isinstance(header, dict):
        raise _malformed("header_form", "the header isn't a JSON object")
    return header


def _malformed(detail: str, note: str) -> JoseError:
    return JoseError("malformed_token", note, detail=detail)
