"""`clients: registry`: what changes at our own authorization server counts from the next call on."""

import gc
import json
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine import Client, PolicyEngine
from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import profile_names
from policy_engine.storage import ClientChange, Denial, Store, open_store
from tests.plugins.postgres import Cluster
from tests.plugins.samples import samples

POLICIES = """
@id("batch") permit (principal in ClientGroup::"machines/batch", action in Action::"session", resource);
@id("eu") permit (principal is Client, action == Action::"list_tools", resource)
when { principal.hasTag("region") && principal.getTag("region").contains("eu") };
@id("agents") forbid (principal is Client, action, resource) when { principal.category == "ai_agent" };
"""
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
RESOURCE = "https://mcp.example.com/github"

Call = tuple[str, str | None, int]
ALLOWED, DENIED = ("allowed", None, 200), ("no_permit", None, 403)
DISABLED = ("revoked_token", "client", 401)
SUBJECT = ("revoked_token", "subject", 401)
JTI = ("revoked_token", "jti", 401)
UNKNOWN = ("unregistered_client", None, 403)
AWAY = ("registry_unavailable", None, 503)


def document(client_id: str = "ci-bot", **members: Any) -> dict[str, Any]:
    """What a store keeps of a machine, as far as it matters here."""
    return {"client_id": client_id, "category": "service", "enabled": True, **members}


@dataclass(kw_only=True)
class Desk:
    """A store, and engines that read it."""

    world: Any
    folder: Path
    engines: list[PolicyEngine] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "machines.db"

    def store(self) -> Store:
        """It, opened for changes."""
        return open_store(f"sqlite:///{self.file}")

    def put(self, *documents: dict[str, Any], **removed: None) -> None:
        """Register machines, or change or remove them."""
        store = self.store()
        gone = [ClientChange(client_id=client_id, document=None) for client_id in removed]
        new = [ClientChange(client_id=each["client_id"], document=each) for each in documents]
        store.clients.change([*new, *gone], expected_version=None, now=self.world.now)
        store.close()

    def deny(self, kind: Any, value: str, until: float | None = None) -> None:
        """Deny tokens."""
        store = self.store()
        store.denials.add(Denial(kind=kind, value=value, since=self.world.now, until=until))
        store.close()

    def machines(self, registry: dict[str, Any] | None = None) -> dict[str, Any]:
        """Our own server, whose store is read, or what else is named."""
        where = {"store": "machines.db"} if registry is None else registry
        issuer: dict[str, Any] = self.world.issuers()["machines"]
        return {**issuer, "clients": "registry", "registry": where}

    def write(self, registry: dict[str, Any] | None = None, **more: Any) -> Path:
        """A configuration that reads the store, or what else is named."""
        (self.folder / "p.cedar").write_text(more.pop("policies", POLICIES))
        values = {
            "version": 1,
            "servers": {"github": {"resource": RESOURCE}},
            "issuers": {"machines": self.machines(registry)},
            "policies": "p.cedar",
            **more,
        }
        path = self.folder / "policy-engine.yaml"
        path.write_text(json.dumps(values))
        return path

    def engine(self, registry: dict[str, Any] | None = None, **more: Any) -> PolicyEngine:
        """An engine of it; the world closes it."""
        engine = PolicyEngine.from_config(self.write(registry, **more), now=lambda: self.world.now)
        self.engines.append(engine)
        return engine

    def ask(self, engine: PolicyEngine, message: Any = PING, client: str = "ci-bot", **claims: Any) -> Call:
        """What is decided of a machine's message."""
        decision = engine.evaluate(self.world.machine(client, **claims), message)
        return decision.code, decision.detail, decision.status


def refresh(engine: PolicyEngine) -> None:
    """Read now what the thread would read within a second."""
    engine.stages.registries["machines"].refresh()


def watching() -> list[threading.Thread]:
    """Threads that look at registries."""
    return [thread for thread in threading.enumerate() if thread.name == "policy-engine registry"]


