"""What a store promises, whatever database it is in."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest

from policy_engine.errors import ConfigError, StaleError
from policy_engine.storage import (
    AssertionUse,
    Bucket,
    ClientChange,
    Denial,
    KeyState,
    Store,
    StoredClient,
    StoredKey,
    open_store,
)

T = TypeVar("T")

NOW = 1_700_000_000.25
"""In the past: a database forgets nothing that isn't over by its own clock."""
FIRST, REPEATED, FULL = AssertionUse.FIRST, AssertionUse.REPEATED, AssertionUse.FULL


def put(client_id: str, **document: object) -> ClientChange:
    """Register a client."""
    return ClientChange(client_id=client_id, document=document)


def key(kid: str, state: KeyState = KeyState.ACTIVE) -> StoredKey:
    """A key of the first hour."""
    return StoredKey(
        kid=kid,
        algorithm="ES256",
        state=state,
        public_jwk={"kid": kid, "kty": "EC"},
        sealed=b"\x00sealed\xff",
        created_at=NOW,
        activates_at=NOW + 300,
    )


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """What some threads find that do the same thing at one moment."""
    barrier = Barrier(count)

    def run(number: int) -> T:
        barrier.wait(20)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return [*pool.map(run, range(count))]


def test_clients_are_kept_as_they_were_written(store: Store) -> None:
    """Documents come back whole, sorted by id, and a new store has none."""
    assert (store.clients.all(), store.version(), store.clients.find("b")) == ((), 0, None)
    assert (
        store.clients.change(
            [put("b", name="é\u2603"), put("B"), put("a", n=[1])], expected_version=0, now=NOW
        )
        == 1
    )
    assert store.clients.change([put("b", name="new")], expected_version=1, now=NOW + 1) == 2
    b = StoredClient(client_id="b", document={"name": "new"}, created_at=NOW, changed_at=NOW + 1)
    assert store.clients.all() == (
        StoredClient(client_id="B", document={}, created_at=NOW, changed_at=NOW),
        StoredClient(client_id="a", document={"n": [1]}, created_at=NOW, changed_at=NOW),
        b,
    )
    assert (store.clients.find("b"), store.version()) == (b, 2)


def test_an_id_is_used_once_for_ever(store: Store) -> None:
    """What stays of a removed client is its id; to register it anew is refused, with whatever comes along."""
    store.clients.change([put("a", jwks="…"), put("b")], expected_version=None, now=NOW)
    assert (
        store.clients.change([ClientChange(client_id="a", document=None)], expected_version=1, now=NOW + 5)
        == 2
    )
    gone = StoredClient(client_id="a", document={}, created_at=NOW, changed_at=NOW + 5, removed_at=NOW + 5)
    assert store.clients.find("a") == gone
    with pytest.raises(ConfigError) as caught:
        store.clients.change([put("c"), put("a")], expected_version=2, now=NOW + 6)
    assert (caught.value.code, caught.value.problem) == (
        "duplicate_client",
        "`a` was another client's id, and ids are never used again",
    )
    assert [client.client_id for client in store.clients.all()] == ["b"]
    assert store.version() == 2


def test_a_change_that_was_decided_on_something_else_is_not_made(store: Store) -> None:
    """Nothing of it."""
    store.clients.change([put("a")], expected_version=0, now=NOW)
    with pytest.raises(StaleError) as caught:
        store.clients.change([put("b")], expected_version=0, now=NOW)
    assert caught.value.code == "storage_changed"
    assert ([client.client_id for client in store.clients.all()], store.version()) == (["a"], 1)


def test_of_several_who_change_one_version_one_does(url: str, store: Store) -> None:
    """Each with a connection of its own."""
    others = [open_store(url) for _ in range(4)]

    def change(number: int) -> bool:
        try:
            others[number].clients.change([put(f"c{number}")], expected_version=0, now=NOW)
        except StaleError:
            return False
        return True

    assert sorted(at_once(4, change)) == [False, False, False, True]
    assert (len(store.clients.all()), store.version()) == (1, 1)
    for other in others:
        other.close()


