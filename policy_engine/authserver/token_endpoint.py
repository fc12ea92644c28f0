"""`POST /token`: form and credentials go in, a token or a refusal comes out (RFC 6749 sections 3.2 and 4.4).

In this order: count, read the form, authenticate the client, decide what it gets, sign, record, answer.
"""

from collections.abc import Callable
from dataclasses import dataclass

from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.client_auth import Authenticated, Authenticator, Claimed
from policy_engine.authserver.events import EventSink, IssuanceEvent, no_events
from policy_engine.authserver.grant import Grant, grant_access
from policy_engine.authserver.issue import IssuedToken, issue_token
from policy_engine.authserver.keys import SigningKeys
from policy_engine.authserver.limits import RateLimiter
from policy_engine.authserver.web import (
    NO_STORE,
    REFUSALS,
    HttpRequest,
    HttpResponse,
    RefusedError,
    json_response,
    read_form,
    refusal_response,
)
from policy_engine.errors import PolicyEngineError

__all__ = ["TokenEndpoint"]


@dataclass(slots=True, kw_only=True)
class _Course:
    """How far one request has come."""

    time: float
    claimed: Claimed | None = None
    authenticated: Authenticated | None = None
    grant: Grant | None = None
    token: IssuedToken | None = None

    def event(self, reason: str | None = None) -> IssuanceEvent:
        """What to report if it ends here."""
        claimed, proof = self.claimed, self.authenticated and self.authenticated.proof
        named = claimed.client if claimed else None
        return IssuanceEvent(
            time=self.time,
            issued=reason is None,
            reason=reason,
            client_id=named.client_id if named else None,
            authenticated=self.authenticated is not None,
            method=claimed.method if claimed else None,
            kid=self.token.kid if self.token else None,
            jti=self.token.jti if self.token else None,
            assertion_jti=proof.assertion_jti if proof else None,
            assertion_kid=proof.assertion_kid if proof else None,
            resource=self.grant.resource if self.grant else None,
            scopes=self.grant.scopes if self.grant else (),
            expires_at=self.token.expires_at if self.token else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEndpoint:
    """The token endpoint.

    Attributes:
        issuer: the issuer identifier.
        authenticator: who tells which client a request is from.
        catalogue: what tokens can be had for.
        keys: what signs them.
        now: the time, seconds since the epoch.
        new_jti: makes a token's id.
        events: takes what happened, one event a request, before the answer leaves.
        limiter: counts requests, and says which are too many.
    """

    issuer: str
    authenticator: Authenticator
    catalogue: Catalogue
    keys: SigningKeys
    now: Callable[[], float]
    new_jti: Callable[[], str]
    events: EventSink
    limiter: RateLimiter

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one POST."""
        course = _Course(time=self.now())
        try:
            try:
                response = self._issue(request, course)
            except RefusedError as refusal:
                self._count_failure(request, course, refusal)
                raise
            if self.events is not no_events:
                self.events(course.event())
        except RefusedError as refusal:
            return self._refuse(course, refusal.reason, refusal.wait)
        except PolicyEngineError:
            # A store, a key or the record is out of reach. Without them no token leaves.
            return self._refuse(course, "unavailable")
        return response

    def _issue(self, request: HttpRequest, course: _Course) -> HttpResponse:
        _require_room(self.limiter.arrived(request.source, course.time))
        form = read_form(request)
        form.require("grant_type")
        course.claimed = self.authenticator.claim(request, form)
        named = course.claimed.credentials.client_id
        _require_room(self.limiter.named(request.source, named, course.time))
        course.authenticated = self.authenticator.prove(course.claimed, course.time)
        course.grant = grant_access(course.authenticated.client, form, self.catalogue)
        course.token = issue_token(
            course.grant, issuer=self.issuer, key=self.keys.active(), now=course.time, jti=self.new_jti()
        )
        return _token_response(course.token, course.grant)

    def _count_failure(self, request: HttpRequest, course: _Course, refusal: RefusedError) -> None:
        if REFUSALS[refusal.reason].error == "invalid_client":
            named = course.claimed.credentials.client_id if course.claimed else None
            self.limiter.failed(request.source, named, course.time)

    def _refuse(self, course: _Course, reason: str, wait: float | None = None) -> HttpResponse:
        try:
            self.events(course.event(reason))
        except PolicyEngineError:
            reason, wait = "unavailable", None
        return refusal_response(reason, realm=self.issuer, wait=wait)


def _require_room(wait: float) -> None:
    if wait > 0:
        raise RefusedError("rate_limited", wait=wait)


def _token_response(token: IssuedToken, grant: Grant) -> HttpResponse:
    """RFC 6749 section 5.1; never a refresh token (section 4.4.3) nor an id token."""
    body = {
        "access_token": token.compact,
        "token_type": "Bearer",
        "expires_in": token.expires_in,
        "scope": " ".join(grant.scopes),
    }
    return json_response(200, body, NO_STORE)
