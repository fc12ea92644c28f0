"""Principal, action and resource: what a policy needs of each, and how that is said.

A policy's head has a clause for each; conditions may say the same of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from policy_engine.cedar import ScopeClause, fold_clause
from policy_engine.evaluator.explanation.findings import Finding, Reading, Subject
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.model import EntityUid

__all__ = [
    "clause_need",
    "clause_reason",
    "listed",
    "must_not_be",
    "must_not_be_a",
    "must_not_be_in",
    "needs_entity",
    "needs_group",
    "needs_type",
]

_MEMBERS: Mapping[str, str] = MappingProxyType(
    {"Group": "User", "Role": "User", "ClientGroup": "Client", "ClientRole": "Client"}
)
"""Who can be in a group of each type: humans and machines share none."""

_PRINCIPALS = frozenset({"User", "Client"})
_SUBJECTS: Mapping[str, Subject] = MappingProxyType({"action": "action", "resource": "resource"})


def clause_need(clause: ScopeClause, scene: Scene) -> Finding | None:
    """Why a clause of a policy's head doesn't fit; None if it does."""
    if fold_clause(clause, scene.folded).holds:
        return None
    uids = [literal.uid for literal in clause.entities]
    if clause.type is not None and clause.type != scene.uid(clause.variable).type:
        found = needs_type(clause.variable, clause.type, scene)
    elif clause.operator == "==":
        found = needs_entity(clause.variable, uids[0], scene)
    else:
        found = needs_group(clause.variable, uids, scene)
    return replace(found, span=clause.span)


def clause_reason(clause: ScopeClause, scene: Scene) -> Finding | None:
    """How a clause that fits narrows its policy down; None if it doesn't."""
    if clause.operator == "all":
        return None
    subject: Subject = (
        "kind" if clause.operator == "is" else "principal" if clause.operator == "==" else "group"
    )
    text = f"`{_written(clause)}` fits {scene.uid(clause.variable)}"
    return replace(_finding(subject, text, "", clause.variable, scene), span=clause.span)


def needs_type(variable: str, type_: str, scene: Scene) -> Finding:
    """Another type is needed: often, a human in place of a machine."""
    text = f"needs {_article(type_)}, {_is(variable)} {_article(scene.uid(variable).type)}"
    return _finding("kind", text, type_, variable, scene)


def needs_entity(variable: str, wanted: EntityUid, scene: Scene) -> Finding:
    """One certain principal, action or resource is needed."""
    uid = scene.uid(variable)
    subject: Subject = "principal" if wanted.type == uid.type else "kind"
    return _finding(subject, f"needs {wanted}, {_is(variable)} {uid}", str(wanted), variable, scene)


def needs_group(variable: str, wanted: Sequence[EntityUid], scene: Scene) -> Finding:
    """Membership in a group, or in one of several, is needed."""
    uid, groups = scene.uid(variable), listed(map(str, wanted), "or") or "an empty set"
    if variable != "principal":
        what = "an action" if variable == "action" else "something"
        text = f"needs {what} in {groups}, this is {uid}"
        return _finding("group", text, f"in {groups}", variable, scene)
    members = {_MEMBERS.get(group.type, group.type) for group in wanted}
    if uid.type not in members and members <= _PRINCIPALS and members:
        kinds = listed(sorted(map(_article, members)), "or")
        text = f"needs {kinds} in {groups}, you are {_article(uid.type)}"
        return _finding("kind", text, "|".join(sorted(members)), variable, scene)
    types = sorted({group.type for group in wanted})
    own = listed(map(str, scene.groups(variable, types)), "and")
    none = f"no {listed(types, 'or') or 'such'}"
    text = f"not in {groups}; you are in {own or none}"
    return _finding("group", text, groups, variable, scene)


def must_not_be(variable: str, scene: Scene) -> Finding:
    """Anybody, or anything, but this would do."""
    uid = scene.uid(variable)
    return _finding("principal", f"{_is(variable)} {uid}, and must not be", "not", variable, scene)


def must_not_be_a(variable: str, type_: str, scene: Scene) -> Finding:
    """Another type would do."""
    return _finding(
        "kind", f"{_is(variable)} {_article(type_)}, and must not be", f"not {type_}", variable, scene
    )


def must_not_be_in(variable: str, groups: Sequence[EntityUid], scene: Scene) -> Finding:
    """Membership in a group, or in one of several, stands in the way."""
    names = listed(map(str, groups), "or")
    return _finding("group", f"{_is(variable)} in {names}, and must not be", f"not {names}", variable, scene)


def listed(words: Iterable[str], last: str) -> str:
    """`a, b or c`."""
    *most, final = [*words] or [""]
    return f"{', '.join(most)} {last} {final}" if most else final


def _finding(subject: Subject, text: str, what: str, variable: str, scene: Scene) -> Finding:
    """A finding; one that isn't about the principal is about the action or the resource, whatever it says."""
    subject = _SUBJECTS.get(variable, subject)
    reading = Reading(variable, str(scene.uid(variable)))
    return Finding(subject=subject, text=text, name=f"{subject} {what}".rstrip(), readings=(reading,))


def _written(clause: ScopeClause) -> str:
    type_ = "" if clause.type is None else f" is {clause.type}"
    uids = [str(literal.uid) for literal in clause.entities]
    right = f"[{', '.join(uids)}]" if len(uids) > 1 else "".join(uids)
    operator = clause.operator.removeprefix("is").strip()
    return f"{clause.variable}{type_}{f' {operator} {right}' if operator else ''}"


def _is(variable: str) -> str:
    return "you are" if variable == "principal" else "this is"


def _article(type_: str) -> str:
    return f"{'an' if type_[0] in 'AEIO' else 'a'} {type_}"
