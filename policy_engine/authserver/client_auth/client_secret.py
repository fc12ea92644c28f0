"""`client_secret_basic` and `client_secret_post` (RFC 6749 section 2.3.1, RFC 7617)."""

import base64

from policy_engine.authserver.client_auth.method import Credentials, Method, Proof, Terms
from policy_engine.authserver.clients import MAX_SECRETS, RegisteredClient, Secret, SecretHash
from policy_engine.authserver.web import Form, HttpRequest, RefusedError, decode_component

__all__ = ["CLIENT_SECRET_BASIC", "CLIENT_SECRET_POST"]

_NOBODY = (SecretHash("0" * 64),) * MAX_SECRETS
"""Hashes of no known text, to compare with where a client has fewer secrets, or isn't there."""


def _basic_offered(request: HttpRequest, _form: Form) -> bool:
    return bool(request.values("Authorization"))


def _read_basic(request: HttpRequest, _form: Form) -> Credentials:
    headers = request.values("Authorization")
    if len(headers) > 1:
        raise RefusedError("several_credentials")
    scheme, _, encoded = headers[0].partition(" ")
    if scheme.lower() != "basic":
        raise RefusedError("unsupported_scheme")
    try:
        name, colon, secret = _base64_text(encoded.strip(" ")).partition(":")
        # Appendix B of RFC 6749: both parts are form-encoded; to the ids and secrets of this server, which
        # some clients send without encoding them, that makes no difference.
        client_id, secret = decode_component(name), decode_component(secret)
    except ValueError:
        raise RefusedError("malformed_basic") from None
    if not colon or not client_id or not secret:
        raise RefusedError("malformed_basic")
    return Credentials(client_id=client_id, value=Secret(secret))


def _base64_text(encoded: str) -> str:
    data = base64.b64decode(encoded)
    # Decoders pass over foreign characters and stray bits; one text is one credential.
    if base64.b64encode(data).decode("ascii") != encoded:
        raise ValueError("not canonical")
    return data.decode("utf-8")


def _post_offered(_request: HttpRequest, form: Form) -> bool:
    return form.get("client_secret") is not None


def _read_post(_request: HttpRequest, form: Form) -> Credentials:
    return Credentials(client_id=form.require("client_id"), value=Secret(form.require("client_secret")))


def _prove(credentials: Credentials, client: RegisteredClient, terms: Terms) -> Proof:
    matching = _matching(credentials.value, client.secret_hashes)
    if not matching:
        raise RefusedError("wrong_secret")
    if not any(known.valid_at(terms.now) for known in matching):
        raise RefusedError("expired_secret")
    return Proof()


def _pretend(credentials: Credentials) -> None:
    _matching(credentials.value, ())


def _matching(secret: Secret, hashes: tuple[SecretHash, ...]) -> list[SecretHash]:
    """The hashes of a secret; as many comparisons for no client as for any, whichever matches."""
    padded = (*hashes, *_NOBODY)[:MAX_SECRETS]
    return [known for known in padded if known.matches(secret) and known in hashes]


CLIENT_SECRET_BASIC = Method(offered=_basic_offered, read=_read_basic, prove=_prove, pretend=_pretend)
CLIENT_SECRET_POST = Method(offered=_post_offered, read=_read_post, prove=_prove, pretend=_pretend)
