"""A log → the cases of a scenario."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from policy_engine.engine import questions
from policy_engine.harness.recording.exchange import Exchange, Log
from policy_engine.harness.recording.keeping.kept import Kept, KeptCase
from policy_engine.harness.recording.keeping.naming import Names, call_of, caller_of
from policy_engine.harness.recording.situation import Gone, situation_of
from policy_engine.harness.recording.verdicts import Judge, Opinion
from policy_engine.harness.world import World
from policy_engine.model import CedarJson, Client, Identity, TokenFacts, User

__all__ = ["keep"]


def keep(world: World, log: Log, *, given: Mapping[str, Any], by_token: bool) -> Kept:
    """Write recorded questions down as cases.

    Args:
        world: the configuration, with the policies that the cases are for.
        log: what was recorded.
        given: values of arguments, by name; others get placeholders.
        by_token: whether principals have tokens, where their issuer's tokens tell who they are.
    """
    keeper = _Keeper(world, given, by_token=by_token)
    now = min((exchange.time for exchange in log.exchanges), default=0.0)
    world.clock.set(float(int(now)))
    for exchange in log.exchanges:
        keeper.take(exchange)
    return Kept(
        cases=keeper.cases,
        principals=dict(sorted(keeper.principals.said.items())),
        calls=dict(sorted(keeper.calls.said.items())),
        left=tuple(keeper.left),
        now=float(int(now)),
    )


class _Keeper:
    def __init__(self, world: World, given: Mapping[str, Any], *, by_token: bool) -> None:
        self._world = world
        self._given = given
        self._by_token = by_token
        self._judge = Judge(world.policies)
        self.principals, self.calls = Names(), Names()
        self._kept: dict[tuple[str | None, ...], KeptCase] = {}
        self.left: list[tuple[Exchange, str]] = []

    def take(self, exchange: Exchange) -> None:
        """Keep a question, or say why not."""
        found = situation_of(self._world, exchange)
        call = None if isinstance(found, Gone) else call_of(self._world, exchange, self._given)
        if isinstance(found, Gone) or call is None:
            told = (
                found.says if isinstance(found, Gone) else f"a log doesn't say enough of `{exchange.method}`"
            )
            self.left.append((exchange, told))
            return
        called, said = call
        opinion = self._opinion(exchange, said.get("arguments") or {})
        doubt = _doubt(exchange, opinion)
        who = self.principals.name(*caller_of(self._world, exchange, by_token=self._by_token))
        if doubt is not None:
            # A call of its own: with other arguments, the same may have been decided otherwise.
            called = f"{called}, line {exchange.line}"
        self._add(
            KeptCase(
                exchange=exchange,
                who=who,
                asks=self.calls.name(called, said),
                expect=_recorded(exchange) if doubt is not None or opinion is None else _certain(opinion),
                doubt=doubt,
            )
        )

    def _add(self, case: KeptCase) -> None:
        """Keep a case; what differs only in what a scenario doesn't say is one."""
        key = (case.who, case.asks, case.expect, case.doubt)
        known = self._kept.get(key)
        if known is not None:
            count = known.exchange.count + case.exchange.count
            case = replace(known, exchange=replace(known.exchange, count=count))
        self._kept[key] = case

    @property
    def cases(self) -> tuple[KeptCase, ...]:
        """Those that were kept, in the order of the log."""
        return tuple(self._kept.values())

    def _opinion(self, exchange: Exchange, arguments: Mapping[str, Any]) -> Opinion | None:
        """What is decided whatever isn't recorded; None if such a call isn't taken."""
        known = self._seen(exchange, arguments)
        if known is None:
            return None
        situation = situation_of(self._world, exchange, known, plain=True)
        return None if isinstance(situation, Gone) else self._judge.opinion(situation.request)

    def _seen(self, exchange: Exchange, arguments: Mapping[str, Any]) -> CedarJson | None:
        """Given arguments as policies see them; None if such a call isn't taken."""
        if exchange.method != "tools/call":
            return {}
        uid = exchange.principal
        issuer, _, name = uid.id.partition("/")
        principal = (
            Client(issuer=issuer, client_id=name)
            if uid.type == "Client"
            else User(issuer=issuer, subject=name)
        )
        params = {"name": exchange.resource.id.partition("/")[2], "arguments": dict(arguments)}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        identity = Identity(principal=principal, token=TokenFacts())
        asked = questions(self._world.engine.stages, identity, message, exchange.server, at=exchange.time)
        if not asked:
            return None
        seen: CedarJson = asked[0].context.get("arguments", {})
        return {key: value for key, value in seen.items() if key in self._given and key in arguments}


def _doubt(exchange: Exchange, opinion: Opinion | None) -> str | None:
    """Why the outcome may not be what was recorded."""
    if opinion is None:
        return "the arguments don't fit the tool as it is pinned now"
    if opinion.allowed is None:
        depends = dict.fromkeys(part for each in opinion.leanings.values() for part in each.depends)
        return f"that depends on what isn't recorded: {', '.join(depends)}"
    if opinion.allowed is not exchange.allowed:
        return f"it is {'allowed' if opinion.allowed else 'denied'} now"
    return None


def _certain(opinion: Opinion) -> str:
    """What is decided, as far as that is sure whatever wasn't recorded."""
    permit = opinion.allowed is True
    if _unsure(opinion, permit=permit):
        return "allow" if permit else "deny"
    if not opinion.deciding:
        return "no_permit"
    return f"{'allow' if permit else 'forbidden'} by {', '.join(sorted(opinion.deciding))}"


def _recorded(exchange: Exchange) -> str:
    """What was decided."""
    word = "allow" if exchange.allowed else exchange.code
    return f"{word} by {', '.join(exchange.policies)}" if exchange.policies else word


def _unsure(opinion: Opinion, *, permit: bool) -> bool:
    """Whether a policy that decides, or fails, may or may not."""
    return any(
        each.errs is not False or (each.holds is None and each.permit is permit)
        for each in opinion.leanings.values()
    )
