"""One failed check, with everything that advice may look at."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policy_engine.cli.inspection.bench import Bench
from policy_engine.cli.inspection.change import Change
from policy_engine.errors import PolicyEngineError
from policy_engine.mapper import Examination, Profile
from policy_engine.tokens import TokenExamination

__all__ = ["Refusal"]

_NAMED = re.compile(r"`[^`]+`")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A check that failed.

    Attributes:
        bench: configuration and stages.
        server: the server that the token was judged for; None stands for any.
        token: to tell what was pasted from what it should be; no part of it goes into advice.
        check: its name.
        error: why it failed.
        first: what stage 1 found.
        second: what stage 2 found, if the token got there.
    """

    bench: Bench
    server: str | None
    token: str
    check: str
    error: PolicyEngineError
    first: TokenExamination
    second: Examination | None

    def change(self, *path: str, text: str, warning: str = "") -> Change:
        """Something to write in the configuration."""
        loaded = self.bench.loaded
        place, file = loaded.document.place(path), loaded.document.file
        return Change(
            text=text,
            path=path,
            file=None if file is None else str(file),
            line=None if place is None else place.line,
            column=None if place is None else place.column,
            warning=warning,
        )

    def nothing(self, text: str) -> Change:
        """The reason why nothing that is written here would help."""
        return Change(text=text)

    @cached_property
    def issuer(self) -> str:
        """The configured name of the token's issuer; known after the first two checks."""
        assert self.first.issuer is not None  # noqa: S101 -- tells mypy what the order of checks says
        return self.first.issuer

    @cached_property
    def examined(self) -> Examination:
        """What stage 2 found; there, for its own checks."""
        assert self.second is not None  # noqa: S101 -- tells mypy what the order of checks says
        return self.second

    @cached_property
    def profile(self) -> Profile:
        """The profile of the token's issuer."""
        return self.bench.mappings[self.issuer].profile

    @cached_property
    def settings(self) -> Any:  # noqa: ANN401 -- an `IssuerConfig`, whose name stays in config/
        """What is configured of the token's issuer."""
        return self.bench.loaded.config.issuers[self.issuer]

    @property
    def claim(self) -> str:
        """The claim that the error names, in backticks; or what it names instead, such as an id."""
        named = _NAMED.search(self.error.note)
        return named[0] if named else self.error.note.removesuffix(" is missing")
