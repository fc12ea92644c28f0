"""`never`: can any machine ever use this tool, these tools, or this kind of action?"""

from collections.abc import Iterator

from policy_engine.errors import ConfigError
from policy_engine.evaluator import closest
from policy_engine.model import EntityUid
from policy_engine.review.questions.bench import Bench
from policy_engine.review.questions.sweeping import sweep
from policy_engine.review.questions.wording import action, counted, listed
from policy_engine.review.symbolic import Environment
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["never", "targets"]


def never(bench: Bench) -> Iterator[Verdict]:
    """A verdict on each of the things that no machine may use.

    Raises:
        ConfigError: there is no such action, group or tool.
    """
    for name in bench.options.never:
        yield _verdict(bench, name)


def targets(bench: Bench, name: str) -> tuple[Environment, ...]:
    """The kinds of request that somebody means by a name: of a tool, an action, or a group of actions.

    Raises:
        ConfigError: there is no such thing.
    """
    known, id_ = bench.subject.vocabulary.actions, _id(name)
    if id_ not in known:
        near = closest(id_, known)
        remedy = f"did you mean `{near}`?" if near else "look what there is: policy-engine schema"
        raise ConfigError(f"there is no `{EntityUid('Action', id_)}`", remedy=remedy)
    return bench.worlds.within[id_]


def _id(name: str) -> str:
    """What is between the quotes, where it is written as in a policy; a tool's action has the tool's id."""
    for type_ in ("Action", "Tool"):
        quoted = f'{type_}::"'
        if name.startswith(quoted) and name.endswith('"'):
            return name.removeprefix(quoted)[:-1]
    return name


def _verdict(bench: Bench, name: str) -> Verdict:
    every = targets(bench, name)
    where = [environment for environment in every if environment.principal == "Client"]
    actions = dict.fromkeys(environment.action for environment in where)
    found = sweep(bench, where, bench.formulas.allowed, f"never {name}")
    id_ = _id(name)
    single = tuple(actions) == (id_,)
    what = action(id_) if single else f"anything in {action(id_)}"
    vacuous, severity = not where, Severity.error
    match found.outcome:
        case Outcome.violated:
            which = "" if single else f": {listed(found.actions(Outcome.violated))}"
            some = what if single else f"something in {action(id_)}"
            statement = f"a machine can use {some}{which}"
        case Outcome.unknown:
            statement = f"whether a machine can use {what} isn't known: {found.because}"
        case _ if vacuous:
            severity = Severity.note
            statement = f"no machine can use {what}, but only since there is nothing in it yet"
        case _:
            of = "" if single else f" ({counted(len(actions), 'action')})"
            statement = (
                f"no machine can ever use {what}{of}, whatever its token says and whatever it asks for"
            )
    return found.verdict("never", name, statement, vacuous=vacuous, severity=severity)
