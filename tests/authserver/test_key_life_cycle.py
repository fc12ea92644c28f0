"""Signing keys over their lives: one signs, what it signed can be verified, and no state is half done."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_engine.authserver import AuthorizationServer, HttpRequest, StoredKeys
from policy_engine.authserver.keys.life_cycle import KEPT
from policy_engine.authserver.keys.vault import Vault
from policy_engine.errors import ConfigError, PolicyEngineError, StorageError
from policy_engine.jose import ALGORITHMS, SECRET_MEMBERS, KeySet, Sealer, SigningKey, sign, verify
from policy_engine.storage import KeyState, Store, StoredKey, open_store
from tests.plugins.samples import samples

NOW = 1_800_000_000.0
TTL, LEEWAY, LEAD = 3600, 60, 360
SEALER = Sealer([b"k" * 32])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a store with tables."""
    url = f"sqlite:///{tmp_path_factory.mktemp('keys') / 'keys.db'}"
    open_store(url).close()
    return url


@pytest.fixture(scope="module")
def opened(database: str) -> Iterator[tuple[Store, Store]]:
    """The stores of two replicas over one database."""
    first, second = open_store(database), open_store(database)
    yield first, second
    first.close()
    second.close()


@pytest.fixture
def stores(opened: tuple[Store, Store]) -> tuple[Store, Store]:
    """The same, without keys."""
    empty(opened[0])
    return opened


def empty(store: Store) -> None:
    """Drop all keys."""
    assert store.keys.replace([], expected=store.keys.all())


@dataclass
class Clock:
    """A time that tests set, and by how much a replica's clock is off."""

    time: float = NOW
    off: float = 0.0

    def __call__(self) -> float:
        """What it says."""
        return self.time + self.off


def states(keys: Sequence[StoredKey]) -> list[str]:
    """The states, of the oldest key first."""
    return [key.state.value for key in keys]


def kids(keys: StoredKeys) -> list[str]:
    """What is published."""
    return [jwk["kid"] for jwk in keys.published()]


def test_the_first_key_is_made_when_it_is_needed_and_signs_at_once(stores: tuple[Store, Store]) -> None:
    """Two replicas that start together have the same one."""
    first, second = (StoredKeys(store, SEALER, now=Clock()) for store in stores)

    assert first.active().kid == second.active().kid
    assert kids(first) == kids(second) == [first.active().kid]
    assert [(key.state, key.activates_at, key.removes_at) for key in stores[0].keys.all()] == [
        (KeyState.ACTIVE, NOW, None)
    ]


@pytest.mark.rules("AS-75")
def test_a_key_lives_from_pending_to_gone(stores: tuple[Store, Store]) -> None:
    """Published for longer than others keep the key set; then it signs; then as long as its last token."""
    clock = Clock()
    keys = StoredKeys(stores[0], SEALER, now=clock)
    old = keys.active().kid

    after = keys.rotate()
    new = after[1].kid
    assert states(after) == ["active", "pending"]
    assert (keys.active().kid, kids(keys)) == (old, [old, new])

    clock.time = NOW + LEAD - 0.001
    assert keys.active().kid == old
    clock.time = NOW + LEAD
    assert (keys.active().kid, kids(keys)) == (new, [old, new])

    clock.time = NOW + LEAD + TTL + LEEWAY - 0.001
    assert kids(keys) == [old, new]
    assert {(key.kid, key.state, key.removes_at) for key in stores[0].keys.all()} == {
        (old, KeyState.RETIRING, NOW + LEAD + TTL + LEEWAY),
        (new, KeyState.ACTIVE, None),
    }
    clock.time = NOW + LEAD + TTL + LEEWAY
    assert kids(keys) == [new]
    clock.time += 2  # the reading is renewed, and what time did is written down
    assert kids(keys) == [new]
    assert {(key.kid, key.state.value) for key in stores[0].keys.all()} == {
        (old, "retiring"),
        (new, "active"),
    }
    assert [key.kid for key, _ in keys.listed()] == [new]
    clock.time = NOW + LEAD + TTL + LEEWAY + KEPT
    assert (kids(keys), states(stores[0].keys.all())) == ([new], ["active"])


