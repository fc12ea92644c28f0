"""Expression → Cedar text that reads back as the same expression."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from policy_engine.cedar.syntax.strings import quoted, quoted_pattern
from policy_engine.cedar.syntax.traversal import build_up, children
from policy_engine.cedar.syntax.tree import (
    Binary,
    Call,
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    RecordLiteral,
    SetLiteral,
    Unary,
    Value,
    Variable,
)
from policy_engine.cedar.syntax.words import BINARY_METHODS, EXTENSION_FUNCTIONS, MOST_SIGNS, is_identifier

__all__ = ["render"]

_IF, _OR, _AND, _RELATION, _SUM, _PRODUCT, _SIGN, _MEMBER = range(8)

_STRENGTH: Mapping[str, int] = MappingProxyType({"||": _OR, "&&": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT})


def render(expression: Expression) -> str:
    """One line of Cedar, with brackets only where they are needed."""
    text, _ = build_up(expression, children, _write)
    return text


Written = tuple[str, int]
"""A text, and how strongly it holds together."""


def _write(node: Expression, parts: list[Written]) -> Written:  # noqa: C901, PLR0912 -- one short case a node
    match node:
        case Value(value):
            # A sign before digits belongs to them: `-1.a` would be `-(1.a)`.
            negative = isinstance(value, int) and value < 0
            return _literal(value), _SIGN if negative else _MEMBER
        case EntityLiteral(uid):
            return str(uid), _MEMBER
        case Variable(name):
            return name, _MEMBER
        case SetLiteral():
            return f"[{_listed(parts)}]", _MEMBER
        case RecordLiteral(fields):
            pairs = zip(fields, parts, strict=True)
            return f"{{{', '.join(f'{_key(name)}: {text}' for (name, _), (text, _) in pairs)}}}", _MEMBER
        case Unary(operator):
            return _unary(operator, parts[0])
        case Binary(operator):
            return _binary(operator, *parts)
        case If():
            condition, then, otherwise = (text for text, _ in parts)
            return f"if {condition} then {then} else {otherwise}", _IF
        case GetAttribute(name=name):
            step = f".{name}" if is_identifier(name) else f"[{quoted(name)}]"
            return f"{_at_least(_MEMBER, parts[0])}{step}", _MEMBER
        case HasAttribute(name=name):
            return f"{_at_least(_SUM, parts[0])} has {_key(name)}", _RELATION
        case Like(pattern=pattern):
            return f"{_at_least(_SUM, parts[0])} like {quoted_pattern(pattern)}", _RELATION
        case IsType(type=kind):
            ancestor = "".join(f" in {_at_least(_SUM, part)}" for part in parts[1:])
            return f"{_at_least(_SUM, parts[0])} is {kind}{ancestor}", _RELATION
        case Call(function):
            if function in EXTENSION_FUNCTIONS:
                return f"{function}({_listed(parts)})", _MEMBER
            return f"{_at_least(_MEMBER, parts[0])}.{function}({_listed(parts[1:])})", _MEMBER
        case _:
            assert_never(node)


def _literal(value: bool | int | str) -> str:  # noqa: FBT001 -- one of three kinds of literal
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else quoted(value)


def _unary(operator: str, part: Written) -> Written:
    sign = "!" if operator == "!" else "-"
    text, strength = part
    signs = len(text) - len(text.lstrip(sign))
    # `-1` is a number and no operator, and Cedar takes four signs in a row at most.
    chained = strength == _SIGN and 0 < signs < MOST_SIGNS
    if not chained and (strength < _MEMBER or (sign == "-" and text.isdigit())):
        text = f"({text})"
    return f"{sign}{text}", _SIGN


def _binary(operator: str, left: Written, right: Written) -> Written:
    if operator in BINARY_METHODS:
        return f"{_at_least(_MEMBER, left)}.{operator}({right[0]})", _MEMBER
    strength = _STRENGTH.get(operator, _RELATION)
    # Operators group to the left; comparisons don't group at all.
    weakest = _SUM if strength == _RELATION else strength
    text = f"{_at_least(weakest, left)} {operator} {_at_least(strength + 1, right)}"
    return text, strength


def _at_least(strength: int, part: Written) -> str:
    text, own = part
    return text if own >= strength else f"({text})"


def _listed(parts: list[Written]) -> str:
    return ", ".join(text for text, _ in parts)


def _key(name: str) -> str:
    return name if is_identifier(name) else quoted(name)
