"""Findings about a whole policy: choices, errors, guards, and what made it apply."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.evaluator import Choice, Evaluator, PolicyExplanation, explain_request, flatten
from policy_engine.model import AuthorizationRequest, Client, Principal, User

Build = Callable[..., Evaluator]
Ask = Callable[..., AuthorizationRequest]
Said = Callable[..., PolicyExplanation]

CONTEXT: dict[str, Any] = {
    "arguments": {"repo": "acme/app", "labels": ["bug"]},
    "token": {"scopes": ["issues:read"]},
}
TOOL = 'action == Action::"github/create_issue"'


@pytest.fixture
def said(build: Build, ask: Ask, bot: Client) -> Said:
    """What is said of one policy."""

    def explained(
        policy: str, action: str = "github/get_issue", who: Principal = bot, **context: Any
    ) -> PolicyExplanation:
        evaluator = build(f'@id("a") {policy}')
        (each,) = explain_request(evaluator, ask(who, action, **{**CONTEXT, **context})).policies
        return each

    return explained


def options_of(each: PolicyExplanation) -> list[list[str]]:
    """The sentences of the one choice that there is, option by option."""
    (choice,) = each.findings
    assert isinstance(choice, Choice)
    return [[found.text for found in flatten(option)] for option in choice.options]


def test_what_was_not_looked_at_says_nothing(said: Said) -> None:
    """An error behind a guard that failed isn't one."""
    guarded = 'context.arguments has labels && context.arguments.labels.contains("bug")'
    each = said(
        f"permit (principal, {TOOL}, resource) when {{ {guarded} && principal is User }};",
        "github/create_issue",
        arguments={"repo": "acme/app"},
    )

    assert [found.text for found in flatten(each.findings)] == [
        "argument `labels` is missing",
        "needs a User, you are a Client",
    ]


def test_one_of_several_would_do(said: Said) -> None:
    """A choice, with what each of its options takes; the shortest counts."""
    each = said(
        "permit (principal, action, resource) when { "
        'context.token.scopes.contains("a") && context.token.scopes.contains("b") || '
        '(context.token.scopes.contains("c") || principal is User) };'
    )

    assert options_of(each) == [
        ['the token lacks the scope "a"', 'the token lacks the scope "b"'],
        ['the token lacks the scope "c"'],
        ["needs a User, you are a Client"],
    ]
    assert each.distance == 1


def test_one_of_several_stands_in_the_way(said: Said) -> None:
    """An `unless` that holds in all its parts: any one of them could differ."""
    each = said(
        "permit (principal, action, resource) "
        'unless { principal is Client && context.token.scopes.contains("issues:read") };'
    )

    assert options_of(each) == [
        ["you are a Client, and must not be"],
        ['the token has the scope "issues:read", and must not'],
    ]


def test_each_of_several_stands_in_the_way(said: Said) -> None:
    """An `unless` of which more than one alternative holds: each has to differ."""
    each = said(
        "permit (principal, action, resource) "
        'unless { principal is Client || context has actor || context.token.scopes.contains("issues:read") };'
    )

    assert [found.text for found in flatten(each.findings)] == [
        "you are a Client, and must not be",
        'the token has the scope "issues:read", and must not',
    ]
    assert each.distance == 2


BRANCHES = {
    'if principal is User then context.token.scopes.contains("a") else true': [
        ["you are a User, and must not be"],
        ['the token lacks the scope "a"'],
    ],
    'if principal is Client then false else context.token.scopes.contains("b")': [
        ['the token lacks the scope "b"'],
    ],
    "if context has actor then true else if principal is Client then true else false": [
        ["needs an agent that acts for a person"],
        ["needs a Client, you are a User"],
    ],
    "if principal is User then false else false": [["`false` is false, needs true"]],
    "!(if principal is User then true else resource is Tool)": [["`true` is true, needs false"]],
    "!(if principal is User then true else context has actor)": [["you are a User, and must not be"]],
}


@pytest.mark.parametrize(("condition", "expected"), BRANCHES.items(), ids=BRANCHES.keys())
def test_a_branch_may_be_left(said: Said, alice: User, condition: str, expected: list[list[str]]) -> None:
    """Where the other would do, its condition is among what could differ."""
    each = said(f"permit (principal, action, resource) when {{ {condition} }};", who=alice)
    (need,) = each.findings
    options = need.options if isinstance(need, Choice) else [[need]]

    assert [[found.text for found in flatten(option)] for option in options] == expected