def test_a_mark_is_new_with_each_change(url: str, store: Store) -> None:
    """And the same for all who look, until there is another."""
    other = open_store(url)
    marks = [store.mark()]
    store.clients.change([put("a")], expected_version=None, now=NOW)
    marks += [store.mark()]
    store.denials.add(Denial(kind="jti", value="a", since=NOW))
    marks += [store.mark()]
    store.denials.remove("jti", "a")
    marks += [store.mark()]
    assert [version for version, _ in marks] == [0, 1, 2, 3]
    assert len({drawn for _, drawn in marks}) == 4
    store.clients.change([], expected_version=None, now=NOW)
    store.denials.remove("jti", "a")
    assert store.mark() == other.mark() == marks[-1]
    other.close()


def test_a_mark_differs_in_a_database_that_has_as_many_changes(store: Store, tmp_path: Path) -> None:
    """From the first one on: one that was made anew isn't taken for the one before."""
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    assert (store.version(), store.mark() == other.mark()) == (other.version(), False)
    for each in (store, other):
        each.clients.change([put("a")], expected_version=0, now=NOW)
    assert (store.version(), store.mark() == other.mark()) == (other.version(), False)
    other.close()


def test_an_assertion_is_used_once(store: Store) -> None:
    """By the client whose it is; another's with the same id is another, and so is another cut of both."""
    use = partial(store.assertions.use, expires_at=NOW + 60, now=NOW, per_client=10)
    assert use("a", "1") is FIRST
    assert use("a", "1") is REPEATED
    assert use("b", "1") is FIRST
    assert use("a1", "") is FIRST
    assert use("a", "\x00\ud800" * 200) is FIRST


def test_a_full_share_refuses_and_forgets_nothing(store: Store) -> None:
    """Others have their own; what has expired takes no room."""
    use = store.assertions.use
    assert use("a", "old", expires_at=NOW - 1, now=NOW - 2, per_client=2) is FIRST
    assert [use("a", jti, expires_at=NOW + 60, now=NOW, per_client=2) for jti in "123"] == [
        FIRST,
        FIRST,
        FULL,
    ]
    assert use("a", "1", expires_at=NOW + 60, now=NOW, per_client=2) is REPEATED
    assert use("b", "1", expires_at=NOW + 60, now=NOW, per_client=2) is FIRST


def test_what_expired_long_ago_is_forgotten(store: Store) -> None:
    """Not at once: another replica's clock may lag behind."""
    use = store.assertions.use
    assert use("a", "1", expires_at=NOW, now=NOW - 1, per_client=9) is FIRST
    store.assertions._tidying._next_look = 0.0  # noqa: SLF001 -- as if half a minute had passed
    assert use("a", "1", expires_at=NOW, now=NOW + 119, per_client=9) is REPEATED
    store.assertions._tidying._next_look = 0.0  # noqa: SLF001
    assert use("a", "1", expires_at=NOW, now=NOW + 121, per_client=9) is FIRST


def test_what_expired_is_forgotten_bit_by_bit(store: Store) -> None:
    """Nobody who uses an assertion waits until thousands are deleted."""
    for number in range(450):
        store.assertions.use("a", f"{number}", expires_at=NOW, now=NOW - 1, per_client=1000)
    store.assertions._tidying._next_look = 0.0  # noqa: SLF001 -- as if half a minute had passed
    left = []
    for number in range(4):
        store.assertions.use("b", f"{number}", expires_at=NOW + 900, now=NOW + 600, per_client=9)
        with store._database.reading() as connection:  # noqa: SLF001
            left.append(connection.exec_driver_sql("SELECT count(*) FROM used_assertions").scalar())
    assert left == [251, 52, 3, 4]


