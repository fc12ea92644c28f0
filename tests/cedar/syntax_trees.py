"""Strategies: the syntax tree of any expression, and of any policy."""

from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal, get_args

from hypothesis import strategies as st

from policy_engine.cedar.syntax import (
    WILDCARD,
    Binary,
    BinaryOperator,
    Call,
    Condition,
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    PolicyTree,
    RecordLiteral,
    ScopeClause,
    SetLiteral,
    Unary,
    Value,
    Variable,
)
from policy_engine.model import EntityUid

__all__ = ["EXPRESSIONS", "POLICIES"]

FUNCTIONS = ("ip", "decimal", "datetime", "duration", "unknown")
METHODS = (
    *("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"),
    *("isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange"),
    *("offset", "durationSince", "toDate", "toTime"),
    *("toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"),
)
RESERVED = ("true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar")
WORDS = ("a", "b1", "_c", "principal", "context", "permit", "when", "ip", "contains")

TEXTS = st.one_of(
    st.sampled_from(["", "x", '"', "\\", "*", "//", "é\n\r\t\0'", "\u200b\U0010ffff", "};"]),
    st.text(max_size=4),
)
NAMES = st.one_of(st.sampled_from([*WORDS, *RESERVED, "", "x y"]), TEXTS)
TYPES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("::".join)
UIDS = st.builds(EntityUid, TYPES, TEXTS)
ENTITIES = st.builds(EntityLiteral, UIDS)
PATTERNS = st.lists(st.one_of(st.just(WILDCARD), TEXTS.filter(bool)), max_size=4)

LEAVES: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Value, st.booleans()),
    st.builds(Value, st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))),
    st.builds(Value, TEXTS),
    ENTITIES,
    st.builds(Variable, st.sampled_from(["principal", "action", "resource", "context"])),
)


def _merged(pieces: list[str | None]) -> tuple[str | None, ...]:
    joined: list[str | None] = []
    for piece in pieces:
        if joined and piece is not None and joined[-1] is not None:
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    few = st.lists(inner, max_size=3).map(tuple)
    fields = st.dictionaries(NAMES, inner, max_size=3).map(lambda some: tuple(some.items()))
    return st.one_of(
        st.builds(Binary, st.sampled_from(get_args(BinaryOperator)), inner, inner),
        st.builds(Unary, st.sampled_from(["!", "neg"]), inner),
        st.builds(GetAttribute, inner, NAMES),
        st.builds(HasAttribute, inner, NAMES),
        st.builds(_path, inner, st.lists(st.sampled_from(WORDS), min_size=2, max_size=3)),
        st.builds(IsType, inner, TYPES, st.one_of(st.none(), inner)),
        st.builds(Like, inner, PATTERNS.map(_merged)),
        st.builds(If, inner, inner, inner),
        st.builds(SetLiteral, few),
        st.builds(RecordLiteral, fields),
        st.builds(Call, st.sampled_from(FUNCTIONS), few),
        st.builds(lambda name, one, some: Call(name, (one, *some)), st.sampled_from(METHODS), inner, few),
        st.builds(lambda one: Call("isEmpty", (one,)), inner),
    )


def _path(target: Expression, names: list[str]) -> Expression:
    made: Expression = HasAttribute(target, names[0])
    for before, name in pairwise(names):
        target = GetAttribute(target, before)
        made = Binary("&&", made, HasAttribute(target, name))
    return made


EXPRESSIONS = st.recursive(LEAVES, _larger, max_leaves=7)


def _clauses(variable: Literal["principal", "resource"]) -> st.SearchStrategy[ScopeClause]:
    def built(operator: Any, kind: str | None, uid: EntityLiteral | None) -> ScopeClause:
        if operator in {"all", "is"}:
            return ScopeClause(variable=variable, operator=operator, type=kind if operator == "is" else None)
        return ScopeClause(
            variable=variable,
            operator=operator,
            entities=() if uid is None else (uid,),
            type=kind if operator == "is in" else None,
            slot=f"?{variable}" if uid is None else None,
        )

    return st.builds(
        built,
        st.sampled_from(["all", "==", "in", "is", "is in"]),
        TYPES,
        st.one_of(ENTITIES, ENTITIES, st.none()),
    )


ACTIONS = st.builds(
    lambda kind, name: EntityLiteral(EntityUid(kind, name)),
    st.sampled_from(["Action", "a::b::Action"]),
    TEXTS,
)
ACTION_CLAUSES = st.one_of(
    st.just(ScopeClause(variable="action")),
    st.builds(lambda one: ScopeClause(variable="action", operator="==", entities=(one,)), ACTIONS),
    st.builds(
        lambda some: ScopeClause(variable="action", operator="in", entities=tuple(some)),
        st.lists(ACTIONS, max_size=3),
    ),
)

POLICIES = st.builds(
    PolicyTree,
    effect=st.sampled_from(["permit", "forbid"]),
    annotations=st.dictionaries(st.sampled_from([*WORDS, *RESERVED, "id"]), TEXTS, max_size=3).map(
        MappingProxyType
    ),
    principal=_clauses("principal"),
    action=ACTION_CLAUSES,
    resource=_clauses("resource"),
    conditions=st.lists(
        st.builds(Condition, kind=st.sampled_from(["when", "unless"]), body=EXPRESSIONS), max_size=2
    ).map(tuple),
)
