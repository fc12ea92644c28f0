"""What can't be asked now says so, tells nothing of what is in it, and is asked again."""

import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from policy_engine.errors import StorageError
from policy_engine.storage import AssertionUse, ClientChange, KeyState, Store, StoredKey, open_store
from policy_engine.storage.database import Database
from tests.plugins.postgres import Cluster, free_port

NOW = 1_800_000_000.0
CHANGE = [ClientChange(client_id="a", document={"secret": "hunter2"})]


def failure(ask: Callable[[], object]) -> str:
    """What is said when a store can't be asked; the rest of what is printed of it tells no more."""
    with pytest.raises(StorageError) as caught:
        ask()
    assert caught.value.code == "storage_unavailable"
    printed = "".join(traceback.format_exception(caught.value))
    assert "SELECT" not in printed
    assert "hunter2" not in printed
    return caught.value.note


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Store]:
    """A store in a file, with a client."""
    opened = open_store(f"sqlite:///{tmp_path}/store.db")
    opened.clients.change(CHANGE, expected_version=0, now=NOW)
    yield opened
    opened.close()


def test_a_locked_store_is_unavailable_until_it_is_free(url: str, store: Store) -> None:
    """Whoever waits, waits for some seconds at most."""
    hasty = Store(Database(url, wait=0.2))
    with store._database.writing() as connection:  # noqa: SLF001 -- another process that takes long
        connection.exec_driver_sql("UPDATE changes SET version = 7")
        problem = failure(lambda: hasty.clients.change(CHANGE, expected_version=None, now=NOW))
        name = "SQLITE_BUSY" if store.is_local else "QueryCanceled"
        assert problem == f"the database failed: {name}"
        assert hasty.version() == 0
    assert hasty.clients.change(CHANGE, expected_version=7, now=NOW) == 8
    hasty.close()


def test_threads_of_one_process_wait_no_longer(tmp_path: Path) -> None:
    """They queue before they ask SQLite."""
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    store._database._wait = 0.1  # noqa: SLF001
    with store._database.writing():  # noqa: SLF001 -- another thread that takes long
        assert failure(lambda: store.clients.change(CHANGE, expected_version=0, now=NOW)) == (
            "the database is busy"
        )
    assert store.clients.change(CHANGE, expected_version=0, now=NOW) == 1
    store.close()


def test_a_server_that_goes_away_is_unavailable_and_comes_back(postgres: Cluster) -> None:
    """What was stored is there again; the password isn't in what is said."""
    store = open_store(postgres.new_database().replace("tests@", "tests:hunter2@"))
    store.clients.change(CHANGE, expected_version=0, now=NOW)
    assert use(store, "1") is AssertionUse.FIRST
    postgres.stop()
    try:
        failed = "the database failed: OperationalError"
        assert [failure(store.check), failure(lambda: use(store, "2"))] == [failed] * 2
        nobody = f"postgresql://t:hunter2@127.0.0.1:{free_port()}/x"
        assert failure(lambda: open_store(nobody)) == failed
    finally:
        postgres.start()
    assert [client.client_id for client in store.clients.all()] == ["a"]
    assert [use(store, "1"), use(store, "2")] == [AssertionUse.REPEATED, AssertionUse.FIRST]
    store.close()


def test_a_server_that_was_restarted_meanwhile_is_not_missed(postgres: Cluster) -> None:
    """Connections that are dead by now are replaced before they are used."""
    store = open_store(postgres.new_database())
    store.clients.change(CHANGE, expected_version=0, now=NOW)
    postgres.stop()
    postgres.start()
    assert (use(store, "1"), store.version()) == (AssertionUse.FIRST, 1)
    store.close()


