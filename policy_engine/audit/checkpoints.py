"""Checkpoints: lines of a chain whose signature stands for all lines before them.

Hashes show that a line was changed to whoever has a later hash from elsewhere; a signature shows it to
whoever has the public key. Keys and algorithms are handed in: this package knows none.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from policy_engine.audit.chain import Chain, encoded
from policy_engine.errors import PolicyEngineError
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["CHECKPOINT", "Checkpoints", "Signed", "Signer", "Verifier", "checkpoint_record", "signed_by"]

CHECKPOINT: Final = "checkpoint"
"""The `event` of such a line."""


class Signer(Protocol):
    """Signs with a private key."""

    def sign(self, payload: bytes) -> str:
        """The compact JWS of some bytes (RFC 7515 section 7.1)."""
        ...


class Verifier(Protocol):
    """Verifies with public keys."""

    def verify(self, signature: str) -> bytes:
        """The bytes that a compact JWS signs.

        Raises:
            PolicyEngineError: no key made it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """When a chain is signed, and by whom.

    Attributes:
        signer: signs.
        lines: after so many lines at most.
        seconds: after so many seconds at most, if a line came.
        now: the clock, in seconds since the epoch.
    """

    signer: Signer
    lines: int = 1000
    seconds: float = 60.0
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Signed:
    """What a checkpoint's signature says.

    Attributes:
        chain: which chain.
        seq: the number of the last line that it stands for.
        hash: that line's hash.
        time: when it was signed, in seconds since the epoch.
        lines: how many lines may follow before the next checkpoint.
    """

    chain: str
    seq: int
    hash: bytes
    time: float
    lines: int


def checkpoint_record(chain: Chain, rule: Checkpoints) -> Mapping[str, Any]:
    """The record to write next, which signs all lines that the chain has."""
    at = rule.now()
    said = {
        "chain": chain.id,
        "seq": chain.seq,
        "hash": chain.hash.hex(),
        "time": at,
        "lines": rule.lines,
    }
    signature = rule.signer.sign(encoded(said).encode("ascii"))
    return {"event": CHECKPOINT, "time": at, "signature": signature}


def signed_by(record: Mapping[str, Any], verifier: Verifier) -> Signed | None:
    """What a checkpoint says, if one of the keys signed it; None if none did."""
    signature = record.get("signature")
    if not isinstance(signature, str):
        return None
    try:
        said = parse(verifier.verify(signature))
        signed = Signed(said["chain"], said["seq"], bytes.fromhex(said["hash"]), said["time"], said["lines"])
    except (PolicyEngineError, JsonError, KeyError, TypeError, ValueError):
        return None
    return signed if signed.time == record.get("time") else None
