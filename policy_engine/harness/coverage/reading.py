"""A policy → the places in it that are counted; each policy is parsed once."""

from dataclasses import replace
from typing import cast

from policy_engine.cedar import Condition, Expression, PolicyTree, ScopeClause, Span, read_tree
from policy_engine.evaluator import StoredPolicy
from policy_engine.harness.coverage.conditions import conditions_in
from policy_engine.harness.coverage.places import ClausePlace, Place, PolicyPlace
from policy_engine.harness.coverage.possible import possible_kinds, possible_outcomes

__all__ = ["place_of"]


def place_of(policy: StoredPolicy) -> PolicyPlace:
    """What is counted of a policy, with nothing counted yet."""
    runs = policy.effective
    tree = read_tree(runs.text, file=runs.file, line=runs.line, column=runs.column)
    guarded = policy.effective is not policy.written
    # What the loader adds stands behind all that is written.
    written = replace(tree, conditions=tree.conditions[:-1]) if guarded else tree
    return PolicyPlace(
        policy=policy,
        tree=written,
        guard=tree.conditions[-1] if guarded else None,
        head=_head(policy, written),
        kinds=possible_kinds(tree),
        clauses=tuple(_clause(condition, policy, written) for condition in written.conditions),
    )


def _clause(condition: Condition, policy: StoredPolicy, tree: PolicyTree) -> ClausePlace:
    text = policy.written.text

    def possible(node: Expression) -> frozenset[bool]:
        return possible_outcomes(node, tree)

    def part(node: Expression) -> Place:
        span = _span(node)
        return Place(node=node, span=span, text=text[span.start : span.end], possible=possible(node))

    whole, body = _span(condition), _span(condition.body)
    return ClausePlace(
        node=condition.body,
        span=body,
        text=text[body.start : body.end],
        possible=possible(condition.body),
        word=condition.kind,
        whole=whole,
        conditions=tuple(part(node) for node in conditions_in(condition.body)),
    )


def _head(policy: StoredPolicy, tree: PolicyTree) -> Span:
    first, last = cast("Span", tree.effect_span), _span(tree.resource)
    commented = {at for comment in tree.comments for at in range(comment.start, comment.end)}
    text = policy.written.text
    end = next(at for at in range(last.end, len(text)) if text[at] == ")" and at not in commented)
    return Span(first.start, end + 1, first.line, first.column)


def _span(part: Expression | Condition | ScopeClause) -> Span:
    """Where it is written: it was read from text."""
    return cast("Span", part.span)
