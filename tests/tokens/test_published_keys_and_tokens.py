"""Tokens and the keys that an issuer publishes, together."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.errors import TokenError
from policy_engine.jose import SigningKey, sign
from policy_engine.tokens import RemoteKeys, TokenRules


def remote(site: Any, clock: Any) -> RemoteKeys:
    """The keys at the site's pinned address."""
    return RemoteKeys(
        jwks_uri=site.url + "/jwks",
        issuer_url="https://login.example.com",
        now=clock,
        allow_loopback_http=True,
    )


def test_verification_survives_a_rotation(site: Any, corp: Any, run: Callable[..., Any]) -> None:
    """Tokens of the old and of the new key are verified, and then only those of the new one."""
    new = SigningKey.generate("EdDSA", kid="corp-2")
    site.put("/jwks", {"keys": [corp.key.public_jwk()]})
    verifier = corp.verifier_with(remote(site, corp.clock))
    audiences = {"corp": frozenset({corp.claims["aud"]})}

    def fares(token: str) -> str:
        try:
            run(verifier.verify(token, audiences))
        except TokenError as error:
            return f"{error.code} ({error.detail})"
        return "verified"

    old_token = corp.mint({"exp": corp.clock.time + 3600})
    new_token = sign({**corp.claims, "exp": corp.clock.time + 3600}, new, typ="at+jwt")
    answers = [fares(old_token), fares(new_token)]
    site.put("/jwks", {"keys": [corp.key.public_jwk(), new.public_jwk()]})
    corp.clock.time += 30
    answers += [fares(old_token), fares(new_token)]
    site.put("/jwks", {"keys": [new.public_jwk()]})
    corp.clock.time += 600
    answers += [fares(old_token), fares(new_token)]
    site.put("/jwks", b"down", status=500)
    corp.clock.time += 600
    answers += [fares(old_token), fares(new_token)]

    withdrawn = "invalid_signature (unknown_key)"
    assert answers == ["verified", withdrawn, "verified", "verified", *[withdrawn, "verified"] * 2]


def test_an_issuer_without_keys_is_unavailable(site: Any, corp: Any, run: Callable[..., Any]) -> None:
    """The caller is told to come back, not that the token is bad."""
    verifier = corp.verifier_with(remote(site, corp.clock))
    with pytest.raises(TokenError) as caught:
        run(verifier.verify(corp.mint(), {"corp": frozenset({corp.claims["aud"]})}))

    assert (caught.value.code, caught.value.detail) == ("keys_unavailable", "http_status")


def test_a_token_that_no_key_could_save_fetches_nothing(
    site: Any, corp: Any, run: Callable[..., Any]
) -> None:
    """Neither a foreign issuer nor an unknown algorithm is a reason to ask."""
    verifier = corp.verifier_with(remote(site, corp.clock), TokenRules(algorithms=frozenset({"ES256"})))
    hs256 = "eyJhbGciOiJIUzI1NiJ9." + corp.mint().partition(".")[2]
    for token in (corp.mint({"iss": "https://attacker.example"}), hs256, corp.mint(), "a.b.c"):
        with pytest.raises(TokenError) as caught:
            run(verifier.verify(token, {}))
        assert caught.value.code != "keys_unavailable"

    assert site.hits == []
