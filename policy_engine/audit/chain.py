"""A chain of lines: each has the hash of the one before it in its own, so none can be changed unnoticed.

A line is the JSON of a record with more members at its end::

    {…,"chain":"Zm9vYmFyYmE","seq":7,"hash":"9f86d08…"}

`hash` is SHA-256 (FIPS 180-4) of the 32 bytes of the hash of the chain's line before, zeros for the first,
and of all bytes of the line up to `,"hash":"`. The first line after a file was opened also says what it comes
after: `after` has the hash of a line of the same file, the last that was there or the chain's own;
`continues` has that of a line of the file before, if this one is new.
"""

import json
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

__all__ = ["START", "Chain", "Link", "Tie", "encoded", "last_hash", "link_of", "next_hash"]

START: Final = bytes(32)
"""What stands for the line before the first."""

_END: Final = re.compile(
    rb'[,{]"chain":"([A-Za-z0-9_-]{11})","seq":([1-9][0-9]{0,17}),"hash":"([0-9a-f]{64})"\}\Z'
)
_TIE: Final = re.compile(rb'[,{]"(after|continues)":"([0-9a-f]{64})"\Z')
_LONGEST_TIE: Final = 96
_HASH_MEMBER: Final = len(',"hash":""}') + 64
_ENCODE: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def encoded(record: Any) -> str:  # noqa: ANN401 -- a mapping of JSON types
    """The JSON of a record, as all sinks write it: one line, ASCII."""
    return _ENCODE(record)


@dataclass(frozen=True, slots=True)
class Tie:
    """What a line comes after, besides the line before it in its chain.

    Attributes:
        to: `after`, a line of the same file; or `continues`, one of the file before.
        hash: that line's.
    """

    to: str
    hash: bytes


class Chain:
    """The end of a chain that is being written.

    Attributes:
        id: names it: 8 random bytes, base64url.
        seq: how many lines it has.
        hash: of the last of them.
    """

    __slots__ = ("_member", "hash", "id", "seq")

    def __init__(self) -> None:
        self.id = secrets.token_urlsafe(8)
        self.seq = 0
        self.hash = START
        self._member = f',"chain":"{self.id}","seq":'

    def next_line(self, text: str, tie: Tie | None = None) -> tuple[bytes, bytes]:
        """The line that would come next, and its hash; the chain is as long as before.

        Args:
            text: the JSON object of the record.
            tie: what it comes after besides.
        """
        more = "" if tie is None else f',"{tie.to}":"{tie.hash.hex()}"'
        head = f"{text[:-1]}{more}{self._member}{self.seq + 1}".encode("ascii")
        if text == "{}":
            head = head.replace(b"{,", b"{", 1)
        digest = sha256(self.hash + head)
        return head + f',"hash":"{digest.hexdigest()}"}}\n'.encode("ascii"), digest.digest()

    def grew(self, hash_: bytes) -> None:
        """Note that the line with this hash was written."""
        self.seq += 1
        self.hash = hash_


@dataclass(frozen=True, slots=True)
class Link:
    """What a chained line says of its place.

    Attributes:
        chain: the chain's id.
        seq: its number in the chain, from 1.
        hash: its hash, as it states it.
        tie: what it says that it comes after, if it does.
        head: what is hashed of it.
    """

    chain: str
    seq: int
    hash: bytes
    tie: Tie | None
    head: bytes


def link_of(line: bytes) -> Link | None:
    """The place of a line, without its end of line; None if it isn't chained."""
    at = line.rfind(b'"chain":"') - 1
    found = _END.match(line, at) if at >= 0 and line.startswith(b"{") else None
    if found is None:
        return None
    chain, seq, stated = found.groups()
    tied = _TIE.search(line, max(0, at - _LONGEST_TIE), at) if line[at - 1 : at] == b'"' else None
    return Link(
        chain.decode("ascii"),
        int(seq),
        bytes.fromhex(stated.decode("ascii")),
        None if tied is None else Tie(tied[1].decode("ascii"), bytes.fromhex(tied[2].decode("ascii"))),
        line[:-_HASH_MEMBER],
    )


def next_hash(before: bytes, link: Link) -> bytes:
    """What the hash of a line must be where the line before it has that one."""
    return sha256(before + link.head).digest()


def last_hash(text: bytes) -> bytes | None:
    """The hash of the last chained line in the end of a file, if there is one."""
    for line in reversed(text.split(b"\n")):
        link = link_of(line)
        if link is not None:
            return link.hash
    return None
