"""`private_key_jwt`: the client signs an assertion with its own key (RFC 7521, 4.2; RFC 7523, 3).

RFC 7523bis narrows the audience to our issuer, alone: otherwise a hostile server could name our token
endpoint as its own, and pass on to us the assertion that it is given.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from policy_engine.authserver.client_auth.assertion_claims import check_claims
from policy_engine.authserver.client_auth.method import Credentials, Method, Proof, Terms
from policy_engine.authserver.client_auth.nobody import key_of_nobody, nobodys_size, size_of
from policy_engine.authserver.client_auth.replay import AssertionUse
from policy_engine.authserver.clients import MAX_CLIENT_KEYS, RegisteredClient, Secret
from policy_engine.authserver.web import Form, HttpRequest, RefusedError
from policy_engine.errors import JoseError
from policy_engine.jose import (
    ALGORITHMS,
    KeySet,
    UnverifiedJws,
    key_hint,
    peek,
    verify,
)
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["ASSERTION_ALGORITHMS", "ASSERTION_TYPE", "PRIVATE_KEY_JWT"]

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

ASSERTION_ALGORITHMS: Final = tuple(ALGORITHMS)
"""What an assertion may be signed with; all asymmetric."""

_MAX_ASSERTION_CHARS: Final = 8 * 1024

_TYPES: Final = frozenset({"jwt", "client-authentication+jwt"})
"""Header types of assertions: the one of RFC 7523bis, and the one that MCP's SDKs write; none will do too.

Any other says that the token was made for something else: an access token, a logout token, a DPoP proof.
"""

_WAIT_FOR_ROOM: Final = 30.0
"""Seconds after which assertions have ended, so that there is room for more."""


def _offered(_request: HttpRequest, form: Form) -> bool:
    return form.get("client_assertion") is not None or form.get("client_assertion_type") is not None


def _read(_request: HttpRequest, form: Form) -> Credentials:
    assertion, kind = form.require("client_assertion"), form.require("client_assertion_type")
    if kind != ASSERTION_TYPE:
        raise RefusedError("unsupported_assertion_type")
    if len(assertion) > _MAX_ASSERTION_CHARS:
        raise RefusedError("malformed_assertion")
    try:
        jws = peek(assertion)
        claims = parse(jws.payload)
    except (JoseError, JsonError):
        raise RefusedError("malformed_assertion") from None
    # Unproven: it serves to find the keys that might prove it.
    client_id = claims.get("sub") if isinstance(claims, dict) else None
    if not isinstance(client_id, str):
        raise RefusedError("malformed_assertion")
    return Credentials(client_id=client_id, value=Secret(assertion), assertion=(jws, claims))


def _prove(credentials: Credentials, client: RegisteredClient, terms: Terms) -> Proof:
    jws, said = _assertion(credentials)
    prescribed = client.token_endpoint_auth_signing_alg
    _verify(jws, client.keys, ASSERTION_ALGORITHMS if prescribed is None else (prescribed,))
    _check_type(jws.header.get("typ"), given="typ" in jws.header)
    # What is proven is what was taken apart, the same bytes: read once, they are read for good.
    claims = check_claims(said, client.client_id, terms.audiences, terms.now)
    # Last, so that only the client itself can use up its ids.
    use = terms.replays.use(client.client_id, claims.jti, expires_at=claims.refused_from, now=terms.now)
    if use is AssertionUse.FULL:
        raise RefusedError("replay_store_full", wait=_WAIT_FOR_ROOM)
    if use is not AssertionUse.FIRST:
        raise RefusedError("assertion_replayed")
    return Proof(assertion_jti=claims.jti, assertion_kid=jws.header.get("kid"))


def _assertion(credentials: Credentials) -> tuple[UnverifiedJws, Mapping[str, Any]]:
    if credentials.assertion is None:
        raise RefusedError("malformed_assertion")
    return credentials.assertion


def _verify(jws: UnverifiedJws, keys: KeySet, algorithms: tuple[str, ...]) -> None:
    """Check the signature; where it doesn't hold, after as many keys for no client as for any.

    Otherwise time would tell who is registered, and with how many keys.
    """
    try:
        verify(jws, keys, algorithms)
    except JoseError:
        _verify_more(jws, keys, algorithms)
        raise RefusedError("assertion_unverified") from None


def _verify_more(jws: UnverifiedJws, keys: KeySet, algorithms: tuple[str, ...]) -> None:
    """As many checks as there would have been with the most keys that a client can have."""
    with suppress(JoseError):
        hint = key_hint(jws, ASSERTION_ALGORITHMS)
        name = hint.algorithm.name
        size = nobodys_size(hint.algorithm, jws.signature)
        tried = keys.candidates(hint.kid, hint.algorithm) if name in algorithms else ()
        made = sum(size is None or size_of(key) == size for key in tried)
        # They bear the name that the assertion asks for, since others would not be tried.
        nobody = replace(key_of_nobody(name, size), kid=hint.kid)
        verify(jws, KeySet((nobody,) * (MAX_CLIENT_KEYS - made)), (name,))


def _check_type(typ: object, *, given: bool) -> None:
    """RFC 7515 section 4.1.9: media types compare without case, and `application/` may be left out."""
    if given and (not isinstance(typ, str) or typ.lower().removeprefix("application/") not in _TYPES):
        raise RefusedError("assertion_typ")


def _pretend(credentials: Credentials) -> None:
    with suppress(RefusedError):
        _verify(_assertion(credentials)[0], KeySet(), ASSERTION_ALGORITHMS)


PRIVATE_KEY_JWT = Method(offered=_offered, read=_read, prove=_prove, pretend=_pretend)
