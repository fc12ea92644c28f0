"""Many ask at once: about one token, about random ones, and some go away before the answer comes."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from policy_engine.errors import TokenError
from policy_engine.tokens import (
    AsyncHttpFetcher,
    Fetch,
    Fetched,
    FetchFailed,
    FetchResult,
    HttpFetcher,
    Steps,
    Wait,
    drive_async,
)
from policy_engine.tokens import drive as run_steps
from tests.plugins.introspection_server import Said

TOKEN = "2YotnFZFEjr1zCsicMWpAA"
GOOD = b'{"active": true, "sub": "alice"}'
BUSY = ("introspection_unavailable", "busy")


def outcome(run: Callable[[], Any]) -> Any:
    """The claims, or code and detail."""
    try:
        return dict(run())
    except TokenError as error:
        return error.code, error.detail


def in_threads(introspection: Any, tokens: list[str]) -> list[Any]:
    """Ask about tokens, each in a thread."""
    fetcher = HttpFetcher(timeout=2)

    def one(token: str) -> Any:
        return outcome(lambda: run_steps(introspection.claims(token), fetcher))

    with ThreadPoolExecutor(len(tokens)) as pool:
        return list(pool.map(one, tokens))


def in_tasks(introspection: Any, tokens: list[str]) -> list[Any]:
    """Ask about tokens, each in a task."""

    async def one(token: str) -> Any:
        try:
            return dict(await drive_async(introspection.claims(token), AsyncHttpFetcher(timeout=2)))
        except TokenError as error:
            return error.code, error.detail

    async def everybody() -> list[Any]:
        return list(await asyncio.gather(*(one(token) for token in tokens)))

    return asyncio.run(everybody())


@pytest.fixture(params=[in_threads, in_tasks])
def at_once(request: pytest.FixtureRequest) -> Any:
    """Each way to ask about many at once."""
    return request.param


def test_many_who_ask_about_one_token_ask_once(opaque: Any, at_once: Any) -> None:
    """The others wait for the one answer, though none is kept."""
    opaque.server.said = Said(GOOD, seconds=0.2)
    outcomes = at_once(opaque.introspection(cache_seconds=0), [TOKEN] * 12)

    assert (outcomes, opaque.server.asked) == ([{"sub": "alice"}] * 12, [TOKEN])


def test_many_who_wait_for_a_failure_are_told_it(opaque: Any, at_once: Any) -> None:
    """They don't ask one after another; the next one does."""
    opaque.server.said = Said(b"{}", 500, seconds=0.2)
    introspection = opaque.introspection()
    outcomes = at_once(introspection, [TOKEN] * 12)
    opaque.server.said = Said(GOOD)

    assert outcomes == [("introspection_unavailable", "http_status")] * 12
    assert (at_once(introspection, [TOKEN]), opaque.server.asked) == ([{"sub": "alice"}], [TOKEN] * 2)


JUNK = [f"invented-{number}" for number in range(40)]


def test_a_good_token_gets_through_beside_invented_ones(opaque: Any, at_once: Any) -> None:
    """Sixteen are asked about at once; whoever comes in the meantime waits for a place, and isn't refused."""
    opaque.give(TOKEN)
    opaque.server.seconds = 0.2
    outcomes = at_once(opaque.introspection(), [*JUNK, TOKEN])

    assert [each if isinstance(each, tuple) else each["sub"] for each in outcomes] == [
        *[("inactive_token", None)] * 40,
        opaque.claims["sub"],
    ]
    assert (len(opaque.server.asked), opaque.server.most_at_once) == (41, 16)


def begun(steps: Any) -> Any:
    """Steps that have come to their first request, and what that is."""
    return steps, next(steps)


def test_few_wait(opaque: Any) -> None:
    """Sixty-four, for all requests that are under way together."""
    introspection = opaque.introspection()
    first, request = begun(introspection.claims(TOKEN))
    waiting = [begun(introspection.claims(TOKEN)) for _ in range(64)]

    assert isinstance(request, Fetch)
    assert outcome(lambda: next(introspection.claims(TOKEN))) == BUSY
    waiting[0][0].close()
    assert next(introspection.claims(TOKEN)).until is waiting[1][1].until
    assert outcome(lambda: first.send(Fetched(200, b"{}"))) == ("inactive_token", None)
    assert outcome(lambda: waiting[1][0].send(FetchFailed("waited"))) == ("inactive_token", None)