def until(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether something holds in time."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@pytest.fixture
def desk(world: Any, tmp_path: Path) -> Iterator[Desk]:
    """A store with one machine in it."""
    made = Desk(world=world, folder=tmp_path)
    made.put(document(groups=["batch"], attributes={"region": ["eu"]}))
    yield made
    for engine in made.engines:
        engine.close()


def test_what_the_store_says_of_a_machine_reaches_policies(desk: Desk) -> None:
    """Groups, attributes and category are those of the registry, and nothing else admits a machine."""
    desk.put(document("plain"), document("agent", category="ai_agent", groups=["batch"]))
    engine = desk.engine()

    assert engine.identify(desk.world.machine()) == Client(
        issuer="machines",
        client_id="ci-bot",
        category="service",
        groups=frozenset({"batch"}),
        attributes={"region": ("eu",)},
    )
    assert desk.ask(engine, PING) == ALLOWED
    assert desk.ask(engine, LIST) == ALLOWED
    assert desk.ask(engine, LIST, "plain") == DENIED
    assert desk.ask(engine, PING, "agent", sub_profile="ai_agent") == ("forbidden", None, 403)
    assert desk.ask(engine, PING, "stranger") == UNKNOWN


def test_a_change_of_groups_counts_from_the_next_call_on(desk: Desk) -> None:
    """Also for a token that was mapped before."""
    engine = desk.engine()
    assert desk.ask(engine) == ALLOWED

    desk.put(document())
    refresh(engine)

    assert desk.ask(engine) == DENIED


def test_a_disabled_machine_is_refused_until_it_is_enabled(desk: Desk) -> None:
    """Its token is good for minutes yet, and opens nothing."""
    engine = desk.engine()
    assert desk.ask(engine) == ALLOWED

    desk.put(document(groups=["batch"], enabled=False))
    refresh(engine)
    assert desk.ask(engine) == DISABLED

    desk.put(document(groups=["batch"]))
    refresh(engine)
    assert desk.ask(engine) == ALLOWED


def test_a_call_that_was_told_again_is_refused_after_a_denial(desk: Desk, call: Any) -> None:
    """What is reused for speed is given up with the state of the registry that it was made of."""
    items = [{"item": {"name": "run", "inputSchema": {"type": "object"}}}]
    servers = {"github": {"resource": RESOURCE, "catalogue": {"tools": items}}}
    policies = '@id("all") permit (principal is Client, action, resource);'
    engine = desk.engine(servers=servers, policies=policies)
    token = desk.world.machine()
    told = [engine.evaluate(token, call("run")) for _ in range(3)]
    assert [(decision.code, decision.reused) for decision in told][1:] == [("allowed", True)] * 2

    desk.deny("jti", "t-1")
    refresh(engine)
    after = engine.evaluate(token, call("run"))

    assert (after.code, after.detail, after.forward) == ("revoked_token", "jti", None)


def test_a_removed_machine_is_as_good_as_unlisted(desk: Desk) -> None:
    """Its id is nobody's from then on."""
    engine = desk.engine()
    assert desk.ask(engine) == ALLOWED

    desk.put(**{"ci-bot": None})
    refresh(engine)

    assert desk.ask(engine) == UNKNOWN


def test_a_denied_token_is_refused_and_others_of_its_machine_are_not(desk: Desk) -> None:
    """By its `jti`, and until the denial ends."""
    engine = desk.engine()
    desk.deny("jti", "t-1", until=desk.world.now + 30)
    refresh(engine)

    assert desk.ask(engine) == JTI
    assert desk.ask(engine, jti="t-2") == ALLOWED

    desk.world.now += 30
    desk.put(document("other"))  # read anew when it is over
    refresh(engine)
    assert desk.ask(engine) == ALLOWED
    desk.world.now -= 1
    refresh(engine)
    assert desk.ask(engine) == JTI


def test_all_tokens_of_a_denied_machine_are_refused(desk: Desk) -> None:
    """By its id, and nobody else's."""
    desk.put(document("other", groups=["batch"]))
    engine = desk.engine()
    desk.deny("subject", "ci-bot")
    refresh(engine)

    assert desk.ask(engine, jti="t-9") == SUBJECT
    assert desk.ask(engine, client="other") == ALLOWED


def test_denials_are_of_our_own_issuer_alone(desk: Desk) -> None:
    """Another issuer's tokens have ids of their own, which may be the same."""
    desk.deny("jti", "t-1")
    desk.deny("subject", "robot")
    corp = desk.world.issuers()["corp"]
    engine = desk.engine(issuers={"machines": desk.machines(), "corp": corp})
    claims = desk.world.human_claims() | {"sub": "robot", "client_id": "robot"}
    del claims["auth_time"]

    assert desk.ask(engine) == JTI
    assert engine.identify(desk.world.token("corp", claims)) == Client(
        issuer="corp", client_id="robot", category="service"
    )


def test_a_change_is_noticed_without_a_word(desk: Desk) -> None:
    """A thread looks each second."""
    engine = desk.engine()
    assert desk.ask(engine) == ALLOWED

    desk.put(document(enabled=False))

    assert until(lambda: desk.ask(engine) == DISABLED)


def test_a_change_that_the_engine_needn_t_know_maps_nothing_anew(desk: Desk) -> None:
    """A rotated secret changes the store, and no decision."""
    engine = desk.engine()
    before = engine.stages.registries["machines"].snapshot

    desk.put(document(groups=["batch"], attributes={"region": ["eu"]}, secret_hashes=[{"sha256": "0"}]))
    refresh(engine)

    assert engine.stages.registries["machines"].snapshot is before


def spoilt(file: Path) -> None:
    """Write over a database."""
    file.write_bytes(b"not a database" * 1000)


def gone(file: Path) -> None:
    """Delete a database, with what SQLite keeps beside it."""
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


@pytest.mark.parametrize("harm", [spoilt, gone])
def test_through_an_outage_the_last_reading_counts_for_a_minute(
    desk: Desk, harm: Callable[[Path], None]
) -> None:
    """Then every token of the issuer is refused, and as soon as the store is back, none is."""
    engine = desk.engine()
    assert desk.ask(engine) == ALLOWED
    harm(desk.file)
    with pytest.raises(Exception, match="storage_unavailable"):
        refresh(engine)

    desk.world.now += 60
    engine.stages.registries["machines"].look()
    assert desk.ask(engine) == ALLOWED
    desk.world.now += 1
    assert desk.ask(engine) == AWAY
    assert desk.ask(engine, jti="never seen") == AWAY
    with pytest.raises(MappingError) as caught:
        engine.identify(desk.world.machine())
    assert caught.value.code == "registry_unavailable"

    gone(desk.file)
    desk.put(document(groups=["batch"]))
    refresh(engine)
    assert desk.ask(engine) == ALLOWED


def test_a_clock_that_is_set_back_makes_no_reading_fresh(desk: Desk) -> None:
    """An hour back is no better than an hour forward, until it is read again."""
    engine = desk.engine(registry={"store": "machines.db", "max_stale_seconds": 3600})
    desk.world.now += 3601
    assert desk.ask(engine, exp=desk.world.now + 100) == AWAY
    desk.world.now -= 7202
    assert desk.ask(engine, iat=desk.world.now) == AWAY
    refresh(engine)
    assert desk.ask(engine, iat=desk.world.now) == ALLOWED


def test_others_are_decided_on_while_the_registry_is_away(desk: Desk) -> None:
    """People don't depend on it."""
    issuers = {"machines": desk.machines(), "corp": desk.world.issuers()["corp"]}
    engine = desk.engine(issuers=issuers, policies='@id("p") permit (principal is User, action, resource);')
    gone(desk.file)
    desk.world.now += 61

    assert desk.ask(engine) == AWAY
    assert engine.evaluate(desk.world.human(), PING).code == "allowed"


@pytest.mark.parametrize("registry", [{"store": "none.db"}, {"file": "none.json"}, {"file": "p.cedar"}])
def test_a_registry_that_cant_be_read_at_the_start_is_an_error_of_the_configuration(
    desk: Desk, registry: dict[str, Any]
) -> None:
    """It says where, and no thread is left."""
    with pytest.raises(ConfigError) as caught:
        desk.engine(registry=registry)

    assert (caught.value.line, bool(caught.value.remedy)) == (1, True)
    assert watching() == []


def test_a_reload_watches_on(desk: Desk) -> None:
    """Even during an outage, in which nothing new could be read."""
    engine = desk.engine()
    before = engine.stages.registries["machines"]
    gone(desk.file)

    engine.reload()

    assert engine.stages.registries["machines"] is before
    assert (desk.ask(engine), len(watching())) == (ALLOWED, 1)


def test_a_reload_reads_what_changed_meanwhile(desk: Desk) -> None:
    """Whoever reloads needn't wait for the next second."""
    engine = desk.engine()
    desk.put(document(enabled=False))

    engine.reload()

    assert desk.ask(engine) == DISABLED


def test_a_reload_that_watches_another_place_ends_the_first(desk: Desk) -> None:
    """One that comes to nothing leaves the first as it is."""
    engine = desk.engine()
    before = engine.stages.registries["machines"]
    other = open_store(f"sqlite:///{desk.folder}/other.db")
    other.close()

    desk.write({"store": "other.db"})
    engine.reload()
    assert (desk.ask(engine), len(watching()), before.is_closed) == (UNKNOWN, 1, True)

    desk.write({"store": "machines.db"}, policies="permit (")
    with pytest.raises(ConfigError):
        engine.reload()
    keyless = {"issuer": "https://k.example.com", "profile": "rfc9068", "keys": {"file": "none.json"}}
    desk.write({"store": "machines.db"}, issuers={"machines": desk.machines(), "keyless": keyless})
    with pytest.raises(ConfigError):
        engine.reload()
    assert (desk.ask(engine), len(watching())) == (UNKNOWN, 1)


def test_a_token_that_was_mapped_before_a_reload_is_mapped_anew(desk: Desk) -> None:
    """The registry is the same; what the configuration makes of it isn't."""
    engine = desk.engine()
    assert desk.ask(engine) == ALLOWED

    desk.write(policies='@id("none") forbid (principal, action, resource);')
    engine.reload()

    assert desk.ask(engine) == ("forbidden", None, 403)


def test_closing_ends_the_thread(desk: Desk) -> None:
    """What was read grows old then, as if the store were away."""
    engine = desk.engine()
    assert len(watching()) == 1

    engine.close()

    assert watching() == []
    assert desk.ask(engine) == ALLOWED
    desk.world.now += 61
    assert desk.ask(engine) == AWAY


def test_an_engine_that_nobody_closes_ends_its_thread(desk: Desk) -> None:
    """A program that makes engines by the hundred doesn't collect threads."""
    engine = desk.engine()
    desk.engines.clear()
    address = weakref.ref(engine)
    del engine
    gc.collect()

    assert address() is None
    assert until(lambda: watching() == [])


FORKED = """
import os, sys, time
from policy_engine import PolicyEngine
from policy_engine.storage import ClientChange, open_store

engine = PolicyEngine.from_config(sys.argv[1], now=lambda: float(sys.argv[2]))
child = os.fork()
if child:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
change = ClientChange(client_id="ci-bot", document={"category": "service", "enabled": False})
store = open_store("sqlite:///" + sys.argv[4])
store.clients.change([change], expected_version=None, now=0)
end = time.monotonic() + 5
while time.monotonic() < end:
    if engine.evaluate(sys.argv[3], {"jsonrpc": "2.0", "id": 1, "method": "ping"}).detail == "client":
        os._exit(0)
    time.sleep(0.05)
os._exit(1)
"""


def test_a_forked_process_watches_for_itself(desk: Desk) -> None:
    """Servers load once and fork then, and threads don't come along."""
    config, token = str(desk.write()), desk.world.machine()
    arguments = [config, str(desk.world.now), token, str(desk.file)]

    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FORKED), *arguments], check=False, timeout=60
    )

    assert found.returncode == 0


