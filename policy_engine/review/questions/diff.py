"""`diff`: what is allowed that wasn't before, and what isn't any more; for people and for machines."""

from collections.abc import Iterator
from types import MappingProxyType

from policy_engine.review.options import Kind
from policy_engine.review.questions.bench import Bench, Search
from policy_engine.review.questions.sweeping import Sweep
from policy_engine.review.questions.wording import KINDS, listed
from policy_engine.review.symbolic import FALSE, Sort, Term, conjunction, leaves
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["diff"]

_KINDS: tuple[Kind, ...] = ("Client", "User")


def diff(bench: Bench) -> Iterator[Verdict]:
    """For each kind, a verdict on what is allowed now, and one on what no longer is; machines come first."""
    if bench.options.before is None:
        return
    before = bench.beside(bench.options.before)
    for kind in _KINDS:
        yield _granted(bench, before, kind)
        yield _revoked(bench, before, kind)


def _granted(bench: Bench, before: Bench, kind: Kind) -> Verdict:
    found = _more(bench, before, kind, "granted")
    who = _who(kind, found)
    match found.outcome:
        case Outcome.violated:
            statement = f"{who} can do what they couldn't before: {listed(found.actions(Outcome.violated))}"
        case Outcome.unknown:
            statement = f"whether {who} can do more than before isn't known: {found.because}"
        case _:
            statement = f"{who} can do nothing that they couldn't do before"
    changed = _changed(bench, before)
    if changed:
        statement += f"; but there are other arguments than before for {listed(changed)}"
    gate = kind in bench.options.no_widening
    return found.verdict(
        "diff",
        f"{kind}: granted",
        statement,
        severity=Severity.error if gate else Severity.note,
        details=MappingProxyType(
            {
                **found.details,
                "kind": kind,
                "direction": "granted",
                "gate": gate,
                "arguments_changed": list(changed),
            }
        ),
    )


def _revoked(bench: Bench, before: Bench, kind: Kind) -> Verdict:
    found = _more(before, bench, kind, "revoked")
    who = _who(kind, found)
    match found.outcome:
        case Outcome.violated:
            statement = (
                f"{who} can't do any more what they could before: {listed(found.actions(Outcome.violated))}"
            )
        case Outcome.unknown:
            statement = f"whether {who} can still do all that they could before isn't known: {found.because}"
        case _:
            statement = f"{who} can still do all that they could do before"
    return found.verdict(
        "diff",
        f"{kind}: revoked",
        statement,
        severity=Severity.note,
        details=MappingProxyType({**found.details, "kind": kind, "direction": "revoked"}),
    )


def _changed(bench: Bench, before: Bench) -> tuple[str, ...]:
    """Actions whose context has other types than before; a request with a new argument is a new one."""
    now, then = bench.subject.vocabulary.actions, before.subject.vocabulary.actions
    return tuple(name for name, row in now.items() if name in then and then[name].context != row.context)


def _who(kind: Kind, found: Sweep) -> str:
    """People, or machines; or agents that act for people, if it is only they."""
    shown = [each.witness.context for each in found.found if each.witness is not None]
    return "agents that act for people" if shown and all("actor" in each for each in shown) else KINDS[kind]


def _more(one: Bench, other: Bench, kind: Kind, what: str) -> Sweep:
    """What the one allows, and the other doesn't."""
    searches = []
    for environment in one.worlds.all:
        if environment.principal != kind:
            continue
        allowed = one.formulas.allowed(environment)
        label = f"{what}: {environment.principal}, {environment.action}, {environment.resource}"
        if allowed is FALSE or environment not in other.worlds:
            searches.append(Search(environment=environment, formula=allowed, label=label))
            continue
        beyond = conjunction(allowed, ~other.formulas.allowed(environment))
        apart = _clash(beyond)
        searches.append(
            Search(
                environment=environment,
                # What one calls a text is a number to the other: a request of the one is none of the other.
                formula=allowed if apart else beyond,
                against=other.shower.court,
                beside=None if apart else other.worlds.of(environment),
                label=label,
            )
        )
    return Sweep(bench=one, found=tuple(one.look(searches, f"diff: {what}")))


def _clash(formula: Term) -> bool:
    """Whether one name stands for values of two sorts."""
    sorts: dict[object, Sort] = {}
    return any(sorts.setdefault(leaf.name, leaf.sort) is not leaf.sort for leaf in leaves(formula))
