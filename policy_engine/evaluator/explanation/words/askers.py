"""Parts of conditions that say what a policy's head could say: `principal in Group::"corp/eng"`."""

from dataclasses import replace

from policy_engine.cedar import Binary, Entity, Expression, IsType, SetOf, Variable
from policy_engine.evaluator.explanation.findings import Finding
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.evaluator.explanation.words.scopes import (
    must_not_be,
    must_not_be_a,
    must_not_be_in,
    needs_entity,
    needs_group,
    needs_type,
)
from policy_engine.model import EntityUid

__all__ = ["asked_need"]

_ASKED = frozenset({"principal", "action", "resource"})


def asked_need(expression: Expression, scene: Scene, *, wanted: bool) -> Finding | None:
    """What a part needs that is about the principal, the action or the resource as a whole."""
    found: Finding | None = None
    match expression:
        case IsType(target=Variable(name=name)) if name in _ASKED:
            found = _typed(expression, name, scene, wanted=wanted)
        case Binary(operator="in", left=Variable(name=name), right=right) if name in _ASKED:
            found = _within(name, right, scene, wanted=wanted)
        case Binary(operator="==" | "!=", left=Variable(name=name), right=other) if name in _ASKED:
            found = _same(name, other, scene, wanted=wanted is (expression.operator == "=="))
        case Binary(operator="==" | "!=", left=other, right=Variable(name=name)) if name in _ASKED:
            found = _same(name, other, scene, wanted=wanted is (expression.operator == "=="))
        case _:
            pass
    return None if found is None else replace(found, span=expression.span)


def _typed(expression: IsType, name: str, scene: Scene, *, wanted: bool) -> Finding:
    if scene.uid(name).type != expression.type:
        return needs_type(name, expression.type, scene)
    if expression.ancestor is None:
        return must_not_be_a(name, expression.type, scene)
    return _within(name, expression.ancestor, scene, wanted=wanted)


def _within(name: str, ancestors: Expression, scene: Scene, *, wanted: bool) -> Finding:
    uids = _uids(ancestors, scene)
    return needs_group(name, uids, scene) if wanted else must_not_be_in(name, uids, scene)


def _same(name: str, other: Expression, scene: Scene, *, wanted: bool) -> Finding | None:
    uids = _uids(other, scene)
    if not uids:
        return None  # compared with what is no entity
    return needs_entity(name, uids[0], scene) if wanted else must_not_be(name, scene)


def _uids(expression: Expression, scene: Scene) -> list[EntityUid]:
    match scene.fold(expression).value:
        case Entity(uid):
            return [uid]
        case SetOf(items):
            return sorted(item.uid for item in items if isinstance(item, Entity))
        case _:
            return []