def test_a_store_that_was_made_anew_is_read_anew(desk: Desk) -> None:
    """It has as many changes as the one before; who isn't in it is nobody."""
    engine = desk.engine()
    assert [desk.ask(engine, client=name) for name in ("ci-bot", "other")] == [ALLOWED, UNKNOWN]

    for path in desk.folder.glob("machines.db*"):
        path.unlink()
    desk.put(document("other", groups=["batch"]))
    refresh(engine)

    assert [desk.ask(engine, client=name) for name in ("ci-bot", "other")] == [UNKNOWN, ALLOWED]


@pytest.mark.parametrize("text", ["{", "{}", "[" * 100_000])
def test_a_machine_that_can_not_be_read_stops_itself_alone(desk: Desk, text: str) -> None:
    """Whoever wrote it, or whatever disk."""
    desk.put(document(groups=["batch"]), document("bad", groups=["batch"]))
    with closing(sqlite3.connect(desk.file)) as connection, connection:
        connection.execute("UPDATE clients SET document = ? WHERE client_id = 'bad'", (text,))
    engine = desk.engine()

    assert [desk.ask(engine, client=name) for name in ("ci-bot", "bad")] == [ALLOWED, UNKNOWN]


def test_postgresql_may_go_away_and_come_back(desk: Desk, postgres: Cluster) -> None:
    """What is decided meanwhile waits for nothing."""
    url = postgres.new_database()
    store = open_store(url)
    new = ClientChange(client_id="ci-bot", document=document(groups=["batch"]))
    store.clients.change([new], expected_version=None, now=0)
    engine = desk.engine(registry={"store": url})
    assert desk.ask(engine) == ALLOWED

    postgres.stop()
    try:
        engine.stages.registries["machines"].look()
        started = time.monotonic()
        assert desk.ask(engine, jti="another") == ALLOWED
        assert time.monotonic() - started < 1
        desk.world.now += 61
        assert desk.ask(engine) == AWAY
    finally:
        postgres.start()
    refresh(engine)
    assert desk.ask(engine) == ALLOWED
    store.denials.add(Denial(kind="jti", value="t-1", since=0))
    refresh(engine)
    assert desk.ask(engine) == JTI
    store.close()


