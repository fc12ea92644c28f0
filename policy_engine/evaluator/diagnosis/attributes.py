"""Attributes and tags that aren't there, or may not be."""

from collections.abc import Iterable, Sequence
from typing import cast

from policy_engine.cedar import Binary, Expression, GetAttribute, Variable
from policy_engine.evaluator.diagnosis.case import STAND_IN, Case, Complaint
from policy_engine.evaluator.grouping import context_path
from policy_engine.evaluator.inference import (
    CedarType,
    EntityOf,
    Fault,
    RecordOf,
    as_authors_say,
    is_identifier,
    quoted,
)
from policy_engine.evaluator.nearest import closest, listed, with_article

__all__ = ["attribute", "tag"]

_CONTEXT = Variable("context")
_ARGUMENTS = GetAttribute(_CONTEXT, "arguments")
_GROUPS = {"group": "Group", "groups": "Group", "role": "Role", "roles": "Role"}


def attribute(case: Case, faults: Sequence[Fault]) -> Complaint:
    """Of one `target.name`, in each kind of request in which it isn't there or may not be."""
    node = cast("GetAttribute", faults[0].node)
    missing = [fault for fault in faults if fault.kind == "missing"]
    span = node.name_span or node.span
    if not missing:
        where = case.where(fault.environment.action for fault in faults)
        problem = f"`{case.text(node)}`{_declared(node, faults)} may be missing{where}"
        return Complaint(span, problem, _guard(case, node))
    if isinstance(missing[0].types[0], EntityOf):
        return Complaint(span, *_of_entity(case, node, missing))
    return Complaint(span, *_of_record(case, node, missing))


def _declared(node: GetAttribute, faults: Sequence[Fault]) -> str:
    """`, a String,`: what an argument is where it is there; not of what has the same type for everybody."""
    if (context_path(node) or ())[:1] != ("arguments",):
        return ""
    records = (fault.types[0] for fault in faults if isinstance(fault.types[0], RecordOf))
    types = dict.fromkeys(as_authors_say(record.fields[node.name].type) for record in records)
    return f", {' or '.join(types)}," if types else ""


def tag(case: Case, faults: Sequence[Fault]) -> Complaint:
    """Of one `target.getTag(name)`."""
    node = cast("Binary", faults[0].node)
    target, name = case.text(node.left), case.text(node.right)
    types = {fault.types[0].name for fault in faults if isinstance(fault.types[0], EntityOf)}
    known = case.vocabulary.entity_types
    without = sorted(name for name in types if name not in known or known[name].tags is None)
    if without:
        return Complaint(node.span, f"{with_article(without[0])} has no tags", "ask one of its attributes")
    problem = f"`{target}` may not have the tag {name}"
    return Complaint(node.span, problem, f"guard it: `{target}.hasTag({name}) && …`")


def _of_entity(case: Case, node: GetAttribute, missing: Sequence[Fault]) -> tuple[str, str]:
    lacking = _entity_types(missing)
    problem = f"{with_article(lacking[0])} has no attribute {_name(node)}"
    others = [name for name in _types_of(case, node.target) if name not in lacking]
    target = case.text(node.target)
    if others:
        kind = others[0]
        where = "in the head" if target in {"principal", "resource"} else "before it"
        return problem, f"only {with_article(kind)} has it: write `{target} is {kind}` {where}"
    if node.name in _GROUPS and target == "principal":
        return problem, f'ask whether they are in one: `principal in {_GROUPS[node.name]}::"…"`'
    type_ = case.vocabulary.entity_types.get(lacking[0])
    known = [] if type_ is None else sorted(type_.fields)
    if near := closest(node.name, known):
        return problem, f"did you mean `{near}`?"
    having = [name for name, other in case.vocabulary.entity_types.items() if node.name in other.fields]
    told = f"it has {listed(known)}" if known else "it has none"
    if lacking[0] in {"User", "Client"} and having:
        return problem, f"{told}; only {with_article(having[0])} has that"
    if type_ is not None and type_.tags is not None:
        tag_name = f'"{node.name}"'
        told += f"; configured claims are tags: `{target}.hasTag({tag_name})`"
    return problem, told