@pytest.mark.rules("AS-74")
def test_the_key_set_may_be_kept_for_less_than_a_key_is_published_ahead(
    stores: tuple[Store, Store], make_server: Callable[..., AuthorizationServer]
) -> None:
    """Otherwise a new key would sign what nobody can verify."""
    server = make_server(keys=StoredKeys(stores[0], SEALER, now=Clock()))
    answer = server.handle(HttpRequest(method="GET", path="/jwks.json"))

    assert answer.values("Cache-Control") == ("public, max-age=300",)
    pending = StoredKeys(stores[0], SEALER, now=Clock()).rotate()[1]
    assert pending.activates_at - pending.created_at == 360


def test_rotating_twice_makes_one_key(stores: tuple[Store, Store]) -> None:
    """Whoever does it."""
    clock = Clock()
    first, second = (StoredKeys(store, SEALER, now=clock) for store in stores)
    first.active()

    assert first.rotate() == second.rotate() == first.rotate()


@pytest.mark.parametrize("database_of", ["sqlite", "postgres"])
def test_rotating_at_the_same_time_makes_one_key(
    request: pytest.FixtureRequest, tmp_path: Path, database_of: str
) -> None:
    """One replica wins, and all end with the same keys."""
    sqlite = f"sqlite:///{tmp_path / 'keys.db'}"
    url = sqlite if database_of == "sqlite" else request.getfixturevalue("postgres_url")
    stores = [open_store(url) for _ in range(4)]
    replicas = [StoredKeys(store, SEALER, now=Clock()) for store in stores * 2]

    with ThreadPoolExecutor(8) as pool:
        active = {key.kid for key in pool.map(lambda keys: keys.active(), replicas)}
        results = set(pool.map(lambda keys: keys.rotate(), replicas))
        dropped = set(pool.map(lambda keys: _dropped(keys, min(active)), replicas))

    for store in stores:
        store.close()
    assert (len(active), len(results)) == (1, 1)
    before = results.pop()
    assert states(before) == ["active", "pending"]
    # The next in line signs now; for the others there was nothing to drop any more.
    assert {each for each in dropped if each} == {((before[1].kid, "active"),)}


def _dropped(keys: StoredKeys, kid: str) -> tuple[tuple[str, str], ...]:
    """What there is after a key was dropped; nothing where it had been already."""
    try:
        return tuple((key.kid, key.state.value) for key in keys.retire(kid, at_once=True))
    except ConfigError:
        return ()


def test_a_rotation_goes_on_where_the_server_is_down_meanwhile(stores: tuple[Store, Store]) -> None:
    """What time does needs nobody to watch."""
    clock = Clock()
    before = StoredKeys(stores[0], SEALER, now=clock)
    before.active()
    new = before.rotate()[1].kid

    clock.time = NOW + 10 * TTL
    assert kids(StoredKeys(stores[1], SEALER, now=clock)) == [new]


def test_the_active_key_retires_by_way_of_a_successor(stores: tuple[Store, Store]) -> None:
    """To retire it is to rotate; a second time changes nothing."""
    keys = StoredKeys(stores[0], SEALER, now=Clock())
    old = keys.active().kid

    after = keys.retire(old)

    assert states(after) == ["active", "pending"]
    assert keys.retire(old) == after


def test_a_pending_key_can_be_taken_back(stores: tuple[Store, Store]) -> None:
    """It signed nothing; shortly before its time somebody's clock may say that it did."""
    clock = Clock()
    keys = StoredKeys(stores[0], SEALER, now=clock)
    old = keys.active().kid

    first = keys.rotate()[1].kid
    assert [key.kid for key in keys.retire(first)] == [old]
    second = keys.rotate()[1].kid
    clock.time = NOW + LEAD - LEEWAY
    after = keys.retire(second)
    assert [(key.kid, key.state) for key in after] == [(old, "active"), (second, "retiring")]
    assert keys.retire(second) == after
    assert keys.active().kid == old


@pytest.mark.parametrize("pending", [False, True], ids=["alone", "with a successor"])
def test_in_an_emergency_a_key_is_gone_at_once(stores: tuple[Store, Store], *, pending: bool) -> None:
    """Another signs in the same moment: the next in line, that others may know, or a new one."""
    keys = StoredKeys(stores[0], SEALER, now=Clock())
    old = keys.active().kid
    following = keys.rotate()[1].kid if pending else None

    after = keys.retire(old, at_once=True)

    assert states(after) == ["active"]
    assert after[0].kid != old
    assert following in (None, after[0].kid)
    assert (keys.active().kid, kids(keys)) == (after[0].kid, [after[0].kid])