def test_a_closed_engine_that_is_loaded_anew_watches_again(desk: Desk) -> None:
    """It isn't served by a watch that nobody renews."""
    engine = desk.engine()
    engine.close()

    engine.reload()

    assert len(watching()) == 1


def exported(desk: Desk, clients: dict[str, Any], **denied: Any) -> Path:
    """An exported registry."""
    file = desk.folder / "registry.json"
    denials = {"subject": [], "jti": [], **denied}
    file.write_text(json.dumps({"version": 1, "clients": clients, "denied": denials}))
    return file


ENTRY = {"category": "service", "enabled": True, "groups": ["batch"], "attributes": {"region": ["eu"]}}


def test_an_exported_file_is_read_again_when_it_changes(desk: Desk) -> None:
    """It says the same as the store, for engines that can't ask it."""
    exported(desk, {"ci-bot": ENTRY, "off": {**ENTRY, "enabled": False}})
    engine = desk.engine(registry={"file": "registry.json"})
    calls = [(PING, "ci-bot"), (LIST, "ci-bot"), (PING, "off"), (PING, "stranger")]
    assert [desk.ask(engine, *one) for one in calls] == [ALLOWED, ALLOWED, DISABLED, UNKNOWN]

    exported(desk, {"ci-bot": ENTRY}, jti=[{"value": "t-1", "until": None}])
    refresh(engine)
    assert desk.ask(engine) == JTI

    ends = desk.world.now + 10.5
    exported(desk, {"ci-bot": ENTRY}, subject=[{"value": "ci-bot", "until": ends}])
    refresh(engine)
    assert desk.ask(engine) == SUBJECT
    desk.world.now += 11
    refresh(engine)
    assert desk.ask(engine) == ALLOWED


