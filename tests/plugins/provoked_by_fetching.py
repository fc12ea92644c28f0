"""What leads to each code of an issuer that can't be asked: sites on this machine that answer amiss."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from policy_engine.errors import TokenError
from policy_engine.tokens import (
    HttpFetcher,
    Introspection,
    NoCredentials,
    NoKeys,
    RemoteKeys,
    SecretBasic,
    Steps,
    drive,
)
from tests.plugins.provoking import EVERYONE, Provocation, Room, site
from tests.plugins.raised_codes import Pair

__all__ = ["BY_FETCHING"]

METADATA = "/.well-known/oauth-authorization-server"
LOGIN = "https://login.example.com"
NOT_JSON = (200, b"<html>Please log in</html>")

Pages = Mapping[str, tuple[int, Any]]


@contextmanager
def nobody() -> Iterator[str]:
    """An address where nobody answers any more."""
    with site({}) as url:
        pass
    yield url


def corp(room: Room, url: str, *, named: bool) -> dict[str, Any]:
    """The issuer `corp`, at the site or at an address of its own."""
    return {**room.world.issuers()["corp"], "issuer": url if named else LOGIN}


def keys_at(pages: Pages | None, *, discovered: bool = False) -> Provocation:
    """A token of an issuer whose keys are on a site: where the operator says, or where its metadata do."""

    def provoke(room: Room) -> Pair:
        with nobody() if pages is None else site(pages) as url:
            issuer = corp(room, url, named=discovered)
            issuer["keys"] = None if discovered else {"uri": f"{url}/jwks"}
            token = room.world.human(iss=issuer["issuer"])
            return room.ask(token, policies=EVERYONE, issuers={"corp": issuer}, development=True)

    return provoke


def asked_at(pages: Pages | None, *, discovered: bool = False) -> Provocation:
    """An opaque token, about which an issuer is asked that is on a site."""

    def provoke(room: Room) -> Pair:
        with nobody() if pages is None else site(pages) as url:
            issuer = corp(room, url, named=discovered)
            where = {} if discovered else {"uri": f"{url}/introspect"}
            issuer["introspection"] = {"client_id": "proxy", "client_secret": "not-one", **where}
            resource = room.world.human_claims()["aud"]
            servers = {"github": {"resource": resource, "introspection": "corp"}}
            return room.ask(
                "2YotnFZFEjr1zCsicMWpAA",
                issuers={"corp": issuer},
                servers=servers,
                policies=EVERYONE,
                development=True,
            )

    return provoke


def by_steps(make: Callable[[Room], Steps[Any]]) -> Provocation:
    """What steps of stage 1 come to; they are refused before they fetch anything."""

    def provoke(room: Room) -> Pair:
        with pytest.raises(TokenError) as caught:
            drive(make(room), HttpFetcher())
        return caught.value.code, caught.value.detail

    return provoke


def fifth_caller(room: Room) -> Pair:
    """Four callers are fetching the first keys, and another comes."""
    keys = RemoteKeys(jwks_uri=f"{LOGIN}/jwks", issuer_url=LOGIN, now=lambda: room.world.now)
    under_way = [keys.keys(None) for _ in range(4)]
    for steps in under_way:
        next(steps)
    return by_steps(lambda _: keys.keys(None))(room)


def opaque(room: Room, **changes: Any) -> Introspection:
    """What asks `corp` about opaque tokens."""
    values = {"uri": f"{LOGIN}/introspect", "credentials": NoCredentials(), **changes}
    return Introspection(issuer_url=LOGIN, now=lambda: room.world.now, **values)


def seventeenth_token(room: Room) -> Pair:
    """An issuer is being asked about sixteen tokens, and another comes."""
    asking = opaque(room, credentials=SecretBasic(client_id="proxy", secret="not-one"))
    under_way = [asking.claims(f"token-{number}") for number in range(16)]
    for steps in under_way:
        next(steps)
    return by_steps(lambda _: asking.claims("token-16"))(room)


BY_FETCHING: Mapping[Pair, Provocation] = {
    ("keys_unavailable", "fetch_under_way"): fifth_caller,
    ("keys_unavailable", "fetch_failed"): keys_at(None),
    ("keys_unavailable", "http_status"): keys_at({"/jwks": (503, b"")}),
    ("keys_unavailable", "not_json"): keys_at({"/jwks": NOT_JSON}),
    ("keys_unavailable", "not_a_key_set"): keys_at({"/jwks": (200, {"error": "not found"})}),
    ("keys_unavailable", "issuer_mismatch"): keys_at(
        {METADATA: (200, {"issuer": "$url/", "jwks_uri": "$url/jwks"})}, discovered=True
    ),
    ("keys_unavailable", "untrusted_jwks_uri"): keys_at(
        {METADATA: (200, {"issuer": "$url", "jwks_uri": "https://keys.example.net/jwks"})}, discovered=True
    ),
    ("keys_unavailable", "no_keys"): by_steps(lambda _: NoKeys().keys(None)),
    ("inactive_token", None): asked_at({"/introspect": (200, {"active": False})}),
    ("introspection_unavailable", "no_credentials"): by_steps(lambda room: opaque(room).claims("2YotnF")),
    ("introspection_unavailable", "busy"): seventeenth_token,
    ("introspection_unavailable", "fetch_failed"): asked_at(None),
    ("introspection_unavailable", "http_status"): asked_at({"/introspect": (401, b"")}),
    ("introspection_unavailable", "not_json"): asked_at({"/introspect": NOT_JSON}),
    ("introspection_unavailable", "issuer_mismatch"): asked_at(
        {METADATA: (200, {"issuer": "$url/"})}, discovered=True
    ),
    ("introspection_unavailable", "no_endpoint"): asked_at(
        {METADATA: (200, {"issuer": "$url"})}, discovered=True
    ),
    ("introspection_unavailable", "untrusted_endpoint"): asked_at(
        {METADATA: (200, {"issuer": "$url", "introspection_endpoint": "https://x.example.net/"})},
        discovered=True,
    ),
}
