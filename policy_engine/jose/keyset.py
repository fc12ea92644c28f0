"""The keys of one issuer, parsed once (RFC 7517 section 5).

A set holds keys for many purposes, and tomorrow's key types: what can't be used here is passed over, as
RFC 7517 section 5 asks. What is left can do one thing, verify signatures. A set that an operator wrote down
is also asked for secrets, which are a mistake there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from policy_engine.errors import JoseError
from policy_engine.jose.algorithms import Algorithm, PublicKey
from policy_engine.jose.jwk import SECRET_MEMBERS, algorithms_of, public_key

__all__ = ["MAX_KEYS", "MAX_TRIES", "KeySet", "VerificationKey", "refuse_secrets"]

MAX_KEYS: Final = 100
"""Members of a set; large issuers publish about ten."""

MAX_TRIES: Final = 10
"""Keys that one signature is checked against."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VerificationKey:
    """One public key and what it may be used with; compared by identity.

    Attributes:
        kid: its name within the set, if it has one.
        algorithms: names of the algorithms that it goes with.
        key: the key.
    """

    kid: str | None
    algorithms: frozenset[str]
    key: PublicKey = field(repr=False)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "VerificationKey":
        """Parse one JWK.

        Raises:
            JoseError: `unusable_key`.
        """
        names = frozenset(row.name for row in algorithms_of(jwk))
        kid = jwk.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise JoseError("unusable_key", "`kid` isn't text", detail="key_form")
        return cls(kid=kid, algorithms=names, key=public_key(jwk))


@dataclass(frozen=True, slots=True, eq=False)
class KeySet:
    """Public keys, in the order of their set; compared by identity, so that a change of keys shows."""

    keys: tuple[VerificationKey, ...] = ()
    _by_kid: Mapping[str | None, tuple[VerificationKey, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the keys by their names once; each token asks for one."""
        kids = dict.fromkeys((None, *(key.kid for key in self.keys)))
        by_kid = {kid: tuple(key for key in self.keys if key.kid == kid) for kid in kids}
        object.__setattr__(self, "_by_kid", by_kid)

    @classmethod
    def from_jwks(cls, jwks: object) -> "KeySet":
        """Parse a JWK Set, as JSON gives it; keys that can't be used are passed over.

        Raises:
            JoseError: `unusable_key` (`set_form`, `too_many_keys`), if it isn't a set, or is too large.
        """
        return cls(tuple(_usable(_members(jwks))))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "KeySet":
        """Make a set of one key.

        Raises:
            JoseError: `unusable_key`.
        """
        return cls((VerificationKey.from_jwk(jwk),))

    def __contains__(self, kid: object) -> bool:
        """Whether a key has this `kid`."""
        return isinstance(kid, str | None) and bool(self._by_kid.get(kid))

    def candidates(self, kid: str | None, algorithm: Algorithm) -> tuple[VerificationKey, ...]:
        """The keys to try, at most `MAX_TRIES`.

        Several keys may share a `kid`. Keys without one are tried for a `kid` that no key has; without a
        `kid` all are tried: it is a hint (RFC 7515 section 4.1.4), the signature is the proof.
        """
        pool = self.keys if kid is None else self._by_kid.get(kid, self._by_kid[None])
        name = algorithm.name
        return tuple([key for key in pool if name in key.algorithms][:MAX_TRIES])


def refuse_secrets(jwks: object) -> None:
    """Check that a set has nothing to hide: whoever wrote a secret into it meant another file, or leaks it.

    Args:
        jwks: a JWK Set, as JSON gives it.

    Raises:
        JoseError: `unusable_key` (`symmetric_key`, `private_key`, and those of `KeySet.from_jwks`).
    """
    for position, member in enumerate(_members(jwks)):
        if not isinstance(member, Mapping):
            continue
        if member.get("kty") == "oct" or "k" in member:
            note = f"key {position} of the set is symmetric: whoever verifies with it can also sign"
            raise JoseError("unusable_key", note, detail="symmetric_key")
        if not SECRET_MEMBERS.isdisjoint(member):
            note = f"key {position} of the set shows its private half: it is disclosed, and not needed here"
            raise JoseError("unusable_key", note, detail="private_key")


def _members(jwks: object) -> list[Any]:
    members = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(members, list):
        raise JoseError("unusable_key", "a JWK Set has a list `keys`", detail="set_form")
    if len(members) > MAX_KEYS:
        raise JoseError("unusable_key", f"a JWK Set has at most {MAX_KEYS} keys", detail="too_many_keys")
    return members


def _usable(members: list[Any]) -> Iterator[VerificationKey]:
    for member in members:
        if isinstance(member, Mapping):
            try:
                yield VerificationKey.from_jwk(member)
            except JoseError:
                continue
