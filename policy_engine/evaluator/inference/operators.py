"""Rules for operators of one and of two operands."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from policy_engine.cedar import Binary, BinaryOperator, Unary
from policy_engine.evaluator.inference.bench import NOTHING, Bench, Known, Rule, Typed
from policy_engine.evaluator.inference.constants import equality, membership
from policy_engine.evaluator.inference.sentences import tag_sentence
from policy_engine.evaluator.inference.types import (
    BOOL,
    LONG,
    STRING,
    CedarType,
    Constant,
    EntityOf,
    Plain,
    as_cedar_writes,
)

__all__ = ["OPERATORS"]

_FALSE, _TRUE = Constant(value=False), Constant(value=True)
_COMPARABLE = (LONG, Plain("datetime"), Plain("duration"))
_ANY_COMPARABLE = "datetime, or duration, or Long"


def _unary(bench: Bench, node: Unary, known: Known) -> Typed:
    if node.operator == "neg":
        bench.expect(node.operand, known, LONG, node)
        return LONG, NOTHING
    type_, _ = bench.expect(node.operand, known, BOOL, node)
    return (Constant(not type_.value) if isinstance(type_, Constant) else BOOL), NOTHING


def _binary(bench: Bench, node: Binary, known: Known) -> Typed:
    return _BINARY[node.operator](bench, node, known)


def _and(bench: Bench, node: Binary, known: Known) -> Typed:
    left, here = bench.expect(node.left, known, BOOL, node)
    if left == _FALSE:
        return left, NOTHING
    right, there = bench.expect(node.right, known | here, BOOL, node)
    if left is None or right is None:
        return BOOL, NOTHING
    if right == _FALSE:
        return right, NOTHING
    return (right if left == _TRUE else BOOL), here | there


def _or(bench: Bench, node: Binary, known: Known) -> Typed:
    left, here = bench.expect(node.left, known, BOOL, node)
    if left == _TRUE:
        return left, here
    right, there = bench.expect(node.right, known, BOOL, node)
    if left is None or right is None:
        return BOOL, NOTHING
    if right == _FALSE:
        return left, here
    if left == _FALSE or right == _TRUE:
        return right, there
    return BOOL, here & there


def _equal(bench: Bench, node: Binary, known: Known) -> Typed:
    left, right = bench.typed(node.left, known)[0], bench.typed(node.right, known)[0]
    sure = equality(bench, node.left, left, node.right, right)
    if sure is None:
        bench.shared(node.right, left, right, node)
        sure = BOOL
    if node.operator == "!=" and isinstance(sure, Constant):
        sure = Constant(not sure.value)
    return sure, NOTHING


def _in(bench: Bench, node: Binary, known: Known) -> Typed:
    before = bench.wrong
    left = bench.entity(node.left, known, node)
    right = bench.entities(node.right, known, node)
    if bench.wrong > before:
        return BOOL, NOTHING
    return membership(bench, node.left, left, node.right, right), NOTHING


def _compare(bench: Bench, node: Binary, known: Known) -> Typed:
    left, right = bench.typed(node.left, known)[0], bench.typed(node.right, known)[0]
    if left is not None and right is not None and (left != right or left not in _COMPARABLE):
        wanted = _compared_as(left, right)
        for operand, type_ in ((node.left, left), (node.right, right)):
            if as_cedar_writes(type_) != wanted:
                bench.unexpected(operand, type_, wanted, node)
    return BOOL, NOTHING


def _compared_as(left: CedarType, right: CedarType) -> str:
    if LONG in (left, right):
        return "Long"
    found = [type_ for type_ in (left, right) if type_ in _COMPARABLE]
    return as_cedar_writes(found[0]) if found else _ANY_COMPARABLE


def _arithmetic(bench: Bench, node: Binary, known: Known) -> Typed:
    bench.expect(node.left, known, LONG, node)
    bench.expect(node.right, known, LONG, node)
    return LONG, NOTHING


def _contains(bench: Bench, node: Binary, known: Known) -> Typed:
    left = bench.set_of(node.left, known, node)
    right, _ = bench.typed(node.right, known)
    if left is not None:
        bench.shared(node.right, left.element, right, node)
    return BOOL, NOTHING


def _contains_several(bench: Bench, node: Binary, known: Known) -> Typed:
    left, right = bench.set_of(node.left, known, node), bench.set_of(node.right, known, node)
    bench.shared(node.right, left, right, node)
    return BOOL, NOTHING


def _has_tag(bench: Bench, node: Binary, known: Known) -> Typed:
    left = bench.entity(node.left, known, node)
    bench.expect(node.right, known, STRING, node)
    if left is None:
        return None, NOTHING
    if _tags(bench, left) is None:
        return _FALSE, NOTHING
    asked = (node.left, node.right)
    return (_TRUE if asked in known else BOOL), frozenset({asked})


def _get_tag(bench: Bench, node: Binary, known: Known) -> Typed:
    left = bench.entity(node.left, known, node)
    bench.expect(node.right, known, STRING, node)
    if left is None:
        return None, NOTHING
    if (node.left, node.right) not in known:
        bench.fault("tag", node, tag_sentence(node.right, left), types=(left,))
        return None, NOTHING
    return _tags(bench, left), NOTHING


def _tags(bench: Bench, entity: EntityOf) -> CedarType | None:
    known = bench.vocabulary.entity_types.get(entity.name)
    return None if known is None else known.tags


_BINARY: Mapping[BinaryOperator, Callable[[Bench, Binary, Known], Typed]] = MappingProxyType(
    {
        "&&": _and,
        "||": _or,
        "==": _equal,
        "!=": _equal,
        "<": _compare,
        "<=": _compare,
        ">": _compare,
        ">=": _compare,
        "+": _arithmetic,
        "-": _arithmetic,
        "*": _arithmetic,
        "in": _in,
        "contains": _contains,
        "containsAll": _contains_several,
        "containsAny": _contains_several,
        "getTag": _get_tag,
        "hasTag": _has_tag,
    }
)

OPERATORS: Mapping[type, Rule] = MappingProxyType({Unary: _unary, Binary: _binary})
