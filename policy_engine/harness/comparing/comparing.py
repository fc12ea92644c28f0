"""Recorded questions, put to two worlds.

What the record says of a policy that is the same in both is used as it is: then nothing has to be known of
arguments. For the rest, the fold says what would come of it, whatever isn't recorded.
"""

from collections.abc import Iterator, Mapping

from policy_engine.harness.comparing.changes import Change, Comparison, Effect
from policy_engine.harness.recording import (
    Exchange,
    Gone,
    Judge,
    Leaning,
    Log,
    Opinion,
    Situation,
    situation_of,
    told_leanings,
)
from policy_engine.harness.world import World

__all__ = ["compare"]


def compare(old: World, new: World, log: Log) -> Comparison:
    """Say what becomes of recorded traffic, if one world takes the place of another.

    Args:
        old: as it is.
        new: as it would be.
        log: what was recorded.
    """
    comparer = _Comparer(old, new)
    return Comparison(
        log=log,
        changes=tuple(comparer.changes(log.exchanges)),
        foreign=sum(each.count for each in log.exchanges if each.digest != old.digest),
        digests=(old.digest, new.digest),
    )


class _Comparer:
    def __init__(self, old: World, new: World) -> None:
        self._old, self._new = old, new
        self._judges = Judge(old.policies), Judge(new.policies)
        texts, others = self._judges[0].texts, self._judges[1].texts
        self._same = frozenset(name for name in texts if texts[name] == others.get(name))

    def changes(self, exchanges: tuple[Exchange, ...]) -> Iterator[Change]:
        for exchange in exchanges:
            change = self._change(exchange)
            if change is not None:
                yield change

    def _change(self, exchange: Exchange) -> Change | None:
        before, after = situation_of(self._old, exchange), situation_of(self._new, exchange)
        if isinstance(before, Gone) or isinstance(after, Gone):
            return self._gone(exchange, before, after)
        told = told_leanings(exchange, self._old.policies)
        alike = before.like(after)
        old = self._judges[0].opinion(before.request, told)
        kept = {name: each for name, each in told.items() if name in self._same} if alike else {}
        new = self._judges[1].opinion(after.request, kept)
        effect = _effect(old, new, self._same if alike else frozenset())
        if effect is None:
            return None
        certain = effect in (Effect.granted, Effect.denied)
        return Change(
            exchange=exchange,
            effect=effect,
            old=_named(old, exchange, told),
            new=new.deciding,
            depends=() if certain else _depends(old, new),
        )

    def _gone(self, exchange: Exchange, before: Situation | Gone, after: Situation | Gone) -> Change | None:
        """What becomes of what doesn't get to the policies of one of the two."""
        gone = after if isinstance(after, Gone) else before
        assert isinstance(gone, Gone)  # noqa: S101 -- one of the two is
        if isinstance(before, Gone) and isinstance(after, Gone) and before.refused and after.refused:
            return None
        if not gone.refused:
            if self._judges[0].texts == self._judges[1].texts and self._old.loaded is self._new.loaded:
                return None
            return Change(exchange=exchange, effect=Effect.unknown, why=gone.says)
        if isinstance(after, Gone):
            allowed = self._allowed_before(exchange, before)
            if allowed is False:
                return None
            effect = Effect.denied if allowed else Effect.may_be_denied
            return Change(exchange=exchange, effect=effect, old=exchange.policies, why=gone.says)
        opinion = self._judges[1].opinion(after.request)
        if opinion.allowed is False:
            return None
        return Change(
            exchange=exchange,
            effect=Effect.granted if opinion.allowed else Effect.may_be_granted,
            new=opinion.deciding,
            depends=() if opinion.allowed else _depends(opinion, opinion),
            why=f"as it is, {gone.says}",
        )

    def _allowed_before(self, exchange: Exchange, before: Situation | Gone) -> bool | None:
        if isinstance(before, Gone) or exchange.digest == self._old.digest:
            return exchange.allowed
        return self._judges[0].opinion(before.request).allowed


def _effect(old: Opinion, new: Opinion, same: frozenset[str]) -> Effect | None:
    """What becomes of a question.

    Args:
        old: what is said of it as it is.
        new: what would be said of it.
        same: policies that do the same on both sides, whatever isn't known.
    """
    if old.allowed is not None and new.allowed is not None:
        if old.allowed is new.allowed:
            return None
        return Effect.granted if new.allowed else Effect.denied
    gone = [each for name, each in old.leanings.items() if name not in same]
    come = [each for name, each in new.leanings.items() if name not in same]
    # A question can be opened only by a permit that came, or a forbid that went.
    opens = old.allowed is not True and new.allowed is not False
    if opens and (any(each.permit for each in come) or any(not each.permit for each in gone)):
        return Effect.may_be_granted
    shuts = old.allowed is not False and new.allowed is not True
    if shuts and (any(not each.permit for each in come) or any(each.permit for each in gone)):
        return Effect.may_be_denied
    return None


def _named(old: Opinion, exchange: Exchange, told: Mapping[str, Leaning]) -> tuple[str, ...]:
    return exchange.policies if told else old.deciding


def _depends(old: Opinion, new: Opinion) -> tuple[str, ...]:
    """What isn't known, and matters to policies that may decide."""
    found: dict[str, None] = {}
    for opinion in (new, old):
        for name in opinion.deciding:
            found.update(dict.fromkeys(opinion.leanings[name].depends))
    return tuple(found)
