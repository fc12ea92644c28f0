"""A place where mutants are tried: what they all have in common is made once."""

from dataclasses import dataclass
from functools import cached_property

from policy_engine.cedar import (
    Binary,
    Call,
    Expression,
    Parsed,
    PolicyScope,
    PolicyTree,
    Unary,
    read_policies,
    tree_of,
    walk,
)
from policy_engine.errors import PolicyError
from policy_engine.evaluator import CheckedPolicy
from policy_engine.harness.cases import Result
from policy_engine.harness.mutation.forms import NEVER, PolicyForm, policy_form
from policy_engine.harness.mutation.masking import masked_by
from policy_engine.harness.mutation.mutant import Mutant
from policy_engine.harness.mutation.report import Fate, Outcome
from policy_engine.harness.mutation.targets import TargetSet
from policy_engine.harness.mutation.watching import Place, Watched
from policy_engine.harness.running import decide
from policy_engine.harness.world import World

__all__ = ["Bench", "Trial", "target_set"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """A mutant that loads.

    Attributes:
        mutant: the mutant.
        checked: its policy; None if that is gone.
        scopes: what heads admit before and after.
        tree: what it says.
        form: what it comes to.
    """

    mutant: Mutant
    checked: CheckedPolicy | None
    scopes: tuple[PolicyScope, ...]
    tree: PolicyTree | None
    form: PolicyForm


class Bench:
    """Tries mutants against cases that pass.

    Args:
        world: with the policies as they are.
        watched: the cases, with what they ask.
    """

    def __init__(self, world: World, watched: tuple[Watched, ...]) -> None:
        self._world = world
        self._watched = watched
        self._targets = target_set(world)
        self._forms: dict[str, PolicyForm] = {}
        self._lately: dict[str, list[int]] = {}
        self._lists = frozenset(
            number for number, each in enumerate(watched) if each.case.asked.listed is not None
        )
        self._places: dict[Place, list[int]] = {}
        for number, each in enumerate(watched):
            for _, place, _ in each.asked:
                self._places.setdefault(place, []).append(number)

    def admit(self, mutant: Mutant) -> Trial | Outcome:
        """Hold a mutant against the schema, and against the policy that it was made of."""
        trial = self.trial(mutant)
        if isinstance(trial, str):
            return Outcome(mutant=mutant, fate=Fate.stillborn, why=trial)
        if trial.form == self._known_form(mutant.policy, self._trees[mutant.policy]):
            return Outcome(mutant=mutant, fate=Fate.equivalent, why=_why(trial.form))
        return trial

    def trial(self, mutant: Mutant) -> Trial | str:
        """A mutant that loads; or why it doesn't."""
        parsed = _parsed(mutant)
        if isinstance(parsed, PolicyError):
            return parsed.problem
        checked = None if parsed is None else self._world.checker.check(parsed)
        if checked is not None and checked.errors:
            return checked.errors[0].problem
        tree = None if parsed is None else tree_of(parsed.est)
        scopes = (mutant.original.scope, None if parsed is None else parsed.policy.scope)
        return Trial(
            mutant=mutant,
            checked=checked,
            scopes=tuple(dict.fromkeys(scope for scope in scopes if scope is not None)),
            tree=tree,
            form=NEVER if tree is None else policy_form(tree, self._targets),
        )

    def world_of(self, trial: Trial) -> World:
        """The world with the mutant in it."""
        world = self._world
        return world.with_policies(world.checker.replaced(world.policies, trial.mutant.policy, trial.checked))

    def run(self, trial: Trial) -> Outcome:
        """Decide the cases that could be told otherwise, until one is."""
        mutant = trial.mutant
        world: World | None = None
        decided = 0
        for number in self._order(trial):
            watched = self._watched[number]
            world = world or self.world_of(trial)
            if not self._may_differ(world, trial, watched):
                continue
            decided += 1
            result: Result = decide(world, watched.case)
            if result.failures:
                self._remember(mutant.policy, number)
                return Outcome(mutant=mutant, fate=Fate.killed, by=watched.case.id, decided=decided)
        above = self.masked(trial)
        if above is not None:
            return Outcome(mutant=mutant, fate=Fate.equivalent, why=_masked(above), decided=decided)
        return Outcome(mutant=mutant, fate=Fate.survived, decided=decided)

    def masked(self, trial: Trial) -> tuple[str, ...] | None:
        """Who decides wherever the mutant differs from the original, if nothing can tell the two."""
        name = trial.mutant.policy
        if self._err or _may_err(trial.tree):
            return None
        others = {each: self._known_form(each, tree) for each, tree in self._trees.items() if each != name}
        return masked_by(name, self._known_form(name, self._trees[name]), trial.form, others)

    def _order(self, trial: Trial) -> list[int]:
        """Cases that its head or the original's admits; those first that told others of the policy."""
        concerned = set(self._lists)
        for place, numbers in self._places.items():
            if any(place.admitted(scope) for scope in trial.scopes):
                concerned.update(numbers)
        first = [number for number in self._lately.get(trial.mutant.policy, ()) if number in concerned]
        return [*first, *sorted(concerned.difference(first))]

    def _may_differ(self, world: World, trial: Trial, watched: Watched) -> bool:
        if watched.wider and (watched.case.asked.listed is not None or _names_scopes(trial)):
            return True
        evaluate = world.engine.stages.evaluator.evaluate
        return any(evaluate(request) != verdict for request, _, verdict in watched.asked)

    def _remember(self, policy: str, number: int) -> None:
        lately = self._lately.setdefault(policy, [])
        if number in lately:
            lately.remove(number)
        lately.insert(0, number)

    @cached_property
    def _trees(self) -> dict[str, PolicyTree]:
        policies = self._world.policies.policies
        return {name: tree_of(policy.written.est) for name, policy in policies.items()}

    @cached_property
    def _err(self) -> bool:
        """Whether any policy as it is may err."""
        return any(map(_may_err, self._trees.values()))

    def _known_form(self, name: str, tree: PolicyTree) -> PolicyForm:
        form = self._forms.get(name)
        if form is None:
            form = self._forms[name] = policy_form(tree, self._targets)
        return form


def target_set(world: World) -> TargetSet:
    """What can be asked for in a world."""
    config = world.loaded.config
    stages = world.engine.stages
    parents = {uid: stages.static.above(uid) for uid in stages.static.uids}
    servers = {name: server.unpinned == "allow" for name, server in config.servers.items()}
    return TargetSet(world.checker.groups.actions, servers, parents)


def _parsed(mutant: Mutant) -> Parsed | PolicyError | None:
    if not mutant.text:
        return None
    (parsed,) = read_policies(mutant.text, mutant.file)
    return parsed


def _why(form: PolicyForm) -> str:
    if form == NEVER:
        return "neither it nor the original applies to anything that is there"
    return "says the same in other words, of all that can be asked"


def _masked(above: tuple[str, ...]) -> str:
    names = ", ".join(f"`{name}`" for name in above)
    return f"no request is decided otherwise: wherever it differs, others decide: {names}"


def _may_err(tree: PolicyTree | None) -> bool:
    """Whether a policy that is valid may fail all the same: by calculating beyond 64 bits, say."""
    if tree is None:
        return False
    nodes = (node for condition in tree.conditions for node in walk(condition.body))
    return any(_errs(node) for node in nodes)


def _errs(node: Expression) -> bool:
    match node:
        case Binary("+" | "-" | "*" | "getTag") | Unary("neg"):
            return True
        case Call(function, arguments):
            return function in _COMPUTED or any(
                isinstance(each, Call) and each.function in _COMPUTED for each in arguments
            )
        case _:
            return False


_COMPUTED = frozenset({"offset", "durationSince", "toDate", "toTime", "unknown"})


def _names_scopes(trial: Trial) -> bool:
    return "scopes" in trial.mutant.text or "scopes" in trial.mutant.original.text
