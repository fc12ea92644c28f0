"""How many requests for tokens are answered: per source, and per client from a source."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.authserver import (
    AuthorizationServer,
    HttpRequest,
    HttpResponse,
    IssuanceEvent,
    MemoryRateLimiter,
    Rate,
    RateLimiter,
    RateLimits,
    StoredRateLimiter,
)
from policy_engine.errors import StorageError
from policy_engine.storage import open_store
from tests.plugins.samples import samples

NOW = 1_800_000_000
LIMITS = RateLimits(
    client=Rate(per_second=1, burst=20), source=Rate(per_second=10, burst=100), failure_cost=10
)
GOOD = {
    "grant_type": "client_credentials",
    "resource": "https://mcp.example.com/github",
    "client_id": "agent",
    "client_secret": "current",
}
TOO_MANY = {
    "error": "temporarily_unavailable",
    "error_description": "too many requests; wait before the next",
}


@pytest.fixture(params=["memory", "stored"])
def limiter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RateLimiter]:
    """Each kind, with small limits."""
    if request.param == "memory":
        yield MemoryRateLimiter(LIMITS)
        return
    store = open_store(f"sqlite:///{tmp_path / 'rates.db'}")
    yield StoredRateLimiter(store, LIMITS)
    store.close()


@dataclass
class Desk:
    """A server, and the time that it sees."""

    server: AuthorizationServer
    times: list[float]

    def ask(self, source: str = "192.0.2.1", **changes: str) -> HttpResponse:
        """Ask for a token from a source."""
        return self.server.handle(
            HttpRequest(
                method="POST",
                path="/token",
                headers=(("Content-Type", "application/x-www-form-urlencoded"),),
                body=urlencode(GOOD | changes).encode(),
                source=source,
            )
        )

    def statuses(self, count: int, source: str = "192.0.2.1", **changes: str) -> dict[int, int]:
        """How often which status came."""
        found = [self.ask(source, **changes).status for _ in range(count)]
        return {status: found.count(status) for status in sorted(set(found))}


@pytest.fixture
def desk(make_server: Callable[..., AuthorizationServer], limiter: RateLimiter) -> Desk:
    """A server with that limiter."""
    times = [float(NOW)]
    return Desk(make_server(rate_limiter=limiter, now=lambda: times[0]), times)


@pytest.mark.rules("AS-76")
def test_a_client_that_asks_too_often_is_told_when_to_ask_again(
    desk: Desk, events: list[IssuanceEvent]
) -> None:
    """429, with a time to wait (RFC 9110 section 10.2.3), and an event; other clients go on."""
    assert desk.statuses(20) == {200: 20}
    response = desk.ask()

    assert (response.status, json.loads(response.body)) == (429, TOO_MANY)
    assert (response.values("Retry-After"), response.values("Cache-Control")) == (("1",), ("no-store",))
    last = events[-1]
    assert (last.reason, last.client_id, last.authenticated, last.issued) == (
        "rate_limited",
        "agent",
        False,
        False,
    )
    assert desk.statuses(
        1, client_id="both", scope="files:read", resource="https://mcp.example.com/files"
    ) == {200: 1}
    desk.times[0] += 1
    assert desk.statuses(2) == {200: 1, 429: 1}


@pytest.mark.rules("AS-76")
def test_a_failed_authentication_counts_as_ten_requests(desk: Desk) -> None:
    """Two fill what holds twenty; then one is tried in ten seconds, however often somebody tries."""
    assert desk.statuses(30, client_secret="guess") == {401: 2, 429: 28}

    tried: dict[int, int] = {}
    for desk.times[0] in range(NOW + 1, NOW + 101):
        for status, count in desk.statuses(3, client_secret="guess").items():
            tried[status] = tried.get(status, 0) + count

    assert tried == {401: 10, 429: 290}


@pytest.mark.rules("AS-76")
def test_nobody_can_lock_out_a_client_from_elsewhere(desk: Desk) -> None:
    """Failures count for who fails; the client itself goes on from where it is."""
    for number in range(5):
        assert 429 in desk.statuses(5, source=f"203.0.113.{number}", client_secret="guess")

    assert desk.statuses(20, source="192.0.2.1") == {200: 20}


def test_the_limit_does_not_tell_who_is_registered(desk: Desk) -> None:
    """A name that nobody has is limited as one that somebody has."""
    registered = [desk.ask("192.0.2.1", client_secret="guess") for _ in range(5)]
    unknown = [desk.ask("192.0.2.2", client_secret="guess", client_id="nobody") for _ in range(5)]

    assert [(each.status, each.headers, each.body) for each in registered] == [
        (each.status, each.headers, each.body) for each in unknown
    ]


@pytest.mark.rules("AS-76")
def test_a_source_is_limited_whatever_it_names(desk: Desk) -> None:
    """Clients, what can't be a client, and what isn't even a request."""
    names = [f"client-{number}" for number in range(30)]
    assert [desk.ask(client_id=name).status for name in names] == [401] * 10 + [429] * 20
    assert desk.statuses(1, source="192.0.2.9") == {200: 1}

    assert desk.statuses(120, source="192.0.2.3", grant_type="") == {400: 100, 429: 20}
    assert desk.statuses(40, source="192.0.2.4", client_id="") == {400: 40}


def test_requests_without_credentials_count_as_failures_of_their_source(desk: Desk) -> None:
    """They name no client."""
    assert desk.statuses(30, client_id="", client_secret="") == {401: 10, 429: 20}


def test_names_that_nobody_can_have_share_a_bucket(desk: Desk) -> None:
    """So that they take no room."""
    statuses = [desk.ask(client_id=f"no name {number}").status for number in range(5)]

    assert statuses == [401, 401, 429, 429, 429]


def test_a_limiter_that_cant_count_lets_nothing_through(
    make_server: Callable[..., AuthorizationServer], tmp_path: Path
) -> None:
    """503, as with everything else that the server relies on."""

    class Lost:
        def arrived(self, _source: str, _now: float) -> float:
            raise StorageError("lost")

        def named(self, _source: str, _client_id: str, _now: float) -> float:
            return 0.0

        def failed(self, _source: str, _client_id: str | None, _now: float) -> None:
            raise StorageError("lost")

    class LostLater(Lost):
        def arrived(self, _source: str, _now: float) -> float:
            return 0.0

    assert tmp_path.exists()
    assert Desk(make_server(rate_limiter=Lost()), [NOW]).statuses(1) == {503: 1}
    assert Desk(make_server(rate_limiter=LostLater()), [NOW]).statuses(1, client_secret="guess") == {503: 1}


def test_the_defaults_are_generous(make_server: Callable[..., AuthorizationServer]) -> None:
    """Two hundred at once, and twenty a second, for a client at one place."""
    desk = Desk(make_server(rate_limiter=MemoryRateLimiter()), [NOW])

    assert desk.statuses(201) == {200: 200, 429: 1}


def test_basic_and_post_count_as_the_same_client(desk: Desk) -> None:
    """The client is the one that is named, in whichever way."""
    header = ("Authorization", f"Basic {base64.b64encode(b'agent:guess').decode()}")
    form = ("Content-Type", "application/x-www-form-urlencoded")
    request = HttpRequest(
        method="POST",
        path="/token",
        headers=(form, header),
        body=b"grant_type=client_credentials",
        source="192.0.2.1",
    )

    statuses = [desk.server.handle(request).status for _ in range(2)]

    assert (statuses, desk.ask().status) == ([401, 401], 429)


def test_memory_is_bounded() -> None:
    """Where there are too many, those that are nearest to empty are forgotten, and the fullest stay."""
    limiter = MemoryRateLimiter(LIMITS, capacity=100)
    for _ in range(20):
        limiter.named("known", "agent", NOW)

    for number in range(10_000):
        limiter.arrived(f"source {number}", NOW)
        limiter.named(f"source {number}", "agent", NOW)

    assert limiter.named("known", "agent", NOW) == 1
    sizes = [len(buckets._empty_at) for buckets in (limiter._sources, limiter._clients)]  # noqa: SLF001 -- its bound
    assert max(sizes) <= 100


def test_a_clock_that_is_set_back_shuts_nobody_out_for_long() -> None:
    """At most as long as what was full takes to leak."""
    limiter = MemoryRateLimiter(LIMITS)
    limiter.named("a", "agent", NOW + 3600)

    assert limiter.named("a", "agent", NOW) <= 21
    assert limiter.named("a", "agent", NOW + 41) == 0


@settings(max_examples=samples(30))
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["right", "wrong"]), st.sampled_from("ab"), st.floats(0, 12)), max_size=30
    )
)
def test_memory_and_store_count_alike(steps: list[tuple[str, str, float]], store_limiter: Any) -> None:
    """Replicas that share a store let through what one process would."""
    memory, (stored, fresh) = MemoryRateLimiter(LIMITS), store_limiter
    prefix, now = fresh(), float(NOW)

    for what, who, seconds in steps:
        now += max(0, seconds - 6)
        source = f"{prefix}-{who}"
        waits = [each.arrived(source, now) or each.named(source, "agent", now) for each in (memory, stored)]
        assert waits[0] == pytest.approx(waits[1], abs=0.002)
        if what == "wrong" and waits == [0, 0]:
            memory.failed(source, "agent", now)
            stored.failed(source, "agent", now)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def store_limiter(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RateLimiter, Callable[[], int]]]:
    """A limiter over a store, and what makes names that weren't used."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    else:
        url = f"sqlite:///{tmp_path_factory.mktemp('rates') / 'rates.db'}"
    store = open_store(url)
    numbers = iter(range(1_000_000))
    yield StoredRateLimiter(store, LIMITS), lambda: next(numbers)
    store.close()


def test_counting_in_memory_costs_next_to_nothing() -> None:
    """Microseconds, with many sources; ten times what it takes on an idle machine."""
    limiter = MemoryRateLimiter(RateLimits(source=Rate(per_second=1e5, burst=1e6)))
    names = [f"192.0.2.{number}" for number in range(256)] * 40
    started = time.perf_counter()
    for name in names:
        limiter.arrived(name, NOW)
        limiter.named(name, "agent", NOW)

    assert (time.perf_counter() - started) / len(names) < 40e-6
