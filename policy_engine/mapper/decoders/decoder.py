"""What a decoder is: two functions, each the other's inverse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Decoder", "Fields"]

Fields = Mapping[str, str]
"""What a string says, by the name of the field; every field of the decoder is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """How one kind of string is taken apart, and put together for examples.

    Attributes:
        fields: the names of the fields.
        decode: the fields of a string, or None where it isn't one of this kind; takes any string, in time
            linear in its length.
        encode: the string of some fields; ValueError where `decode` wouldn't give exactly these back.
    """

    fields: tuple[str, ...]
    decode: Callable[[str], Fields | None]
    encode: Callable[[Fields], str]
