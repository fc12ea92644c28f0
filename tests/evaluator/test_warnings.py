"""Each warning: where it is given, and where it isn't."""

import re
from collections.abc import Callable
from types import MappingProxyType

import pytest

from policy_engine.errors import PolicyError
from policy_engine.evaluator import (
    WARNINGS,
    Deployment,
    IssuerFacts,
    KnownNames,
    PolicySource,
    PolicyStore,
    ServerFacts,
    ToolFacts,
    examine_policies,
    load_policies,
)
from policy_engine.model import CedarJson

Warned = Callable[..., list[str]]

NOTHING_KNOWN = Deployment()
PINNED = MappingProxyType(
    {
        "get_issue": ToolFacts(),
        "create_issue": ToolFacts(hidden=MappingProxyType({"filter": "its schema has `anyOf`"})),
        "delete_repo": ToolFacts(unseen="its schema has `oneOf`"),
    }
)
MACHINES = IssuerFacts(
    clients=frozenset({"ci-bot", "cleaner"}), groups=frozenset({"ci", "night"}), roles=frozenset({"reader"})
)


def deployment(**servers: ServerFacts) -> Deployment:
    """Two issuers and these servers; `github` with its tools if none are given."""
    people = IssuerFacts(clients=frozenset({"desktop"}), groups=None, roles=None)
    return Deployment(
        servers=MappingProxyType(servers or {"github": ServerFacts(tools=PINNED)}),
        issuers=MappingProxyType({"machines": MACHINES, "corp": people}),
    )


@pytest.fixture(scope="module")
def warned(full_schema: CedarJson, names: KnownNames, placeholder: CedarJson) -> Warned:
    """The warnings of a text: place, code and sentence of each."""

    def found(text: str, known: Deployment = NOTHING_KNOWN) -> list[str]:
        sources = [PolicySource(text=text, file="p.cedar")]
        store = load_policies(sources, full_schema, names, placeholder=placeholder, deployment=known)
        return [
            f"{warning.line}:{warning.column} {warning.code} {warning.message} ({warning.remedy})"
            for warning in store.warnings
        ]

    return found


def marked(text: str) -> tuple[str, list[str]]:
    """A text without its marks, and the place of each."""
    places = []
    while "▸" in text:
        before, _, after = text.partition("▸")
        places.append(f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}")
        text = before + after
    return text, places


PS001 = (
    "PS001 the permit is open to people and to machines "
    '(write `principal is User` or `principal is Client`, or say so: `@kinds("both")`)'
)
EMPTY = "it applies to nothing until a pinned tool is in that group"
UNPINNED = (
    "PS004 tools of `github` that aren't pinned are denied before any policy "
    "(pin the tool, and name it, or set `unpinned: allow` for `github`)"
)
NEVER = "PS003 the forbid never applies:"
MINE = "name the tools, add `when { resource.pinned }`, or set `unpinned: deny`"

OPEN_FILES = {"github": ServerFacts(tools=PINNED), "files": ServerFacts(unpinned="allow")}

