"""Attributes, tags and membership, where records and entities may be known in part."""

from policy_engine.cedar.fold.entities import Facts, Fields
from policy_engine.cedar.fold.request import PartialRequest
from policy_engine.cedar.fold.result import FALSE, TRUE, Folded, error, of, truth
from policy_engine.cedar.fold.shapes import ANYTHING, PartialRecord, Shape, Unknown, has_field
from policy_engine.cedar.fold.values import Entity, Record, SetOf, String

__all__ = ["get_attribute", "get_tag", "has_attribute", "has_tag", "is_in", "is_type"]

_TYPE_ERROR = "type_error"


def get_attribute(request: PartialRequest, name: str, target: Shape) -> Folded:
    """`target.name`."""
    match target:
        case Record() | PartialRecord() | Unknown(kind="record"):
            return _field(target, name, "missing_attribute")
        case Entity() | Unknown(kind="entity"):
            facts = _facts(request, target)
            return _of_entity(facts, facts.attributes, name, "missing_attribute")
        case Unknown(kind=None):
            return Folded(ANYTHING, frozenset({_TYPE_ERROR, "missing_attribute", "missing_entity"}))
        case _:
            return error(_TYPE_ERROR)


def has_attribute(request: PartialRequest, name: str, target: Shape) -> Folded:
    """`target has name`."""
    match target:
        case Record() | PartialRecord() | Unknown(kind="record"):
            return truth(has_field(target, name))
        case Entity() | Unknown(kind="entity"):
            facts = _facts(request, target)
            return truth(_there(facts, facts.attributes, name))
        case Unknown(kind=None):
            return truth(None).after(frozenset({_TYPE_ERROR}))
        case _:
            return error(_TYPE_ERROR)


def get_tag(request: PartialRequest, target: Shape, name: Shape) -> Folded:
    """`target.getTag(name)`."""
    doubt = _doubt_of_tag(target, name)
    if doubt is None:
        return error(_TYPE_ERROR)
    facts = _facts(request, target)
    if isinstance(name, String):
        return _of_entity(facts, facts.tags, name.value, "missing_tag").after(doubt)
    if facts.exists is False:
        return error("missing_entity").after(doubt)
    found = Folded(ANYTHING, frozenset({"missing_tag"}) | doubt)
    return found if facts.exists else found.after(frozenset({"missing_entity"}))


def has_tag(request: PartialRequest, target: Shape, name: Shape) -> Folded:
    """`target.hasTag(name)`."""
    doubt = _doubt_of_tag(target, name)
    if doubt is None:
        return error(_TYPE_ERROR)
    facts = _facts(request, target)
    known = _there(facts, facts.tags, name.value) if isinstance(name, String) else None
    return truth(known).after(doubt)


def is_type(type_: str, target: Shape) -> Folded:
    """`target is type`."""
    match target:
        case Entity():
            return truth(target.uid.type == type_)
        case Unknown(kind="entity"):
            return truth(None if target.type is None else target.type == type_)
        case Unknown(kind=None):
            return truth(None).after(frozenset({_TYPE_ERROR}))
        case _:
            return error(_TYPE_ERROR)


def is_in(request: PartialRequest, target: Shape, ancestors: Shape) -> Folded:
    """`target in ancestors`: one entity, or a set of them."""
    if not _may_be(target, "entity"):
        return error(_TYPE_ERROR)
    errors = frozenset() if target.kind else frozenset({_TYPE_ERROR})
    match ancestors:
        case Entity():
            return truth(_member(request, target, ancestors)).after(errors)
        case SetOf():
            entities = [item for item in ancestors.items if isinstance(item, Entity)]
            if len(entities) != len(ancestors.items):
                return error(_TYPE_ERROR)
            return _in_any([_member(request, target, item) for item in entities]).after(errors)
        case Unknown(kind="entity"):
            return truth(None).after(errors)
        case Unknown(kind=None | "set"):
            return truth(None).after(frozenset({_TYPE_ERROR}))
        case _:
            return error(_TYPE_ERROR)


def _in_any(known: list[bool | None]) -> Folded:
    if True in known:
        return TRUE
    return truth(None) if None in known else FALSE


def _member(request: PartialRequest, target: Shape, ancestor: Entity) -> bool | None:
    """Whether an entity is another one or within it."""
    uid, facts = ancestor.uid, _facts(request, target)
    if isinstance(target, Entity):
        return target.uid == uid or facts.is_in(uid)
    known = facts.is_in(uid)
    might_be = not isinstance(target, Unknown) or target.type in (None, uid.type)
    return None if known is False and might_be else known


def _facts(request: PartialRequest, target: Shape) -> Facts:
    if isinstance(target, Entity):
        return request.entities.of(target.uid)
    return request.entities.unnamed(target.type if isinstance(target, Unknown) else None)


def _field(fields: Fields, name: str, missing: str) -> Folded:
    there = has_field(fields, name)
    if there is False:
        return error(missing)
    # What an unknown or an open record has beyond what is listed could be anything.
    value = ANYTHING if isinstance(fields, Unknown) else fields.fields.get(name, ANYTHING)
    return of(value) if there else Folded(value, frozenset({missing}))


def _of_entity(facts: Facts, fields: Fields, name: str, missing: str) -> Folded:
    if facts.exists is False:
        return error("missing_entity")
    found = _field(fields, name, missing)
    return found if facts.exists else found.after(frozenset({"missing_entity"}))


def _there(facts: Facts, fields: Fields, name: str) -> bool | None:
    if facts.exists is False:
        return False
    there = has_field(fields, name)
    return None if there and facts.exists is None else there


def _may_be(shape: Shape, kind: str) -> bool:
    return shape.kind in (None, kind)


def _doubt_of_tag(target: Shape, name: Shape) -> frozenset[str] | None:
    """Errors that the types of a tag's entity and name may give; None if they certainly do."""
    if not _may_be(target, "entity") or not _may_be(name, "string"):
        return None
    return frozenset() if target.kind and name.kind else frozenset({_TYPE_ERROR})
