"""What both stages found, put together for an operator."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy_engine.cli.inspection.advice import Refusal, advise
from policy_engine.cli.inspection.bench import Bench
from policy_engine.cli.inspection.change import Change
from policy_engine.cli.inspection.checklist import (
    last_checks,
    mapping_checks,
    opened_servers,
    token_checks,
)
from policy_engine.cli.inspection.inspection import CheckMade, Inspection
from policy_engine.cli.inspection.wording import shown
from policy_engine.mapper import Examination
from policy_engine.tokens import TokenExamination

__all__ = ["Findings"]


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of both stages, put together.

    Attributes:
        bench: what it was looked at with.
        token: for advice on what was pasted; no part of it is passed on.
        server: the server that it was judged for.
        first: what stage 1 found.
        second: what stage 2 found, if the token got there.
    """

    bench: Bench
    token: str
    server: str | None
    first: TokenExamination
    second: Examination | None

    def inspection(self) -> Inspection:
        """All that is told of the token."""
        second = self.second
        audiences = self.bench.audiences(self.server)
        checks = (
            *token_checks(self.bench, self.first),
            *mapping_checks(second),
            *last_checks(audiences, self.first, second),
        )
        issuer = self.first.issuer
        iss = self.first.claims.get("iss")
        return Inspection(
            server=self.server,
            issuer=issuer,
            profile=None if issuer is None else self.bench.mappings[issuer].profile.name,
            iss="" if iss is None else shown(iss),
            audiences=tuple(shown(one) for one in self._audiences()),
            opens=opened_servers(self.bench, self.first),
            client_id=None if second is None else second.client_id,
            proven=self.first.proven,
            unproven_because=self._unproven_because(),
            checks=checks,
            client=() if second is None else second.client,
            user=() if second is None else second.user,
            identity=None if second is None else second.identity,
            changes=tuple(self._changes(checks)),
        )

    def _changes(self, checks: tuple[CheckMade, ...]) -> Iterator[Change]:
        for check in checks:
            if check.error is not None:
                yield from advise(
                    Refusal(
                        bench=self.bench,
                        server=self.server,
                        token=self.token,
                        check=check.name,
                        error=check.error,
                        first=self.first,
                        second=self.second,
                    )
                )

    def _unproven_because(self) -> str:
        if self.first.proven or "signature" not in self.first.left_out:
            return ""
        keys = self.first.made.get("keys")
        return self.bench.keyless_because if keys is None else keys.note

    def _audiences(self) -> tuple[object, ...]:
        aud = self.first.claims.get("aud")
        return tuple(aud) if isinstance(aud, list) else () if aud is None else (aud,)