WRONG = {
    "no JSON": "{",
    "a member twice": '{"version": 1, "version": 1, "clients": {}, "denied": {"subject": [], "jti": []}}',
    "an unknown key": '{"version": 1, "clients": {}, "denied": {"subject": [], "jti": []}, "more": 1}',
    "another version": '{"version": 2, "clients": {}, "denied": {"subject": [], "jti": []}}',
    "a list of clients": '{"version": 1, "clients": [], "denied": {"subject": [], "jti": []}}',
    "a client without a member": '{"version": 1, "clients": {"a": {"category": "service"}}, '
    '"denied": {"subject": [], "jti": []}}',
    "an unknown category": '{"version": 1, "clients": {"a": {"category": [], "enabled": true, "groups": [], '
    '"attributes": {}}}, "denied": {"subject": [], "jti": []}}',
    "enabled in words": '{"version": 1, "clients": {"a": {"category": "service", "enabled": "no", '
    '"groups": [], "attributes": {}}}, "denied": {"subject": [], "jti": []}}',
    "groups as text": '{"version": 1, "clients": {"a": {"category": "service", "enabled": true, '
    '"groups": "x", "attributes": {}}}, "denied": {"subject": [], "jti": []}}',
    "attributes as a list": '{"version": 1, "clients": {"a": {"category": "service", "enabled": true, '
    '"groups": [], "attributes": []}}, "denied": {"subject": [], "jti": []}}',
    "an unknown kind": '{"version": 1, "clients": {}, "denied": {"subject": [], "jti": [], "sub": []}}',
    "denials by name": '{"version": 1, "clients": {}, "denied": {"subject": {}, "jti": []}}',
    "a denial without an end": '{"version": 1, "clients": {}, "denied": {"subject": [{"value": "a"}], '
    '"jti": []}}',
    "an end in words": '{"version": 1, "clients": {}, "denied": {"subject": [{"value": "a", "until": "x"}], '
    '"jti": []}}',
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_an_exported_file_that_isnt_one_is_refused_whole(desk: Desk, text: str) -> None:
    """At the start it is an error; later it counts as if it weren't there."""
    file = exported(desk, {"ci-bot": ENTRY})
    engine = desk.engine(registry={"file": "registry.json"})
    file.write_text(text)

    with pytest.raises(ConfigError):
        desk.engine(registry={"file": "registry.json"})
    engine.stages.registries["machines"].look()
    assert desk.ask(engine) == ALLOWED
    desk.world.now += 61
    engine.stages.registries["machines"].look()
    assert desk.ask(engine) == AWAY


def test_attributes_that_are_declared_have_their_types(desk: Desk) -> None:
    """The registry holds texts; one that isn't of the type makes its machine useless, and no other."""
    declared = {"Client": {"zone": "string", "zones": "strings", "trusted": "bool", "level": "long"}}
    good = {"zone": ["a"], "zones": ["a", "b"], "trusted": ["true"], "level": ["-7"], "other": ["x"]}
    bad = {"zone": ["a", "b"], "trusted": ["yes"], "level": ["1.5"]}
    desk.put(
        document("good", attributes=good),
        *(document(f"bad-{name}", attributes={name: values}) for name, values in bad.items()),
        document("much", attributes={"level": ["9223372036854775808"]}),
    )
    engine = desk.engine(attributes=declared)

    assert engine.identify(desk.world.machine("good")) == Client(
        issuer="machines",
        client_id="good",
        category="service",
        attributes={"other": ("x",)},
        typed_attributes={"zone": "a", "zones": ("a", "b"), "trusted": True, "level": -7},
    )
    codes = [desk.ask(engine, client=name) for name in ("bad-zone", "bad-trusted", "bad-level", "much")]
    assert codes == [UNKNOWN] * 4


def test_a_machine_that_cant_be_read_stops_no_other(desk: Desk) -> None:
    """It is as good as unlisted."""
    desk.put(
        {"client_id": "odd", "category": 7}, {"client_id": "a b", "category": "service", "enabled": True}
    )
    engine = desk.engine()

    assert desk.ask(engine, client="odd") == UNKNOWN
    assert desk.ask(engine) == ALLOWED


CHANGES = st.one_of(
    st.tuples(
        st.just("put"),
        st.sampled_from(["a", "b", "c"]),
        st.booleans(),
        st.sampled_from([[], ["batch"]]),
        st.sampled_from([{}, {"region": ["eu"]}, {"region": []}]),
        st.sampled_from(["service", "ai_agent", "?"]),
    ),
    st.tuples(st.just("remove"), st.sampled_from(["a", "b", "c"])),
    st.tuples(
        st.just("deny"),
        st.sampled_from(["subject", "jti"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([None, 5]),
    ),
    st.tuples(st.just("undeny"), st.sampled_from(["subject", "jti"]), st.sampled_from(["a", "b"])),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, -5])),
)


