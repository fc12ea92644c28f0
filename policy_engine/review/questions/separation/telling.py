"""Whether permits can tell twins from each other; what forbids say comes after that."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from policy_engine.cedar import Value
from policy_engine.evaluator import StoredPolicy, entity_literals, nodes
from policy_engine.review.questions.asking import Ask, Told
from policy_engine.review.questions.bench import Bench, Search
from policy_engine.review.questions.mirror import PRINCIPAL, nobody, strangers
from policy_engine.review.questions.separation.branches import branches_of
from policy_engine.review.questions.separation.cases import BAD, Case, Pair, Way
from policy_engine.review.solving import Unknown, UnknownReason, Unsat
from policy_engine.review.symbolic import (
    TRUE,
    Sort,
    Term,
    apply,
    conjunction,
    constant,
    disjunction,
    equal,
    variable,
)

__all__ = ["look_for_twins", "tell_apart"]

_NO_ACTOR = ~variable(Sort.BOOL, "context?", "actor")


def tell_apart(bench: Bench, cases: Sequence[Case]) -> None:
    """Find out how each permit treats twins, for each way in which it sees requests."""
    asked = [(case, pairs) for case in cases for pairs in case.pairs]
    differ = _told(bench, [(case, pairs[0]) for case, pairs in asked], _differ, "differ")
    open_ = [each for each, told in zip(asked, differ, strict=True) if not isinstance(told.answer, Unsat)]
    lets = iter(_told(bench, [(case, pairs[0]) for case, pairs in open_], _anybody, "anybody"))
    for (case, pairs), told in zip(asked, differ, strict=True):
        blind = isinstance(told.answer, Unsat)
        way = Way.blind if blind else _not_blind(case, pairs[0], told, next(lets))
        case.ways.append(way)
        if way in BAD:
            case.rest += [(pair, way) for pair in reversed(pairs)]
    apart = [(case, pairs[0]) for case, pairs in asked if case.way is Way.apart]
    _look_at_strangers(bench, apart)
    _look_at_branches(bench, apart)


def _look_at_strangers(bench: Bench, rows: Sequence[tuple[Case, Pair]]) -> None:
    """Of permits that treat some twins differently: whether they do so only with machines that they name.

    A list of machines that are kept out tells those apart, and no other.
    """
    pairs = [(case, _of_strangers(bench, case, pair)) for case, pair in rows]
    differ = _told(bench, pairs, _strangers_differ, "strangers differ")
    for (case, pair), told in zip(pairs, differ, strict=True):
        if isinstance(told.answer, Unsat):
            case.otherwise = Way.apart
            case.ways.append(Way.blind)
            case.rest.append((pair, Way.blind))


def _look_at_branches(bench: Bench, rows: Sequence[tuple[Case, Pair]]) -> None:
    """Of permits that treat some twins differently: whether one half of a condition treats all alike."""
    halves = [(case, half) for case, pair in rows for half in branches_of(pair)]
    for (case, half), told in zip(halves, _told(bench, halves, _differ, "halves differ"), strict=True):
        if isinstance(told.answer, Unsat):
            case.otherwise = Way.apart
            case.ways.append(Way.blind)
            case.rest.append((half, Way.blind))


def look_for_twins(bench: Bench, cases: Sequence[Case]) -> None:
    """Look for twins whom the whole set lets in, where a permit alone would; one is enough."""
    while open_ := [case for case in cases if case.rest and case.shown is None]:
        searches = []
        for case in open_:
            case.tried.append(case.rest.pop())
            searches.append(_search(bench, case.policy, *case.tried[-1]))
        for case, found in zip(open_, bench.look(searches, "separation: twins"), strict=True):
            case.found.append(found)
            case.solved += found.solved
            if found.reason is not None:
                case.reasons.append(found.reason)
    _look_for_machines(bench, [case for case in cases if case.way in BAD and case.shown is None])
    for case in cases:
        if case.way in BAD and case.shown is None:
            known = Way.unknown if case.reasons else case.otherwise
            case.ways = [known if way in BAD else way for way in case.ways]


def _look_for_machines(bench: Bench, cases: Sequence[Case]) -> None:
    """Look for machines that are let in where forbids keep out the people, of all things."""
    rows = [(case, pair, way) for case in cases for pair, way in case.tried]
    searches = [_search(bench, case.policy, pair, way, alone=True) for case, pair, way in rows]
    for (case, _, _), found in zip(rows, bench.look(searches, "separation: machines"), strict=True):
        case.found.append(found)
        case.solved += found.solved
        if found.reason is not None:
            case.reasons.append(found.reason)


def _told(
    bench: Bench,
    rows: Sequence[tuple[Case, Pair]],
    formula: Callable[[Bench, Case, Pair], Term],
    what: str,
) -> list[Told]:
    asks = [_ask(bench, case, pair, formula(bench, case, pair), what) for case, pair in rows]
    answers = [*bench.asker.all(asks, f"separation: {what}")]
    for (case, _), told in zip(rows, answers, strict=True):
        case.solved += told.solved
    return answers


def _ask(bench: Bench, case: Case, pair: Pair, formula: Term, what: str) -> Ask:
    whole = conjunction(formula, _NO_ACTOR)

    def axioms() -> Term:
        person = bench.worlds.of(pair.user).wellformed(whole)
        return conjunction(person, bench.mirror.of(bench.worlds.of(pair.client).wellformed(pair.machine)))

    return Ask(formula=whole, axioms=axioms, label=f"separation: {case.policy.id}: {what}")


def _not_blind(case: Case, pair: Pair, differ: Told, anybody: Told) -> Way:
    """Of a permit that may treat twins differently: how it treats machines that nobody named."""
    if isinstance(anybody.answer, Unknown):
        case.reasons.append(anybody.answer)
        return Way.unknown
    if not isinstance(anybody.answer, Unsat):
        return Way.open
    if isinstance(differ.answer, Unknown):
        case.reasons.append(differ.answer)
        return Way.unknown
    if pair.havoc:  # what isn't followed makes the difference, or doesn't
        case.reasons.append(Unknown(UnknownReason.unsupported, "a condition isn't followed by the proof"))
        return Way.unknown
    return Way.apart


def _differ(bench: Bench, _: Case, pair: Pair) -> Term:
    """Twins of whom one is let in, and the other isn't."""
    machine = bench.mirror.of(pair.machine)
    return disjunction(conjunction(pair.person, ~machine), conjunction(~pair.person, machine))


