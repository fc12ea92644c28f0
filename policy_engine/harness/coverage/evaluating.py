"""What the clauses and conditions of a policy come to for one request, as Cedar evaluates them."""

from policy_engine.cedar import Expression, Folded, PartialRequest, fold_condition, fold_expression
from policy_engine.harness.coverage.kinds import Kind
from policy_engine.harness.coverage.places import ClausePlace, Outcome, PolicyPlace

__all__ = ["look_at"]


def look_at(place: PolicyPlace, request: PartialRequest, kind: Kind) -> None:
    """Evaluate a policy, and count what its parts come to.

    Args:
        place: the policy; its head admits the request.
        request: the request, known in full.
        kind: of who asks.
    """
    place.evaluated[kind] += 1
    settled: Outcome | None = None
    for clause in place.clauses:
        if settled is not None:
            _count_unreached(clause, kind)
            continue
        outcome = _count(clause, request, kind)
        if outcome != ("true" if clause.word == "when" else "false"):
            settled = outcome
    if settled == "erred":
        place.erred[kind] += 1
    elif settled is None and (place.guard is None or fold_condition(place.guard, request).holds):
        place.applied[kind] += 1


def _count(clause: ClausePlace, request: PartialRequest, kind: Kind) -> Outcome:
    found: dict[int, Folded] = {}

    def told(part: Expression, folded: Folded) -> None:
        found[id(part)] = folded

    outcome = _outcome(fold_expression(clause.node, request, told))
    clause.seen[outcome][kind] += 1
    for condition in clause.conditions:
        folded = found.get(id(condition.node))
        condition.seen["unreached" if folded is None else _outcome(folded)][kind] += 1
    return outcome


def _count_unreached(clause: ClausePlace, kind: Kind) -> None:
    for place in (clause, *clause.conditions):
        place.seen["unreached"][kind] += 1


def _outcome(folded: Folded) -> Outcome:
    if folded.holds is None:
        return "erred"
    return "true" if folded.holds else "false"
