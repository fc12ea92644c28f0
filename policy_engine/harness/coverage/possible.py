"""What could ever come of a policy and its parts, so that nobody is asked to test what can't be."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from policy_engine.cedar import (
    ANYTHING,
    NOTHING_KNOWN,
    Expression,
    Facts,
    GetAttribute,
    HasAttribute,
    KnownEntities,
    PartialRequest,
    PolicyTree,
    Shape,
    Unknown,
    Variable,
    fold_clause,
    fold_expression,
    fold_policy,
    record,
    walk,
)
from policy_engine.harness.coverage.kinds import KINDS, Kind

__all__ = ["possible_kinds", "possible_outcomes"]

_GROUPS: Mapping[str | None, frozenset[str]] = MappingProxyType(
    {"User": frozenset({"Group", "Role"}), "Client": frozenset({"ClientGroup", "ClientRole"})}
)
"""The schema lets people and machines be in nothing that both could be in."""


def possible_kinds(tree: PolicyTree) -> frozenset[Kind]:
    """Kinds of principals to whom a policy could apply, whatever else they ask with.

    Args:
        tree: what runs, guards included.
    """
    return frozenset(kind for kind, request in _anybody(tree) if fold_policy(tree, request).may_be_satisfied)


def possible_outcomes(expression: Expression, tree: PolicyTree) -> frozenset[bool]:
    """What a part of a policy could come to, for whomever its head may admit."""
    found: set[bool] = set()
    for _, request in _anybody(tree):
        folded = fold_expression(expression, request)
        if fold_clause(tree.principal, request).holds is not False and folded.value is not None:
            found |= {True, False} if folded.holds is None else {folded.holds}
    return frozenset(found)


def _anybody(tree: PolicyTree) -> Iterator[tuple[Kind, PartialRequest]]:
    """For each kind, a request of which nothing else is known."""
    read = frozenset(_context_names(tree)) - {"actor"}
    entities = KnownEntities(unlisted=NOTHING_KNOWN, unnamed=_facts)
    for kind in KINDS:
        fields: dict[str, Shape] = dict.fromkeys(read, ANYTHING)
        if kind == "delegated":
            fields["actor"] = Unknown("entity", "Client")
        principal = Unknown("entity", "Client" if kind == "Client" else "User")
        context = record(fields, read)
        yield kind, PartialRequest(principal=principal, context=context, entities=entities)


def _context_names(tree: PolicyTree) -> Iterator[str]:
    for condition in tree.conditions:
        for node in walk(condition.body):
            match node:
                case GetAttribute(Variable("context"), name) | HasAttribute(Variable("context"), name):
                    yield name
                case _:
                    pass


def _facts(type_: str | None) -> Facts:
    return Facts(attributes=Unknown("record"), tags=Unknown("record"), more=_GROUPS.get(type_), exists=None)
