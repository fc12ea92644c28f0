"""A PostgreSQL server of the tests' own, on a free port of this machine, where PostgreSQL is installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from signal import SIGQUIT
from typing import Any

import psycopg
import pytest

__all__ = ["Cluster", "free_port", "postgres", "postgres_url", "require"]

_USERS = ("postgres", "nobody")
"""It refuses to run as root."""

_SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=100", "listen_addresses=127.0.0.1")

_WITH_ICU = 150_000
"""Since this version a database can say how it sorts without the system knowing that language."""

_databases = count(1)


def require(part: object, name: str) -> None:
    """Skip where a real part is absent; in CI, fail."""
    if not part:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} isn't there, and CI is meant to have it")
        pytest.skip(f"{name} isn't installed")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class Cluster:
    """One server, which can be stopped and started again.

    Attributes:
        programs: the folder of its programs.
        folder: its data.
        port: where it listens.
    """

    programs: Path
    folder: Path
    port: int
    _process: "subprocess.Popen[bytes] | None" = None

    def create(self) -> None:
        """Make its data."""
        self.folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.folder, _user())
        options = ["-U", "tests", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        command = [str(self.programs / "initdb"), "-D", str(self.folder), *options]
        subprocess.run(command, check=True, capture_output=True, timeout=120, **_as())

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [word for setting in _SETTINGS for word in ("-c", setting)]
        place = ["-D", str(self.folder), "-p", str(self.port), "-k", ""]
        with (self.folder.parent / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", *place, *options], stdout=log, stderr=log, **_as()
            )
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=1).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, "PostgreSQL didn't start"
                assert time.monotonic() < until, "PostgreSQL doesn't answer"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """End it at once, as a crash would; what was committed is there when it starts again."""
        if self._process is None:
            return
        try:
            self._process.send_signal(SIGQUIT)
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)
        finally:
            self._process = None

    def url(self, database: str) -> str:
        """Where one of its databases is."""
        return f"postgresql://tests@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database, which sorts as people do where that is known, and say where it is."""
        name = f"t{next(_databases)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            of_people = "LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0"
            options = of_people if connection.info.server_version >= _WITH_ICU else ""
            connection.execute(f"CREATE DATABASE {name} {options}".encode())
        return self.url(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The server; started when the first test asks for it."""
    programs = _programs()
    require(programs, "PostgreSQL")
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="policy-engine-postgres-"))
    folder.chmod(0o755)
    cluster = Cluster(programs, folder / "data", free_port())
    try:
        if os.getuid() == 0:
            shutil.chown(folder, _user())
        cluster.create()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Cluster) -> str:
    """The URL of an empty database."""
    return postgres.new_database()


def _programs() -> Path | None:
    found = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr/local/opt").glob("postgresql*/bin")]
    on_path = shutil.which("initdb")
    found += [Path(on_path).resolve().parent] if on_path else []
    return max((each for each in found if (each / "initdb").is_file()), default=None)


def _user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _USERS if name in names)


def _as() -> dict[str, Any]:
    return {"user": _user(), "group": None, "cwd": "/"} if os.getuid() == 0 else {}
