"""Stage 1: a compact token in, a `VerifiedToken` out, or the one reason why not.

Order: size and form, issuer by exact `iss`, header, that issuer's keys, signature; then, of the signed bytes
alone, `iss` again, type, claims; last, on every call, audience and times. What the token says before its
signature holds is used to find keys and for nothing else. `cnf` isn't judged here: a token bound to a key
says so (`VerifiedToken.sender_constrained`), and who holds the request has to ask for the proof.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.errors import JoseError, TokenError
from policy_engine.jose import KeyHint, KeySet, VerifiedJws, key_hint, peek, verify
from policy_engine.model import VerifiedToken
from policy_engine.tokens.admission import check_audience, check_times
from policy_engine.tokens.claims import check_claim_types, check_required_claims, check_type, parse_claims
from policy_engine.tokens.examination import Examiner, TokenExamination
from policy_engine.tokens.fetching import Steps
from policy_engine.tokens.issuers import Issuer, IssuerIndex
from policy_engine.tokens.memory import Proven, ProvenTokens

__all__ = ["Verifier"]

LEEWAY_SECONDS: Final = 30
"""That two clocks may differ; RFC 7519 section 4.1.4 allows a few minutes, we need less."""

REMEMBERED_TOKENS: Final = 1024


class Verifier:
    """Verifies tokens of the configured issuers; many threads and an event loop may share one.

    Args:
        issuers: whom to trust.
        now: seconds since the epoch.
        leeway: seconds that clocks may differ.
        remember: proven tokens to keep, so that a signature is checked once; 0 keeps none.

    Raises:
        ConfigError: two issuers can't be told apart.
    """

    def __init__(
        self,
        issuers: Iterable[Issuer],
        now: Callable[[], float],
        leeway: int = LEEWAY_SECONDS,
        *,
        remember: int = REMEMBERED_TOKENS,
    ) -> None:
        self._issuers = IssuerIndex(issuers)
        self._now = now
        self._leeway = leeway
        self._proven = ProvenTokens(remember)

    def verify(
        self, token: str | bytes | None, audiences: Mapping[str, frozenset[str]]
    ) -> Steps[VerifiedToken]:
        """Verify a token for one server.

        Args:
            token: as it came, without the scheme.
            audiences: what the server accepts as `aud`, by the name of the issuer; a name that is missing:
                nothing.

        Raises:
            TokenError: see `policy_engine.model.CODES` for the codes.
        """
        if not token:
            raise TokenError("missing_token")
        try:
            proven = yield from self._prove(token)
        except JoseError as error:
            raise TokenError(error.code, error.note, detail=error.detail) from None
        claims, rules = proven.token.claims, proven.issuer.rules
        check_audience(claims, audiences.get(proven.issuer.name), rules)
        check_times(claims, self._now(), self._leeway, rules)
        return proven.token

    def examine(
        self,
        token: str | bytes | None,
        audiences: Mapping[str, frozenset[str]],
        *,
        with_keys: bool = True,
    ) -> Steps[TokenExamination]:
        """Look at a token check by check, for people who ask why; decides nothing, and remembers nothing.

        Never raises for what the token says. What `verify` would raise is the first error of the result,
        if keys are asked for.

        Args:
            token: as for `verify`.
            audiences: as for `verify`.
            with_keys: whether to ask for the issuer's keys; without them nothing that the token says is
                proven, and the result says so.
        """
        examiner = Examiner(self._issuers, audiences, self._now(), self._leeway)
        return examiner.look(token, with_keys=with_keys)

    def _prove(self, token: str | bytes) -> Steps[Proven]:
        known = self._proven.find(token)
        if known is not None:
            keys = yield from known.issuer.keys.keys(known.kid)
            # Other keys than those that proved it: the issuer may have withdrawn the one that counts.
            if keys is known.keys:
                return known
        unverified = peek(token)
        issuer = self._issuers.find(parse_claims(unverified.payload))
        hint = key_hint(unverified, issuer.rules.algorithms)
        keys = yield from issuer.keys.keys(hint.kid)
        proven = self._check(verify(token, keys, issuer.rules.algorithms), issuer, hint, keys)
        self._proven.keep(token, proven)
        return proven

    def _check(self, signed: VerifiedJws, issuer: Issuer, hint: KeyHint, keys: KeySet) -> Proven:
        claims = parse_claims(signed.payload)
        self._issuers.confirm(claims, issuer)
        check_type(signed.header, issuer.rules)
        check_required_claims(claims, issuer.rules)
        check_claim_types(claims)
        token = VerifiedToken(
            issuer=issuer.name, header=MappingProxyType(signed.header), claims=MappingProxyType(claims)
        )
        return Proven(token=token, issuer=issuer, kid=hint.kid, keys=keys)
