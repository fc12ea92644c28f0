"""Which requests could ever be allowed to whom, with one policy set."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from policy_engine.evaluator.entities import EntityFinder
from policy_engine.evaluator.policy_store import PolicyStore
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.evaluator.visibility.classes import Classes, TargetClass
from policy_engine.evaluator.visibility.knowledge import Knowledge
from policy_engine.evaluator.visibility.rules import rules_of
from policy_engine.evaluator.visibility.sight import Asker, Sight
from policy_engine.evaluator.visibility.targets import Target
from policy_engine.model import AuthorizationRequest, Possibility

__all__ = ["Visibility"]

_MOST_CALLERS, _MOST_THINGS = 256, 100_000
"""What is kept; servers list whatever they like, and callers come and go."""


class Visibility:
    """Proves, where it can, that nothing of a kind can be allowed to somebody; safe to share between threads.

    A thing is hidden only if no permit could apply to any request for it, or some forbid would apply to, or
    fail on, every one: whatever its arguments, its time, its protocol version, the answers it brings. The
    caller, who acts for them, and what their token says besides its times are taken as they are.

    Args:
        store: the policies.
        static: what the operator says of entities.
        catalogue: what is known of other entities that policies name.
    """

    def __init__(self, store: PolicyStore, static: StaticEntities, catalogue: EntityFinder) -> None:
        self._store = store
        self._knowledge = Knowledge(static, catalogue, store.actions)
        self._lock = threading.Lock()
        self._kept: _Kept | None = None  # policies are taken apart when the first list comes

    def useful(
        self, request: AuthorizationRequest, things: Iterable[tuple[Possibility, ...]]
    ) -> tuple[bool, ...]:
        """Of each thing, whether any request that it is good for could be allowed to somebody.

        Args:
            request: one of theirs, which says who they are.
            things: what each is good for.
        """
        kept = self._memory()
        sight = self._sight(kept, Asker.of(request))

        def may_be_allowed(possibility: Possibility) -> bool:
            found = kept.known.get(possibility)
            if found is None:
                found = kept.classes.of(Target(possibility, self._knowledge))
                kept.known[possibility] = found
            return sight.may_be_allowed(found)

        return tuple(any(map(may_be_allowed, possibilities)) for possibilities in things)

    def _memory(self) -> "_Kept":
        kept = self._kept
        if kept is None or kept.full:
            rules = rules_of(self._store.policies.values()) if kept is None else kept.classes.rules
            kept = self._kept = _Kept(classes=Classes(rules, self._store.literals))
        return kept

    def _sight(self, kept: "_Kept", asker: Asker) -> Sight:
        with self._lock:
            found = kept.sights.get(asker)
            if found is None:
                found = kept.sights[asker] = Sight(asker, self._knowledge)
                if len(kept.sights) > _MOST_CALLERS:
                    kept.sights.popitem(last=False)
            kept.sights.move_to_end(asker)
            return found


@dataclass(slots=True, kw_only=True)
class _Kept:
    """What was found, to be used again; dropped as a whole when it has grown too large."""

    classes: Classes
    known: dict[Possibility, TargetClass] = field(default_factory=dict)
    sights: OrderedDict[Asker, Sight] = field(default_factory=OrderedDict)

    @property
    def full(self) -> bool:
        """Whether servers and callers have brought more than is worth keeping."""
        return len(self.classes) + len(self.known) > _MOST_THINGS
