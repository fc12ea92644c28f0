"""Keys of an issuer that only its metadata can tell: whom to believe, and how far."""

import json
from typing import Any

import pytest

from policy_engine.errors import TokenError
from policy_engine.jose import SigningKey
from policy_engine.tokens import Fetch, Fetched, FetchFailed, RemoteKeys

OAUTH = "/.well-known/oauth-authorization-server/realms/corp"
APPENDED = "/realms/corp/.well-known/openid-configuration"
INSERTED = "/.well-known/openid-configuration/realms/corp"


def discovered(site: Any, corp: Any) -> RemoteKeys:
    """The keys of the site's issuer, wherever it says they are."""
    return RemoteKeys(
        jwks_uri=None, issuer_url=site.url + "/realms/corp", now=corp.clock, allow_loopback_http=True
    )


def metadata(site: Any, **changes: Any) -> dict[str, Any]:
    """Good metadata of the site's issuer, changed."""
    return {"issuer": site.url + "/realms/corp", "jwks_uri": site.url + "/certs", **changes}


def publish_keys(site: Any) -> None:
    """Put a key set where good metadata say."""
    site.put("/certs", {"keys": [SigningKey.generate("EdDSA", kid="a").public_jwk()]})


def outcome(run: Any, keys: RemoteKeys) -> Any:
    """The names of the keys, or the detail of the refusal."""
    try:
        return [key.kid for key in run(keys.keys("a")).keys]
    except TokenError as error:
        assert error.code == "keys_unavailable"
        return error.detail


@pytest.mark.parametrize(
    ("path", "hits"),
    [
        (OAUTH, [OAUTH, "/certs"]),
        (APPENDED, [OAUTH, APPENDED, "/certs"]),
        (INSERTED, [OAUTH, APPENDED, INSERTED, "/certs"]),
    ],
)
def test_metadata_are_found_in_each_of_their_places(
    site: Any, corp: Any, run: Any, path: str, hits: list[str]
) -> None:
    """RFC 8414 first, then OpenID Connect Discovery in both spellings."""
    publish_keys(site)
    site.put(path, metadata(site))

    assert outcome(run, discovered(site, corp)) == ["a"]
    assert site.hits == hits


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"issuer":', b'{"issuer":"a","issuer":"b"}'])
def test_a_page_that_is_no_metadata_is_passed_over(site: Any, corp: Any, run: Any, body: bytes) -> None:
    """Some servers answer 200 to anything."""
    publish_keys(site)
    site.put(OAUTH, body)
    site.put(APPENDED, metadata(site))

    assert outcome(run, discovered(site, corp)) == ["a"]


def test_the_address_is_asked_for_again_with_the_keys(site: Any, corp: Any, run: Any) -> None:
    """An issuer may move its keys."""
    publish_keys(site)
    site.put(OAUTH, metadata(site))
    keys = discovered(site, corp)
    first = outcome(run, keys)
    site.put("/moved", {"keys": [SigningKey.generate("EdDSA", kid="b").public_jwk()]})
    site.put(OAUTH, metadata(site, jwks_uri=site.url + "/moved"))
    corp.clock.time += 600

    assert [first, outcome(run, keys)] == [["a"], ["b"]]


def test_an_issuer_without_metadata_is_unavailable(site: Any, corp: Any, run: Any) -> None:
    """All places were tried."""
    assert outcome(run, discovered(site, corp)) == "http_status"
    assert site.hits == [OAUTH, APPENDED, INSERTED]


def test_an_issuer_that_answers_nonsense_everywhere_says_so(site: Any, corp: Any, run: Any) -> None:
    """A document of the wrong kind tells the operator more than a missing one."""
    site.put(OAUTH, b"<html>")

    assert outcome(run, discovered(site, corp)) == "not_json"


@pytest.mark.parametrize("template", ["{}/", "https://attacker.example", "", None])
def test_metadata_of_another_issuer_are_not_believed(
    site: Any, corp: Any, run: Any, template: str | None
) -> None:
    """RFC 8414 section 3.3: the issuer must be the very one that was asked for."""
    publish_keys(site)
    named = template and template.format(site.url + "/realms/corp")
    site.put(OAUTH, metadata(site, issuer=named))

    assert outcome(run, discovered(site, corp)) == "issuer_mismatch"
    assert "/certs" not in site.hits


