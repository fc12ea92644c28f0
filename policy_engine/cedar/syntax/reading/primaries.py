"""What operators are applied to: literals, variables, calls; what lark found → expressions with spans."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from policy_engine.cedar.syntax.reading.operators import Rule
from policy_engine.cedar.syntax.reading.parts import Node, Part, Reader
from policy_engine.cedar.syntax.tree import (
    Binary,
    Call,
    Expression,
    RecordLiteral,
    SetLiteral,
    Value,
    Variable,
)
from policy_engine.cedar.syntax.words import (
    BINARY_METHODS,
    EXTENSION_FUNCTIONS,
    EXTENSION_METHODS,
    IS_EMPTY,
    MAX_LONG,
    VARIABLES,
    likely_entity,
    nearest,
)

__all__ = ["PRIMARIES"]

_METHODS = frozenset({*BINARY_METHODS, IS_EMPTY, *EXTENSION_METHODS})

_FUNCTIONS = EXTENSION_FUNCTIONS - {"unknown"}
"""Those that anyone may have meant: `unknown` is for Cedar's partial evaluation."""

_FEW = 8
"""How many names a message may list."""


def _integer(reader: Reader, node: Node, _: list[Expression]) -> Expression:
    return Value(reader.number(node, MAX_LONG), span=reader.span(node))


def _truth(reader: Reader, node: Node, _: list[Expression]) -> Expression:
    return Value(node.children[0] == "true", span=reader.span(node))


def _text(reader: Reader, node: Node, _: list[Expression]) -> Expression:
    return Value(reader.text(node.children[0]), span=reader.span(node))


def _entity(reader: Reader, node: Node, _: list[Expression]) -> Expression:
    return reader.entity(node)


def _slot(reader: Reader, node: Node, _: list[Expression]) -> Expression:
    problem = f"`{node.children[0]}` can't stand in a condition"
    raise reader.error(node, problem, "slots are for the heads of templates")


def _named(reader: Reader, node: Node, _: list[Expression]) -> Expression:
    name = reader.type(node.children[0])
    if name not in VARIABLES:
        raise reader.error(node, f"`{name}` means nothing here", _mend_of_name(name))
    return Variable(cast("Any", name), span=reader.span(node))


def _mend_of_name(name: str) -> str:
    if name == "null":
        return "Cedar has no null: ask with `has` whether an attribute is there"
    close = nearest(name, VARIABLES)
    if close:
        return f"did you mean `{close}`?"
    if "::" in name or name[0].isupper():
        return f"an entity is written `{likely_entity(name)}`"
    return f'a text is written in quotes, `"{name}"`; an attribute after what has it, `context.{name}`'


def _group(_: Reader, __: Node, parts: list[Expression]) -> Expression:
    return parts[0]


def _set(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    return SetLiteral(tuple(parts), span=reader.span(node))


def _record(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    fields: dict[str, Expression] = {}
    for part, value in zip(node.children[::2], parts, strict=True):
        name = reader.key(part)
        if name in fields:
            raise reader.error(part, f"`{name}` is twice in the record", "leave one of them out")
        fields[name] = value
    return RecordLiteral(tuple(fields.items()), span=reader.span(node))


def _function(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    name = reader.type(node.children[0])
    if name not in EXTENSION_FUNCTIONS:
        hint = f"it is a method: `….{name}(…)`" if name in _METHODS else _did_you_mean(name, _FUNCTIONS)
        raise reader.error(node, f"there is no function `{name}`", hint)
    return Call(name, tuple(parts), span=reader.span(node))


def _call(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    (target, *arguments), part = parts, node.children[1]
    name, span = reader.name(part), reader.span(node)
    if name in EXTENSION_METHODS:
        return Call(name, (target, *arguments), span=span)
    if name == IS_EMPTY:
        _expect(reader, part, 0, len(arguments))
        return Call(name, (target,), span=span)
    if name in BINARY_METHODS:
        _expect(reader, part, 1, len(arguments))
        return Binary(BINARY_METHODS[name], target, arguments[0], span=span)
    hint = f"it is a function: `{name}(…)`" if name in EXTENSION_FUNCTIONS else _did_you_mean(name, _METHODS)
    raise reader.error(part, f"there is no method `{name}`", hint)


def _expect(reader: Reader, part: Part, most: int, given: int) -> None:
    if given != most:
        takes, remedy = (
            ("one argument", "give it one") if most else ("no argument", "leave its brackets empty")
        )
        raise reader.error(part, f"`{reader.name(part)}` takes {takes}, not {given}", remedy)


def _did_you_mean(name: str, known: frozenset[str]) -> str:
    close = nearest(name, known)
    if close:
        return f"did you mean `{close}`?"
    if len(known) > _FEW:
        return "they are listed at docs.cedarpolicy.com/policies/syntax-operators.html"
    return f"known are: {', '.join(sorted(known))}"


PRIMARIES: Mapping[str, Rule] = MappingProxyType(
    {
        "integer": _integer,
        "truth": _truth,
        "text": _text,
        "entity": _entity,
        "slot": _slot,
        "named": _named,
        "group": _group,
        "set_": _set,
        "record": _record,
        "function": _function,
        "call": _call,
    }
)
