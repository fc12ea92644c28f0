"""The types of a schema as numbers: equal numbers, equal types."""

import json
from collections.abc import Hashable, Mapping

from policy_engine.model import CedarJson

__all__ = ["ContextTypes", "Members"]

Members = Mapping[str, tuple[bool, int]]
"""The attributes of a record by name: whether each is always there, and its type."""

_SAID = frozenset({"type", "name", "element", "attributes", "required", "annotations"})


class ContextTypes:
    """Numbers types, each once, however often it is written.

    Args:
        common: types that are written once and named, in Cedar's JSON schema format.
    """

    def __init__(self, common: CedarJson) -> None:
        self._common = common
        self._named: dict[str, int] = {}
        self._numbers: dict[Hashable, int] = {}
        self._members: dict[int, Members] = {}

    def number(self, written: CedarJson) -> int:
        """The number of a type."""
        kind = written["type"]
        name = written.get("name", kind) if kind == "EntityOrCommon" else kind
        if name in self._common:
            if name not in self._named:
                self._named[name] = self.number(self._common[name])
            return self._named[name]
        # What isn't known here is compared as it is written.
        more = json.dumps({key: written[key] for key in written.keys() - _SAID}, sort_keys=True)
        if kind == "Record":
            members = {
                name: (part.get("required", True), self.number(part))
                for name, part in written.get("attributes", {}).items()
            }
            found = self._numbered((kind, frozenset(members.items()), more))
            self._members[found] = members
            return found
        if kind == "Set":
            return self._numbered((kind, self.number(written["element"]), more))
        return self._numbered((kind, written.get("name"), more))

    def members(self, number: int) -> Members | None:
        """The attributes of a type; None if it is no record."""
        return self._members.get(number)

    def _numbered(self, said: Hashable) -> int:
        return self._numbers.setdefault(said, len(self._numbers))
