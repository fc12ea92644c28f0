"""Conditions at the edges of what Cedar can count, write and refer to, with what each must come to."""

from typing import Any, Literal, NamedTuple

from policy_engine.cedar import CedarRequest
from policy_engine.model import EntityUid
from policy_engine.review.symbolic import Environment
from tests.review.symbolic.generating.worlds import moment

__all__ = ["EDGES", "Edge", "points"]

Verdict = Literal["holds", "fails", "errs"]

MAX, MIN = 2**63 - 1, -(2**63)


class Edge(NamedTuple):
    """One condition of one request.

    Attributes:
        schema: by name.
        condition: the body of a `when`.
        verdict: what it comes to.
        context: what the request has besides the ordinary.
    """

    schema: str
    condition: str
    verdict: Verdict
    context: dict[str, Any] = {}  # noqa: RUF012 -- never changed


def _extension(name: str, text: str) -> dict[str, Any]:
    return {"__extn": {"fn": name, "arg": text}}


def _length(milliseconds: int) -> dict[str, Any]:
    return _extension("duration", f"{milliseconds}ms")


def _entity(type_: str, id_: str) -> dict[str, Any]:
    return {"__entity": {"type": type_, "id": id_}}


EDGES: tuple[Edge, ...] = (
    # Numbers of 64 bits.
    Edge("numbers", "context.amount + 1 > 0", "errs", {"amount": MAX}),
    Edge("numbers", "context.amount + 1 > 0", "holds", {"amount": MAX - 1}),
    Edge("numbers", "context.amount - 1 < 0", "errs", {"amount": MIN}),
    Edge("numbers", "context.amount - 1 < 0", "holds", {"amount": MIN + 1}),
    Edge("numbers", "-context.amount > 0", "errs", {"amount": MIN}),
    Edge("numbers", "-context.amount > 0", "holds", {"amount": MIN + 1}),
    Edge("numbers", "context.amount * context.amount > 0", "errs", {"amount": 3_037_000_500}),
    Edge("numbers", "context.amount * context.amount > 0", "holds", {"amount": 3_037_000_499}),
    Edge("numbers", "context.amount * -1 == context.amount", "errs", {"amount": MIN}),
    Edge("numbers", "context.amount <= 7", "holds", {"amount": 7}),
    Edge("numbers", "context.amount < 7", "fails", {"amount": 7}),
    Edge("numbers", "context.amount >= 7", "holds", {"amount": 7}),
    Edge("numbers", "context.amount > 7", "fails", {"amount": 7}),
    # The order of evaluation decides which errors there are.
    Edge("numbers", "context.amount == 1 && context.extra > 0", "fails", {"amount": 0}),
    Edge("numbers", "context.extra > 0 && context.amount == 1", "errs", {"amount": 0}),
    Edge("numbers", "context.amount == 0 || context.extra > 0", "holds", {"amount": 0}),
    Edge("numbers", "context.extra > 0 || context.amount == 0", "errs", {"amount": 0}),
    Edge("numbers", "context has extra && context.extra > 0", "fails"),
    Edge("numbers", "if context has extra then context.extra > 0 else true", "holds"),
    Edge("numbers", "if context.extra > 0 then true else true", "errs"),
    Edge("numbers", "[context.amount, context.extra].contains(0)", "errs", {"amount": 0}),
    Edge("numbers", "{a: context.amount, b: context.extra}.a == 0", "errs", {"amount": 0}),
    Edge("numbers", "!(context.extra > 0)", "errs"),
    Edge("numbers", "context.extra == 0 || true", "errs"),
    # Decimals, as ten-thousandths.
    Edge("numbers", 'context.price == decimal("1.00")', "holds", {"price": _extension("decimal", "1.0")}),
    Edge(
        "numbers",
        'context.price.lessThan(decimal("1.0001"))',
        "holds",
        {"price": _extension("decimal", "1.0")},
    ),
    Edge("numbers", 'context.price.greaterThanOrEqual(decimal("-0.0001"))', "holds"),
    Edge("numbers", 'context.price == decimal("1.00001")', "errs"),
    Edge("numbers", 'context.price == decimal("922337203685477.5808")', "errs"),
    Edge("numbers", 'context.price == decimal("-922337203685477.5808")', "fails"),
    Edge("numbers", "context.price == 10000", "fails", {"price": _extension("decimal", "1.0")}),
    # Moments: floor before 1970, and the ends of time.
    Edge("numbers", 'context.now.toDate() == datetime("1969-12-31")', "holds", {"now": moment(-1)}),
    Edge("numbers", 'context.now.toDate() == datetime("1969-12-31")', "holds", {"now": moment(-86_400_000)}),
    Edge("numbers", 'context.now.toDate() == datetime("1970-01-01")', "holds", {"now": moment(86_399_999)}),
    Edge("numbers", "context.now.toDate() < context.now", "errs", {"now": moment(MIN)}),
    Edge("numbers", "context.now.toDate() < context.now", "errs", {"now": moment(MIN + 1)}),
    Edge("numbers", "context.now.toDate() < context.now", "holds", {"now": moment(MIN + 86_399_999)}),
    Edge("numbers", 'context.now.toTime() == duration("86399999ms")', "holds", {"now": moment(-1)}),
    Edge("numbers", 'context.now.toTime() == duration("0ms")', "holds", {"now": moment(-86_400_000)}),
    Edge("numbers", 'context.now.offset(duration("1ms")) > context.now', "errs", {"now": moment(MAX)}),
    Edge("numbers", 'context.now.offset(duration("1ms")) > context.now', "holds", {"now": moment(MAX - 1)}),
    Edge(
        "numbers",
        'context.now.durationSince(datetime("1970-01-01T00:00:00.001Z")) < duration("0s")',
        "errs",
        {"now": moment(MIN)},
    ),
    Edge("numbers", 'context.now == datetime("0000-12-31")', "holds", {"now": moment(-62_135_683_200_000)}),
    Edge("numbers", 'context.now < datetime("0001-01-01")', "holds", {"now": moment(-62_135_596_800_001)}),
    Edge("numbers", 'context.now == datetime("2026-02-29")', "errs"),
    # Lengths of time: towards zero.
    Edge("numbers", "context.wait.toSeconds() == -1", "holds", {"wait": _length(-1_999)}),
    Edge("numbers", "context.wait.toSeconds() == 0", "holds", {"wait": _length(-999)}),
    Edge("numbers", "context.wait.toSeconds() == 1", "holds", {"wait": _length(1_999)}),
    Edge("numbers", "context.wait.toDays() == -1", "holds", {"wait": _length(-86_400_001)}),
    Edge("numbers", "context.wait.toDays() == -106751991167", "holds", {"wait": _length(MIN)}),
    Edge("numbers", "context.wait.toMilliseconds() == -1999", "holds", {"wait": _length(-1_999)}),
    Edge("numbers", "context.wait.toMilliseconds() + 1 > 0", "errs", {"wait": _length(MAX)}),
    # Entities that aren't there.
    Edge("numbers", 'Account::"nobody" has level', "fails"),
    Edge("numbers", 'Account::"nobody".level > 0', "errs"),
    Edge("numbers", 'Account::"nobody".hasTag("k")', "fails"),
    Edge("numbers", 'Account::"nobody".getTag("k") > 0', "errs"),
    Edge("numbers", 'Account::"nobody" in Team::"a"', "fails"),
    Edge("numbers", 'Account::"nobody" in Account::"nobody"', "holds"),
    Edge("numbers", 'Account::"nobody" == Account::"nobody"', "holds"),
    Edge("numbers", 'Account::"a" == Team::"a"', "fails"),
    Edge("numbers", "resource.owner has level", "holds"),
    Edge("numbers", "resource.owner.boss has level", "fails"),
    Edge("numbers", "resource.owner.boss.level > 0", "errs"),
    # Groups.
    Edge("numbers", 'principal in Team::"a"', "holds"),
    Edge("numbers", 'principal in Team::"b"', "holds"),
    Edge("numbers", 'principal in [Team::"none", Team::"b"]', "holds"),
    Edge("numbers", "principal in []", "fails"),
    Edge("numbers", "principal in principal", "holds"),
    Edge("numbers", 'Team::"a" in Team::"a"', "holds"),
    Edge("numbers", 'Team::"b" in Team::"a"', "fails"),
    Edge("numbers", 'principal is Account in Team::"b"', "holds"),
    Edge("numbers", "principal is Team in context.extra", "fails"),
    Edge("numbers", "principal in 1", "errs"),
    Edge("numbers", "principal in resource.sizes", "errs"),
    Edge("numbers", 'Doc::"empty" has sizes && (principal in Doc::"empty".sizes)', "fails"),
    Edge("numbers", 'action in Action::"all" && action == Action::"read"', "holds"),
    Edge("numbers", 'action in Action::"paint"', "fails"),
    # Types that don't fit.
    Edge("numbers", "1 == true", "fails"),
    Edge("numbers", '1 == "1"', "fails"),
    Edge("numbers", "context.amount", "errs"),
    Edge("numbers", "context.amount && true", "errs"),
    Edge("numbers", "false && 1", "fails"),
    Edge("numbers", "true && 1", "errs"),
    Edge("numbers", "true || 1", "holds"),
    Edge("numbers", "context.amount < context.now", "errs"),
    Edge("numbers", 'context.price < decimal("1.0")', "errs"),
    Edge("numbers", "context.nonsense", "errs"),
    Edge("numbers", "context has nonsense", "fails"),
    Edge("numbers", "principal has nonsense", "fails"),
    Edge("numbers", "action has nonsense", "fails"),
    Edge("numbers", "action.nonsense", "errs"),
    Edge("numbers", "context.amount has nonsense", "errs"),
    # Sets.
    Edge("numbers", "[] == [1].containsAll([])", "fails"),
    Edge("numbers", "[1].containsAll([]) && [].containsAll([])", "holds"),
    Edge("numbers", "resource.sizes.containsAny([])", "fails"),
    Edge("numbers", "resource.sizes == [2, 1, 2]", "holds"),
    Edge("numbers", "resource.sizes.containsAll([1, 2]) && !resource.sizes.containsAll([1, 3])", "holds"),
    Edge("numbers", "resource.sizes.containsAll([1])", "holds"),
    Edge("numbers", 'resource.sizes.contains("1")', "fails"),
    Edge("numbers", "[[1], [2]].contains([1])", "holds"),
    Edge("numbers", '[1, "a"].contains("a")', "holds"),
    Edge("numbers", "[{a: 1}].contains({a: 1})", "holds"),
    Edge("numbers", "{a: 1, b: 2} == {b: 2, a: 1}", "holds"),
    Edge("numbers", "{a: 1} == {a: 1, b: 2}", "fails"),
    Edge("numbers", '["a"] == [] || [].isEmpty() && ![1].isEmpty()', "holds"),
    Edge("numbers", '[decimal("0.0001")].contains(1)', "fails"),
    Edge("numbers", 'resource.sizes == [decimal("0.0001"), decimal("0.0002")]', "fails"),
    # Everything where something else is wanted, and sets of two types.
    Edge("numbers", 'principal in [Team::"a", Doc::"x"]', "holds"),
    Edge("numbers", 'principal in [Doc::"x", Team::"none"]', "fails"),
    Edge("numbers", 'principal in [Account::"me", Team::"none"]', "holds"),
    Edge("numbers", 'principal in [Team::"a", 1]', "errs"),
    Edge("numbers", '1 in Team::"a"', "errs"),
    Edge("numbers", "1 is Account", "errs"),
    Edge("numbers", '1 is Account in Team::"a"', "errs"),
    Edge("numbers", "principal is Account in 1", "errs"),
    Edge("numbers", "principal is Account in context.extra", "errs"),
    Edge("numbers", '(if context has extra then principal else resource.owner) in Team::"b"', "holds"),
    Edge("numbers", 'resource.owner in [resource.owner.boss, Account::"me"]', "holds"),
    Edge("numbers", "resource in [resource]", "holds"),
    Edge("numbers", 'action in [Action::"all", Action::"paint"]', "holds"),
    Edge("numbers", "action in []", "fails"),
    Edge("numbers", "action in principal", "fails"),
    Edge("numbers", 'Action::"nonsense" in Action::"all"', "fails"),
    Edge("numbers", '[action].contains(Action::"read")', "holds"),
    Edge("numbers", '[Action::"all"].containsAny([action])', "fails"),
    Edge("numbers", 'context.amount like "a"', "errs"),
    Edge("numbers", "context.amount.contains(1)", "errs"),
    Edge("numbers", "context.amount.containsAll([1])", "errs"),
    Edge("numbers", "[1].containsAny(context.amount)", "errs"),
    Edge("numbers", "context.amount.isEmpty()", "errs"),
    Edge("numbers", "resource.sizes.isEmpty()", "fails"),
    Edge("numbers", "resource.sizes.contains({a: 1})", "fails"),
    Edge("numbers", "resource.sizes.contains([1])", "fails"),
    Edge("numbers", "[[1], [2]].containsAll([[1]])", "holds"),
    Edge("numbers", "[[1], [2]].containsAny([[3], [2]])", "holds"),
    Edge("numbers", "[[1]].isEmpty()", "fails"),
    Edge("numbers", "[[1]] == [[1, 1]]", "holds"),
    Edge("numbers", "[[1]] == 1", "fails"),
    Edge("numbers", "[[1]] != [[2]]", "holds"),
    Edge("numbers", "[true, false].contains(true)", "holds"),
    Edge("numbers", '[datetime("1970-01-01")].contains(context.now)', "holds"),
    Edge("numbers", '[context.wait].contains(duration("0ms"))', "holds"),
    Edge("numbers", "principal.getTag(1) == 1", "errs"),
    Edge("numbers", 'context.amount.getTag("k") == 1', "errs"),
    Edge("numbers", 'context.amount.hasTag("k")', "errs"),
    Edge("numbers", "context.price.lessThan(1)", "errs"),
    Edge("numbers", "context.amount.toDate() == context.now", "errs"),
    Edge("numbers", "context.amount + true == 1", "errs"),
    Edge("numbers", "!context.amount", "errs"),
    Edge("numbers", "-principal == 1", "errs"),
    Edge("numbers", '(if context.amount == 0 then ["a"] else []).contains("a")', "holds"),
    Edge("numbers", '(if context.amount == 0 then [] else ["a"]).isEmpty()', "holds"),
    Edge("numbers", "(if context.amount == 0 then {a: 1} else {a: 2, b: 3}) has b", "fails"),
    Edge("numbers", "(if context.amount == 0 then {a: 1} else {a: 2, b: 3}).a == 1", "holds"),
    Edge("numbers", "(if context.amount == 1 then context.extra else 3) == 3", "holds"),
    Edge("numbers", "if context.amount then true else true", "errs"),
    Edge("numbers", "{a: context.amount}.b == 1", "errs"),
    Edge("numbers", "{a: {b: context.amount}}.a.b == 0", "holds"),
    Edge("numbers", "principal.home.on", "holds"),
    # Records with what is missing.
    Edge("numbers", "principal.home has zip", "fails"),
    Edge("numbers", "principal.home == {on: true}", "holds"),
    Edge("numbers", "principal.home == {on: true, zip: 0}", "fails"),
    Edge("numbers", "principal.home.zip == 0", "errs"),
    Edge("numbers", "context == {}", "fails"),
    # Texts.
    Edge("texts", 'context.token.id like "a*b"', "holds", {"token": {"id": "axb", "scopes": []}}),
    Edge("texts", 'context.token.id like "a\\*b"', "fails", {"token": {"id": "axb", "scopes": []}}),
    Edge("texts", 'context.token.id like "a\\*b"', "holds", {"token": {"id": "a*b", "scopes": []}}),
    Edge("texts", 'context.token.id like "ab*ba"', "fails", {"token": {"id": "aba", "scopes": []}}),
    Edge("texts", 'context.token.id like ""', "holds", {"token": {"id": "", "scopes": []}}),
    Edge("texts", 'context.token.id like "*"', "holds", {"token": {"id": "\n", "scopes": []}}),
    Edge("texts", 'context.token.id like "*"', "errs", {"token": {"scopes": []}}),
    Edge("texts", 'context.token.id == "\\u{e9}"', "fails", {"token": {"id": "e\u0301", "scopes": []}}),
    Edge("texts", 'context.words.contains("")', "holds", {"words": [""]}),
    Edge("texts", 'principal.getTag("k").contains("x")', "holds"),
    Edge(
        "texts",
        'principal.getTag(context.token.id).contains("x")',
        "errs",
        {"token": {"id": "l", "scopes": []}},
    ),
    Edge("texts", "principal.hasTag(context.token.id)", "holds", {"token": {"id": "k", "scopes": []}}),
    Edge("texts", "principal.hasTag(1)", "errs"),
    # Addresses that are written out.
    Edge("texts", 'ip("10.0.0.1") == 1', "fails"),
    Edge("texts", "context.words.isIpv4()", "errs"),
    Edge(
        "texts",
        '(if principal.name == "Me" then ip("10.0.0.1") else ip("10.0.0.1/32")) == ip("10.0.0.1")',
        "holds",
    ),
    Edge("texts", "principal.name + 1 == 2", "errs"),
    Edge("texts", 'ip("10.0.0.1/8") == ip("10.0.0.0/8")', "fails"),
    Edge("texts", 'ip("10.0.0.1") == ip("10.0.0.1/32")', "holds"),
    Edge("texts", 'ip("10.0.0.1/8").isInRange(ip("10.0.0.0/8"))', "holds"),
    Edge("texts", 'ip("0.0.0.0/0").isInRange(ip("10.0.0.0/8"))', "fails"),
    Edge("texts", 'ip("239.255.255.255").isMulticast() && !ip("240.0.0.0").isMulticast()', "holds"),
    Edge("texts", 'ip("127.0.0.0/7").isLoopback()', "fails"),
    Edge("texts", 'ip("::1").isInRange(ip("0.0.0.0/0"))', "fails"),
    Edge("texts", 'ip("10.0.0.1/40").isIpv4()', "errs"),
    Edge("texts", '[ip("10.0.0.1")].contains(ip("10.0.0.1/32"))', "holds"),
)

