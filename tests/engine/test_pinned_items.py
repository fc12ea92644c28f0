"""Prompts, resources, templates and labels of a catalogue: what policies see of them."""

from typing import Any

import pytest

from policy_engine import Client, User
from policy_engine.config import assemble, config_from_values

ALICE = User(issuer="corp", subject="alice")
CATALOGUE: dict[str, Any] = {
    "tools": [
        {"item": {"name": "pay"}, "labels": {"team": ["payments"], "": [], "__entity": ["odd"]}},
        {"name": "plain", "labels": {"team": ["payments"]}},
    ],
    "prompts": [
        {"item": {"name": "*"}, "labels": {"team": ["payments"]}},
        {"name": "review"},
    ],
    "resources": [
        {
            "item": {"uri": "file:///a", "name": "a", "mimeType": "text/plain"},
            "reviewed": True,
            "labels": {"team": ["payments"]},
        },
        {"uri": "file:///b", "name": "b", "mimeType": "text/plain"},
        {"uri": "FILE:///never", "name": "can't be asked for"},
    ],
    "resourceTemplates": [{"item": {"uriTemplate": "file:///{path}", "name": "files"}, "reviewed": True}],
}
METHODS = {
    "tool": ("tools/call", "name"),
    "prompt": ("prompts/get", "name"),
    "resource": ("resources/read", "uri"),
}


def _asked(world: Any, condition: str, kind: str, name: str) -> str:
    """The code of a request for one thing, under a permit with a condition."""
    policy = f'@id("p") permit (principal is User, action, resource) when {{ {condition} }};'
    engine = world.engine(
        policy, servers={"github": {"resource": "https://mcp.example.com", "catalogue": CATALOGUE}}
    )
    if kind == "template":
        params = {"ref": {"type": "ref/resource", "uri": name}, "argument": {"name": "path", "value": ""}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "completion/complete", "params": params}
    else:
        method, parameter = METHODS[kind]
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {parameter: name}}
    return str(engine.authorize(ALICE, message).code)


LABELLED = 'resource is {type} && resource.hasTag("team") && resource.getTag("team").contains("payments")'


@pytest.mark.parametrize(
    ("kind", "type_", "labelled", "other"),
    [
        ("tool", "Tool", "pay", "plain"),
        ("prompt", "Prompt", "*", "review"),
        ("resource", "Resource", "file:///a", "file:///b"),
    ],
)
def test_labels_are_tags(world: Any, kind: str, type_: str, labelled: str, other: str) -> None:
    """Those that the operator wrote; what a server says of labels isn't heard."""
    condition = LABELLED.format(type=type_)

    assert [_asked(world, condition, kind, name) for name in (labelled, other)] == ["allowed", "no_permit"]


def test_a_label_of_any_name_is_only_a_label(world: Any) -> None:
    """Empty ones, and those that would be something else in JSON of Cedar."""
    odd = 'resource.hasTag("__entity") && resource.getTag("__entity").contains("odd")'

    assert _asked(world, f'resource is Tool && resource.hasTag("") && {odd}', "tool", "pay") == "allowed"


@pytest.mark.parametrize(
    ("kind", "type_", "pinned", "other"),
    [
        ("prompt", "Prompt", "review", "revieu"),
        ("resource", "Resource", "file:///b", "file:///c"),
        ("template", "ResourceTemplate", "file:///{path}", "file:///{other}"),
    ],
)
def test_policies_see_what_is_pinned(world: Any, kind: str, type_: str, pinned: str, other: str) -> None:
    """By name, or by the whole URI."""
    condition = f"resource is {type_} && resource.pinned"

    assert [_asked(world, condition, kind, name) for name in (pinned, other)] == ["allowed", "no_permit"]


def test_what_a_resource_says_of_itself_counts_once_reviewed(world: Any) -> None:
    """Its media type is the server's claim until then."""
    condition = 'resource is Resource && resource has mime_type && resource.mime_type == "text/plain"'
    codes = [_asked(world, condition, "resource", uri) for uri in ("file:///a", "file:///b", "file:///c")]

    assert codes == ["allowed", "no_permit", "no_permit"]
    assert (
        _asked(
            world,
            'resource is ResourceTemplate && resource has name && resource.name == "files"',
            "template",
            "file:///{path}",
        )
        == "allowed"
    )


def test_a_resource_that_only_a_policy_names_is_known(world: Any) -> None:
    """What the catalogue says of it, though the request is about another."""
    condition = 'Resource::"github/file:///a".getTag("team").contains("payments")'

    assert (
        _asked(world, f'Resource::"github/file:///a".hasTag("team") && {condition}', "tool", "plain")
        == "allowed"
    )


def test_a_resource_that_nobody_can_ask_for_spoils_nothing(world: Any) -> None:
    """It is pinned with its reason, and its request is refused before any policy."""
    assert _asked(world, "true", "resource", "FILE:///never") == "invalid_params"
    assert _asked(world, "true", "resource", "file:///a") == "allowed"


WARNED = [
    ('resource == Prompt::"github/revieu"', ['no prompt `revieu` (did you mean `Prompt::"github/review"`?)']),
    ('resource == ResourceTemplate::"github/x:{y}"', ["no template `x:{y}` (pin it)"]),
    ('resource == Prompt::"github/review"', []),
    ('resource == Resource::"github/file:///c"', []),
]


@pytest.mark.parametrize(
    ("scope", "warned"), WARNED, ids=["misspelt prompt", "unlisted template", "prompt", "resource"]
)
def test_a_name_that_the_catalogue_does_not_list_is_a_warning(
    world: Any, scope: str, warned: list[str]
) -> None:
    """But not of a resource, which may fit a template."""
    values = {
        "version": 1,
        "servers": {"github": {"resource": "https://mcp.example.com", "catalogue": CATALOGUE}},
        "issuers": world.issuers(),
        "policies": [],
    }
    text = f'@id("p") permit (principal is User, action, {scope});'
    store = assemble(config_from_values(values, policy_text=text), now=lambda: 0.0).policies
    said = [f"{w.message} ({w.remedy})" for w in store.warnings if w.code == "PS010"]

    assert said == [f"the catalogue of `github` has {sentence}" for sentence in warned]


def test_machines_see_the_same(world: Any) -> None:
    """Labels don't depend on who asks."""
    policy = (
        f'@id("p") permit (principal is Client, action, resource) when {{ {LABELLED.format(type="Tool")} }};'
    )
    engine = world.engine(
        policy, servers={"github": {"resource": "https://mcp.example.com", "catalogue": CATALOGUE}}
    )
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "pay"}}

    assert engine.authorize(Client(issuer="machines", client_id="ci-bot"), message).code == "allowed"


@pytest.mark.parametrize("name", ["Review", "REVIEW", "\uff52eview"])
def test_a_prompt_that_imitates_a_pinned_one_is_refused(world: Any, name: str) -> None:
    """A server that folds names would give out the pinned one, and policies would have decided on another."""
    assert _asked(world, "true", "prompt", "review") == "allowed"
    assert _asked(world, "true", "prompt", "other") == "allowed"
    assert _asked(world, "true", "prompt", name) == "invalid_params"
