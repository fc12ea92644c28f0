"""Keys without a step: `RemoteKeys.current` and `RemoteKeys.keys` agree in every state and at any time."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import TokenError
from policy_engine.jose import KeySet, SigningKey
from policy_engine.tokens import Fetch, Fetched, FetchFailed, FetchResult, NoKeys, RemoteKeys, drive
from tests.plugins.samples import samples
from tests.tokens.conftest import NOW, Clock, NoNetwork

MAX_AGE, COOLDOWN, STALENESS = 600, 30, 86_400
EDGES = [edge + by for edge in (0, COOLDOWN, MAX_AGE, STALENESS) for by in (-1, -0.001, 0, 0.001, 1)]
KIDS = st.sampled_from([None, "a", "b", "never"])


def document(*kids: str) -> FetchResult:
    """A key set as an answer."""
    keys = [SigningKey.generate("EdDSA", kid=kid).public_jwk() for kid in kids]
    return Fetched(200, json.dumps({"keys": keys}).encode())


ANSWERS = st.sampled_from(
    [document("a"), document("a", "b"), document("b"), Fetched(200, b"{}"), FetchFailed("timeout")]
)
STEP = st.one_of(
    st.tuples(st.just("pass"), st.sampled_from([*EDGES, *(-edge for edge in EDGES)])),
    st.tuples(st.just("ask"), st.tuples(KIDS, ANSWERS)),
    st.tuples(st.just("begin"), KIDS),  # and never come back
)


def at_once(keys: RemoteKeys, kid: str | None) -> KeySet | str:
    """What `keys` answers without a step; what it does otherwise. The keys stay as they are."""
    steps = copy.copy(keys).keys(kid)  # a state is replaced and never changed, so a copy has its own
    try:
        asked = next(steps)
    except StopIteration as end:
        known: KeySet = end.value
        return known
    except TokenError as error:
        return error.code
    assert isinstance(asked, Fetch)
    steps.close()
    return "a step"


def take(step: tuple[str, Any], keys: RemoteKeys, clock: Clock) -> None:
    """Let time pass, or let somebody ask."""
    what, value = step
    if what == "pass":
        clock.time += value
        return
    kid, answer = value if what == "ask" else (value, None)
    steps = keys.keys(kid)
    try:
        next(steps)
        if answer is not None:
            steps.send(answer)
    except (StopIteration, TokenError):
        pass


@settings(max_examples=samples(300))
@given(steps=st.lists(STEP, min_size=1, max_size=12))
def test_what_is_current_is_what_would_be_given(steps: list[tuple[str, Any]]) -> None:
    """Whatever happened before: the same keys, or None; and None only where newer ones are due."""
    clock = Clock()
    keys = RemoteKeys(
        jwks_uri="https://k.example/jwks",
        issuer_url="https://login.example.com",
        now=clock,
        max_age=MAX_AGE,
        cooldown=COOLDOWN,
        max_staleness=STALENESS,
    )
    for step in steps:
        take(step, keys, clock)
        for kid in (None, "a", "b", "never"):
            state = keys._state  # noqa: SLF001 -- that nothing changed can't be seen otherwise
            current, given_at_once = keys.current(kid), at_once(keys, kid)

            assert keys._state is state  # noqa: SLF001
            if current is not None:
                assert given_at_once is current
            elif isinstance(given_at_once, KeySet):
                # Keys that one goes on with while nobody may ask yet: they aren't fresh, or lack the name.
                aged = not 0 <= clock.time - state.loaded_at < MAX_AGE
                assert aged or (kid is not None and kid not in given_at_once)


def test_fresh_keys_are_current() -> None:
    """So the property above isn't about None alone."""
    clock = Clock()
    keys = RemoteKeys(
        jwks_uri="https://k.example/jwks", issuer_url="https://login.example.com", now=clock, max_age=MAX_AGE
    )
    before = keys.current("a")
    steps = keys.keys("a")
    next(steps)
    with pytest.raises(StopIteration) as caught:
        steps.send(document("a"))
    loaded = caught.value.value
    kids = ("a", None, "never")
    now = [keys.current(kid) for kid in kids]
    clock.time = NOW + MAX_AGE - 0.001
    later = keys.current("a")
    clock.time = NOW + MAX_AGE
    too_late = keys.current("a")
    clock.time = NOW - 1

    assert before is None
    assert now == [loaded, loaded, None]
    assert later is loaded
    assert too_late is None
    assert keys.current("a") is None  # a clock that was set back says nothing of their age


def test_no_keys_are_never_current() -> None:
    """There where keys were left out, `keys` refuses, and nothing is at hand either."""
    with pytest.raises(TokenError, match="no_keys"):
        drive(NoKeys().keys("a"), NoNetwork())
    assert NoKeys().current("a") is None
