"""Ask one issuer whether an opaque token of its own is active, and what it says (RFC 7662)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from policy_engine.errors import TokenError
from policy_engine.tokens.fetching import Fetch, Steps, Wait
from policy_engine.tokens.http_fetcher import TIMEOUT_SECONDS
from policy_engine.tokens.introspection.answer import (
    MAX_ANSWER_BYTES,
    introspection_unavailable,
    read_answer,
)
from policy_engine.tokens.introspection.answers import Answer, Answers
from policy_engine.tokens.introspection.credentials import ClientCredentials, Proof
from policy_engine.tokens.introspection.endpoint import Endpoint
from policy_engine.tokens.introspection.flights import Flight

__all__ = ["Introspection"]

WAIT_SECONDS: Final = 6.0
"""For somebody else's request about the same token: what one takes, and a little more."""

PLACE_SECONDS: Final = TIMEOUT_SECONDS
"""For a place among those who ask: as long as those take at most who have one."""

_FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")


class Introspection:
    """What one issuer says of its opaque tokens; many threads and an event loop may share one.

    Args:
        issuer_url: the exact `iss`.
        uri: of the endpoint; None: ask the issuer's metadata.
        credentials: who we are to the issuer.
        now: seconds since the epoch.
        cache_seconds: that an answer counts: how long a token that was revoked may still be used.
        prefixes: what its opaque tokens begin with; empty: that isn't known.
        allow_loopback_http: development only: http on this machine will do.

    Raises:
        ConfigError: the address to ask isn't https (or http on this machine, where that is allowed).
    """

    def __init__(
        self,
        *,
        issuer_url: str,
        uri: str | None,
        credentials: ClientCredentials,
        now: Callable[[], float],
        cache_seconds: float = 10,
        prefixes: Iterable[str] = (),
        allow_loopback_http: bool = False,
    ) -> None:
        self._endpoint = Endpoint(
            uri=uri, issuer_url=issuer_url, now=now, allow_loopback_http=allow_loopback_http
        )
        self._credentials = credentials
        self._now = now
        self._cache_seconds = cache_seconds
        self._answers = Answers(now)
        self.prefixes = tuple(prefixes)

    def claims(self, token: str) -> Steps[Mapping[str, Any]]:
        """What the issuer says of an active token, of any form.

        Args:
            token: opaque, as `opaque_text` gives it.

        Raises:
            TokenError: `inactive_token`; `introspection_unavailable`: nothing can be learnt now.
        """
        found, mine = self._answers.find(token)
        if isinstance(found, Flight):
            found = yield from self._ask(found, token) if mine else self._wait(found)
        if found.claims is None:
            raise TokenError("inactive_token", "the issuer says that the token isn't active")
        return found.claims

    def _ask(self, flight: Flight, token: str) -> Steps[Answer]:
        try:
            if not flight.cleared.done():
                yield Wait(flight.cleared, PLACE_SECONDS)
                self._take_place(flight)
            began = self._now()
            proof = self._credentials.proof()
            uri = yield from self._endpoint.find()
            claims = read_answer((yield _request(uri, token, proof)))
            answer = flight.outcome = Answer(claims, began, self._good_for(claims, began))
        except TokenError as error:
            flight.problem = (error.detail or "", error.note)
            raise
        finally:  # also where whoever asked has gone away
            self._answers.land(flight)
        return answer

    def _take_place(self, flight: Flight) -> None:
        if not self._answers.may_ask(flight):
            raise introspection_unavailable("busy", "too many tokens are being asked about")

    def _wait(self, flight: Flight) -> Steps[Answer]:
        try:
            yield Wait(flight.landed, WAIT_SECONDS)
        finally:
            self._answers.leave()
        if not flight.landed.done():
            raise introspection_unavailable("busy", "somebody else's request about the token takes too long")
        if isinstance(flight.outcome, Answer):
            return flight.outcome
        raise introspection_unavailable(*flight.problem)

    def _good_for(self, claims: Mapping[str, Any] | None, now: float) -> float:
        exp = None if claims is None else claims.get("exp")
        if not isinstance(exp, int | float):  # whoever judges the claims refuses it
            return self._cache_seconds
        return min(self._cache_seconds, exp - now)


def _request(uri: str, token: str, proof: Proof) -> Fetch:
    fields = (("token", token), ("token_type_hint", "access_token"), *proof.fields)
    return Fetch(
        uri,
        method="POST",
        headers=(_FORM, *proof.headers),
        body=urlencode(fields).encode("ascii"),
        max_bytes=MAX_ANSWER_BYTES,
    )
