"""What an explanation says of a policy that didn't apply, sentence by sentence."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.evaluator import Evaluator, PolicyExplanation, explain_request, flatten
from policy_engine.model import AuthorizationRequest, CedarJson, Client

Build = Callable[..., Evaluator]
Ask = Callable[..., AuthorizationRequest]

HEADS = {
    "principal is User": ("kind", "needs a User, you are a Client", "kind User"),
    'principal == User::"corp/alice"': (
        "kind",
        'needs User::"corp/alice", you are Client::"machines/ci-bot"',
        'kind User::"corp/alice"',
    ),
    'principal == Client::"machines/other"': (
        "principal",
        'needs Client::"machines/other", you are Client::"machines/ci-bot"',
        'principal Client::"machines/other"',
    ),
    'principal in Group::"corp/eng"': (
        "kind",
        'needs a User in Group::"corp/eng", you are a Client',
        "kind User",
    ),
    'principal in ClientGroup::"machines/release"': (
        "group",
        'not in ClientGroup::"machines/release"; you are in ClientGroup::"machines/ci"',
        'group ClientGroup::"machines/release"',
    ),
    'principal in ClientRole::"machines/release"': (
        "group",
        'not in ClientRole::"machines/release"; you are in no ClientRole',
        'group ClientRole::"machines/release"',
    ),
    'principal is Client in ClientGroup::"machines/release"': (
        "group",
        'not in ClientGroup::"machines/release"; you are in ClientGroup::"machines/ci"',
        'group ClientGroup::"machines/release"',
    ),
    'principal is User in Group::"corp/eng"': ("kind", "needs a User, you are a Client", "kind User"),
    'principal in Client::"machines/other"': (
        "group",
        'not in Client::"machines/other"; you are in no Client',
        'group Client::"machines/other"',
    ),
}
ACTIONS = {
    'action == Action::"github/create_issue"': (
        "action",
        'needs Action::"github/create_issue", this is Action::"github/get_issue"',
        'action Action::"github/create_issue"',
    ),
    'action in [Action::"destructive", Action::"github/create_issue"]': (
        "action",
        'needs an action in Action::"destructive" or Action::"github/create_issue", '
        'this is Action::"github/get_issue"',
        'action in Action::"destructive" or Action::"github/create_issue"',
    ),
}
RESOURCES = {
    "resource is Server": ("resource", "needs a Server, this is a Tool", "resource Server"),
    'resource in Server::"gitlab"': (
        "resource",
        'needs something in Server::"gitlab", this is Tool::"github/get_issue"',
        'resource in Server::"gitlab"',
    ),
    'resource == Tool::"gitlab/x"': (
        "resource",
        'needs Tool::"gitlab/x", this is Tool::"github/get_issue"',
        'resource Tool::"gitlab/x"',
    ),
}

CONTEXT: dict[str, Any] = {
    "arguments": {"repo": "acme/app", "labels": ["bug"]},
    "token": {"scopes": ["issues:read"]},
}


@pytest.fixture
def said(build: Build, ask: Ask, bot: Client) -> Callable[..., PolicyExplanation]:
    """What is said of one policy."""

    def explained(policy: str, action: str = "github/get_issue") -> PolicyExplanation:
        evaluator = build(f'@id("a") {policy}', STATIC)
        (each,) = explain_request(evaluator, ask(bot, action, **CONTEXT)).policies
        return each

    return explained


STATIC: list[CedarJson] = [
    {"uid": {"type": "Tool", "id": "github/create_issue"}, "tags": {"team": ["x", "y"]}},
]

Said = Callable[..., PolicyExplanation]


@pytest.mark.parametrize(("clause", "expected"), HEADS.items(), ids=HEADS.keys())
def test_a_principal_that_does_not_fit(said: Said, clause: str, expected: tuple[str, str, str]) -> None:
    """Kind, person, group: what is needed, and what there is."""
    each = said(f"permit ({clause}, action, resource);")

    assert (each.outcome, each.distance, each.on_topic) == ("not_applied", 1, True)
    assert [(found.subject, found.text, found.name) for found in flatten(each.findings)] == [expected]


@pytest.mark.parametrize(("clause", "expected"), [*ACTIONS.items(), *RESOURCES.items()])
def test_an_action_or_a_resource_that_does_not_fit(
    said: Said, clause: str, expected: tuple[str, str, str]
) -> None:
    """The policy is about something else."""
    head = f"principal, {clause}, resource" if clause.startswith("action") else f"principal, action, {clause}"
    each = said(f"permit ({head});")

    assert (each.outcome, each.distance, each.on_topic) == ("not_applied", 1, False)
    assert [(found.subject, found.text, found.name) for found in flatten(each.findings)] == [expected]


TOOL = 'action == Action::"github/create_issue"'

CONDITIONS = {
    # arguments
    'context.arguments.repo == "x"': ("argument repo", 'argument `repo` is "acme/app", needs "x"'),
    '"x" == context.arguments.repo': ("argument repo", 'argument `repo` is "acme/app", needs "x"'),
    'context.arguments.repo != "acme/app"': (
        "argument repo",
        'argument `repo` is "acme/app", needs another value',
    ),
    '!(context.arguments.repo == "acme/app")': (
        "argument repo",
        'argument `repo` is "acme/app", needs another value',
    ),
    '!(context.arguments.repo != "x")': ("argument repo", 'argument `repo` is "acme/app", needs "x"'),
    'context.arguments.repo like "*/infra"': (
        "argument repo",
        'argument `repo` is "acme/app", needs to be like "*/infra"',
    ),
    '!(context.arguments.repo like "acme/*")': (
        "argument repo",
        'argument `repo` is "acme/app", must not be like "acme/*"',
    ),
    '["x", "y"].contains(context.arguments.repo)': (
        "argument repo",
        'argument `repo` is "acme/app", needs one of ["x", "y"]',
    ),
    '!["acme/app"].contains(context.arguments.repo)': (
        "argument repo",
        'argument `repo` is "acme/app", needs none of ["acme/app"]',
    ),
    'context.arguments.labels.contains("x")': (
        "argument labels",
        'argument `labels` is ["bug"], needs to hold "x"',
    ),
    '!context.arguments.labels.contains("bug")': (
        "argument labels",
        'argument `labels` is ["bug"], must not hold "bug"',
    ),
    'context.arguments.labels.containsAll(["x", "bug"])': (
        "argument labels",
        'argument `labels` is ["bug"], needs to hold all of ["bug", "x"]',
    ),
    '["x"].containsAll(context.arguments.labels)': (
        "argument labels",
        'argument `labels` is ["bug"], may hold nothing but ["x"]',
    ),
    'context.arguments.labels.containsAny(["x"])': (
        "argument labels",
        'argument `labels` is ["bug"], needs to hold one of ["x"]',
    ),
    "context.arguments.labels.isEmpty()": (
        "argument labels",
        'argument `labels` is ["bug"], needs to be empty',
    ),
    "!(context.arguments has labels)": ("argument labels", "argument `labels` is there, and must not be"),
    "context.arguments.repo == principal.issuer": (
        "argument repo",
        'argument `repo` is "acme/app", needs "machines" (`principal.issuer`)',
    ),
    # scopes
    'context.token.scopes.contains("issues:write")': (
        "scope issues:write",
        'the token lacks the scope "issues:write"',
    ),
    'context.token.scopes.containsAll(["issues:read", "b", "a"])': (
        "scope a b",
        'the token lacks the scopes "a" and "b"',
    ),
    'context.token.scopes.containsAny(["a", "b"])': (
        "scope a|b",
        'the token has none of the scopes "a" and "b"',
    ),
    '!context.token.scopes.contains("issues:read")': (
        "scope not issues:read",
        'the token has the scope "issues:read", and must not',
    ),
    '!context.token.scopes.containsAny(["issues:read", "x"])': (
        "scope not issues:read",
        'the token has the scope "issues:read", and must not',
    ),
    '!context.token.scopes.containsAll(["issues:read"])': (
        "scope",
        '`context.token.scopes` is ["issues:read"], must not hold all of ["issues:read"]',
    ),
    'context.token.scopes == ["x"]': ("scope", '`context.token.scopes` is ["issues:read"], needs ["x"]'),
    # who asks, what for
    "principal is User": ("kind User", "needs a User, you are a Client"),
    "!(principal is Client)": ("kind not Client", "you are a Client, and must not be"),
    'principal in ClientGroup::"machines/x"': (
        'group ClientGroup::"machines/x"',
        'not in ClientGroup::"machines/x"; you are in ClientGroup::"machines/ci"',
    ),
    '!(principal in ClientGroup::"machines/ci")': (
        'group not ClientGroup::"machines/ci"',
        'you are in ClientGroup::"machines/ci", and must not be',
    ),
    'principal is Client in ClientGroup::"machines/x"': (
        'group ClientGroup::"machines/x"',
        'not in ClientGroup::"machines/x"; you are in ClientGroup::"machines/ci"',
    ),
    '!(principal is Client in ClientGroup::"machines/ci")': (
        'group not ClientGroup::"machines/ci"',
        'you are in ClientGroup::"machines/ci", and must not be',
    ),
    'principal == Client::"machines/x"': (
        'principal Client::"machines/x"',
        'needs Client::"machines/x", you are Client::"machines/ci-bot"',
    ),
    'Client::"machines/ci-bot" != principal': (
        "principal not",
        'you are Client::"machines/ci-bot", and must not be',
    ),
    'action == Action::"github/get_issue"': (
        'action Action::"github/get_issue"',
        'needs Action::"github/get_issue", this is Action::"github/create_issue"',
    ),
    '!(resource in Server::"github")': (
        'resource not Server::"github"',
        'this is in Server::"github", and must not be',
    ),
    # other things
    "context has actor": ("delegation", "needs an agent that acts for a person"),
    'principal.category == "ai_agent"': (
        'condition principal.category == "ai_agent"',
        '`principal.category` is "service", needs "ai_agent"',
    ),
    'principal.hasTag("team")': ('condition principal.hasTag("team")', '`principal` has no tag "team"'),
    '!resource.hasTag("team")': (
        'condition resource.hasTag("team")',
        '`resource` has the tag "team", and must not',
    ),
    "resource.read_only": ("condition resource.read_only", "`resource.read_only` is false, needs true"),
    "resource has owner": ("condition resource has owner", "`resource.owner` is missing"),
    "1 > 2": ("condition 1 > 2", "`1` is 1, needs more than 2"),
    '!ip("10.0.0.1").isIpv4()': (
        'condition ip("10.0.0.1").isIpv4()',
        '`ip("10.0.0.1").isIpv4()` is true, needs false',
    ),
    'decimal("1.5").lessThan(decimal("1.0"))': (
        'condition decimal("1.5").lessThan(decimal("1.0"))',
        '`decimal("1.5")` is decimal("1.5"), needs less than decimal("1.0")',
    ),
    'ip("10.0.0.1").isInRange(ip("10.1.0.0/16"))': (
        'condition ip("10.0.0.1").isInRange(ip("10.1.0.0/16"))',
        '`ip("10.0.0.1")` is ip("10.0.0.1"), needs to be in the range ip("10.1.0.0/16")',
    ),
    "2 < 1": ("condition 2 < 1", "`2` is 2, needs less than 1"),
    "if resource.read_only then false else !(1 < 2)": ("condition 1 < 2", "`1` is 1, needs at least 2"),
}


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS.items(), ids=CONDITIONS.keys())
def test_a_condition_that_does_not_hold(said: Said, condition: str, expected: tuple[str, str]) -> None:
    """What it saw, and what it needs; a `when` and an `unless` of the opposite say the same."""
    guard = "context.arguments has labels && " if "arguments.labels" in condition else ""
    head = f"principal{' is Client' if 'category' in condition else ''}, {TOOL}, resource"
    when = said(f"permit ({head}) when {{ {guard}{condition} }};", "github/create_issue")
    unless = said(f"permit ({head}) unless {{ !({guard}{condition}) }};", "github/create_issue")

    assert [(found.name, found.text) for found in flatten(when.findings)] == [expected]
    assert when.findings == unless.findings
    assert when.distance == 1
