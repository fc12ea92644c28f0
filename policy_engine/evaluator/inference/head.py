"""A policy's head as conditions, which is what it is to the validator."""

from collections.abc import Iterator

from policy_engine.cedar import (
    Binary,
    BinaryOperator,
    Expression,
    IsType,
    PolicyTree,
    ScopeClause,
    SetLiteral,
    Variable,
)

__all__ = ["clauses", "condition_of"]


def clauses(tree: PolicyTree) -> Iterator[ScopeClause]:
    """The three parts of the head, in order."""
    yield from (tree.principal, tree.action, tree.resource)


def condition_of(clause: ScopeClause) -> Expression | None:
    """The same, said in a condition; None where the clause says nothing, or has a slot."""
    if clause.operator == "all" or clause.slot is not None:
        return None
    variable = Variable(clause.variable)
    if clause.type is not None:
        return IsType(variable, clause.type, clause.entities[0] if clause.entities else None)
    several = len(clause.entities) != 1
    operator: BinaryOperator = "==" if clause.operator == "==" else "in"
    return Binary(operator, variable, SetLiteral(clause.entities) if several else clause.entities[0])