def change(desk: Desk, store: Store, what: Any) -> None:
    """Make one of these changes."""
    match what:
        case "put", client_id, enabled, groups, attributes, category:
            members = {"enabled": enabled, "groups": groups, "attributes": attributes, "category": category}
            new = ClientChange(client_id=client_id, document={"client_id": client_id, **members})
            found = store.clients.find(client_id)
            if found is None or found.removed_at is None:
                store.clients.change([new], expected_version=None, now=desk.world.now)
        case "remove", client_id:
            if store.clients.find(client_id) is not None:
                gone = ClientChange(client_id=client_id, document=None)
                store.clients.change([gone], expected_version=None, now=desk.world.now)
        case "deny", kind, value, lasting:
            ends = None if lasting is None else desk.world.now + lasting
            store.denials.add(Denial(kind=kind, value=value, since=desk.world.now, until=ends))
        case "undeny", kind, value:
            store.denials.remove(kind, value)
        case "wait", seconds:
            desk.world.now += seconds
        case _:
            pytest.fail("no such change")


@settings(
    max_examples=samples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(CHANGES, max_size=12))
def test_after_any_changes_the_engine_decides_as_a_fresh_one_does(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory, changes: list[Any]
) -> None:
    """It has seen every state in between, and remembers nothing of them that is wrong now."""
    place = Desk(world=desk.world, folder=tmp_path_factory.mktemp("any"))
    store = place.store()
    tokens = [place.world.machine(client, jti=jti) for client in "abc" for jti in "ab"]
    engine = place.engine()
    try:
        for what in changes:
            change(place, store, what)
            refresh(engine)
            for token in tokens:
                engine.evaluate(token, PING)
        fresh = place.engine()

        def told(asked: PolicyEngine) -> list[Any]:
            decisions = [asked.evaluate(token, message) for token in tokens for message in (PING, LIST)]
            return [(each.code, each.detail, each.principal, each.policies) for each in decisions]

        assert told(engine) == told(fresh)
    finally:
        store.close()
        for each in place.engines:
            each.close()


