"""Clients and used assertions in a store: changed while the server runs, and shared by its replicas."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.authserver import (
    AssertionUse,
    AuthorizationServer,
    Catalogue,
    HttpRequest,
    StoredClientRegistry,
    StoredReplayStore,
)
from policy_engine.errors import ConfigError, StorageError
from policy_engine.jose import SigningKey
from policy_engine.storage import ClientChange, Store, StoredClient, open_store

GITHUB = "https://mcp.example.com/github"
DOCUMENT: dict[str, Any] = {
    "client_id": "ci-bot",
    "category": "service",
    "token_endpoint_auth_method": "client_secret_post",
    "grant_types": ["client_credentials"],
    "secret_hashes": [{"sha256": "0" * 64}],
    "resources": [GITHUB],
    "scope": "issues:read",
    "groups": ["ci"],
    "attributes": {"team": ["build"]},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = open_store(f"sqlite:///{tmp_path / 'clients.db'}")
    yield store
    store.close()


def put(store: Store, *documents: Mapping[str, Any] | str) -> None:
    """Register clients, or remove those that are named."""
    changes = [
        ClientChange(client_id=each, document=None)
        if isinstance(each, str)
        else ClientChange(client_id=each["client_id"], document=each)
        for each in documents
    ]
    store.clients.change(changes, expected_version=None, now=1.0)


class Asked:
    """A store that counts what it is asked, and can be away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lost = False
        self.questions: list[str] = []

    def mark(self) -> tuple[int, str]:
        """The mark."""
        self._ask("mark")
        return self._store.mark()

    @property
    def clients(self) -> "Asked":
        """Itself."""
        return self

    def all(self) -> tuple[StoredClient, ...]:
        """All clients."""
        self._ask("clients")
        return self._store.clients.all()

    def _ask(self, question: str) -> None:
        self.questions.append(question)
        if self.lost:
            raise StorageError("lost")


def registry(store: Any, catalogue: Catalogue, clock: list[float] | None = None) -> StoredClientRegistry:
    """A registry whose time is the first of the list."""
    times = [0.0] if clock is None else clock
    return StoredClientRegistry(store, catalogue, now=lambda: times[0])


def test_a_stored_client_is_what_its_document_says(store: Store, catalogue: Catalogue) -> None:
    """By the same checks as one in a file."""
    put(store, DOCUMENT)

    client = registry(store, catalogue).find("ci-bot")

    assert client is not None
    assert (client.client_id, client.category, client.scopes) == (
        "ci-bot",
        "service",
        frozenset({"issues:read"}),
    )
    assert client.groups == {"ci"}
    assert dict(client.attributes) == {"team": ("build",)}
    assert registry(store, catalogue).find("CI-BOT") is None


def test_changes_count_a_second_later(store: Store, catalogue: Catalogue) -> None:
    """A new client, a changed one, a removed one."""
    clock = [0.0]
    put(store, DOCUMENT)
    clients = registry(store, catalogue, clock)
    found = [clients.find("ci-bot"), clients.find("agent")]

    put(store, DOCUMENT | {"enabled": False}, DOCUMENT | {"client_id": "agent"})
    clock[0] = 0.999
    assert [clients.find("ci-bot"), clients.find("agent")] == found
    clock[0] = 1.0
    changed = clients.find("ci-bot")
    assert changed is not None
    assert (changed.enabled, clients.find("agent") is None) == (False, False)

    put(store, "ci-bot")
    clock[0] = 2.0
    assert clients.find("ci-bot") is None


def test_what_did_not_change_is_not_read(store: Store, catalogue: Catalogue) -> None:
    """The mark is asked for once a second, and clients only where it is another; kept are those kept."""
    clock, asked = [0.0], Asked(store)
    put(store, DOCUMENT, DOCUMENT | {"client_id": "agent"})
    clients = registry(asked, catalogue, clock)

    for clock[0] in (0.0, 0.5, 1.0, 1.5):
        clients.find("ci-bot")
    assert asked.questions == ["mark", "clients", "mark"]
    before = clients.find("ci-bot")
    put(store, DOCUMENT | {"client_id": "agent", "enabled": False})
    clock[0] = 3.0

    assert clients.find("ci-bot") is before
    assert asked.questions[3:] == ["mark", "clients"]


