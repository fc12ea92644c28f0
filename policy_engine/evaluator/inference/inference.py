"""Which type each node of a policy has in one kind of request, the way Cedar's validator finds it.

The validator says what is wrong, and this never overrules it: what is found here only tells which node a
sentence of its speaks of. So where the two differ, a place is less exact, and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.cedar import PolicyTree, ScopeClause
from policy_engine.evaluator.inference.attributes import ATTRIBUTES
from policy_engine.evaluator.inference.bench import NOTHING, Bench, Rule
from policy_engine.evaluator.inference.faults import Fault
from policy_engine.evaluator.inference.head import clauses, condition_of
from policy_engine.evaluator.inference.operators import OPERATORS
from policy_engine.evaluator.inference.types import BOOL, CedarType, Constant
from policy_engine.evaluator.inference.values import VALUES
from policy_engine.evaluator.inference.vocabulary import Environment, Vocabulary

__all__ = ["Inferred", "admits", "admitted", "infer"]

_RULES: Mapping[type, Rule] = MappingProxyType({**VALUES, **ATTRIBUTES, **OPERATORS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """What was found of a policy in one kind of request.

    Attributes:
        environment: the kind of request.
        faults: what the validator may hold against it.
        types: of the nodes that it looks at, by their identity.
        reachable: whether its conditions could all hold.
    """

    environment: Environment
    faults: tuple[Fault, ...]
    types: Mapping[int, CedarType | None]
    reachable: bool


def admits(clause: ScopeClause, vocabulary: Vocabulary, environment: Environment) -> bool:
    """Whether one part of a head goes with a kind of request."""
    condition = condition_of(clause)
    if condition is None:
        return True
    return Bench(vocabulary, environment, _RULES).typed(condition, NOTHING)[0] != Constant(value=False)


def admitted(
    tree: PolicyTree, vocabulary: Vocabulary, environments: Iterable[Environment] | None = None
) -> Iterator[Environment]:
    """The kinds of requests that the head of a policy admits, among these; among all, if none are given."""
    for environment in vocabulary.environments() if environments is None else environments:
        if all(admits(clause, vocabulary, environment) for clause in clauses(tree)):
            yield environment


def infer(
    tree: PolicyTree, vocabulary: Vocabulary, environments: Iterable[Environment] | None = None
) -> Iterator[Inferred]:
    """Look at a policy once for each kind of request; for each that its head admits, if none are given."""
    for environment in admitted(tree, vocabulary) if environments is None else environments:
        bench = Bench(vocabulary, environment, _RULES)
        reachable = _conditions(bench, tree)
        yield Inferred(
            environment=environment, faults=tuple(bench.faults), types=bench.types, reachable=reachable
        )


def _conditions(bench: Bench, tree: PolicyTree) -> bool:
    known = NOTHING
    for condition in tree.conditions:
        type_, told = bench.expect(condition.body, known, BOOL, None)
        if type_ == Constant(value=condition.kind == "unless"):
            return False
        if condition.kind == "when":
            known |= told
    return True
