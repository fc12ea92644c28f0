"""Whatever is done to clients and denials in whatever order, a store says what a dictionary would."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from policy_engine.errors import ConfigError, StaleError
from policy_engine.storage import ClientChange, Denial, open_store
from tests.plugins.samples import samples

IDS = st.sampled_from(["a", "B", "b.c", "~", "a-very-long-id" * 9])
DOCUMENTS = st.none() | st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=2)
KINDS = st.sampled_from(["subject", "jti"])


class Stores(RuleBasedStateMachine):
    """Two stores on one file, and what should be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'store.db'}"
        self.stores = [open_store(url), open_store(url)]
        self.registered: dict[str, dict[str, Any]] = {}
        self.removed: set[str] = set()
        self.denied: dict[tuple[str, str], Denial] = {}
        self.version, self.now = 0, 1000.0

    @rule(
        which=st.sampled_from([0, 1]),
        changes=st.lists(st.tuples(IDS, DOCUMENTS), max_size=3),
        stale=st.booleans(),
    )
    def change(self, which: int, changes: list[tuple[str, dict[str, Any] | None]], stale: bool) -> None:  # noqa: FBT001
        """Register, change and remove some clients."""
        registered, removed = dict(self.registered), set(self.removed)
        refused: type[Exception] | None = StaleError if stale else None
        for client_id, document in [] if stale else changes:
            if client_id in removed:
                refused = refused or (None if document is None else ConfigError)
            elif document is not None:
                registered[client_id] = document
            elif registered.pop(client_id, None) is not None:
                removed.add(client_id)
        asked = [ClientChange(client_id=client_id, document=document) for client_id, document in changes]
        expected = self.version - 1 if stale else self.version
        if refused is not None:
            with pytest.raises(refused):
                self.stores[which].clients.change(asked, expected_version=expected, now=self.now)
            return
        self.version += bool(changes)
        self.registered, self.removed = registered, removed
        assert (
            self.stores[which].clients.change(asked, expected_version=expected, now=self.now) == self.version
        )

    @rule(which=st.sampled_from([0, 1]), kind=KINDS, value=IDS, lasts=st.none() | st.integers(1, 50))
    def deny(self, which: int, kind: Any, value: str, lasts: int | None) -> None:
        """Deny something from now on."""
        until = None if lasts is None else self.now + lasts
        denial = Denial(kind=kind, value=value, since=self.now, until=until)
        self.stores[which].denials.add(denial)
        self.denied[kind, value] = denial
        self.version += 1

    @precondition(lambda self: self.denied)
    @rule(which=st.sampled_from([0, 1]), data=st.data())
    def allow_again(self, which: int, data: st.DataObject) -> None:
        """Take something back that holds now."""
        kind, value = data.draw(st.sampled_from(sorted(self.denied)))
        denial = self.denied[kind, value]
        if denial.until is None or self.now < denial.until:
            assert self.stores[which].denials.remove(kind, value)
            del self.denied[kind, value]
            self.version += 1

    @rule(seconds=st.integers(0, 30))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.now += seconds

    @invariant()
    def both_stores_say_so(self) -> None:
        """Through either connection."""
        hold = [d for d in self.denied.values() if d.until is None or self.now < d.until]
        for store in self.stores:
            assert {
                client.client_id: dict(client.document) for client in store.clients.all()
            } == self.registered
            assert set(store.denials.all(self.now)) == set(hold)
            assert store.version() == self.version

    def teardown(self) -> None:
        """Give everything back."""
        for store in self.stores:
            store.close()
        self.folder.cleanup()


TestAnySequence = Stores.TestCase
TestAnySequence.settings = settings(max_examples=samples(10), stateful_step_count=15, deadline=None)
