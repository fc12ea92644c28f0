"""What the operator says of entities beforehand: nesting of groups, groups of tools, further facts."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import CedarError, EntityHandle, Schema, uid_of
from policy_engine.errors import ConfigError
from policy_engine.evaluator.entity_schema import partial_schema
from policy_engine.evaluator.names import KnownNames, mistake_in
from policy_engine.model import CedarJson, EntityUid

__all__ = ["StaticEntities"]

_PARTS = frozenset({"uid", "attrs", "parents", "tags"})
_FORM = 'write `{uid: {type: "Group", id: "corp/eng"}, parents: [{type: …, id: …}], tags: {…}}`'

_NO_CYCLE = "let no group be its own ancestor"


class StaticEntities:
    """Entities of `entities.yaml`, checked.

    Args:
        by_uid: Cedar's JSON entity format, by uid.
    """

    __slots__ = ("_by_uid",)

    def __init__(self, by_uid: Mapping[EntityUid, CedarJson] = MappingProxyType({})) -> None:
        self._by_uid = by_uid

    @classmethod
    def from_data(
        cls,
        data: Sequence[Mapping[str, Any]],
        entity_schema: CedarJson,
        names: KnownNames,
        file: Path | str | None = None,
        places: Callable[[int], tuple[int, int] | None] = lambda _: None,
    ) -> "StaticEntities":
        """Check what a file says.

        Args:
            data: a list of `{uid, attrs?, parents?, tags?}`, each uid as `{type, id}`. What is said of a
                principal or a tool completes what requests and catalogues say of it; those win.
            entity_schema: Cedar's JSON schema format, without actions.
            names: what ids may begin with; tool groups are defined here, by being named.
            file: for errors.
            places: line and column of an entry, if they are known; for errors.

        Raises:
            ConfigError: the first error, all others in its `others`: a wrong form, an unknown name, an entity
                that is there twice or doesn't fit the schema, a cycle among parents.
        """
        schema = partial_schema(entity_schema)
        errors: list[ConfigError] = []
        by_uid: dict[EntityUid, CedarJson] = {}
        for index, entry in enumerate(data):
            try:
                uid, entity = _read(entry, names, schema)
            except ConfigError as error:
                errors.append(_of_entry(index, error.problem, error.remedy, file, places(index)))
                continue
            if uid in by_uid:
                problem = f"`{uid}` is there twice"
                errors.append(_of_entry(index, problem, "make one entry of the two", file, places(index)))
            by_uid[uid] = entity
        if errors:
            raise ConfigError.first_of(errors)
        try:
            EntityHandle.from_json([*by_uid.values()], schema)
        except CedarError:
            raise ConfigError("the parents form a cycle", remedy=_NO_CYCLE, file=file) from None
        return cls(MappingProxyType(by_uid))

    @property
    def tool_groups(self) -> frozenset[str]:
        """Ids of every tool group that is named, as an entry or as a parent."""
        return frozenset(uid.id for uid in self.uids if uid.type == "ToolGroup")

    @property
    def uids(self) -> frozenset[EntityUid]:
        """Everything that is named, as an entry or as a parent."""
        parents = (uid_of(parent) for entity in self._by_uid.values() for parent in entity["parents"])
        return frozenset(uid for uid in (*self._by_uid, *parents) if uid is not None)

    def above(self, uid: EntityUid) -> frozenset[EntityUid]:
        """Everything that an entity is in, as far as it is said here."""
        found: set[EntityUid] = set()
        rest = [uid]
        while rest:
            parents = (self._by_uid.get(rest.pop()) or {}).get("parents", ())
            above = {parent for parent in map(uid_of, parents) if parent is not None} - found
            found |= above
            rest += above
        return frozenset(found)

    def find(self, uid: EntityUid) -> CedarJson | None:
        """What is said of an entity, in Cedar's JSON entity format."""
        return self._by_uid.get(uid)


def _of_entry(
    index: int, problem: str, remedy: str, file: Path | str | None, place: tuple[int, int] | None
) -> ConfigError:
    line, column = (None, None) if place is None else place
    return ConfigError(f"entry {index}: {problem}", remedy=remedy, file=file, line=line, column=column)


def _read(entry: Any, names: KnownNames, schema: Schema) -> tuple[EntityUid, CedarJson]:  # noqa: ANN401 -- from a file
    try:
        entry = json.loads(json.dumps(entry, allow_nan=False))  # a copy, and proof that it is JSON
    except (TypeError, ValueError, RecursionError):
        raise ConfigError("not JSON", remedy="put dates and the like in quotes") from None
    if not isinstance(entry, dict):
        raise ConfigError("not an entity", remedy=_FORM)
    if unknown := sorted(entry.keys() - _PARTS):
        raise ConfigError(f"unknown member `{unknown[0]}`", remedy=_FORM)
    uid, parents = uid_of(entry.get("uid")), entry.get("parents", [])
    if uid is None or not isinstance(parents, list):
        raise ConfigError("not an entity", remedy=_FORM)
    above = [uid_of(parent) for parent in parents]
    if uid in above:
        raise ConfigError(f"`{uid}` is its own parent", remedy=_NO_CYCLE)
    for part in (uid, *above):
        _check_name(part, names)
    attrs = {**_from_id(uid), **_record(entry, "attrs")}
    entity = {"uid": uid.to_json(), "attrs": attrs, "parents": parents, "tags": _record(entry, "tags")}
    try:
        EntityHandle.from_json([entity], schema)
    except CedarError:
        remedy = "compare attributes, tags (lists of strings) and types of parents: `policy-engine schema`"
        raise ConfigError(f"`{uid}` doesn't fit the schema", remedy=remedy) from None
    return uid, entity


def _check_name(uid: EntityUid | None, names: KnownNames) -> None:
    if uid is None:
        raise ConfigError("a parent isn't a uid", remedy=_FORM)
    if uid.type == "ToolGroup" and uid.id:
        return
    if uid.type == "Action":
        raise ConfigError("actions can't be defined", remedy="they are the schema's and the catalogues'")
    if mistake := mistake_in(uid, names):
        problem, remedy = mistake
        raise ConfigError(problem, remedy=remedy)


def _record(entry: dict[str, Any], name: str) -> dict[str, Any]:
    record = entry.get(name, {})
    if not isinstance(record, dict):
        raise ConfigError(f"`{name}` isn't a mapping", remedy=_FORM)
    return record


def _from_id(uid: EntityUid) -> dict[str, str]:
    """The attributes of a principal that its id already says."""
    issuer, _, name = uid.id.partition("/")
    if uid.type == "User":
        return {"issuer": issuer, "subject": name}
    return {"issuer": issuer, "client_id": name} if uid.type == "Client" else {}