def test_everything_that_fails_is_said(said: Said) -> None:
    """Head and conditions, in the order of the text."""
    each = said(
        f'permit (principal is User, {TOOL}, resource) when {{ context.token.scopes.contains("a") }} '
        'unless { context.arguments.repo == "acme/app" };'
    )

    assert [found.subject for found in flatten(each.findings)] == ["kind", "action", "scope", "argument"]
    assert (each.distance, each.on_topic) == (4, False)


def test_an_agent_needs_a_delegable_policy(said: Said, assisted: User) -> None:
    """The guard that the loader added is told in words, and has no place in the author's text."""
    each = said("permit (principal is User, action, resource);", who=assisted)
    (finding,) = flatten(each.findings)

    assert (finding.subject, finding.name, finding.span) == ("delegation", "delegation", None)
    assert finding.text == 'acts through Client::"corp/assistant"; the policy isn\'t @delegable'


def test_an_agent_that_the_author_keeps_out(said: Said, assisted: User) -> None:
    """Written in the policy, so it has a place."""
    condition = "unless { context has actor }"
    each = said(f"@delegable permit (principal is User, action, resource) {condition};", who=assisted)
    (finding,) = flatten(each.findings)

    assert (finding.subject, finding.span is None) == ("delegation", False)
    assert finding.text == 'acts through Client::"corp/assistant", and must not'


FAULTS = {
    "9223372036854775807 + 1 == 0": (
        "overflow",
        "`9223372036854775807 + 1` is more than 64 bits hold",
        "9223372036854775807 + 1",
    ),
    "-(-9223372036854775807 - 1) == 0": (
        "overflow",
        "`-(-9223372036854775807 - 1)` is more than 64 bits hold",
        "-(-9223372036854775807 - 1)",
    ),
    'context has approver && context.approver.issuer == "corp"': (
        "missing_entity",
        '`context.approver.issuer` can\'t be read: nothing is known of User::"corp/nobody"',
        "context.approver.issuer",
    ),
    '{n: 1 + 9223372036854775807, a: User::"corp/bob".issuer} == {n: 1, a: "x"}': (
        "missing_entity",
        '`User::"corp/bob".issuer` can\'t be read: nothing is known of User::"corp/bob"',
        'User::"corp/bob".issuer',
    ),
    "if principal is Client then 9223372036854775807 + 1 == 0 else 9223372036854775807 + 2 == 0": (
        "overflow",
        "`9223372036854775807 + 1` is more than 64 bits hold",
        "9223372036854775807 + 1",
    ),
    'datetime("2026-01-01").offset(duration("9223372036854775807ms")) == datetime("2026-01-01")': (
        "extension_error",
        '`datetime("2026-01-01").offset(duration("9223372036854775807ms"))` can\'t be computed of '
        'datetime("2026-01-01T00:00:00.000Z"), duration("9223372036854775807ms")',
        'datetime("2026-01-01").offset(duration("9223372036854775807ms"))',
    ),
}


@pytest.mark.parametrize(("condition", "expected"), FAULTS.items(), ids=FAULTS.keys())
@pytest.mark.parametrize("shape", ["when {{ {} }}", "when {{ true && (false || ({})) }}", "unless {{ {} }}"])
def test_an_error_is_told_with_its_place(
    said: Said, shape: str, condition: str, expected: tuple[str, str, str]
) -> None:
    """The innermost part that errs, in words, with its code."""
    policy = f"permit (principal, action, resource) {shape.format(condition)};"
    each = said(policy, approver={"__entity": {"type": "User", "id": "corp/nobody"}})
    (finding,) = flatten(each.findings)
    code, text, place = expected

    assert (each.outcome, finding.subject, finding.code, finding.text) == ("erred", "fault", code, text)
    assert finding.name == f"fault {code}"
    assert finding.span is not None
    assert each.policy.written.text[finding.span.start : finding.span.end] == place


def test_what_follows_an_error_is_said_too(said: Said, assisted: User) -> None:
    """The error alone isn't all that would have to differ."""
    each = said(
        "permit (principal, action, resource) when { 9223372036854775807 + 1 == 0 } "
        'when { context.token.scopes.contains("a") } when { 9223372036854775807 + 2 == 0 };',
        who=assisted,
        actor={"__entity": {"type": "Client", "id": "corp/assistant"}},
    )

    assert [found.name for found in flatten(each.findings)] == ["fault overflow", "scope a", "delegation"]


