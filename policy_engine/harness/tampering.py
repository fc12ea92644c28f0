"""What can be wrong with a token: a row each."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from policy_engine.jose import SigningKey

__all__ = ["TAMPERINGS", "Draft", "Row", "Tampering"]

Tampering = Literal[
    "alg_none",
    "alg_hs256",
    "bad_signature",
    "foreign_key",
    "expired",
    "not_yet_valid",
    "no_expiry",
    "wrong_aud",
    "wrong_iss",
    "wrong_typ",
    "key_bound",
]

_ELSEWHERE: Final = "https://elsewhere.example"
_HOUR: Final = 3600


@dataclass(slots=True, kw_only=True)
class Draft:
    """A token before it is signed.

    Attributes:
        header: of the token, `alg` and `kid` included.
        claims: of the token.
        key: the issuer's.
        now: seconds since the epoch.
        audiences: the claims that may say whom it is for.
    """

    header: dict[str, Any]
    claims: dict[str, Any]
    key: SigningKey
    now: int
    audiences: tuple[str, ...]
    sign: Callable[[bytes], bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Have it signed by its issuer, unless somebody tampers with it."""
        self.sign = self.key.signature

    def text(self) -> str:
        """The token in the compact form (RFC 7515 section 7.1)."""
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in (self.header, self.claims))
        return (signed + b"." + _encoded(self.sign(signed))).decode("ascii")


@dataclass(frozen=True, slots=True)
class Row:
    """One way to tamper.

    Attributes:
        spoil: does it.
        code: the decision's code that is to come of it.
        what: in words.
    """

    spoil: Callable[[Draft], None]
    code: str
    what: str


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _alg_none(draft: Draft) -> None:
    draft.header["alg"] = "none"
    draft.sign = lambda _signed: b""


def _alg_hs256(draft: Draft) -> None:
    # The public key as a shared secret: what a verifier does that believes the token's own `alg`.
    secret = json.dumps(draft.key.public_jwk()).encode()
    draft.header["alg"] = "HS256"
    draft.sign = lambda signed: hmac.digest(secret, signed, hashlib.sha256)


def _bad_signature(draft: Draft) -> None:
    sign = draft.key.signature
    draft.sign = lambda signed: sign(signed + b".")


def _foreign_key(draft: Draft) -> None:
    draft.sign = SigningKey.generate(draft.key.algorithm).signature


def _expired(draft: Draft) -> None:
    expiry = draft.claims.get("exp")
    late = (expiry if isinstance(expiry, int | float) else draft.now) - draft.now + _HOUR
    for name in ("iat", "nbf", "exp", "auth_time"):
        if isinstance(draft.claims.get(name), int | float):
            draft.claims[name] -= late


def _not_yet_valid(draft: Draft) -> None:
    draft.claims["nbf"] = draft.now + _HOUR
    draft.claims["exp"] = draft.now + 2 * _HOUR


def _no_expiry(draft: Draft) -> None:
    draft.claims.pop("exp", None)


def _wrong_aud(draft: Draft) -> None:
    for name in draft.audiences:
        if name in draft.claims:
            draft.claims[name] = _ELSEWHERE


def _wrong_iss(draft: Draft) -> None:
    draft.claims["iss"] = _ELSEWHERE


def _wrong_typ(draft: Draft) -> None:
    draft.header["typ"] = "logout+jwt"


def _key_bound(draft: Draft) -> None:
    draft.claims["cnf"] = {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}


TAMPERINGS: Final[Mapping[Tampering, Row]] = MappingProxyType(
    {
        "alg_none": Row(_alg_none, "unsupported_algorithm", "it says that nobody signed it"),
        "alg_hs256": Row(_alg_hs256, "unsupported_algorithm", "it is signed with the public key as a secret"),
        "bad_signature": Row(_bad_signature, "invalid_signature", "something else was signed"),
        "foreign_key": Row(
            _foreign_key, "invalid_signature", "somebody else signed it, under the issuer's `kid`"
        ),
        "expired": Row(_expired, "expired_token", "it expired an hour ago"),
        "not_yet_valid": Row(_not_yet_valid, "not_yet_valid", "it is valid from the next hour on"),
        "no_expiry": Row(_no_expiry, "invalid_claim", "it never expires"),
        "wrong_aud": Row(_wrong_aud, "invalid_audience", "it is for another server"),
        "wrong_iss": Row(_wrong_iss, "unknown_issuer", "it says that somebody unknown issued it"),
        "wrong_typ": Row(_wrong_typ, "invalid_token_type", "it is a token of another type"),
        "key_bound": Row(_key_bound, "proof_required", "its bearer would have to prove a key"),
    }
)
"""Ways to tamper, by name."""
