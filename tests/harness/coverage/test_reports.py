"""What wasn't exercised, marked in the text; numbers, thresholds, JSON."""

from collections.abc import Callable
from textwrap import dedent

from policy_engine.harness.coverage import (
    Coverage,
    Thresholds,
    coverage_lines,
    coverage_record,
    gaps_of,
    measures_of,
    shortfalls,
)
from policy_engine.model import Client, User

BOT = Client(issuer="machines", client_id="bot")
ANN = User(issuer="corp", subject="ann", groups=frozenset({"staff"}))

STAGING, PRODUCTION = {"env": "staging"}, {"env": "prod"}

Cover = Callable[..., Coverage]

POLICIES = """\
@id("both-deploy") @kinds("both")
permit (principal, action == Action::"delivery/deploy", resource)
when { context.arguments.env == "staging" && !(context.arguments has note) };
@id("never-in-prod")
forbid (principal is Client, action == Action::"delivery/deploy", resource)
when { context.arguments.env == "prod" };
@id("staff-restart")
permit (principal is User, action in Action::"delivery/*", resource);
"""


def text_of(coverage: Coverage, thresholds: Thresholds, *, everything: bool = False) -> str:
    """The report, without trailing space."""
    return "\n".join(line for line, _ in coverage_lines(coverage, thresholds, everything=everything))


def test_what_is_missing_is_marked_in_the_text(cover: Cover) -> None:
    """Each part once, at its outermost; policies that are exercised aren't shown."""
    covered = cover(POLICIES, (BOT, "deploy", STAGING))

    assert text_of(covered, Thresholds(least={"policy": 60, "Client": 50})) == dedent(
        """\
        permit `both-deploy` decided: User 0, Client 1, delegated -
          2 | permit (principal, action == Action::"delivery/deploy", resource)
                      ^^^^^^^^^ never decided for a User
          3 | when { context.arguments.env == "staging" && !(context.arguments has note) };
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never false
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never false
                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^ never true

        forbid `never-in-prod` decided: User -, Client 0, delegated -
          5 | forbid (principal is Client, action == Action::"delivery/deploy", resource)
              ^^^^^^ never applied, though its head admitted 1 request
          6 | when { context.arguments.env == "prod" };
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never true

        permit `staff-restart` decided: User 0, Client -, delegated -
          8 | permit (principal is User, action in Action::"delivery/*", resource);
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no case comes past its head

        policies               ██████░░░░░░░░░░░░░░  33.3 %  1 of 3  (at least 60 % wanted)
        clause outcomes        ██████████░░░░░░░░░░  50.0 %  2 of 4
        condition outcomes     ██████████░░░░░░░░░░  50.0 %  3 of 6
        policies, by a User    ░░░░░░░░░░░░░░░░░░░░   0.0 %  0 of 2
        policies, by a Client  ██████████░░░░░░░░░░  50.0 %  1 of 2  (at least 50 % wanted)
        33.3 % of policies (1 of 3), and 60 % are wanted:
          `never-in-prod`: this forbid was never exercised
          `staff-restart`: this permit was never exercised"""
    )


def test_all_of_it_can_be_told(cover: Cover) -> None:
    """What was exercised, calls and tokens, too."""
    text = text_of(cover(POLICIES, (ANN, "restart", STAGING)), Thresholds(), everything=True)

    assert (
        dedent(
            """\
            allowed/denied          User      Client   delegated
            delivery/deploy            .           .           .
            delivery/restart         1/0           .           .

            tokens taken for                User      Client   delegated     refused
            corp (rfc9068)                     .           .           .           .
            machines (policy-engine)           .           .           .           .
            without a token                    1           .           .           .
            """
        )
        in text
    )


def test_a_permit_that_a_forbid_overrides_never_decided(cover: Cover) -> None:
    """It applied, so that only its verdicts tell."""
    policies = """
    @id("bots") permit (principal is Client, action, resource);
    @id("no-bots") forbid (principal is Client, action, resource);
    """
    covered = cover(policies, (BOT, "deploy", STAGING), (BOT, "deploy", PRODUCTION)).policies

    assert [gap.says for gap in gaps_of(covered["bots"])] == ["applied twice, but a forbid decided"]
    assert [gap.says for gap in gaps_of(covered["no-bots"])] == []


