"""An explanation never says anything else than the decision that it explains."""

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.evaluator import (
    Evaluator,
    Explanation,
    Finding,
    PolicyExplanation,
    RequestExplanation,
    caller_view,
    explain_request,
    explanation_line,
    explanation_lines,
    explanation_record,
    flatten,
)
from policy_engine.model import AuthorizationRequest, CedarJson, Client, Decision, Principal, User
from policy_engine.model.strict_json import dumps
from tests.plugins.samples import samples

Build = Callable[..., Evaluator]
Ask = Callable[..., AuthorizationRequest]

ATOMS = [
    'context.token.scopes.contains("<SCOPE>")',
    'context.token.scopes.contains("<SCOPE>")',
    'context.token.scopes.containsAll(["<SCOPE>", "<SCOPE>"])',
    'context.token.scopes.containsAny(["<SCOPE>", "<SCOPE>"])',
    "principal is User",
    "principal is Client",
    'principal is User in Group::"corp/eng"',
    'principal in [Group::"corp/eng", Group::"corp/all"]',
    'principal in ClientGroup::"machines/ci"',
    'principal == User::"corp/alice"',
    'User::"corp/bob" != principal',
    'principal.issuer == "corp"',
    'principal.hasTag("team") && principal.getTag("team").contains("x")',
    "context has actor",
    'context has actor && context.actor == Client::"corp/assistant"',
    'context has actor && context.actor.category == "ai_agent"',
    'context has approver && context.approver.issuer == "corp"',
    'context has approver && context.approver in Group::"corp/all"',
    'context has arguments && context.arguments has repo && context.arguments.repo == "acme/app"',
    'context has arguments && context.arguments has repo && context.arguments.repo like "acme/*"',
    'context has arguments && context.arguments has repo && ["x", "y"].contains(context.arguments.repo)',
    'context has arguments && context.arguments has labels && context.arguments.labels.contains("bug")',
    'resource in Server::"github"',
    "resource is Tool",
    "resource is Tool && resource.read_only",
    "resource is Tool && resource has owner && resource.owner == principal",
    'action in Action::"read_only"',
    'action == Action::"ping"',
    'User::"corp/bob".subject == "bob"',
    "9223372036854775807 + 1 == 0",
    'decimal("1.00").lessThan(decimal("2.0"))',
    'ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))',
    "[principal].isEmpty()",
    "true",
]
CLAUSES = {
    "principal": [
        "principal is User",
        "principal is Client",
        'principal == User::"corp/alice"',
        'principal == Client::"machines/ci-bot"',
        'principal in Group::"corp/all"',
        'principal is User in Group::"corp/eng"',
        'principal in ClientGroup::"machines/ci"',
    ],
    "action": [
        'action == Action::"github/get_issue"',
        'action in Action::"github/*"',
        'action in Action::"destructive"',
        'action in [Action::"read_only", Action::"session"]',
        'action == Action::"list_tools"',
    ],
    "resource": ["resource is Tool", 'resource in Server::"github"', 'resource == Tool::"github/get_issue"'],
}
SCOPES = ["a", "b", "c"]
SOUND = [atom for atom in ATOMS if "scopes" in atom] * 3 + [
    'principal in [Group::"corp/eng", Group::"corp/all"]',
    "context has actor",
    "resource is Tool && resource.read_only",
    'context has arguments && context.arguments has repo && context.arguments.repo == "acme/app"',
]
"""Conditions that can't err, and don't contradict each other."""


