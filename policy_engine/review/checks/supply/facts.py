"""Which facts about people and machines the configuration brings, whatever a token says."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from policy_engine.config import LoadedConfig
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.checks.looking import Kind

__all__ = ["Supply"]


class Supply:
    """Names of attributes and tags that anybody can have, by kind.

    Args:
        loaded: the configuration.
        known: what is said of entities beforehand, in Cedar's JSON format.

    Attributes:
        declared: by kind, attributes that the operator declared, and the address of people.
    """

    def __init__(self, loaded: LoadedConfig, known: Mapping[EntityUid, CedarJson]) -> None:
        config = loaded.config
        claims = {
            "User": [issuer.claims.user for issuer in config.issuers.values()],
            "Client": [issuer.claims.client for issuer in config.issuers.values()],
        }
        listed = frozenset(_listed(loaded))
        own = {"User": config.attributes.User.keys(), "Client": config.attributes.Client.keys()}
        attributes, tags, declared = {}, {}, {}
        for kind, sources in claims.items():
            machines = listed if kind == "Client" else frozenset()
            email = {"email"} if kind == "User" else frozenset()
            declared[kind] = frozenset({*own[kind], *email})
            brought = {name for one in sources for name in one.attributes}
            brought |= {"email" for one in sources if one.email is not None and kind == "User"}
            brought |= machines & own[kind]
            attributes[kind] = frozenset(brought | _of_entities(known, kind, "attrs"))
            named = {name for one in sources for name in one.tags} | (machines - own[kind])
            tags[kind] = frozenset(named | _of_entities(known, kind, "tags"))
        # What our own server registers may change from one moment to the next.
        live = any(issuer.registry is not None for issuer in config.issuers.values())
        self.declared: Mapping[str, frozenset[str]] = MappingProxyType(declared)
        self._attributes = attributes
        self._tags = tags
        self._live = live

    def has_attribute(self, kind: Kind, name: str) -> bool:
        """Whether anybody of a kind can have an attribute."""
        return (kind == "Client" and self._live) or name in self._attributes[kind]

    def has_tag(self, kind: Kind, name: str) -> bool:
        """Whether anybody of a kind can have a tag."""
        return (kind == "Client" and self._live) or name in self._tags[kind]

    def tags(self, kind: Kind) -> frozenset[str]:
        """The tags that somebody of a kind can have."""
        return self._tags[kind]


def _listed(loaded: LoadedConfig) -> Iterator[str]:
    for issuer in loaded.config.issuers.values():
        for client in (*issuer.clients.values(), *issuer.client_prefixes.values()):
            yield from client.attributes


def _of_entities(known: Mapping[EntityUid, CedarJson], kind: str, part: str) -> set[str]:
    return {name for uid, entity in known.items() if uid.type == kind for name in entity.get(part, {})}
