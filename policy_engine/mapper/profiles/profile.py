"""A profile, checked: how one kind of issuer marks machines and humans, ready to be bound to an issuer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.mapper.language import ClaimPath, FlagType, Read, Test
from policy_engine.mapper.profiles.profile_file import DocumentationFile

__all__ = ["ClientIdSource", "Example", "Flag", "Native", "Profile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A switch that an operator may set; a boolean is off, a text unset and a list empty unless they do."""

    type: FlagType
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientIdSource:
    """Where the client's id is.

    Attributes:
        by: the value that chooses the claim; None where there is no choice.
        cases: the claim by that value; under None, the claim where the value is absent or there is no choice.
        optional: whether people's tokens may come without it; machines' never do.
    """

    by: ClaimPath | None
    cases: Mapping[str | None, ClaimPath]
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """A claim that this issuer's own software writes, and the values that go with each kind.

    Attributes:
        read: the claim.
        client: values of machines' tokens; None is absence.
        user: values of humans' tokens; None is absence.
        when: the flag without which the claim isn't the issuer's own.
    """

    read: Read
    client: frozenset[str | None]
    user: frozenset[str | None]
    when: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A token as the issuer writes it, with the placeholders of `example_token`."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one kind of issuer marks machines and humans.

    What stage 1 asks of it: `typ`, `required`, `algorithms`, `multiple_audiences`, `id_tokens_allowed`.

    Attributes:
        name: the shipped name, or the stem of the operator's file.
        typ: header types in lower case, without `application/` (RFC 9068 section 4); None is none at all.
        required: claims without which a token is refused.
        algorithms: JOSE names, asymmetric ones only.
        multiple_audiences: whether `aud` may name others besides this server.
        id_tokens_allowed: whether access tokens bear the marks of ID tokens.
        typed_subject: whether the subject says its own type.
        hidden_exchange: whether a listed machine's id may stand on a person's token, since the issuer
            exchanges tokens without saying so.
        client: the rule for machines; None if the issuer has none.
        user: the rule for humans; None if the issuer never speaks for any.
        refuse: rules that refuse a token, by detail code, in the order in which they are asked.
        actor: the member of `act` that names the acting client; None if the issuer doesn't write `act`.
        category: rules that tell what kind of machine it is.
        examples: one token of each kind, `client` and `user`.
    """

    name: str
    title: str
    documentation: DocumentationFile
    typ: frozenset[str | None]
    required: tuple[str, ...]
    algorithms: tuple[str, ...]
    multiple_audiences: bool
    id_tokens_allowed: bool
    typed_subject: bool
    hidden_exchange: bool
    client_id: ClientIdSource
    user_id: ClaimPath | None
    flags: Mapping[str, Flag]
    client: Test | None
    user: Test | None
    refuse: Mapping[str, Test]
    native: tuple[Native, ...]
    scopes: ClaimPath
    actor: str | None
    category: Mapping[str, Test]
    examples: Mapping[str, Example]