class Maker:
    """Makes policies that load, and requests."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def one_in(self, number: int) -> bool:
        """True once in so many times."""
        return self.chance.randrange(number) == 0

    def policies(self) -> str:
        """A few policies, each with an id."""
        return "\n".join(self.policy(f"p{index}") for index in range(self.chance.randint(1, 4)))

    def policy(self, name: str) -> str:
        """One policy; most heads admit everything."""
        permit = not self.one_in(3)
        annotations = f'@id("{name}")'
        if permit and self.one_in(3):
            annotations += " @delegable"
        if self.one_in(6):
            annotations += ' @mode("shadow")'
        # Action and resource aren't both narrowed down, since not every action is done to everything.
        narrowed = [
            part for part in ("principal", self.chance.choice(["action", "resource"])) if self.one_in(4)
        ]
        clauses = [self.chance.choice(CLAUSES[part]) if part in narrowed else part for part in CLAUSES]
        conditions = "".join(
            f"\n  {self.chance.choice(['when', 'when', 'unless'])} {{ {self.condition(2)} }}"
            for _ in range(self.chance.choice([0, 1, 1, 2]))
        )
        return f"{annotations} {'permit' if permit else 'forbid'} ({', '.join(clauses)}){conditions};"

    def condition(self, depth: int) -> str:
        """An expression that is true or false."""
        if depth == 0 or self.one_in(3):
            return f"({self.atom(ATOMS)})"
        inner = [self.condition(depth - 1) for _ in range(3)]
        shapes = ["{0} && {1}", "{0} || {1}", "{0} && {1} && {2}", "{0} || {1} || {2}", "!{0}"]
        return f"({self.chance.choice([*shapes, 'if {0} then {1} else {2}']).format(*inner)})"

    def atom(self, atoms: list[str]) -> str:
        """One of these, with scopes in it."""
        return re.sub("<SCOPE>", lambda _: self.chance.choice(SCOPES), self.chance.choice(atoms))

    def principal(self) -> Principal:
        """Somebody."""
        tags = {"team": ("x",)} if self.one_in(2) else {}
        if self.one_in(3):
            return Client(issuer="machines", client_id="ci-bot", groups=frozenset({"ci"}), attributes=tags)
        agent = Client(
            issuer="corp", client_id=self.chance.choice(["assistant", "other"]), category="ai_agent"
        )
        return User(
            issuer="corp",
            subject=self.chance.choice(["alice", "bob"]),
            groups=frozenset({"eng"} if self.one_in(2) else ()),
            actor=agent if self.one_in(3) else None,
            attributes=tags,
        )

    def request(self, ask: Ask) -> AuthorizationRequest:
        """A question."""
        action = self.chance.choice(
            ["github/get_issue", "github/create_issue", "github/delete_repo", "ping", "list_tools"]
        )
        more: dict[str, Any] = {"token": {"scopes": [scope for scope in SCOPES if self.one_in(2)]}}
        if action.startswith("github/"):
            more["arguments"] = {"repo": self.chance.choice(["acme/app", "acme/other", "x"])}
            if action == "github/create_issue" and self.one_in(2):
                more["arguments"]["labels"] = ["bug"]
        if self.one_in(3):
            more["approver"] = {
                "__entity": {"type": "User", "id": self.chance.choice(["corp/alice", "corp/carol"])}
            }
        return ask(self.principal(), action, **more)


STATIC: list[CedarJson] = [
    {"uid": {"type": "Group", "id": "corp/eng"}, "parents": [{"type": "Group", "id": "corp/all"}]},
    {"uid": {"type": "User", "id": "corp/bob"}, "parents": [{"type": "Group", "id": "corp/eng"}]},
]

makers = st.randoms(use_true_random=True).map(Maker)


def running(explanation: RequestExplanation, effect: str, outcome: str) -> list[PolicyExplanation]:
    """The policies that decide, of an effect, with an outcome, in the order in which they are written."""
    found = [
        each
        for each in explanation.policies
        if not each.policy.shadow and each.policy.effect == effect and each.outcome == outcome
    ]
    return sorted(found, key=lambda each: each.policy.id)


def agrees(explanation: RequestExplanation) -> None:
    """The explanation of each policy, taken together, is the verdict."""
    verdict = explanation.verdict
    permits, forbids = (running(explanation, effect, "applied") for effect in ("permit", "forbid"))
    broken = running(explanation, "forbid", "erred")
    if forbids:
        expected = ("forbidden", forbids)
    elif broken:
        expected = ("policy_error", broken)
    else:
        expected = ("allowed" if permits else "no_permit", permits)

    assert (verdict.code, [match.id for match in verdict.policies]) == (
        expected[0],
        [each.policy.id for each in expected[1]],
    )
    assert {each.policy.id for each in explanation.policies if each.decided} == {
        match.id for match in verdict.policies
    }
    erred = [*running(explanation, "permit", "erred"), *broken]
    assert {each.policy.id: fault_of(each) for each in erred} == {
        fault.policy: fault.code for fault in verdict.errors
    }


def written(policy: PolicyExplanation) -> list[Finding]:
    """What is said of a part of the policy; the guard of the loader isn't one."""
    return [finding for finding in flatten(policy.findings) if "isn't @delegable" not in finding.text]


