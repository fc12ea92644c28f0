"""What is otherwise than expected, one by one."""

from collections.abc import Iterable

from policy_engine.harness.cases import Expectation, Failure
from policy_engine.model import Decision

__all__ = ["differences"]

_NOTHING = "none"


def differences(
    expect: Expectation, decision: Decision, visible: tuple[str, ...] | None
) -> tuple[Failure, ...]:
    """Compare a decision with what was expected of it; what isn't expected isn't compared.

    Args:
        expect: what should come of it.
        decision: what did.
        visible: names of the items that were left of a list; None where none was filtered.
    """
    found = _in_answer(expect, decision)
    if expect.policies is not None and expect.policies != (decided := {one.id for one in decision.policies}):
        found.append(_of("policies", _listed(sorted(expect.policies)), _listed(sorted(decided))))
    if missing := expect.includes - {one.id for one in decision.policies}:
        decided = {one.id for one in decision.policies}
        found.append(_of("policies", f"also {_listed(sorted(missing))}", _listed(sorted(decided))))
    if (decision.errors or expect.errors) and expect.errors != (erred := {e.policy for e in decision.errors}):
        found.append(_of("errors", _listed(sorted(expect.errors)), _listed(sorted(erred))))
    if expect.visible is not None and (visible is None or sorted(expect.visible) != sorted(visible)):
        found.append(_of("visible", _listed(expect.visible), _listed(visible or ())))
    if expect.scopes is not None and sorted(expect.scopes) != sorted(decision.scopes):
        found.append(_of("challenge", _listed(expect.scopes), _listed(decision.scopes)))
    return tuple(found)


def _in_answer(expect: Expectation, decision: Decision) -> list[Failure]:
    """What is otherwise in what a caller is told, and in whom they are taken for."""
    found: list[Failure] = []
    if expect.allowed is not None and expect.allowed is not decision.allowed:
        found.append(_of("decision", "allow" if expect.allowed else "deny", _said(decision)))
    if expect.code is not None and expect.code != decision.code:
        found.append(_of("code", expect.code, decision.code))
    elif expect.codes is not None and not decision.allowed and decision.code not in expect.codes:
        found.append(_of("code", f"one of {_listed(sorted(expect.codes))}", decision.code))
    if expect.detail is not None and expect.detail != decision.detail:
        found.append(_of("detail", expect.detail, decision.detail or _NOTHING))
    if expect.status is not None and expect.status != decision.status:
        found.append(_of("status", str(expect.status), str(decision.status)))
    if expect.principal is not None and expect.principal != (actual := _principal(decision)):
        found.append(_of("principal", expect.principal, actual))
    return found


def _of(what: str, expected: str, actual: str) -> Failure:
    return Failure(what=what, expected=expected, actual=actual)


def _said(decision: Decision) -> str:
    return "allow" if decision.allowed else f"deny ({decision.code})"


def _principal(decision: Decision) -> str:
    return _NOTHING if decision.principal is None else str(decision.principal.uid)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or _NOTHING