GIVEN = {
    "an open head": ('@id("a") permit (▸principal, action, resource);', [PS001]),
    "an open head with a condition on the kind": (
        '@id("a") permit (▸principal, action, resource)\nwhen { principal is User };',
        [PS001],
    ),
    "an open head of a shadow policy": (
        '@id("a") @mode("shadow") permit (▸principal, action, resource);',
        [PS001],
    ),
    "an empty group in the head": (
        '@id("a") permit (principal is User, action in ▸Action::"idempotent", resource);',
        [f'PS002 `Action::"idempotent"` has no member ({EMPTY})'],
    ),
    "an empty group beside another": (
        '@id("a") permit (principal is User, action in [Action::"session", ▸Action::"gitlab/*"], resource);',
        [f'PS002 `Action::"gitlab/*"` has no member ({EMPTY})'],
    ),
    "an empty group in a condition": (
        '@id("a") forbid (principal is User, action, resource)\nwhen { action in ▸Action::"gitlab/*" };',
        [f'PS002 `Action::"gitlab/*"` has no member ({EMPTY})'],
    ),
    "people in a group of machines": (
        '@id("a") forbid (principal is User, action, resource)\n'
        'when { principal in ▸ClientGroup::"corp/x" };',
        [f"{NEVER} a `User` is never in a `ClientGroup` (`User` has groups of its own: `Group` and `Role`)"],
    ),
    "a tool in a group of machines": (
        '@id("a") forbid (principal is User, action == Action::"github/?", resource)\n'
        'when { resource in ▸ClientGroup::"corp/x" };',
        [f"{NEVER} a `Tool` is never in a `ClientGroup` (it can be in a `Server` or a `ToolGroup`)"],
    ),
    "a server in a group of machines": (
        '@id("a") forbid (principal is User, action == Action::"ping", resource)\n'
        'when { resource in ▸ClientGroup::"corp/x" };',
        [f"{NEVER} a `Server` is never in a `ClientGroup` (compare it with `==`)"],
    ),
    "an action in a group of machines": (
        '@id("a") forbid (principal is User, action == Action::"ping", resource)\n'
        'when { ▸action in ClientGroup::"corp/x" };',
        [f'{NEVER} `action in ClientGroup::"corp/x"` is always false (mend it, or remove the policy)'],
    ),
    "an action as a group of people": (
        '@id("a") forbid (principal is User, action == Action::"ping", resource)\n'
        'when { action == ▸Group::"corp/x" };',
        [f"{NEVER} `action` is an `Action`, never a `Group` (compare it with one of its own type)"],
    ),
    "an attribute of an action": (
        '@id("a") forbid (principal is User, action == Action::"ping", resource)\nwhen { action has ▸name };',
        [f"{NEVER} `action` never has `name` (it has nothing)"],
    ),
    "two literals of entities": (
        '@id("a") forbid (principal is User, action == Action::"ping", resource)\n'
        'when { ▸User::"corp/x" == User::"corp/y" };',
        [f'{NEVER} `User::"corp/x" == User::"corp/y"` is always false (mend it, or remove the policy)'],
    ),
    "a text and a group": (
        '@id("a") forbid (principal is User, action == Action::"ping", resource)\n'
        'when { ▸"x" == User::"corp/y" };',
        [f'{NEVER} `"x" == User::"corp/y"` is always false (mend it, or remove the policy)'],
    ),
    "a value in a set of one kind": (
        '@id("a") forbid (principal is User, action == Action::"ping", resource)\n'
        'when { ▸principal in [ClientGroup::"corp/x", ClientGroup::"corp/y"] };',
        [
            f'{NEVER} `principal in [ClientGroup::"corp/x", ClientGroup::"corp/y"]` is always false '
            "(mend it, or remove the policy)"
        ],
    ),
    "a kind that the head leaves out": (
        '@id("a") forbid (principal, action == Action::"ping", resource)\nwhen { ▸principal is Server };',
        [f"{NEVER} `principal is Server` is always false (here `principal` is a `User` or a `Client`)"],
    ),
    "an attribute of nothing": (
        '@id("a") forbid (principal is User, action == Action::"ping", resource)\n'
        'when { Group::"corp/x" has ▸size };',
        [f'{NEVER} `Group::"corp/x"` never has `size` (it has nothing)'],
    ),
    "a group as a principal": (
        '@id("a") permit (principal is User, action, resource)\nwhen { principal == ▸Group::"corp/x" };',
        [
            "PS003 the permit never applies: `principal` is a `User`, never a `Group` "
            '(groups go with `in`: `principal in Group::"corp/x"`)'
        ],
    ),
    "a machine as a person": (
        '@id("a") permit (principal is User, action, resource)\nwhen { principal == ▸Client::"machines/x" };',
        [
            "PS003 the permit never applies: `principal` is a `User`, never a `Client` "
            "(compare it with one of its own type)"
        ],
    ),
    "a group of actions in a condition": (
        '@id("a") forbid (principal, action, resource)\nwhen { action == ▸Action::"read_only" };',
        [
            f'{NEVER} `Action::"read_only"` is a group of actions, and is never asked for itself '
            '(groups go with `in`: `action in Action::"read_only"`)'
        ],
    ),
    "an action that the head doesn't admit": (
        '@id("a") forbid (principal, action in Action::"session", resource)\n'
        'when { action == ▸Action::"github/get_issue" };',
        [f'{NEVER} the head doesn\'t admit `Action::"github/get_issue"` (name an action that it admits)'],
    ),
    "another kind": (
        '@id("a") forbid (principal in Group::"corp/eng", action, resource)\nwhen { ▸principal is Client };',
        [f"{NEVER} `principal is Client` is always false (here `principal` is a `User`)"],
    ),
    "one of two": (
        '@id("a") forbid (principal is User, action, resource)\n'
        'when { principal.issuer == "corp" && (▸principal is Client || principal is Client) };',
        [
            f"{NEVER} `principal is Client || principal is Client` is always false "
            "(mend it, or remove the policy)"
        ],
    ),
    "not what always is": (
        '@id("a") forbid (principal is User, action, resource)\nwhen { !(▸principal is User) };',
        [f"{NEVER} `principal is User` is always true (here `principal` is a `User`)"],
    ),
    "unless what always is": (
        '@id("a") forbid (principal is User, action, resource)\n'
        'unless { principal.issuer == "x" || ▸principal is User };',
        [f"{NEVER} `principal is User` is always true (here `principal` is a `User`)"],
    ),
    "two literals": (
        '@id("a") forbid (principal is User, action, resource)\nwhen { ▸1 == 2 };',
        [f"{NEVER} `1 == 2` is always false (mend it, or remove the policy)"],
    ),
    "a misspelt argument that is asked for": (
        '@id("a") forbid (principal, action == Action::"github/create_issue", resource)\n'
        'when { context.arguments has ▸rep && context.arguments.rep == "x" };',
        [f"{NEVER} `context.arguments` never has `rep` (did you mean `repo`?)"],
    ),
    "conditions that exclude each other": (
        '@id("a") forbid (principal, action, resource)\n'
        "when { principal is User || resource is Server }\n"
        "when { ▸principal is Client && resource is Tool };",
        [f"{NEVER} this doesn't hold where the conditions before it do (compare the conditions)"],
    ),
    "sides that exclude each other": (
        '@id("a") forbid (principal, action in Action::"session", resource)\n'
        "when { ▸principal is User && principal is Client };",
        [
            f"{NEVER} `principal is User && principal is Client` is always false "
            "(mend it, or remove the policy)"
        ],
    ),
    "an agent, where agents aren't meant": (
        '@id("a") permit (principal is User, action == Action::"ping", resource)\n'
        'when { ▸context has actor && context.actor == Client::"corp/x" };',
        [
            "PS003 the permit never applies: it asks for an agent that acts for a person, "
            "and without `@delegable` it isn't for agents (add `@delegable`)"
        ],
    ),
    "the kinds on a forbid": (
        '@id("a") ▸@kinds("both") forbid (principal, action, resource);',
        ['PS006 `@kinds("both")` means nothing on a forbid (remove it)'],
    ),
    "the kinds where the head says one": (
        '@id("a") ▸@kinds("both") permit (principal is User, action, resource);',
        ['PS006 `@kinds("both")` means nothing where the head says who the principal is (remove it)'],
    ),
    "a name that is never there, beside others": (
        '@id("a") permit (principal is User, action == Action::"github/create_issue", resource)\n'
        'when { context.arguments.repo == "x" || (context.arguments has ▸label) };',
        ["PS009 `context.arguments` never has `label` (did you mean `labels`?)"],
    ),
    "a name that nobody has": (
        '@id("a") permit (principal is User, action == Action::"ping", resource)\n'
        "when { principal has email || principal has ▸zip };",
        ["PS009 `principal` never has `zip` (it has email, issuer, manager and subject)"],
    ),
    "a forbid over everything": (
        '@id("a") ▸permit (principal is User, action == Action::"ping", resource) when { true };\n'
        '@id("b") forbid (principal, action, resource);',
        ["PS011 the forbid `b` always wins over it (write an `unless` into `b`, or remove this permit)"],
    ),
    "a forbid over the kind and a wider group": (
        '@id("a") ▸permit (principal == Client::"machines/x", action == Action::"github/?", resource);\n'
        '@id("b") forbid (principal is Client, action in Action::"destructive", resource is Tool);',
        ["PS011 the forbid `b` always wins over it (write an `unless` into `b`, or remove this permit)"],
    ),
    "a forbid over the server": (
        '@id("a") ▸permit (principal in Group::"corp/x", action in Action::"github/*", resource);\n'
        '@id("b") forbid (principal in Group::"corp/x", action, resource in Server::"github");',
        ["PS011 the forbid `b` always wins over it (write an `unless` into `b`, or remove this permit)"],
    ),
}
"""What is given wherever a policy is, whatever else is known."""

