"""Audit logs, verified: is each line there that was written, as it was written?"""

import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from policy_engine.audit.chain import Link, link_of
from policy_engine.audit.checkpoints import Verifier
from policy_engine.audit.verifying.chains import FollowedChain
from policy_engine.audit.verifying.following import Entry
from policy_engine.audit.verifying.report import Note, Place, Problem, Report

__all__ = ["verify_files"]

_REMEMBERED: Final = 100_000
"""Hashes of earlier lines that another chain may say it comes after; it was written just after that line."""

_STEP: Final = 1000
"""Lines between two words on how far it is."""


def verify_files(
    files: Sequence[Path],
    *,
    verifier: Verifier | None = None,
    heads: Collection[str] = (),
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Report:
    """Read files, in the order in which they were written, and tell what isn't as it was.

    What was written last can only be missed by whoever kept a head elsewhere: a chain that ends early looks
    like one that was shorter.

    Args:
        files: whole files, oldest first.
        verifier: checks signatures; None: they aren't checked.
        heads: hashes that were kept elsewhere, in hexadecimal; each must be that of a line.
        progress: told now and then how many bytes were read since.

    Raises:
        OSError: a file can't be read.
    """
    reading = _Reading(verifier, heads)
    for index, file in enumerate(files):
        reading.read(index, file, progress)
    return reading.report(tuple(files))


class _Reading:
    """What was found so far."""

    def __init__(self, verifier: Verifier | None, heads: Collection[str]) -> None:
        self._verifier = verifier
        self._heads = {head.strip().lower() for head in heads}
        self._chains: dict[str, FollowedChain] = {}
        self._problems: list[Problem] = []
        self._notes: list[Note] = []
        self._hashes: OrderedDict[bytes, int] = OrderedDict()
        self._plain: list[Place] = []
        self._lines = 0
        self._began_new = False
        self._last = Place(0, Path(), 0)

    def read(self, index: int, file: Path, progress: Callable[[int], None]) -> None:
        self._plain = []
        chained, read = False, 0
        with file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                place = self._last = Place(index, file, number)
                self._lines += 1
                read += len(line)
                if number % _STEP == 0:
                    progress(read)
                    read = 0
                text = line.removesuffix(b"\n")
                link = link_of(text)
                if link is not None:
                    if not chained:
                        self._from_before(is_new=link.seq == 1 and link.tie is None)
                    chained = True
                    self._chained(Entry(place, link))
                elif text.strip():
                    self._unchained(place, text, chained=chained)
        progress(read)
        if not chained:
            self._from_before(is_new=True)

    def _unchained(self, place: Place, text: bytes, *, chained: bool) -> None:
        if not _is_object(text):
            self._notes.append(Note(place, "a torn line, which is no record"))
        elif chained:
            self._tell(place, "unchained", "it is no part of a chain")
        else:
            self._plain.append(place)

    def _from_before(self, *, is_new: bool) -> None:
        """Lines before a file's first chained one: older than all chains, or put there later."""
        if self._plain and is_new and not self._chains:
            lines = "1 line" if len(self._plain) == 1 else f"{len(self._plain)} lines"
            self._notes.append(Note(self._plain[0], f"{lines} from before the log was chained"))
        else:
            for place in self._plain:
                self._tell(place, "unchained", "it is no part of a chain")

    def _chained(self, entry: Entry) -> None:
        link = entry.link
        chain = self._chains.get(link.chain)
        if chain is None:
            self._began_new = self._began_new or (not self._chains and link.seq == 1 and link.tie is None)
            chain = self._chains[link.chain] = FollowedChain(link.chain, self._tell, self._verifier)
        if link.tie is not None:
            self._tied(entry, link, known=chain.first is not None)
        chain.feed(entry)
        if self._heads and link.hash.hex() in self._heads:
            self._heads.discard(link.hash.hex())
        self._hashes[link.hash] = entry.place.index
        if len(self._hashes) > _REMEMBERED:
            self._hashes.popitem(last=False)

    def _tied(self, entry: Entry, link: Link, *, known: bool) -> None:
        """Look for the line that another one comes after."""
        tie, place = link.tie, entry.place
        # Within its chain, its own hash says more.
        if tie is None or known or (tie.to == "after" and link.seq > 1):
            return
        index = self._hashes.get(tie.hash)
        if tie.to == "after" and index != place.index:
            says = "the line of this file that it comes after isn't there"
            self._tell(place, "tie_missing", says, link.chain)
        elif tie.to == "continues" and index is None:
            if place.index and self._began_new:
                says = "the line that it comes after isn't in the files before"
                self._tell(place, "tie_missing", says, link.chain)
            else:
                self._notes.append(Note(place, "it goes on from an earlier file, which wasn't read"))

    def _tell(self, place: Place, kind: str, says: str, chain: str | None = None) -> None:
        self._problems.append(Problem(place, kind, says, chain))

    def report(self, files: tuple[Path, ...]) -> Report:
        chains = tuple(chain.finish() for chain in self._chains.values())
        for head in sorted(self._heads):
            self._tell(self._last, "head_missing", f"no line up to the last one has the head {head}")
        return Report(
            files=files,
            lines=self._lines,
            chains=chains,
            problems=tuple(sorted(self._problems, key=lambda problem: problem.place)),
            notes=tuple(sorted(self._notes, key=lambda note: note.place)),
            signatures=self._verifier is not None,
        )


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
