"""What each policy says of somebody and something; what can't differ is looked at once."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from policy_engine.cedar import (
    Binary,
    Condition,
    Entity,
    Expression,
    GetAttribute,
    HasAttribute,
    PartialRequest,
    PolicyTree,
    ScopeClause,
    Shape,
    Span,
    Unary,
    Unknown,
    Variable,
    children,
    fold_condition,
    record,
    render_expression,
    unknown_record,
)
from policy_engine.review.access.columns import Asked
from policy_engine.review.access.knowledge import Knowledge, seen
from policy_engine.review.access.rows import Asker
from policy_engine.review.access.values import Applied

__all__ = ["Policy", "Requests", "Weighed", "clause_text", "weigh", "written_parts"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What may become of a policy for all requests of somebody for something.

    Attributes:
        applied: as a cell shows it.
        may_apply: whether it applies to any of them.
        always: whether it applies to all of them, and can't fail.
        stops: whether it applies to, or fails on, all of them.
        may_stop: whether it applies to, or fails on, any of them.
    """

    applied: Applied
    may_apply: bool
    always: bool
    stops: bool
    may_stop: bool


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """One that decides, taken apart.

    Attributes:
        id: the value of its `@id`.
        permit: whether it is one; else it is a forbid.
        tree: what runs.
        parts: its conditions, each with its text; a `when` of several that must all hold is several.
        asks_who: whether they look at the principal.
        asks_actor: whether they look at who acts for them.
        asks_what: whether they look at action or resource.
        asks_how: whether they look at the arguments.
    """

    id: str
    permit: bool
    tree: PolicyTree
    parts: tuple[tuple[Condition, str], ...]
    asks_who: bool
    asks_actor: bool
    asks_what: bool
    asks_how: bool

    @classmethod
    def of(cls, name: str, tree: PolicyTree) -> "Policy":
        """Take one apart."""
        reads = frozenset(read for condition in tree.conditions for read in _reads(condition.body))
        whole = "context" in reads
        return cls(
            id=name,
            permit=tree.effect == "permit",
            tree=tree,
            parts=tuple((part, _text(part)) for condition in tree.conditions for part in _parts(condition)),
            asks_who="principal" in reads,
            asks_actor=whole or "context.actor" in reads,
            asks_what="action" in reads or "resource" in reads,
            asks_how=whole or "context.arguments" in reads,
        )


class Requests:
    """All requests of somebody for something, as the fold takes them; each kind is made once.

    Args:
        knowledge: what is known of entities.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._contexts: dict[Hashable, Shape] = {}

    def of(self, asker: Asker, asked: Asked) -> PartialRequest:
        """Every request of somebody for something."""
        any_of = dict(asker.any_of)
        own = dict(asker.own)
        resource: Entity | Unknown
        if asked.resource is None:
            resource = Unknown("entity", asked.column.type)
            any_of[asked.column.type] = asked.facts
        else:
            resource = Entity(asked.resource)
            own[asked.resource] = asked.facts
        return PartialRequest(
            principal=asker.principal,
            action=Entity(asked.action),
            resource=resource,
            context=self._context(asker, asked),  # type: ignore[arg-type]  # a record
            entities=seen(self._knowledge, own, any_of),
        )

    def _context(self, asker: Asker, asked: Asked) -> Shape:
        key = asker.actor, asked.column.id
        if key not in self._contexts:
            shape = unknown_record(asked.context)
            fields: dict[str, Shape] = {**shape.fields}
            fields.pop("actor", None)
            if asker.actor is not None:
                fields["actor"] = asker.actor
            optional: frozenset[str] = getattr(shape, "optional", frozenset())
            self._contexts[key] = record(fields, optional - {"actor"})
        return self._contexts[key]


def weigh(policy: Policy, request: PartialRequest, undecided: Iterable[str]) -> Weighed:
    """What may become of a policy whose head admits the requests, or may.

    Args:
        policy: the policy.
        request: the requests.
        undecided: what of its head isn't certain, as Cedar text.
    """
    conditions = [*undecided]
    certain, may_err = not conditions, False
    always = holds = certain
    for part, text in policy.parts:
        folded = fold_condition(part, request)
        may_err = may_err or bool(folded.errors)
        always = always and not folded.errors
        if folded.value is None or folded.holds is False:
            # Never past this: what fails here for certain fails for all of them, if all come this far.
            stops = holds and folded.value is None
            conditions.append(text)
            return _weighed(policy, conditions, may_apply=False, always=False, stops=stops, may_err=may_err)
        if folded.holds is None:
            always = holds = False
        if folded.holds is None or folded.errors:
            conditions.append(text)
    return _weighed(policy, conditions, may_apply=True, always=always, stops=holds, may_err=may_err)


def _weighed(
    policy: Policy, conditions: list[str], *, may_apply: bool, always: bool, stops: bool, may_err: bool
) -> Weighed:
    certain = always if policy.permit else stops
    applied = Applied(policy=policy.id, certain=certain, conditions=() if certain else tuple(conditions))
    return Weighed(applied, may_apply, always, stops, may_apply or may_err)


def written_parts(tree: PolicyTree) -> Iterator[tuple[Span, str]]:
    """Where everything stands that a cell may depend on, and what it is called there.

    Args:
        tree: a policy, read from its text.
    """
    for clause in (tree.principal, tree.action, tree.resource):
        if clause.span is not None and clause.operator != "all":
            yield clause.span, clause_text(clause)
    for condition in tree.conditions:
        for part in _parts(condition):
            if part.body.span is not None:
                yield part.body.span, _text(part)


def _parts(condition: Condition) -> Iterator[Condition]:
    """What must hold, one by one: of a `when` what `&&` joins, of an `unless` what `||` joins."""
    joins = "&&" if condition.kind == "when" else "||"
    rest = [condition.body]
    while rest:
        body = rest.pop()
        if isinstance(body, Binary) and body.operator == joins:
            rest += [body.right, body.left]
        else:
            yield Condition(kind=condition.kind, body=body)


def _text(part: Condition) -> str:
    return render_expression(part.body if part.kind == "when" else Unary("!", part.body))


def _reads(expression: Expression) -> Iterator[str]:
    """The variables that are looked at, of the context the attribute."""
    rest: list[Expression] = [expression]
    while rest:
        match rest.pop():
            case GetAttribute(Variable("context"), name) | HasAttribute(Variable("context"), name):
                yield f"context.{name}"
            case Variable(name):
                yield name
            case node:
                rest.extend(children(node))


def clause_text(clause: ScopeClause) -> str:
    """A part of a head as it is written; its variable alone where it says nothing."""
    uids = [str(literal.uid) for literal in clause.entities]
    among = f"[{', '.join(uids)}]" if clause.variable == "action" and len(uids) != 1 else "".join(uids)
    match clause.operator:
        case "all":
            return clause.variable
        case "is":
            return f"{clause.variable} is {clause.type}"
        case "is in":
            return f"{clause.variable} is {clause.type} in {among}"
        case "==" | "in" as operator:
            return f"{clause.variable} {operator} {among}"
        case _:
            assert_never(clause.operator)
