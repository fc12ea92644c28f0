"""The authorization server: its endpoints, composed, and nothing else at any other path.

It issues `client_credentials` tokens to clients that an operator registered. It registers nobody, asks no
person, and fetches nothing.
"""

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.client_auth import Authenticator, ReplayStore
from policy_engine.authserver.clients import ClientRegistry
from policy_engine.authserver.events import EventSink, no_events
from policy_engine.authserver.issuer import Issuer
from policy_engine.authserver.keys import SigningKeys, jwks_response
from policy_engine.authserver.limits import RateLimiter, Unlimited
from policy_engine.authserver.metadata import MetadataProfile, metadata_document
from policy_engine.authserver.token_endpoint import TokenEndpoint
from policy_engine.authserver.web import HttpRequest, HttpResponse, json_response, refusal_response
from policy_engine.errors import ConfigError, PolicyEngineError

__all__ = ["AuthorizationServer"]

_METADATA_HEADERS: Final = (("Cache-Control", "public, max-age=300"),)

_JTI_BYTES: Final = 24

_UNLIMITED: Final = Unlimited()

Handler = Callable[[HttpRequest], HttpResponse]


class AuthorizationServer:
    """A sans-IO server; an adapter gives it requests and sends its answers.

    Args:
        issuer: `https://host[:port][/path]`, and the prefix of the endpoints.
        clients: who is registered.
        keys: what signs access tokens.
        catalogue: the resources and scopes that tokens can be had for.
        replay_store: where used assertions are remembered, shared by all replicas.
        now: the time, seconds since the epoch.
        new_jti: makes a token's id, of at least 128 random bits.
        events: takes one event for each request for a token, before its answer; where it raises a
            PolicyEngineError, the answer is 503.
        rate_limiter: counts requests for tokens, and says which are too many.
        metadata_profile: `strict`, `sdk_compat` or `conformance`.
        assertion_aud_trailing_slash_tolerant: whether an assertion's audience may have a slash after the
            issuer, as some URL libraries write it.
        development: whether the issuer may be http on a loopback host.

    Raises:
        ConfigError: the issuer or the profile can't be used.
    """

    def __init__(
        self,
        *,
        issuer: str,
        clients: ClientRegistry,
        keys: SigningKeys,
        catalogue: Catalogue,
        replay_store: ReplayStore,
        now: Callable[[], float],
        new_jti: Callable[[], str] = lambda: secrets.token_urlsafe(_JTI_BYTES),
        events: EventSink = no_events,
        rate_limiter: RateLimiter = _UNLIMITED,
        metadata_profile: str = MetadataProfile.SDK_COMPAT,
        assertion_aud_trailing_slash_tolerant: bool = False,
        development: bool = False,
    ) -> None:
        self._issuer = Issuer.parse(issuer, development=development)
        self._keys = keys
        self._metadata = metadata_document(self._issuer, catalogue, _profile(metadata_profile))
        slashed = {f"{issuer}/"} if assertion_aud_trailing_slash_tolerant else set()
        authenticator = Authenticator(
            audiences=frozenset({issuer} | slashed), clients=clients, replays=replay_store
        )
        endpoint = TokenEndpoint(
            issuer=issuer,
            authenticator=authenticator,
            catalogue=catalogue,
            keys=keys,
            now=now,
            new_jti=new_jti,
            events=events,
            limiter=rate_limiter,
        )
        self._routes = self._table(endpoint)

    @property
    def issuer(self) -> str:
        """The issuer identifier."""
        return self._issuer.url

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; an exception that leaves here is a bug, or one of a port that isn't ours."""
        route = self._routes.get(request.path)
        if route is None:
            return json_response(404, {"error": "not_found"})
        handler = route.get(request.method)
        if handler is None:
            refusal = refusal_response("method_not_allowed", realm=self.issuer)
            allow = (("Allow", ", ".join(route)),)
            return HttpResponse(status=refusal.status, headers=refusal.headers + allow, body=refusal.body)
        return handler(request)

    def _table(self, endpoint: TokenEndpoint) -> Mapping[str, Mapping[str, Handler]]:
        """Path and method of everything that is answered."""
        place = self._issuer.endpoint_path
        table: dict[str, Mapping[str, Handler]] = {
            place("token"): {"POST": endpoint.handle},
            place("jwks.json"): _readable(self._jwks),
        }
        table |= dict.fromkeys(self._issuer.metadata_paths(), _readable(self._describe))
        if "authorization_endpoint" in self._metadata:
            table[place("authorize")] = _readable(self._authorize)
        return MappingProxyType(table)

    def _jwks(self, _request: HttpRequest) -> HttpResponse:
        try:
            return jwks_response(self._keys)
        except PolicyEngineError:
            return refusal_response("unavailable", realm=self.issuer)

    def _describe(self, _request: HttpRequest) -> HttpResponse:
        return json_response(200, self._metadata, _METADATA_HEADERS)

    def _authorize(self, _request: HttpRequest) -> HttpResponse:
        """Refuse everyone, here: no client has a redirect URI, so there is nowhere to send anyone."""
        return refusal_response("no_authorization", realm=self.issuer)


def _readable(handler: Handler) -> Mapping[str, Handler]:
    return MappingProxyType({"GET": handler, "HEAD": handler})


def _profile(name: str) -> MetadataProfile:
    try:
        return MetadataProfile(name)
    except ValueError:
        raise ConfigError(
            "`metadata_profile` isn't known",
            remedy=f"choose one of {', '.join(MetadataProfile)}",
            code="metadata",
        ) from None
