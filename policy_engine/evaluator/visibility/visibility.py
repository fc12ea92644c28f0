"""Which requests could ever be allowed to whom, with one policy set."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policy_engine.cedar import Key
from policy_engine.evaluator.entities import EntityFinder
from policy_engine.evaluator.policy_store import PolicyStore
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.evaluator.visibility.classes import Classes, TargetClass
from policy_engine.evaluator.visibility.knowledge import Knowledge
from policy_engine.evaluator.visibility.rules import Rule, rules_of
from policy_engine.evaluator.visibility.sight import Asker, Sight
from policy_engine.evaluator.visibility.targets import Target
from policy_engine.model import AuthorizationRequest, EntityUid, Possibility

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
            known = kept.known.setdefault(possibility, {})
            lacking = [key for key in sight.heads if key not in known]
            if lacking:
                target = Target(possibility, self._knowledge)
                for key in lacking:
                    known[key] = kept.find(key, target)
            return sight.may_be_allowed(tuple(known[key] for key in sight.heads))

        return tuple(any(map(may_be_allowed, possibilities)) for possibilities in things)

    def _memory(self) -> "_Kept":
        kept = self._kept
        if kept is None or kept.full:
            rules = rules_of(self._store.policies.values()) if kept is None else kept.rules
            kept = self._kept = _Kept(rules=rules, named=self._store.literals)
        return kept

    def _sight(self, kept: "_Kept", asker: Asker) -> Sight:
        with self._lock:
            found = kept.sights.get(asker)
            if found is None:
                found = kept.sights[asker] = Sight(asker, self._knowledge, kept.rules)
                if len(kept.sights) > _MOST_CALLERS:
                    kept.sights.popitem(last=False)
            kept.sights.move_to_end(asker)
            return found


@dataclass(slots=True, kw_only=True)
class _Kept:
    """What was found, to be used again; dropped as a whole when it has grown too large.

    Of thousands of policies a caller has to do with a few: so what policies say is looked for by what their
    heads say of the principal, and only where that admits somebody who asks.
    """

    rules: Mapping[Key, tuple[Rule, ...]]
    named: frozenset[EntityUid]
    classes: dict[Key, Classes] = field(default_factory=dict)
    known: dict[Possibility, dict[Key, TargetClass]] = field(default_factory=dict)
    sights: OrderedDict[Asker, Sight] = field(default_factory=OrderedDict)
    size: int = 0

    def find(self, key: Key, target: Target) -> TargetClass:
        """The class of something, for the policies whose heads say this of the principal."""
        classes = self.classes.get(key)
        if classes is None:
            classes = self.classes.setdefault(key, Classes(self.rules[key], self.named))
        before = len(classes)
        found = classes.of(target)
        self.size += 1 + len(classes) - before
        return found

    @property
    def full(self) -> bool:
        """Whether servers and callers have brought more than is worth keeping."""
        return self.size + len(self.known) > _MOST_THINGS