HEADS = {
    "principal is Client, action, resource": [
        ("kind", '`principal is Client` fits Client::"machines/ci-bot"'),
    ],
    'principal == Client::"machines/ci-bot", action in [Action::"read_only", Action::"session"], resource': [
        ("principal", '`principal == Client::"machines/ci-bot"` fits Client::"machines/ci-bot"'),
        ("action", '`action in [Action::"read_only", Action::"session"]` fits Action::"github/get_issue"'),
    ],
    'principal is Client in ClientGroup::"machines/ci", action, resource in Server::"github"': [
        ("group", '`principal is Client in ClientGroup::"machines/ci"` fits Client::"machines/ci-bot"'),
        ("resource", '`resource in Server::"github"` fits Tool::"github/get_issue"'),
    ],
}

REASONS = {
    "when { principal is Client && !(context has actor) }": [
        ("kind", "`principal is Client` is true"),
        ("delegation", "`context has actor` is false"),
    ],
    "when { principal is User || resource is Tool || context has actor }": [
        ("resource", "`resource is Tool` is true"),
    ],
    "unless { principal is User || context has actor }": [
        ("kind", "`principal is User` is false"),
        ("delegation", "`context has actor` is false"),
    ],
    'unless { resource is Tool && principal == Client::"machines/x" }': [
        ("principal", '`principal == Client::"machines/x"` is false'),
    ],
    "when { if principal is User then false else true }": [("kind", "`principal is User` is false")],
    "when { !(if principal is User then true else context has actor) }": [
        ("kind", "`principal is User` is false"),
        ("delegation", "`context has actor` is false"),
    ],
    'when { context.token.scopes.contains("issues:read") }': [
        ("scope", '`context.token.scopes.contains("issues:read")` is true'),
    ],
    'when { principal in ClientGroup::"machines/ci" }': [
        ("group", '`principal in ClientGroup::"machines/ci"` is true'),
    ],
    'when { action in Action::"read_only" }': [
        ("action", '`action in Action::"read_only"` is true'),
    ],
}


@pytest.mark.parametrize(("head", "expected"), HEADS.items(), ids=HEADS.keys())
def test_a_head_that_fits_says_how_it_narrows(said: Said, head: str, expected: list[tuple[str, str]]) -> None:
    """What admits everything goes without saying."""
    each = said(f"permit ({head});")

    assert (each.outcome, each.distance, each.decided) == ("applied", 0, True)
    assert [(found.subject, found.text) for found in flatten(each.findings)] == expected


@pytest.mark.parametrize(("condition", "expected"), REASONS.items(), ids=REASONS.keys())
def test_conditions_that_held_say_why(said: Said, condition: str, expected: list[tuple[str, str]]) -> None:
    """The parts that settled them; what wasn't looked at isn't told of."""
    each = said(f"permit (principal, action, resource) {condition};")

    assert (each.outcome, each.distance, each.decided) == ("applied", 0, True)
    assert [(found.subject, found.text) for found in flatten(each.findings)] == expected


def test_values_are_kept_with_the_parts_that_had_them(said: Said) -> None:
    """For programs: each part that was read, its value shortened."""
    each = said(
        f"permit (principal, {TOOL}, resource) when {{ context.arguments.repo == principal.issuer }};",
        "github/create_issue",
        arguments={"repo": "x" * 200},
    )
    (finding,) = flatten(each.findings)

    assert [(reading.part, reading.value) for reading in finding.readings] == [
        ("context.arguments.repo", f'"{"x" * 78}…'),
        ("principal.issuer", '"machines"'),
    ]


DEEP = {
    "a chain": " || ".join(["context has actor"] * 250),
    "alternating brackets": "".join("(context has actor || (true && " for _ in range(45))
    + "context has actor"
    + "))" * 45,
    "nested choices": "".join("if context has actor then true else " for _ in range(120))
    + "context has actor",
    "negations": "!!!(" * 90 + "!(context has actor)" + ")" * 90,
}


@pytest.mark.parametrize("condition", DEEP.values(), ids=DEEP.keys())
def test_depth_is_no_obstacle(said: Said, assisted: User, condition: str) -> None:
    """What Cedar takes can be explained: why it doesn't apply, and why it does."""
    wanted = said(f"@delegable permit (principal, action, resource) when {{ {condition} }};")
    held = said(f"@delegable permit (principal, action, resource) when {{ {condition} }};", who=assisted)

    assert {wanted.outcome, held.outcome} == {"applied", "not_applied"}
    for each in (wanted, held):
        assert {found.subject for found in flatten(each.findings)} == {"delegation"}
        assert each.distance == (1 if each.outcome == "not_applied" else 0)
