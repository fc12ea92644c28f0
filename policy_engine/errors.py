"""Every exception that policy_engine raises on purpose, as one tree.

::

    PolicyEngineError            has a stable `code`, and a finer `detail` where there is one
    ├── ConfigError              what an operator wrote can't be used: file, line, what, how to mend it
    │   └── PolicyError          … and it was a policy (Cedar) that can't be loaded
    ├── JoseError                a compact token, or a key, that proves nothing
    ├── TokenError               a token that doesn't open this server: issuer, audience, times, type
    ├── MappingError             a good token whose bearer can't be told to be a machine or a human
    ├── MessageError             an MCP message that can't be decided on
    ├── AuditError               a decision that couldn't be recorded
    └── StorageError             a store that can't be asked now
        └── StaleError           … or that somebody else changed meanwhile

Two more stay inside the packages that define them: `CedarError` (a question that Cedar can't read: a fault of
ours) and `RefusedError` (a request that the authorization server answers with an OAuth error).

What a *caller* sent never leaves `PolicyEngine.evaluate` as an exception: it becomes a refusal that carries
`code` and `detail`. Codes are public and lower case (docs/reference/codes.md). Messages name claims, members
and files; they never hold a token, a secret or a claim's value.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = [
    "AuditError",
    "ConfigError",
    "JoseError",
    "MappingError",
    "MessageError",
    "PolicyEngineError",
    "PolicyError",
    "StaleError",
    "StorageError",
    "TokenError",
]


class PolicyEngineError(Exception):
    """The root: catch this to catch everything that is not a bug.

    Args:
        code: stable, lower case, documented.
        note: one sentence for the operator; lower case, no full stop, no secrets.
        detail: a finer stable code, where there is one.
    """

    def __init__(self, code: str, note: str = "", *, detail: str | None = None) -> None:
        self.code = code
        self.detail = detail
        self.note = note
        name = code if detail is None else f"{code} ({detail})"
        super().__init__(f"{name}: {note}" if note else name)


class ConfigError(PolicyEngineError):
    """Something an operator wrote can't be used.

    Args:
        problem: what is wrong, in one sentence.
        remedy: how to mend it, in one sentence.
        file: where it stands, if it stands in a file.
        line: 1-based, if known.
        column: 1-based, if known.
        code: finer than `config`, where there is a finer one.
        others: further problems that were found at the same time, so that all can be mended at once.
    """

    def __init__(
        self,
        problem: str,
        *,
        remedy: str = "",
        file: Path | str | None = None,
        line: int | None = None,
        column: int | None = None,
        code: str = "config",
        others: "tuple[ConfigError, ...]" = (),
    ) -> None:
        super().__init__(code, problem)
        self.problem = problem
        self.remedy = remedy
        self.file = None if file is None else str(file)
        self.line = line
        self.column = column
        self.others = others

    @classmethod
    def first_of(cls, errors: "list[ConfigError]") -> "ConfigError":
        """The first of several errors, carrying the others."""
        first, *others = errors
        first.others = (*first.others, *others)
        return first

    @property
    def where(self) -> str:
        """`file:line:column` as far as it is known, or nothing."""
        parts = [self.file or "<values>"] if self.file or self.line else []
        parts += [str(number) for number in (self.line, self.column) if number is not None]
        return ":".join(parts)

    def __str__(self) -> str:
        """`where: problem (remedy)`, the form that editors and terminals make clickable."""
        text = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{text} ({self.remedy})" if self.remedy else text


class PolicyError(ConfigError):
    """A policy file that can't be loaded; the policies loaded before it stay in force."""


class JoseError(PolicyEngineError):
    """A compact token that isn't what it must be, or a key that can't be used."""


class TokenError(PolicyEngineError):
    """A token that doesn't open this server now."""


class MappingError(PolicyEngineError):
    """A verified token whose bearer is neither certainly a machine nor certainly a human.

    Attributes:
        evidence: the rules that spoke, for the audit record.
    """

    def __init__(
        self, code: str, note: str = "", *, detail: str | None = None, evidence: tuple[str, ...] = ()
    ) -> None:
        super().__init__(code, note, detail=detail)
        self.evidence = evidence


class MessageError(PolicyEngineError):
    """An MCP message that can't be decided on, and so is not forwarded.

    Attributes:
        data: what the protocol has the caller told beside the code, in JSON.
    """

    def __init__(
        self, code: str, note: str = "", *, detail: str | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(code, note, detail=detail)
        self.data = data


class AuditError(PolicyEngineError):
    """An audit sink that couldn't take the record of a decision."""


class StorageError(PolicyEngineError):
    """A store that can't be asked now: out of reach, locked for too long, or not what it should be."""

    def __init__(self, note: str, *, code: str = "storage_unavailable") -> None:
        super().__init__(code, note)


class StaleError(StorageError):
    """What was to be changed isn't any more what it was when somebody decided to change it."""

    def __init__(self) -> None:
        super().__init__("the store was changed meanwhile", code="storage_changed")
