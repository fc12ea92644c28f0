"""What of the policies a run exercises, gathered while its cases are decided."""

from collections import Counter
from collections.abc import Sequence
from types import MappingProxyType

from policy_engine.cedar import (
    CedarRequest,
    KnownEntities,
    PartialRequest,
    literals,
)
from policy_engine.evaluator import Evaluator
from policy_engine.harness.cases import Case
from policy_engine.harness.coverage.evaluating import look_at
from policy_engine.harness.coverage.heads import Heads
from policy_engine.harness.coverage.kinds import kind_of
from policy_engine.harness.coverage.matrix import Matrix
from policy_engine.harness.coverage.reading import place_of
from policy_engine.harness.coverage.tokens import TokenUses
from policy_engine.harness.world import World
from policy_engine.model import AuthorizationRequest, Decision

__all__ = ["Coverage"]


class Coverage:
    """What cases exercised of the policies of one project.

    Give its `observe` to `run_cases`. What becomes of the items of a list isn't counted: whether somebody may
    see a tool is worked out without any call of it.

    Args:
        world: what decides.

    Attributes:
        world: the same.
        policies: by id, in the order they were written, shadow policies included.
        matrix: who called what.
        tokens: whose tokens were used.
        refused: how often cases were refused before policies were asked, by code.
        cases: how many cases there were.
    """

    def __init__(self, world: World) -> None:
        stored = world.policies.policies
        self.world = world
        self.policies = MappingProxyType({name: place_of(policy) for name, policy in stored.items()})
        self.matrix = Matrix(world.engine.stages.servers.values())
        issuers = world.loaded.config.issuers
        self.tokens = TokenUses({name: issuer.profile for name, issuer in issuers.items()})
        self.refused: Counter[str] = Counter()
        self.cases = 0
        self._places = tuple(self.policies.values())
        self._heads = Heads([place.tree for place in self._places])
        # What no deciding policy names, Cedar needn't be told of.
        shadow = [policy.effective.est for policy in stored.values() if policy.shadow]
        self._named = frozenset(uid for est in shadow for uid in literals(est))

    def observe(self, case: Case, decision: Decision, questions: Sequence[AuthorizationRequest]) -> None:
        """Take in one decision.

        Args:
            case: what was asked.
            decision: what came of it.
            questions: what the policies were asked for it.
        """
        self.cases += 1
        self.tokens.count(case, decision)
        if not questions:
            self.refused[decision.code] += 1
        for request in questions:
            self._ask(request, case.asked.server, self.world.engine.stages.evaluator)

    def _ask(self, request: AuthorizationRequest, server: str, evaluator: Evaluator) -> None:
        kind = kind_of(request.principal)
        verdict = evaluator.evaluate(request)
        self.matrix.count(server, request.action.id, kind, allowed=verdict.allowed)
        if verdict.code != "policy_error":
            for match in verdict.policies:
                self.policies[match.id].decided[kind] += 1
        asked = CedarRequest(request.principal.uid, request.action, request.resource, request.context)
        entities = evaluator.entities(request, also=self._named)
        known = PartialRequest.of(asked, KnownEntities.from_json(entities.to_json()))
        for at in self._heads.admitting(known):
            look_at(self._places[at], known, kind)
