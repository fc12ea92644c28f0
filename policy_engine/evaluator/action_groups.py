"""The actions of a schema, and the groups they are in."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policy_engine.model import CedarJson, EntityUid

__all__ = ["ActionGroups"]


class ActionGroups:
    """Actions by id, read off a Cedar JSON schema (its unnamed namespace; ours has no other)."""

    __slots__ = ("_actions",)

    def __init__(self, schema: CedarJson) -> None:
        self._actions: dict[str, CedarJson] = schema[""]["actions"]

    @property
    def actions(self) -> Mapping[str, CedarJson]:
        """All of them, as the schema has them."""
        return MappingProxyType(self._actions)

    @property
    def ids(self) -> frozenset[str]:
        """All actions and groups."""
        return frozenset(self._actions)

    def entities(self, ids: Iterable[str]) -> dict[EntityUid, CedarJson]:
        """These actions and all groups above them, as entities."""
        found: dict[EntityUid, CedarJson] = {}
        rest = list(ids)
        while rest:
            name = rest.pop()
            uid = EntityUid("Action", name)
            if uid not in found:
                above = self._above(name)
                parents = [EntityUid("Action", group).to_json() for group in above]
                found[uid] = {"uid": uid.to_json(), "attrs": {}, "parents": parents}
                rest += above
        return found

    def _above(self, name: str) -> list[str]:
        return [group["id"] for group in self._actions[name].get("memberOf") or ()]
