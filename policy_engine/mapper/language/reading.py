"""The one way that a claim is read: as the type it must have, or not at all."""

from collections.abc import Callable, Mapping
from typing import Any

from policy_engine.errors import MappingError
from policy_engine.mapper.language.claim_path import ABSENT, ClaimPath, Root
from policy_engine.mapper.language.claim_types import WRONG, ClaimType

__all__ = ["Reading", "reading_of", "wrong_type"]

Reading = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], Any]
"""Header, claims and what was decoded in; out the value of one claim, or None where it is absent."""


def reading_of(path: ClaimPath, claim_type: ClaimType) -> Reading:
    """Prepare to read one claim of many tokens, in the form that rules compare.

    What comes back raises a `MappingError` where the claim is there with another type, `null` included
    (`invalid_claim`, `claim_type`).
    """
    read = claim_type.reading
    name = path.names[0] if path.root is Root.CLAIMS and len(path.names) == 1 else None

    def reading(header: Mapping[str, Any], claims: Mapping[str, Any], decoded: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- of the type asked for
        found = path.find(header, claims, decoded) if name is None else claims.get(name, ABSENT)
        if found is ABSENT:
            return None
        value = read(found)
        if value is WRONG:
            raise wrong_type(f"`{path}` is there, but isn't of type {claim_type}")
        return value

    return reading


def wrong_type(note: str) -> MappingError:
    """The refusal of a token for the type of a claim; the note never quotes its value."""
    return MappingError("invalid_claim", note, detail="claim_type", evidence=(note,))
