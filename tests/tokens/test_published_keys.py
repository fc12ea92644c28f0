"""Keys that an issuer publishes: from a real server, through rotation, outage and nonsense."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.errors import ConfigError, TokenError
from policy_engine.jose import KeySet, SigningKey
from policy_engine.tokens import (
    MAX_BODY_BYTES,
    Fetch,
    RemoteKeys,
    Steps,
)

Run = Callable[[Steps[KeySet]], KeySet]


def remote(site: Any, clock: Any, **options: Any) -> RemoteKeys:
    """The keys at the site's pinned address."""
    values: dict[str, Any] = {
        "jwks_uri": site.url + "/jwks",
        "issuer_url": "https://login.example.com",
        **options,
    }
    return RemoteKeys(now=clock, allow_loopback_http=True, **values)


def jwks(*names: str) -> dict[str, Any]:
    """A key set with keys of these names."""
    return {"keys": [{**SigningKey.generate("EdDSA", kid=name).public_jwk()} for name in names]}


def names(keys: KeySet) -> list[str | None]:
    """The names of keys, in order."""
    return [key.kid for key in keys.keys]


def problem(run: Run, keys: RemoteKeys, kid: str | None = None) -> tuple[str, str | None]:
    """The code and detail that keys are refused with."""
    with pytest.raises(TokenError) as caught:
        run(keys.keys(kid))
    return caught.value.code, caught.value.detail


def test_keys_are_fetched_once(site: Any, corp: Any, run: Run) -> None:
    """Then they are known, for ten minutes."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    first = run(keys.keys("a"))
    corp.clock.time += 599

    assert names(first) == ["a"]
    assert run(keys.keys("a")) is first
    assert run(keys.keys(None)) is first
    assert site.hits == ["/jwks"]


def test_old_keys_are_asked_for_anew(site: Any, corp: Any, run: Run) -> None:
    """A key that the issuer withdrew is gone when its time is over."""
    site.put("/jwks", jwks("a", "b"))
    keys = remote(site, corp.clock)
    run(keys.keys("a"))
    site.put("/jwks", jwks("b"))
    corp.clock.time += 600

    assert names(run(keys.keys("a"))) == ["b"]
    assert site.hits == ["/jwks"] * 2


def test_the_same_document_is_the_same_keys(site: Any, corp: Any, run: Run) -> None:
    """What was verified with them needn't be verified again."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    first = run(keys.keys("a"))
    corp.clock.time += 600
    again = run(keys.keys("a"))
    site.put("/jwks", jwks("a"))
    corp.clock.time += 600
    other = run(keys.keys("a"))

    assert again is first
    assert other is not first
    assert site.hits == ["/jwks"] * 3


def test_a_new_key_is_found_by_its_name(site: Any, corp: Any, run: Run) -> None:
    """Rotation needs no restart and no waiting."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    run(keys.keys("a"))
    site.put("/jwks", jwks("a", "b"))
    corp.clock.time += 30

    assert names(run(keys.keys("b"))) == ["a", "b"]
    assert site.hits == ["/jwks"] * 2


def test_invented_names_do_not_hammer_the_issuer(site: Any, corp: Any, run: Run) -> None:
    """At most one fetch per cool-down, whoever asks for whatever."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    for second in range(91):
        assert names(run(keys.keys(f"invented-{second}"))) == ["a"]
        corp.clock.time += 1

    assert site.hits == ["/jwks"] * 4