def test_a_clause_that_nothing_reaches_is_one_gap(cover: Cover) -> None:
    """Its conditions aren't told of as well."""
    policy = """@id("two") permit (principal is Client, action == Action::"delivery/deploy", resource)
    when { context.arguments.env == "staging" }
    unless { context.arguments has note && context.arguments.note == "no" };"""
    place = cover(policy, (BOT, "deploy", PRODUCTION)).policies["two"]

    assert [(gap.subject, gap.says, gap.span.line, gap.never) for gap in gaps_of(place)] == [
        ("policy", "never applied, though its head admitted 1 request", 1, True),
        ("clause", "never true", 2, False),
        ("clause", "never looked at", 3, True),
    ]


def test_thresholds_of_each_measure_gate(cover: Cover) -> None:
    """Those that are met say nothing; the others name the policies, and by kind whose turn it was."""
    covered = cover(POLICIES, (ANN, "deploy", STAGING), (ANN, "restart", STAGING))
    least = {"policy": 100.0, "clause": 25.0, "condition": 100.0, "User": 100.0, "Client": 100.0}

    assert [
        (each.name, str(each), each.lacking)
        for each in shortfalls(covered, Thresholds(least=least))  # type: ignore[arg-type]  # a literal
    ] == [
        (
            "policy",
            "66.6 % of policies (2 of 3), and 100 % are wanted",
            ("`never-in-prod`: this forbid was never exercised",),
        ),
        (
            "condition",
            "33.3 % of condition outcomes (2 of 6), and 100 % are wanted",
            (
                "`both-deploy`: 2 condition outcomes never seen",
                "`never-in-prod`: 2 condition outcomes never seen",
            ),
        ),
        (
            "Client",
            "0 % of policies, by a Client (0 of 2), and 100 % are wanted",
            (
                "`both-deploy`: this permit was never exercised by a Client",
                "`never-in-prod`: this forbid was never exercised by a Client",
            ),
        ),
    ]


def test_of_nothing_all_is_exercised(cover: Cover) -> None:
    """A set without policies meets every threshold."""
    covered = cover("// none\n")

    assert {name: measure.percent for name, measure in measures_of(covered).items()} == dict.fromkeys(
        ("policy", "clause", "condition", "User", "Client", "delegated"), 100.0
    )


def test_programs_get_all_that_was_counted(cover: Cover) -> None:
    """Counts by kind and place; nothing of what callers sent."""
    record = coverage_record(cover(POLICIES, (BOT, "deploy", PRODUCTION)), Thresholds(least={"Client": 60}))
    policy = record["policies"][1]

    assert (record["cases"], record["passed"]) == (1, False)
    assert record["measures"]["Client"] == {
        "covered": 1,
        "total": 2,
        "percent": 50.0,
        "least": 60,
        "passed": False,
    }
    assert policy == {
        "id": "never-in-prod",
        "effect": "forbid",
        "shadow": False,
        "file": None,
        "line": 4,
        "column": 1,
        "state": "partly",
        "kinds": ["Client"],
        "evaluated": {"Client": 1},
        "applied": {"Client": 1},
        "decided": {"Client": 1},
        "erred": {},
        "head": {"line": 5, "column": 1, "length": 75},
        "clauses": [
            {
                "kind": "when",
                "text": 'context.arguments.env == "prod"',
                "line": 6,
                "column": 1,
                "length": 40,
                "state": "partly",
                "missing": ["false"],
                "true": {"Client": 1},
                "false": {},
                "erred": {},
                "unreached": {},
                "conditions": [
                    {
                        "text": 'context.arguments.env == "prod"',
                        "line": 6,
                        "column": 8,
                        "length": 31,
                        "state": "partly",
                        "missing": ["false"],
                        "true": {"Client": 1},
                        "false": {},
                        "erred": {},
                        "unreached": {},
                    }
                ],
            }
        ],
        "gaps": [{"subject": "clause", "says": "never false", "line": 6, "column": 1, "length": 40}],
    }
