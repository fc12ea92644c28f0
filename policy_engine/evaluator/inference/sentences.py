"""The validator's sentences, as it would say them of a node."""

from collections.abc import Mapping
from typing import Any

from policy_engine.cedar import Expression, GetAttribute, Value, Variable
from policy_engine.evaluator.inference.faults import FaultKind
from policy_engine.evaluator.inference.types import (
    CedarType,
    Constant,
    EntityOf,
    Plain,
    RecordOf,
    SetOf,
    as_cedar_writes,
    path_of_names,
    quoted,
)
from policy_engine.evaluator.inference.vocabulary import Environment
from policy_engine.model import EntityUid

__all__ = [
    "ANY_SET",
    "BEGINNINGS",
    "COMPUTED",
    "EMPTY",
    "ENTITIES",
    "ENTITY",
    "RECORD_OR_ENTITY",
    "attribute_sentence",
    "incompatible_sentence",
    "kind_of",
    "tag_sentence",
    "unexpected_sentence",
    "unreadable_sentence",
]

ANY_SET = "Set<__cedar::internal::Any>"
ENTITY = "__cedar::internal::AnyEntity"
RECORD_OR_ENTITY = f"{ENTITY}, or __cedar::internal::OpenRecord{{}}"
ENTITIES = f"Set<{ENTITY}>, or {ENTITY}"
"""What operators take, where it is more than one type."""

COMPUTED = "extension constructors may not be called with non-literal expressions"
EMPTY = "empty set literals are forbidden in policies"

_UNSAFE = "unable to guarantee safety of access to"
BEGINNINGS: Mapping[FaultKind, str] = {
    "missing": "attribute `",
    "optional": f"{_UNSAFE} optional attribute `",
    "tag": f"{_UNSAFE} tag `",
    "incompatible": "the types ",
    "unexpected": "unexpected type: ",
    "computed": COMPUTED,
    "unreadable": "error during extension function argument validation: ",
    "empty": EMPTY,
}
"""How sentences begin, by what they speak of."""


def kind_of(sentence: str) -> FaultKind | None:
    """What a sentence of the validator speaks of, if it is known."""
    return next((kind for kind, beginning in BEGINNINGS.items() if sentence.startswith(beginning)), None)


def attribute_sentence(
    kind: FaultKind, node: GetAttribute, types: Mapping[int, CedarType | None], environment: Environment
) -> str:
    """Of an attribute that isn't there, or may not be."""
    names: list[str] = []
    base: Expression = node
    where = ""
    while isinstance(base, GetAttribute) and not where:
        names.insert(0, base.name)
        base = base.target
        if isinstance(type_ := types.get(id(base)), EntityOf):
            where = f" on entity type `{type_.name}`"
    if base == Variable("context"):
        where = f" in context for {EntityUid('Action', environment.action)}"
    end = " not found" if kind == "missing" else ""
    return f"{BEGINNINGS[kind]}{path_of_names(tuple(names))}`{where}{end}"


def tag_sentence(tag: Expression, entity: EntityOf) -> str:
    """Of a tag that may not be there; where it is computed, only how the sentence begins."""
    if isinstance(tag, Value) and isinstance(tag.value, str):
        return f"{BEGINNINGS['tag']}{quoted(tag.value)}` on entity type `{entity.name}`"
    return BEGINNINGS["tag"]


def incompatible_sentence(one: CedarType, other: CedarType) -> str:
    """Of two types in one place, in the order in which the validator sorts them."""
    first, second = sorted((one, other), key=_rank)
    return f"the types {as_cedar_writes(first)} and {as_cedar_writes(second)} are not compatible"


def unexpected_sentence(wanted: str, seen: CedarType) -> str:
    """Of an operand that an operator doesn't take."""
    return f"unexpected type: expected {wanted} but saw {as_cedar_writes(seen)}"


def unreadable_sentence(function: str, text: str) -> str:
    """Of a text that a constructor can't read."""
    made = "IP address" if function == "ip" else f"a {function} value"
    return f"{BEGINNINGS['unreadable']}failed to parse as {made}: `{quoted(text)}`"


_KINDS = (Constant, Plain, EntityOf, SetOf, RecordOf)


def _rank(type_: CedarType) -> tuple[int, tuple[Any, ...]]:
    written = as_cedar_writes(type_)
    if isinstance(type_, RecordOf):
        fields = ((name, _rank(field.type)) for name, field in sorted(type_.fields.items()))
        return _KINDS.index(RecordOf), tuple(fields)
    if isinstance(type_, SetOf):
        return _KINDS.index(SetOf), _rank(type_.element)
    extension = written in {"datetime", "decimal", "duration", "ipaddr"}
    return (len(_KINDS) if extension else _KINDS.index(type(type_))), (written,)
