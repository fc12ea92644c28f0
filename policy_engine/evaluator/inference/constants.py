"""Where the validator knows what a comparison gives: types, and actions, that can never meet."""

from policy_engine.cedar import Binary, EntityLiteral, Expression, SetLiteral, Value, Variable
from policy_engine.evaluator.inference.bench import Bench
from policy_engine.evaluator.inference.types import BOOL, CedarType, Constant, EntityOf
from policy_engine.model import EntityUid

__all__ = ["equality", "membership"]


def equality(
    bench: Bench, left: Expression, one: CedarType | None, right: Expression, other: CedarType | None
) -> CedarType | None:
    """What `==` gives if that is sure; `Bool` if it may be either; None if the types have to be compared."""
    first, second = (_literal(node, bench) for node in (left, right))
    if first is not None and second is not None:
        # `1 == true` in Python.
        return Constant(value=type(first) is type(second) and first == second)
    if isinstance(one, EntityOf) and isinstance(other, EntityOf):
        return BOOL if one == other else Constant(value=False)
    return None


def membership(
    bench: Bench,
    node: Expression,
    type_: EntityOf | None,
    ancestor: Expression,
    above: EntityOf | None,
) -> CedarType:
    """What `in` gives: false where no entity of the one type can be in one of the other."""
    if type_ is None or above is None:
        return BOOL
    action = _literal(node, bench)
    if isinstance(action, EntityUid) and action.type == above.name == "Action":
        return _action_in(bench, action.id, ancestor)
    known = bench.vocabulary.entity_types.get(type_.name)
    ancestors = frozenset({type_.name}) if known is None else known.ancestors
    return BOOL if above.name in ancestors else Constant(value=False)


def _action_in(bench: Bench, action: str, ancestor: Expression) -> CedarType:
    items = ancestor.items if isinstance(ancestor, SetLiteral) else (ancestor,)
    named = [uid for item in items if isinstance(uid := _literal(item, bench), EntityUid)]
    if len(named) < len(items):
        return BOOL
    known = bench.vocabulary.actions.get(action)
    above = frozenset({action}) if known is None else known.groups
    return Constant(value=any(uid.id in above for uid in named))


def _literal(node: Expression, bench: Bench) -> bool | int | str | EntityUid | None:
    match node:
        case Value():
            return node.value
        case EntityLiteral():
            return node.uid
        case Variable("action"):
            return EntityUid("Action", bench.environment.action)
        case Binary("&&" | "||"):
            # Cedar's parser writes one literal for two.
            left, right = _literal(node.left, bench), _literal(node.right, bench)
            if isinstance(left, bool) and isinstance(right, bool):
                return (left and right) if node.operator == "&&" else (left or right)
            return None
        case _:
            return None