ENVIRONMENTS = {
    "numbers": Environment(principal="Account", action="read", resource="Doc"),
    "texts": Environment(principal="Person", action="enter", resource="Room"),
}

_CONTEXTS: dict[str, dict[str, Any]] = {
    "numbers": {"now": moment(0), "amount": 0, "price": _extension("decimal", "0.0"), "wait": _length(0)},
    "texts": {"words": [], "token": {"scopes": []}},
}

_STORES: dict[str, list[dict[str, Any]]] = {
    "numbers": [
        {
            "uid": {"type": "Account", "id": "me"},
            "attrs": {
                "level": 1,
                "born": moment(0),
                "home": {"on": True},
                "boss": _entity("Account", "nobody"),
            },
            "parents": [{"type": "Team", "id": "a"}],
            "tags": {"k": 1},
        },
        {"uid": {"type": "Team", "id": "a"}, "attrs": {}, "parents": [{"type": "Team", "id": "b"}]},
        {
            "uid": {"type": "Doc", "id": "doc"},
            "attrs": {"owner": _entity("Account", "me"), "sizes": [1, 2]},
            "parents": [],
        },
        {
            "uid": {"type": "Doc", "id": "empty"},
            "attrs": {"owner": _entity("Account", "me"), "sizes": []},
            "parents": [],
        },
    ],
    "texts": [
        {
            "uid": {"type": "Person", "id": "me"},
            "attrs": {"name": "Me", "langs": []},
            "parents": [],
            "tags": {"k": ["x"]},
        },
        {
            "uid": {"type": "Room", "id": "room"},
            "attrs": {"open": True, "keeper": _entity("Person", "me")},
            "parents": [],
        },
    ],
}

_RESOURCES = {"numbers": "doc", "texts": "room"}


def points(edge: Edge) -> list[tuple[CedarRequest, list[dict[str, Any]]]]:
    """The request and the store of an edge."""
    environment = ENVIRONMENTS[edge.schema]
    request = CedarRequest(
        EntityUid(environment.principal, "me"),
        EntityUid("Action", environment.action),
        EntityUid(environment.resource, _RESOURCES[edge.schema]),
        {**_CONTEXTS[edge.schema], **edge.context},
    )
    return [(request, _STORES[edge.schema])]
