"""A policy's head: never an error, and mostly settled by types alone."""

from policy_engine.cedar import ScopeClause
from policy_engine.review.symbolic.encoding.access import within
from policy_engine.review.symbolic.simplify import conjunction, constant, disjunction, equal
from policy_engine.review.symbolic.terms import FALSE, TRUE, Term
from policy_engine.review.symbolic.values import EntityValue
from policy_engine.review.symbolic.world import World

__all__ = ["admits"]


def admits(principal: ScopeClause, action: ScopeClause, resource: ScopeClause, world: World) -> Term | None:
    """Whether a head admits the request; None if it has slots, or says what isn't followed."""
    asked = _action(action, world)
    if asked is FALSE:
        return FALSE
    who = _entity(principal, world.principal, world)
    if who is FALSE:
        return FALSE
    what = _entity(resource, world.resource, world)
    if what is FALSE:
        return FALSE
    if asked is None or who is None or what is None:
        return None
    return conjunction(who, what)


def _action(clause: ScopeClause, world: World) -> Term | None:
    match clause.operator:
        case "all":
            return TRUE
        case "==" if clause.slot is None:
            return constant(clause.entities[0].uid == world.action_uid)
        case "in" if clause.slot is None:
            groups = world.groups
            uids = (literal.uid for literal in clause.entities)
            return constant(any(uid.type == "Action" and uid.id in groups for uid in uids))
        case _:
            return None


def _entity(clause: ScopeClause, asked: EntityValue, world: World) -> Term | None:
    if clause.type is not None and clause.type != asked.type:
        return FALSE
    operator: str = clause.operator
    match operator:
        case "all" | "is":
            return TRUE
        case "==" | "in" | "is in" if clause.slot is not None:
            return None
        case "==":
            uid = clause.entities[0].uid
            if uid.type != asked.type:
                return FALSE
            return equal(asked.term, constant(world.ids.number(uid.id)))
        case "in" | "is in":
            parts: list[Term] = []
            for literal in clause.entities:
                ancestor = EntityValue(literal.uid.type, constant(world.ids.number(literal.uid.id)))
                part = within(world, asked, ancestor)
                if part is None:
                    return None
                parts.append(part)
            return disjunction(*parts)
        case _:
            return None
