"""Groups, roles and other facts, from the claims that an operator configured and from no others.

Each kind has its own sources, so that a claim meant for people can't put a machine in a group.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper.language import ABSENT, ClaimPath, ClaimType, read_claim, wrong_type
from policy_engine.model import Tags

__all__ = ["Attributes", "ClaimSources", "SourceReader", "Sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the facts about one kind are; spelt as `ClaimPath.parse` reads it, None where there are none.

    Attributes:
        groups: a string or an array of strings.
        roles: likewise.
        email: a string; taken only if `email_verified` is true, and for people only.
        tags: tag names, and the claim of each: a string or an array of strings.
    """

    groups: str | None = None
    roles: str | None = None
    email: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSources:
    """The sources for both kinds."""

    user: Sources = field(default_factory=Sources)
    client: Sources = field(default_factory=Sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What the configured claims of one token say."""

    groups: frozenset[str]
    roles: frozenset[str]
    email: str | None
    tags: Tags


class SourceReader:
    """Sources, parsed.

    Raises:
        ConfigError: one of them names no claim.
    """

    def __init__(self, sources: Sources) -> None:
        self._groups = _path(sources.groups)
        self._roles = _path(sources.roles)
        self._email = _path(sources.email)
        self._tags = {name: _path(claim) for name, claim in sources.tags.items()}
        paths = (self._groups, self._roles, self._email, *self._tags.values())
        self._outermost = frozenset(path.names[0] for path in paths if path is not None)

    def read(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Attributes:
        """Read all of them.

        Raises:
            MappingError: one has another type (`claim_type`), or the issuer left it out since it was too long
                for a token (`groups_overage`): then what the token says is less than the truth.
        """
        self._check_overage(header, claims)
        return Attributes(
            groups=frozenset(_names(self._groups, header, claims)),
            roles=frozenset(_names(self._roles, header, claims)),
            email=self._verified_email(header, claims),
            tags=MappingProxyType(
                {name: found for name, path in self._tags.items() if (found := _names(path, header, claims))}
            ),
        )

    def _check_overage(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
        """`_claim_names` is what OpenID Connect Core 5.6.2 keeps elsewhere; Entra also writes `hasgroups`."""
        elsewhere = claims.get("_claim_names", ABSENT)
        names = elsewhere if isinstance(elsewhere, Mapping) else ()
        left_out = not self._outermost.isdisjoint(names)
        if self._groups is not None and "hasgroups" in claims:
            left_out = left_out or self._groups.find(header, claims) is ABSENT
        if left_out:
            note = "the issuer left a configured claim out of the token, since it was too long"
            raise MappingError("invalid_claim", note, detail="groups_overage", evidence=(note,))

    def _verified_email(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str | None:
        if self._email is None or claims.get("email_verified") is not True:
            return None
        found = _names(self._email, header, claims, ClaimType.STRING)
        return found[0] if found else None


def _path(text: str | None) -> ClaimPath | None:
    try:
        return None if text is None else ClaimPath.parse(text)
    except ValueError:
        raise ConfigError(f"`{text}` names no claim", remedy="write a claim's name or path") from None


def _names(
    path: ClaimPath | None,
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    claim_type: ClaimType = ClaimType.STRINGS,
) -> tuple[str, ...]:
    found = None if path is None else read_claim(path, claim_type, header, claims)
    if found is None:
        return ()
    names: tuple[str, ...] = (found,) if isinstance(found, str) else found
    if not all(name and name.isprintable() for name in names):
        raise wrong_type(f"`{path}` holds something other than names")
    return names