def test_a_store_that_was_made_anew_is_read_anew(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    """It has as many changes as the one before; who isn't in it gets no tokens."""
    clock = [0.0]
    put(store, DOCUMENT)
    clients = registry(store, catalogue, clock)
    assert clients.find("ci-bot") is not None

    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    put(other, DOCUMENT | {"client_id": "agent"})
    assert other.version() == store.version()
    other.close()
    for path in tmp_path.glob("clients.db-*"):
        path.unlink()
    (tmp_path / "other.db").rename(tmp_path / "clients.db")
    clock[0] = 1.0

    assert (clients.find("ci-bot"), clients.find("agent") is None) == (None, False)


@pytest.mark.parametrize("document", ["{", "{}", "[" * 100_000])
def test_a_document_that_can_not_be_read_stops_its_client_alone(
    store: Store, catalogue: Catalogue, tmp_path: Path, document: str
) -> None:
    """Whoever wrote it, or whatever disk."""
    put(store, DOCUMENT, DOCUMENT | {"client_id": "bad"})
    with closing(sqlite3.connect(tmp_path / "clients.db")) as connection, connection:
        connection.execute("UPDATE clients SET document = ? WHERE client_id = 'bad'", (document,))
    clients = registry(store, catalogue)

    assert (clients.find("bad"), clients.find("ci-bot") is None) == (None, False)
    assert set(clients.faults) == {"bad"}


BAD: dict[str, Mapping[str, Any]] = {
    "client_category": {"category": "person"},
    "unknown_resource": {"resources": ["https://gone.example.com"]},
    "unknown_scope": {"scope": "issues:read gone"},
    "public_client": {"token_endpoint_auth_method": "none"},
    "client_form": {"client_secret_hash": "x"},
    "redirect_uris": {"redirect_uris": ["https://example.com"]},
}


@pytest.mark.parametrize("code", BAD)
def test_a_bad_document_stops_its_client_alone(store: Store, catalogue: Catalogue, code: str) -> None:
    """The fault says which and why; it goes away with the document."""
    clock = [0.0]
    put(store, DOCUMENT | {"client_id": "bad", **BAD[code]}, DOCUMENT)
    clients = registry(store, catalogue, clock)

    assert (clients.find("bad"), clients.find("ci-bot") is None) == (None, False)
    assert {name: error.code for name, error in clients.faults.items()} == {"bad": code}
    assert clients.faults["bad"].problem.startswith("client `bad`: ")

    put(store, DOCUMENT | {"client_id": "bad"})
    clock[0] = 1.0
    assert (clients.find("bad") is None, clients.faults) == (False, {})


def test_a_document_is_of_the_client_under_whose_id_it_stands(store: Store, catalogue: Catalogue) -> None:
    """Otherwise what was registered under one id would count for another."""
    change = ClientChange(client_id="other", document=DOCUMENT)
    store.clients.change([change], expected_version=None, now=1.0)
    clients = registry(store, catalogue)

    assert (clients.find("other"), clients.find("ci-bot")) == (None, None)
    assert [error.code for error in clients.faults.values()] == ["client_id"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


class Fixed:
    """A store with one document that is anything, and a good one."""

    def __init__(self, document: Any) -> None:
        self.clients = self
        bad = StoredClient(client_id="bad", document=document, created_at=0, changed_at=0)
        good = StoredClient(client_id="ci-bot", document=DOCUMENT, created_at=0, changed_at=0)
        self._all = (bad, good)

    def mark(self) -> tuple[int, str]:
        """One."""
        return 1, ""

    def all(self) -> tuple[StoredClient, ...]:
        """Both."""
        return self._all


@given(
    document=JSON | st.dictionaries(st.sampled_from(sorted(DOCUMENT)), JSON).map(lambda part: DOCUMENT | part)
)
def test_whatever_stands_in_a_document_stops_no_other_client(document: Any, catalogue: Catalogue) -> None:
    """Any JSON at all."""
    clients = registry(Fixed(document), catalogue)

    assert clients.find("ci-bot") is not None
    assert set(clients.faults) == {"bad"}
    assert all(isinstance(error, ConfigError) for error in clients.faults.values())


def test_a_short_outage_is_not_noticed_and_a_long_one_is_503(
    store: Store, catalogue: Catalogue, make_server: Callable[..., AuthorizationServer]
) -> None:
    """The last good reading serves for half a minute; afterwards nobody is served, nor told anything else."""
    clock, asked = [0.0], Asked(store)
    put(store, DOCUMENT)
    clients = registry(asked, catalogue, clock)
    server = make_server(clients=clients)
    form = b"grant_type=client_credentials&client_id=ci-bot&client_secret=wrong"
    request = HttpRequest(
        method="POST",
        path="/token",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=form,
    )
    statuses = []
    for clock[0], asked.lost in ((0, False), (10, True), (30, True), (30.5, True), (40, True), (41, False)):
        statuses.append(server.handle(request).status)

    assert statuses == [401, 401, 401, 503, 503, 401]


def test_while_the_store_is_away_it_is_asked_once_a_second(store: Store, catalogue: Catalogue) -> None:
    """Requests don't queue up behind a database that doesn't answer."""
    clock, asked = [0.0], Asked(store)
    clients = registry(asked, catalogue, clock)
    clients.find("x")
    asked.lost = True

    for clock[0] in (1.0, 1.1, 1.2, 1.9, 2.0, 2.5):
        clients.find("x")

    assert asked.questions == ["mark", "clients", "mark", "mark"]


def test_an_assertion_is_used_once_at_all_replicas(
    tmp_path: Path,
    make_server: Callable[..., AuthorizationServer],
    make_assertion: Callable[..., str],
    signing_key: SigningKey,
) -> None:
    """And after a restart too."""
    url = f"sqlite:///{tmp_path / 'used.db'}"
    form = {
        "grant_type": "client_credentials",
        "resource": GITHUB,
        "scope": "issues:read",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": make_assertion({}),
    }
    body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    answers = []
    for _ in range(2):
        stores = [open_store(url), open_store(url)]
        for each in stores:
            server = make_server(replay_store=StoredReplayStore(each))
            answer = server.handle(HttpRequest(method="POST", path="/token", headers=headers, body=body))
            answers.append((answer.status, json.loads(answer.body).get("error")))
        for each in stores:
            each.close()

    assert signing_key.kid == "server-1"
    assert answers == [(200, None), *[(401, "invalid_client")] * 3]


def test_a_client_fills_only_its_own_share(store: Store) -> None:
    """What doesn't fit is refused; nothing that counts is forgotten for it."""
    replays = StoredReplayStore(store, per_client=2)

    uses = [replays.use("a", str(number), expires_at=100, now=0) for number in (1, 2, 3, 1)]

    assert uses == [AssertionUse.FIRST, AssertionUse.FIRST, AssertionUse.FULL, AssertionUse.REPEATED]
    assert replays.use("b", "1", expires_at=100, now=0) is AssertionUse.FIRST