NOT_GIVEN = {
    "a typed permit": "permit (principal is User, action, resource);",
    "a permit for a group": 'permit (principal in Group::"corp/eng", action, resource);',
    "a permit that says that it is for both": '@kinds("both") permit (principal, action, resource);',
    "a forbid for everyone": "forbid (principal, action, resource);",
    "a group with a member": 'permit (principal is User, action in Action::"read_only", resource);',
    "a group of methods": 'permit (principal is User, action in Action::"session", resource);',
    "a condition that may hold": (
        'forbid (principal is User, action, resource) when { principal in Group::"corp/x" };'
    ),
    "a condition for one kind": (
        "forbid (principal, action, resource) "
        'when { principal is Client && principal in ClientGroup::"corp/x" };'
    ),
    "a name that one tool has": (
        'permit (principal is User, action in Action::"github/*", resource) '
        "when { context.arguments has labels };"
    ),
    "an agent, where agents are meant": (
        '@delegable permit (principal is User, action == Action::"ping", resource) '
        "when { context has actor };"
    ),
    "a name that may be there": (
        'permit (principal is User, action == Action::"ping", resource) when { principal has email };'
    ),
    "a permit beside a forbid with a condition": (
        'permit (principal is User, action == Action::"ping", resource);'
        '@id("b") forbid (principal, action, resource) when { context has actor };'
    ),
    "a permit beside a forbid for the other kind": (
        'permit (principal is User, action == Action::"ping", resource);'
        '@id("b") forbid (principal is Client, action, resource);'
    ),
    "a permit beside a forbid for fewer actions": (
        "permit (principal is User, action, resource);"
        '@id("b") forbid (principal is User, action in Action::"session", resource);'
    ),
    "a permit beside a forbid for fewer resources": (
        'permit (principal is User, action in Action::"session", resource);'
        '@id("b") forbid (principal is User, action in Action::"session", resource == Server::"github");'
    ),
    "a permit beside a forbid on another server": (
        'permit (principal is User, action in Action::"github/*", resource);'
        '@id("b") forbid (principal is User, action in Action::"github/*", resource in Server::"gitlab");'
    ),
    "a permit beside a forbid in the shadow": (
        'permit (principal is User, action == Action::"ping", resource);'
        '@id("b") @mode("shadow") forbid (principal, action, resource);'
    ),
}


