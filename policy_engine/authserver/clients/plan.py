"""What applying a `clients.yaml` would do: the difference between wanted and stored clients, as a value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from policy_engine.authserver.clients.client_secrets import Secret, SecretHash
from policy_engine.authserver.clients.documents import hashes_of, with_hashes
from policy_engine.authserver.clients.rotation import with_secret
from policy_engine.authserver.clients.wanted import WantedClient
from policy_engine.errors import ConfigError
from policy_engine.model.stored import ClientChange, StoredClient

__all__ = ["Action", "Plan", "Step", "make_plan"]


class Action(StrEnum):
    """What becomes of a client."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What becomes of one client.

    Attributes:
        client_id: its id.
        action: what becomes of it.
        before: what is registered.
        after: what is registered afterwards.
    """

    client_id: str
    action: Action
    before: Mapping[str, Any] | None = field(default=None, repr=False)
    after: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the members that differ, sorted."""
        before, after = self.before or {}, self.after or {}
        return tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of all clients, sorted by id.

    Attributes:
        steps: one a client that the file or the plan is about.
        left: ids that are registered, and not in the file, and stay.
        secrets: those that were made for the plan, by client.
    """

    steps: tuple[Step, ...]
    left: tuple[str, ...] = ()
    secrets: Mapping[str, Secret] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[ClientChange, ...]:
        """What is to be changed in the store."""
        return tuple(
            ClientChange(client_id=step.client_id, document=step.after)
            for step in self.steps
            if step.action is not Action.UNCHANGED
        )

    def count(self, action: Action) -> int:
        """How many clients something becomes of."""
        return sum(step.action is action for step in self.steps)


def make_plan(
    wanted: Sequence[WantedClient],
    stored: Sequence[StoredClient],
    *,
    prune: bool,
    now: float,
    grace: float,
    new_secret: Callable[[str], Secret],
) -> Plan:
    """Compare.

    Args:
        wanted: the clients of the file.
        stored: those of the store, and of removed ones at least those whose ids are wanted.
        prune: whether clients that aren't wanted are removed.
        now: seconds since the epoch.
        grace: seconds that a secret stays valid that is replaced by another.
        new_secret: makes one for a client; called only for those that have none.

    Raises:
        ConfigError: an id was another client's, or a secret can't be replaced now; at its place in the file.
    """
    known = {each.client_id: each for each in stored}
    secrets: dict[str, Secret] = {}
    steps: list[Step] = []
    errors: list[ConfigError] = []

    def made(client_id: str) -> Secret:
        return secrets.setdefault(client_id, new_secret(client_id))

    for client in wanted:
        try:
            steps.append(_step(client, known.get(client.client_id), now=now, grace=grace, made=made))
        except ConfigError as error:
            errors.append(client.error(error))
    if errors:
        raise ConfigError.first_of(errors)
    named = {client.client_id for client in wanted}
    others = [each for each in stored if each.removed_at is None and each.client_id not in named]
    if prune:
        steps += [
            Step(client_id=each.client_id, action=Action.REMOVED, before=each.document) for each in others
        ]
    left = () if prune else tuple(sorted(each.client_id for each in others))
    return Plan(steps=tuple(sorted(steps, key=lambda step: step.client_id)), left=left, secrets=secrets)


def _with_new(document: Mapping[str, Any], secret: Secret) -> dict[str, Any]:
    """The client with this secret alone, where it isn't one of those that are over."""
    if any(item.matches(secret) for item in hashes_of(document)):
        raise ConfigError(
            "what should be a new secret is one that has expired",
            remedy="delete the file that holds it, and run it again",
            code="rotation",
        )
    return with_hashes(document, (SecretHash.of(secret),))


def _step(
    client: WantedClient,
    stored: StoredClient | None,
    *,
    now: float,
    grace: float,
    made: Callable[[str], Secret],
) -> Step:
    if stored is not None and stored.removed_at is not None:
        raise ConfigError(
            "it was another client's id, and ids are never used again",
            remedy="choose another id",
            code="duplicate_client",
        )
    before = None if stored is None else stored.document
    after = dict(client.document)
    if not client.says_enabled and before is not None:
        # Of a document that somebody spoilt it isn't known: the client may have been disabled.
        own = before.get("client_id") == client.client_id
        after["enabled"] = own and before.get("enabled") is True
    hashes = hashes_of(before or {})
    if client.secret is not None:
        after = with_secret(with_hashes(after, hashes), client.secret, now=now, grace=grace)
    elif client.generates:
        after = with_hashes(after, hashes)
        if not any(item.valid_at(now) for item in hashes):
            after = _with_new(after, made(client.client_id))
    if before is None:
        return Step(client_id=client.client_id, action=Action.ADDED, after=after)
    same = before == after
    action = Action.UNCHANGED if same else Action.CHANGED
    return Step(client_id=client.client_id, action=action, before=before, after=after)
