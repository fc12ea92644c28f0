"""In a whole deployment, with all that the engine guarantees of requests: every model is confirmed."""

from collections.abc import Callable
from typing import Any

from policy_engine.review.solving import Query, Sat
from policy_engine.review.symbolic import FALSE, Point, Term, World, allowed, evaluate, leaves
from policy_engine.review.witness import Concrete, Ruling, concretize

POLICIES = """
@id("texts") permit (principal is User, action in Action::"read_only", resource)
when { context.arguments.env like "prod-*-x" && context.token.scopes.containsAll(["a", "b"]) };
@id("group") permit (principal in ClientGroup::"machines/stock", action, resource)
unless { principal.hasTag("team") && principal.getTag("team").contains("x") };
@id("agent") @delegable permit (principal is User, action, resource)
when { context has actor && context.actor in ClientGroup::"machines/stock" && principal.issuer == "corp"
       && principal has email && principal.email like "*@x" };
@id("overflow") forbid (principal, action == Action::"read_resource", resource)
when { resource has port && resource.port * 2 > 80 && context.time > datetime("2024-01-01") };
@id("uri") permit (principal is Client, action == Action::"read_resource", resource in Server::"lab")
when { resource.uri like "file://*" && resource has host && principal.issuer != "machines" };
@id("named") permit (principal == User::"corp/ann", action == Action::"lab/?", resource == Tool::"lab/stir");
"""
ENTITIES = [
    {"uid": {"type": "Group", "id": "corp/eng"}, "parents": [{"type": "Group", "id": "corp/all"}]},
    {
        "uid": {"type": "Client", "id": "machines/bot"},
        "parents": [{"type": "ClientGroup", "id": "machines/stock"}],
    },
    {"uid": {"type": "Tool", "id": "lab/stir"}, "parents": [{"type": "ToolGroup", "id": "fine"}]},
]

ACTIONS = {"ping", "complete", "get_task", "read_resource", "shop/look", "lab/?"}
"""One of each kind; others differ in their names alone."""


def test_every_model_is_confirmed(deployed: Callable[..., Any]) -> None:
    """Of whatever is allowed, of each policy that is satisfied and that errs, in every kind of request."""
    place = deployed(POLICIES, ENTITIES)
    asked: list[tuple[World, Term, str, tuple[bool, bool] | None]] = []
    for environment in place.setting.environments():
        if environment.action not in ACTIONS:
            continue
        world = place.setting.world(environment)
        encoded = place.encoded(world)
        asked.append((world, allowed(encoded.values()), "", None))
        for name, each in encoded.items():
            asked.append((world, each.satisfied, name, (True, False)))
            asked.append((world, each.errs, name, (False, True)))
    asked = [item for item in asked if item[1] is not FALSE]
    whole = [(world.wellformed(goal), goal) for world, goal, _, _ in asked]
    queries = [Query(assertions=terms, ask=tuple(leaves(*terms))) for terms in whole]
    seen: set[str] = set()
    for (world, goal, name, expected), terms, answer in zip(
        asked, whole, place.solver.solve_all(queries), strict=True
    ):
        if isinstance(answer, Sat):
            concrete = concretize(answer, world, about=terms)
            told = place.court.confirm(
                concrete,
                allowed=True if expected is None else None,
                policies={} if expected is None else {name: expected},
            )
            assert isinstance(told, Ruling), (told, world.environment, name, concrete)
            assert evaluate(goal, _point(concrete, world)) is True
            seen.add(f"{name} {expected}")

    assert seen == {
        " None",
        "agent (True, False)",
        "group (True, False)",
        "named (True, False)",
        "overflow (False, True)",
        "overflow (True, False)",
        "texts (True, False)",
        "uri (True, False)",
    }


def _point(concrete: Concrete, world: World) -> Point:
    return Point(concrete.request, concrete.entities, world.ids)