OTHERS = sorted(set(profile_names()) - {"policy-engine"})
FLAGS: dict[str, dict[str, Any]] = {
    "oracle": {"tenant": "idcs-acme"},
    "spiffe": {"trust_domain": "example.org"},
}
"""What profiles can't do without."""


@pytest.mark.parametrize("listed", [False, True])
def test_what_our_server_writes_makes_a_machine_of_nobody_elses(desk: Desk, *, listed: bool) -> None:
    """The same claims of any other issuer make no machine of ours, and no unlisted one."""
    desk.put(document(groups=["batch"]))
    issuers = {
        f"of-{profile}": {
            "issuer": f"https://{profile}.example.com",
            "profile": profile,
            "keys": desk.world.issuers()["corp"]["keys"],
            "flags": FLAGS.get(profile, {}),
            "clients": {"ci-bot": {"grants": ["client_credentials"]}} if listed else {},
        }
        for profile in OTHERS
    }
    engine = desk.engine(issuers={"machines": desk.machines(), **issuers})
    told = {}
    for profile, typ in product(OTHERS, ("at+jwt", "JWT")):
        claims = desk.world.machine_claims() | {"iss": f"https://{profile}.example.com"}
        decision = engine.evaluate(desk.world.token("corp", claims, typ=typ), PING)
        told[profile, typ] = decision.code, None if decision.principal is None else decision.principal.issuer

    assert desk.ask(engine) == ALLOWED
    for (profile, _), (code, issuer) in told.items():
        assert code != "allowed"
        assert issuer in ({None, f"of-{profile}"} if listed else {None})
