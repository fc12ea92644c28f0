"""One chain as a whole: its lines, where it began, and what of it is signed."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Final

from policy_engine.audit.chain import next_hash
from policy_engine.audit.checkpoints import CHECKPOINT, Signed, Verifier, signed_by
from policy_engine.audit.verifying.following import Entry, Follower
from policy_engine.audit.verifying.report import ChainReport, Place

__all__ = ["FollowedChain"]

_MARK: Final = f'{{"event":"{CHECKPOINT}",'.encode()


class FollowedChain:
    """Follows one chain, and checks what is signed of it.

    Args:
        id_: the chain's id.
        tell: takes problems: place, kind, what it says, and the chain.
        verifier: verifies checkpoints; None: they aren't.

    Attributes:
        first: its first line.
    """

    def __init__(
        self, id_: str, tell: Callable[[Place, str, str, str], None], verifier: Verifier | None
    ) -> None:
        self.id = id_
        self._tell, self._verifier = tell, verifier
        self._follower = Follower(self._told, self._accepted)
        self.first: Entry | None = None
        self._last: Entry | None = None
        self._lines = 0
        self._signed_seq, self._may_follow = 0, 0
        self._signed_at: float | None = None

    def feed(self, entry: Entry) -> None:
        """Take its next line."""
        link = entry.link
        if self.first is None:
            self.first = entry
            tie = link.tie
            if link.seq > 1 and tie and tie.to == "continues" and next_hash(tie.hash, link) == link.hash:
                self._follower.go_on_from(link.seq - 1, tie.hash)
        self._lines += 1
        self._last = entry
        self._follower.feed(entry)

    def finish(self) -> ChainReport:
        """Judge what is left; the chain as it was found."""
        self._follower.finish()
        first, last = self.first, self._last
        assert first is not None  # noqa: S101 -- made with its first line
        assert last is not None  # noqa: S101 -- likewise
        if self._verifier is not None and not self._signed_seq:
            self._told(first.place, "unsigned", "nothing of its chain is signed")
        elif self._signed_seq and self._follower.seq - self._signed_seq > 2 * self._may_follow:
            says = f"only what comes before line {self._signed_seq + 1} of its chain is signed"
            self._told(last.place, "unsigned", f"{says}, and {self._may_follow} lines may follow unsigned")
        return ChainReport(
            id=self.id,
            first=first.place,
            last=last.place,
            first_seq=first.link.seq,
            lines=self._lines,
            head=last.link.hash.hex(),
            seq=last.link.seq,
            signed_seq=self._signed_seq,
            signed_at=self._signed_at,
        )

    def _told(self, place: Place, kind: str, says: str) -> None:
        self._tell(place, kind, says, self.id)

    def _accepted(self, entry: Entry, before: bytes | None) -> None:
        if not entry.link.head.startswith(_MARK):
            return
        signed = self._signed(entry)
        if signed is None:
            self._told(entry.place, "signature", "the checkpoint isn't signed by the key")
        elif (signed.chain, signed.seq) != (self.id, entry.link.seq - 1) or before not in (None, signed.hash):
            self._told(entry.place, "signature", "the checkpoint signs other lines than those before it")
        else:
            self._signed_seq, self._signed_at, self._may_follow = signed.seq, signed.time, signed.lines

    def _signed(self, entry: Entry) -> Signed | None:
        try:
            record = json.loads(entry.link.head + b"}")
            return signed_by(record, self._verifier or _Believed())
        except (ValueError, RecursionError):
            return None


class _Believed:
    """Takes what is signed for what it says; for whoever has no key."""

    def verify(self, signature: str) -> bytes:
        """What stands between the dots (RFC 7515 section 7.1)."""
        _, payload, _ = signature.split(".")
        return urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
