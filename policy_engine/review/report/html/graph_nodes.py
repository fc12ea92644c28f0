"""What the graph draws: policies put together, the more the more there are, until they can be read."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from policy_engine.review.access import PolicyText

__all__ = ["Node", "drawn"]

_MOST: Final = 36
"""As many boxes of a column can be told apart at a glance."""

_WORDS: Final[Mapping[str, str]] = MappingProxyType({"User": "any person", "Client": "any machine"})
_PEOPLE: Final = ("User", "Group", "Role")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One or more policies that are drawn as one.

    Attributes:
        who: whom it is about.
        effect: `permit` or `forbid`.
        what: what it is about.
        policies: their ids.
    """

    who: tuple[str, ...]
    effect: str
    what: tuple[str, ...]
    policies: tuple[str, ...]


def drawn(policies: Iterable[PolicyText]) -> tuple[list[Node], str]:
    """The finest of three ways to put policies together that can still be read, and how it is told."""
    fine = sorted(
        (_node(policy) for policy in policies if not policy.shadow),
        key=lambda node: (node.who, node.effect, node.what),
    )
    alike = _together(fine)
    coarse = _together([_coarse(node) for node in fine])
    if _widest(fine) <= _MOST:
        return fine, ""
    if _widest(alike) <= _MOST:
        return alike, "; those that say the same of whom and what are one box"
    return coarse, "; drawn by kinds of callers, and by servers and groups of actions"


def _node(policy: PolicyText) -> Node:
    principal, actions, resources = policy.head
    on = f" on {', '.join(resources)}" if resources else ""
    return Node(
        who=tuple(_WORDS.get(name, name) for name in principal) or ("anybody",),
        effect=policy.effect,
        what=tuple(f"{name.removeprefix('Action::')}{on}" for name in actions) or (f"anything{on}",),
        policies=(policy.id,),
    )


def _coarse(node: Node) -> Node:
    return Node(
        who=tuple(dict.fromkeys(map(_kind, node.who))),
        effect=node.effect,
        what=tuple(dict.fromkeys(map(_area, node.what))),
        policies=node.policies,
    )


def _kind(who: str) -> str:
    if who == "anybody":
        return who
    type_, separator, _ = who.partition("::")
    if not separator:
        return "people" if who == _WORDS["User"] else "machines"
    return "people" if type_ in _PEOPLE else "machines"


def _area(what: str) -> str:
    """A tool's server, or a group as it is."""
    action = what.partition(" on ")[0]
    server, slash, _ = action.partition("/")
    return f'{server}/*"' if slash else action


def _together(nodes: Sequence[Node]) -> list[Node]:
    found: dict[Hashable, list[Node]] = {}
    for node in nodes:
        found.setdefault((node.who, node.effect, node.what), []).append(node)
    return [
        Node(
            who=same[0].who,
            effect=same[0].effect,
            what=same[0].what,
            policies=tuple(name for node in same for name in node.policies),
        )
        for same in found.values()
    ]


def _widest(nodes: Sequence[Node]) -> int:
    who = {name for node in nodes for name in node.who}
    what = {name for node in nodes for name in node.what}
    return max(len(nodes), len(who), len(what))
