"""Explanations as they are shown: at a terminal, as JSON, on one line, to callers."""

from collections.abc import Callable
from typing import Any

from policy_engine.cedar import Span
from policy_engine.evaluator import (
    Evaluator,
    Explanation,
    caller_view,
    explain_request,
    explanation_line,
    explanation_lines,
    explanation_reasons,
    explanation_record,
)
from policy_engine.evaluator.explanation.views.quotes import Remark, quoted
from policy_engine.model import AuthorizationRequest, Client, Decision, User

Build = Callable[..., Evaluator]
Ask = Callable[..., AuthorizationRequest]

POLICIES = """\
@id("people") permit (principal is User, action in Action::"github/*", resource);
@id("ci-files") @reason("CI reports") @advice("ask #platform")
permit (principal == Client::"machines/ci-bot", action == Action::"github/create_issue", resource)
when { context.arguments.repo == "acme/app"
       || context.token.scopes.contains("any") && context.token.scopes.contains("repo") };
@id("nobody") forbid (principal, action in Action::"destructive", resource);
@id("tried") @mode("shadow") forbid (principal, action in Action::"github/*", resource);
@id("broken") permit (principal is Client, action in Action::"github/*", resource)
when { 9223372036854775807 + 1 == 0 };
@id("lists") permit (principal, action == Action::"list_tools", resource);
"""


def explained(evaluator: Evaluator, *requests: AuthorizationRequest) -> Explanation:
    """The explanation that the engine would give."""
    questions = tuple(explain_request(evaluator, request) for request in requests)
    verdict, request = questions[-1].verdict, requests[-1]
    decision = Decision(
        code=verdict.code,
        principal=request.principal,
        action=request.action,
        resource=request.resource,
        policies=verdict.policies,
        errors=verdict.errors,
        server="github",
        method="tools/call",
    )
    return Explanation(decision=decision, questions=questions)


def text_of(explanation: Explanation, *, everything: bool = False) -> str:
    """What a terminal shows, without its styles."""
    return "\n".join(line for line, _ in explanation_lines(explanation, everything=everything))


def test_a_denial_shows_what_came_near(build: Build, ask: Ask, bot: Client) -> None:
    """Errors, then near misses with carets, then what to do; far misses aren't told of."""
    request = ask(bot, "github/create_issue", arguments={"repo": "acme/other"})
    explanation = explained(build(POLICIES), request)

    assert (explanation.allowed, explanation.code) == (False, "no_permit")
    assert text_of(explanation) == (
        "DENY  no_permit: no permit applied\n"
        '  principal  Client::"machines/ci-bot", a machine (service)\n'
        '  action     Action::"github/create_issue"\n'
        '  resource   Tool::"github/create_issue"\n'
        "\n"
        "forbid `tried` would apply, in shadow mode  (0.cedar:7:1)\n"
        '  7 | @id("tried") @mode("shadow") forbid (principal, action in Action::"github/*", resource);\n'
        "                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "
        'action is Action::"github/create_issue"\n'
        "\n"
        "permit `broken` can't be evaluated, and so doesn't apply  (0.cedar:8:1)\n"
        "  9 | when { 9223372036854775807 + 1 == 0 };\n"
        "             ^^^^^^^^^^^^^^^^^^^^^^^ `9223372036854775807 + 1` is more than 64 bits hold\n"
        "\n"
        "permit `ci-files` doesn't apply: 1 thing would have to differ  (0.cedar:2:1)\n"
        '  4 | when { context.arguments.repo == "acme/app"\n'
        "             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "
        'either: argument `repo` is "acme/other", needs "acme/app"\n'
        '  5 |        || context.token.scopes.contains("any") && context.token.scopes.contains("repo") };\n'
        '                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ or: the token lacks the scope "any"\n'
        "                                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "
        'and: the token lacks the scope "repo"\n'
        "  = reason: CI reports\n"
        "  = advice: ask #platform\n"
        "\n"
        "permit `people` doesn't apply: 1 thing would have to differ  (0.cedar:1:1)\n"
        '  1 | @id("people") permit (principal is User, action in Action::"github/*", resource);\n'
        "                            ^^^^^^^^^^^^^^^^^ needs a User, you are a Client"
    )
    assert list(explanation_reasons(explanation)) == [
        ("broken", "`9223372036854775807 + 1` is more than 64 bits hold"),
        (
            "ci-files",
            'either: argument `repo` is "acme/other", needs "acme/app"; '
            'or: the token lacks the scope "any"; and: the token lacks the scope "repo"',
        ),
        ("people", "needs a User, you are a Client"),
    ]


