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

    def values(self, name: str) -> list[str]:
        """All values of a header."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    def joined(self) -> Mapping[str, str]:
        """One value a name: those of a header that came several times, as a list (RFC 9110, section 5.3)."""
        found: dict[str, str] = {}
        for name, value in self.headers:
            lower = name.lower()
            found[lower] = f"{found[lower]}, {value}" if lower in found else value
        return found


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
