"""What every token of an issuer has, machines' tokens included, and what its terms may be there.

A term's *samples* are the values to try: meaningless ones that equal nothing a profile wrote, one that all
ids share, the empty one, and None where the term may be absent. `ANYTHING` stands for what the operator or
the issuer's configuration chooses, such as `iss` and `aud`: that may be whatever a rule compares it with.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

from policy_engine.mapper.language import ClaimPath, ClaimType, Read, Root
from policy_engine.mapper.profiles.profile import Decoding, IdSource, Profile

__all__ = ["ANYTHING", "MEANINGLESS", "BareToken", "Sample", "Special"]


class Special(Enum):
    """Samples that are no values."""

    ANYTHING = "equal to whatever it is compared with, and different from it"
    OPAQUE = "there, and compared with nothing"


ANYTHING: Final = Special.ANYTHING

Sample = str | tuple[str, ...] | bool | Special | None
"""A value in the form that rules compare."""

# A private-use character, which no text and no pattern in a rule can hold: no comparison with what the
# profile wrote succeeds by chance.
MEANINGLESS: Final = "\ue000"

# Said of tokens, not of whom they speak for (RFC 7519 section 4.1, RFC 7515 section 4.1).
_REGISTERED_CLAIMS = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti")
_CHOSEN_CLAIMS = frozenset({ClaimPath(("iss",)), ClaimPath(("aud",))})
_REGISTERED_PARAMETERS = frozenset(
    {"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"}
)

_TEXTS = frozenset({ClaimType.SPACES, ClaimType.WORDS, ClaimType.LIST, ClaimType.STRINGS})


class BareToken:
    """The token of a machine of which the profile says nothing.

    It has the required claims, those that are said of every token, and those that name the token's client and
    the machine itself. The claim of a person's id is among them only if it is one of these: that there is
    one may be the very evidence.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._required = {ClaimPath((name,)) for name in profile.required}
        self._chosen_by: ClaimPath | None = None
        self._cases: frozenset[str | None] = frozenset()
        if profile.client_id is not None and profile.client_id.by is not None:
            self._chosen_by = profile.client_id.by.path
            self._cases = frozenset(profile.client_id.cases)
        self._present = frozenset(self._paths())
        self._around = frozenset(
            ClaimPath(path.names[:length], path.root)
            for path in self._present
            for length in range(1, len(path.names))
        )

    def samples(self, read: Read) -> frozenset[Sample]:
        """What a claim or header parameter may be."""
        path = read.path
        if path.root is Root.DECODED:
            return self._decoded(self._profile.decodings[path.names[0]], path.names[1])
        if path in self._around and path not in self._present:
            return frozenset({Special.OPAQUE})
        if path.root is Root.HEADER and path.names[0] in _REGISTERED_PARAMETERS:
            return frozenset({_chosen(read.type), *self._missing_parameter(path.names[0])})
        if path == self._chosen_by:
            return frozenset(self._cases)
        if path not in self._present:
            return frozenset({None})
        missing = () if path in self._required else (None,)
        if path in _CHOSEN_CLAIMS:
            return frozenset({_chosen(read.type), *missing})
        return frozenset({*_values(read.type, str(path)), *missing})

    def id_samples(self, name: str) -> frozenset[Sample]:
        """What `client_id`, `machine_id` or `user_id` may be."""
        profile = self._profile
        if name == "user_id":
            return _id(profile.user_id)
        if name == "machine_id" and profile.machine_id is not None:
            return _id(profile.machine_id)
        source = profile.client_id
        if source is None:
            return frozenset({None})
        ids = {MEANINGLESS, f"{MEANINGLESS}client"}
        return frozenset({*ids, None} if source.optional else ids)

    def _paths(self) -> Iterator[ClaimPath]:
        profile = self._profile
        yield from self._required
        for name in (*_REGISTERED_CLAIMS, *profile.audience):
            yield ClaimPath((name,))
        if profile.machine_id is not None:
            yield profile.machine_id.read.path
        if profile.client_id is not None:
            for places in profile.client_id.cases.values():
                yield from (place.read.path for place in places)

    def _missing_parameter(self, name: str) -> tuple[None, ...]:
        is_there = name == "alg" or (name == "typ" and None not in self._profile.typ)
        return () if is_there else (None,)

    def _decoded(self, decoding: Decoding, field: str) -> frozenset[Sample]:
        if decoding.read.path not in self._present:
            return frozenset({None})
        found: set[Sample] = {MEANINGLESS, MEANINGLESS + field}
        if _may_be_empty(decoding, field):
            found.add("")
        if decoding.optional or decoding.read.path not in self._required:
            found.add(None)
        return frozenset(found)


def _id(source: IdSource | None) -> frozenset[Sample]:
    """An id as far as a bare token has one: text around it is evidence already."""
    if source is None or source.around != ("", ""):
        return frozenset({None})
    return frozenset(source.prefix + value for value in (MEANINGLESS, MEANINGLESS + str(source.read.path)))


def _values(claim_type: ClaimType, name: str) -> tuple[Sample, ...]:
    texts = (MEANINGLESS, MEANINGLESS + name)
    if claim_type is ClaimType.STRING:
        return ("", *texts)
    if claim_type in _TEXTS:
        return ((), *((text,) for text in texts))
    return (True, False) if claim_type is ClaimType.BOOL else (Special.OPAQUE,)


def _chosen(claim_type: ClaimType) -> Special:
    is_compared = claim_type is ClaimType.STRING or claim_type in _TEXTS
    return Special.ANYTHING if is_compared else Special.OPAQUE


def _may_be_empty(decoding: Decoding, field: str) -> bool:
    fields: Mapping[str, str] = {name: "" if name == field else "a" for name in decoding.decoder.fields}
    try:
        decoding.decoder.encode(fields)
    except ValueError:
        return False
    return True
