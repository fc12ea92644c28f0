"""What is counted: policies by kind, both outcomes of clauses and conditions, calls, tokens."""

from collections import Counter
from collections.abc import Callable

from policy_engine.harness.coverage import Coverage, Place, PolicyPlace
from policy_engine.harness.world import World
from policy_engine.model import Client, User

BOT = Client(issuer="machines", client_id="bot")
ANN = User(issuer="corp", subject="ann", groups=frozenset({"staff"}))
AGENT = User(issuer="corp", subject="ann", actor=Client(issuer="corp", client_id="helper"))

STAGING, PRODUCTION = {"env": "staging"}, {"env": "prod"}

Cover = Callable[..., Coverage]

POLICIES = """
@id("both-deploy") @kinds("both") @delegable
permit (principal, action == Action::"delivery/deploy", resource)
when { context.arguments.env == "staging" || context.arguments has note }
unless { context.arguments has note && context.arguments.note like "*!" };
@id("never-in-prod") forbid (principal is Client, action == Action::"delivery/deploy", resource)
when { context.arguments.env == "prod" };
@id("staff-restart")
permit (principal in Group::"corp/staff", action == Action::"delivery/restart", resource);
"""


def outcomes(place: Place) -> dict[str, dict[str, int]]:
    """What was seen of a place."""
    return {
        name: {str(kind): number for kind, number in counts.items()}
        for name, counts in place.seen.items()
        if counts
    }


def counts(place: PolicyPlace) -> dict[str, dict[str, int]]:
    """What became of a policy."""
    names = ("evaluated", "applied", "decided", "erred")
    return {name: dict(getattr(place, name)) for name in names if getattr(place, name)}


def test_policies_are_counted_by_kind(cover: Cover) -> None:
    """A policy that applies beside a forbid is evaluated and applies, and doesn't decide."""
    covered = cover(
        POLICIES,
        (BOT, "deploy", STAGING),
        (BOT, "deploy", {**PRODUCTION, "note": "now"}),
        (ANN, "deploy", {**PRODUCTION, "note": "now"}),
        (AGENT, "deploy", STAGING),
        (ANN, "restart", STAGING),
    ).policies

    assert counts(covered["both-deploy"]) == {
        "evaluated": {"Client": 2, "User": 1, "delegated": 1},
        "applied": {"Client": 2, "User": 1, "delegated": 1},
        "decided": {"Client": 1, "User": 1, "delegated": 1},
    }
    assert counts(covered["never-in-prod"]) == {
        "evaluated": {"Client": 2},
        "applied": {"Client": 1},
        "decided": {"Client": 1},
    }
    assert counts(covered["staff-restart"]) == {
        "evaluated": {"User": 1},
        "applied": {"User": 1},
        "decided": {"User": 1},
    }


def test_both_outcomes_of_clauses_and_conditions_are_counted(cover: Cover) -> None:
    """What a short cut leaves out wasn't reached, neither conditions nor whole clauses."""
    covered = cover(
        POLICIES,
        (BOT, "deploy", STAGING),
        (ANN, "deploy", PRODUCTION),
        (ANN, "deploy", {**PRODUCTION, "note": "now!"}),
    ).policies["both-deploy"]
    when, unless = covered.clauses

    assert outcomes(when) == {"true": {"Client": 1, "User": 1}, "false": {"User": 1}}
    assert [(each.text, outcomes(each)) for each in when.conditions] == [
        ('context.arguments.env == "staging"', {"true": {"Client": 1}, "false": {"User": 2}}),
        (
            "context.arguments has note",
            {"true": {"User": 1}, "false": {"User": 1}, "unreached": {"Client": 1}},
        ),
    ]
    assert outcomes(unless) == {"true": {"User": 1}, "false": {"Client": 1}, "unreached": {"User": 1}}
    assert [(each.text, outcomes(each)) for each in unless.conditions] == [
        (
            "context.arguments has note",
            {"true": {"User": 1}, "false": {"Client": 1}, "unreached": {"User": 1}},
        ),
        ('context.arguments.note like "*!"', {"true": {"User": 1}, "unreached": {"Client": 1, "User": 1}}),
    ]
    assert [when.state, unless.state, covered.state] == ["full", "full", "partly"]


