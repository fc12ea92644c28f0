"""`ceiling`: can anybody of a kind do what a bound doesn't allow?

The bound is itself a set of Cedar policies, about the same schema and checked like any other: what it allows
is the most that there may be. It is read as policies are that decide: a permit of it covers what an agent
does for a person only where it is `@delegable`.
"""

from collections.abc import Iterator
from types import MappingProxyType

from policy_engine.config import policy_checker
from policy_engine.errors import PolicyError
from policy_engine.evaluator import PolicyChecker
from policy_engine.review.options import Bound
from policy_engine.review.questions.bench import Bench
from policy_engine.review.questions.formulas import Formulas
from policy_engine.review.questions.sweeping import sweep
from policy_engine.review.questions.wording import KINDS, code, listed
from policy_engine.review.solving import Unknown, UnknownReason
from policy_engine.review.symbolic import FALSE, Environment, Term, conjunction
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["ceiling"]


def ceiling(bench: Bench) -> Iterator[Verdict]:
    """A verdict on each bound."""
    if not bench.options.bounds:
        return
    subject = bench.subject
    checker = policy_checker(subject.loaded, subject.servers, subject.static)
    for bound in bench.options.bounds:
        yield _verdict(bench, bound, checker)


def _verdict(bench: Bench, bound: Bound, checker: PolicyChecker) -> Verdict:
    name = bound.source.file or "the bound"
    examined = checker.examine([bound.source])
    if examined.errors:
        return _invalid(name, examined.errors[0])
    running = {id_: policy for id_, policy in examined.policies.items() if not policy.shadow}
    limits = Formulas(bench.worlds, running)
    who = KINDS[bound.kind]
    where = [environment for environment in bench.worlds.all if environment.principal == bound.kind]

    def beyond(environment: Environment) -> Term:
        allowed = bench.formulas.allowed(environment)
        return FALSE if allowed is FALSE else conjunction(allowed, ~limits.allowed(environment))

    against = bench.shower.judged(running.values())
    found = sweep(bench, where, beyond, f"ceiling {name}", against=against)
    vacuous = found.outcome is Outcome.proved and all(bench.formulas.allowed(each) is FALSE for each in where)
    match found.outcome:
        case Outcome.violated:
            some = found.actions(Outcome.violated)
            statement = f"{who} can do what {code(name)} doesn't allow: {listed(some)}"
        case Outcome.unknown:
            statement = f"whether {who} stay within {code(name)} isn't known: {found.because}"
        case _ if vacuous:
            statement = f"{who} stay within {code(name)}, since nothing at all is allowed to them"
        case _:
            statement = f"{who} can do nothing that {code(name)} doesn't allow"
    severity = Severity.note if vacuous else Severity.error
    details = {**found.details, "kind": bound.kind, "bound": examined.digest}
    return found.verdict(
        "ceiling", name, statement, vacuous=vacuous, severity=severity, details=MappingProxyType(details)
    )


def _invalid(name: str, error: PolicyError) -> Verdict:
    reason = Unknown(UnknownReason.invalid_policies, str(error))
    return Verdict(
        question="ceiling",
        subject=name,
        outcome=Outcome.unknown,
        statement=f"whether the bound {code(name)} is kept isn't known: it doesn't validate",
        reason=reason,
    )
