"""What the commands of the deny-list share: its store, what they name, and how a denial is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from policy_engine.config import load_config, store_of
from policy_engine.errors import ConfigError
from policy_engine.model.stored import Denial

if TYPE_CHECKING:  # of an extra
    from policy_engine.storage import Store

__all__ = ["CONFIG", "JtiOption", "SubjectOption", "named", "opened", "record_of", "stamp"]

CONFIG: Final = Path("policy-engine.yaml")

JtiOption = Annotated[str | None, typer.Option("--jti", help="One token, by its id (`jti`).")]
SubjectOption = Annotated[
    str | None, typer.Option("--subject", help="All tokens of a machine, by its client id (`sub`).")
]

_LONGEST: Final = 256

Kind = Literal["subject", "jti"]


@contextmanager
def opened(config: Path, *, create: bool) -> "Iterator[Store]":
    """The store of a configuration's authorization server.

    Raises:
        ConfigError: the configuration names none, or can't be used.
        StorageError: it can't be reached.
    """
    store = store_of(load_config(config), create=create)
    try:
        yield store
    finally:
        store.close()


def named(jti: str | None, subject: str | None) -> tuple[Kind, str]:
    """What of tokens is named, and its value.

    Raises:
        ConfigError: not exactly one of the two, or nothing that a token could carry.
    """
    if (jti is None) == (subject is None):
        raise ConfigError("which tokens?", remedy="give either --jti or --subject")
    kind: Kind = "jti" if subject is None else "subject"
    value = (jti if subject is None else subject) or ""
    if not 1 <= len(value) <= _LONGEST or not value.isprintable() or value != value.strip():
        raise ConfigError(f"--{kind} isn't an id", remedy="copy it from the record of a decision")
    return kind, value


def stamp(seconds: float) -> str:
    """A time as ISO 8601 has it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def record_of(denial: Denial) -> dict[str, Any]:
    """For programs."""
    return {
        "kind": denial.kind,
        "value": denial.value,
        "reason": denial.reason,
        "since": stamp(denial.since),
        "until": None if denial.until is None else stamp(denial.until),
    }
