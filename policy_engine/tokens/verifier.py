"""Stage 1: a token in, a `VerifiedToken` out, or the one reason why not.

Order: size and form, issuer by exact `iss`, header, that issuer's keys, signature; then, of the signed bytes
alone, `iss` again, type, claims; last, on every call, audience and times. What the token says before its
signature holds is used to find keys and for nothing else. An opaque token is asked about at the one issuer
that a rule names, and what that says is judged as signed claims are. `cnf` isn't judged here: a token bound
to a key says so (`VerifiedToken.sender_constrained`), and who holds the request has to ask for the proof.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from policy_engine.errors import JoseError, TokenError
from policy_engine.jose import KeyHint, KeySet, key_hint, peek, verify
from policy_engine.model import UNOBSERVED, Observer, VerifiedToken
from policy_engine.tokens.admission import check_audience, check_times
from policy_engine.tokens.claims import (
    check_claim_types,
    check_required_claims,
    check_type,
    named_audiences,
    parse_claims,
)
from policy_engine.tokens.examination import Examiner, TokenExamination
from policy_engine.tokens.fetching import Steps
from policy_engine.tokens.introspection import bound_claims, opaque_text
from policy_engine.tokens.issuers import Issuer, IssuerIndex
from policy_engine.tokens.memory import Proven, ProvenTokens, size_of

__all__ = ["Verifier"]

LEEWAY_SECONDS: Final = 30
"""That two clocks may differ; RFC 7519 section 4.1.4 allows a few minutes, we need less."""

REMEMBERED_TOKENS: Final = 8192
REMEMBERED_BYTES: Final = 64 * 1024 * 1024


class Verifier:
    """Verifies tokens of the configured issuers; many threads and an event loop may share one.

    Args:
        issuers: whom to trust.
        now: seconds since the epoch.
        leeway: seconds that clocks may differ.
        introspected_at: names of the issuers that opaque tokens are asked about at, by server.
        remember: proven tokens to keep, so that a signature is checked once; 0 keeps none.
        remember_bytes: what they may take together, about.
        observer: is told of each signature that holds.

    Raises:
        ConfigError: two issuers can't be told apart, or a server's opaque tokens can't be asked about.
    """

    def __init__(
        self,
        issuers: Iterable[Issuer],
        now: Callable[[], float],
        leeway: int = LEEWAY_SECONDS,
        *,
        introspected_at: Mapping[str, str] = MappingProxyType({}),
        remember: int = REMEMBERED_TOKENS,
        remember_bytes: int = REMEMBERED_BYTES,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._issuers = IssuerIndex(issuers, introspected_at)
        self._now = now
        self._leeway = leeway
        self._observer = observer
        self._proven = ProvenTokens(remember, remember_bytes)

    def seen(
        self, token: str | bytes | None, audiences: Mapping[str, frozenset[str]]
    ) -> VerifiedToken | None:
        """What `verify` would answer, where no step is due: the token was proven before, by the keys of now.

        Audience and times are of this call, as always. A list of tokens that are no longer good belongs here,
        too.

        Args:
            token: as for `verify`.
            audiences: as for `verify`.

        Returns:
            The token, or None where `verify` has to be asked.

        Raises:
            TokenError: what `verify` would raise.
        """
        proven = self._proven.find(token)
        if proven is None or proven.issuer.keys.current(proven.kid) is not proven.keys:
            return None
        return self._admitted(proven, audiences)

    def verify(
        self, token: str | bytes | None, audiences: Mapping[str, frozenset[str]], server: str | None = None
    ) -> Steps[VerifiedToken]:
        """Verify a token for one server.

        Args:
            token: as it came, without the scheme.
            audiences: what the server accepts as `aud`, by the name of the issuer; a name that is missing:
                nothing.
            server: its name, for the rule about opaque tokens; None: any.

        Raises:
            TokenError: see `policy_engine.model.CODES` for the codes.
        """
        if not token:
            raise TokenError("missing_token")
        opaque = opaque_text(token)
        asked = None if opaque is None else self._issuers.of_opaque(opaque, server)
        if opaque is not None and asked is not None:
            issuer, introspection = asked
            answer = yield from introspection.claims(opaque)
            verified = _introspected(answer, issuer)
            check_audience(verified.claims, audiences.get(issuer.name), issuer.rules)
            check_times(verified.claims, self._now(), self._leeway, issuer.rules)
            return verified
        try:
            proven = yield from self._prove(token)
        except JoseError as error:
            raise TokenError(error.code, error.note, detail=error.detail) from None
        return self._admitted(proven, audiences)

    def examine(
        self,
        token: str | bytes | None,
        audiences: Mapping[str, frozenset[str]],
        *,
        with_keys: bool = True,
        server: str | None = None,
    ) -> Steps[TokenExamination]:
        """Look at a token check by check, for people who ask why; decides nothing, and remembers nothing.

        Never raises for what the token says. What `verify` would raise is the first error of the result,
        if keys are asked for.

        Args:
            token: as for `verify`.
            audiences: as for `verify`.
            with_keys: whether to ask for the issuer's keys; without them nothing that the token says is
                proven, and the result says so. An issuer is asked about an opaque token only with them.
            server: as for `verify`.
        """
        examiner = Examiner(self._issuers, audiences, self._now(), self._leeway, server)
        return examiner.look(token, with_keys=with_keys)

    def _admitted(self, proven: Proven, audiences: Mapping[str, frozenset[str]]) -> VerifiedToken:
        """A proven token, if it opens the server now."""
        acceptable = audiences.get(proven.issuer.name)
        if acceptable is None or proven.audience not in acceptable:
            check_audience(proven.token.claims, acceptable, proven.issuer.rules)
        now = self._now()
        if not proven.since <= now < proven.until:
            check_times(proven.token.claims, now, self._leeway, proven.issuer.rules)
        return proven.token

    def _prove(self, token: str | bytes) -> Steps[Proven]:
        known = self._proven.find(token)
        if known is not None:
            keys = yield from known.issuer.keys.keys(known.kid)
            # Other keys than those that proved it: the issuer may have withdrawn the one that counts.
            if keys is known.keys:
                return known
        unverified = peek(token)
        claims = parse_claims(unverified.payload)
        issuer = self._issuers.find(claims)
        hint = key_hint(unverified, issuer.rules.algorithms)
        keys = yield from issuer.keys.keys(hint.kid)
        # What is proven is what was peeked at, the same bytes: read once, they are read for good.
        verify(unverified, keys, issuer.rules.algorithms)
        self._observer.token_verified(issuer.name)
        proven = self._check(unverified.header, claims, issuer, hint, keys)
        self._proven.keep(token, proven, size_of(unverified))
        return proven

    def _check(
        self, header: dict[str, Any], claims: dict[str, Any], issuer: Issuer, hint: KeyHint, keys: KeySet
    ) -> Proven:
        """What its issuer's keys proved, if it has the form of that issuer's access tokens."""
        self._issuers.confirm(claims, issuer)
        check_type(header, issuer.rules)
        check_required_claims(claims, issuer.rules)
        check_claim_types(claims)
        token = VerifiedToken(
            issuer=issuer.name,
            header=MappingProxyType(header),
            claims=MappingProxyType(claims),
            audiences=named_audiences(claims, issuer.rules),
        )
        return Proven.of(token, issuer, hint.kid, keys)


def _introspected(answer: Mapping[str, Any], issuer: Issuer) -> VerifiedToken:
    """What an issuer said of an opaque token, judged as a signed token of its is.

    Raises:
        TokenError: it isn't what this issuer's tokens must be.
    """
    claims = bound_claims(answer, issuer.url)
    check_required_claims(claims, issuer.rules)
    check_claim_types(claims)
    return VerifiedToken(
        issuer=issuer.name,
        header=MappingProxyType({}),
        claims=MappingProxyType(claims),
        audiences=named_audiences(claims, issuer.rules),
        introspected=True,
    )
