"""The one way that a claim is read: as the type it must have, or not at all."""

from collections.abc import Mapping
from typing import Any

from policy_engine.errors import MappingError
from policy_engine.mapper.language.claim_path import ABSENT, NOTHING_DECODED, ClaimPath
from policy_engine.mapper.language.claim_types import WRONG, ClaimType

__all__ = ["read_claim", "wrong_type"]


def read_claim(
    path: ClaimPath,
    claim_type: ClaimType,
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    decoded: Mapping[str, Any] = NOTHING_DECODED,
) -> Any:  # noqa: ANN401 -- of the type asked for
    """The value of a claim in the form that rules compare, or None where it is absent.

    Raises:
        MappingError: it is there with another type, `null` included (`invalid_claim`, `claim_type`).
    """
    found = path.find(header, claims, decoded)
    if found is ABSENT:
        return None
    value = claim_type.read(found)
    if value is WRONG:
        raise wrong_type(f"`{path}` is there, but isn't of type {claim_type}")
    return value


def wrong_type(note: str) -> MappingError:
    """The refusal of a token for the type of a claim; the note never quotes its value."""
    return MappingError("invalid_claim", note, detail="claim_type", evidence=(note,))
