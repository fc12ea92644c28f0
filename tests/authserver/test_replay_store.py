"""The memory of used assertions."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.authserver import AssertionUse, MemoryReplayStore
from tests.plugins.samples import samples


def test_an_assertion_is_used_once() -> None:
    """The second use is told, and ids belong to their client."""
    store = MemoryReplayStore()

    uses = [store.use(client, "1", expires_at=100, now=50) for client in ("a", "a", "b")]

    assert uses == [AssertionUse.FIRST, AssertionUse.REPEATED, AssertionUse.FIRST]


def test_a_client_fills_only_its_own_share() -> None:
    """One client that uses many ids leaves room for others, and gets its own back as they expire."""
    store = MemoryReplayStore(per_client=2)
    first, full = AssertionUse.FIRST, AssertionUse.FULL

    uses = [store.use("a", str(jti), expires_at=100, now=50) for jti in range(3)]
    others = store.use("b", "1", expires_at=100, now=50)
    later = store.use("a", "3", expires_at=200, now=100)

    assert (uses, others, later) == ([first, first, full], first, first)


def test_a_full_store_refuses_and_forgets_nothing() -> None:
    """Room isn't made by forgetting what could still be replayed."""
    store = MemoryReplayStore(capacity=2)

    uses = [store.use(client, "1", expires_at=100, now=50) for client in ("a", "b", "c", "a")]

    assert uses == [AssertionUse.FIRST, AssertionUse.FIRST, AssertionUse.FULL, AssertionUse.REPEATED]


def test_a_late_thread_cant_replay_what_was_just_forgotten() -> None:
    """A clock read before the expiry, used after another thread forgot the assertion, changes nothing."""
    store = MemoryReplayStore()
    store.use("a", "1", expires_at=100, now=50)
    store.use("b", "2", expires_at=200, now=100)

    assert store.use("a", "1", expires_at=100, now=99) is AssertionUse.REPEATED


def test_a_clock_that_jumped_ahead_refuses_for_minutes_only() -> None:
    """What ends after everything that was forgotten is accepted as soon as the clock is right again."""
    store = MemoryReplayStore()
    store.use("a", "1", expires_at=100, now=50)
    store.use("a", "2", expires_at=10_100, now=10_000)

    uses = [store.use("a", str(end), expires_at=end, now=60) for end in (100, 101)]

    assert uses == [AssertionUse.REPEATED, AssertionUse.FIRST]


@settings(max_examples=samples(150))
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12"), st.integers(0, 9), st.integers(0, 9)))
)
def test_no_assertion_is_ever_accepted_twice(uses: list[tuple[str, str, int, int]]) -> None:
    """Whatever the order, the clocks and the room."""
    store = MemoryReplayStore(capacity=4, per_client=2)

    accepted = [
        (client, jti, end)
        for client, jti, end, now in uses
        if store.use(client, jti, expires_at=end, now=now) is AssertionUse.FIRST
    ]

    assert len(set(accepted)) == len(accepted)


class SlowText(str):
    """A text that lets other threads go first whenever it is looked up."""

    __slots__ = ()

    def __hash__(self) -> int:
        """The hash of the text, after a while."""
        time.sleep(0.002)
        return super().__hash__()


def test_threads_agree_on_who_was_first() -> None:
    """Looking and remembering are one step, however long each takes."""
    store = MemoryReplayStore()
    start = Barrier(8)

    def use(_thread: int) -> AssertionUse:
        start.wait()
        return store.use("a", SlowText("1"), expires_at=100, now=50)

    with ThreadPoolExecutor(8) as pool:
        uses = list(pool.map(use, range(8)))

    assert uses.count(AssertionUse.FIRST) == 1
    assert uses.count(AssertionUse.REPEATED) == 7
