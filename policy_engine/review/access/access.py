"""The whole matrix: for everybody and everything, what the policies come to."""

from types import MappingProxyType

from policy_engine.cedar import ScopeClause
from policy_engine.evaluator import StoredPolicy
from policy_engine.review.access.columns import columns_of
from policy_engine.review.access.knowledge import Knowledge
from policy_engine.review.access.matrix import Matrix
from policy_engine.review.access.rows import rows_of
from policy_engine.review.access.values import Access, PolicyText
from policy_engine.review.access.weighing import Policy, clause_text
from policy_engine.review.subject import Subject

__all__ = ["access"]


def access(subject: Subject) -> Access:
    """Tell who can do what, with what is certain and what depends.

    `always` and `never` are proofs, over all requests and all entities that there could be, by the
    three-valued fold; `may` is everything else, and says no more than that it is neither.

    Args:
        subject: what the review is about.
    """
    knowledge = Knowledge(subject)
    askers = rows_of(subject, knowledge)
    things = (*columns_of(subject, knowledge),)
    policies = [Policy.of(name, subject.tree(policy)) for name, policy in subject.running.items()]
    matrix = Matrix(policies, knowledge, askers, things)
    grid = tuple(
        tuple(matrix.cell(row, column) for column in range(len(things))) for row in range(len(askers))
    )
    texts = {name: _text(policy, subject) for name, policy in subject.policies.policies.items()}
    return Access(
        rows=tuple(asker.row for asker in askers),
        columns=tuple(asked.column for asked in things),
        cells=matrix.cells,
        grid=grid,
        policies=MappingProxyType(texts),
        notes=subject.notes,
    )


def _text(policy: StoredPolicy, subject: Subject) -> PolicyText:
    written, tree = policy.written, subject.tree(policy)
    return PolicyText(
        id=policy.id,
        effect=policy.effect,
        text=written.text,
        file=written.file,
        line=written.line,
        column=written.column,
        shadow=policy.shadow,
        guarded=policy.effective is not policy.written,
        head=(_said(tree.principal), _said(tree.action), _said(tree.resource)),
    )


def _said(clause: ScopeClause) -> tuple[str, ...]:
    """A part of a head, as what it is about: types and entities."""
    if clause.entities:
        return tuple(str(literal.uid) for literal in clause.entities)
    if clause.type is not None:
        return (clause.type,)
    return () if clause.operator == "all" else (clause_text(clause),)