def test_an_unknown_key_cant_be_retired(stores: tuple[Store, Store]) -> None:
    """Nothing is changed."""
    keys = StoredKeys(stores[0], SEALER, now=Clock())
    keys.active()
    before = stores[0].keys.all()

    with pytest.raises(ConfigError, match="no signing key is called `other`") as refused:
        keys.retire("other", at_once=True)

    assert (refused.value.code, stores[0].keys.all()) == ("signing_keys", before)


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_what_it_signs_verifies_by_what_it_publishes(stores: tuple[Store, Store], algorithm: str) -> None:
    """After a restart too, with every algorithm; and the private half is nowhere in plain."""
    StoredKeys(stores[0], SEALER, algorithm=algorithm, now=Clock()).active()
    keys = StoredKeys(stores[1], SEALER, now=Clock())

    token = sign({"a": 1}, keys.active(), typ="at+jwt")

    assert keys.active().algorithm == algorithm
    assert (
        verify(token, KeySet.from_jwks({"keys": list(keys.published())}), (algorithm,)).payload == b'{"a":1}'
    )
    (stored,) = stores[0].keys.all()
    private = keys.active().to_jwk()["d"].encode()
    assert private not in stored.sealed + json.dumps(dict(stored.public_jwk)).encode()


def test_no_name_of_a_key_looks_like_an_option() -> None:
    """One thumbprint in 64 begins with a hyphen, which `keys retire` couldn't be given."""
    vault = Vault(SEALER)
    made = [vault.make("EdDSA", KeyState.ACTIVE, now=NOW, activates_at=NOW).kid for _ in range(600)]

    assert [kid for kid in made if kid.startswith("-")] == []


def test_an_unknown_algorithm_changes_nothing(stores: tuple[Store, Store]) -> None:
    """It is the configuration's mistake."""
    StoredKeys(stores[0], SEALER, now=Clock()).active()
    before = stores[0].keys.all()

    with pytest.raises(PolicyEngineError, match="unsupported_algorithm"):
        StoredKeys(stores[0], SEALER, algorithm="HS256", now=Clock()).rotate()

    assert stores[0].keys.all() == before


# --- what doesn't open -------------------------------------------------------------------------


def test_a_key_that_cant_be_opened_signs_nothing(
    stores: tuple[Store, Store], make_server: Callable[..., AuthorizationServer]
) -> None:
    """The error names the key and two ways out; a request is answered 503."""
    kid = StoredKeys(stores[0], SEALER, now=Clock()).active().kid
    foreign = StoredKeys(stores[0], Sealer([b"x" * 32]), now=Clock())

    with pytest.raises(ConfigError) as refused:
        foreign.active()

    assert str(refused.value) == (
        f"the signing key `{kid}` can't be opened with the configured encryption key (put back the "
        f"encryption key that it was sealed with, or drop it: policy-engine keys retire {kid} --now)"
    )
    assert (foreign.published(), set(foreign.faults)) == ((), {kid})
    form = b"grant_type=client_credentials&client_id=agent&client_secret=current"
    request = HttpRequest(
        method="POST",
        path="/token",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=form,
    )
    assert make_server(keys=foreign).handle(request).status == 503


def test_the_way_out_of_a_lost_encryption_key_leads_out(stores: tuple[Store, Store]) -> None:
    """As the remedy says."""
    kid = StoredKeys(stores[0], SEALER, now=Clock()).active().kid
    foreign = StoredKeys(stores[0], Sealer([b"x" * 32]), now=Clock())

    foreign.retire(kid, at_once=True)

    assert (foreign.active().kid != kid, foreign.faults) == (True, {})


@pytest.mark.parametrize("how", ["rotate", "retire"])
def test_nothing_is_made_with_another_encryption_key_than_the_active_keys(
    stores: tuple[Store, Store], how: str
) -> None:
    """No server could open what it sealed: all would stop when that key's time comes."""
    kid = StoredKeys(stores[0], SEALER, now=Clock()).active().kid
    before = stores[0].keys.all()
    foreign = StoredKeys(stores[1], Sealer([b"x" * 32]), now=Clock())

    with pytest.raises(ConfigError, match=f"the signing key `{kid}` can't be opened") as refused:
        foreign.rotate() if how == "rotate" else foreign.retire(kid)

    assert (refused.value.code, stores[0].keys.all()) == ("signing_keys", before)


