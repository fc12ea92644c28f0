"""`who_can` and `what_can`: for one action, who; for one principal, what; with requests that show it."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from policy_engine.errors import ConfigError
from policy_engine.model import EntityUid
from policy_engine.review.questions.bench import Bench, Found, Search
from policy_engine.review.questions.mirror import PRINCIPAL
from policy_engine.review.questions.never import targets
from policy_engine.review.questions.wording import KINDS, action, because, code
from policy_engine.review.symbolic import FALSE, Environment, conjunction, constant, equal
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["what_can", "who_can"]

_PRINCIPALS = ("User", "Client")


def who_can(bench: Bench) -> Iterator[Verdict]:
    """For each action that is asked about, a verdict on people, on machines, and on each who is named.

    Raises:
        ConfigError: there is no such action, group or tool.
    """
    for name in bench.options.who_can:
        where = targets(bench, name)
        people: list[EntityUid | str] = [*_PRINCIPALS, *_named(bench)]
        for who in people:
            type_ = who if isinstance(who, str) else who.type
            yield _row(bench, "who_can", name, who, [each for each in where if each.principal == type_])


def what_can(bench: Bench) -> Iterator[Verdict]:
    """For each principal, or kind of them, that is asked about, a verdict on each action.

    Raises:
        ConfigError: it is neither a kind nor the uid of a person or a machine.
    """
    for name in bench.options.what_can:
        who = _principal(name)
        type_ = who if isinstance(who, str) else who.type
        for action_, where in bench.worlds.by_action.items():
            of = [each for each in where if each.principal == type_]
            yield _row(bench, "what_can", action_, who, of)


def _principal(name: str) -> EntityUid | str:
    if name in _PRINCIPALS:
        return name
    for type_ in _PRINCIPALS:
        quoted = f'{type_}::"'
        if name.startswith(quoted) and name.endswith('"') and len(name) > len(quoted) + 1:
            return EntityUid(type_, name.removeprefix(quoted)[:-1])
    remedy = 'write `User`, `Client`, `User::"<issuer>/<subject>"` or `Client::"<issuer>/<client id>"`'
    raise ConfigError(f"`{name}` is neither a kind of principal nor the id of one", remedy=remedy)


def _named(bench: Bench) -> Sequence[EntityUid]:
    """Everybody whom policies name."""
    return sorted(uid for uid in bench.subject.policies.literals if uid.type in _PRINCIPALS)


def _row(
    bench: Bench, question: str, name: str, who: EntityUid | str, where: Sequence[Environment]
) -> Verdict:
    searches = [_search(bench, question, each, who) for each in where]
    found = [*bench.look(searches, question)]
    witness = next((bench.called(each) for each in found if each.witness is not None), None)
    reasons = [each.reason for each in found if each.reason is not None]
    subject = KINDS[who] if isinstance(who, str) else code(str(who))
    outcome = Outcome.proved if witness or not reasons else Outcome.unknown
    if witness is not None:
        statement = f"{subject} can use {action(name)}"
    elif reasons:
        statement = f"whether {subject} can use {action(name)} isn't known: {because(reasons)}"
    else:
        statement = f"{subject} can never use {action(name)}"
    return Verdict(
        question=question,
        subject=name,
        outcome=outcome,
        statement=statement,
        policies=_policies(bench, found),
        witnesses=() if witness is None else (witness,),
        reason=reasons[0] if outcome is Outcome.unknown else None,
        environments=len(where),
        solved=sum(each.solved for each in found),
        severity=Severity.note,
        details=MappingProxyType({"principal": str(who), "can": witness is not None}),
    )


def _search(bench: Bench, question: str, environment: Environment, who: EntityUid | str) -> Search:
    formula = bench.formulas.allowed(environment)
    if isinstance(who, EntityUid) and formula is not FALSE:
        formula = conjunction(formula, equal(PRINCIPAL, constant(bench.worlds.ids.number(who.id))))
    return Search(environment=environment, formula=formula, label=f"{question}: {who}: {environment.action}")


def _policies(bench: Bench, found: Sequence[Found]) -> tuple[str, ...]:
    """Permits that may let them."""
    open_ = (each.search.environment for each in found if each.outcome is not Outcome.proved)
    names = (
        name
        for environment in open_
        for name, formula in bench.formulas.of(environment).items()
        if formula.permit and formula.encoded.satisfied is not FALSE
    )
    return tuple(dict.fromkeys(names))
