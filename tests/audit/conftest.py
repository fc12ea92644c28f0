"""What tests of the audit log share: a key, and logs of several writers."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from policy_engine.audit import Checkpoints, FileSink
from policy_engine.jose import SigningKey, sign, verify


@dataclass(frozen=True)
class Key:
    """A signing key, as the package takes one."""

    key: SigningKey

    def sign(self, payload: bytes) -> str:
        """A compact JWS."""
        return sign(payload, self.key, typ="test")

    def verify(self, signature: str) -> bytes:
        """What it signs."""
        return verify(signature, self.key.public_jwk(), ["EdDSA"]).payload


@pytest.fixture(scope="session")
def key() -> Key:
    """A new key."""
    return Key(SigningKey.generate("EdDSA"))


@pytest.fixture(scope="session")
def other_key() -> Key:
    """Another."""
    return Key(SigningKey.generate("EdDSA"))


@dataclass(frozen=True)
class Writers:
    """Several writers of one file, each with a chain of its own."""

    path: Path
    sinks: tuple[FileSink, ...]

    @classmethod
    def of(cls, path: Path, count: int = 1, key: Key | None = None, lines: int = 1000) -> "Writers":
        """So many of them; with a key each signs, after so many lines."""
        rule = None if key is None else Checkpoints(signer=key, lines=lines, seconds=3600, now=lambda: 1.0)
        return cls(path, tuple(FileSink(path, checkpoints=rule) for _ in range(count)))

    def write(self, who: list[int]) -> list[bytes]:
        """One record each, in that order; the lines that are in the file then."""
        for n, each in enumerate(who):
            self.sinks[each % len(self.sinks)].write({"n": n, "by": each})
        return self.lines

    def close(self) -> list[bytes]:
        """Close all; the lines that are in the file then."""
        for sink in self.sinks:
            sink.close()
        return self.lines

    @property
    def lines(self) -> list[bytes]:
        """The lines of the file."""
        return self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []
