"""Where a value stands in a token: in its header or among its claims, by names from the outside in.

Dots lead into objects (`realm_access.roles`), quotes keep a name whole (`"kubernetes.io".namespace`), and a
name that couldn't be a path, such as `https://x/kind` or `cognito:groups`, needs none. `header.` and
`decoded.` lead elsewhere than among the claims.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any, Final

__all__ = ["ABSENT", "NOTHING_DECODED", "Absent", "ClaimPath", "Root"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    {
        *("and", "or", "not", "true", "false", "client_id", "machine_id", "user_id", "header", "decoded"),
        *("absent", "present", "nonempty", "claim", "flag", "registered"),
        *("in", "within", "contains", "matches", "under"),
    }
)
_ELSEWHERE = frozenset({"header", "decoded"})
_SEGMENT = re.compile(r'(?:"(?P<quoted>[^"]+)"|(?P<bare>[^".\s]+))(?:\.(?=.)|$)')


class Absent(Enum):
    """The type of `ABSENT`: no JSON value equals it."""

    TOKEN = "absent"  # noqa: S105 -- no password


ABSENT: Final = Absent.TOKEN


NOTHING_DECODED: Final[Mapping[str, Any]] = MappingProxyType({})


class Root(StrEnum):
    """Where a path begins; the value is its first word in the rule language."""

    CLAIMS = "claims"
    HEADER = "header"
    """The JOSE header."""
    DECODED = "decoded"
    """What the profile's decoders made of claims, by the name that the profile gives each."""


@dataclass(frozen=True, slots=True)
class ClaimPath:
    """A header parameter, a claim or a part of a decoded one, however deep.

    Attributes:
        names: from the outside in, at least one.
        root: where it is sought.
    """

    names: tuple[str, ...]
    root: Root = Root.CLAIMS

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
        if names[0] in _ELSEWHERE and len(names) > 1 and not text.startswith('"'):
            return cls(tuple(names[1:]), Root(names[0]))
        return cls(tuple(names))

    def find(
        self,
        header: Mapping[str, Any],
        claims: Mapping[str, Any],
        decoded: Mapping[str, Any] = NOTHING_DECODED,
    ) -> Any:  # noqa: ANN401 -- any JSON
        """The JSON value that stands here, or `ABSENT`.

        A way that leads through something other than an object ends in None, which is of no claim type: the
        token has something there, but not what its issuer writes.
        """
        value: Any = claims
        if self.root is not Root.CLAIMS:
            value = header if self.root is Root.HEADER else decoded
        for name in self.names:
            if type(value) is not dict and not isinstance(value, Mapping):
                return None
            value = value.get(name, ABSENT)
            if value is ABSENT:
                return ABSENT
        return value

    def __str__(self) -> str:
        """The spelling of the rule language."""
        if self.root is not Root.CLAIMS:
            return ".".join((self.root, *self.names))
        if all(map(_PLAIN.fullmatch, self.names)) and self.names[0] not in _RESERVED:
            return ".".join(self.names)
        quoted = ", ".join(f'"{name}"' for name in self.names)
        return f"claim({quoted})"
