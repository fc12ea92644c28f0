"""Ids that a token gives: read from where the profile says, and taken only in one exact form.

A string of 1 to 255 printable ASCII characters without outer blanks; OpenID Connect Core section 2 limits
`sub` to as much. Nothing is stripped, folded or normalised: two ids are one only if they are equal.
"""

from collections.abc import Mapping
from typing import Any

from policy_engine.errors import MappingError
from policy_engine.mapper.language import ClaimPath, ClaimType, read_claim
from policy_engine.mapper.profiles import ClientIdSource
from policy_engine.mapper.token_class import TYP

__all__ = ["client_id_of", "id_at", "is_id", "missing"]

_MAX_LENGTH = 255


def is_id(text: str) -> bool:
    """Whether a string has the form of an id."""
    return 0 < len(text) <= _MAX_LENGTH and text.isascii() and text.isprintable() and text == text.strip()


def client_id_of(
    source: ClientIdSource, typ: str | None, header: Mapping[str, Any], claims: Mapping[str, Any]
) -> str | None:
    """The client's id; None where it is absent and the profile lets people's tokens come without.

    Args:
        source: where the profile says that it is.
        typ: the header's type, as `check_class` returns it.
        header: the token's header.
        claims: the token's claims.

    Raises:
        MappingError: it is missing or isn't an id, or the value that chooses its claim is unknown.
    """
    path = source.cases.get(_case(source, typ, header, claims))
    if path is None:
        note = f"`{source.by}` has a value for which the profile doesn't say where the client's id is"
        raise MappingError("ambiguous_principal", note, detail="undetermined", evidence=(note,))
    client_id = id_at(path, header, claims)
    if client_id is None and not source.optional:
        raise missing(f"`{path}`")
    return client_id


def id_at(path: ClaimPath, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str | None:
    """The id that stands at a path, or None.

    Raises:
        MappingError: what is there isn't an id (`invalid_claim`, with `claim_type` or `sub_form`).
    """
    value: str | None = read_claim(path, ClaimType.STRING, header, claims)
    if value is None:
        return None
    if not is_id(value):
        note = f"`{path}` isn't 1 to 255 printable ASCII characters without outer blanks"
        raise MappingError("invalid_claim", note, detail="sub_form", evidence=(note,))
    return value


def missing(what: str) -> MappingError:
    """The error of a token without an id that it needs; no other claim stands in for one."""
    note = f"{what} is missing"
    return MappingError("invalid_claim", note, detail="missing_claim", evidence=(note,))


def _case(
    source: ClientIdSource, typ: str | None, header: Mapping[str, Any], claims: Mapping[str, Any]
) -> str | None:
    if source.by is None:
        return None
    if source.by == TYP:
        return typ
    value: str | None = read_claim(source.by, ClaimType.STRING, header, claims)
    return value