def test_an_allowed_request_shows_what_allowed_it(build: Build, ask: Ask, bot: Client) -> None:
    """With the values that the marked parts had, what was tried beside it, and no near misses."""
    request = ask(bot, "github/create_issue", arguments={"repo": "acme/app"})
    explanation = explained(build(POLICIES), request)

    lines = text_of(explanation).splitlines()
    assert lines[0] == "ALLOW  allowed: a permit applied and no forbid did"
    assert lines[5:12] == [
        "permit `ci-files` allows it  (0.cedar:2:1)",
        '  3 | permit (principal == Client::"machines/ci-bot", '
        'action == Action::"github/create_issue", resource)',
        '              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ principal is Client::"machines/ci-bot"',
        "                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "
        'action is Action::"github/create_issue"',
        '  4 | when { context.arguments.repo == "acme/app"',
        '             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ context.arguments.repo is "acme/app"',
        "  = reason: CI reports",
    ]
    assert [line for line in lines if line.startswith(("permit", "forbid"))] == [
        "permit `ci-files` allows it  (0.cedar:2:1)",
        "forbid `tried` would apply, in shadow mode  (0.cedar:7:1)",
        "permit `broken` can't be evaluated, and so doesn't apply  (0.cedar:8:1)",
    ]
    assert next(explanation_reasons(explanation))[0] == "ci-files"


NO_PERMIT = "No permit is about this action on this resource."
NOR = "Nor does any permit apply."


def headings(explanation: Explanation, *, everything: bool = False) -> list[str]:
    """The line above each policy, and the summary, if there is one."""
    styled = explanation_lines(explanation, everything=everything)
    return [line for line, style in styled if style == "heading" or line in (NO_PERMIT, NOR)]


def test_a_forbid_is_shown_with_what_it_overrules(build: Build, ask: Ask, alice: User, bot: Client) -> None:
    """And, where nothing permits the call either, that is said."""
    evaluator = build(POLICIES)
    overruled = explained(evaluator, ask(alice, "github/delete_repo"))
    nothing = explained(build('@id("no") forbid (principal, action, resource);'), ask(bot, "ping"))
    neither = explained(
        build(
            '@id("no") forbid (principal, action, resource);\n'
            '@id("p") permit (principal is User, action, resource);'
        ),
        ask(bot, "ping"),
    )

    assert headings(overruled) == [
        "forbid `nobody` forbids it  (0.cedar:6:1)",
        "permit `people` applies, but a forbid decides  (0.cedar:1:1)",
        "forbid `tried` would apply, in shadow mode  (0.cedar:7:1)",
        "permit `broken` doesn't apply: 1 thing would have to differ  (0.cedar:8:1)",
    ]
    assert headings(nothing) == ["forbid `no` forbids it  (0.cedar:1:1)", NO_PERMIT]
    assert headings(neither) == [
        "forbid `no` forbids it  (0.cedar:1:1)",
        "permit `p` doesn't apply: 1 thing would have to differ  (0.cedar:2:1)",
        NOR,
    ]


def test_a_forbid_that_errs_is_what_denies(build: Build, ask: Ask, alice: User) -> None:
    """Its place comes first; a shadow policy that errs denies nothing."""
    evaluator = build(
        '@id("yes") permit (principal is User, action, resource);'
        '@id("errs") forbid (principal, action, resource) when { 9223372036854775807 + 1 == 0 };'
        '@id("tried") @mode("shadow") forbid (principal, action, resource) '
        "when { 9223372036854775807 + 1 == 0 };"
    )
    explanation = explained(evaluator, ask(alice, "ping"))

    assert explanation.code == "policy_error"
    assert headings(explanation) == [
        "forbid `errs` can't be evaluated, and so denies  (0.cedar:1:57)",
        "permit `yes` applies, but a forbid decides  (0.cedar:1:1)",
        "forbid `tried` can't be evaluated, in shadow mode  (0.cedar:1:144)",
    ]
    assert caller_view(explanation)["hints"] == []


def test_everything_can_be_told(build: Build, ask: Ask, bot: Client) -> None:
    """Far misses and forbids that don't apply come last, with their places."""
    request = ask(bot, "github/create_issue", arguments={"repo": "acme/other"})
    explanation = explained(build(POLICIES), request)

    assert headings(explanation, everything=True)[4:] == [
        "permit `lists` doesn't apply: 1 thing would have to differ  (0.cedar:10:1)",
        "forbid `nobody` doesn't apply: 1 thing would have to differ  (0.cedar:6:1)",
    ]
    assert 'needs Action::"list_tools", this is' in text_of(explanation, everything=True)