@pytest.mark.parametrize(
    "jwks_uri",
    [
        None,
        7,
        "",
        "/certs",
        "//127.0.0.1/certs",
        "https://attacker.example/certs",
        "http://localhost/certs",
        "http://127.0.0.1:1/certs",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
    ],
)
def test_metadata_do_not_lead_to_another_host(site: Any, corp: Any, run: Any, jwks_uri: Any) -> None:
    """Whoever could change one line of the metadata could otherwise choose the keys, or our targets."""
    site.put(OAUTH, metadata(site, jwks_uri=jwks_uri))

    assert outcome(run, discovered(site, corp)) == "untrusted_jwks_uri"
    assert site.hits == [OAUTH]


def test_metadata_may_not_weaken_https(corp: Any) -> None:
    """Same host, same port, and the same scheme; a user in the address makes it another address."""
    issuer = "https://login.example.com:8443/realms/corp"
    for jwks_uri in (
        "http://login.example.com:8443/certs",
        "https://login.example.com/certs",
        "https://login.example.com:8444/certs",
        "https://login.example.com.attacker.example:8443/certs",
        "https://login.example.com:8443@attacker.example/certs",
    ):
        steps = RemoteKeys(jwks_uri=None, issuer_url=issuer, now=corp.clock).keys("a")
        first = next(steps)
        body = b'{"issuer":"%s","jwks_uri":"%s"}' % (issuer.encode(), jwks_uri.encode())
        with pytest.raises(TokenError) as caught:
            steps.send(Fetched(200, body))

        assert first == Fetch(
            "https://login.example.com:8443/.well-known/oauth-authorization-server/realms/corp"
        )
        assert caught.value.detail == "untrusted_jwks_uri"


def test_an_outage_is_not_waited_for_at_each_place(corp: Any) -> None:
    """The same host wouldn't answer at another path either."""
    steps = RemoteKeys(jwks_uri=None, issuer_url="https://login.example.com", now=corp.clock).keys("a")
    next(steps)
    with pytest.raises(TokenError) as caught:
        steps.send(FetchFailed("timeout"))

    assert (caught.value.code, caught.value.detail) == ("keys_unavailable", "fetch_failed")
    assert caught.value.note == "`login.example.com` didn't answer: timeout"


def test_a_discovered_key_set_is_no_redirect(site: Any, corp: Any, run: Any) -> None:
    """The host was checked once; nothing may lead away from it afterwards."""
    site.put(OAUTH, metadata(site))
    site.put("/certs", b"", status=302, headers={"Location": "https://attacker.example/certs"})

    assert outcome(run, discovered(site, corp)) == "http_status"


def test_a_fetcher_that_returns_too_much_is_not_believed(corp: Any) -> None:
    """The core keeps its own bound, whoever fetches."""
    steps = RemoteKeys(jwks_uri="https://k.example/jwks", issuer_url="x", now=corp.clock).keys("a")
    next(steps)
    with pytest.raises(TokenError) as caught:
        steps.send(Fetched(200, b" " * (1024 * 1024 + 1)))

    assert (caught.value.code, caught.value.detail) == ("keys_unavailable", "fetch_failed")


SAID = {
    "nothing": ({}, "the metadata name no `jwks_uri`"),
    "no text": ({"jwks_uri": 7}, "the metadata's `jwks_uri` isn't a URL"),
    "a path": ({"jwks_uri": "/jwks"}, "the metadata's `jwks_uri` isn't a URL"),
    "another host": (
        {"jwks_uri": "https://k.example/jwks"},
        "the metadata's `jwks_uri` isn't on the issuer's host",
    ),
}


@pytest.mark.parametrize(("members", "note"), SAID.values(), ids=SAID)
def test_it_is_said_what_is_wrong_with_the_address(corp: Any, members: dict[str, Any], note: str) -> None:
    """Missing, no address at all, or one that isn't believed."""
    issuer = "https://login.example.com"
    steps = RemoteKeys(jwks_uri=None, issuer_url=issuer, now=corp.clock).keys("a")
    next(steps)
    with pytest.raises(TokenError) as caught:
        steps.send(Fetched(200, json.dumps({"issuer": issuer, **members}).encode()))

    assert (caught.value.detail, caught.value.note) == ("untrusted_jwks_uri", note)


def test_it_is_said_who_did_not_answer(corp: Any) -> None:
    """Keys may be elsewhere than their issuer."""
    uri = "https://keys.example:8443/jwks?k=v"
    steps = RemoteKeys(jwks_uri=uri, issuer_url="https://login.example.com", now=corp.clock).keys("a")
    next(steps)
    with pytest.raises(TokenError) as caught:
        steps.send(FetchFailed("timeout"))

    assert caught.value.note == "`keys.example:8443` didn't answer: timeout"
