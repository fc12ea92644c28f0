"""Many callers at once: steps run by hand, so that a test chooses their order, and steps run by threads."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from policy_engine.jose import KeySet, SigningKey
from policy_engine.tokens import (
    Fetch,
    Fetched,
    FetchFailed,
    FetchResult,
    HttpFetcher,
    RemoteKeys,
    Steps,
    drive,
)


def names(keys: KeySet) -> list[str | None]:
    """The names of keys, in order."""
    return [key.kid for key in keys.keys]


def finish(steps: Steps[KeySet], result: FetchResult) -> KeySet:
    """Send the last answer to steps that wait for it."""
    with pytest.raises(StopIteration) as caught:
        steps.send(result)
    value: KeySet = caught.value.value
    return value


def pinned(clock: Any) -> RemoteKeys:
    """Keys that tests answer for."""
    return RemoteKeys(jwks_uri="https://k.example/jwks", issuer_url="https://login.example.com", now=clock)


def document(*names: str) -> Fetched:
    """A key set as an answer."""
    keys = [SigningKey.generate("EdDSA", kid=name).public_jwk() for name in names]
    return Fetched(200, json.dumps({"keys": keys}).encode())


def test_while_one_refreshes_the_others_go_on(corp: Any) -> None:
    """Old keys at once are better than new keys after a wait."""
    keys = pinned(corp.clock)
    first = keys.keys("a")
    next(first)
    known = finish(first, document("a"))
    corp.clock.time += 600
    refreshing = keys.keys("a")

    assert next(refreshing) == Fetch("https://k.example/jwks")
    for kid in ("a", "b", None):
        with pytest.raises(StopIteration) as caught:
            next(keys.keys(kid))
        assert caught.value.value is known
    assert names(finish(refreshing, document("b"))) == ["b"]


def test_while_nothing_is_known_everybody_asks(corp: Any) -> None:
    """There is nothing to go on with; the first answer serves all who come later."""
    keys = pinned(corp.clock)
    early = [keys.keys("a"), keys.keys("b")]

    assert [next(steps) for steps in early] == [Fetch("https://k.example/jwks")] * 2
    assert names(finish(early[0], document("a"))) == ["a"]
    with pytest.raises(StopIteration):
        next(keys.keys("a"))
    assert names(finish(early[1], document("b"))) == ["b"]


def test_a_failure_beside_a_success_is_no_failure(corp: Any) -> None:
    """Who failed takes what the other one got."""
    keys = pinned(corp.clock)
    lucky, unlucky = keys.keys("a"), keys.keys("a")
    next(lucky)
    next(unlucky)
    known = finish(lucky, document("a"))

    assert finish(unlucky, FetchFailed("timeout")) is known


def test_a_slow_answer_does_not_undo_a_newer_one(corp: Any) -> None:
    """What counts is when an answer was asked for."""
    keys = pinned(corp.clock)
    slow = keys.keys("a")
    next(slow)
    corp.clock.time += 1
    fast = keys.keys("a")
    next(fast)
    newer = finish(fast, document("new"))

    assert finish(slow, document("old")) is newer
    with pytest.raises(StopIteration) as caught:
        next(keys.keys("new"))
    assert caught.value.value is newer


def test_steps_that_are_given_up_leave_the_keys_alone(corp: Any) -> None:
    """A request that is cancelled while it refreshes costs the others one cool-down at most."""
    keys = pinned(corp.clock)
    first = keys.keys("a")
    next(first)
    known = finish(first, document("a"))
    corp.clock.time += 600
    cancelled = keys.keys("a")
    next(cancelled)
    cancelled.close()
    with pytest.raises(StopIteration) as caught:
        next(keys.keys("a"))
    corp.clock.time += 30

    assert caught.value.value is known
    assert next(keys.keys("a")) == Fetch("https://k.example/jwks")


def test_threads_share_one_refresh(site: Any, corp: Any) -> None:
    """However many come at once when keys are old, one of them asks."""
    site.put("/jwks", document("a").body)
    keys = RemoteKeys(
        jwks_uri=site.url + "/jwks",
        issuer_url="https://login.example.com",
        now=corp.clock,
        allow_loopback_http=True,
    )
    fetcher = HttpFetcher()
    drive(keys.keys("a"), fetcher)
    corp.clock.time += 600
    start = threading.Barrier(8)

    def ask(_number: int) -> list[str | None]:
        start.wait(5)
        return names(drive(keys.keys("b"), fetcher))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    fetcher.close()

    assert answers == [["a"]] * 8
    assert site.hits == ["/jwks"] * 2


def test_threads_that_know_nothing_are_all_served(site: Any, corp: Any) -> None:
    """Before any keys are known each may ask; none is refused, and later ones ask no more."""
    site.put("/jwks", {"keys": [corp.key.public_jwk()]})
    keys = RemoteKeys(
        jwks_uri=site.url + "/jwks",
        issuer_url="https://login.example.com",
        now=corp.clock,
        allow_loopback_http=True,
    )
    verifier = corp.verifier_with(keys)
    token, audiences = corp.mint(), {"corp": frozenset({corp.claims["aud"]})}
    fetcher = HttpFetcher()
    start = threading.Barrier(8)

    def verify(_number: int) -> Any:
        start.wait(5)
        return [drive(verifier.verify(token, audiences), fetcher).claims["sub"] for _ in range(50)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(verify, range(8)))
    fetcher.close()

    assert answers == [["alice"] * 50] * 8
    assert 1 <= len(site.hits) <= 8
