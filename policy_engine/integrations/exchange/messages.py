"""HTTP requests and answers as values, with every header in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from policy_engine.model.strict_json import dumps

__all__ = ["JSON", "Answer", "Headers", "Request", "json_answer"]

JSON: Final = "application/json"

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order in which they came; one name may be there several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller sent.

    Attributes:
        method: the verb.
        target: path and query, as they came, still encoded.
        headers: all of them; bytes as Latin-1.
        body: of a POST.
    """

    method: str
    target: str
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    _by_name: dict[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look at each name once, since headers are asked for many times."""
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value)
        object.__setattr__(self, "_by_name", found)

    def values(self, name: str) -> list[str]:
        """All values of a header; its name is given in small letters."""
        return self._by_name.get(name, [])

    def joined(self) -> Mapping[str, str]:
        """One value a name: those of a header that came several times, as a list (RFC 9110, section 5.3)."""
        return {name: ", ".join(values) for name, values in self._by_name.items()}

    def with_body(self, body: bytes) -> "Request":
        """The same with a body."""
        other = object.__new__(Request)
        for name in ("method", "target", "headers", "_by_name"):
            object.__setattr__(other, name, getattr(self, name))
        object.__setattr__(other, "body", body)
        return other


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the caller gets, whole."""

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)


def json_answer(
    status: int, body: Mapping[str, Any] | None, headers: Mapping[str, str] | None = None
) -> Answer:
    """An answer in JSON; without a body where there is none."""
    told = tuple((headers or {}).items())
    if body is None:
        return Answer(status=status, headers=(*told, ("Cache-Control", "no-store")))
    typed = (("Content-Type", JSON), ("Cache-Control", "no-store"))
    return Answer(status=status, headers=(*told, *typed), body=dumps(body))