def with_foreign_successor(store: Store) -> tuple[str, str]:
    """An active key, and a pending one that another encryption key sealed; their names."""
    StoredKeys(store, SEALER, now=Clock()).active()
    made = Vault(Sealer([b"x" * 32])).make("ES256", KeyState.PENDING, now=NOW, activates_at=NOW + LEAD)
    (active,) = store.keys.all()
    assert store.keys.replace([active, made], expected=[active])
    return active.kid, made.kid


def test_a_key_that_cant_be_opened_never_takes_over(
    stores: tuple[Store, Store], caplog: pytest.LogCaptureFixture
) -> None:
    """The server goes on, says so once, and isn't ready; taking the key back makes it so."""
    old, foreign = with_foreign_successor(stores[0])
    clock = Clock()
    keys = StoredKeys(stores[0], SEALER, now=clock)

    for passed in (0, LEAD, LEAD + 2, 2 * TTL):
        clock.time = NOW + passed
        assert (keys.active().kid, kids(keys)) == (old, [old])
        with pytest.raises(ConfigError, match=f"`{foreign}` can't be opened"):
            keys.check()
    with pytest.raises(ConfigError, match=f"`{foreign}` can't be opened"):
        keys.rotate()

    assert [record.getMessage() for record in caplog.records] == [str(keys.faults[foreign])]
    assert {(key.kid, key.state.value) for key in stores[0].keys.all()} == {
        (old, "active"),
        (foreign, "pending"),
    }
    assert [key.kid for key in keys.retire(foreign, at_once=True)] == [old]
    keys.check()
    assert states(keys.rotate()) == ["active", "pending"]


def test_who_cant_open_the_active_key_lets_no_other_take_over(stores: tuple[Store, Store]) -> None:
    """A replica with a wrong encryption key issues nothing, and disturbs nobody."""
    old, foreign = with_foreign_successor(stores[0])
    stray = StoredKeys(stores[1], Sealer([b"x" * 32]), now=Clock(NOW + LEAD), freshness=0)

    with pytest.raises(ConfigError, match=f"`{old}` can't be opened"):
        stray.active()

    assert kids(stray) == [foreign]
    assert {(key.kid, key.state.value) for key in stores[0].keys.all()} == {
        (old, "active"),
        (foreign, "pending"),
    }


def test_in_an_emergency_a_key_that_cant_be_opened_is_no_successor(stores: tuple[Store, Store]) -> None:
    """A new one is made."""
    old, foreign = with_foreign_successor(stores[0])
    keys = StoredKeys(stores[0], SEALER, now=Clock())

    keys.retire(old, at_once=True)

    assert keys.active().kid not in {old, foreign}
    assert kids(keys) == [keys.active().kid]


def test_a_replica_whose_clock_is_ahead_takes_no_key_from_the_others(stores: tuple[Store, Store]) -> None:
    """What is gone for it is kept, and the others go on publishing it."""
    clock = Clock()
    right = StoredKeys(stores[0], SEALER, now=clock, freshness=0)
    old = right.active().kid
    new = right.rotate()[1].kid
    clock.time = NOW + LEAD
    assert right.active().kid == new

    ahead = StoredKeys(stores[1], SEALER, now=Clock(clock.time, off=7200), freshness=0)
    assert kids(ahead) == [new]
    assert ahead.rotate()[0].kid == new
    ahead.retire(old)

    assert set(kids(right)) >= {old, new}
    assert right.active().kid == new


def test_a_first_key_of_a_clock_that_was_ahead_is_rotated_as_any(stores: tuple[Store, Store]) -> None:
    """Its successor takes over in its turn, and isn't retired in its stead."""
    early = StoredKeys(stores[0], SEALER, now=Clock(off=7200)).active().kid
    clock = Clock()
    keys = StoredKeys(stores[0], SEALER, now=clock, freshness=0)
    assert keys.active().kid == early

    (new,) = {key.kid for key in keys.rotate()} - {early}
    assert keys.active().kid == early
    clock.time = NOW + LEAD
    assert (keys.active().kid, set(kids(keys))) == (new, {early, new})
    assert {(key.kid, key.state.value, key.removes_at) for key in stores[0].keys.all()} == {
        (early, "retiring", NOW + LEAD + TTL + LEEWAY),
        (new, "active", None),
    }
    clock.time = NOW + 7200
    assert (keys.active().kid, kids(keys)) == (new, [new])


