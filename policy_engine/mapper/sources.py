"""Groups, roles and other facts, from the claims that an operator configured and from no others.

Each kind has its own sources, so that a claim meant for people can't put a machine in a group.
A string and an array of one string say the same; which it is to be is told here, once, and nowhere later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper.language import (
    ABSENT,
    NOTHING_DECODED,
    ClaimPath,
    ClaimType,
    Read,
    Root,
    Vocabulary,
    wrong_type,
)
from policy_engine.model import AttributeType, AttributeValue, Tags, TypedAttributes

__all__ = ["AttributeSource", "Attributes", "ClaimSources", "SourceReader", "Sources"]

_CLAIM_TYPES: Mapping[AttributeType, ClaimType] = MappingProxyType(
    {
        AttributeType.STRING: ClaimType.STRING,
        AttributeType.STRINGS: ClaimType.STRINGS,
        AttributeType.BOOL: ClaimType.BOOL,
        AttributeType.LONG: ClaimType.NUMBER,
    }
)

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeSource:
    """Where a declared attribute is, and of which type it must be.

    Attributes:
        claim: spelt as `ClaimPath.parse` reads it.
        type: as it is declared.
    """

    claim: str
    type: AttributeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the facts about one kind are; spelt as `ClaimPath.parse` reads it, None where there are none.

    Attributes:
        groups: a string or an array of strings.
        roles: likewise.
        email: a string; taken only if `email_verified` is true, and for people only.
        tags: tag names, and the claim of each: a string or an array of strings.
        attributes: names of declared attributes, and the source of each.
    """

    groups: str | None = None
    roles: str | None = None
    email: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    attributes: Mapping[str, AttributeSource] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )


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
    typed_attributes: TypedAttributes


_NOTHING_SAID: Final = Attributes(
    groups=frozenset(), roles=frozenset(), email=None, tags=_NONE, typed_attributes=_NONE
)


