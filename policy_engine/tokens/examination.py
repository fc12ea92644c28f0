"""A token under the light: the checks of stage 1 one by one, for people who ask why it was refused.

The same functions as in `Verifier.verify`, in the same order; a test holds the two to one verdict.
Differently from there, a check that fails is told, not raised; audience and times are both looked at, since
nothing later depends on them; and the signature may be left out, where keys can't be had or aren't wanted. So
what comes out is never a `VerifiedToken`, and only `proven` says whether the signature held.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy_engine.errors import JoseError, TokenError
from policy_engine.jose import KeyHint, key_hint, peek, verify
from policy_engine.tokens.admission import check_audience, check_times
from policy_engine.tokens.claims import (
    check_claim_types,
    check_required_claims,
    check_type,
    named_audiences,
    parse_claims,
)
from policy_engine.tokens.fetching import Steps
from policy_engine.tokens.introspection import bound_claims, not_asked, opaque_text
from policy_engine.tokens.issuers import Asked, Issuer, IssuerIndex

__all__ = ["Examiner", "ReadToken", "TokenExamination"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadToken:
    """What a token says, in the right form; nothing says that it is true.

    Attributes:
        issuer: the configured name of the issuer that the token names.
        header: the JOSE header.
        claims: the payload.
        audiences: whom it is for, as its issuer's tokens say it.
        introspected: whether the issuer said all this when asked.
    """

    issuer: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    audiences: tuple[str, ...] = ()
    introspected: bool = False

    @property
    def sender_constrained(self) -> bool:
        """Whether the token is bound to a key (`cnf`, RFC 7800)."""
        return "cnf" in self.claims


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExamination:
    """What the checks said.

    Attributes:
        made: the checks that were made, in order, and the error of each that failed.
        left_out: checks that weren't made though others were that come later.
        issuer: the configured name of the issuer that the token names, if it names one of ours.
        header: the JOSE header, as far as it could be read.
        claims: the payload, as far as it could be read; of any form.
        token: what it says, if all of it has the right form; the mapper may look at it.
        proven: whether one of the issuer's keys made the signature, or the issuer itself said what is here.
        opaque: whether the token is one that its issuer is asked about; then the checks are `OPAQUE_CHECKS`.
    """

    made: Mapping[str, TokenError | None]
    left_out: tuple[str, ...]
    issuer: str | None
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    token: ReadToken | None
    proven: bool
    opaque: bool = False


@dataclass(slots=True)
class Examiner:
    """Looks at one token, once."""

    issuers: IssuerIndex
    audiences: Mapping[str, frozenset[str]]
    now: float
    leeway: int
    server: str | None = None
    made: dict[str, TokenError | None] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    issuer: Issuer | None = None
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    read: ReadToken | None = None
    proven: bool = False
    opaque: bool = False

    def look(self, token: str | bytes | None, *, with_keys: bool) -> Steps[TokenExamination]:
        """Make the checks, as far as the token lets them; see `Verifier.examine`."""
        opaque = opaque_text(token) if token else None
        asked = None if opaque is None else self.issuers.of_opaque(opaque, self.server)
        with suppress(TokenError):  # it stands in `made`, with the check that raised it
            if opaque is not None and asked is not None:
                yield from self._ask(opaque, asked, with_keys=with_keys)
            else:
                yield from self._look(token, with_keys=with_keys)
        return TokenExamination(
            made=MappingProxyType(self.made),
            left_out=self.left_out,
            issuer=None if self.issuer is None else self.issuer.name,
            header=self.header,
            claims=self.claims,
            token=self.read,
            proven=self.proven,
            opaque=self.opaque,
        )

    def _ask(self, token: str, asked: Asked, *, with_keys: bool) -> Steps[None]:
        self.opaque, self.issuer = True, asked.issuer
        self.made |= {"form": None, "issuer": None}
        with self._check("introspection"):
            if not with_keys:
                raise not_asked()
            self.claims = yield from asked.introspection.claims(token)
            self.claims = bound_claims(self.claims, asked.issuer.url)
        self.proven = True
        self._judge(asked.issuer)

    def _look(self, token: str | bytes | None, *, with_keys: bool) -> Steps[None]:
        with self._check("form"):
            if not token:
                raise TokenError("missing_token")
            jws = peek(token)
            self.header, self.claims = jws.header, parse_claims(jws.payload)
        with self._check("issuer"):
            issuer = self.issuer = self.issuers.find(self.claims)
        with self._check("algorithm"):
            hint = key_hint(jws, issuer.rules.algorithms)
        if with_keys:
            yield from self._prove(token, issuer, hint)
        else:
            self.left_out = ("keys", "signature")
        with self._check("type"):
            check_type(self.header, issuer.rules)
        self._judge(issuer)

    def _judge(self, issuer: Issuer) -> None:
        with self._check("required_claims"):
            check_required_claims(self.claims, issuer.rules)
        with self._check("claim_types"):
            check_claim_types(self.claims)
        self.read = ReadToken(
            issuer=issuer.name,
            header=self.header,
            claims=self.claims,
            audiences=named_audiences(self.claims, issuer.rules),
            introspected=self.opaque,
        )
        with suppress(TokenError), self._check("audience"):
            check_audience(self.claims, self.audiences.get(issuer.name), issuer.rules)
        with suppress(TokenError), self._check("times"):
            check_times(self.claims, self.now, self.leeway, issuer.rules)

    def _prove(self, token: str | bytes, issuer: Issuer, hint: KeyHint) -> Steps[None]:
        try:
            with self._check("keys"):
                keys = yield from issuer.keys.keys(hint.kid)
        except TokenError:
            # That keys can't be had says nothing about the token: the rest is of use to whoever asks.
            self.left_out = ("signature",)
            return
        with self._check("signature"):
            verify(token, keys, issuer.rules.algorithms)
        self.proven = True

    @contextmanager
    def _check(self, name: str) -> Iterator[None]:
        """Note what becomes of a check; the error goes on."""
        self.made[name] = None
        try:
            yield
        except JoseError as error:
            told = self.made[name] = TokenError(error.code, error.note, detail=error.detail)
            raise told from None
        except TokenError as error:
            self.made[name] = error
            raise