def test_errors_are_counted_apart(cover: Cover) -> None:
    """A clause that errs came out neither way, and its policy doesn't apply."""
    policy = """
    @id("few") permit (principal is Client, action == Action::"delivery/deploy", resource)
    when { context.arguments has count && context.arguments.count * 9000000000000 < 10 } when { true };
    """
    few = cover(policy, (BOT, "deploy", {**STAGING, "count": 2**53 - 1})).policies["few"]

    assert counts(few) == {"evaluated": {"Client": 1}, "erred": {"Client": 1}}
    assert [outcomes(clause) for clause in few.clauses] == [
        {"erred": {"Client": 1}},
        {"unreached": {"Client": 1}},
    ]
    assert [(each.text, outcomes(each)) for each in few.clauses[0].conditions] == [
        ("context.arguments has count", {"true": {"Client": 1}}),
        ("context.arguments.count * 9000000000000 < 10", {"erred": {"Client": 1}}),
    ]
    assert (few.clauses[0].missing, few.clauses[0].state) == (("true", "false"), "partly")


def test_what_the_loader_adds_is_no_clause(cover: Cover) -> None:
    """A permit without `@delegable` has the clauses that are written, and doesn't apply to an agent."""
    policy = """
    @id("own") permit (principal is User, action == Action::"delivery/deploy", resource)
    when { context.arguments.env == "staging" };
    """
    own = cover(policy, (AGENT, "deploy", STAGING), (ANN, "deploy", STAGING)).policies["own"]

    assert counts(own) == {
        "evaluated": {"delegated": 1, "User": 1},
        "applied": {"User": 1},
        "decided": {"User": 1},
    }
    assert [outcomes(clause) for clause in own.clauses] == [{"true": {"delegated": 1, "User": 1}}]


def test_a_shadow_policy_is_exercised_where_it_applies(cover: Cover) -> None:
    """It never decides."""
    policies = '@id("dry") @mode("shadow") forbid (principal is Client, action, resource);'
    dry = cover(policies, (BOT, "deploy", STAGING)).policies["dry"]

    assert counts(dry) == {"evaluated": {"Client": 1}, "applied": {"Client": 1}}
    assert (dict(dry.exercised), dry.state) == ({"Client": 1}, "full")


def test_what_can_never_be_is_not_asked_for(cover: Cover) -> None:
    """Kinds that the head or a clause excludes, and outcomes of what is constant."""
    covered = cover(
        """
        @id("machines") forbid (principal is Client, action, resource);
        @id("staff") permit (principal in Group::"corp/staff", action, resource);
        @id("agents") @delegable permit (principal is User, action, resource) when { context has actor };
        @id("always") @kinds("both") permit (principal, action, resource) when { true };
        @id("never") permit (principal is User, action, resource) when { false };
        @id("not-agents") @kinds("both") forbid (principal, action, resource) unless { context has actor };
        """
    ).policies

    assert {name: sorted(place.kinds) for name, place in covered.items()} == {
        "machines": ["Client"],
        "staff": ["User"],
        "agents": ["delegated"],
        "always": ["Client", "User"],
        "never": [],
        "not-agents": ["Client", "User"],
    }
    assert covered["always"].clauses[0].possible == {True}
    assert [place.text for place in covered["always"].clauses[0].conditions] == []
    assert covered["never"].clauses[0].possible == {False}


def test_calls_are_counted_by_tool_and_kind(cover: Cover) -> None:
    """Pinned tools that nobody asks for have a row, too."""
    covered = cover(POLICIES, (BOT, "deploy", STAGING), (BOT, "deploy", PRODUCTION), (ANN, "tools/list", {}))

    assert [
        (row.server, row.action, row.tool, dict(row.allowed), dict(row.denied)) for row in covered.matrix.rows
    ] == [
        ("delivery", "delivery/deploy", True, {"Client": 1}, {"Client": 1}),
        ("delivery", "delivery/restart", True, {}, {}),
        ("delivery", "list_tools", False, {}, {"User": 1}),
    ]


def test_tokens_are_counted_by_issuer_profile_and_kind(cover: Cover, world: World) -> None:
    """Those that are refused as well; what never comes before policies is counted by its code."""
    good = world.mint(kind="client", id="bot")
    bad = world.mint(kind="client", id="bot", tamper="expired")
    covered = cover(POLICIES, (good, "deploy", STAGING), (bad, "deploy", STAGING), (ANN, "deploy", STAGING))

    assert [(use.issuer, use.profile, dict(use.taken)) for use in covered.tokens.rows] == [
        ("corp", "rfc9068", {}),
        ("machines", "policy-engine", {"Client": 1, "refused": 1}),
        (None, None, {"User": 1}),
    ]
    assert (covered.refused, covered.cases) == (Counter({"expired_token": 1}), 3)
