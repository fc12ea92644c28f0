"""Rules for attributes, types, patterns and functions."""

from collections.abc import Mapping
from types import MappingProxyType

from policy_engine.cedar import Call, GetAttribute, HasAttribute, IsType, Like, Value
from policy_engine.evaluator.inference.bench import NOTHING, Bench, Known, Rule, Typed
from policy_engine.evaluator.inference.calls import CONSTRUCTORS, FUNCTIONS
from policy_engine.evaluator.inference.constants import membership
from policy_engine.evaluator.inference.faults import FaultKind
from policy_engine.evaluator.inference.sentences import (
    COMPUTED,
    RECORD_OR_ENTITY,
    attribute_sentence,
    unreadable_sentence,
)
from policy_engine.evaluator.inference.types import BOOL, STRING, Constant, RecordOf

__all__ = ["ATTRIBUTES"]


def _attribute(bench: Bench, node: GetAttribute, known: Known) -> Typed:
    target, _ = bench.typed(node.target, known)
    fields = bench.fields(target)
    if target is None or fields is None:
        bench.unexpected(node.target, target, RECORD_OR_ENTITY, node)
        return None, NOTHING
    field = fields.get(node.name)
    if field is None or not (field.required or (node.target, node.name) in known):
        kind: FaultKind = "missing" if field is None else "optional"
        sentence = attribute_sentence(kind, node, bench.types, bench.environment)
        bench.fault(kind, node, sentence, types=(target,))
    return (None if field is None else field.type), NOTHING


def _has(bench: Bench, node: HasAttribute, known: Known) -> Typed:
    target, _ = bench.typed(node.target, known)
    fields = bench.fields(target)
    if fields is None:
        bench.unexpected(node.target, target, RECORD_OR_ENTITY, node)
        return BOOL, NOTHING
    asked = (node.target, node.name)
    field = fields.get(node.name)
    if field is None:
        return Constant(value=False), NOTHING
    # An entity may not be there at all, and so may lack what its type says it has.
    sure = asked in known or (field.required and isinstance(target, RecordOf))
    return (Constant(value=True) if sure else BOOL), frozenset({asked})


def _like(bench: Bench, node: Like, known: Known) -> Typed:
    bench.expect(node.target, known, STRING, node)
    return BOOL, NOTHING


def _is(bench: Bench, node: IsType, known: Known) -> Typed:
    before = bench.wrong
    target = bench.entity(node.target, known, node)
    same = BOOL if target is None else Constant(value=target.name == node.type)
    if node.ancestor is None or same == Constant(value=False):
        return same, NOTHING
    above = bench.entities(node.ancestor, known, node)
    if bench.wrong > before:
        return BOOL, NOTHING
    return membership(bench, node.target, target, node.ancestor, above), NOTHING


def _call(bench: Bench, node: Call, known: Known) -> Typed:
    if node.function == "isEmpty":
        bench.set_of(node.arguments[0], known, node)
        return BOOL, NOTHING
    function = FUNCTIONS.get(node.function)
    if function is None:
        return None, NOTHING
    for argument, wanted in zip(node.arguments, function.takes, strict=False):
        bench.expect(argument, known, wanted, node)
    if node.function in CONSTRUCTORS:
        text = node.arguments[0]
        if not isinstance(text, Value):
            bench.fault("computed", node, COMPUTED)
        elif isinstance(text.value, str):
            bench.fault("unreadable", node, unreadable_sentence(node.function, text.value))
    return function.gives, NOTHING


ATTRIBUTES: Mapping[type, Rule] = MappingProxyType(
    {GetAttribute: _attribute, HasAttribute: _has, Like: _like, IsType: _is, Call: _call}
)