def test_the_last_good_keys_outlive_an_outage(
    site: Any, corp: Any, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """The issuer's bad hour isn't that of its users; the operator reads of it."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    first = run(keys.keys("a"))
    site.put("/jwks", b"down", status=503)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            corp.clock.time += 28_799
            assert run(keys.keys("a")) is first
            assert run(keys.keys("b")) is first
    site.put("/jwks", jwks("b"))
    corp.clock.time += 30

    assert names(run(keys.keys("b"))) == ["b"]
    assert site.hits == ["/jwks"] * 5
    assert [record.getMessage() for record in caplog.records] == [
        "keys of https://login.example.com stay as they were: "
        f"keys_unavailable (http_status): `{site.url.removeprefix('http://')}` answered with status 503"
    ] * 3


@pytest.mark.parametrize(("options", "age"), [({}, 86_400), ({"max_staleness": 3_600}, 3_600)])
def test_keys_do_not_outlive_a_long_outage(
    site: Any, corp: Any, run: Run, options: dict[str, Any], age: float
) -> None:
    """One of them may have been withdrawn a day ago; then it is as if none had ever been known."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock, **options)
    first = run(keys.keys("a"))
    site.put("/jwks", b"down", status=503)
    corp.clock.time += age - 1
    last = run(keys.keys("a"))
    corp.clock.time += 1
    during = [problem(run, keys, kid) for kid in ("a", None)]
    corp.clock.time += 29
    during.append(problem(run, keys, "a"))
    site.put("/jwks", jwks("b"))
    corp.clock.time += 30

    assert last is first
    assert during == [("keys_unavailable", "http_status")] * 3
    assert names(run(keys.keys("b"))) == ["b"]


def test_keys_are_not_used_ten_years_after_they_were_fetched(site: Any, corp: Any, run: Run) -> None:
    """An outage that nobody noticed, since nobody asked."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    run(keys.keys("a"))
    site.put("/jwks", b"down", status=503)
    corp.clock.time += 10 * 365 * 86_400

    assert problem(run, keys, "a") == ("keys_unavailable", "http_status")


@pytest.mark.parametrize(("back", "known"), [(1, "a"), (86_399, "a"), (86_400, None)])
def test_a_clock_that_is_set_back_tells_little_of_the_age_of_keys(
    site: Any, corp: Any, run: Run, back: float, known: str | None
) -> None:
    """During an outage they are used on after a small step, and not after one of a day."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    first = run(keys.keys("a"))
    site.put("/jwks", b"down", status=503)
    corp.clock.time -= back

    if known is not None:
        assert run(keys.keys(known)) is first
    else:
        assert problem(run, keys, "a") == ("keys_unavailable", "http_status")


def test_a_first_load_that_fails_is_remembered(site: Any, corp: Any, run: Run) -> None:
    """Nobody queues up behind an issuer that is down."""
    site.put("/jwks", b"down", status=503)
    keys = remote(site, corp.clock)
    first = [problem(run, keys, kid) for kid in ("a", "b", None)]
    site.put("/jwks", jwks("a"))
    corp.clock.time += 29.5
    second = problem(run, keys, "a")
    corp.clock.time += 0.5

    assert [*first, second] == [("keys_unavailable", "http_status")] * 4
    assert names(run(keys.keys("a"))) == ["a"]
    assert site.hits == ["/jwks"] * 2


def test_a_clock_that_is_set_back_does_not_stop_refreshing(site: Any, corp: Any, run: Run) -> None:
    """A moment in the future counts as long ago."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    run(keys.keys("a"))
    site.put("/jwks", jwks("b"))
    corp.clock.time -= 86_400

    assert names(run(keys.keys("b"))) == ["b"]


@pytest.mark.parametrize(
    ("page", "detail"),
    [
        ({"body": b"", "status": 404}, "http_status"),
        ({"body": b"{}", "status": 204}, "http_status"),
        ({"body": b"{}", "status": 302, "headers": {"Location": "/other"}}, "http_status"),
        ({"body": b""}, "not_json"),
        ({"body": b"<html>"}, "not_json"),
        ({"body": b'{"keys":[]'}, "not_json"),
        ({"body": b'{"keys":[],"keys":[]}'}, "not_json"),
        ({"body": b"[]"}, "not_json"),
        ({"body": b"null"}, "not_json"),
        ({"body": b"{}"}, "not_a_key_set"),
        ({"body": b'{"keys":{}}'}, "not_a_key_set"),
        ({"body": {"keys": [{}] * 101}}, "not_a_key_set"),
        ({"body": b" " * (MAX_BODY_BYTES + 1)}, "fetch_failed"),
        ({"body": b"{}", "headers": {"Content-Encoding": "gzip"}}, "fetch_failed"),
    ],
)
def test_nonsense_is_no_key_set(site: Any, corp: Any, run: Run, page: dict[str, Any], detail: str) -> None:
    """It doesn't count as a first key set, and replaces none that is known."""
    rest = dict(page)
    site.put("/jwks", rest.pop("body"), **rest)
    site.put("/other", jwks("stolen"))
    keys = remote(site, corp.clock)
    first = problem(run, keys)
    good, bad = jwks("a"), site.pages["/jwks"]
    corp.clock.time += 30
    site.put("/jwks", good)
    known = run(keys.keys("a"))
    corp.clock.time += 600
    site.pages["/jwks"] = bad

    assert first == ("keys_unavailable", detail)
    assert run(keys.keys("a")) is known
    assert site.hits == ["/jwks"] * 3


def test_an_empty_key_set_is_an_answer(site: Any, corp: Any, run: Run) -> None:
    """An issuer that withdraws all its keys is believed: that fails closed."""
    site.put("/jwks", jwks("a"))
    keys = remote(site, corp.clock)
    run(keys.keys("a"))
    site.put("/jwks", {"keys": [{"kty": "oct", "k": "AA"}]})
    corp.clock.time += 600

    assert names(run(keys.keys("a"))) == []


def test_a_slow_issuer_is_given_up(site: Any, corp: Any, run: Run) -> None:
    """An answer that doesn't come is an outage."""
    leave = threading.Event()
    site.put("/jwks", b"")
    site.pages["/jwks"].write = lambda _handler: leave.wait(10)

    assert problem(run, remote(site, corp.clock)) == ("keys_unavailable", "fetch_failed")
    leave.set()


@pytest.mark.parametrize(
    "options",
    [
        {"jwks_uri": "http://login.example.com/jwks"},
        {"jwks_uri": "http://127.0.0.1/jwks", "allow_loopback_http": False},
        {"jwks_uri": "file:///etc/keys.json"},
        {"jwks_uri": "https://user:password@login.example.com/jwks"},
        {"jwks_uri": "login.example.com/jwks"},
        {"jwks_uri": ""},
        {"jwks_uri": None, "issuer_url": "http://login.example.com"},
        {"jwks_uri": None, "issuer_url": "http://localhost", "allow_loopback_http": False},
        {"jwks_uri": None, "issuer_url": "stytch.com/project-live-1"},
        {"jwks_uri": None, "issuer_url": "spiffe://td.example"},
    ],
)
def test_keys_come_over_https(corp: Any, options: dict[str, Any]) -> None:
    """An operator is told on load; on this machine, in development, http will do."""
    values = {"issuer_url": "https://login.example.com", "allow_loopback_http": True, **options}
    with pytest.raises(ConfigError) as caught:
        RemoteKeys(now=corp.clock, **values)

    assert caught.value.remedy == "give the keys in a file, or the https address of the JWK Set"
    assert "password" not in str(caught.value)


def test_a_pinned_address_is_trusted_as_it_is_written(corp: Any) -> None:
    """It may be on another host than the issuer, which needn't be a URL."""
    keys = RemoteKeys(
        jwks_uri="https://keys.example.net/set?id=1", issuer_url="stytch.com/project-live-1", now=corp.clock
    )

    assert next(keys.keys(None)) == Fetch("https://keys.example.net/set?id=1")
