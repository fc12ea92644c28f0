"""What of a record isn't written as it is, and which arguments are."""

import hmac
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from policy_engine.audit.chain import encoded
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["LONGEST_SHOWN", "REDACTABLE", "Redaction"]

LONGEST_SHOWN: Final = 200
"""Characters of an argument's value that are shown."""

_MARK: Final = "redacted:"
_DIGITS: Final = 16

_SECRET: Final = re.compile(
    r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"  # a compact JWS or JWE
    r"|-----BEGIN|(?:bearer|basic|dpop) [A-Za-z0-9+/=._~-]{8,}"
    r"|\b(?:gh[opusr]_|sk-|xox[a-z]-|AKIA)[A-Za-z0-9_-]{8,}",
    re.IGNORECASE,
)
"""Beginnings of what is a secret wherever it stands: people and models put them into the wrong field."""

_Mark = Callable[[Any], Any]


def _each(mark: _Mark, value: Any) -> Any:  # noqa: ANN401 -- JSON
    return [mark(item) for item in value]


def _names(mark: _Mark, value: Any) -> Any:  # noqa: ANN401 -- JSON
    return {mark(name): shown for name, shown in value.items()}


def _whole(mark: _Mark, value: Any) -> Any:  # noqa: ANN401 -- JSON
    return mark(value)


REDACTABLE: Final[Mapping[str, tuple[tuple[str, ...], Callable[[_Mark, Any], Any]]]] = MappingProxyType(
    {
        "actor": (("actor", "id"), _whole),
        "actor.id": (("actor", "id"), _whole),
        "arguments": (("arguments",), _names),
        "drift": (("drift",), _each),
        "jti": (("jti",), _whole),
        "note": (("note",), _whole),
        "principal.evidence": (("principal", "evidence"), _each),
        "principal.id": (("principal", "id"), _whole),
        "request_id": (("request_id",), _whole),
        "resource": (("resource",), _whole),
    }
)
"""Parts of a record that can be left unsaid, by the names that an operator writes: where each is, and what is
marked of it. What else there is says what was decided; without it nobody could account for it."""


class Redaction:
    """Marks values, so that equal ones can still be told to be equal; and shows named arguments.

    A mark is `redacted:` and the beginning of an HMAC-SHA256 (RFC 2104): who hasn't the key can't try which
    value it is of.

    Args:
        paths: keys of `REDACTABLE`.
        shown: server, tool and argument of what is written with its value, bounded and without secrets.
        key: by default one that ends with the process, and so do the marks.

    Attributes:
        key: what marks are made with.
    """

    def __init__(
        self,
        paths: Collection[str] = (),
        shown: Collection[tuple[str, str, str]] = (),
        key: bytes | None = None,
    ) -> None:
        self.key = key or secrets.token_bytes(32)
        self._rules = tuple(REDACTABLE[path] for path in sorted(paths))
        self._shown: dict[tuple[str, str], set[str]] = {}
        for server, tool, argument in shown:
            self._shown.setdefault((server, tool), set()).add(argument)

    def apply(self, record: dict[str, Any], message: Any = None) -> dict[str, Any]:  # noqa: ANN401 -- as it came
        """Change a record, which is its own: no other has parts of it.

        Args:
            record: of a decision.
            message: what was decided on, parsed or as it came.
        """
        if self._shown and record["method"] == "tools/call":
            self._show(record, message)
        for (*way, last), change in self._rules:
            part = record
            for name in way:
                part = part[name] or {}
            if part.get(last) is not None:
                part[last] = change(self._mark, part[last])
        return record

    def _mark(self, value: Any) -> Any:  # noqa: ANN401 -- JSON
        """The same for the same value, as long as the key is the same; nothing stays nothing."""
        if value in (None, ""):
            return value
        text = value if isinstance(value, str) else encoded(value)
        digest = hmac.digest(self.key, text.encode("utf-8", "surrogatepass"), "sha256")
        return f"{_MARK}{digest.hex()[:_DIGITS]}"

    def _show(self, record: dict[str, Any], message: Any) -> None:  # noqa: ANN401 -- as it came
        try:
            call = message if isinstance(message, Mapping) else parse(message)
            params = call["params"]
            names, arguments = self._shown.get((record["server"], params["name"]), ()), params["arguments"]
            values = {name: arguments[name] for name in names if name in arguments}
        except (JsonError, AttributeError, KeyError, TypeError):  # no call, or one without arguments
            return
        for name in values.keys() & record["arguments"].keys():
            record["arguments"][name] = _shown_value(values[name])


def _shown_value(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else encoded(value)
    if _SECRET.search(text):
        return "redacted"
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