def answered(introspection: Any, token: str, body: bytes) -> Any:
    """What comes of a token that is asked about, and answered at once."""
    steps, _ = begun(introspection.claims(token))
    try:
        steps.send(Fetched(200, body))
    except StopIteration as end:
        return dict(end.value)
    except TokenError as error:
        return error.code
    return None


def in_the_air(introspection: Any, tokens: list[str]) -> list[Any]:
    """Steps that have come to their first request, for a fetch or for a wait."""
    return [begun(introspection.claims(token)) for token in tokens]


def test_random_tokens_do_not_exhaust_us(opaque: Any) -> None:
    """Sixteen are asked about, sixty-four wait; whoever comes then is told so, and may come again."""
    introspection = opaque.introspection()
    flights = in_the_air(introspection, [f"invented-{number}" for number in range(80)])
    kinds = [type(request) for _, request in flights]

    assert (kinds, flights[16][1].seconds) == ([Fetch] * 16 + [Wait] * 64, 5.0)
    assert [outcome(lambda: next(introspection.claims(TOKEN))) for _ in range(100)] == [BUSY] * 100
    flights[20][0].close()
    assert isinstance(next(introspection.claims(TOKEN)), Wait)


def test_a_place_is_given_to_whoever_waits_longest(opaque: Any) -> None:
    """Whoever has gone away meanwhile is passed over."""
    introspection = opaque.introspection()
    flights = in_the_air(introspection, [f"invented-{number}" for number in range(19)])
    flights[16][0].close()
    assert outcome(lambda: flights[0][0].send(Fetched(200, b"{}"))) == ("inactive_token", None)

    assert [flights[number][1].until.done() for number in (17, 18)] == [True, False]
    assert isinstance(flights[17][0].send(FetchFailed("waited")), Fetch)
    assert outcome(lambda: flights[18][0].send(FetchFailed("waited"))) == BUSY


def test_a_place_that_comes_as_the_wait_ends_is_taken(opaque: Any) -> None:
    """It is looked at what is so, not who was told."""
    introspection = opaque.introspection()
    flights = in_the_air(introspection, [f"invented-{number}" for number in range(17)])
    flights[3][0].close()

    assert isinstance(flights[16][0].send(FetchFailed("waited")), Fetch)


def test_tokens_that_were_active_lately_have_places_of_their_own(opaque: Any) -> None:
    """Four in the air and sixteen in the queue, and they are the next, though no answer is kept."""
    introspection = opaque.introspection(cache_seconds=0)
    known = [f"known-{number}" for number in range(22)]
    assert [answered(introspection, token, GOOD) for token in known] == [{"sub": "alice"}] * 22
    junk = in_the_air(introspection, [f"invented-{number}" for number in range(80)])
    good = in_the_air(introspection, known[:20])

    assert [type(request) for _, request in good] == [Fetch] * 4 + [Wait] * 16
    assert outcome(lambda: next(introspection.claims(known[20]))) == BUSY
    for steps, _ in (*good[:4], junk[0]):
        steps.close()
    assert [good[number][1].until.done() for number in range(4, 10)] == [True] * 5 + [False]
    assert not junk[16][1].until.done()


def test_a_token_that_was_revoked_has_no_place_of_its_own(opaque: Any) -> None:
    """What the issuer said last counts."""
    introspection = opaque.introspection(cache_seconds=0)
    said = [answered(introspection, TOKEN, body) for body in (GOOD, b'{"active": false}')]
    in_the_air_now = in_the_air(introspection, [f"invented-{number}" for number in range(80)])

    assert (said, len(in_the_air_now)) == ([{"sub": "alice"}, "inactive_token"], 80)
    assert outcome(lambda: next(introspection.claims(TOKEN))) == BUSY