def test_who_writes_the_database_cant_add_a_key(stores: tuple[Store, Store]) -> None:
    """Neither a public half of their own, nor a sealed half under another name, is published or signs."""
    keys = StoredKeys(stores[0], SEALER, now=Clock(), freshness=0)
    mine = keys.active()
    (stored,) = stores[0].keys.all()
    theirs = SigningKey.generate("ES256")
    planted = [
        replace(
            stored, kid=theirs.kid, public_jwk=theirs.public_jwk(), state=KeyState.RETIRING, removes_at=9e9
        ),
        replace(
            stored,
            kid="k2",
            sealed=Sealer([b"x" * 32]).seal(json.dumps(theirs.to_jwk()).encode(), context="signing key k2"),
            state=KeyState.RETIRING,
            removes_at=9e9,
        ),
        replace(stored, public_jwk=theirs.public_jwk()),
    ]
    assert stores[0].keys.replace(planted, expected=[stored])

    assert [dict(jwk) for jwk in keys.published()] == [mine.public_jwk()]
    assert keys.active().kid == mine.kid
    assert set(keys.faults) == {theirs.kid, "k2"}


@pytest.mark.parametrize("change", [{"algorithm": "ES384"}, {"sealed": b""}], ids=str)
def test_a_key_that_was_changed_in_the_store_signs_no_longer(
    stores: tuple[Store, Store], change: dict[str, Any]
) -> None:
    """Even where it was opened before."""
    clock = Clock()
    keys = StoredKeys(stores[0], SEALER, now=clock)
    StoredKeys(stores[1], SEALER, now=clock).active()
    if "sealed" in change:
        keys.active()
    (stored,) = stores[0].keys.all()
    assert stores[0].keys.replace([replace(stored, **change)], expected=[stored])
    clock.time += 1

    with pytest.raises(ConfigError, match="can't be opened"):
        keys.active()


def test_the_encryption_key_is_replaced_by_a_rotation(stores: tuple[Store, Store]) -> None:
    """After it, nothing is sealed with the old one any more, and no key was lost."""
    old, new = b"k" * 32, b"n" * 32
    before = StoredKeys(stores[0], Sealer([old]), now=Clock()).active().kid

    StoredKeys(stores[0], Sealer([new, old]), now=Clock()).rotate()

    after = StoredKeys(stores[0], Sealer([new]), now=Clock())
    assert (after.active().kid, len(after.published()), after.faults) == (before, 2, {})


# --- the store is away -------------------------------------------------------------------------


