"""Stores that are new, old, unknown, or none."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, inspect
from sqlalchemy.engine import URL, make_url

from policy_engine.errors import ConfigError, StorageError
from policy_engine.storage import ClientChange, open_store
from policy_engine.storage.migrating import HEAD
from policy_engine.storage.tables import METADATA

NOW = 1_800_000_000.0


def refusal(open_it: Callable[[], object]) -> tuple[str, str]:
    """What can't be opened, and why."""
    with pytest.raises((ConfigError, StorageError)) as caught:
        open_it()
    return caught.value.code, caught.value.note


def driver_url(url: str) -> URL:
    """The same, with the driver's name."""
    driver = "postgresql+psycopg" if url.startswith("postgresql") else "sqlite"
    return make_url(url).set(drivername=driver)


def tables(url: str) -> list[str]:
    """The tables that there are."""
    engine = create_engine(driver_url(url))
    found = sorted(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_migrations_make_the_tables_that_the_code_has(url: str) -> None:
    """Name by name and type by type; and the last one is the one that is looked for."""
    open_store(url).close()
    engine = create_engine(driver_url(url))
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


OPENER = """
import sys
import alembic.command
from policy_engine.storage import open_store
print("ready", flush=True)
sys.stdin.readline()
print(open_store(sys.argv[1]).version(), flush=True)
"""


def test_several_processes_make_one_store(url: str) -> None:
    """At one moment."""
    command = [sys.executable, "-c", OPENER, url]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in started] == ["0\n"] * 2


def test_a_new_file_that_somebody_else_is_busy_with_is_waited_for(tmp_path: Path) -> None:
    """It is opened once the other is done."""
    file = tmp_path / "store.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(open_store, f"sqlite:///{file}")
        with pytest.raises(TimeoutError):
            opening.result(timeout=0.2)
        other.execute("ROLLBACK")
        store = opening.result(timeout=20)
    other.close()
    assert store.version() == 0
    store.close()


def test_several_threads_make_several_stores(tmp_path: Path) -> None:
    """Alembic keeps what it works on in its modules, so they take turns."""
    with ThreadPoolExecutor(4) as pool:
        stores = [*pool.map(open_store, [f"sqlite:///{tmp_path}/{number}.db" for number in range(4)])]
    assert [store.version() for store in stores] == [0] * 4
    for store in stores:
        store.close()


def test_opening_again_changes_nothing(url: str) -> None:
    """Neither by who may change it, nor by who only reads."""
    first = open_store(url)
    first.clients.change([ClientChange(client_id="a", document={"n": 1})], expected_version=0, now=NOW)
    for create in (True, False):
        again = open_store(url, create=create)
        assert (again.clients.all(), again.version()) == (first.clients.all(), 1)
        again.close()
    first.close()


def test_readers_bring_nothing_up_to_date(url: str) -> None:
    """An empty database stays empty."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    assert refusal(lambda: open_store(url, create=False)) == ("store", "the store isn't up to date")
    assert tables(url) == []


def test_the_database_of_something_else_is_left_alone(url: str) -> None:
    """Its tables stay the only ones."""
    engine = create_engine(driver_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE clients (name TEXT)")
    engine.dispose()
    assert refusal(lambda: open_store(url)) == ("store", "the store is the database of something else")
    assert tables(url) == ["clients"]


def test_tables_are_made_all_or_none(postgres_url: str) -> None:
    """The last thing that is made has a name that is taken."""
    engine = create_engine(driver_url(postgres_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE other (n int)")
        connection.exec_driver_sql("CREATE INDEX rates_by_time ON other (n)")
    engine.dispose()
    problem = "the database failed: DuplicateTable"
    assert refusal(lambda: open_store(postgres_url)) == ("storage_unavailable", problem)
    assert tables(postgres_url) == ["other"]


def test_what_is_done_for_each_token_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    """Unlike everything else; readers never wait for who writes."""
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    with store._database.writing() as connection:  # noqa: SLF001
        whole = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "journal_mode")
        ]
    with store._database.noting() as cursor:  # noqa: SLF001
        quick = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")]
    store.close()
    assert (whole, quick) == ([2, "wal"], [1, "wal"])


def test_a_server_is_told_how_long_a_statement_may_take(postgres_url: str) -> None:
    """And what else the URL says is the driver's."""
    store = open_store(f"{postgres_url}?sslmode=disable&target_session_attrs=read-write")
    with store._database.reading() as connection:  # noqa: SLF001
        names = ("statement_timeout", "application_name")
        told = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    store.close()
    assert told == ["5s", "policy-engine"]


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
        "the database failed: SQLITE_NOTADB",
    )
    assert file.read_bytes().startswith(b"not a database")
