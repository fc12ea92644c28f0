"""config: `clients: registry`, and where the registry is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.config import config_from_values, examine, load_config, read_registry
from policy_engine.errors import ConfigError
from policy_engine.storage import ClientChange, Denial, open_store

AS = "https://as.example.com"
MACHINES = {"issuer": AS, "profile": "policy-engine", "clients": "registry"}
SERVER: dict[str, Any] = {
    "issuer": AS,
    "store": "machines.db",
    "key_encryption": {"env": "KEY"},
    "scopes": {"github": "read"},
}


def refused(machines: dict[str, Any], **more: Any) -> list[str]:
    """Every problem of a configuration."""
    values = {
        "version": 1,
        "servers": {"github": {"resource": "https://mcp.example.com/github"}},
        "issuers": {"machines": {**MACHINES, **machines}},
        "policies": [],
    }
    with pytest.raises(ConfigError) as caught:
        config_from_values({**values, **more})
    return [f"{error.problem} ({error.remedy})" for error in (caught.value, *caught.value.others)]


ELSEWHERE = "(say where it is: `registry: {store: …}` or `registry: {file: …}`)"
WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no store": (
        {},
        {},
        f"`registry` is the store of `authserver`, and there is no such section {ELSEWHERE}",
    ),
    "another's store": (
        {"issuer": "https://other.example.com"},
        {"authserver": SERVER, "issuers": None},
        f"the store of `authserver` is another issuer's {ELSEWHERE}",
    ),
    "another profile": (
        {"profile": "rfc9068", "registry": {"file": "x"}},
        {},
        "only our own authorization server has a registry, whose profile is `policy-engine` "
        "(list the machines of this issuer one by one)",
    ),
    "two places": (
        {"registry": {"file": "x", "store": "y"}},
        {},
        "`issuers.machines.registry`: give either `store` or `file` ()",
    ),
    "a list beside it": (
        {"clients": {}, "registry": {"file": "x"}},
        {},
        "`issuers.machines`: `registry` goes with `clients: registry` ()",
    ),
    "another word": (
        {"clients": "registered"},
        {},
        "`issuers.machines.clients`: should be a mapping from client ids, or `registry` ()",
    ),
    "a slip": (
        {"registry": {"fil": "x"}},
        {},
        "unknown key `issuers.machines.registry.fil` (did you mean `file`?)",
    ),
    "no time": (
        {"registry": {"file": "x", "max_stale_seconds": 0}},
        {},
        "`issuers.machines.registry.max_stale_seconds`: input should be greater than or equal to 1 ()",
    ),
    "another kind of store": (
        {"registry": {"store": "mysql://x/y"}},
        {},
        "the store is neither a file nor postgresql://… (write the path of an SQLite file)",
    ),
}


@pytest.mark.parametrize(("machines", "more", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_registry_that_cant_be_meant_is_refused(
    machines: dict[str, Any], more: dict[str, Any], expected: str
) -> None:
    """With the reason, and how to mend it."""
    if "issuers" in more:
        own = {"machines": {**MACHINES, **machines}, "own": {"issuer": AS, "profile": "policy-engine"}}
        more = {**more, "issuers": own}

    assert refused(machines, **more) == [expected]


def test_a_password_of_a_store_isnt_written_in_the_file(tmp_path: Path) -> None:
    """Nor is it printed."""
    file = tmp_path / "policy-engine.yaml"
    registry = "{store: 'postgresql://u:hush-hush@db/x'}"
    file.write_text(
        "version: 1\nservers: {g: {resource: https://mcp.example.com/g}}\npolicies: []\nissuers:\n"
        f"  m: {{issuer: {AS}, profile: policy-engine, clients: registry, registry: {registry}}}\n"
    )

    with pytest.raises(ConfigError) as caught:
        load_config(file)

    assert caught.value.problem == "a password stands in the file"
    assert "hush" not in str(caught.value)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a configuration with one policy."""

    def write(policy: str) -> Path:
        (tmp_path / "p.cedar").write_text(policy)
        file = tmp_path / "policy-engine.yaml"
        file.write_text(
            "version: 1\n"
            "servers: {github: {resource: https://mcp.example.com/github, unpinned: allow}}\n"
            f"issuers: {{machines: {{issuer: {AS}, profile: policy-engine, clients: registry}}}}\n"
            f"authserver: {{issuer: {AS}, store: machines.db, key_encryption: {{env: KEY}}, "
            "scopes: {github: read}}\n"
            "policies: p.cedar\n"
        )
        return file

    return write


