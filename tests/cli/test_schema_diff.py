"""`policy-engine schema diff` shows what a server lists otherwise than pinned, and who may use it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine import Client, PolicyEngine, User
from policy_engine.cli import app
from policy_engine.jose import SigningKey

Run = Callable[..., Result]

CONFIG = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github, catalogue: github.json}
  jira: {resource: https://mcp.example.com/jira}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    keys: {file: corp.jwks.json}
    clients: {ci-bot: {grants: [client_credentials], groups: [ci]}}
policies: policies/
entities: entities.yaml
"""
ENTITIES = """\
- uid: {type: Tool, id: github/issues}
  parents: [{type: ToolGroup, id: tracking}]
- uid: {type: ToolGroup, id: tracking}
  parents: [{type: ToolGroup, id: everything}]
- uid: {type: ToolGroup, id: others}
"""
BOTH, PEOPLE, MACHINES = ("User", "Client"), ("User",), ("Client",)

COVERAGE: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("permit (principal, action, resource);", BOTH),
    "people": ("permit (principal is User, action, resource);", PEOPLE),
    "a machine": (
        'permit (principal == Client::"corp/ci-bot", action == Action::"github/issues", resource);',
        MACHINES,
    ),
    "a group": ('permit (principal in Group::"corp/eng", action, resource);', PEOPLE),
    "machines of a group": ('permit (principal in ClientGroup::"corp/ci", action, resource);', MACHINES),
    "every tool": ('permit (principal, action in Action::"call_tool", resource);', BOTH),
    "its server's tools": ('permit (principal, action in Action::"github/*", resource);', BOTH),
    "its kind": ('forbid (principal is Client, action in Action::"destructive", resource);', MACHINES),
    "its server": ('permit (principal, action, resource in Server::"github");', BOTH),
    "its group": ('permit (principal, action, resource in ToolGroup::"tracking");', BOTH),
    "a group above": ('permit (principal, action, resource in ToolGroup::"everything");', BOTH),
    "itself": ('permit (principal, action, resource == Tool::"github/issues");', BOTH),
    "a condition on people": ("permit (principal, action, resource) when { principal is User };", PEOPLE),
    "a condition on a name": (
        'permit (principal, action, resource) when { resource is Tool && resource.name == "issues" };',
        BOTH,
    ),
    "arguments": (
        'permit (principal, action == Action::"github/issues", resource)'
        ' when { context.arguments.repo == "acme" };',
        BOTH,
    ),
    "scopes": (
        'permit (principal, action, resource) when { context.token.scopes.contains("x") };',
        BOTH,
    ),
    "another kind": ('permit (principal, action in Action::"read_only", resource);', ()),
    "another server": ('permit (principal, action, resource in Server::"jira");', ()),
    "another server's tools": ('permit (principal, action in Action::"jira/*", resource);', ()),
    "another action": ('permit (principal, action == Action::"list_tools", resource);', ()),
    "unpinned tools": ('permit (principal, action == Action::"github/?", resource);', ()),
    "another group": ('permit (principal, action, resource in ToolGroup::"others");', ()),
    "another name": (
        'permit (principal, action, resource) when { resource is Tool && resource.name == "x" };',
        (),
    ),
    "what is never so": ("permit (principal, action, resource) unless { true };", ()),
    "a shadow": ('@mode("shadow") permit (principal, action, resource);', ()),
}


