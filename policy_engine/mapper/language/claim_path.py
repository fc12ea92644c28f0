"""Where a value stands in a token: in its header or among its claims, by names from the outside in.

Dots lead into objects (`realm_access.roles`), quotes keep a name whole (`"kubernetes.io".namespace`), and a
name that couldn't be a path, such as `https://x/kind` or `cognito:groups`, needs none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

__all__ = ["ABSENT", "Absent", "ClaimPath"]

_HEADER = "header"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    {
        *("and", "or", "not", "true", "false", "client_id", "user_id", "header"),
        *("absent", "present", "nonempty", "claim", "flag", "registered"),
        *("in", "within", "contains", "matches", "under"),
    }
)
_SEGMENT = re.compile(r'(?:"(?P<quoted>[^"]+)"|(?P<bare>[^".\s]+))(?:\.(?=.)|$)')


class Absent(Enum):
    """The type of `ABSENT`: no JSON value equals it."""

    TOKEN = "absent"  # noqa: S105 -- no password


ABSENT: Final = Absent.TOKEN


@dataclass(frozen=True, slots=True)
class ClaimPath:
    """A header parameter or a claim, however deep.

    Attributes:
        names: from the outside in, at least one.
        in_header: whether it is sought in the JOSE header.
    """

    names: tuple[str, ...]
    in_header: bool = False

    @classmethod
    def parse(cls, text: str) -> "ClaimPath":
        """Read the spelling that profiles and configurations use.

        Raises:
            ValueError: it names nothing.
        """
        if '"' not in text and any(sign in text for sign in ":/"):
            return cls((text,))
        names: list[str] = []
        end = 0
        while segment := _SEGMENT.match(text, end):
            names.append(segment["quoted"] or segment["bare"])
            end = segment.end()
            if end == len(text):
                break
        if not names or end != len(text):
            raise ValueError("names no claim")
        if names[0] == _HEADER and len(names) > 1 and not text.startswith('"'):
            return cls(tuple(names[1:]), in_header=True)
        return cls(tuple(names))

    def find(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- any JSON
        """The JSON value that stands here, or `ABSENT`.

        A way that leads through something other than an object ends in None, which is of no claim type: the
        token has something there, but not what its issuer writes.
        """
        value: Any = header if self.in_header else claims
        for name in self.names:
            if not isinstance(value, Mapping):
                return None
            value = value.get(name, ABSENT)
            if value is ABSENT:
                return ABSENT
        return value

    def __str__(self) -> str:
        """The spelling of the rule language."""
        if self.in_header:
            return ".".join((_HEADER, *self.names))
        if all(map(_PLAIN.fullmatch, self.names)) and self.names[0] not in _RESERVED:
            return ".".join(self.names)
        quoted = ", ".join(f'"{name}"' for name in self.names)
        return f"claim({quoted})"
