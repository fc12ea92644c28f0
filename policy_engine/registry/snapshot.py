"""What is registered at one moment, as stage 2 asks for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import KnownClient, check_clients
from policy_engine.model import AttributeType, AttributeValue
from policy_engine.model.claims import CLIENT_CREDENTIALS
from policy_engine.registry.source import Entry, Reading

__all__ = ["NOTHING", "Snapshot"]

_GRANTS = frozenset({CLIENT_CREDENTIALS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A registry that doesn't change.

    Attributes:
        clients: machines that may have tokens, by id.
        disabled: ids of those that may not for the time being.
        subjects: ids of machines whose tokens are denied.
        jtis: ids of tokens that are denied.
        faults: ids of machines that are registered, but can't be used; they are as good as unlisted.
    """

    clients: Mapping[str, KnownClient] = field(hash=False)
    disabled: frozenset[str]
    subjects: frozenset[str]
    jtis: frozenset[str]
    faults: frozenset[str]

    @classmethod
    def of(cls, reading: Reading, declared: Mapping[str, AttributeType], at: float) -> "Snapshot":
        """What a reading says at a time.

        Args:
            reading: as a source gave it.
            declared: attributes that have a type; others are tags.
            at: seconds since the epoch.
        """
        clients: dict[str, KnownClient] = {}
        disabled, faults = set(), set()
        for client_id, entry in reading.entries.items():
            if entry is not None and not entry.enabled:
                disabled.add(client_id)
                continue
            try:
                clients[client_id] = _known(client_id, entry, declared)
            except ValueError:
                faults.add(client_id)
        denied = [named for named, until in reading.denials.items() if until is None or at < until]
        return cls(
            clients=MappingProxyType(clients),
            disabled=frozenset(disabled),
            subjects=frozenset(value for kind, value in denied if kind == "subject"),
            jtis=frozenset(value for kind, value in denied if kind == "jti"),
            faults=frozenset(faults),
        )

    @property
    def ids(self) -> frozenset[str]:
        """Of all that are registered, whatever became of them."""
        return frozenset(self.clients) | self.disabled | self.faults

    def get(self, client_id: str, /) -> KnownClient | None:
        """The machine with exactly this id, or None."""
        return self.clients.get(client_id)

    def mark(self) -> object:
        """Itself."""
        return self

    def refuse_revoked(self, client_id: str | None, jti: object) -> None:
        """Refuse a token that counts no longer.

        Raises:
            MappingError: `revoked_token`.
        """
        if isinstance(jti, str) and jti in self.jtis:
            raise MappingError("revoked_token", "the token's id is denied", detail="jti")
        if client_id in self.subjects:
            raise MappingError("revoked_token", "the machine's tokens are denied", detail="subject")
        if client_id in self.disabled:
            raise MappingError("revoked_token", "the machine is disabled", detail="client")


NOTHING: Final = Snapshot(
    clients=MappingProxyType({}),
    disabled=frozenset(),
    subjects=frozenset(),
    jtis=frozenset(),
    faults=frozenset(),
)
"""What is registered as far as nobody has read anything."""


def _known(client_id: str, entry: Entry | None, declared: Mapping[str, AttributeType]) -> KnownClient:
    """What stage 2 knows of a machine.

    Raises:
        ValueError: that can't be told: without one of its attributes a forbid that reads it would be silent.
    """
    if entry is None:
        raise ValueError(client_id)
    tags = {name: values for name, values in entry.attributes.items() if name not in declared}
    typed = {
        name: _typed(values, declared[name]) for name, values in entry.attributes.items() if name in declared
    }
    client = KnownClient(
        grants=_GRANTS,
        category=entry.category,
        groups=entry.groups,
        attributes=MappingProxyType(tags),
        typed_attributes=MappingProxyType(typed),
    )
    try:
        check_clients({client_id: client}, issuer="")
    except ConfigError:
        raise ValueError(client_id) from None
    return client


def _typed(values: tuple[str, ...], type_: AttributeType) -> AttributeValue:
    """A registered attribute, which is a list of texts, as the type that is declared.

    Raises:
        ValueError: it isn't of that type.
    """
    value: AttributeValue = values
    if type_ is not AttributeType.STRINGS:
        (text,) = values
        value = _READ[type_](text)
    if not type_.admits(value):
        raise ValueError(type_)
    return value


def _bool(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _long(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError(text)
    return int(text)


_READ: Final[Mapping[AttributeType, Callable[[str], AttributeValue]]] = MappingProxyType(
    {AttributeType.STRING: str, AttributeType.BOOL: _bool, AttributeType.LONG: _long}
)