@pytest.mark.parametrize(("text", "warnings"), GIVEN.values(), ids=GIVEN.keys())
def test_a_warning_is_given_at_its_place(warned: Warned, text: str, warnings: list[str]) -> None:
    """At the part that it is about, marked by ▸, with what to do."""
    text, places = marked(text)

    assert warned(text) == [f"{place} {warning}" for place, warning in zip(places, warnings, strict=True)]


@pytest.mark.parametrize("policies", NOT_GIVEN.values(), ids=NOT_GIVEN.keys())
def test_what_is_as_it_should_be_is_not_warned_of(warned: Warned, policies: str) -> None:
    """Nor is anything else."""
    assert warned(f'@id("a") {policies}') == []


KNOWING = {
    "an unpinned tool where those are denied": (
        '@id("a") permit (principal is User, action == ▸Action::"github/?", resource);',
        deployment(),
        [UNPINNED],
    ),
    "the same among others": (
        '@id("a") forbid (principal is User, action in [Action::"ping", ▸Action::"github/?"], resource)\n'
        'unless { action == ▸Action::"github/?" };',
        deployment(),
        [UNPINNED, UNPINNED],
    ),
    "a machine that calls everything": (
        '@id("a") permit (principal == Client::"machines/ci-bot", ▸action, resource);',
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
        [f"PS007 machines may call tools of `github` that nobody pinned ({MINE})"],
    ),
    "a group of machines that calls what a server has": (
        '@id("a") @kinds("both") permit (principal, ▸action in Action::"github/*", resource);',
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
        [f"PS007 machines may call tools of `github` that nobody pinned ({MINE})"],
    ),
    "a condition on what isn't seen of one tool": (
        '@id("a") forbid (principal, action in Action::"github/*", resource)\n'
        'when { context.arguments has ▸repo && context.arguments.repo == "x" };',
        deployment(),
        [
            "PS008 policies can't see `repo` of github/delete_repo: its schema has `oneOf` "
            "(to them it isn't there: decide on that tool without it)"
        ],
    ),
    "a condition on an argument without a type": (
        '@id("a") forbid (principal, action == Action::"github/create_issue", resource)\n'
        'when { context.arguments.repo == "x" || context.arguments has ▸filter };',
        deployment(),
        [
            "PS008 policies can't see `filter` of github/create_issue: its schema has `anyOf` "
            "(to them it isn't there: decide on that tool without it)",
            "PS009 `context.arguments` never has `filter` (policies can't see it; ask whether it was given: "
            '`context.unrepresentable.contains("filter")`)',
        ],
    ),
    "a machine that isn't listed": (
        '@id("a") permit (principal == ▸Client::"machines/ci-bto", action == Action::"ping", resource);',
        deployment(),
        ['PS010 no client of `machines` is listed as `ci-bto` (did you mean `Client::"machines/ci-bot"`?)'],
    ),
    "a machine like no other": (
        '@id("a") @delegable permit (principal is User, action == Action::"ping", resource)\n'
        'when { context has actor && context.actor == ▸Client::"corp/zzz" };',
        deployment(),
        ["PS010 no client of `corp` is listed as `zzz` (list it under `clients` of `corp`)"],
    ),
    "a group that no machine is in": (
        '@id("a") permit (principal in ▸ClientGroup::"machines/nigth", action == Action::"ping", resource);',
        deployment(),
        [
            "PS010 no client of `machines` has the group `nigth` "
            '(did you mean `ClientGroup::"machines/night"`?)'
        ],
    ),
    "a role that no machine has": (
        '@id("a") permit (principal in ▸ClientRole::"machines/zzz", action == Action::"ping", resource);',
        deployment(),
        ["PS010 no client of `machines` has the role `zzz` (give it to a client of `machines`)"],
    ),
    "a group of machines taken for one of people": (
        '@id("a") permit (principal in ▸Group::"machines/ci", action == Action::"ping", resource);',
        deployment(),
        [
            'PS010 `Group::"machines/ci"` holds people alone, and machines have one of that name '
            '(did you mean `ClientGroup::"machines/ci"`?)'
        ],
    ),
    "a role of machines taken for one of people": (
        '@id("a") permit (principal in ▸Role::"machines/reader", action == Action::"ping", resource);',
        deployment(),
        [
            'PS010 `Role::"machines/reader"` holds people alone, and machines have one of that name '
            '(did you mean `ClientRole::"machines/reader"`?)'
        ],
    ),
    "a tool that isn't in the catalogue": (
        '@id("a") permit (principal is User, action in Action::"github/*", '
        'resource == ▸Tool::"github/creat_issue");',
        deployment(),
        [
            "PS010 the catalogue of `github` has no tool `creat_issue` "
            '(did you mean `Tool::"github/create_issue"`?)'
        ],
    ),
    "a tool like no other": (
        '@id("a") permit (principal is User, action in Action::"github/*", resource == ▸Tool::"github/zzz");',
        deployment(),
        ["PS010 the catalogue of `github` has no tool `zzz` (pin it)"],
    ),
}

