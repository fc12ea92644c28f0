"""A condition in a form that it shares with others that say the same."""

from collections.abc import Mapping
from types import MappingProxyType

from policy_engine.cedar import (
    Binary,
    Call,
    Decimal,
    Expression,
    If,
    Like,
    PartialRequest,
    SetLiteral,
    Unary,
    Value,
    fold_expression,
    render_expression,
)

__all__ = ["FALSE", "TRUE", "Form", "form_of", "parts_of"]

Form = str | tuple[object, ...]
"""`true`, `false`, one question, or `("and", (…))`, `("or", (…))`, `("if", …)`."""

TRUE, FALSE = "true", "false"

_OPPOSITE: Mapping[str, str] = MappingProxyType(
    {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
)
_MIRRORED: Mapping[str, str] = MappingProxyType(
    {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
)
_METHODS: Mapping[str, str] = MappingProxyType(
    {"lessThan": "<", "lessThanOrEqual": "<=", "greaterThan": ">", "greaterThanOrEqual": ">="}
)
_NEAREST = 1
_SAME_FOR_ONE = frozenset({"containsAll", "containsAny"})


def form_of(node: Expression, request: PartialRequest, *, holds: bool = True) -> Form:
    """The form of an expression, or of its opposite.

    Args:
        node: an expression that has to be true or false.
        request: what is known.
        holds: whether it is asked for; else its opposite is.
    """
    folded = fold_expression(node, request)
    if not folded.errors and folded.holds is not None:
        return TRUE if folded.holds is holds else FALSE
    match node:
        case Unary("!", operand):
            return form_of(operand, request, holds=not holds)
        case Binary("&&" | "||" as operator, left, right):
            return _chain(
                "and" if (operator == "&&") is holds else "or",
                (form_of(left, request, holds=holds), form_of(right, request, holds=holds)),
            )
        case If(condition, then, otherwise):
            return _branches(
                form_of(condition, request),
                form_of(then, request, holds=holds),
                form_of(otherwise, request, holds=holds),
                form_of(condition, request, holds=False),
            )
        case _:
            return _question(node, holds=holds)


def _chain(name: str, parts: tuple[Form, Form]) -> Form:
    idle, final = (TRUE, FALSE) if name == "and" else (FALSE, TRUE)
    kept: list[Form] = []
    for part in parts:
        for one in parts_of(part, name):
            if one == idle or one in kept:
                continue
            kept.append(one)
            if one == final:
                return final if len(kept) == 1 else (name, tuple(kept))
    if not kept:
        return idle
    (first, *rest) = kept
    return (name, tuple(kept)) if rest else first


def parts_of(form: Form, name: str) -> tuple[Form, ...]:
    """What stands side by side in an `and` or an `or`; of anything else, it alone."""
    match form:
        case (kind, tuple(parts)) if kind == name:
            return parts
        case _:
            return (form,)


def _branches(condition: Form, then: Form, otherwise: Form, opposite: Form) -> Form:
    if condition in (TRUE, FALSE):
        return then if condition == TRUE else otherwise
    if str(opposite) < str(condition):
        return ("if", opposite, otherwise, then)
    return ("if", condition, then, otherwise)


def _question(node: Expression, *, holds: bool) -> Form:
    compared = _compared(node)
    if compared is None:
        text = _text(node)
        return text if holds else f"!({text})"
    operator, left, right = compared
    if not holds:
        operator = _OPPOSITE[operator]
    if _literal(left) and not _literal(right):
        operator, left, right = _MIRRORED[operator], right, left
    number = _number(right)
    if number is not None and operator in ("<=", ">="):
        # Numbers are whole, decimals have four digits: there is a next one.
        kind, value = number
        operator, number = operator[0], (kind, value + (_NEAREST if operator == "<=" else -_NEAREST))
    shown = _text(right) if number is None else f"{number[0]} {number[1]}"
    return f"{_text(left)} {operator} {shown}"


def _compared(node: Expression) -> tuple[str, Expression, Expression] | None:
    match node:
        case Binary(operator, left, right) if operator in _OPPOSITE:
            return operator, left, right
        case Call(function, (left, right)) if function in _METHODS:
            return _METHODS[function], left, right
        case Like(target, (str(text),)):
            return "==", target, Value(text)
        case Like(target, ()):
            return "==", target, Value("")
        case _:
            return None


def _literal(node: Expression) -> bool:
    return _number(node) is not None or isinstance(node, Value)


def _number(node: Expression) -> tuple[str, int] | None:
    """A whole number, or a decimal in its smallest parts."""
    if isinstance(node, Value):
        return ("long", node.value) if type(node.value) is int else None
    if isinstance(node, Call) and node.function == "decimal":
        value = fold_expression(node, PartialRequest()).value
        return ("decimal", value.units) if isinstance(value, Decimal) else None
    return None


def _text(node: Expression) -> str:
    match node:
        case SetLiteral(items):
            return f"[{', '.join(sorted({_text(item) for item in items}))}]"
        case Binary(operator, left, SetLiteral((item,))) if operator in _SAME_FOR_ONE:
            return f"({_text(left)}).contains({_text(item)})"
        case Binary("contains" | "containsAll" | "containsAny" as operator, left, right):
            return f"({_text(left)}).{operator}({_text(right)})"
        case Binary("in", left, SetLiteral((item,))):
            return f"({_text(left)}) in ({_text(item)})"
        case _:
            return render_expression(node)
