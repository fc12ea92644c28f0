"""What a review is about: loaded once, without a trace, and known by its digests."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from policy_engine import Client
from policy_engine.model import EntityUid
from policy_engine.review import Subject
from tests.review.questions.conftest import VALUES, loaded, subject

ALL = '@id("all") permit (principal, action, resource);'
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


def test_nothing_that_a_review_tries_is_recorded(tmp_path: Path) -> None:
    """The configured sink is for decisions about requests that somebody sent."""
    file = tmp_path / "audit.jsonl"
    of = subject(ALL, audit={"file": str(file)})

    decision = of.engine.authorize(Client(issuer="machines", client_id="bot"), LIST)

    assert decision.allowed
    assert not file.exists()


def test_a_registry_that_isnt_there_is_noted(tmp_path: Path) -> None:
    """The policies can be reviewed all the same."""
    issuers = deepcopy(VALUES["issuers"])
    issuers["machines"]["clients"] = "registry"
    issuers["machines"]["registry"] = {"file": str(tmp_path / "none.json")}

    of = subject(ALL, issuers=issuers)

    assert list(of.running) == ["all"]
    assert [note.endswith("so which machines of `machines` there are isn't known") for note in of.notes] == [
        True
    ]


def test_digests_tell_what_a_proof_is_of() -> None:
    """Layout changes nothing; a policy, a tool, and an entity change one each."""
    base = subject(ALL).digests
    policies = subject(f"// The same.\n\n{ALL}").digests
    other = subject(ALL.replace("all", "any")).digests
    servers = deepcopy(VALUES["servers"])
    servers["git"]["catalogue"]["tools"].pop()
    tools = subject(ALL, servers=servers).digests
    nested = {"uid": {"type": "Group", "id": "corp/a"}, "parents": [{"type": "Group", "id": "corp/b"}]}
    entities = Subject.of(replace(loaded(ALL), entity_values=[nested])).digests

    assert list(base) == ["policies", "schema", "entities"]
    assert policies == base
    assert changed(base, other) == {"policies"}
    assert changed(base, tools) == {"schema", "entities"}
    assert changed(base, entities) == {"entities"}


def changed(one: Mapping[str, str], other: Mapping[str, str]) -> set[str]:
    """Names of the digests that differ."""
    return {name for name in one if one[name] != other[name]}


def test_shadow_policies_dont_run_and_others_run_guarded() -> None:
    """What runs is what is looked at."""
    of = subject(f'{ALL} @id("shadow") @mode("shadow") permit (principal, action, resource);')
    tree = of.tree(of.running["all"])

    assert (list(of.running), list(of.policies.policies)) == (["all"], ["all", "shadow"])
    assert [condition.kind for condition in tree.conditions] == ["unless"]
    assert of.tree(of.running["all"]) is tree


def test_what_is_pinned_is_known() -> None:
    """Servers and tools, with what the catalogue says of them."""
    known = subject(ALL).known

    assert [str(uid) for uid in known] == [
        'Server::"git"',
        'Tool::"git/look"',
        'Tool::"git/wipe"',
        'Tool::"git/write"',
    ]
    assert known[EntityUid("Tool", "git/look")]["attrs"] == {
        "name": "look",
        "pinned": True,
        "read_only": True,
        "destructive": False,
        "idempotent": False,
        "open_world": True,
    }
