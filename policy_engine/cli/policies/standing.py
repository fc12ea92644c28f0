"""The policies of a configuration beside what its audit log says of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from policy_engine.audit import Recorded, read_records, rotated_files
from policy_engine.config import (
    LoadedConfig,
    examine_policy_set,
    load_config,
    load_static_entities,
    policy_checker,
    policy_sources,
    protected_servers,
)
from policy_engine.errors import ConfigError
from policy_engine.evaluator import PolicySource, PolicyStore, StoredPolicy

__all__ = ["Log", "Standing", "Would", "changed_store"]

_EXAMPLES: Final = 3
"""Decisions of each policy that are shown."""

_CHANGES: Final = ("allow", "deny")

Change = Literal["allow", "deny"]


@dataclass(slots=True)
class Would:
    """What a policy in shadow mode would have changed.

    Attributes:
        changes: how often, by `allow` and `deny`.
        first: when first, in seconds since the epoch; None if never.
        last: when last.
        examples: the latest of those decisions.
    """

    changes: Counter[str] = field(default_factory=Counter)
    first: float | None = None
    last: float | None = None
    examples: list[Recorded] = field(default_factory=list)

    def count(self, record: Recorded, change: str) -> None:
        """Count a decision."""
        self.changes[change] += 1
        self.first = record.time if self.first is None else min(self.first, record.time)
        self.last = record.time if self.last is None else max(self.last, record.time)
        self.examples = [*self.examples[1 - _EXAMPLES :], record]

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "would_allow": self.changes["allow"],
            "would_deny": self.changes["deny"],
            "first": self.first,
            "last": self.last,
        }


@dataclass(slots=True)
class Log:
    """What an audit log says of policies.

    Attributes:
        decisions: how many it has.
        first: the time of the first, in seconds since the epoch; None if there is none.
        last: that of the last.
        digest: of the policies of the last decision.
        generation: of the last decision.
        since: when the first of the last decisions with that digest was made.
        would: by the id of policies in shadow mode, what they would have changed.
    """

    decisions: int = 0
    first: float | None = None
    last: float | None = None
    digest: str | None = None
    generation: int | None = None
    since: float | None = None
    would: dict[str, Would] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Recorded]) -> "Log":
        """Read records, oldest first."""
        log = cls()
        for record in records:
            log._take(record)
        return log

    @classmethod
    def read(cls, loaded: LoadedConfig, files: Iterable[Path] = ()) -> "Log | None":
        """That of a configuration, or of some files; None if nothing is written to one.

        Raises:
            OSError: a file can't be read.
        """
        found = [*files]
        file = loaded.config.audit.file
        if not found and file is not None:
            path = loaded.path(file)
            found = [*rotated_files(path), *([path] if path.exists() else [])]
        return cls.of(read_records(found)) if found else None

    def of_policy(self, name: str) -> Would:
        """What one would have changed."""
        return self.would.get(name, Would())

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        names = ("decisions", "first", "last", "digest", "generation", "since")
        return {name: getattr(self, name) for name in names}

    def _take(self, record: Recorded) -> None:
        self.decisions += 1
        self.first = record.time if self.first is None else self.first
        self.last = record.time
        digest, generation = record.text("policy_digest") or None, record.json.get("generation")
        if digest != self.digest:
            self.digest, self.since = digest, record.time
        self.generation = generation if isinstance(generation, int) else None
        for name, change in _changes(record):
            self.would.setdefault(name, Would()).count(record, change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Policies, and what is known of their decisions.

    Attributes:
        loaded: the configuration.
        store: the policies as their files have them now.
        log: the audit log; None if nothing is written to a file.
    """

    loaded: LoadedConfig
    store: PolicyStore
    log: Log | None

    @classmethod
    def of(cls, config: Path, logs: Iterable[Path] = ()) -> "Standing":
        """That of a configuration.

        Args:
            config: its file.
            logs: an audit log in place of its own, oldest file first.

        Raises:
            ConfigError: something can't be used.
        """
        loaded = load_config(config)
        servers, static = protected_servers(loaded), load_static_entities(loaded)
        store = examine_policy_set(loaded, servers, static).store()
        return cls(loaded=loaded, store=store, log=Log.read(loaded, logs))

    @property
    def by_file(self) -> Mapping[str, list[StoredPolicy]]:
        """Policies by the file that they are in, in the order in which they are read."""
        found: dict[str, list[StoredPolicy]] = {}
        for policy in self.store.policies.values():
            found.setdefault(policy.written.file or "<values>", []).append(policy)
        return found

    @property
    def shadow(self) -> tuple[StoredPolicy, ...]:
        """Those that are in shadow mode."""
        return tuple(policy for policy in self.store.policies.values() if policy.shadow)

    def policy(self, name: str) -> StoredPolicy:
        """One that is in shadow mode.

        Raises:
            ConfigError: there is none of that id, or it decides already.
        """
        found = self.store.policies.get(name)
        if found is None:
            known = ", ".join(f"`{policy.id}`" for policy in self.shadow) or "none"
            raise ConfigError(f"there is no policy `{name}`", remedy=f"in shadow mode: {known}")
        if not found.shadow:
            written = found.written
            raise ConfigError(
                f"`{name}` isn't in shadow mode: it decides already",
                remedy="name another one: policy-engine policies status",
                file=written.file,
                line=written.line,
                column=written.column,
            )
        return found


def changed_store(loaded: LoadedConfig, file: str, text: str) -> PolicyStore:
    """The set as it would be if a file said something else.

    Raises:
        PolicyError: something would be wrong with it.
    """
    servers, static = protected_servers(loaded), load_static_entities(loaded)
    sources = (
        PolicySource(text=text, file=each.file) if each.file == file else each
        for each in policy_sources(loaded)
    )
    return policy_checker(loaded, servers, static).examine(tuple(sources)).store()


def _changes(record: Recorded) -> Iterator[tuple[str, str]]:
    rows = record.json.get("shadow")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("would") in _CHANGES:
            yield str(row.get("policy")), row["would"]
