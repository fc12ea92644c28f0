"""Heads that no request can have: which part of one is to blame, and what its author meant."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policy_engine.cedar import EntityLiteral, PolicyTree, ScopeClause
from policy_engine.evaluator.diagnosis.case import Complaint
from policy_engine.evaluator.inference import Environment, Vocabulary, admits
from policy_engine.evaluator.nearest import with_article

__all__ = ["no_action", "same_kind"]

_ASKING: Mapping[str, str] = MappingProxyType(
    {"principal": "never asks for anything", "resource": "is never what is asked for"}
)

_OF_OTHERS: Mapping[str, str] = MappingProxyType(
    {
        "User": "`User` has groups of its own: `Group` and `Role`",
        "Client": "`Client` has groups of its own: `ClientGroup` and `ClientRole`",
    }
)


def no_action(tree: PolicyTree, vocabulary: Vocabulary) -> Complaint:
    """Why no action goes with the head of a policy."""
    every = list(vocabulary.environments())
    left = every
    for clause in (tree.action, tree.principal, tree.resource):
        alone = [environment for environment in every if admits(clause, vocabulary, environment)]
        if not alone:
            return _alone(clause, vocabulary)
        both = [environment for environment in left if environment in alone]
        if not both:
            return _together(tree, clause, left)
        left = both
    return Complaint(tree.span, "no request can have this head", _COMPARE)


_COMPARE = "compare it with the schema: `policy-engine schema`"


def same_kind(type_: str, above: EntityLiteral, vocabulary: Vocabulary) -> Complaint | None:
    """That entities of one type are never in one of another, and what they can be in."""
    known = vocabulary.entity_types.get(type_)
    if known is None or above.uid.type in known.ancestors:
        return None
    problem = f"{with_article(type_)} is never in {with_article(above.uid.type)}"
    if type_ in _OF_OTHERS:
        return Complaint(above.span, problem, _OF_OTHERS[type_])
    groups = sorted(known.ancestors - {type_})
    remedy = f"it can be in {_one_of(groups)}" if groups else "compare it with `==`"
    return Complaint(above.span, problem, remedy)


def _alone(clause: ScopeClause, vocabulary: Vocabulary) -> Complaint:
    if clause.variable == "action":
        return _action(clause)
    literal = clause.entities[0] if clause.entities else None
    if clause.operator == "is in" and literal is not None:
        blamed = same_kind(clause.type or "", literal, vocabulary)
        if blamed is not None:
            return blamed
    types = _types(clause.variable, vocabulary.environments())
    type_ = clause.type or (literal.uid.type if literal is not None else "")
    holders = [name for name in types if type_ in vocabulary.entity_types[name].ancestors]
    if clause.operator == "in" and literal is not None:
        problem = f"no {clause.variable} is ever in {with_article(type_)}"
        above = {name for kind in types for name in vocabulary.entity_types[kind].ancestors} - set(types)
        return Complaint(literal.span, problem, f"it can be in {_one_of(sorted(above))}")
    problem = f"{with_article(type_)} {_ASKING[clause.variable]}"
    span = clause.span if literal is None else literal.span
    if holders:
        name = f'{type_}::"…"' if literal is None else str(literal.uid)
        return Complaint(span, problem, f"write `{clause.variable} in {name}`")
    return Complaint(span, problem, f"a {clause.variable} is {_one_of(types)}")


def _action(clause: ScopeClause) -> Complaint:
    # Groups without a member were given one, so it is not `in`.
    (literal,) = clause.entities
    problem = f"`{literal.uid}` is a group of actions, and is never asked for itself"
    return Complaint(literal.span, problem, f"groups go with `in`: `action in {literal.uid}`")


def _together(tree: PolicyTree, clause: ScopeClause, left: Iterable[Environment]) -> Complaint:
    actions = tree.action.entities
    action = f"`{actions[0].uid}`" if len(actions) == 1 else "what the head names"
    types = _types(clause.variable, left)
    literal = clause.entities[0] if clause.entities else None
    type_ = clause.type or (literal.uid.type if literal is not None else "")
    span = clause.span if literal is None else literal.span
    problem = f"{action} is done to {_one_of(types)}, never to {with_article(type_)}"
    remedy = f"write `resource is {types[0]}`, or leave it open: `resource`"
    if literal is not None and clause.operator == "==" and type_ == "Server":
        remedy = f"write `resource in {literal.uid}`"
    return Complaint(span, problem, remedy)


def _types(variable: str, environments: Iterable[Environment]) -> list[str]:
    return list(dict.fromkeys(getattr(environment, variable) for environment in environments))


def _one_of(names: Iterable[str]) -> str:
    *first, last = [with_article(name) for name in names]
    return f"{', '.join(first)} or {last}" if first else last
