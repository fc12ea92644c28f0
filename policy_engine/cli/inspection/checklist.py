"""The checks of both stages as one list, each with what became of it."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from policy_engine.cli.inspection.bench import Bench
from policy_engine.cli.inspection.inspection import CheckMade, Outcome
from policy_engine.cli.inspection.wording import duration, listed
from policy_engine.config import Audiences
from policy_engine.errors import TokenError
from policy_engine.mapper import MAPPING_CHECKS, Examination
from policy_engine.tokens import OPAQUE_CHECKS, TOKEN_CHECKS, TokenExamination

__all__ = ["LAST_CHECKS", "last_checks", "mapping_checks", "opened_servers", "token_checks"]

LAST_CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "audience_of_kind": "`aud` is one that this kind of principal has",
        "proof": "the token isn't bound to a key",
    }
)
"""What is asked when it is known whose the token is."""

_BOUND = "`evaluate` refuses it (proof_required): its proof can't be checked yet"


def token_checks(bench: Bench, first: TokenExamination) -> Iterator[CheckMade]:
    """Stage 1."""
    for name, asks in (OPAQUE_CHECKS if first.opaque else TOKEN_CHECKS).items():
        error = first.made.get(name)
        if name in first.left_out:
            outcome = Outcome.unchecked
        elif name in first.made:
            outcome = Outcome.passed if error is None else Outcome.failed
        else:
            outcome = Outcome.not_reached
        note = _NOTES[name](bench, first) if name in _NOTES and first.token is not None else ""
        yield CheckMade(stage=1, name=name, asks=asks, outcome=outcome, error=error, note=note)


def mapping_checks(second: Examination | None) -> Iterator[CheckMade]:
    """Stage 2; it stops at the first check that fails."""
    outcome = Outcome.not_reached if second is None else Outcome.passed
    for name, asks in MAPPING_CHECKS.items():
        if second is not None and second.check == name:
            yield CheckMade(stage=2, name=name, asks=asks, outcome=Outcome.failed, error=second.error)
            outcome = Outcome.not_reached
        else:
            yield CheckMade(stage=2, name=name, asks=asks, outcome=outcome)


def last_checks(
    audiences: Audiences, first: TokenExamination, second: Examination | None
) -> Iterator[CheckMade]:
    """What is asked of both kinds, once it is known which it is."""
    outcomes: dict[str, Outcome] = dict.fromkeys(LAST_CHECKS, Outcome.not_reached)
    error: TokenError | None = None
    if first.token is not None and second is not None and second.identity is not None:
        if first.made["audience"] is None:  # what is no audience at all is none for a kind
            try:
                audiences.require(first.token, second.identity.principal)
            except TokenError as refusal:
                error = refusal
            outcomes["audience_of_kind"] = Outcome.passed if error is None else Outcome.failed
        outcomes["proof"] = Outcome.unchecked if first.token.sender_constrained else Outcome.passed
    for name, outcome in outcomes.items():
        yield CheckMade(
            stage=2,
            name=name,
            asks=LAST_CHECKS[name],
            outcome=outcome,
            error=error if name == "audience_of_kind" else None,
            note=_BOUND if outcome is Outcome.unchecked else "",
        )


def opened_servers(bench: Bench, first: TokenExamination) -> tuple[str, ...]:
    """The servers that accept an audience of the token, for some kind of principal."""
    aud = first.claims.get("aud")
    named = [one for one in (aud if isinstance(aud, list) else [aud]) if isinstance(one, str)]
    if first.issuer is None:
        return ()
    return tuple(
        name for name, own in bench.servers.items() if not own.any_kind[first.issuer].isdisjoint(named)
    )


def _opened(bench: Bench, first: TokenExamination) -> str:
    opened = opened_servers(bench, first)
    return f"it opens {listed(opened)}" if opened else ""


def _times(bench: Bench, first: TokenExamination) -> str:
    claims, now = first.claims, bench.now
    parts = [_when(claims["exp"] - now, "expires", "expired")]
    if "iat" in claims:
        parts.append(_when(claims["iat"] - now, "issued", "issued"))
    if "nbf" in claims:
        parts.append(_when(claims["nbf"] - now, "valid", "valid since"))
    return ", ".join(parts)


def _when(seconds: float, ahead: str, past: str) -> str:
    return f"{ahead} in {duration(seconds)}" if seconds > 0 else f"{past} {duration(seconds)} ago"


_NOTES: Mapping[str, Callable[[Bench, TokenExamination], str]] = MappingProxyType(
    {"audience": _opened, "times": _times}
)
"""What was found at a check, where more can be told than that it holds."""