def test_where_nothing_is_about_the_call_the_nearest_is_shown(build: Build, ask: Ask, bot: Client) -> None:
    """With a line that says so."""
    lists = build('@id("lists") permit (principal, action == Action::"list_tools", resource);')
    explanation = explained(lists, ask(bot, "ping"))
    nothing = explained(build(""), ask(bot, "ping"))

    assert headings(explanation) == [
        "permit `lists` doesn't apply: 1 thing would have to differ  (0.cedar:1:1)",
        NO_PERMIT,
    ]
    assert headings(nothing) == [NO_PERMIT]


def test_an_agent_is_told_with_its_human(build: Build, ask: Ask, assisted: User) -> None:
    """What has no place in the text stands under it."""
    explanation = explained(
        build('@id("p") permit (principal is User, action, resource);'), ask(assisted, "ping")
    )

    assert text_of(explanation).splitlines()[1] == (
        '  principal  User::"corp/alice", a human, through Client::"corp/assistant"'
    )
    assert text_of(explanation).splitlines()[-1] == (
        '  = acts through Client::"corp/assistant"; the policy isn\'t @delegable'
    )
    assert explanation_line(explanation) == (
        'deny no_permit server=github principal=User::"corp/alice" actor=Client::"corp/assistant" '
        'action=Action::"ping" resource=Server::"github" near=p(delegation)'
    )
    assert explanation_record(explanation)["actor"] == {"type": "Client", "id": "corp/assistant"}


def test_several_questions_are_told_one_after_the_other(build: Build, ask: Ask, alice: User) -> None:
    """Each under what was asked."""
    evaluator = build('@id("p") permit (principal is User, action == Action::"ping", resource);')
    explanation = explained(evaluator, ask(alice, "ping"), ask(alice, "list_tools"))

    assert [line for line in headings(explanation) if " on " in line] == [
        'allowed: Action::"ping" on Server::"github"',
        'no_permit: Action::"list_tools" on Server::"github"',
        NO_PERMIT,
    ]
    assert [question["code"] for question in explanation_record(explanation)["questions"]] == [
        "allowed",
        "no_permit",
    ]


def test_what_was_refused_before_the_policies_says_so() -> None:
    """The code, its detail, the note and the evidence."""
    decision = Decision(
        code="ambiguous_principal",
        detail="conflict",
        note="both rules hold",
        evidence=("user: sub is there", "client: gty is there"),
    )
    explanation = Explanation(decision=decision)

    assert text_of(explanation) == (
        "DENY  ambiguous_principal (conflict): no evidence, or contradictory evidence, for machine or human\n"
        "  note       both rules hold\n"
        "  evidence   user: sub is there\n"
        "  evidence   client: gty is there\n"
        "  It was refused before the policies were asked."
    )
    assert explanation_line(explanation) == "deny ambiguous_principal/conflict"
    assert list(explanation_reasons(explanation)) == []
    assert explanation_record(explanation)["questions"] == []
    assert caller_view(explanation, ids=True) == {
        "decision": "deny",
        "status": 403,
        "message": "Forbidden",
        "hints": [],
        "policies": [],
    }


def test_the_line_for_logs_holds_no_value(build: Build, ask: Ask, bot: Client) -> None:
    """Names of what failed, so that denials can be counted by their cause."""
    request = ask(bot, "github/create_issue", arguments={"repo": "secret/repo"})
    line = explanation_line(explained(build(POLICIES), request))

    assert line == (
        'deny no_permit server=github principal=Client::"machines/ci-bot" '
        'action=Action::"github/create_issue" resource=Tool::"github/create_issue" '
        "shadow-applied=tried erred=broken(fault overflow) "
        "near=ci-files(argument repo, scope any, scope repo) near=people(kind User)"
    )


def test_json_has_what_the_text_has(build: Build, ask: Ask, bot: Client) -> None:
    """Stable members, JSON types alone, choices as lists of lists."""
    request = ask(bot, "github/create_issue", arguments={"repo": "acme/other"})
    record = explanation_record(explained(build(POLICIES), request))
    (question,) = record["questions"]
    policies = {policy["id"]: policy for policy in question["policies"]}

    assert {name: value for name, value in record.items() if name != "questions"} == {
        "decision": "deny",
        "code": "no_permit",
        "detail": None,
        "note": "",
        "status": 403,
        "server": "github",
        "method": "tools/call",
        "principal": {"type": "Client", "id": "machines/ci-bot"},
        "actor": None,
        "evidence": [],
        "reused": False,
    }
    assert list(policies) == ["tried", "broken", "ci-files", "people"]
    (choice,) = policies["ci-files"].pop("findings")
    assert policies["ci-files"] == {
        "id": "ci-files",
        "effect": "permit",
        "outcome": "not_applied",
        "decided": False,
        "shadow": False,
        "distance": 1,
        "file": "0.cedar",
        "line": 2,
        "column": 1,
        "annotations": {"id": "ci-files", "reason": "CI reports", "advice": "ask #platform"},
    }
    assert [[finding["name"] for finding in option] for option in choice["any_of"]] == [
        ["argument repo"],
        ["scope any", "scope repo"],
    ]
    assert choice["any_of"][0][0] == {
        "subject": "argument",
        "name": "argument repo",
        "text": 'argument `repo` is "acme/other", needs "acme/app"',
        "code": None,
        "values": [{"part": "context.arguments.repo", "value": '"acme/other"'}],
        "line": 4,
        "column": 8,
        "length": 36,
    }


