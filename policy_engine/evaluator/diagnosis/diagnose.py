"""What Cedar's validator says of a policy → errors at the parts it speaks of, in an author's words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from policy_engine.cedar import Binary, Call, Finding, IsType, Policy, PolicyTree, Span
from policy_engine.errors import PolicyError
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.diagnosis.attributes import attribute, tag
from policy_engine.evaluator.diagnosis.case import Case, Complaint
from policy_engine.evaluator.diagnosis.comparisons import incompatible
from policy_engine.evaluator.diagnosis.heads import no_action
from policy_engine.evaluator.diagnosis.operands import unexpected
from policy_engine.evaluator.diagnosis.ordering import ORDERING
from policy_engine.evaluator.diagnosis.texts import computed, empty, unreadable
from policy_engine.evaluator.grouping import Alike
from policy_engine.evaluator.inference import (
    Fault,
    FaultKind,
    Vocabulary,
    clauses,
    entity_literals,
    infer,
    kind_of,
    nodes,
)
from policy_engine.evaluator.nearest import nearest_type
from policy_engine.evaluator.places import error_at, written_tree

__all__ = ["diagnose"]

CODE = "policy_schema"

_WORDS: Mapping[FaultKind, Callable[[Case, Sequence[Fault]], Complaint]] = MappingProxyType(
    {
        "missing": attribute,
        "optional": attribute,
        "tag": tag,
        "incompatible": incompatible,
        "unexpected": unexpected,
        "computed": computed,
        "unreadable": unreadable,
        "empty": empty,
    }
)

_BOTH = frozenset({"in", *ORDERING})
"""Operators both operands of which are spoken of together."""

_COMPARE = "compare with the schema: `policy-engine schema`"
_UNKNOWN_TYPE = "unrecognized entity type `"


def diagnose(
    policy: Policy, findings: Sequence[Finding], alike: Alike, deployment: Deployment
) -> tuple[PolicyError, ...]:
    """Place and explain what the validator found, each part of the policy once, in the order of its text.

    Args:
        policy: what its author wrote.
        findings: what the validator said of it; nothing that it said is left out.
        alike: the actions that it was validated against, and those that each stands for.
        deployment: what else is known of its tools.
    """
    tree = written_tree(policy)
    try:
        complaints = [*_complaints(policy, tree, findings, alike, deployment)]
    except RecursionError:  # hundreds of operators in one chain
        complaints = [Complaint(_first(tree), finding.message, _COMPARE) for finding in findings]
    placed = [error_at(policy, each.span, each.problem, each.remedy, code=CODE) for each in complaints]
    return tuple(sorted(placed, key=lambda error: (error.line or 0, error.column or 0)))


def _complaints(
    policy: Policy,
    tree: PolicyTree,
    findings: Sequence[Finding],
    alike: Alike,
    deployment: Deployment,
) -> Iterator[Complaint]:
    vocabulary = alike.vocabulary
    unknown = [finding for finding in findings if finding.message.startswith(_UNKNOWN_TYPE)]
    for finding in unknown:
        yield from _unknown_type(policy, tree, finding.message.split("`")[1], vocabulary)
    if any(finding.no_action for finding in findings):
        if not unknown:
            yield no_action(tree, vocabulary)
        return
    inferred = tuple(infer(tree, vocabulary))
    case = Case(
        policy=policy,
        tree=tree,
        vocabulary=vocabulary,
        deployment=deployment,
        inferred=inferred,
        alike=alike,
    )
    by_sentence: dict[str, list[Fault]] = {}
    by_kind: dict[FaultKind | None, list[Fault]] = {}
    for fault in (fault for one in inferred for fault in one.faults):
        by_sentence.setdefault(fault.sentence, []).append(fault)
        by_kind.setdefault(fault.kind, []).append(fault)
    meant: list[Fault] = []
    for finding in findings:
        # Where no fault is put as the validator puts it, all of that kind are meant.
        found = by_sentence.get(finding.message) or by_kind.get(kind_of(finding.message)) or []
        meant += found
        if not found and finding not in unknown:
            yield Complaint(_first(tree), finding.message, _COMPARE)
    for group in _by_part(meant):
        yield _WORDS[group[0].kind](case, group)


def _by_part(faults: Sequence[Fault]) -> Iterator[list[Fault]]:
    """Faults of one part together, each once.

    That an attribute is missing, or may be, is one matter; so are the sides of a comparison.
    """
    groups: dict[tuple[int, str], dict[int, Fault]] = {}
    for fault in faults:
        matter = "missing" if fault.kind == "optional" else fault.kind
        part = fault.within if _spoken_of_together(fault) else fault.node
        groups.setdefault((id(part), matter), {})[id(fault)] = fault
    return (sorted(group.values(), key=_start) for group in groups.values())


def _start(fault: Fault) -> int:
    return 0 if fault.node.span is None else fault.node.span.start


def _spoken_of_together(fault: Fault) -> bool:
    if isinstance(fault.within, Binary):
        return fault.within.operator in _BOTH
    return isinstance(fault.within, Call)


def _unknown_type(policy: Policy, tree: PolicyTree, name: str, vocabulary: Vocabulary) -> Iterator[Complaint]:
    remedy = nearest_type(name, vocabulary.entity_types)
    spans = [literal.span for literal in entity_literals(tree) if literal.uid.type == name]
    spans += [clause.span for clause in clauses(tree) if clause.type == name]
    spans += [node.span for node in nodes(tree) if isinstance(node, IsType) and node.type == name]
    for span in spans:
        yield Complaint(_word(policy, span, name), f"`{name}` isn't a type of entity", remedy)


def _word(policy: Policy, span: Span | None, word: str) -> Span | None:
    """The place of a type's name in a part of a policy that is written on one line; else of that part."""
    text = "" if span is None else policy.text[span.start : span.end]
    if span is None or word not in text or "\n" in text:
        return span
    at = text.index(word)
    return Span(span.start + at, span.start + at + len(word), span.line, span.column + at)


def _first(tree: PolicyTree) -> Span | None:
    return tree.conditions[0].body.span if tree.conditions else tree.span