def item(name: str, **more: Any) -> dict[str, Any]:
    """An item of a list of tools."""
    schema = {"type": "object", "properties": {"repo": {"type": "string"}}, "required": ["repo"]}
    return {"name": name, "inputSchema": schema, **more}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy-engine schema diff github` with what is pinned, what is listed, and policies."""
    monkeypatch.chdir(tmp_path)
    Path("policy-engine.yaml").write_text(CONFIG)
    Path("entities.yaml").write_text(ENTITIES)
    Path("policies").mkdir()
    key = SigningKey.generate("ES256", kid="corp").public_jwk()
    Path("corp.jwks.json").write_text(json.dumps({"keys": [key]}))

    def command(pinned: list[Any], now: list[Any], policies: str, *options: str) -> Result:
        Path("github.json").write_text(json.dumps({"tools": pinned}))
        Path("now.json").write_text(json.dumps({"tools": now}))
        Path("policies/p.cedar").write_text(policies)
        return CliRunner().invoke(app, ["schema", "diff", "github", "--from", "now.json", *options])

    return command


def written(policies: dict[str, tuple[str, tuple[str, ...]]]) -> str:
    """The policies, a line each, with their names as ids."""
    return "\n".join(f"@id({json.dumps(name)}) {text}" for name, (text, _) in policies.items())


def test_nothing_differs(run: Run) -> None:
    """Exit status 0; a review makes no difference, and neither does the order of members."""
    listed = {name: item("a")[name] for name in reversed(item("a"))}

    result = run([{"item": item("a"), "reviewed": True}], [listed], "")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "github: 1 unchanged\n", "")


def test_differences_are_shown_item_by_item_with_who_is_affected(run: Run) -> None:
    """Exit status 1; nothing is written."""
    before = [
        {"item": item("issues", description="List\nissues"), "reviewed": True},
        {"item": item("old", description="Old")},
    ]
    schema = {"type": "object", "properties": {"repo": {"type": "integer"}, "x": {}}, "required": ["repo"]}
    changed = item("issues", description="List\nissues\u202e", annotations={"readOnlyHint": True})
    changed["inputSchema"] = schema
    policies = """\
@id("people-read") permit (principal is User, action in Action::"read_only", resource);
@id("issues") permit (principal, action == Action::"github/issues", resource);
@id("safe") forbid (principal is Client, action in Action::"destructive", resource);
"""

    result = run(before, [changed, item("new", description="N")], policies)

    assert (result.exit_code, result.stderr) == (1, "")
    assert (
        result.stdout
        == """\
github: 1 new, 1 changed, 1 gone
changed   tool `issues`: inputSchema, description, annotations (was reviewed)
          policies don't see `x`: it may be anything
          inputSchema
                "properties": {
                  "repo": {
            -       "type": "string"
            -     }
            +       "type": "integer"
            +     },
            +     "x": {}
                },
                "required": [
          description
              List
            - issues
            + issues\\u202e
          annotations
            + {
            +   "readOnlyHint": true
            + }
          permitted to people by `issues`
          permitted to machines by `issues`
          forbidden to machines by `safe`
          once reviewed: permitted to people by `people-read`, `issues`
          once reviewed: permitted to machines by `issues`
new       tool `new`
          inputSchema
            + {
            +   "properties": {
            +     "repo": {
            +       "type": "string"
            +     }
            +   },
            +   "required": [
            +     "repo"
            +   ],
            +   "type": "object"
            + }
          description
            + N
          no policy permits it to anybody
          forbidden to machines by `safe`
gone      tool `old`
"""
    )
    assert json.loads(Path("github.json").read_text()) == {"tools": before}


def test_a_program_gets_a_record(run: Run) -> None:
    """With the place of each policy."""
    policies = "permit (principal is User, action, resource);"
    result = run([], [item("issues")], f'\n  @id("p") {policies}', "--format", "json")

    covering = {
        "policy": "p",
        "effect": "permit",
        "kinds": ["User"],
        "file": str(Path("policies/p.cedar").resolve()),
        "line": 2,
        "column": 3,
    }
    assert (result.exit_code, result.stderr) == (1, "")
    assert json.loads(result.stdout) == {
        "server": "github",
        "same": False,
        "counts": {"new": 1, "changed": 0, "gone": 0, "refused": 0, "unchanged": 0},
        "changes": [
            {
                "kind": "tool",
                "name": "issues",
                "status": "new",
                "was_reviewed": False,
                "reason": None,
                "unseen": {},
                "unusable": None,
                "members": {name: {"now": value} for name, value in item("issues").items()},
                "policies": [covering],
                "policies_once_reviewed": None,
            }
        ],
    }


def test_a_policy_covers_a_tool_if_it_could_apply_to_a_call_of_it(run: Run) -> None:
    """By its head and by its conditions, as far as they speak of the tool and of the kind of its caller."""
    result = run([], [item("issues")], written(COVERAGE), "--format", "json")

    (change,) = json.loads(result.stdout)["changes"]
    assert {each["policy"]: tuple(each["kinds"]) for each in change["policies"]} == {
        name: kinds for name, (_, kinds) in COVERAGE.items() if kinds
    }


def test_whoever_may_call_a_tool_is_told(run: Run) -> None:
    """What the engine decides with a policy alone is never outside of what is told of it."""
    callers: dict[str, User | Client] = {
        "User": User(issuer="corp", subject="alice", groups=frozenset({"eng"})),
        "Client": Client(issuer="corp", client_id="ci-bot", groups=frozenset({"ci"})),
    }
    params = {"name": "issues", "arguments": {"repo": "acme"}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    wrong: list[tuple[str, str]] = []
    run([item("issues")], [], "")
    for name, (text, kinds) in COVERAGE.items():
        Path("policies/p.cedar").write_text(f'@id("p") {text}')
        engine = PolicyEngine.from_config("policy-engine.yaml")
        for kind, caller in callers.items():
            applied = "p" in [match.id for match in engine.authorize(caller, call, server="github").policies]
            if applied is not (kind in kinds) and (applied or name != "scopes"):
                wrong.append((name, kind))

    assert wrong == []


def test_policies_that_do_not_load_hide_no_others(run: Run) -> None:
    """A policy may speak of what the server no longer has."""
    policies = """\
@id("of-another") permit (principal, action == Action::"github/gone", resource);
@id("all") permit (principal is User, action, resource);
"""

    result = run([item("gone")], [item("issues")], policies)

    assert result.exit_code == 1
    assert "          permitted to people by `all`" in result.stdout.splitlines()


@pytest.mark.parametrize("broken", ["jira", "entities"])
def test_what_cannot_be_told_is_an_error(run: Run, broken: str) -> None:
    """Exit status 2, never 0."""
    run([], [], "")
    if broken == "jira":
        Path("policy-engine.yaml").write_text(CONFIG.replace("jira}", "jira, catalogue: none.json}"))
    else:
        Path("entities.yaml").write_text("7")

    result = run([], [item("issues")], "")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")


def test_a_long_text_is_shown_in_full(run: Run) -> None:
    """However long, and however alike its lines are."""
    before, now = ("\n".join(["a", "b"] * 1_500 + [end]) for end in ("c", "d"))

    result = run([item("x", description=before)], [item("x", description=now)], "")

    assert result.stdout.count("            - a\n") == result.stdout.count("            + a\n") == 1_500
    assert result.stdout.count("            + d\n") == 1
