"""Many callers at once: steps run by hand, so that a test chooses their order, and steps run by threads."""

import json
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from policy_engine.errors import TokenError
from policy_engine.jose import KeySet, SigningKey, sign
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

AUDIENCES = {"corp": frozenset({"https://mcp.example.com/github"})}


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


def refused(steps: Steps[KeySet]) -> tuple[str, str | None]:
    """The code and detail that steps are refused with before they fetch anything."""
    with pytest.raises(TokenError) as caught:
        next(steps)
    return caught.value.code, caught.value.detail


UNDER_WAY = ("keys_unavailable", "fetch_under_way")


def test_while_nothing_is_known_a_few_ask(corp: Any) -> None:
    """The others are refused at once, since nobody knows how long it takes; the first answer serves all."""
    keys = pinned(corp.clock)
    early = [keys.keys(kid) for kid in ("a", "b", None, "c")]

    assert [next(steps) for steps in early] == [Fetch("https://k.example/jwks")] * 4
    assert [refused(keys.keys(kid)) for kid in ("a", "b", None)] == [UNDER_WAY] * 3

    known = finish(early[0], document("a"))
    with pytest.raises(StopIteration) as caught:
        next(keys.keys("a"))

    assert caught.value.value is known
    assert names(finish(early[1], document("b"))) == ["b"]


def test_a_few_ask_in_each_cooldown(corp: Any) -> None:
    """Also where those who asked were given up, or never hear anything; the rest begins with the first."""
    keys = pinned(corp.clock)
    for _ in range(3):
        early = [keys.keys("a") for _ in range(4)]
        asked = [next(steps) for steps in early]
        early[0].close()
        corp.clock.time += 29
        late = refused(keys.keys("a"))
        corp.clock.time += 1

        assert (asked, late) == ([Fetch("https://k.example/jwks")] * 4, UNDER_WAY)


def test_one_failure_speaks_for_the_others(corp: Any) -> None:
    """Who comes later isn't kept waiting for the rest of them; one that succeeds still counts."""
    keys = pinned(corp.clock)
    early = [keys.keys("a") for _ in range(3)]
    for steps in early:
        next(steps)
    with pytest.raises(TokenError) as caught:
        early[0].send(FetchFailed("timeout"))
    later = refused(keys.keys("a"))
    known = finish(early[1], document("a"))
    with pytest.raises(StopIteration) as ended:
        next(keys.keys("a"))

    assert [(caught.value.code, caught.value.detail), later] == [("keys_unavailable", "fetch_failed")] * 2
    assert ended.value.value is known
    assert finish(early[2], FetchFailed("timeout")) is known


def test_keys_that_grow_too_old_while_they_are_refreshed_are_not_used(corp: Any) -> None:
    """The refresh counts as the first of those who ask."""
    keys = pinned(corp.clock)
    first = keys.keys("a")
    next(first)
    finish(first, document("a"))
    corp.clock.time += 86_399
    refreshing = keys.keys("a")
    next(refreshing)
    corp.clock.time += 1
    asked = [next(keys.keys("a")) for _ in range(3)]
    late = refused(keys.keys("a"))
    with pytest.raises(TokenError) as caught:
        refreshing.send(FetchFailed("timeout"))

    assert (asked, late) == ([Fetch("https://k.example/jwks")] * 3, UNDER_WAY)
    assert (caught.value.code, caught.value.detail) == ("keys_unavailable", "fetch_failed")


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


@pytest.fixture
def slow(site: Any, corp: Any) -> Iterator[threading.Event]:
    """The site has the keys of `corp`, and gives them when this event is set."""
    answer = threading.Event()
    body = json.dumps({"keys": [corp.key.public_jwk()]}).encode()

    def write(handler: BaseHTTPRequestHandler) -> None:
        answer.wait(10)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    site.put("/jwks", b"")
    site.pages["/jwks"].write = write
    yield answer
    answer.set()


def test_forged_tokens_do_not_tie_up_all_threads(site: Any, corp: Any, slow: threading.Event) -> None:
    """Forty tokens that name a slow issuer are four connections; 36 are refused while those wait."""
    keys = RemoteKeys(
        jwks_uri=site.url + "/jwks",
        issuer_url="https://login.example.com",
        now=corp.clock,
        allow_loopback_http=True,
    )
    verifier = corp.verifier_with(keys)
    forged = sign(corp.claims, SigningKey.generate("EdDSA", kid=corp.key.kid), typ="at+jwt")
    outcomes: queue.Queue[Any] = queue.Queue()

    def verify(token: str) -> None:
        try:
            outcomes.put(drive(verifier.verify(token, AUDIENCES), HttpFetcher()).claims["sub"])
        except TokenError as error:
            outcomes.put((error.code, error.detail))

    with ThreadPoolExecutor(40) as pool:
        for _ in range(40):
            pool.submit(verify, forged)
        at_once = [outcomes.get(timeout=5) for _ in range(36)]
        waiting = outcomes.empty()
        slow.set()
        later = [outcomes.get(timeout=5) for _ in range(4)]
        pool.submit(verify, corp.mint())
        good = outcomes.get(timeout=5)

    assert at_once == [UNDER_WAY] * 36
    assert waiting
    assert later == [("invalid_signature", "wrong_signature")] * 4
    assert good == "alice"
    assert site.hits == ["/jwks"] * 4


def test_threads_that_know_nothing_are_served_or_told_to_come_back(site: Any, corp: Any) -> None:
    """However many come at once: four ask at most, and whoever comes back is served."""
    site.put("/jwks", {"keys": [corp.key.public_jwk()]})
    keys = RemoteKeys(
        jwks_uri=site.url + "/jwks",
        issuer_url="https://login.example.com",
        now=corp.clock,
        allow_loopback_http=True,
    )
    verifier = corp.verifier_with(keys)
    token = corp.mint()
    fetcher = HttpFetcher()
    start = threading.Barrier(8)

    def verify(_number: int) -> set[Any]:
        start.wait(5)
        seen: set[Any] = set()
        while "alice" not in seen:
            try:
                seen.add(drive(verifier.verify(token, AUDIENCES), fetcher).claims["sub"])
            except TokenError as error:
                seen.add((error.code, error.detail))
        return seen

    with ThreadPoolExecutor(8) as pool:
        answers = set().union(*pool.map(verify, range(8)))

    assert {"alice"} <= answers <= {"alice", UNDER_WAY}
    assert 1 <= len(site.hits) <= 4
