"""Policies that can fail: on an overflow, or on an entity that isn't there."""

from collections.abc import Iterator
from types import MappingProxyType

from policy_engine.review.questions.bench import Bench, Search
from policy_engine.review.questions.wording import because, code
from policy_engine.review.symbolic import FALSE
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["failing"]


def failing(bench: Bench) -> Iterator[Verdict]:
    """A verdict on each policy that can fail, or of which that isn't known."""
    searches: dict[str, list[Search]] = {}
    for environment in bench.worlds.all:
        for name, formula in bench.formulas.of(environment).items():
            known = searches.setdefault(name, [])
            errs = formula.encoded.errs
            if errs is not FALSE and all(search.formula is not errs for search in known):
                label = f"health: {name}: errs: {environment.action}"
                known.append(
                    Search(environment=environment, formula=errs, allowed=None, failing=name, label=label)
                )
    every = [search for each in searches.values() for search in each]
    found = bench.look(every, "health: errors")
    for name, each in searches.items():
        results = [next(found) for _ in each]
        reasons = [result.reason for result in results if result.reason is not None]
        witness = next((bench.called(result) for result in results if result.witness is not None), None)
        if witness is None and not reasons:
            continue
        forbid = bench.subject.running[name].effect == "forbid"
        effect = "then denies whatever it is about" if forbid else "then permits nothing"
        unknown = f"whether {code(name)} can fail isn't known: {because(reasons)}"
        yield Verdict(
            question="health",
            subject=name,
            outcome=Outcome.unknown if witness is None else Outcome.violated,
            statement=unknown if witness is None else f"{code(name)} can fail, and {effect}",
            policies=(name,),
            witnesses=() if witness is None else (witness,),
            reason=reasons[0] if witness is None else None,
            environments=len(results),
            solved=sum(result.solved for result in results),
            severity=Severity.warning,
            details=MappingProxyType({"finding": "can fail"}),
        )
