"""Stores that are new, old, unknown, or out of reach."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import make_url

from policy_engine.errors import ConfigError, StorageError
from policy_engine.storage import ClientChange, open_store
from policy_engine.storage.migrating import HEAD
from policy_engine.storage.tables import METADATA
from tests.plugins.postgres import Cluster, free_port

NOW = 1_800_000_000.0


def refusal(open_it: Callable[[], object]) -> tuple[str, str]:
    """What can't be opened, and why."""
    with pytest.raises((ConfigError, StorageError)) as caught:
        open_it()
    return caught.value.code, caught.value.note


def test_migrations_make_the_tables_that_the_code_has(url: str) -> None:
    """Name by name and type by type; and the last one is the one that is looked for."""
    open_store(url).close()
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg") if "postgres" in url else url)
    found = MetaData()
    found.reflect(engine)
    engine.dispose()
    found.remove(found.tables["alembic_version"])
    shape = {
        name: [(column.name, column.nullable, column.primary_key) for column in table.columns]
        for name, table in sorted(found.tables.items())
    }
    assert shape == {
        name: [(column.name, column.nullable, column.primary_key) for column in table.columns]
        for name, table in sorted(METADATA.tables.items())
    }
    versions = Path(sys.modules["policy_engine.storage"].__path__[0]) / "migrations" / "versions"
    assert max(path.name for path in versions.glob("v*.py")).startswith(f"v{HEAD}_")


def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask says; and so is what SQLite writes beside it."""
    file = tmp_path / "store.db"
    before = os.umask(0)
    try:
        store = open_store(f"sqlite:///{file}")
        store.clients.change([ClientChange(client_id="a", document={})], expected_version=None, now=NOW)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    store.close()
    assert set(modes.values()) == {0o600}
    assert "store.db-wal" in modes


def test_several_processes_make_one_store(url: str) -> None:
    """At one moment."""
    code = f"from policy_engine.storage import open_store; print(open_store({url!r}).version())"
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate(timeout=60)[0] for process in started] == [b"0\n"] * 3


def test_a_store_of_a_later_version_is_left_alone(url: str) -> None:
    """It says which it is."""
    store = open_store(url)
    with store._database.writing() as connection:  # noqa: SLF001 -- as a later version would
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    problem = "the store was made by another version (its tables are `9999`)"
    assert refusal(lambda: open_store(url)) == ("store", problem)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "store.db",
        "mysql://u:hunter2@h/d",
        "sqlite://",
        "postgresql://u:hunter2@h",
        "sqlite:///a?b=c",
        "sqlite:///:memory:",
        "sqlite:///a\x00",
    ],
)
def test_what_is_no_url_of_a_store_is_named(wrong: str) -> None:
    """Without its password."""
    code, note = refusal(lambda: open_store(wrong))
    assert code in ("store", "config")
    assert "hunter2" not in note


def test_a_file_that_is_not_there_is_not_made_for_readers(tmp_path: Path) -> None:
    """Nor one in a folder that isn't there."""
    file = tmp_path / "store.db"
    assert refusal(lambda: open_store(f"sqlite:///{file}", create=False)) == (
        "config",
        f"there is no store at {file}",
    )
    assert not file.exists()
    code, note = refusal(lambda: open_store(f"sqlite:///{tmp_path}/no/store.db"))
    assert (code, note) == (
        "config",
        f"can't make the store {tmp_path}/no/store.db: No such file or directory",
    )


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """And stays as it was."""
    file = tmp_path / "store.db"
    file.write_bytes(b"not a database, but long enough to be read as one\n" * 50)
    assert refusal(lambda: open_store(f"sqlite:///{file}")) == (
        "storage_unavailable",
        "the database failed: DatabaseError",
    )
    assert file.read_bytes().startswith(b"not a database")


def test_a_locked_store_is_unavailable_until_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits, waits for some seconds at most."""
    monkeypatch.setattr("policy_engine.storage.database._WAIT", 0.2)
    store, other = (open_store(f"sqlite:///{tmp_path}/store.db") for _ in range(2))
    change = [ClientChange(client_id="a", document={})]
    with other._database.writing() as connection:  # noqa: SLF001 -- another process that takes long
        connection.exec_driver_sql("UPDATE changes SET version = 7")
        code, note = refusal(lambda: store.clients.change(change, expected_version=None, now=NOW))
        assert (code, note) == ("storage_unavailable", "the database failed: OperationalError")
    assert store.clients.change(change, expected_version=7, now=NOW) == 8
    store.close()
    other.close()


def test_a_server_that_goes_away_is_unavailable_and_comes_back(postgres: Cluster) -> None:
    """What was stored is there again; the password isn't in what is said."""
    store = open_store(postgres.new_database().replace("tests@", "tests:hunter2@"))
    store.clients.change([ClientChange(client_id="a", document={})], expected_version=0, now=NOW)
    postgres.stop()
    try:
        code, note = refusal(store.check)
        assert (code, note) == ("storage_unavailable", "the database failed: OperationalError")
        assert "hunter2" not in repr(
            refusal(lambda: open_store(f"postgresql://t:hunter2@127.0.0.1:{free_port()}/x"))
        )
    finally:
        postgres.start()
    assert [client.client_id for client in store.clients.all()] == ["a"]
    store.close()