def test_a_server_that_says_nothing_is_given_up() -> None:
    """After three seconds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://t:hunter2@127.0.0.1:{silent.getsockname()[1]}/x"
        began = time.monotonic()
        problem = failure(lambda: open_store(url))
        assert time.monotonic() - began < 6
    assert problem == "the database failed: ConnectionTimeout"


def test_a_file_that_is_gone_is_unavailable_and_comes_back(local: Store, tmp_path: Path) -> None:
    """SQLite would go on in the file without a name, where nobody else sees what is written."""
    file, away = tmp_path / "store.db", tmp_path / "away"
    away.mkdir()
    for path in tmp_path.glob("store.db*"):
        path.rename(away / path.name)
    gone = "the file of the store is gone"
    assert [failure(local.check), failure(lambda: use(local, "1"))] == [gone] * 2
    assert not file.exists()
    for path in away.iterdir():
        path.rename(tmp_path / path.name)
    assert (use(local, "1"), local.version()) == (AssertionUse.FIRST, 1)


def test_a_file_that_was_replaced_is_read_anew(local: Store, tmp_path: Path) -> None:
    """As when a backup is put in its place."""
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    other.clients.change([ClientChange(client_id="b", document={})], expected_version=0, now=NOW)
    other.close()
    for path in tmp_path.glob("store.db-*"):
        path.unlink()
    (tmp_path / "other.db").rename(tmp_path / "store.db")
    assert [client.client_id for client in local.clients.all()] == ["b"]


FILLER = """
import resource, sys
from policy_engine.errors import StorageError
from policy_engine.storage import ClientChange, open_store

store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
for n in range(1000):
    try:
        some = [ClientChange(client_id=f"c{n}-{i}", document={"pad": "x" * 1000}) for i in range(10)]
        store.clients.change(some, expected_version=n, now=float(n))
    except StorageError as error:
        print(n, error.code, error.note)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(store.clients.change(some, expected_version=n, now=float(n)))
        break
"""


def test_a_disk_that_is_full_stops_a_change_and_spoils_nothing(tmp_path: Path) -> None:
    """Nothing of it is there; once there is room, the same change is made by the same store."""
    url = f"sqlite:///{tmp_path}/full.db"
    said = subprocess.run([sys.executable, "-c", FILLER, url], capture_output=True, timeout=60, check=True)
    first, second = said.stdout.decode().splitlines()
    count, code, note = first.split(maxsplit=2)
    assert (code, note) == ("storage_unavailable", "the database failed: SQLITE_IOERR_WRITE")
    assert second == str(int(count) + 1)
    store = open_store(url)
    assert len(store.clients.all()) == 10 * (int(count) + 1) == 10 * store.version()
    store.close()


def test_what_no_database_takes_is_no_fault_of_ours(store: Store) -> None:
    """Half a character; and nothing was changed."""
    strange = [ClientChange(client_id="\ud800", document={})]
    problem = failure(lambda: store.clients.change(strange, expected_version=0, now=NOW))
    assert problem == "the database failed: UnicodeEncodeError"
    assert (store.clients.all(), store.version()) == ((), 0)


def test_a_row_that_is_refused_says_nothing_of_itself(store: Store) -> None:
    """Two keys of one name; the set stays as it was."""
    key = StoredKey(
        kid="hunter2",
        algorithm="ES256",
        state=KeyState.ACTIVE,
        public_jwk={},
        sealed=b"hunter2",
        created_at=NOW,
        activates_at=NOW,
    )
    name = "SQLITE_CONSTRAINT_PRIMARYKEY" if store.is_local else "UniqueViolation"
    problem = failure(lambda: store.keys.replace([key, key], expected=[]))
    assert problem == f"the database failed: {name}"
    assert store.keys.all() == ()
    assert store.keys.replace([key], expected=[])


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("DELETE FROM changes", "the store has lost count of its changes"),
        ("DROP TABLE clients", "the database failed: SQLITE_ERROR"),
    ],
)
def test_what_somebody_else_spoilt_is_not_taken_for_something(
    local: Store, damage: str, problem: str
) -> None:
    """Nor for nothing."""
    with local._database.writing() as connection:  # noqa: SLF001
        connection.exec_driver_sql(damage)
    assert failure(lambda: (local.version(), local.clients.all())) == problem


SPOILT = {
    "no JSON": "'{'",
    "no object": "'[1]'",
    "nothing": "''",
    "too deep": '\'{"a": ' + "[" * 100_000 + "'",
    "deep enough to be read, and to break who walks through it": '\'{"a": ' + "[" * 900 + "]" * 900 + "}'",
    "twice": '\'{"enabled": true, "enabled": false}\'',
}


@pytest.mark.parametrize("document", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_document_is_its_own_clients_fault(store: Store, document: str) -> None:
    """It is taken for empty; others are read, and it can be changed and removed."""
    store.clients.change([*CHANGE, ClientChange(client_id="b", document={})], expected_version=0, now=NOW)
    with store._database.writing() as connection:  # noqa: SLF001
        connection.execute(text(f"UPDATE clients SET document = {document} WHERE client_id = 'b'"))  # noqa: S608

    found = store.clients.find("b")

    assert found is not None
    assert (found.document, found.removed_at) == ({}, None)
    assert {each.client_id: each.document for each in store.clients.all()} == {
        "a": {"secret": "hunter2"},
        "b": {},
    }
    store.clients.change([ClientChange(client_id="b", document={"n": 1})], expected_version=1, now=NOW)
    assert [each.document for each in store.clients.all()] == [{"secret": "hunter2"}, {"n": 1}]
    store.clients.change([ClientChange(client_id="b", document=None)], expected_version=2, now=NOW)
    assert [each.client_id for each in store.clients.all()] == ["a"]


@pytest.mark.parametrize("document", ["x'ff'", "CAST(x'ff' AS TEXT)", "x'7b7d'"])
def test_bytes_that_are_no_text_are_their_own_clients_fault(local: Store, document: str) -> None:
    """SQLite takes any bytes, wherever."""
    local.clients.change([ClientChange(client_id="b", document={})], expected_version=1, now=NOW)
    with local._database.writing() as connection:  # noqa: SLF001
        connection.exec_driver_sql(f"UPDATE clients SET document = {document} WHERE client_id = 'b'")  # noqa: S608
    assert [each.document for each in local.clients.all()] == [{"secret": "hunter2"}, {}]


@pytest.mark.parametrize("name", ["CAST(x'ff62' AS TEXT)", "x'ff62'"])
def test_a_name_that_is_no_text_is_nobodys(local: Store, name: str) -> None:
    """No client's id has a backslash; others are read."""
    local.clients.change([ClientChange(client_id="b", document={})], expected_version=1, now=NOW)
    with local._database.writing() as connection:  # noqa: SLF001
        connection.exec_driver_sql(f"UPDATE clients SET client_id = {name} WHERE client_id = 'b'")  # noqa: S608
    assert [each.client_id for each in local.clients.all()] == ["\\xffb", "a"]
    found = local.clients.find("a")
    assert found is not None
    assert found.client_id == "a"