def view_of(build: Build, request: AuthorizationRequest, *, ids: bool = False) -> dict[str, Any]:
    """What the caller of a request may be told."""
    return caller_view(explained(build(POLICIES), request), ids=ids)


def test_a_caller_learns_what_kind_of_thing_is_in_the_way(build: Build, ask: Ask, bot: Client) -> None:
    """No value, no policy; ids and advice only where the operator wants them told."""
    request = ask(bot, "github/create_issue", arguments={"repo": "acme/other"})

    assert view_of(build, request) == {
        "decision": "deny",
        "status": 403,
        "message": "Forbidden",
        "hints": [
            {
                "subject": "kind",
                "text": "It isn't for this kind of caller: people and machines have different rights.",
            },
            {"subject": "scope", "text": "The token lacks a scope."},
            {"subject": "argument", "text": "An argument isn't one that is allowed."},
        ],
    }
    assert view_of(build, request, ids=True)["policies"] == [
        {"id": "ci-files", "advice": "ask #platform"},
        {"id": "people", "advice": None},
    ]


def test_a_caller_learns_nothing_of_a_forbid(build: Build, ask: Ask, alice: User) -> None:
    """What would have to differ for it not to apply is its author's business."""
    request = ask(alice, "github/delete_repo")

    assert view_of(build, request)["hints"] == []
    assert view_of(build, request, ids=True)["policies"] == [{"id": "nobody", "advice": None}]


def test_no_name_commands_a_terminal(build: Build, ask: Ask, bot: Client) -> None:
    """Ids, annotations, notes and names may hold anything; a line stays a line."""
    evaluator = build(
        '@id("a \\u{1b}[2J\\n") @reason("b\\u{1b}\\nc") permit (principal is User, action, resource) '
        'when { context.token.scopes.contains("d\\u{202e}\\n") };'
    )
    explanation = explained(evaluator, ask(bot, "ping"))
    refused = Explanation(decision=Decision(code="invalid_arguments", note="argument `\x1b[2J\n`"))

    assert text_of(explanation).splitlines()[5] == (
        "permit `a  [2J ` doesn't apply: 2 things would have to differ  (0.cedar:1:1)"
    )
    assert text_of(explanation).splitlines()[-1] == "  = reason: b  c"
    assert [id_ for id_, _ in explanation_reasons(explanation)] == ["a  [2J "]
    assert explanation_line(explanation).split(" near=")[1] == '"a \\u001b[2J\\n"(kind User, scope d  )'
    assert text_of(refused).splitlines()[1] == "  note       argument ` [2J `"


def at(text: str, part: str, line: int) -> Remark:
    """A remark on a part of a text."""
    start = text.index(part)
    return Remark(f"<{part[:3]}>", Span(start, start + len(part), line, 1))


def test_a_long_line_is_cut_around_what_is_marked() -> None:
    """Each remark has its own cut, and its carets stay under its part."""
    text = f"{'a' * 150}FIRST{'b' * 150}SECOND;"

    assert list(quoted(text, [at(text, "SECOND", 1), at(text, "FIRST", 1)])) == [
        (f"1 | …{'a' * 24}FIRST{'b' * 71}…", False),
        (f"{' ' * 29}^^^^^ <FIR>", True),
        (f"1 | …{'b' * 24}SECOND;", False),
        (f"{' ' * 29}^^^^^^ <SEC>", True),
    ]


def test_carets_stand_under_wide_and_odd_characters() -> None:
    """A wide one takes two columns, a combining one none; tabs and control characters become spaces."""
    text = "x\n\t界e\u0301\u202e(MARK)"

    assert list(quoted(text, [at(text, "MARK", 12)])) == [
        ("12 |  界e\u0301 (MARK)", False),
        ("           ^^^^ <MAR>", True),
    ]


def test_a_part_of_several_lines_is_marked_in_its_first() -> None:
    """To the end of that line."""
    text = "permit (action in\r\n  [A, B]);"

    assert list(quoted(text, [at(text, "action in\r\n  [A, B]", 1)])) == [
        ("1 | permit (action in", False),
        ("            ^^^^^^^^^ <act>", True),
    ]
