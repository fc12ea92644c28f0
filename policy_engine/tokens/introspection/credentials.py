"""How we tell an introspection endpoint who asks (RFC 7662 section 2.1, RFC 6749 section 2.3.1, RFC 7523)."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote_plus

from policy_engine.errors import TokenError
from policy_engine.jose import SigningKey, sign
from policy_engine.tokens.introspection.answer import introspection_unavailable

__all__ = [
    "ClientCredentials",
    "NoCredentials",
    "PrivateKeyJwt",
    "Proof",
    "SecretBasic",
    "SecretPost",
    "not_asked",
]

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_ASSERTION_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Proof:
    """What goes into one request; all of it is secret.

    Attributes:
        headers: of the request.
        fields: of the form in its body.
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)


class ClientCredentials(Protocol):
    """A client's credentials at one authorization server."""

    def proof(self) -> Proof:
        """What proves who we are, made for one request.

        Raises:
            TokenError: `introspection_unavailable`: there are none.
        """
        ...


class NoCredentials:
    """None at all: for looking at tokens where secrets aren't at hand. Nobody is asked."""

    def proof(self) -> Proof:
        """Nothing.

        Raises:
            TokenError: `introspection_unavailable`, always.
        """
        raise not_asked()


def not_asked() -> TokenError:
    """The issuer wasn't asked, though it alone knows what the token is."""
    return introspection_unavailable("no_credentials", "the token is opaque, and its issuer wasn't asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretBasic:
    """`client_secret_basic`: both parts are form-encoded before they are joined (RFC 6749 section 2.3.1)."""

    client_id: str
    secret: str = field(repr=False)

    def proof(self) -> Proof:
        """The header `Authorization`."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
        return Proof(headers=(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPost:
    """`client_secret_post`: id and secret are fields of the form."""

    client_id: str
    secret: str = field(repr=False)

    def proof(self) -> Proof:
        """The two fields."""
        return Proof(fields=(("client_id", self.client_id), ("client_secret", self.secret)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKeyJwt:
    """`private_key_jwt`: an assertion for this request alone, for this issuer alone (RFC 7523bis).

    Attributes:
        client_id: ours, at the issuer.
        key: what signs.
        audience: the issuer. An endpoint's address would do at some, and let whoever can change the metadata
            use our assertion elsewhere.
        now: seconds since the epoch.
        unique: makes a text that was never made before.
    """

    client_id: str
    key: SigningKey
    audience: str
    now: Callable[[], float]
    unique: Callable[[], str] = secrets.token_urlsafe

    def proof(self) -> Proof:
        """The fields of RFC 7523 section 2.2."""
        now = int(self.now())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience,
            "jti": self.unique(),
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
        }
        assertion = sign(claims, self.key, typ="client-authentication+jwt")
        return Proof(
            fields=(
                ("client_id", self.client_id),
                ("client_assertion_type", _ASSERTION_TYPE),
                ("client_assertion", assertion),
            )
        )
