"""Dex's subjects: a protobuf message in unpadded base64url, `IDTokenSubject {user_id = 1, conn_id = 2}`.

A decoder of protobuf takes many spellings for one message, and the last of a repeated field: a person's
subject with an empty `conn_id` appended would read as a machine's. So only the one spelling that Dex itself
writes is taken: fields in order, each at most once and never empty, lengths in as few bytes as they need.
"""

from base64 import b64decode, urlsafe_b64encode

from policy_engine.mapper.decoders.decoder import Decoder, Fields

__all__ = ["DEX_SUBJECT"]

_TAGS = ((b"\x0a", "user_id"), (b"\x12", "conn_id"))
"""A field's number and wire type 2 (length and bytes), and its name."""

_LENGTH_BYTES = 4
"""Enough for 256 MiB, and few enough that no length becomes a big number."""


def _decode(text: str) -> Fields | None:
    try:
        message = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        fields = _fields(message)
        # Asked of the whole, once: other alphabets, stray bits at the end and lengths in too many bytes.
        return fields if _encode(fields) == text else None
    except ValueError:
        return None


def _encode(fields: Fields) -> str:
    if set(fields) != {"user_id", "conn_id"} or not fields["user_id"]:
        raise ValueError("a subject has a `user_id` and a `conn_id`, which alone may be empty")
    try:
        message = b"".join(_field(tag, fields[name]) for tag, name in _TAGS if fields[name])
    except UnicodeEncodeError:
        raise ValueError("a subject has only text in it") from None
    return urlsafe_b64encode(message).rstrip(b"=").decode("ascii")


def _fields(message: bytes) -> dict[str, str]:
    fields, at = {"user_id": "", "conn_id": ""}, 0
    for tag, name in _TAGS:
        if message[at : at + 1] == tag:
            length, at = _length(message, at + 1)
            fields[name] = message[at : at + length].decode("utf-8")
            at += length
    if at != len(message):
        raise ValueError("something else stands in the message, or it ends early")
    return fields


def _length(message: bytes, at: int) -> tuple[int, int]:
    """The number that stands there, seven bits a byte and the lowest first, and the place behind it."""
    number = 0
    for place, byte in enumerate(message[at : at + _LENGTH_BYTES]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 -- the highest bit says that more follows
            return number, at + place + 1
    raise ValueError("the length has no end")


def _field(tag: bytes, text: str) -> bytes:
    value = text.encode("utf-8")
    length = bytearray()
    number = len(value)
    while number > 0x7F:  # noqa: PLR2004 -- seven bits a byte
        length.append(number & 0x7F | 0x80)
        number >>= 7
    return tag + bytes([*length, number]) + value


DEX_SUBJECT = Decoder(fields=("user_id", "conn_id"), decode=_decode, encode=_encode)
"""The id at a connector, and the connector: empty for a client itself (dexidp/dex, `types.proto`)."""
