"""Each check: where it finds something, with its place and its words, and what only looks like it."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from policy_engine.review.checks import CHECKS
from tests.review.checks.conftest import Reviewed, told

GITHUB = 'action == Action::"github/list_issues", resource'
WRITE = 'action == Action::"github/create_issue", resource'
DELETE = 'action == Action::"github/delete_repository", resource'
READ = 'action in Action::"read_only", resource'
CI = 'principal == Client::"machines/ci-bot"'

HEAD = "say in the head whom it is meant for: `principal is User`, or `principal is Client`"
FACT = "say in which claim it is: `claims."
SEVERAL = 'name each: `containsAll(["…", "…"])`, or `containsAny`'
SPLIT = "write a permit for each kind, with its own exceptions"
NAMED = "name them, or ask who they are: "
OVER = "remove what is over, or write another date"
TOGETHER = "name actions and a resource that belong together, or leave the resource open"

GIVEN: Mapping[str, tuple[str, list[str]]] = MappingProxyType(
    {
        "people are kept from what machines may": (
            f'@id("m") permit (principal is Client, action in Action::"github/*", resource);\n'
            f'@id("f") forbid (▸principal is User, {READ}) when {{ principal in Group::"corp/guests" }};',
            [
                "PS101 `f` people are kept from `github/list_issues` here, and machines may by `m` "
                "(leave the principal open, or write a forbid for machines, too)"
            ],
        ),
        "attributes, issuers and grants for a kind": (
            f'@id("a") forbid (principal, {DELETE}) unless {{ ▸principal has email }};\n'
            f'@id("b") permit (principal, {READ}) when {{ ▸principal.issuer == "corp" }};\n'
            f'@id("c") @kinds("both") permit (principal, {READ})\n'
            'when { context.token has grant && ▸context.token.grant == "authorization_code" };\n'
            f'@id("d") forbid (principal, {READ}) when {{ "machines" == principal.issuer }}\n'
            'unless { context.token has grant && ▸["password"].contains(context.token.grant) };',
            [
                f"PS102 `a` `principal has email` stands for a kind: only people have it, and not each of "
                f"them ({HEAD})",
                f'PS102 `b` `principal.issuer == "corp"` stands for a kind: an issuer may speak for both '
                f"({HEAD})",
                f'PS102 `c` `context.token.grant == "authorization_code"` stands for a kind: '
                f"not every token tells its grant ({HEAD})",
                f'PS102 `d` `["password"].contains(context.token.grant)` stands for a kind: '
                f"not every token tells its grant ({HEAD})",
            ],
        ),
        "names by pattern": (
            f'@id("a") permit (principal is User, {READ}) when {{ ▸principal.subject like "adm*" }};\n'
            f'@id("b") @delegable permit (principal is User, {READ})\n'
            'when { context has actor && ▸context.actor.client_id like "*agent" };',
            [
                f"PS103 `a` `principal.subject` is matched by a pattern, and names can be chosen ({NAMED}"
                '`principal in Group::"…"`)',
                "PS103 `b` `context.actor.client_id` is matched by a pattern, and names can be "
                f'chosen ({NAMED}`context.actor in ClientGroup::"…"`)',
            ],
        ),
        "an exception of one kind": (
            f'@id("a") permit (principal, {READ})\n'
            '▸unless { principal has client_id && principal.client_id == "x" };',
            [f"PS104 `a` the exception never holds for people, so all of them are permitted ({SPLIT})"],
        ),
        "either kind": (
            f'@id("a") permit (principal, {READ})\nwhen {{ context.token.scopes.contains("admin") &&\n'
            "(▸principal has email || principal has client_id) };",
            [
                "PS105 `a` one side of this can hold for people alone, the other for machines alone "
                "(write two policies, one for each kind)"
            ],
        ),
        "a kind in a condition": (
            f'@id("a") forbid (principal, {READ}) when {{ ▸principal is User in Group::"corp/x" }};',
            [
                "PS106 `a` the kind is told by a condition, `principal is User` "
                "(say it in the head: `principal is User`)"
            ],
        ),
        "destruction at any time": (
            '@id("a") permit (principal in ClientGroup::"machines/ci", ▸action in '
            'Action::"github/*", resource);',
            [
                "PS107 `a` machines may call `github/delete_repository` at any time, and may "
                "destroy something "
                "by it (say when: by its arguments and a scope; or review the tool, if it does no harm)"
            ],
        ),
        "any scope": (
            '@id("f") forbid (principal is Client, action in Action::"destructive", resource);\n'
            '@id("a") permit (principal is Client, ▸action in Action::"call_tool", resource);',
            [
                "PS108 `a` machines may call `github/create_issue` and `gitlab/create_issue` "
                "with a token of any "
                'scope (ask for one: `context.token.scopes.contains("…")`)'
            ],
        ),
        "any action": (
            f'@id("a") permit ({CI}, ▸action, resource in Server::"github");',
            [
                "PS109 `a` machines may do everything here, also what doesn't exist yet "
                "(name the actions, or a group such as `read_only`)"
            ],
        ),
        "every server": (
            f'@id("a") permit ({CI}, action in Action::"call_tool", ▸resource);\n'
            f'@id("b") permit ({CI}, action == Action::"get_prompt", ▸resource);',
            [
                "PS110 `a` machines are let into each of 2 servers (name the server: `resource "
                'in Server::"…"`)',
                "PS110 `b` machines are let into each of 2 servers (name the server: `resource "
                'in Server::"…"`)',
            ],
        ),
        "an application as a principal": (
            f'@id("a") permit (principal is Client, {GITHUB})\n'
            'when { principal in [▸Client::"corp/desktop-agent", Client::"machines/ci-bot"] };',
            [
                'PS111 `a` `Client::"corp/desktop-agent"` never asks for itself: it is listed with '
                "`authorization_code` (people ask by it: `principal is User`, and "
                '`context.actor == Client::"corp/desktop-agent"`)'
            ],
        ),
        "blind delegation": (
            f'@id("a") ▸@delegable permit (principal in Group::"corp/eng", {GITHUB});',
            [
                "PS114 `a` any agent may do `github/list_issues` for a person (say which agent: "
                '`when { context has actor && context.actor == Client::"…" }`)'
            ],
        ),
        "scopes by spelling": (
            f'@id("a") permit ({CI}, {GITHUB})\n'
            'when { context.token.scopes.containsAny([▸"issues:*", ▸"read write", "admin"]) }\n'
            'unless { [▸""].containsAll(context.token.scopes) || context.token.scopes == [▸"é"] };',
            [
                f"PS115 `a` scopes are compared as they are written: this `*` stands for itself ({SEVERAL})",
                f"PS115 `a` no token holds this: a scope is a word of ASCII characters ({SEVERAL})",
                f"PS115 `a` no token holds this: a scope is a word of ASCII characters ({SEVERAL})",
                f"PS115 `a` no token holds this: a scope is a word of ASCII characters ({SEVERAL})",
            ],
        ),
        "lookalikes": (
            f'@id("a") permit (principal is User, {GITHUB})\n'
            'when { ▸context.arguments.repo like "https://example.com*" };\n'
            '@id("b") permit (principal is User, action == Action::"read_resource", resource)\n'
            'when { resource has host && ▸resource.host like "*example.com" };',
            [
                'PS116 `a` `context.arguments.repo like "https://example.com*"` holds for other hosts, too '
                "(end the host with a `/` before the `*`)",
                'PS116 `b` `resource.host like "*example.com"` holds for other hosts, too '
                "(begin the host with a `.` after the `*`, and name the host itself besides)",
            ],
        ),
        "letter case": (
            f'@id("a") permit ({CI}, {GITHUB}) when {{ context.token.scopes.contains("Admin") }};\n'
            f'@id("b") permit ({CI}, {WRITE}) when {{ context.token.scopes.contains(▸"admin") }};',
            ["PS117 `b` `Admin` is spelt otherwise in `a`, and Cedar compares exactly (write `Admin`)"],
        ),
        "past dates": (
            f'@id("a") permit ({CI}, {GITHUB})\n'
            'when { ▸datetime("2020-01-01").offset(duration("30d")) >= context.time };',
            [
                'PS118 `a` `datetime("2020-01-01").offset(duration("30d")) >= context.t…` never holds again: '
                f"that time is over ({OVER})"
            ],
        ),
        "resources of others": (
            '@id("a") permit (principal is User, action in [Action::"gitlab/list_projects", '
            '▸Action::"github/*"], resource in Server::"gitlab");\n'
            '@id("b") permit (principal is User, action == ▸Action::"github/create_issue", '
            'resource in ToolGroup::"reports");\n'
            '@id("c") permit (principal is User, action == ▸Action::"github/create_issue", '
            'resource == Tool::"github/list_issues");',
            [
                f'PS119 `a` `Action::"github/*"` is never about anything in `Server::"gitlab"` ({TOGETHER})',
                'PS119 `b` `Action::"github/create_issue"` is never about anything in '
                f'`ToolGroup::"reports"` ({TOGETHER})',
                'PS119 `c` `Action::"github/create_issue"` is never about anything in '
                f'`Tool::"github/list_issues"` ({TOGETHER})',
            ],
        ),
        "the same twice": (
            f'@id("a") permit (principal is User, {GITHUB});\n'
            f'@id("b") @reason("x")\n▸permit (\n  principal is User,\n  {GITHUB}\n);',
            ["PS120 `b` it says what `a` says (remove one of the two)"],
        ),
        "facts that nothing brings": (
            f'@id("a") permit (principal is User, {GITHUB})\n'
            'when { principal.hasTag(▸"departmnt") && principal has ▸floor && principal has cost_center };\n'
            f'@id("b") permit (principal is Client, {GITHUB})\n'
            'when { principal has ▸tier && principal has team && principal.hasTag("region") };\n'
            f'@id("c") @delegable permit (principal is User, {GITHUB})\n'
            'when { context has actor && context.actor.hasTag(▸"vendor") };',
            [
                "PS121 `a` nothing brings the tag `departmnt` (did you mean `department`?)",
                f"PS121 `a` nothing brings `floor` ({FACT}user.attributes.floor` of an issuer)",
                f"PS121 `b` nothing brings `tier` ({FACT}client.attributes.tier` of an issuer)",
                f"PS121 `c` nothing brings the tag `vendor` ({FACT}client.tags.vendor` of an issuer)",
            ],
        ),
        "groups that nobody is in": (
            f'@id("a") permit (principal in ▸Group::"machines/people", {GITHUB});',
            [
                'PS122 `a` nobody is in `Group::"machines/people"`: no claim of `machines` is '
                "read for groups of "
                "people (say in which claim they are: `issuers.machines.claims.user.groups`)"
            ],
        ),
        "scopes that aren't granted": (
            f'@id("a") permit ({CI}, {GITHUB}) when {{ context.token.scopes.contains(▸"deploy") }};\n'
            '@id("b") permit (principal in ClientGroup::"machines/ci", action == '
            'Action::"gitlab/create_issue", '
            'resource) when { context.token.scopes.contains(▸"admin") };',
            [
                "PS123 `a` no token of `machines` holds the scope `deploy` at these servers "
                "(add it to `authserver.scopes.github`)",
                "PS123 `b` no token of `machines` holds the scope `admin` at these servers "
                "(add it to `authserver.scopes.gitlab`)",
            ],
        ),
        "every machine": (
            f'@id("a") @kinds("both") permit (▸principal, {WRITE});',
            [
                "PS127 `a` every machine, also tomorrow's, may call `github/create_issue` "
                '(name them, or a group: `principal in ClientGroup::"…"`)'
            ],
        ),
        "tried out": (
            '@id("a") permit (principal is Client, action in Action::"github/*", resource);\n'
            f'@id("b") ▸@mode("shadow") forbid (principal, {DELETE});',
            [
                "PS128 `b` the forbid is only tried out, and `github/delete_repository` is permitted "
                "(put it in force, or say in a comment until when it is tried out)"
            ],
        ),
    }
)

NOT_GIVEN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "a forbid for people, and any for machines": (
            "PS101",
            f'@id("m") permit (principal is Client, {READ});'
            f'@id("f") forbid (principal is User, {READ}) when {{ principal in Group::"corp/guests" }};'
            f'@id("g") forbid (principal is Client, {READ}) unless {{ context.arguments.repo == "x" }};',
        ),
        "a forbid for people without a condition, for some people, or in shadow mode": (
            "PS101",
            f'@id("m") permit (principal is Client, {GITHUB});'
            f'@id("f") forbid (principal is User, {GITHUB});'
            f'@id("g") forbid (principal in Group::"corp/x", {GITHUB}) when {{ '
            'context.arguments.repo == "x" };'
            f'@id("h") @mode("shadow") forbid (principal is User, {GITHUB})'
            ' when { context.arguments.repo == "x" };',
        ),
        "a forbid of something else": (
            "PS101",
            f'@id("m") permit (principal is Client, {GITHUB});'
            f'@id("f") forbid (principal is User, {DELETE}) when {{ principal in Group::"corp/guests" }};',
        ),
        "an issuer where the kind is asked, or waived, or isn't meant": (
            "PS102",
            f'@id("a") permit (principal, {READ}) when {{ principal is User && principal.issuer == "corp" }};'
            f'@id("b") @kinds("both") permit (principal, {READ}) when {{ principal.issuer == "corp" }};'
            f'@id("c") forbid (principal, {READ}) when {{ principal.issuer == "corp" }};'
            f'@id("d") permit (principal is User, {READ}) when {{ principal has email }};',
        ),
        "a name space, an exact name, a pattern of something else": (
            "PS103",
            f'@id("a") permit (principal is Client, {READ})'
            ' when { principal.client_id like "system:serviceaccount:prod:*" };'
            f'@id("b") permit (principal is Client, {READ}) when {{ principal.client_id like '
            '"spiffe://a/b/*" };'
            f'@id("c") permit (principal is Client, {GITHUB}) when {{ context.arguments.repo '
            'like "acme/*" };'
            f'@id("d") permit (principal is Client, {READ}) when {{ principal.client_id == "svc-1" }};',
        ),
        "exceptions for both, for a kind by name, of forbids": (
            "PS104",
            f'@id("a") permit (principal, {READ}) unless {{ context.token.scopes.contains("x") }};'
            f'@id("b") permit (principal, {READ}) unless {{ principal is Client }};'
            f'@id("c") forbid (principal, {READ}) unless {{ principal has email && principal.email == "x" }};'
            f'@id("d") permit (principal is User, {READ}) unless {{ principal has email }};',
        ),
        "an or of one kind, or declared": (
            "PS105",
            f'@id("a") permit (principal is User, {READ})'
            ' when { principal in Group::"corp/x" || principal in Role::"corp/y" };'
            f'@id("b") @kinds("both") permit (principal, {READ}) when'
            ' { principal in Group::"corp/x" || principal in ClientGroup::"machines/ci" };'
            f'@id("c") forbid (principal, {GITHUB}) when {{ context.arguments.repo == "x" || '
            'context.token.scopes.contains("y") };',
        ),
        "a kind asked later, of a permit, or denied": (
            "PS106",
            f'@id("a") forbid (principal, {READ}) when {{ context.token.scopes.contains("x") && '
            "principal is User };"
            f'@id("b") forbid (principal, {READ}) unless {{ principal is User }};'
            f'@id("c") forbid (principal, {READ}) when {{ true }} when {{ principal is User }};'
            f'@id("d") permit (principal, {READ}) when {{ principal is User }};',
        ),
        "destruction that is forbidden, conditional, of people, or in shadow mode": (
            "PS107",
            '@id("f") forbid (principal is Client, action in Action::"destructive", resource);'
            '@id("a") permit (principal is Client, action in Action::"github/*", resource);'
            f'@id("b") permit (principal is User, {DELETE});',
        ),
        "writing with a scope, reading, or by people": (
            "PS108",
            f'@id("a") permit (principal is Client, {WRITE}) when {{ context.token.scopes.contains("x") }};'
            f'@id("b") permit (principal is Client, {READ});'
            f'@id("c") permit (principal is User, {WRITE});'
            f'@id("d") permit (principal == Client::"corp/desktop-agent", {WRITE});',
        ),
        "any action of people, on one tool, or told by a condition": (
            "PS109",
            '@id("a") permit (principal is User, action, resource);'
            f'@id("b") permit ({CI}, action, resource == Tool::"github/list_issues");'
            f'@id("c") permit ({CI}, action, resource) when {{ action in Action::"read_only" }};',
        ),
        "one server, by head, condition or group; lists; people": (
            "PS110",
            f'@id("a") permit ({CI}, action in Action::"read_only", resource in Server::"github");'
            f'@id("b") permit ({CI}, action in Action::"read_only", resource)'
            ' when { resource in Server::"github" };'
            f'@id("c") permit ({CI}, action in [Action::"github/*", Action::"gitlab/*"], resource);'
            f'@id("d") permit ({CI}, action in [Action::"session", Action::"list_tools"], resource);'
            f'@id("e") permit (principal is User, {READ});'
            f'@id("f") permit ({CI}, action in Action::"read_only", resource in ToolGroup::"reports");',
        ),
        "an application as an actor, a machine as a principal": (
            "PS111",
            f'@id("a") @delegable permit (principal is User, {READ})'
            ' when { context has actor && context.actor == Client::"corp/desktop-agent" };'
            f'@id("b") permit ({CI}, {READ});',
        ),
        "delegation of sessions, or with a look at the actor": (
            "PS114",
            '@id("a") @kinds("both") @delegable permit (principal, action in Action::"session", resource);'
            f'@id("b") @delegable permit (principal is User, {READ}) when {{ context has actor }};'
            f'@id("c") permit (principal is User, {READ});',
        ),
        "scopes as they are, and texts that are none": (
            "PS115",
            f'@id("a") permit ({CI}, {GITHUB}) when {{ context.token.scopes.contains("issues:read") && '
            '["a b"].contains(context.arguments.repo) };',
        ),
        "patterns that end where the host does": (
            "PS116",
            f'@id("a") permit (principal is User, {GITHUB}) when {{ principal has email && '
            '(principal.email like "*@example.com" || principal.email like "*.example.com") };'
            f'@id("b") permit (principal is User, {GITHUB}) when'
            ' { context.arguments.repo like "https://example.com/*" };'
            f'@id("c") permit (principal is User, {GITHUB}) when {{ context.arguments.repo like '
            '"*config.yaml" };'
            f'@id("d") permit (principal is User, {GITHUB}) when'
            ' { context.arguments.repo like "https://example.com" || context.arguments.repo '
            'like "https://*" };',
        ),
        "names of other things": (
            "PS117",
            f'@id("a") permit (principal in Group::"corp/eng", {GITHUB});'
            f'@id("b") permit (principal in Role::"corp/Eng", {GITHUB});'
            '@id("c") permit (principal is User, action == Action::"read_resource", '
            'resource == Resource::"github/x://A");'
            '@id("d") permit (principal is User, action == Action::"read_resource", '
            'resource == Resource::"github/x://a");',
        ),
        "a time that is to come, or from which on": (
            "PS118",
            f'@id("a") permit ({CI}, {GITHUB}) when {{ context.time < datetime("2120-01-01") && '
            'context.time >= datetime("2020-01-01") };'
            f'@id("b") permit ({CI}, {GITHUB}) when {{ context.token has issued_at && '
            'context.token.issued_at < datetime("2020-01-01") };',
        ),
        "resources where they belong": (
            "PS119",
            '@id("a") permit (principal is User, action in Action::"read_only", resource in '
            'Server::"gitlab");'
            '@id("b") permit (principal is User, action == Action::"github/list_issues", '
            'resource in ToolGroup::"reports");'
            '@id("c") permit (principal is User, action in [Action::"ping", Action::"list_tools"], '
            'resource == Server::"gitlab");'
            '@id("d") permit (principal is User, action, resource in Server::"gitlab");',
        ),
        "the same for agents, in shadow mode, or in another order": (
            "PS120",
            f'@id("a") permit (principal is User, {GITHUB});'
            f'@id("b") @delegable permit (principal is User, {GITHUB});'
            f'@id("c") @mode("shadow") permit (principal is User, {GITHUB});'
            f'@id("d") permit (principal is User, {GITHUB}) when {{ true }};',
        ),
        "facts of one kind where both are meant": (
            "PS121",
            f'@id("a") @kinds("both") permit (principal, {GITHUB})'
            ' when { principal.hasTag("department") || principal.hasTag("region") };'
            f'@id("b") permit (principal is User, {GITHUB}) when {{ principal has email }};',
        ),
        "groups of tokens": ("PS122", f'@id("a") permit (principal in Group::"corp/eng", {GITHUB});'),
        "a group, a machine, a condition on the principal, reading, people": (
            "PS127",
            f'@id("a") permit (principal in ClientGroup::"machines/ci", {WRITE});'
            f'@id("b") permit ({CI}, {WRITE});'
            f'@id("c") permit (principal is Client, {WRITE}) when {{ principal.category == "workload" }};'
            f'@id("d") permit (principal is Client, {READ});'
            f'@id("e") permit (principal is User, {WRITE});',
        ),
        "a permit that is tried out, a forbid of what nobody may": (
            "PS128",
            f'@id("a") permit (principal is User, {DELETE});'
            f'@id("b") @mode("shadow") permit (principal is Client, {DELETE});'
            f'@id("c") @mode("shadow") forbid (principal is Client, {DELETE});'
            f'@id("d") @mode("shadow") forbid (principal is User, {WRITE});',
        ),
        "scopes of whom nothing is known": (
            "PS123",
            f'@id("a") permit (principal is Client, {GITHUB}) when {{ '
            'context.token.scopes.contains("deploy") };'
            f'@id("b") permit (principal in Group::"corp/x", {GITHUB})'
            ' when { context.token.scopes.contains("deploy") };',
        ),
    }
)


def marked(text: str) -> tuple[str, list[str]]:
    """A text without its marks, and the place of each."""
    places = []
    while "▸" in text:
        before, _, after = text.partition("▸")
        places.append(f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}")
        text = before + after
    return text, places


@pytest.mark.parametrize("case", GIVEN)
def test_a_check_finds(reviewed: Reviewed, case: str) -> None:
    """The part that it is about, what is wrong, and how to mend it."""
    written, findings = GIVEN[case]
    text, places = marked(written)
    code = findings[0][:5]

    assert [told(one) for one in reviewed(text, only=code)] == [
        f"policies.cedar:{place} {finding}" for place, finding in zip(places, findings, strict=True)
    ]


@pytest.mark.parametrize("case", NOT_GIVEN)
def test_a_check_does_not_find(reviewed: Reviewed, case: str) -> None:
    """What only looks like it."""
    code, text = NOT_GIVEN[case]

    assert [told(one) for one in reviewed(text, only=code)] == []


def test_every_check_of_policies_has_both() -> None:
    """Where it finds, and where it doesn't; those of the configuration are tested beside this."""
    given = {findings[0][:5] for _, findings in GIVEN.values()}

    assert given == {code for code, _ in NOT_GIVEN.values()}
    assert sorted(given) == sorted({*CHECKS} - {"PS112", "PS113", "PS124", "PS125", "PS126"})
