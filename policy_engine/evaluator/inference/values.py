"""Rules for literals, variables, sets, records and choices."""

from collections.abc import Mapping
from types import MappingProxyType

from policy_engine.cedar import EntityLiteral, If, RecordLiteral, SetLiteral, Value, Variable
from policy_engine.evaluator.inference.bench import NOTHING, Bench, Known, Rule, Typed
from policy_engine.evaluator.inference.sentences import EMPTY
from policy_engine.evaluator.inference.types import (
    BOOL,
    LONG,
    STRING,
    CedarType,
    Constant,
    EntityOf,
    Field,
    RecordOf,
    SetOf,
)

__all__ = ["VALUES"]


def _value(_: Bench, node: Value, __: Known) -> Typed:
    if isinstance(node.value, bool):
        return Constant(node.value), NOTHING
    return (LONG if isinstance(node.value, int) else STRING), NOTHING


def _entity(_: Bench, node: EntityLiteral, __: Known) -> Typed:
    return EntityOf(node.uid.type), NOTHING


def _variable(bench: Bench, node: Variable, _: Known) -> Typed:
    types: dict[str, CedarType] = {
        "principal": EntityOf(bench.environment.principal),
        "action": EntityOf("Action"),
        "resource": EntityOf(bench.environment.resource),
        "context": bench.environment.context,
    }
    return types[node.name.removeprefix("?")], NOTHING


def _set(bench: Bench, node: SetLiteral, known: Known) -> Typed:
    if not node.items:
        bench.fault("empty", node, EMPTY)
        return None, NOTHING
    (_, shared), *others = [(item, bench.typed(item, known)[0]) for item in node.items]
    for item, type_ in others:
        shared = bench.shared(item, shared, type_, node)
    return (None if shared is None else SetOf(shared)), NOTHING


def _record(bench: Bench, node: RecordLiteral, known: Known) -> Typed:
    types = {name: bench.typed(item, known)[0] for name, item in node.fields}
    fields = {name: Field(type_) for name, type_ in types.items() if type_ is not None}
    return (RecordOf(MappingProxyType(fields)) if len(fields) == len(types) else None), NOTHING


def _if(bench: Bench, node: If, known: Known) -> Typed:
    test, told = bench.expect(node.condition, known, BOOL, node)
    if test == Constant(value=True):
        type_, more = bench.typed(node.then, known | told)
        return type_, told | more
    if test == Constant(value=False):
        return bench.typed(node.otherwise, known)
    then, in_then = bench.typed(node.then, known | told)
    otherwise, in_otherwise = bench.typed(node.otherwise, known)
    return bench.shared(node.otherwise, then, otherwise, node), (told | in_then) & in_otherwise


VALUES: Mapping[type, Rule] = MappingProxyType(
    {
        Value: _value,
        EntityLiteral: _entity,
        Variable: _variable,
        SetLiteral: _set,
        RecordLiteral: _record,
        If: _if,
    }
)