KNOWING_BETTER = {
    "an unpinned tool where those are allowed": (
        'permit (principal is User, action == Action::"github/?", resource);',
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
    ),
    "a person who calls everything": (
        "permit (principal is User, action, resource);",
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
    ),
    "a machine that calls what is pinned": (
        'permit (principal is Client, action in Action::"github/*", resource) '
        "when { resource has pinned && resource.pinned };",
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
    ),
    "a machine where what isn't pinned is denied": (
        "permit (principal is Client, action, resource);",
        deployment(),
    ),
    "a machine that calls one tool": (
        'permit (principal is Client, action == Action::"github/get_issue", resource);',
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
    ),
    "a condition that leaves machines out": (
        '@kinds("both") permit (principal, action in Action::"github/*", resource) '
        "when { principal is User };",
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
    ),
    "a forbid for machines": (
        "forbid (principal is Client, action, resource);",
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
    ),
    "an argument that is seen": (
        'permit (principal is User, action == Action::"github/create_issue", resource) '
        'when { context.arguments.repo == "x" };',
        deployment(),
    ),
    "no argument at all": (
        'permit (principal is User, action == Action::"github/delete_repo", resource);',
        deployment(),
    ),
    "names that are listed": (
        'permit (principal == Client::"machines/cleaner", action == Action::"github/get_issue", '
        'resource == Tool::"github/get_issue");',
        deployment(),
    ),
    "groups that are listed": (
        'permit (principal in ClientGroup::"machines/ci", action == Action::"ping", resource) '
        'when { principal in ClientRole::"machines/reader" };',
        deployment(),
    ),
    "groups that tokens bring": (
        'permit (principal in ClientGroup::"corp/any", action == Action::"ping", resource);',
        deployment(),
    ),
    "groups of people": (
        'permit (principal in Group::"machines/people", action == Action::"ping", resource);',
        deployment(),
    ),
    "a tool that isn't pinned, where those are allowed": (
        'permit (principal is User, action in Action::"github/*", resource == Tool::"github/new");',
        deployment(github=ServerFacts(tools=PINNED, unpinned="allow")),
    ),
}