def test_patience_ends_the_wait_for_a_place(opaque: Any) -> None:
    """Whoever asks may go away; nothing of it is left."""
    introspection = opaque.introspection()
    flights = in_the_air(introspection, [f"invented-{number}" for number in range(16)])

    async def run() -> None:
        steps = introspection.claims(TOKEN)
        await asyncio.wait_for(drive_async(steps, AsyncHttpFetcher(timeout=2)), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(run())
    flights[0][0].close()
    assert isinstance(next(introspection.claims(TOKEN)), Fetch)


def test_whoever_waits_too_long_is_told_so(opaque: Any) -> None:
    """The wait ends before there is an answer."""
    introspection = opaque.introspection()
    first, _ = begun(introspection.claims(TOKEN))
    second, wait = begun(introspection.claims(TOKEN))

    assert (wait.seconds, wait.until.done(), wait.until.cancel()) == (6.0, False, False)
    assert outcome(lambda: second.send(FetchFailed("waited"))) == BUSY
    assert outcome(lambda: first.send(Fetched(200, b"{}"))) == ("inactive_token", None)


def test_a_request_that_is_given_up_makes_room(opaque: Any) -> None:
    """Whoever waited for it is told, and the next one asks."""
    introspection = opaque.introspection()
    first, _ = begun(introspection.claims(TOKEN))
    second, wait = begun(introspection.claims(TOKEN))
    first.close()

    assert wait.until.done()
    assert outcome(lambda: second.send(FetchFailed("waited"))) == (
        "introspection_unavailable",
        "fetch_failed",
    )
    assert isinstance(next(introspection.claims(TOKEN)), Fetch)


class Broken:
    """A network with a bug."""

    def fetch(self, _request: Fetch, /) -> FetchResult:
        """Raise what no network should."""
        raise ZeroDivisionError


def test_a_bug_of_a_fetcher_makes_room(opaque: Any) -> None:
    """The steps are closed, whatever was raised, though somebody still looks at the error."""
    introspection = opaque.introspection()
    held = []
    for number in range(20):
        with pytest.raises(ZeroDivisionError) as caught:
            run_steps(introspection.claims(f"token-{number}"), Broken())
        held.append(caught)

    assert isinstance(next(introspection.claims(TOKEN)), Fetch)


def test_an_event_loop_that_is_gone_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever waited there has left."""
    landed: Future[None] = Future()
    landed.set_running_or_notify_cancel()

    def steps() -> Steps[FetchResult]:
        return (yield Wait(landed, 0.01))

    assert asyncio.run(drive_async(steps(), AsyncHttpFetcher())) == FetchFailed("waited")
    landed.set_result(None)
    assert caplog.records == []


def test_a_task_that_is_cancelled_makes_room(opaque: Any) -> None:
    """Those who wait for it are told at once, and one that waits may be cancelled without the others."""
    opaque.server.said = Said(GOOD, seconds=0.3)
    introspection = opaque.introspection()

    def task() -> asyncio.Task[Any]:
        return asyncio.create_task(drive_async(introspection.claims(TOKEN), AsyncHttpFetcher(timeout=2)))

    async def run() -> tuple[list[Any], Any, Any]:
        leader, waiting, gone = task(), task(), task()
        await asyncio.sleep(0.05)
        gone.cancel()
        await asyncio.sleep(0.05)
        still = [one.done() for one in (leader, waiting, gone)]
        leader.cancel()
        told = await asyncio.wait_for(asyncio.gather(waiting, return_exceptions=True), 0.1)
        return still, told[0], dict(await task())

    still, told, after = asyncio.run(run())
    assert (still, told.code, told.detail) == (
        [False, False, True],
        "introspection_unavailable",
        "fetch_failed",
    )
    assert after == {"sub": "alice"}


def test_a_thread_and_an_event_loop_share_one_request(opaque: Any) -> None:
    """The one waits for the other's."""
    opaque.server.said = Said(GOOD, seconds=0.3)
    introspection = opaque.introspection()
    told: list[Any] = []
    fetcher = HttpFetcher(timeout=2)
    thread = threading.Thread(
        target=lambda: told.append(dict(run_steps(introspection.claims(TOKEN), fetcher)))
    )

    async def run() -> Any:
        task = asyncio.create_task(drive_async(introspection.claims(TOKEN), AsyncHttpFetcher(timeout=2)))
        await asyncio.sleep(0.05)
        thread.start()
        return dict(await task)

    assert asyncio.run(run()) == {"sub": "alice"}
    thread.join()
    assert (told, opaque.server.asked) == ([{"sub": "alice"}], [TOKEN])
