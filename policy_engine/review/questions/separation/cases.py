"""What there is to know of a permit that both people and machines might use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from policy_engine.evaluator import StoredPolicy
from policy_engine.review.questions.bench import Bench, Found
from policy_engine.review.solving import Unknown
from policy_engine.review.symbolic import FALSE, TRUE, Environment, Term

__all__ = ["BAD", "Case", "Pair", "Way", "case_of"]


class Way(StrEnum):
    """How a permit treats machines and people; the worst is the last."""

    nobody = "about nothing that there is yet"
    people = "for people alone"
    machines = "for machines alone"
    apart = "for both, and tells them apart"
    kept_out = "for both, but for forbids that keep machines out"
    unknown = "not known"
    open = "open to machines that nobody named"
    blind = "blind to who asks"


_ORDER = tuple(Way)

BAD = (Way.open, Way.blind)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """A person's kind of request and that of the twin, and when a permit lets in each.

    Attributes:
        user: the person's kind.
        client: the machine's.
        person: when it lets in the person.
        machine: when it lets in the machine.
        havoc: whether some of that isn't followed, and may come to anything.
        stranger: of which machines it is said.
    """

    user: Environment
    client: Environment
    person: Term
    machine: Term
    havoc: bool
    stranger: Term = TRUE


@dataclass(slots=True, kw_only=True)
class Case:
    """A permit, and what is known so far.

    Attributes:
        policy: the permit.
        kinds: those that it might let in.
        environments: how many kinds of request its head admits.
        pairs: kinds of request that both could make, in lists of those of which it says the same.
        ways: how it treats each list.
        rest: pairs at which twins are still to be looked for.
        tried: those at which they were.
        found: what came of that where it was looked.
        reasons: why something isn't known.
        solved: how many formulas went to the solver.
        otherwise: how it treats them where no twins are let in after all.
    """

    policy: StoredPolicy
    kinds: frozenset[str]
    environments: int
    pairs: tuple[tuple[Pair, ...], ...] = ()
    ways: list[Way] = field(default_factory=list)
    rest: list[tuple[Pair, Way]] = field(default_factory=list)
    tried: list[tuple[Pair, Way]] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    reasons: list[Unknown] = field(default_factory=list)
    solved: int = 0
    otherwise: Way = Way.kept_out

    @property
    def shown(self) -> Found | None:
        """Twins whom it lets in, and nothing keeps out."""
        return next((found for found in self.found if found.witness is not None), None)

    @property
    def way(self) -> Way:
        """How it treats people and machines, at its worst."""
        if self.ways:
            return max(self.ways, key=_ORDER.index)
        match sorted(self.kinds):
            case []:
                return Way.nobody
            case ["User"]:
                return Way.people
            case ["Client"]:
                return Way.machines
            case _:
                return Way.apart


def case_of(bench: Bench, policy: StoredPolicy) -> Case:
    """What the head of a permit says, and what its conditions say of each kind of request."""
    admitted = bench.formulas.environments(policy.id)
    kinds = frozenset(environment.principal for environment in admitted)
    if len(kinds) <= 1:  # its head says whom it is for
        return Case(policy=policy, kinds=kinds, environments=len(admitted))
    pairs: dict[tuple[Term, Term], list[Pair]] = {}
    reached: set[str] = set()
    for pair in _pairs(bench, policy.id, admitted):
        reached |= {kind for kind, of in (("User", pair.person), ("Client", pair.machine)) if of is not FALSE}
        if pair.person is not FALSE and pair.machine is not FALSE:
            pairs.setdefault((pair.person, pair.machine), []).append(pair)
    return Case(
        policy=policy,
        kinds=frozenset(reached),
        environments=len(admitted),
        pairs=tuple(map(tuple, pairs.values())),
    )


def _pairs(bench: Bench, policy: str, admitted: Sequence[Environment]) -> Iterator[Pair]:
    for user in admitted:
        if user.principal != "User":
            continue
        client = Environment(principal="Client", action=user.action, resource=user.resource)
        formulas = [bench.formulas.of(each).get(policy) for each in (user, client)]
        person, machine = (FALSE if each is None else each.encoded.satisfied for each in formulas)
        havoc = any(each is not None and each.encoded.havoc for each in formulas)
        yield Pair(user=user, client=client, person=person, machine=machine, havoc=havoc)
