"""Assertions that ask for a token, and the token that they get: for the server and its peer alike."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from policy_engine.authserver import ASSERTION_TYPE, client_assertion
from policy_engine.jose import KeySet, SigningKey, VerificationKey, sign, verify
from tests.benchmarks.world import Json

__all__ = ["GITHUB", "SCOPE", "Keys"]

GITHUB, SCOPE = "https://mcp.example.com/github", "issues:write"


@dataclass(frozen=True, kw_only=True)
class Keys:
    """A client's key and a server's, of one algorithm."""

    client: SigningKey
    server: SigningKey

    @classmethod
    def new(cls, algorithm: str = "ES256") -> "Keys":
        """Two new ones."""
        return cls(client=SigningKey.generate(algorithm), server=SigningKey.generate(algorithm))

    def assertion(self, issuer: str) -> str:
        """One that nobody saw before."""
        return client_assertion("ci-bot", issuer, self.client, time.time(), lifetime=300)

    def form(self, issuer: str) -> bytes:
        """A good request."""
        values = {
            "grant_type": "client_credentials",
            "resource": GITHUB,
            "scope": SCOPE,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(issuer),
        }
        return urlencode(values).encode()

    def both(self) -> Callable[[str], str]:
        """Verify an assertion, and sign a token."""
        known = KeySet((VerificationKey.from_jwk(self.client.public_jwk()),))
        algorithms = (self.client.algorithm,)

        def work(assertion: str) -> str:
            verify(assertion, known, algorithms)
            return sign(_claims(), self.server, typ="at+jwt")

        return work


def _claims() -> Json:
    """Those of a token."""
    now = int(time.time())
    return {
        "iss": "https://as.example.com",
        "aud": GITHUB,
        "exp": now + 300,
        "iat": now,
        "nbf": now,
        "jti": secrets.token_urlsafe(24),
        "client_id": "ci-bot",
        "sub": "ci-bot",
        "scope": SCOPE,
        "gty": "client_credentials",
        "sub_profile": "service",
    }
