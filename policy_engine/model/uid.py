"""The name of an entity, in the three spellings that Cedar has for it."""

from dataclasses import dataclass

__all__ = ["EntityUid"]

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


@dataclass(frozen=True, slots=True, order=True)
class EntityUid:
    """`Type::"id"`; built from two strings and never parsed out of one.

    Attributes:
        type: a Cedar entity type, such as `User`.
        id: any string; in this project `<issuer or server>/<name>`.
    """

    type: str
    id: str

    def to_json(self) -> dict[str, str]:
        """The form that Cedar takes without parsing: any id survives, quotes and newlines included."""
        return {"type": self.type, "id": self.id}

    def __str__(self) -> str:
        """The form that policies are written in, escaped so that it reads back as the same uid."""
        return f'{self.type}::"{"".join(map(_escaped, self.id))}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"