def registered(folder: Path) -> None:
    """Put two machines into the store, of which one is disabled."""
    store = open_store(f"sqlite:///{folder}/machines.db")
    documents = [
        {"client_id": "ci-bot", "category": "service", "enabled": True, "groups": ["ci"]},
        {"client_id": "nightly", "category": "service", "enabled": False},
    ]
    changes = [ClientChange(client_id=str(each["client_id"]), document=each) for each in documents]
    store.clients.change(changes, expected_version=None, now=0)
    store.denials.add(Denial(kind="jti", value="t-1", since=0, until=100))
    store.close()


POLICIES = {
    'Client::"machines/ci-bot"': (),
    'Client::"machines/nightly"': (),
    'Client::"machines/ci-bto"': ('did you mean `Client::"machines/ci-bot"`?',),
    'Client::"machines/watchtower"': ("register it: policy-engine clients add watchtower",),
}


@pytest.mark.parametrize(("principal", "remedies"), POLICIES.items(), ids=POLICIES.keys())
def test_a_machine_that_isnt_registered_by_now_is_a_warning(
    write: Callable[[str], Path], tmp_path: Path, principal: str, remedies: tuple[str, ...]
) -> None:
    """It may be tomorrow, so that the policy isn't wrong."""
    registered(tmp_path)
    policy = f'@id("p") permit (principal == {principal}, action in Action::"github/?", resource);'

    report = examine(load_config(write(policy)))

    found = [warning for warning in report.warnings if warning.code == "PS010"]
    assert (report.errors, report.notes) == ((), ())
    assert tuple(warning.remedy for warning in found) == remedies


def test_groups_of_registered_machines_are_known(write: Callable[[str], Path], tmp_path: Path) -> None:
    """A misspelt one is told."""
    registered(tmp_path)
    scope = 'principal in ClientGroup::"machines/{0}", action in Action::"github/?", resource'
    policy = f'@id("{{0}}") permit ({scope});'

    report = examine(load_config(write("\n".join(policy.format(group) for group in ("ci", "cd")))))

    found = [warning.message for warning in report.warnings if warning.code == "PS010"]
    assert found == ["no client of `machines` has the group `cd`"]


def test_a_registry_that_isnt_there_is_noted_and_nothing_is_warned_of(
    write: Callable[[str], Path], tmp_path: Path
) -> None:
    """Files are checked where the store can't be reached, too."""
    policy = '@id("p") permit (principal == Client::"machines/x", action in Action::"github/?", resource);'

    report = examine(load_config(write(policy)))

    assert report.errors == ()
    assert [warning.code for warning in report.warnings if warning.code == "PS010"] == []
    assert report.notes == (
        f"there is no store at {tmp_path}/machines.db; so which machines of `machines` there are isn't known",
    )


def test_a_registry_is_read_once_for_a_command(write: Callable[[str], Path], tmp_path: Path) -> None:
    """At a time, which tells which denials hold."""
    registered(tmp_path)
    loaded = load_config(write(""))

    early, late = read_registry(loaded, "machines", 99), read_registry(loaded, "machines", 100)

    assert set(early.clients) == {"ci-bot"}
    assert early.disabled == frozenset({"nightly"})
    assert early.ids == frozenset({"ci-bot", "nightly"})
    assert (early.jtis, late.jtis) == (frozenset({"t-1"}), frozenset())
