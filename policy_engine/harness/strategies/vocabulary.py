"""What policies speak of: entities, texts and numbers that are written in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from policy_engine.cedar import literals
from policy_engine.harness.world import World

__all__ = ["Vocabulary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Sorted, so that a seed draws the same from it each time.

    Attributes:
        ids: by entity type, the ids that are named.
        texts: strings that something is compared with, and what fits the patterns of `like`.
        numbers: integers, likewise, and their neighbours.
    """

    ids: dict[str, tuple[str, ...]]
    texts: tuple[str, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, world: World) -> "Vocabulary":
        """That of the policies in force, shadow policies included."""
        ids: dict[str, set[str]] = {}
        texts: set[str] = set()
        numbers: set[int] = set()
        for policy in world.policies.policies.values():
            est = policy.effective.est
            for uid in literals(est):
                ids.setdefault(uid.type, set()).add(uid.id)
            for value in _values(est["conditions"]):
                if isinstance(value, str):
                    texts.add(value)
                elif isinstance(value, int) and not isinstance(value, bool):
                    numbers |= {value - 1, value, value + 1}
        return cls(
            ids={type_: tuple(sorted(found)) for type_, found in ids.items()},
            texts=tuple(sorted(texts)),
            numbers=tuple(sorted(numbers)),
        )

    def names(self, type_: str, issuer: str) -> tuple[str, ...]:
        """The right parts of ids of one type and issuer."""
        prefix = f"{issuer}/"
        return tuple(each.removeprefix(prefix) for each in self.ids.get(type_, ()) if each.startswith(prefix))


def _values(est: Any) -> Iterable[Any]:  # noqa: ANN401 -- Cedar's JSON policy format
    """Literals in conditions, and one text for each pattern."""
    rest = [est]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            if "Value" in item:
                yield item["Value"]
            if isinstance(pattern := item.get("pattern"), list):
                yield "".join(part["Literal"] if isinstance(part, dict) else "x" for part in pattern)
            rest += item.values()
        elif isinstance(item, list):
            rest += item
