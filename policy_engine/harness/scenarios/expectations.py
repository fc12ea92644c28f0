"""What should come of a call: checked, so that nothing is expected that could never be."""

from dataclasses import dataclass
from typing import Final

from policy_engine.harness.cases import Expectation
from policy_engine.harness.scenarios.calls import Question
from policy_engine.harness.scenarios.files import ExpectFile
from policy_engine.harness.scenarios.named import uid_of
from policy_engine.harness.scenarios.nearest import nearest
from policy_engine.harness.scenarios.outcome import Outcome, outcome_of
from policy_engine.harness.scenarios.principals import Speaker
from policy_engine.harness.scenarios.spot import Spot
from policy_engine.harness.world import World
from policy_engine.model import ALLOWED, CODES, DETAILS

__all__ = ["DENIALS", "Expected", "expected_of_file", "expected_of_outcome"]

DENIALS: Final = frozenset(
    {"no_permit", "forbidden", "insufficient_scope", "tool_unpinned", "tool_changed", "foreign_task"}
)
"""What `deny` alone stands for: policies, or the catalogue, said no to somebody who was recognised. That a
token is refused, or arguments are, has to be said, or a slip in the scenario would pass for a denial."""

_BY_POLICIES: Final = (None, ALLOWED, "forbidden", "insufficient_scope", "policy_error")
"""Codes beside which there may be policies that decided."""

_DECIDED: Final = frozenset({ALLOWED, *DENIALS, "policy_error"})
"""Codes of decisions in which it is known who asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was written, before it is known of whom and of which call it is expected.

    Attributes:
        outcome: what should come of it.
        spot: where it is written.
        status: the HTTP status.
        principal: whom the token is taken for, as it is written.
        visible: what is left of a list.
        scopes: what the challenge names.
    """

    outcome: Outcome
    spot: Spot
    status: int | None = None
    principal: str | None = None
    visible: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None

    def of(self, who: Speaker, asked: Question) -> Expectation:
        """The same, of somebody and of a call.

        Raises:
            ConfigError: it can't come of that call.
        """
        if self.visible is not None:
            if asked.listed is None:
                raise self._part("visible").error(f"`{asked.name}` asks for no list", "take `visible` out")
            for index, name in enumerate(self.visible):
                if name not in asked.items:
                    problem = f"`{name}` isn't in the list that `{asked.name}` gets"
                    raise (self._part("visible") / index).error(problem, nearest(name, asked.items))
        outcome = self.outcome
        plain = not outcome.allowed and outcome.code is None
        return Expectation(
            allowed=outcome.allowed,
            code=outcome.code,
            codes=DENIALS if plain and self.status is None else None,
            detail=outcome.detail,
            status=self.status,
            principal=self._principal(who, plain=plain),
            policies=outcome.policies,
            errors=outcome.errors,
            visible=self.visible,
            scopes=self.scopes,
            origin=self.spot.origin,
        )

    def _part(self, key: str) -> Spot:
        return self.spot / key

    def _principal(self, who: Speaker, *, plain: bool) -> str | None:
        if self.principal is not None:
            return None if self.principal == "any" else self.principal
        known = (plain and self.status is None) or (self.outcome.code or ALLOWED) in _DECIDED
        return who.principal if known or self.outcome.allowed else None


def expected_of_outcome(text: str, spot: Spot, world: World) -> Expected:
    """What a line says.

    Raises:
        ConfigError: it says nothing, or what can never be.
    """
    with spot.blamed():
        outcome = outcome_of(text)
    _check(outcome, None, spot, world)
    return Expected(outcome=outcome, spot=spot)


