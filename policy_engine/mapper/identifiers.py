"""Ids that a token gives: read from where the profile says, and taken only in one exact form.

A string of 1 to 255 printable ASCII characters without outer blanks; OpenID Connect Core section 2 limits
`sub` to as much. Nothing is stripped, folded or normalised: two ids are one only if they are equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.errors import MappingError
from policy_engine.mapper.language import NOTHING_DECODED, ClaimPath, Read, wrong_type
from policy_engine.mapper.profiles import ClientIdSource, Decoding, IdSource
from policy_engine.mapper.token_class import TYP

__all__ = ["TokenParts", "client_id_of", "decoded", "id_at", "is_id", "missing"]

_MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class TokenParts:
    """Where ids are read: the header, the claims, and what decoders made of claims."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    decoded: Mapping[str, Any]

    def value(self, read: Read) -> Any:  # noqa: ANN401 -- of the type asked for
        """The value of a claim, or None where it is absent.

        Raises:
            MappingError: it has another type (`claim_type`).
        """
        return read.value(self.header, self.claims, self.decoded)


def is_id(text: str) -> bool:
    """Whether a string has the form of an id."""
    return 0 < len(text) <= _MAX_LENGTH and text.isascii() and text.isprintable() and text == text.strip()


def client_id_of(source: ClientIdSource | None, typ: str | None, parts: TokenParts) -> str | None:
    """The id of the client that obtained a token; None where the profile lets tokens come without.

    Args:
        source: where the profile says that it is.
        typ: the header's type, as `check_class` returns it.
        parts: the token.

    Raises:
        MappingError: it is missing or isn't an id, or the value that chooses its claim is unknown.
    """
    if source is None:
        return None
    sources = source.cases.get(_case(source, typ, parts))
    if sources is None:
        by = None if source.by is None else source.by.path
        note = f"`{by}` has a value for which the profile doesn't say where the client's id is"
        raise MappingError("ambiguous_principal", note, detail="undetermined", evidence=(note,))
    for one in sources:
        client_id = id_at(one, parts)
        if client_id is not None:
            return client_id
    if not source.optional:
        raise missing(" or ".join(f"`{one.read.path}`" for one in sources))
    return None


def id_at(source: IdSource | None, parts: TokenParts) -> str | None:
    """The id that a source finds, or None.

    Raises:
        MappingError: what is there isn't an id (`invalid_claim`, with `claim_type` or `sub_form`).
    """
    if source is None:
        return None
    path = source.read.path
    value = parts.value(source.read)
    if isinstance(value, tuple):  # `aud` may be an array of one (RFC 7519 section 4.1.3)
        if len(value) != 1:
            raise wrong_type(f"`{path}` names several, so it is no id")
        (value,) = value
    if value is None or (source.empty_is_absent and value == ""):
        return None
    if not is_id(value):
        raise _no_id(path)
    before, after = source.around
    if not (value.startswith(before) and value.endswith(after)):
        return None
    inner: str = source.prefix + value[len(before) : len(value) - len(after)]
    if not is_id(inner):
        raise _no_id(path)
    return inner


def decoded(decodings: Mapping[str, Decoding], header: Mapping[str, Any], claims: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- fields by name
    """What the profile's decoders make of a token's claims.

    Raises:
        MappingError: a claim isn't a string (`claim_type`), or is of a form that the issuer never writes
            (`sub_form`).
    """
    found: dict[str, Mapping[str, str]] = {}
    for name, decoding in decodings.items():
        text = decoding.read.value(header, claims, NOTHING_DECODED)
        if text is None:
            continue
        fields = decoding.decoder.decode(text)
        if fields is not None:
            found[name] = fields
        elif not decoding.optional:
            note = f"`{decoding.read.path}` isn't of the form that this issuer writes"
            raise MappingError("invalid_claim", note, detail="sub_form", evidence=(note,))
    return found


def missing(what: str) -> MappingError:
    """The error of a token without an id that it needs; no other claim stands in for one."""
    note = f"{what} is missing"
    return MappingError("invalid_claim", note, detail="missing_claim", evidence=(note,))


def _no_id(path: ClaimPath) -> MappingError:
    note = f"`{path}` isn't 1 to 255 printable ASCII characters without outer blanks"
    return MappingError("invalid_claim", note, detail="sub_form", evidence=(note,))


def _case(source: ClientIdSource, typ: str | None, parts: TokenParts) -> str | None:
    if source.by is None:
        return None
    if source.by.path == TYP:
        return typ
    value: str | None = parts.value(source.by)
    return value
