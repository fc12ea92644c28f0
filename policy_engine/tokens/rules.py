"""What one issuer's tokens must look like; the defaults are RFC 9068's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.jose import ALGORITHMS

__all__ = ["TokenRules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """How the tokens of one issuer are judged.

    Attributes:
        algorithms: `alg` values that it signs with.
        types: `typ` values of its access tokens, compared without regard to case and to `application/`; None
            stands for a header without `typ`.
        required_claims: claims that must be there, and not null; `exp` always must.
        audience_claims: claims that may say whom a token is for; the first that is there counts.
        multiple_audiences: whether a token for this server may be for others, too.
        audience_required: whether tokens without `aud` are refused; some issuers write none.
        max_lifetime: seconds from `iat`, or now where there is none, to `exp`.
        mandatory: the names of the claims that must be there, `exp` among them, sorted.

    Raises:
        ConfigError: an algorithm isn't supported, or there is none.
    """

    algorithms: frozenset[str] = frozenset(ALGORITHMS)
    types: frozenset[str | None] = frozenset({"at+jwt"})
    required_claims: frozenset[str] = frozenset({"iss", "sub", "exp", "iat", "jti", "client_id"})
    audience_claims: tuple[str, ...] = ("aud",)
    multiple_audiences: bool = False
    audience_required: bool = True
    max_lifetime: int | None = None
    mandatory: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _types: frozenset[str | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the algorithms, and prepare what every token is asked."""
        unknown = self.algorithms - ALGORITHMS.keys()
        if unknown or not self.algorithms:
            raise ConfigError(
                f"signature algorithms aren't supported: {_listed(unknown) or 'none given'}",
                remedy=f"name some of {_listed(ALGORITHMS)}",
            )
        object.__setattr__(self, "mandatory", tuple(sorted(self.required_claims | {"exp"})))
        object.__setattr__(self, "_types", frozenset(_media_type(name) for name in self.types))

    def accepts_type_of(self, header: Mapping[str, Any]) -> bool:
        """Whether a header's `typ`, or its absence, marks an access token of this issuer."""
        if "typ" not in header:
            return None in self._types
        typ = header["typ"]
        # Some letters outside ASCII lower-case to letters inside.
        return isinstance(typ, str) and typ.isascii() and _media_type(typ) in self._types


def _media_type(typ: str | None) -> str | None:
    """The full media type of a `typ` value (RFC 7515 section 4.1.9)."""
    if typ is None:
        return None
    return typ.lower() if "/" in typ else f"application/{typ.lower()}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
