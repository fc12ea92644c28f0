"""A call that tells a mutant from the policy as it is: looked for, and asked of both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policy_engine.cedar import PolicyTree, tree_of
from policy_engine.engine import PolicyEngine
from policy_engine.harness.mutation.bench import Bench, Trial
from policy_engine.harness.mutation.report import Suggestion
from policy_engine.harness.mutation.suggesting.calls import Ask, asks_of_cases, asks_of_servers, varied
from policy_engine.harness.mutation.suggesting.entries import suggestion_of
from policy_engine.harness.mutation.suggesting.literals import Interesting, interesting
from policy_engine.harness.mutation.suggesting.people import identities_of, identity_of
from policy_engine.harness.mutation.watching import Watched
from policy_engine.harness.world import World
from policy_engine.model import Client, Decision, Identity

__all__ = ["Suggester"]

_MOST = 6_000
"""Questions that are put to both, for one mutant."""


@dataclass(frozen=True, slots=True)
class _Difference:
    identity: Identity
    ask: Ask
    original: Decision
    mutated: Decision

    @property
    def weight(self) -> int:
        """How much it is: a yes for a no is most, then another code, then other policies."""
        if self.original.allowed is not self.mutated.allowed:
            return 2
        return 1 if self.original.code != self.mutated.code else 0


class Suggester:
    """Looks for calls.

    Args:
        world: with the policies as they are.
        watched: the cases, with what they ask.
        bench: makes the worlds of mutants.
    """

    def __init__(self, world: World, watched: Iterable[Watched], bench: Bench) -> None:
        self._world = world
        self._bench = bench
        watched = tuple(watched)
        self._known = [identity_of(request) for each in watched for request, _, _ in each.asked]
        servers = tuple(world.engine.stages.servers.values())
        self._servers = {server.name: server for server in servers}
        self._asks = [*asks_of_cases(each.case.asked for each in watched), *asks_of_servers(servers)]
        self._agents = [
            Client(issuer=issuer, client_id=name)
            for issuer, known in world.loaded.config.issuers.items()
            for name, client in known.clients.items()
            if getattr(client, "acts_for_users", False)
        ]

    def suggest(self, trial: Trial) -> Suggestion | None:
        """A call that tells a mutant, as a scenario entry; None if none was found."""
        trees = [tree_of(trial.mutant.original.est)]
        if trial.checked is not None:
            trees.append(tree_of(trial.checked.policy.written.est))
        best: _Difference | None = None
        mutated = self._bench.world_of(trial).engine
        for difference in self._differences(mutated, trees):
            if best is None or difference.weight > best.weight:
                best = difference
            if best.weight == 2:  # noqa: PLR2004 -- nothing is more
                break
        if best is None:
            return None
        return suggestion_of(best.identity, best.ask, best.original, best.mutated, servers=self._servers)

    def _differences(self, mutated: PolicyEngine, trees: list[PolicyTree]) -> Iterator[_Difference]:
        named = interesting(trees)
        identities = identities_of(self._known, named, self._agents, self._world.loaded.config.issuers)
        engine = self._world.engine
        left = _MOST
        for ask in self._asked(named):
            for identity in identities:
                if not left:
                    return
                left -= 1
                one, other = _decided(engine, identity, ask), _decided(mutated, identity, ask)
                if _told(one) != _told(other):
                    yield _Difference(identity, ask, one, other)

    def _asked(self, named: Interesting) -> Iterator[Ask]:
        """The calls as they are first, then with other arguments."""
        yield from self._asks
        for ask in self._asks:
            server = self._servers.get(ask.server)
            tool = None if server is None or ask.tool is None else server.tools.get(ask.tool)
            yield from varied(ask, named, tool)


def _decided(engine: PolicyEngine, identity: Identity, ask: Ask) -> Decision:
    return engine.authorize(identity.principal, ask.message, ask.server, identity.token)


def _told(decision: Decision) -> tuple[object, ...]:
    """What a scenario can expect of it."""
    policies = frozenset(match.id for match in decision.policies)
    return (decision.code, decision.detail, policies, decision.errors, decision.scopes)
