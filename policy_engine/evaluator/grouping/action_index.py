"""The actions of a schema as bits, so that sets of thousands of them are compared at once."""

from collections.abc import Iterator

from policy_engine.model import CedarJson

__all__ = ["ActionIndex", "bits"]


class ActionIndex:
    """Actions by id, read off a Cedar JSON schema (its unnamed namespace; ours has no other).

    A set of actions that can be asked for is an integer: bit n is the nth of them in the schema.

    Attributes:
        ids: the actions that can be asked for, in the order of the schema.
        everything: the set of all of them.
    """

    def __init__(self, schema: CedarJson) -> None:
        self._rows: CedarJson = schema[""]["actions"]
        self.ids = tuple(name for name, row in self._rows.items() if _askable(row))
        self.everything = (1 << len(self.ids)) - 1
        self._bits = {name: 1 << position for position, name in enumerate(self.ids)}
        self._holding = dict.fromkeys(self._rows, 0)
        for name, bit in self._bits.items():
            for group in self.closure([name]):
                self._holding[group] |= bit

    def __contains__(self, name: str) -> bool:
        """Whether the schema has an action, or a group, of this name."""
        return name in self._rows

    def row(self, name: str) -> CedarJson:
        """What the schema says of an action."""
        row: CedarJson = self._rows[name]
        return row

    def bit(self, name: str) -> int:
        """The set of one action; none if it can't be asked for."""
        return self._bits.get(name, 0)

    def holding(self, name: str) -> int:
        """Everything that can be asked for and is in an action, itself included."""
        return self._holding.get(name, 0)

    def names(self, actions: int) -> list[str]:
        """The ids of a set, in the order of the schema."""
        return [self.ids[position] for position in bits(actions)]

    def closure(self, names: "list[str]") -> dict[str, None]:
        """These and all groups above them, each once; what the schema hasn't is left out."""
        found: dict[str, None] = {}
        rest = [*names]
        while rest:
            name = rest.pop()
            if name not in found and name in self._rows:
                found[name] = None
                rest += [group["id"] for group in self._rows[name].get("memberOf") or ()]
        return found


def bits(actions: int) -> Iterator[int]:
    """Positions of the members of a set, in their order."""
    while actions:
        lowest = actions & -actions
        yield lowest.bit_length() - 1
        actions ^= lowest


def _askable(row: CedarJson) -> bool:
    applies = row.get("appliesTo")
    return bool(applies and applies.get("principalTypes") and applies.get("resourceTypes"))
