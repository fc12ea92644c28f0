"""The machines, and the applications of people, that an operator lists at an issuer.

No machine is admitted unlisted, and no client is both: a token of a client that may have asked for itself or
for a person can't be told apart by any claim (RFC 9068 section 5), so one id has one use.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from policy_engine.errors import ConfigError
from policy_engine.mapper.identifiers import is_id
from policy_engine.model import Tags, TypedAttributes
from policy_engine.model.claims import MACHINE_GRANTS, USER_GRANTS

__all__ = ["EXCHANGE_GRANTS", "KnownClient", "LiveRegistry", "Registry", "check_clients"]

EXCHANGE_GRANTS = frozenset(
    {
        "token-exchange",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    }
)
"""Grants that make one token of another (RFC 8693, RFC 7523), whose it stays: they go with any other."""

_CATEGORIES = frozenset({"service", "ai_agent", "workload"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownClient:
    """What an operator says of one client.

    Attributes:
        grants: grants that it uses at its issuer: of machines, of people, of exchange.
        category: `service`, `ai_agent` or `workload`; None leaves it to the profile.
        groups: names of `ClientGroup`s.
        roles: names of `ClientRole`s.
        attributes: other facts for policies.
        typed_attributes: those that are declared, with the declared types.
        acts_for_users: whether people's tokens obtained by it are delegated to it.
    """

    grants: frozenset[str]
    category: str | None = None
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    attributes: Tags = field(default_factory=lambda: MappingProxyType({}), hash=False)
    typed_attributes: TypedAttributes = field(default_factory=lambda: MappingProxyType({}), hash=False)
    acts_for_users: bool = False

    @property
    def may_act(self) -> bool:
        """Whether it may stand in `act` as the one who acts for a person."""
        return self.acts_for_users or self.exchanges or self.is_machine

    @property
    def exchanges(self) -> bool:
        """Whether it turns tokens of people into tokens that it holds for them."""
        return not self.grants.isdisjoint(EXCHANGE_GRANTS)

    @property
    def is_machine(self) -> bool:
        """Whether it has tokens on its own behalf."""
        return not self.grants.isdisjoint(MACHINE_GRANTS)

    @property
    def serves_people(self) -> bool:
        """Whether it obtains tokens that speak for people."""
        return not self.grants.isdisjoint(USER_GRANTS)


class Registry(Protocol):
    """Where the clients of one issuer are looked up; a plain mapping is one."""

    def get(self, client_id: str, /) -> KnownClient | None:
        """The client with exactly this id, or None."""
        ...


@runtime_checkable
class LiveRegistry(Registry, Protocol):
    """A registry that changes by itself, and that takes back what was good before.

    It must check its own clients as `check_clients` does.
    """

    def mark(self) -> object:
        """The same object for as long as nothing changes, and never again afterwards.

        What was made of a token is as good as the mark that was asked for before.

        Raises:
            MappingError: `registry_unavailable`: it isn't known what is listed now.
        """
        ...

    def refuse_revoked(self, client_id: str | None, jti: object) -> None:
        """Refuse a token that counts no longer.

        Args:
            client_id: the machine that it is of.
            jti: its id, as it stands in the token.

        Raises:
            MappingError: `revoked_token`.
        """
        ...


def check_clients(clients: Mapping[str, KnownClient], *, issuer: str) -> None:
    """Check what an operator listed at an issuer.

    Raises:
        ConfigError: a client has no grant, an unknown one, or a machine's grant together with people's.
    """
    for client_id, client in clients.items():
        problem, remedy = _fault(client_id, client) or ("", "")
        if problem:
            raise ConfigError(f"client `{client_id}` of issuer `{issuer}` {problem}", remedy=remedy)


def _fault(client_id: str, client: KnownClient) -> tuple[str, str] | None:
    known = MACHINE_GRANTS | USER_GRANTS | EXCHANGE_GRANTS
    if not is_id(client_id):
        return "has an id that no token can carry", "write 1 to 255 printable ASCII characters"
    if not client.grants:
        return "has no grant", f"list what it uses, of {', '.join(sorted(known))}"
    if unknown := sorted(client.grants - known):
        return f"has the unknown grant `{unknown[0]}`", f"use one of {', '.join(sorted(known))}"
    if client.is_machine and client.serves_people:
        both = (min(client.grants & MACHINE_GRANTS), min(client.grants & USER_GRANTS))
        return (
            f"has `{both[0]}` and `{both[1]}`: its tokens for itself can't be told from those for people",
            "register two clients, one for each",
        )
    if client.category is not None and client.category not in _CATEGORIES:
        return f"has the unknown category `{client.category}`", f"use one of {', '.join(sorted(_CATEGORIES))}"
    return None