@pytest.mark.parametrize(("text", "known", "warnings"), KNOWING.values(), ids=KNOWING.keys())
def test_what_the_configuration_says_is_compared(
    warned: Warned, text: str, known: Deployment, warnings: list[str]
) -> None:
    """A policy that loads anywhere may still be a mistake here."""
    text, places = marked(text)
    if len(places) == 1:
        places *= len(warnings)  # two warnings of one part

    assert warned(text, known) == [
        f"{place} {warning}" for place, warning in zip(places, warnings, strict=True)
    ]


@pytest.mark.parametrize(("policy", "known"), KNOWING_BETTER.values(), ids=KNOWING_BETTER.keys())
def test_what_the_configuration_says_silences(warned: Warned, policy: str, known: Deployment) -> None:
    """What is as configured is not warned of."""
    assert warned(f'@id("a") {policy}', known) == []


@pytest.mark.parametrize(
    ("unpinned", "what"),
    [
        ("deny", "so none of its tools can be called"),
        ("allow", "so any tool can be called that it comes to offer, its arguments unseen"),
    ],
)
def test_a_server_without_a_catalogue_is_warned_of(warned: Warned, unpinned: str, what: str) -> None:
    """Where it is configured; no policy is about it."""
    facts = ServerFacts(unpinned="allow" if unpinned == "allow" else "deny", file="c.yaml", line=3, column=5)

    assert warned("", deployment(gitlab=facts)) == [
        f"3:5 PS005 the server `gitlab` has no catalogue, {what} (pin its tools/list: `catalogue: <file>`)"
    ]
    assert warned("", deployment()) == []


def test_a_warning_is_told_in_one_line(load: Callable[..., PolicyStore]) -> None:
    """File, place, code, policy; no policy where it is about none."""
    open_head, server = (
        load('@id("a") permit (principal, action, resource);').warnings[0],
        WARNINGS["PS005"],
    )

    assert str(open_head).startswith(
        "0.cedar:1:18: PS001 `a`: the permit is open to people and to machines (write"
    )
    assert server.page.splitlines()[0] == "PS005: a server without a catalogue."


def test_warnings_are_found_beside_errors(
    full_schema: CedarJson, names: KnownNames, placeholder: CedarJson
) -> None:
    """Of the policies in which nothing is wrong."""
    text = (
        '@id("a") permit (principal, action, resource); @id("b") permit (principal is Usr, action, resource);'
    )

    found = examine_policies([PolicySource(text=text)], full_schema, names, placeholder=placeholder)

    assert list(found.policies) == ["a"]
    assert [error.code for error in found.errors] == ["policy_schema"]
    assert [warning.code for warning in found.survey()] == ["PS001"]
    with pytest.raises(PolicyError, match="`Usr` isn't a type of entity"):
        found.store()


def test_warnings_are_in_the_order_of_files(load: Callable[..., PolicyStore]) -> None:
    """And of lines and columns, whichever warning it is."""
    warnings = load(
        '\n@id("b") permit (principal, action, resource);',
        '@id("c") permit (principal, action in Action::"idempotent", resource);'
        '@id("d") @kinds("both") forbid (principal, action == Action::"ping", resource);',
    ).warnings

    assert [(warning.file, warning.code) for warning in warnings] == [
        ("0.cedar", "PS001"),
        ("1.cedar", "PS001"),
        ("1.cedar", "PS002"),
        ("1.cedar", "PS006"),
    ]


def test_hundreds_of_operators_do_not_hinder(warned: Warned) -> None:
    """What nests too deep for the search of the place is told all the same."""
    chain = " && ".join(['context.token.scopes.contains("x")'] * 240)
    policy = f'@id("a") forbid (principal is User, action == Action::"ping", resource)\nwhen {{ {chain} }}'

    assert warned(f"{policy};") == []
    assert warned(f"{policy} when {{ principal is Client }};") == [
        f"2:8 {NEVER} its conditions never hold together (compare each with what the head admits)"
    ]


@pytest.mark.parametrize("code", WARNINGS)
def test_each_warning_has_a_page(code: str) -> None:
    """Its docstring has a title and the four sections, in order."""
    page = WARNINGS[code].page

    assert page.startswith(f"{code}: ")
    assert re.findall(r"^(\w[^\n:]*):$", page, re.MULTILINE) == [
        "What it checks",
        "Why it matters",
        "Example",
        "Instead",
    ]
    assert WARNINGS[code].code == code
