"""The operators, a row each, in the order in which they are tried."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType

from policy_engine.errors import ConfigError
from policy_engine.harness.mutation.operators import clauses, comparisons, effects, scopes, values
from policy_engine.harness.mutation.source import Edit, Source

__all__ = ["OPERATORS", "Operator", "chosen_operators"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One kind of mistake.

    Attributes:
        says: what it does to a policy, as a reader of a report is told.
        edits: finds every place for it.
    """

    says: str
    edits: Callable[[Source], Iterator[Edit]]


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "effect-swapped": Operator(
            says="permits what it forbade, or the other way round", edits=effects.effect_swapped
        ),
        "policy-removed": Operator(says="is gone", edits=effects.policy_removed),
        "shadow-added": Operator(says="is only checked", edits=effects.shadow_added),
        "shadow-removed": Operator(says="decides, though it was only checked", edits=effects.shadow_removed),
        "delegable-added": Operator(says="holds for agents, too", edits=effects.delegable_added),
        "delegable-removed": Operator(says="doesn't hold for agents", edits=effects.delegable_removed),
        "kind-swapped": Operator(
            says="takes machines for people, or people for machines", edits=scopes.kind_swapped
        ),
        "kind-dropped": Operator(says="holds for machines and for people", edits=scopes.kind_dropped),
        "kind-required": Operator(says="holds for one kind only", edits=scopes.kind_required),
        "principal-widened": Operator(says="holds for more principals", edits=scopes.principal_widened),
        "action-widened": Operator(says="holds for more actions", edits=scopes.action_widened),
        "action-removed": Operator(says="holds for one action fewer", edits=scopes.member_removed),
        "resource-widened": Operator(says="holds for more resources", edits=scopes.resource_widened),
        "resource-narrowed": Operator(
            says="holds for a server, or what is in it", edits=scopes.resource_narrowed
        ),
        "clause-negated": Operator(says="holds where it didn't", edits=clauses.clause_negated),
        "clause-removed": Operator(says="has one condition fewer", edits=clauses.clause_removed),
        "and-or-swapped": Operator(says="wants one of two, or both", edits=clauses.and_or_swapped),
        "operand-dropped": Operator(says="asks for less", edits=clauses.operand_dropped),
        "has-dropped": Operator(says="doesn't ask whether something is there", edits=clauses.has_dropped),
        "has-shortened": Operator(says="asks for less to be there", edits=clauses.has_shortened),
        "truth-negated": Operator(says="asks for the opposite", edits=clauses.truth_negated),
        "not-dropped": Operator(says="asks for the opposite", edits=clauses.not_dropped),
        "branches-swapped": Operator(says="takes the other branch", edits=clauses.branches_swapped),
        "comparison-changed": Operator(says="compares otherwise", edits=comparisons.comparison_changed),
        "number-nudged": Operator(says="has a bound that is one off", edits=comparisons.number_nudged),
        "literal-nudged": Operator(says="has a bound that is a little off", edits=comparisons.literal_nudged),
        "arithmetic-swapped": Operator(says="calculates otherwise", edits=comparisons.arithmetic_swapped),
        "sets-compared-otherwise": Operator(
            says="wants any for all, or all for any", edits=comparisons.sets_compared_otherwise
        ),
        "text-changed": Operator(says="names something else", edits=values.text_changed),
        "truth-flipped": Operator(says="has true for false, or false for true", edits=values.truth_flipped),
        "item-removed": Operator(says="has one item fewer in a set", edits=values.item_removed),
        "kind-in-clause-swapped": Operator(
            says="takes machines for people, or people for machines", edits=values.kind_in_clause_swapped
        ),
        "pattern-widened": Operator(says="matches more texts", edits=values.pattern_widened),
        "pattern-narrowed": Operator(says="matches fewer texts", edits=values.pattern_narrowed),
    }
)


def chosen_operators(patterns: Iterable[str]) -> Mapping[str, Operator]:
    """The operators that are meant by names with `*`; all of them by none.

    Raises:
        ConfigError: a name means no operator.
    """
    wanted = tuple(patterns)
    for pattern in wanted:
        if not any(fnmatchcase(name, pattern) for name in OPERATORS):
            known = ", ".join(OPERATORS)
            raise ConfigError(f"no mutation operator is named `{pattern}`", remedy=f"known are: {known}")
    return MappingProxyType(
        {
            name: operator
            for name, operator in OPERATORS.items()
            if not wanted or any(fnmatchcase(name, pattern) for pattern in wanted)
        }
    )