@pytest.mark.parametrize("damage", ["'x'", "x'ff'", "9e999", "-1.0", "1e300"])
def test_a_time_that_is_none_is_told_as_the_first_of_all(local: Store, damage: str) -> None:
    """Nothing is decided by it."""
    with local._database.writing() as connection:  # noqa: SLF001
        connection.exec_driver_sql(f"UPDATE clients SET created_at = {damage}")  # noqa: S608
    assert [(each.created_at, each.changed_at) for each in local.clients.all()] == [(0.0, NOW)]


@pytest.mark.parametrize("value", ["\ud800", float("nan"), 2**53 + 1])
def test_what_could_not_be_read_again_is_not_written(store: Store, value: object) -> None:
    """It would be the last that is heard of this client."""
    change = [ClientChange(client_id="a", document={"hunter2": value})]
    problem = failure(lambda: store.clients.change(change, expected_version=0, now=NOW))
    assert problem == "what is to be stored isn't strict JSON"
    assert (store.clients.all(), store.version()) == ((), 0)


@pytest.mark.parametrize("jwk", ["'{'", "'" + "[" * 100_000 + "'"])
def test_a_key_that_can_not_be_read_stops_all(local: Store, jwk: str) -> None:
    """A set without it would be another set."""
    with local._database.writing() as connection:  # noqa: SLF001
        connection.exec_driver_sql(
            f"INSERT INTO signing_keys VALUES ('k', 'ES256', 'active', {jwk}, x'00', 1.0, 1.0, NULL)"  # noqa: S608
        )
    assert failure(local.keys.all) == "the store holds a document that can't be read"


def test_a_key_of_a_state_that_is_not_known_is_not_used(local: Store) -> None:
    """A later version may know it."""
    with local._database.writing() as connection:  # noqa: SLF001
        connection.exec_driver_sql(
            "INSERT INTO signing_keys VALUES ('k', 'ES256', 'revoked', '{}', x'00', 1.0, 1.0, NULL)"
        )
    assert failure(local.keys.all) == "the store holds a key of a state that isn't known"


def use(store: Store, jti: str) -> AssertionUse:
    """Use an assertion."""
    return store.assertions.use("a", jti, expires_at=NOW + 60, now=NOW, per_client=9)
