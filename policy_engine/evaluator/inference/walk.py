"""What is written in a policy, in the order of its text."""

from collections.abc import Iterator

from policy_engine.cedar import EntityLiteral, Expression, PolicyTree, walk
from policy_engine.evaluator.inference.head import clauses

__all__ = ["entity_literals", "nodes"]


def entity_literals(tree: PolicyTree) -> Iterator[EntityLiteral]:
    """Every uid that is written in a policy, head first."""
    for clause in clauses(tree):
        yield from clause.entities
    yield from (node for node in nodes(tree) if isinstance(node, EntityLiteral))


def nodes(tree: PolicyTree) -> Iterator[Expression]:
    """Every node of the conditions, outer before inner."""
    for condition in tree.conditions:
        yield from walk(condition.body)
