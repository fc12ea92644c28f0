"""Whose tokens were used: issuer, its profile, and what the bearer was taken for."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from policy_engine.harness.cases import Case
from policy_engine.harness.coverage.kinds import KINDS, Kind, kind_of
from policy_engine.model import Decision

__all__ = ["TAKEN", "Taken", "TokenUse", "TokenUses"]

Taken = Kind | Literal["refused"]

TAKEN: tuple[Taken, ...] = (*KINDS, "refused")
"""What the bearer of a token can be taken for; refused, if for nothing."""


@dataclass(slots=True, kw_only=True, eq=False)
class TokenUse:
    """Tokens of one issuer.

    Attributes:
        issuer: its name; None for cases without a token.
        profile: its profile; None where that isn't known.
        taken: how often the bearer was taken for what.
    """

    issuer: str | None
    profile: str | None
    taken: Counter[Taken] = field(default_factory=Counter)


class TokenUses:
    """The tokens of a run; issuers are there before any of their tokens is.

    Args:
        profiles: by the name of each issuer, its profile.
    """

    def __init__(self, profiles: Mapping[str, str]) -> None:
        self._uses = {name: TokenUse(issuer=name, profile=profile) for name, profile in profiles.items()}
        self._without = TokenUse(issuer=None, profile=None)

    def count(self, case: Case, decision: Decision) -> None:
        """Note one decision."""
        who, principal = case.who, decision.principal
        name = who.issuer or (None if principal is None else principal.issuer)
        use = self._without
        if who.token is not None and name is not None:
            use = self._uses.setdefault(name, TokenUse(issuer=name, profile=who.profile))
        use.taken["refused" if principal is None else kind_of(principal)] += 1

    @property
    def rows(self) -> tuple[TokenUse, ...]:
        """The issuers in their order; then what was asked without a token, if anything was."""
        return (*self._uses.values(), *((self._without,) if self._without.taken else ()))