def _of_record(case: Case, node: GetAttribute, missing: Sequence[Fault]) -> tuple[str, str]:
    there = [fault.environment.action for fault in missing]
    lacking = case.everyone(there)
    having = case.everyone(action for action in _having(case, node) if action not in there)
    target = case.text(node.target)
    if node.target == _ARGUMENTS and (unseen := _unseen(case, node, lacking)):
        return unseen
    problem = f"`{target}` has no {_name(node)}{case.where(there)}"
    if node == _ARGUMENTS:
        return problem, _name_tools(case, having, node)
    if having:
        return problem, f"{_guard(case, node)}, or name those that have it: {_named(having)}"
    return problem, _nearest(case, node, missing, lacking)


def _nearest(case: Case, node: GetAttribute, missing: Sequence[Fault], lacking: Sequence[str]) -> str:
    types = [fault.types[0] for fault in missing]
    names = {name for type_ in types if isinstance(type_, RecordOf) for name in type_.fields}
    path = context_path(node.target)
    if path is not None:
        names |= case.alike.attributes(path, (fault.environment.action for fault in missing))
    known = sorted(names)
    near = closest(node.name, known)
    mean = f"did you mean `{near}`?" if near else ""
    if node.target == _ARGUMENTS:
        whose = f"arguments of {lacking[0]}" if len(lacking) == 1 else "arguments of these tools"
        told = f"{whose}: {listed(known, most=8)}" if known else f"{whose}: none"
        return f"{mean} {told}".strip()
    return mean or (f"it has {listed(known, most=8)}" if known else "it has nothing")


def _unseen(case: Case, node: GetAttribute, lacking: Sequence[str]) -> tuple[str, str] | None:
    """That no tool shows the argument, though all may take it; None if there is another reason."""
    if lacking != case.actions:
        return None
    reasons = {action: reason for action in lacking if (reason := _reason(case, node, action)) is not None}
    if not reasons and all(_unpinned(action) for action in lacking):
        return "policies can't see the arguments of tools that aren't pinned", "pin the tool, and name it"
    if not reasons or any(action not in reasons and not _unpinned(action) for action in lacking):
        return None
    tools, reason = listed(reasons), next(iter(reasons.values()))
    asked = f"context.unrepresentable.contains({quoted(node.name)})"
    return f"policies can't see {_name(node)} of {tools}: {reason}", f"ask whether it was given: `{asked}`"


def _reason(case: Case, node: GetAttribute, action: str) -> str | None:
    tool = case.deployment.tool(action)
    return None if tool is None else tool.unseen or tool.hidden.get(node.name)


def _unpinned(action: str) -> bool:
    return action.endswith("/?") or action == STAND_IN


def _name_tools(case: Case, having: Sequence[str], node: GetAttribute) -> str:
    tools = [action for action in having if not action.endswith("/?")]
    example = tools[0] if tools else "<server>/<tool>"
    advice = f'only calls of tools have arguments: name the tool, `action == Action::"{example}"`'
    return f"{advice}, or {_guard(case, node)}" if having else advice


def _name(node: GetAttribute) -> str:
    return f"`{node.name}`" if is_identifier(node.name) else quoted(node.name)


def _guard(case: Case, node: GetAttribute) -> str:
    name = node.name if is_identifier(node.name) else quoted(node.name)
    return f"guard it: `{case.text(node.target)} has {name} && …`"


def _named(actions: Iterable[str]) -> str:
    return listed(f'`Action::"{action}"`' for action in actions)


def _having(case: Case, node: Expression) -> list[str]:
    """The actions in which there is such an attribute."""
    found = (one.environment.action for one in case.inferred if one.types.get(id(node)) is not None)
    return list(dict.fromkeys(found))


def _types_of(case: Case, node: Expression) -> list[str]:
    types = (one.types.get(id(node)) for one in case.inferred)
    return _names(types)


def _entity_types(faults: Sequence[Fault]) -> list[str]:
    return _names(fault.types[0] for fault in faults)


def _names(types: Iterable[CedarType | None]) -> list[str]:
    return list(dict.fromkeys(type_.name for type_ in types if isinstance(type_, EntityOf)))