class Away:
    """A store's keys that can't be asked while `lost`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lost = False
        self.asked = 0

    @property
    def keys(self) -> "Away":
        """Itself."""
        return self

    def all(self) -> tuple[StoredKey, ...]:
        """Ask."""
        self.asked += 1
        if self.lost:
            raise StorageError("lost")
        return self._store.keys.all()

    def replace(self, keys: Sequence[StoredKey], *, expected: Sequence[StoredKey]) -> bool:
        """Write."""
        return self._store.keys.replace(keys, expected=expected)


def test_a_short_outage_of_the_store_is_not_noticed(stores: tuple[Store, Store]) -> None:
    """For half a minute; what time does goes on meanwhile. Then nothing is signed until the store is back."""
    clock, away = Clock(), Away(stores[0])
    keys = StoredKeys(cast("Store", away), SEALER, now=clock)
    old = keys.active().kid
    new = keys.rotate()[1].kid
    clock.time = NOW + LEAD - 10
    assert keys.active().kid == old

    away.lost = True
    clock.time = NOW + LEAD + 10
    assert (keys.active().kid, kids(keys)) == (new, [old, new])
    clock.time = NOW + LEAD + 20.001
    with pytest.raises(StorageError):
        keys.active()
    asked = away.asked
    with pytest.raises(StorageError, match="a moment ago"):
        keys.published()
    assert away.asked == asked

    away.lost = False
    clock.time += 1
    assert keys.active().kid == new


def test_the_store_is_asked_once_a_second(stores: tuple[Store, Store]) -> None:
    """However many tokens are signed; and again after a clock was set back."""
    clock, away = Clock(), Away(stores[0])
    keys = StoredKeys(cast("Store", away), SEALER, now=clock)

    asked = []
    for time in (NOW, NOW, NOW + 0.999, NOW + 1, NOW + 1.5, NOW - 100, NOW - 100):
        clock.time = time
        keys.active()
        keys.published()
        asked.append(away.asked)

    assert asked == [1, 1, 1, 2, 2, 3, 3]


# --- any life ----------------------------------------------------------------------------------


@dataclass
class Life:
    """Two replicas, whose clocks differ, and what they signed."""

    replicas: list[StoredKeys]
    clocks: list[Clock]
    store: Store
    signed: list[tuple[str, float]] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def do(self, step: tuple[Any, ...]) -> None:
        """One step of one of them."""
        match step:
            case ("pass", seconds):
                for clock in self.clocks:
                    clock.time += seconds
            case ("sign", replica, ttl):
                kid = self.replicas[replica].active().kid
                self.signed.append((kid, self.clocks[replica]() + ttl))
            case ("rotate", replica):
                self.replicas[replica].rotate()
            case ("retire", replica, which, at_once):
                keys = self.replicas[replica].listed()
                if keys:
                    kid = keys[which % len(keys)][0].kid
                    self.replicas[replica].retire(kid, at_once=at_once)
                    self.dropped |= {kid} if at_once else set()
            case _:
                raise AssertionError(step)

    def check(self) -> None:
        """What must always hold."""
        stored = self.store.keys.all()
        assert states(stored).count("active") == (1 if stored else 0)
        assert len({key.kid for key in stored}) == len(stored)
        for replica, clock in zip(self.replicas, self.clocks, strict=True):
            published = replica.published()
            names = [jwk["kid"] for jwk in published]
            assert len(set(names)) == len(names)
            assert replica.active().kid in names
            assert not SECRET_MEMBERS & {member for jwk in published for member in jwk}
            needed = {kid for kid, exp in self.signed if clock() < exp} - self.dropped
            assert needed <= set(names)
            assert not self.dropped & set(names)


REPLICA = st.sampled_from([0, 1])
SECONDS = st.one_of(
    st.sampled_from([0.5, 1.0, LEEWAY, LEAD - 1, LEAD, LEAD + 1, TTL, TTL + LEEWAY, 2 * TTL]),
    st.floats(min_value=0, max_value=5000),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), SECONDS),
        st.tuples(st.just("sign"), REPLICA, st.integers(min_value=1, max_value=TTL)),
        st.tuples(st.just("rotate"), REPLICA),
        st.tuples(st.just("retire"), REPLICA, st.integers(0, 5), st.booleans()),
    ),
    max_size=14,
)


@pytest.mark.rules("AS-66", "AS-75")
@settings(max_examples=samples(40))
@given(steps=STEPS, off=st.floats(min_value=-LEEWAY / 2, max_value=LEEWAY / 2))
@example(
    steps=[
        ("sign", 0, 1),
        ("rotate", 0),
        ("pass", LEAD - 1),
        ("sign", 1, TTL),
        ("sign", 0, TTL),
        ("pass", 5),
    ],
    off=30.0,
)
@example(
    steps=[("rotate", 0), ("pass", LEAD - 20), ("sign", 1, TTL), ("retire", 0, 1, False)],
    off=30.0,
)
def test_whatever_is_done_what_was_signed_can_be_verified(
    opened: tuple[Store, Store], steps: list[tuple[Any, ...]], off: float
) -> None:
    """One active key, names of their own, nothing private, and each token's key until the token ends."""
    empty(opened[0])
    clocks = [Clock(), Clock(off=off)]
    replicas = [
        StoredKeys(store, SEALER, now=clock, freshness=0) for store, clock in zip(opened, clocks, strict=True)
    ]
    life = Life(replicas, clocks, opened[0])

    for step in [("sign", 0, TTL), *steps]:
        life.do(step)
        life.check()


@pytest.mark.rules("AS-74")
def test_no_private_member_is_in_the_bytes_of_the_key_set(
    stores: tuple[Store, Store], make_server: Callable[..., AuthorizationServer]
) -> None:
    """Nor is what was sealed."""
    keys = StoredKeys(stores[0], SEALER, now=Clock())
    keys.active()
    keys.rotate()

    body = make_server(keys=keys).handle(HttpRequest(method="GET", path="/jwks.json")).body

    document = json.loads(body)
    assert [sorted(jwk) for jwk in document["keys"]] == [["alg", "crv", "kid", "kty", "use", "x", "y"]] * 2
    assert all(SEALER.open(key.sealed, context=f"signing key {key.kid}") for key in stores[0].keys.all())
    assert keys.active().to_jwk()["d"].encode() not in body