def _of_strangers(bench: Bench, case: Case, pair: Pair) -> Pair:
    """The same of machines that are in no group or role, and not named."""
    stranger = conjunction(*strangers(PRINCIPAL, pair.machine), *_unnamed(bench, case.policy))
    return replace(pair, machine=conjunction(pair.machine, stranger), stranger=stranger)


def _strangers_differ(bench: Bench, case: Case, pair: Pair) -> Term:
    """Such twins of whom one is let in."""
    return conjunction(_differ(bench, case, pair), bench.mirror.of(pair.stranger))


def _anybody(bench: Bench, case: Case, pair: Pair) -> Term:
    """Twins who are let in both, of whom the machine is one that nobody named."""
    machine = conjunction(pair.machine, _nobody(bench, case.policy, pair.machine))
    return conjunction(pair.person, bench.mirror.of(machine))


def _nobody(bench: Bench, policy: StoredPolicy, machine: Term) -> Term:
    """That nobody said anything of a machine, neither elsewhere nor in the policy."""
    return conjunction(*nobody(PRINCIPAL, machine), *_unnamed(bench, policy))


def _unnamed(bench: Bench, policy: StoredPolicy) -> Iterator[Term]:
    """That a policy doesn't name a machine, neither by its uid nor by a text that its client id could be."""
    tree = bench.formulas.tree(policy.id)
    for name in sorted(
        {each.uid.id for each in entity_literals(tree) if each.uid.type in ("User", "Client")}
    ):
        yield ~equal(PRINCIPAL, constant(bench.worlds.ids.number(name)))
    texts = {node.value for node in nodes(tree) if isinstance(node, Value) and isinstance(node.value, str)}
    own = apply(Sort.STRING, ("attr", "Client", "client_id"), PRINCIPAL)
    for text in sorted(texts):
        yield ~equal(own, constant(text))


def _search(bench: Bench, policy: StoredPolicy, pair: Pair, way: Way, *, alone: bool = False) -> Search:
    """Twins whom the permit lets in, and no forbid keeps out; or such machines alone."""
    machine = conjunction(pair.machine, bench.formulas.undenied(pair.client))
    if way is Way.open:
        machine = conjunction(machine, _nobody(bench, policy, pair.machine))
    person = conjunction(pair.person, bench.formulas.undenied(pair.user))
    twins = TRUE if alone else conjunction(person, bench.mirror.alike(machine))
    return Search(
        environment=pair.client,
        twin=None if alone else pair.user,
        formula=conjunction(machine, twins, _NO_ACTOR),
        policy=policy.id,
        label=f"separation: {policy.id}: {'machines' if alone else 'twins'} at {pair.user.action}",
    )
