"""What a policy comes to, in a form that two policies share if they say the same in other words.

Two forms that are equal stand for policies that decide alike, and err alike, on every request that this
deployment can be sent; two that differ may do so, too. It is worked out for each kind of caller by itself:
what is certain of people, of machines, and of people for whom an agent acts, is put in its place by the
three-valued fold. Heads are compared by the actions and resources that they admit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.cedar import (
    ANYTHING,
    Condition,
    Expression,
    Facts,
    GetAttribute,
    HasAttribute,
    KnownEntities,
    PartialRequest,
    PolicyTree,
    ScopeClause,
    Unknown,
    Variable,
    fold_clause,
    record,
    walk,
)
from policy_engine.harness.mutation.conditions import FALSE, TRUE, Form, form_of, parts_of
from policy_engine.harness.mutation.targets import TargetSet

__all__ = ["NEVER", "PolicyForm", "policy_form"]

PolicyForm = tuple[object, ...]

NEVER: PolicyForm = ("never",)
"""Of a policy that never applies and never errs."""

_CALLERS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {"user": ("User", False), "delegated": ("User", True), "client": ("Client", False)}
)
"""By kind of caller, the type of the principal, and whether somebody acts for them."""

_ABOVE: Mapping[str | None, frozenset[str]] = MappingProxyType(
    {"User": frozenset({"Group", "Role"}), "Client": frozenset({"ClientGroup", "ClientRole"})}
)
_LEAVES = frozenset({"User", "Client"})


@dataclass(frozen=True, slots=True)
class _Caller:
    request: PartialRequest
    delegated: bool


def policy_form(tree: PolicyTree, targets: TargetSet) -> PolicyForm:
    """The form of a policy as it was written; the guard against agents is taken into account.

    Args:
        tree: the policy.
        targets: what the deployment has that anybody can ask for.
    """
    admitted = targets.admitted(tree.action, tree.resource)
    if tree.annotations.get("mode") == "shadow" or not admitted:
        return NEVER
    try:
        said = tuple(_said(tree, caller) for caller in _callers(frozenset(_read(tree))))
    except RecursionError:  # too deep to be taken apart: like nothing but itself
        said = ((f"tree {id(tree)}",),) * len(_CALLERS)
    if all(one is None for one in said):
        return NEVER
    return (tree.effect, admitted, said)


def _callers(names: frozenset[str]) -> Iterator[_Caller]:
    for kind, delegated in _CALLERS.values():
        fields = {name: ANYTHING for name in names if name != "actor"}
        optional = frozenset(fields)
        if delegated:
            fields["actor"] = Unknown("entity", "Client")
        request = PartialRequest(
            principal=Unknown("entity", kind),
            context=record(fields, optional),
            entities=KnownEntities(unlisted=_UNKNOWN, unnamed=_of_type),
        )
        yield _Caller(request, delegated)


_UNKNOWN = Facts(attributes=Unknown("record"), tags=Unknown("record"), more=None, exists=None)


def _of_type(kind: str | None) -> Facts:
    return Facts(attributes=Unknown("record"), tags=Unknown("record"), more=_ABOVE.get(kind), exists=None)


def _read(tree: PolicyTree) -> Iterator[str]:
    """Every member of the context that is read."""
    for condition in tree.conditions:
        for node in walk(condition.body):
            if isinstance(node, GetAttribute | HasAttribute) and _is_context(node.target):
                yield node.name


def _is_context(node: Expression) -> bool:
    return isinstance(node, Variable) and node.name == "context"


def _said(tree: PolicyTree, caller: _Caller) -> tuple[Form, ...] | None:
    """What is asked of one kind of caller; None if it never holds for them."""
    if caller.delegated and tree.effect == "permit" and "delegable" not in tree.annotations:
        return None
    known = fold_clause(tree.principal, caller.request).holds
    if known is False:
        return None
    parts: list[Form] = [] if known else [_principal(tree.principal)]
    for condition in tree.conditions:
        form = _condition(condition, caller.request)
        for part in parts_of(form, "and"):
            if part == FALSE:
                # What came before may still err.
                return (*parts, FALSE) if any(part != _principal(tree.principal) for part in parts) else None
            if part != TRUE and part not in parts:
                parts.append(part)
    return tuple(parts)


def _condition(condition: Condition, request: PartialRequest) -> Form:
    return form_of(condition.body, request, holds=condition.kind == "when")


def _principal(clause: ScopeClause) -> Form:
    """A head that doesn't hold for all of a kind; nobody is in a person or a machine but they themselves."""
    names = sorted({str(literal.uid) for literal in clause.entities})
    exact = clause.operator == "==" or all(literal.uid.type in _LEAVES for literal in clause.entities)
    return f"principal {'==' if exact else 'in'} {', '.join(names)}"