def test_a_clock_that_runs_ahead_forgets_nothing_that_counts(postgres_url: str) -> None:
    """Machines that share a server of databases have a clock each; it is the server's that counts."""
    store = open_store(postgres_url)
    now = time.time()
    use, full = store.assertions.use, {"a": Bucket(rate=0.001, burst=1)}
    ended = Denial(kind="jti", value="a", since=now, until=now + 10)
    assert use("a", "1", expires_at=now + 60, now=now, per_client=9) is FIRST
    assert store.rates.take(full, now) == 0.0
    store.denials.add(ended)

    for tidying in (store.assertions._tidying, store.rates._tidying):  # noqa: SLF001
        tidying._next_look = 0.0  # noqa: SLF001 -- as another replica, which has just started
    ahead = now + 1_000_000
    assert use("b", "1", expires_at=ahead + 60, now=ahead, per_client=9) is FIRST
    assert store.rates.take({"b": Bucket(rate=0.001, burst=1)}, ahead) == 0.0
    store.denials.add(Denial(kind="jti", value="b", since=ahead))

    assert use("a", "1", expires_at=now + 60, now=now, per_client=9) is REPEATED
    assert store.rates.take(full, now) > 0
    assert ended in store.denials.all(now)
    store.close()


def test_a_share_is_never_exceeded_by_one_process(store: Store) -> None:
    """Though it doesn't count each time; what was remembered is told from what there is no room for."""
    use = partial(store.assertions.use, "a", expires_at=NOW + 60, now=NOW, per_client=100)
    found = at_once(8, lambda number: [use(f"{number}-{n}") for n in range(20)])
    uses = [each for of_one in found for each in of_one]
    slack = 0 if store.is_local else 8
    assert uses.count(FULL) + uses.count(FIRST) == 160
    assert 100 <= uses.count(FIRST) <= 100 + slack
    again = [use(f"{number}-{n}") for number in range(8) for n in range(20)]
    assert again == [REPEATED if each is FIRST else FULL for each in uses]


def test_a_share_is_hardly_exceeded_by_several_replicas(url: str, store: Store) -> None:
    """Each takes half of the room that it saw before it looks again."""
    replicas = [store, open_store(url)]
    asks = [
        partial(each.assertions.use, "a", expires_at=NOW + 60, now=NOW, per_client=100) for each in replicas
    ]
    uses = [asks[n % 2](f"{n}") for n in range(300)]
    assert uses.count(FIRST) in (100, 101)
    assert uses[200:] == [FULL] * 100
    replicas[1].close()


def test_of_many_uses_at_one_moment_one_is_the_first(url: str, store: Store) -> None:
    """Over two replicas with eight threads."""
    replicas = [store, open_store(url)]
    for jti in map(str, range(20)):
        found = at_once(
            8,
            lambda number, jti=jti: replicas[number % 2].assertions.use(  # type: ignore[misc]
                "a", jti, expires_at=NOW + 60, now=NOW, per_client=1000
            ),
        )
        assert sorted(found, key=str) == [FIRST, *[REPEATED] * 7]
    replicas[1].close()


def test_a_bucket_holds_a_burst_and_leaks(store: Store) -> None:
    """Ten a second, three at once; the wait is told."""
    bucket = {"a": Bucket(rate=10, burst=3)}
    assert [store.rates.take(bucket, NOW) for _ in range(4)] == [0.0, 0.0, 0.0, pytest.approx(0.1, abs=1e-3)]
    assert store.rates.take(bucket, NOW + 0.11) == 0.0
    assert store.rates.take({"a": Bucket(rate=10, burst=3, cost=2)}, NOW + 0.11) == pytest.approx(
        0.19, abs=1e-2
    )
    assert store.rates.take({"b": Bucket(rate=1, burst=1), **bucket}, NOW + 0.11) > 0
    assert store.rates.take(bucket, NOW + 100) == 0.0


