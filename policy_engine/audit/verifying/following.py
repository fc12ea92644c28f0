"""One chain, followed line by line: what doesn't fit is judged by what comes next.

A hash that is wrong alone doesn't say which line was changed, nor a number that is missing whether its line
was removed or moved. So a line that doesn't fit waits for the next one of its chain.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from policy_engine.audit.chain import START, Link, next_hash
from policy_engine.audit.verifying.report import Place

__all__ = ["Entry", "Follower", "Tell"]

_MOST: Final = 1000
"""Missing lines that are looked for behind their places."""

Tell = Callable[[Place, str, str], None]
"""Takes a problem: its place, its kind, and what it says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A chained line, and where it is."""

    place: Place
    link: Link


class Follower:
    """The lines of one chain, in the order of the files.

    Args:
        tell: takes problems.
        accepted: takes each line that is where it belongs, and the hash of the line before, if it is known.

    Attributes:
        seq: the number of the last line that is where it belongs; 0 before the first.
        hash: the hash that the next line must build on; None if that can't be known.
    """

    def __init__(self, tell: Tell, accepted: Callable[[Entry, bytes | None], None]) -> None:
        self._tell, self._accepted = tell, accepted
        self.seq = 0
        self.hash: bytes | None = START
        self._waiting: Entry | None = None
        self._early: dict[int, Entry] = {}
        self._missing: dict[int, Place] = {}
        self._last: tuple[Entry, bytes | None] | None = None

    def go_on_from(self, seq: int, hash_: bytes) -> None:
        """Take it that the lines up to this number are elsewhere."""
        self.seq, self.hash = seq, hash_

    def feed(self, entry: Entry) -> None:
        """Take the next line."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._judge(waiting, entry)
        if self._fits(entry):
            self._take(entry, entry.link.hash)
        else:
            self._waiting = entry

    def finish(self) -> None:
        """Judge what is left."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._judge(waiting, None)
        for entry in self._early.values():
            self._tell(entry.place, "inserted", f"line {entry.link.seq} of its chain doesn't belong here")
        for place, seqs in groupby(sorted(self._missing), self._missing.__getitem__):
            numbers = tuple(seqs)
            what = f"line {numbers[0]} of its chain isn't there; it"
            if len(numbers) > 1:
                what = f"lines {numbers[0]} to {numbers[-1]} of its chain aren't there; they"
            self._tell(place, "missing", f"{what} came before this one")

    def _fits(self, entry: Entry) -> bool:
        link = entry.link
        return link.seq == self.seq + 1 and (self.hash is None or next_hash(self.hash, link) == link.hash)

    def _take(self, entry: Entry, hash_: bytes | None) -> None:
        before, self.seq, self.hash = self.hash, self.seq + 1, hash_
        self._last = (entry, before)
        self._accepted(entry, before)

    def _judge(self, entry: Entry, after: Entry | None) -> None:
        seq = entry.link.seq
        if after is not None and seq == self.seq + 1 == after.link.seq and self._fits(after):
            self._tell(entry.place, "inserted", f"line {seq} of its chain is the next one")
        elif seq == self.seq + 1:
            self._changed(entry, after, "it doesn't hold what its hash says")
        elif self._is_the_true_last(entry, after):
            self._replace_last(entry)
        elif self._is_in_place_of_next(entry, after):
            self._changed(entry, after, f"its number was {self.seq + 1}")
        elif seq <= self.seq:
            self._is_behind(entry)
        elif after is not None and after.link.seq == self.seq + 1:
            self._early[seq] = entry
        elif after is not None and after.link.seq == self.seq + 2 < seq:
            # It stands where another line should: two were exchanged.
            self._early[seq] = entry
            self._missing[self.seq + 1] = after.place
            self.seq, self.hash = self.seq + 1, None
        else:
            self._jump_to(entry)

    def _changed(self, entry: Entry, after: Entry | None, how: str) -> None:
        """It has its place, and another content: what the next line builds on tells what the hash was."""
        self._tell(entry.place, "changed", f"line {self.seq + 1} of its chain was changed: {how}")
        self._take(entry, self._hash_for(entry, after))

    def _hash_for(self, entry: Entry, after: Entry | None) -> bytes | None:
        if after is None:
            return entry.link.hash
        return next(
            (each for each in self._hashes(entry) if next_hash(each, after.link) == after.link.hash), None
        )

    def _hashes(self, entry: Entry) -> tuple[bytes, ...]:
        """What the hash of a line may have been: as it states it, or as it comes from the line."""
        stated = entry.link.hash
        return (stated,) if self.hash is None else (stated, next_hash(self.hash, entry.link))

    def _is_in_place_of_next(self, entry: Entry, after: Entry | None) -> bool:
        if after is None or after.link.seq != self.seq + 2:
            return False
        return self._hash_for(entry, after) is not None

    def _is_the_true_last(self, entry: Entry, after: Entry | None) -> bool:
        """Whether what was taken as the last line is another's, with a hash made for it, and this is it."""
        if self._last is None or after is None or entry.link.seq != self.seq:
            return False
        before = self._last[1]
        fits = before is not None and next_hash(before, entry.link) == entry.link.hash
        return fits and next_hash(entry.link.hash, after.link) == after.link.hash

    def _replace_last(self, entry: Entry) -> None:
        if self._last is not None:
            self._tell(
                self._last[0].place, "inserted", f"its chain has another line {self.seq}, which goes on"
            )
        self.hash = entry.link.hash

    def _is_behind(self, entry: Entry) -> None:
        seq = entry.link.seq
        before = self._missing.pop(seq, None)
        if before is None:
            self._tell(entry.place, "inserted", f"its chain has a line {seq} already")
        else:
            self._tell(entry.place, "out_of_order", f"line {seq} of its chain belongs before {before}")

    def _jump_to(self, entry: Entry) -> None:
        """Lines are missing before this one, unless they stood too early."""
        gap, found = range(self.seq + 1, entry.link.seq), set[int]()
        for seq in [seq for seq in self._early if seq in gap]:
            early = self._early.pop(seq)
            says = f"line {seq} of its chain belongs before {entry.place}"
            self._tell(early.place, "out_of_order", says)
            found.add(seq)
        if len(gap) + len(self._missing) <= _MOST:
            self._missing |= {seq: entry.place for seq in gap if seq not in found}
        else:
            says = f"lines {gap[0]} to {gap[-1]} of its chain aren't there; they came before this one"
            self._tell(entry.place, "missing", says)
        self.seq, self.hash = entry.link.seq - 1, None
        self._take(entry, entry.link.hash)