class SourceReader:
    """Sources, parsed.

    Args:
        sources: what is to be read.
        vocabulary: what the profile decodes.

    Raises:
        ConfigError: one of them names no claim.
    """

    def __init__(self, sources: Sources, vocabulary: Vocabulary | None = None) -> None:
        path = partial(_path, vocabulary or Vocabulary())
        groups, roles, email = (
            None if claim is None else path(claim) for claim in (sources.groups, sources.roles, sources.email)
        )
        self._groups = None if groups is None else Read(groups, ClaimType.STRINGS)
        self._roles = None if roles is None else Read(roles, ClaimType.STRINGS)
        self._email = None if email is None else Read(email, ClaimType.STRING)
        self._tags = {name: Read(path(claim), ClaimType.STRINGS) for name, claim in sources.tags.items()}
        self._attributes = {
            name: (Read(path(source.claim), _CLAIM_TYPES[source.type]), source.type)
            for name, source in sources.attributes.items()
        }
        others = [*self._tags.values(), *(read for read, _ in self._attributes.values())]
        self._overage = _Overage(groups=groups, others=(roles, email, *(read.path for read in others)))
        self._reads_nothing = sources == Sources()

    def read(
        self,
        header: Mapping[str, Any],
        claims: Mapping[str, Any],
        decoded: Mapping[str, Any] = NOTHING_DECODED,
    ) -> Attributes:
        """Read all of them.

        Raises:
            MappingError: one has another type (`claim_type`), or the issuer left it out since it was too long
                for a token (`groups_overage`): then what the token says is less than the truth.
        """
        if self._reads_nothing:
            return _NOTHING_SAID
        self._overage.check(header, claims)
        return Attributes(
            groups=frozenset(_names(self._groups, header, claims, decoded)),
            roles=frozenset(_names(self._roles, header, claims, decoded)),
            email=self._verified_email(header, claims),
            tags=MappingProxyType(
                {
                    name: found
                    for name, read in self._tags.items()
                    if (found := _names(read, header, claims, decoded))
                }
            ),
            typed_attributes=self._typed(header, claims, decoded) if self._attributes else _NONE,
        )

    def _typed(
        self, header: Mapping[str, Any], claims: Mapping[str, Any], decoded: Mapping[str, Any]
    ) -> TypedAttributes:
        found = {
            name: _value(read, type_, header, claims, decoded)
            for name, (read, type_) in self._attributes.items()
        }
        return MappingProxyType({name: value for name, value in found.items() if value is not None})

    def _verified_email(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str | None:
        if self._email is None or claims.get("email_verified") is not True:
            return None
        found = _names(self._email, header, claims, NOTHING_DECODED)
        return found[0] if found else None


class _Overage:
    """The ways in which issuers say that a claim isn't in the token, since it was too long for one.

    OpenID Connect Core 5.6.2 has `_claim_names` for what is elsewhere, and `_claim_sources` for where.
    Entra's reference of token claims has two more: `hasgroups` in place of `groups`, and `groups:src1`, with
    any number.
    """

    def __init__(self, *, groups: ClaimPath | None, others: tuple[ClaimPath | None, ...]) -> None:
        paths = tuple(path for path in (groups, *others) if path is not None and path.root is Root.CLAIMS)
        self._outermost = frozenset(path.names[0] for path in paths)
        self._links = tuple(f"{name}:src" for name in self._outermost)
        self._signs = frozenset({"_claim_names", "_claim_sources", "hasgroups"})
        self._groups = tuple(path for path in paths if path is groups or path.names[0] == "groups")

    def check(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
        """Refuse a token that lacks a claim which is to be read.

        Raises:
            MappingError: `groups_overage`, whatever the claim is; `claim_type`, if it can't be told.
        """
        if not self._outermost:
            return
        numbered = any(":src" in name and self._is_link(name) for name in claims)
        # Most tokens have none of these claims, and this is asked of every token.
        if not numbered and claims.keys().isdisjoint(self._signs):
            return
        if numbered or self._listed(claims) or self._replaced(header, claims) or self._linked_to(claims):
            note = "the issuer left a configured claim out of the token, since it was too long"
            raise MappingError("invalid_claim", note, detail="groups_overage", evidence=(note,))

    def _is_link(self, name: str) -> bool:
        return any(name.startswith(link) and name[len(link) :].isdecimal() for link in self._links)

    def _listed(self, claims: Mapping[str, Any]) -> bool:
        return not self._outermost.isdisjoint(_members("_claim_names", claims))

    def _replaced(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
        return "hasgroups" in claims and any(path.find(header, claims) is ABSENT for path in self._groups)

    def _linked_to(self, claims: Mapping[str, Any]) -> bool:
        """Whether a claim's name, or its value, is that of a source."""
        sources = _members("_claim_sources", claims)
        if not sources:
            return False
        links = {f"{name}:{source}" for name in self._outermost for source in sources}
        held = (claims.get(name) for name in self._outermost)
        return not claims.keys().isdisjoint(links) or any(
            type(value) is str and value in sources for value in held
        )


def _members(claim: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
    found = claims.get(claim, _NONE)
    if not isinstance(found, Mapping):
        raise wrong_type(f"`{claim}` is there, but isn't an object")
    return found


def _path(vocabulary: Vocabulary, text: str) -> ClaimPath:
    try:
        path = ClaimPath.parse(text)
    except ValueError:
        raise ConfigError(f"`{text}` names no claim", remedy="write a claim's name or path") from None
    if not vocabulary.has(path):
        known = ", ".join(f"`decoded.{'.'.join(names)}`" for names in sorted(vocabulary.decoded))
        raise ConfigError(
            f"`{text}` names nothing that the profile decodes",
            remedy=f"what it decodes: {known or 'nothing'}",
        )
    return path


def _names(
    read: Read | None, header: Mapping[str, Any], claims: Mapping[str, Any], decoded: Mapping[str, Any]
) -> tuple[str, ...]:
    found = None if read is None else read.value(header, claims, decoded)
    if read is None or found is None:
        return ()
    names: tuple[str, ...] = (found,) if isinstance(found, str) else found
    if not all(name and name.isprintable() for name in names):
        raise wrong_type(f"`{read.path}` holds something other than names")
    return names


def _value(
    read: Read,
    type_: AttributeType,
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    decoded: Mapping[str, Any],
) -> AttributeValue | None:
    found = read.value(header, claims, decoded)
    if found is None:
        return None
    if not type_.admits(found):
        raise wrong_type(f"`{read.path}` isn't {type_.meaning}")
    value: AttributeValue = found
    return value