def test_a_clock_that_is_set_back_shuts_nobody_out(store: Store) -> None:
    """What it filled a bucket with long before its time counts for nothing; what failures cost does."""
    bucket = {"a": Bucket(rate=10, burst=3)}
    assert store.rates.take({"a": Bucket(rate=10, burst=1e9, cost=999)}, NOW) == 0.0
    assert store.rates.take(bucket, NOW) == pytest.approx(99.7, abs=1e-3)
    assert store.rates.take({"a": Bucket(rate=10, burst=3)}, NOW - 3600) == 0.0
    assert [store.rates.take(bucket, NOW - 3600) == 0.0 for _ in range(3)] == [True, True, False]


def test_a_bucket_is_one_for_all_replicas(url: str, store: Store) -> None:
    """However many ask at once."""
    replicas = [store, open_store(url)]
    bucket = {"a": Bucket(rate=0.001, burst=5)}
    found = at_once(8, lambda number: replicas[number % 2].rates.take(bucket, NOW) == 0.0)
    assert sum(found) == 5
    replicas[1].close()


def test_empty_buckets_are_forgotten(store: Store) -> None:
    """A bucket says when it is empty."""
    store.rates.take({"a": Bucket(rate=1, burst=1), "b": Bucket(rate=0.001, burst=1)}, NOW)
    store.rates._tidying._next_look = 0.0  # noqa: SLF001 -- as if a minute had passed
    assert store.rates.take({"c": Bucket(rate=1, burst=1)}, NOW + 5) == 0.0
    with store._database.reading() as connection:  # noqa: SLF001
        names = [row[0] for row in connection.exec_driver_sql("SELECT bucket FROM rates ORDER BY bucket")]
    assert names == ["b", "c"]


def test_keys_are_replaced_by_whoever_saw_them_as_they_are(store: Store) -> None:
    """The whole set, with every field."""
    first, second = key("one"), replace(key("two", KeyState.PENDING), created_at=NOW + 1, removes_at=NOW + 9)
    assert store.keys.all() == ()
    assert store.keys.replace([first], expected=[])
    assert not store.keys.replace([second], expected=[])
    assert store.keys.replace([second, first], expected=[first])
    assert store.keys.all() == (first, second)
    assert not store.keys.replace([], expected=[first, replace(second, state=KeyState.ACTIVE)])
    assert store.keys.replace([second], expected=[first, second])
    assert store.keys.all() == (second,)


def test_of_several_who_replace_the_same_keys_one_does(url: str, store: Store) -> None:
    """Two replicas begin at one moment, and both have the same key afterwards."""
    replicas = [open_store(url) for _ in range(4)]
    done = at_once(4, lambda number: replicas[number].keys.replace([key(f"k{number}")], expected=[]))
    assert sorted(done) == [False, False, False, True]
    assert [each.kid for each in store.keys.all()] == [f"k{done.index(True)}"]
    for replica in replicas:
        replica.close()


def test_denials_hold_until_they_end(store: Store) -> None:
    """One for each value of a kind; adding and removing counts as a change."""
    forever = Denial(kind="subject", value="ci-bot", reason="laptop stolen", since=NOW)
    short = Denial(kind="jti", value="ci-bot", since=NOW, until=NOW + 10)
    store.denials.add(forever)
    store.denials.add(replace(short, until=NOW + 1))
    store.denials.add(short)
    assert (store.denials.all(NOW), store.version()) == ((short, forever), 3)
    assert store.denials.all(NOW + 10) == (forever,)
    assert (store.denials.remove("jti", "other"), store.version()) == (False, 3)
    assert (store.denials.remove("subject", "ci-bot"), store.version()) == (True, 4)


def test_what_was_denied_is_forgotten_a_day_after_it_ended(store: Store) -> None:
    """Not before, as clocks differ: what one takes for over may still hold for another."""
    short = Denial(kind="jti", value="a", since=NOW, until=NOW + 10)
    later = Denial(kind="jti", value="b", since=NOW + 86_000)
    store.denials.add(short)
    store.denials.add(later)
    assert store.denials.all(NOW) == (short, later)
    store.denials.add(replace(later, since=NOW + 86_410))
    assert store.denials.all(NOW) == (replace(later, since=NOW + 86_410),)
