"""What every question works with: the formulas, the solver, and the engine that has the last word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from policy_engine.review.options import Options
from policy_engine.review.questions.asking import Ask, Asker, Told
from policy_engine.review.questions.formulas import Formulas
from policy_engine.review.questions.mirror import Mirror
from policy_engine.review.questions.showing import Shower
from policy_engine.review.questions.worlds import Worlds
from policy_engine.review.solving import Sat, Unknown, Unsat
from policy_engine.review.subject import Subject
from policy_engine.review.symbolic import Environment, Ids, Term, World, conjunction
from policy_engine.review.verdict import Outcome, Witness
from policy_engine.review.witness import Court, Ruling

__all__ = ["Bench", "Found", "Search"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """Requests of one kind that are looked for.

    Attributes:
        environment: their kind.
        formula: what is true of them, and of no others.
        allowed: what the engine decides about them; None where that is left open.
        policy: one of the policies that decide, where that has to be a certain one.
        failing: the policy that fails on them, where that is looked for.
        twin: the kind of the same request by somebody of the other kind; of both the same is decided.
        against: another policy set, which doesn't allow them.
        beside: the world of that one, if it is another.
        delegated: whether an agent acts for somebody.
        label: what is looked for, for those who read what is kept.
    """

    environment: Environment
    formula: Term
    allowed: bool | None = True
    policy: str | None = None
    failing: str | None = None
    twin: Environment | None = None
    against: Court | None = None
    beside: World | None = None
    delegated: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of a search.

    Attributes:
        search: what was looked for.
        outcome: `proved` if there is no such request, `violated` if there is one.
        witness: that one.
        ruling: what Cedar says of each policy at it.
        reason: why it isn't known.
        solved: whether it took a solver.
    """

    search: Search
    outcome: Outcome
    witness: Witness | None = None
    ruling: Ruling | None = None
    reason: Unknown | None = None
    solved: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Bench:
    """The tools of one review.

    Attributes:
        subject: what is reviewed.
        options: what is asked of it.
        asker: puts formulas to the solver.
        ids: numbers of ids, shared by those that are compared.
    """

    subject: Subject
    options: Options
    asker: Asker
    ids: Ids = field(default_factory=Ids)

    @cached_property
    def worlds(self) -> Worlds:
        """Every kind of request."""
        return Worlds(self.subject, self.ids)

    @cached_property
    def formulas(self) -> Formulas:
        """The policies that decide."""
        return Formulas(self.worlds, self.subject.running)

    @cached_property
    def mirror(self) -> Mirror:
        """What people and machines have in common."""
        return Mirror(self.subject.vocabulary)

    @cached_property
    def shower(self) -> Shower:
        """Makes requests of models, and asks the engine about them."""
        return Shower(self.subject, self.worlds)

    def beside(self, other: Subject) -> "Bench":
        """The tools for another policy set, with which this one is compared."""
        return Bench(subject=other, options=self.options, asker=self.asker, ids=self.ids)

    def look(self, searches: Sequence[Search], what: str) -> Iterator[Found]:
        """Look for requests; what comes of each search, in their order.

        Args:
            searches: what to look for.
            what: what that is about, for those who watch.
        """
        asks = [self._ask(search) for search in searches]
        for search, ask, told in zip(searches, asks, self.asker.all(asks, what), strict=True):
            yield self._found(search, ask, told)

    def called(self, found: Found) -> Witness | None:
        """The witness of a search, with the call by which somebody can show it, if there is one."""
        if found.witness is None:
            return None
        search, witness = found.search, found.witness
        policies = witness.policies if search.policy is None else (search.policy,)
        return self.shower.called(
            witness, policies=policies, against=search.against, delegated=search.delegated
        )

    def _found(self, search: Search, ask: Ask, told: Told) -> Found:
        match told.answer:
            case Unsat():
                return Found(search=search, outcome=Outcome.proved, solved=told.solved)
            case Unknown() as reason:
                return Found(search=search, outcome=Outcome.unknown, reason=reason, solved=told.solved)
            case Sat() as model:
                about = (ask.formula, ask.wellformed)
                wanted = {} if search.policy is None else {search.policy: (True, False)}
                if search.failing is not None:
                    wanted[search.failing] = (False, True)
                shown = self.shower.show(
                    model,
                    about,
                    search.environment,
                    twin=search.twin,
                    allowed=search.allowed,
                    policies=wanted,
                    against=search.against,
                )
                if isinstance(shown, Unknown):
                    return Found(search=search, outcome=Outcome.unknown, reason=shown, solved=told.solved)
                witness, ruling = shown
                return Found(
                    search=search,
                    outcome=Outcome.violated,
                    witness=witness,
                    ruling=ruling,
                    solved=told.solved,
                )

    def _ask(self, search: Search) -> Ask:
        def axioms() -> Term:
            there = [self.worlds.of(search.environment)]
            if search.twin is not None:
                there.append(self.worlds.of(search.twin))
            if search.beside is not None:
                there.append(search.beside)
            return conjunction(*(world.wellformed(search.formula) for world in there))

        return Ask(formula=search.formula, axioms=axioms, label=search.label)
