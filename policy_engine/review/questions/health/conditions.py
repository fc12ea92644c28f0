"""Permits whose conditions are always true, so that they permit whatever their heads admit."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from policy_engine.evaluator import StoredPolicy
from policy_engine.review.questions.asking import Ask
from policy_engine.review.questions.bench import Bench
from policy_engine.review.questions.wording import code
from policy_engine.review.solving import Unsat
from policy_engine.review.symbolic import FALSE, TRUE, Environment, Sort, conjunction, encode, variable
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["always_true"]

_ACTING = variable(Sort.BOOL, "context?", "actor")


def always_true(bench: Bench) -> Iterator[Verdict]:
    """A verdict on each permit that has conditions which never fail."""
    rest = {
        name: [*bench.formulas.environments(name)]
        for name, policy in bench.subject.running.items()
        if _has_conditions(bench, policy)
    }
    number = {name: len(each) for name, each in rest.items()}
    rest = {name: each for name, each in rest.items() if each}
    while rest:
        asks = [_ask(bench, name, each.pop()) for name, each in rest.items()]
        told = bench.asker.all(asks, "health: conditions")
        never = [name for name, answer in zip(rest, told, strict=True) if isinstance(answer.answer, Unsat)]
        for name in never:
            if not rest[name]:
                yield _verdict(name, number[name])
        rest = {name: rest[name] for name in never if rest[name]}


def _has_conditions(bench: Bench, policy: StoredPolicy) -> bool:
    guards = 0 if "delegable" in policy.written.annotations else 1
    return policy.effect == "permit" and len(bench.formulas.tree(policy.id).conditions) > guards


def _ask(bench: Bench, name: str, environment: Environment) -> Ask:
    """Is there a request that the head admits and the conditions refuse? Those of agents don't count."""
    world = bench.worlds.of(environment)
    head = encode(replace(bench.formulas.tree(name), conditions=()), world).satisfied
    found = bench.formulas.of(environment).get(name)
    satisfied = FALSE if found is None else found.encoded.satisfied
    delegable = "delegable" in bench.subject.running[name].written.annotations
    formula = conjunction(head, ~satisfied, TRUE if delegable else ~_ACTING)
    return Ask(
        formula=formula,
        axioms=lambda: world.wellformed(formula),
        label=f"health: {name}: conditions: {environment.action}",
    )


def _verdict(name: str, environments: int) -> Verdict:
    return Verdict(
        question="health",
        subject=name,
        outcome=Outcome.violated,
        statement=f"the conditions of {code(name)} are always true: it permits whatever its head admits",
        policies=(name,),
        environments=environments,
        severity=Severity.warning,
        details=MappingProxyType({"finding": "always true"}),
    )
