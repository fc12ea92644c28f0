"""Which part of a condition makes it false for every request, and what its author may have meant."""

from collections.abc import Iterable

from policy_engine.cedar import (
    Binary,
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    IsType,
    Unary,
    Variable,
)
from policy_engine.evaluator.diagnosis import Complaint, same_kind
from policy_engine.evaluator.grouping import context_path
from policy_engine.evaluator.inference import Constant, EntityOf, RecordOf, nodes
from policy_engine.evaluator.nearest import closest, listed, with_article
from policy_engine.evaluator.places import text_of
from policy_engine.evaluator.warnings.surveying.survey import Subject, Survey

__all__ = ["always", "blamed", "why_never_there"]

_HAS_ACTOR = HasAttribute(Variable("context"), "actor")
_ARGUMENTS = GetAttribute(Variable("context"), "arguments")
_MANY = 8


def always(node: Expression, subject: Subject, *, value: bool) -> bool:
    """Whether a node is known to be this in every kind of request in which the validator looks at it."""
    types = [inferred.types[id(node)] for inferred in subject.inferred if id(node) in inferred.types]
    return bool(types) and all(type_ == Constant(value) for type_ in types)


def blamed(subject: Subject, survey: Survey) -> Complaint:
    """Why the conditions of a policy never hold."""
    if survey.validator.reaches(subject.policy.written):
        return _guarded(subject)
    for condition in subject.tree.conditions:
        never = condition.kind == "unless"
        if not always(condition.body, subject, value=never):
            continue
        if any(id(condition.body) not in inferred.types for inferred in subject.inferred):
            problem = "this doesn't hold where the conditions before it do"
            return Complaint(condition.body.span, problem, "compare the conditions")
        return _said(*_innermost(condition.body, subject, value=never), subject, survey)
    # Hundreds of operators in one chain: nothing is known of them.
    span = subject.tree.conditions[0].body.span
    return Complaint(span, "its conditions never hold together", "compare each with what the head admits")


def _guarded(subject: Subject) -> Complaint:
    """That a permit asks for an agent, and isn't for agents."""
    asked = next(node for node in nodes(subject.tree) if node == _HAS_ACTOR)
    problem = "it asks for an agent that acts for a person, and without `@delegable` it isn't for agents"
    return Complaint(asked.span, problem, "add `@delegable`")


def _innermost(node: Expression, subject: Subject, *, value: bool) -> tuple[Expression, bool]:
    """The part that alone makes a node what it always is, and what that part always is."""
    decisive = {"&&": False, "||": True}
    if isinstance(node, Unary) and node.operator == "!":
        return _innermost(node.operand, subject, value=not value)
    if isinstance(node, Binary) and decisive.get(node.operator) is value:
        for side in (node.left, node.right):
            if _decides(side, node, subject, value=value):
                return _innermost(side, subject, value=value)
    return node, value


def _decides(side: Expression, node: Expression, subject: Subject, *, value: bool) -> bool:
    types = [inferred.types for inferred in subject.inferred if id(node) in inferred.types]
    return all(known.get(id(side)) == Constant(value) for known in types)


def _said(node: Expression, value: bool, subject: Subject, survey: Survey) -> Complaint:  # noqa: FBT001 -- what it always is
    if not value and isinstance(node, HasAttribute):
        return Complaint(node.name_span or node.span, *why_never_there(node, subject, survey))
    if not value and isinstance(node, Binary) and isinstance(node.right, EntityLiteral):
        explained = _of_entity(node, node.right, subject, survey)
        if explained is not None:
            return explained
    problem = f"`{text_of(subject.policy.written, node)}` is always {str(value).lower()}"
    if isinstance(node, IsType) and (types := _types(node.target, subject)):
        text = text_of(subject.policy.written, node.target)
        return Complaint(node.span, problem, f"here `{text}` is {_either(types)}")
    return Complaint(node.span, problem, "mend it, or remove the policy")


def _of_entity(node: Binary, literal: EntityLiteral, subject: Subject, survey: Survey) -> Complaint | None:
    """Why something is never in an entity, or never is that entity."""
    actions = survey.vocabulary.actions
    if literal.uid.type == "Action" and literal.uid.id in actions:
        if node.operator == "==" and not actions[literal.uid.id].principals:
            problem = f"`{literal.uid}` is a group of actions, and is never asked for itself"
            return Complaint(literal.span, problem, f"groups go with `in`: `action in {literal.uid}`")
        problem = f"the head doesn't admit `{literal.uid}`"
        return Complaint(literal.span, problem, "name an action that it admits")
    types = _types(node.left, subject)
    if node.operator == "in" and types:
        return same_kind(types[0], literal, survey.vocabulary)
    if node.operator == "==" and types and literal.uid.type not in types:
        text = text_of(subject.policy.written, node.left)
        problem = f"`{text}` is {_either(types)}, never {with_article(literal.uid.type)}"
        known = survey.vocabulary.entity_types.get(types[0])
        group = known is not None and literal.uid.type in known.ancestors
        remedy = f"groups go with `in`: `{text} in {literal.uid}`" if group else _OTHER
        return Complaint(literal.span, problem, remedy)
    return None


def _either(types: Iterable[str]) -> str:
    return " or ".join(map(with_article, types))


_OTHER = "compare it with one of its own type"


def why_never_there(node: HasAttribute, subject: Subject, survey: Survey) -> tuple[str, str]:
    """That no request has an attribute, and which was meant."""
    written, name = subject.policy.written, node.name
    problem = f"`{text_of(written, node.target)}` never has `{name}`"
    if node.target == _ARGUMENTS and survey.unseen.of(name) & subject.actions:
        return (
            problem,
            f'policies can\'t see it; ask whether it was given: `context.unrepresentable.contains("{name}")`',
        )
    known = sorted(_fields(node.target, subject, survey))
    if near := closest(name, known):
        return problem, f"did you mean `{near}`?"
    return problem, f"it has {listed(known, most=_MANY)}" if known else "it has nothing"


def _fields(node: Expression, subject: Subject, survey: Survey) -> set[str]:
    """Every attribute that something may have."""
    found: set[str] = set()
    records: list[str] = []
    for inferred in subject.inferred:
        type_ = inferred.types.get(id(node))
        if isinstance(type_, RecordOf):
            found |= type_.fields.keys()
            records.append(inferred.environment.action)
        if isinstance(type_, EntityOf) and (known := survey.vocabulary.entity_types.get(type_.name)):
            found |= known.fields.keys()
    path = context_path(node)
    if path is not None:
        found |= subject.alike.attributes(path, records)
    return found


def _types(node: Expression, subject: Subject) -> list[str]:
    """The types of entities that something may be."""
    types = (inferred.types.get(id(node)) for inferred in subject.inferred)
    return list(dict.fromkeys(type_.name for type_ in types if isinstance(type_, EntityOf)))