def expected_of_file(entry: ExpectFile, spot: Spot, world: World) -> Expected:
    """What a file says key by key.

    Raises:
        ConfigError: it says nothing, or what can never be.
    """
    outcome = _outcome(entry, spot)
    if entry.scopes is not None:
        if outcome.allowed or outcome.code not in (None, "insufficient_scope"):
            raise (spot / "scopes").error(
                "only `insufficient_scope` tells the caller scopes", "take one of the two out"
            )
        outcome = _with_code(outcome, "insufficient_scope")
    if entry.visible is not None and not outcome.allowed:
        raise (spot / "visible").error("nothing of a list is visible if it is denied", "take `visible` out")
    _check(outcome, entry.status, spot, world)
    if entry.principal not in (None, "any", "none"):
        uid_of(str(entry.principal), spot / "principal", world)
    return Expected(
        outcome=outcome,
        spot=spot,
        status=entry.status,
        principal=entry.principal,
        visible=entry.visible,
        scopes=entry.scopes,
    )


def _outcome(entry: ExpectFile, spot: Spot) -> Outcome:
    if entry.outcome is not None:
        for key in ("decision", "code", "detail", "policies", "errors"):
            if key in entry.model_fields_set:
                raise (spot / key).error(f"`{key}` doesn't go with `outcome`", "say it in one of the two")
        with (spot / "outcome").blamed():
            return outcome_of(entry.outcome)
    allowed = entry.decision == "allow" or (entry.decision is None and entry.code == ALLOWED)
    if entry.decision is None and entry.code is None:
        # What is left of a list, or a challenge, says it as well.
        if entry.visible is None and entry.scopes is None and entry.status is None:
            raise spot.error(
                "nothing says whether it is allowed", "give `decision: allow`, or `decision: deny`"
            )
        allowed = entry.visible is not None or entry.status == CODES[ALLOWED].status
    return Outcome(
        allowed=allowed,
        code=entry.code,
        detail=entry.detail,
        policies=None if entry.policies is None else frozenset(entry.policies),
        errors=frozenset(entry.errors),
    )


def _with_code(outcome: Outcome, code: str) -> Outcome:
    return Outcome(
        allowed=False,
        code=code,
        detail=outcome.detail,
        policies=outcome.policies,
        errors=outcome.errors,
    )


def _check(outcome: Outcome, status: int | None, spot: Spot, world: World) -> None:
    """Refuse what can never be."""
    code = outcome.code
    if code is not None and code not in CODES:
        raise spot.error(f"`{code}` is no code of a decision", nearest(code, CODES))
    if code is not None and (code == ALLOWED) is not outcome.allowed:
        said = "allowed" if outcome.allowed else "denied"
        raise spot.error(f"what is {said} never has the code `{code}`", "take one of the two out")
    if outcome.detail is not None:
        known = DETAILS.get(code or "", {})
        if code is None or outcome.detail not in known:
            where = f"the code `{code}`" if code else "a decision without a code"
            raise spot.error(f"`{outcome.detail}` is no detail of {where}", nearest(outcome.detail, known))
    may = {row.status for name, row in CODES.items() if (name == ALLOWED) is outcome.allowed}
    may = may if code is None else {CODES[code].status}
    if status is not None and status not in may:
        listed = " or ".join(map(str, sorted(may)))
        raise (spot / "status").error(f"the status is never {status} then", f"it is {listed}")
    _check_policies(outcome, spot, world)


def _check_policies(outcome: Outcome, spot: Spot, world: World) -> None:
    policies = world.policies.policies
    for name in sorted((outcome.policies or frozenset()) | outcome.errors):
        if name not in policies:
            raise spot.error(f"no policy has the id `{name}`", nearest(name, policies))
    for name in sorted(outcome.policies or ()):
        if policies[name].shadow:
            raise spot.error(f"`{name}` is a shadow policy, and never decides", "take it out")
        if (policies[name].effect == "permit") is not outcome.allowed:
            said = "allowed" if outcome.allowed else "denied"
            effect = policies[name].effect
            raise spot.error(f"nothing is {said} by `{name}`, which is a {effect}", "look at its id")
    if outcome.allowed and outcome.policies == frozenset():
        raise spot.error("nothing is allowed without a policy", "name the policies, or take `policies` out")
    if outcome.policies and outcome.code not in _BY_POLICIES:
        raise spot.error(f"no policy decides where the code is `{outcome.code}`", "take one of the two out")
