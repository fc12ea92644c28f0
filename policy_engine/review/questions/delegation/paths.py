"""Which agent can do what for people."""

from collections.abc import Iterator, Sequence
from typing import Any

from policy_engine.evaluator import entity_literals
from policy_engine.model import EntityUid
from policy_engine.review.questions.asking import Ask
from policy_engine.review.questions.bench import Bench, Found
from policy_engine.review.questions.delegation.lending import ACTOR, Lent
from policy_engine.review.solving import Sat, Unsat
from policy_engine.review.symbolic import conjunction, constant, equal
from policy_engine.review.verdict import Outcome

__all__ = ["agents_of", "paths"]

_MOST_AGENTS = 20
"""As many are looked at one by one."""


def paths(bench: Bench, lent: Sequence[Lent]) -> Iterator[dict[str, Any]]:
    """Which agent can do what for people, by which permit; None stands for every other agent."""
    agents = agents_of(bench)
    rows = [(each, found, agent) for each in lent for found in each.found for agent in (*agents, None)]
    rows = [row for row in rows if row[1].outcome is not Outcome.proved]
    told = bench.asker.all([_ask(bench, agents, *row) for row in rows], "delegation: paths")
    for (each, found, agent), answer in zip(rows, told, strict=True):
        if isinstance(answer.answer, Unsat):
            continue
        yield {
            "actor": None if agent is None else str(agent),
            "action": found.search.environment.action,
            "policy": each.policy.id,
            "certain": isinstance(answer.answer, Sat),
        }


def _ask(bench: Bench, agents: Sequence[EntityUid], lent: Lent, found: Found, agent: EntityUid | None) -> Ask:
    environment = found.search.environment
    literals = (literal.uid for literal in entity_literals(bench.formulas.tree(lent.policy.id)))
    named = {uid.id for uid in (*agents, *literals) if uid.type == "Client"} if agent is None else ()
    number = bench.worlds.ids.number
    which = (
        conjunction(*(~equal(ACTOR, constant(number(name))) for name in sorted(named)))
        if agent is None
        else equal(ACTOR, constant(number(agent.id)))
    )
    formula = conjunction(found.search.formula, which)
    return Ask(
        formula=formula,
        axioms=lambda: bench.worlds.of(environment).wellformed(formula),
        label=f"delegation: {lent.policy.id}: {environment.action}: {agent or 'any other agent'}",
    )


def agents_of(bench: Bench) -> tuple[EntityUid, ...]:
    """Applications that are configured to act for people."""
    acting = (
        EntityUid("Client", f"{name}/{client}")
        for name, issuer in bench.subject.loaded.config.issuers.items()
        for client, settings in issuer.clients.items()
        if settings.acts_for_users
    )
    return tuple(acting)[:_MOST_AGENTS]