def fault_of(policy: PolicyExplanation) -> str | None:
    """The code of the error that a policy ended with."""
    return next(
        need.code for need in policy.findings if isinstance(need, Finding) and need.subject == "fault"
    )


@given(make=makers)
@settings(max_examples=samples(20))
def test_the_explanation_is_the_verdict(build: Build, ask: Ask, make: Maker) -> None:
    """Deciding policies, erring ones with their codes, and what is said of the others; 20 cases a set."""
    evaluator = build(make.policies(), STATIC)
    for request in [make.request(ask) for _ in range(20)]:
        explanation = explain_request(evaluator, request)

        assert explanation.verdict == evaluator.evaluate(request)
        assert {each.policy.id for each in explanation.policies} == {*evaluator.store.policies}
        agrees(explanation)
        for each in explanation.policies:
            assert (each.distance == 0) == (each.outcome == "applied")


@given(make=makers)
@settings(max_examples=samples(20))
def test_a_place_can_be_had_for_everything_that_is_said(build: Build, ask: Ask, make: Maker) -> None:
    """Of policies that didn't come near, too; what is said stays the same."""
    explanation = explain_request(build(make.policies(), STATIC), make.request(ask))

    assert explanation.all_placed() == explanation.policies
    assert all(found.span for each in explanation.all_placed() for found in written(each))


@given(make=makers)
@settings(max_examples=samples(10))
def test_with_the_scopes_that_are_lacking_a_policy_applies(build: Build, ask: Ask, make: Maker) -> None:
    """What would have to differ is all that would, where conditions don't contradict each other."""
    conditions = [" && ".join(f"({make.atom(SOUND)})" for _ in range(3)) for _ in range(3)]
    text = "".join(
        f'@id("p{index}") @delegable permit (principal, action, resource) when {{ {condition} }};'
        for index, condition in enumerate(conditions)
    )
    evaluator = build(text, STATIC)
    for request in [make.request(ask) for _ in range(8)]:
        for each in explain_request(evaluator, request).policies:
            named = [finding.name.split(" ") for finding in flatten(each.findings)]
            if all(subject == "scope" for subject, *_ in named):
                lacking = [
                    scope for _, *scopes in named for scope in " ".join(scopes).replace("|", " ").split()
                ]
                token = {"scopes": [*request.context["token"]["scopes"], *lacking]}
                again = explain_request(
                    evaluator, replace(request, context={**request.context, "token": token})
                )

                assert {other.policy.id: other.outcome for other in again.policies}[
                    each.policy.id
                ] == "applied"


@given(make=makers)
@settings(max_examples=samples(30))
def test_every_view_is_plain_text(build: Build, ask: Ask, make: Maker) -> None:
    """One line a line, JSON that is JSON, and for callers nothing of the request or of a policy."""
    evaluator = build(make.policies(), STATIC)
    request = make.request(ask)
    question = explain_request(evaluator, request)
    verdict = question.verdict
    decision = Decision(
        code=verdict.code, principal=request.principal, action=request.action, policies=verdict.policies
    )
    explanation = Explanation(decision=decision, questions=(question,))

    assert all(line.isprintable() for line, _ in explanation_lines(explanation, everything=True))
    assert explanation_line(explanation).isprintable()
    dumps(explanation_record(explanation, everything=True))
    view = str(caller_view(explanation))
    assert not any(word in view for word in ("acme", "corp/", "machines/", "p0", "p1", "p2", "p3"))
