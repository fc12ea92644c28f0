"""An inspection for people: a label and a text, one a line."""

import json
from collections.abc import Iterator

from policy_engine.cli.inspection.inspection import CheckMade, Inspection, Outcome, Verdict
from policy_engine.cli.inspection.record import problem
from policy_engine.cli.inspection.wording import shown
from policy_engine.errors import PolicyEngineError
from policy_engine.evaluator import principal_entity
from policy_engine.model import Identity, User

__all__ = ["Line", "lines", "told"]

Line = tuple[str, str]
"""A label of at most nine characters, and a text."""

_OUTCOMES = {
    Outcome.passed: "pass",
    Outcome.failed: "FAIL",
    Outcome.unchecked: "unchecked",
    Outcome.not_reached: "-",
}
_ANSWERS = {True: "yes", False: "no ", None: "-  "}
"""`-`: a claim that the clause needs is absent."""


def lines(found: Inspection) -> Iterator[Line]:
    """Everything, the verdict and what to change last."""
    if found.unproven_because:
        yield "UNPROVEN", f"the signature wasn't checked ({found.unproven_because})"
        yield "", "anybody could have written this token; all that follows is by its own word"
    yield "issuer", _issuer(found)
    if found.audiences:
        yield "audience", ", ".join(found.audiences)
    if found.client_id is not None:
        yield "client", shown(found.client_id)
    for check in found.checks:
        yield _OUTCOMES[check.outcome], _check(check)
    for kind, clauses in (("machine", found.client), ("human", found.user)):
        for clause in clauses:
            yield kind, f"{_ANSWERS[clause.holds]} {clause.text}"
    yield from _verdict(found)
    for change in found.changes:
        yield "change", f"{change.where}: {change.text}"
        if change.warning:
            yield "beware", change.warning


def _issuer(found: Inspection) -> str:
    if found.issuer is None:
        return f"{found.iss}, none that is configured" if found.iss else "none that is configured"
    if any(check.name == "introspection" for check in found.checks):
        return (
            f"{found.issuer} (profile {found.profile}), {'asked' if found.proven else 'to be asked'}: opaque"
        )
    return f"{found.issuer} (profile {found.profile}), {'proven' if found.proven else 'by its own word'}"


def _check(check: CheckMade) -> str:
    text = f"{check.name}: {check.asks if check.error is None else told(check.error)}"
    return f"{text} ({check.note})" if check.note else text


def _verdict(found: Inspection) -> Iterator[Line]:
    match found.verdict:
        case Verdict.accepted if found.identity is not None:
            yield from _standing_for(found.identity, "accepted", "")
        case Verdict.unknown if found.identity is not None:
            yield from _standing_for(found.identity, "UNKNOWN", "if its signature holds: ")
        case _:
            for error in found.errors:
                yield "REFUSED", told(error)
            if found.identity is not None:
                kind = "a person" if isinstance(found.identity.principal, User) else "a machine"
                yield "otherwise", f"the evidence speaks for {kind}"


def _standing_for(identity: Identity, label: str, before: str) -> Iterator[Line]:
    principal = identity.principal
    yield label, f"{before}{principal.uid}{', bound to a key' if principal.sender_constrained else ''}"
    actor = principal.actor if isinstance(principal, User) else None
    if actor is not None:
        yield "actor", f"{before}{actor.uid}"
    yield "scopes", f"{before}{' '.join(identity.token.scopes) or 'none'}"
    for one in (principal, actor):
        if one is not None:
            yield "entity", f"{before}{json.dumps(principal_entity(one), ensure_ascii=False)}"


def told(error: PolicyEngineError) -> str:
    """`code (detail): one sentence`."""
    return f"{error.code}{f' ({error.detail})' if error.detail else ''}: {problem(error)}"
