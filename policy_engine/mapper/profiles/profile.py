"""A profile, checked: how one kind of issuer marks machines and humans, ready to be bound to an issuer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.files import Place
from policy_engine.mapper.decoders import Decoder
from policy_engine.mapper.language import ClaimPath, FlagType, Pattern, Read, Test
from policy_engine.mapper.markers import Kind
from policy_engine.mapper.profiles.profile_file import DocumentationFile

__all__ = [
    "ClientIdSource",
    "Decoding",
    "Example",
    "Flag",
    "IdSource",
    "Listed",
    "Native",
    "Profile",
    "Refused",
    "Tenant",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A switch that an operator may set; a boolean is off, a text unset and a list empty unless they do."""

    type: FlagType
    description: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IdSource:
    """Where an id is, and what of the claim there it is.

    Attributes:
        read: the claim: a string, or what holds exactly one (`aud`).
        around: what must stand before and after the id; without it, there is none.
        prefix: what is put before it.
        empty_is_absent: whether an empty string says that there is none.
    """

    read: Read
    around: tuple[str, str] = ("", "")
    prefix: str = ""
    empty_is_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientIdSource:
    """Where the client's id is.

    Attributes:
        by: the value that chooses among the cases; None where there is no choice.
        cases: by that value, claims of which the first that is there counts; under None, those where the
            value is absent or there is no choice.
        optional: whether tokens may come without it.
    """

    by: Read | None
    cases: Mapping[str | None, tuple[IdSource, ...]]
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """A claim that a decoder reads; `optional` ones may be of a form that it can't."""

    read: Read
    decoder: Decoder
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """The claim whose value must be the flag's, or one of them; of one kind of token, or of all."""

    path: ClaimPath
    flag: str
    of: Kind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The flags that list machines and people by their own ids."""

    client: str
    user: str


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
    """A token as the issuer writes it, with the placeholders of `example_token`.

    Attributes:
        id: a sample of the issuer's own form; likewise `issuer`.
        flags: what an operator with such tokens sets.
        header: without `alg` and `kid`.
        claims: its claims.
        place: where it stands in the file.
    """

    id: str
    issuer: str
    flags: Mapping[str, Any]
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A token that must be refused, and the detail (or else the code) of the refusal."""

    example: Example
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one kind of issuer marks machines and humans.

    What stage 1 asks of it: `typ`, `required`, `algorithms`, `audience`, `multiple_audiences`,
    `id_tokens_allowed`.

    Attributes:
        name: the shipped name, or the stem of the operator's file.
        issuer_forms: patterns of `iss`; they decide nothing.
        typ: header types in lower case, without `application/` (RFC 9068 section 4); None is none at all.
        required: claims without which a token is refused.
        algorithms: JOSE names, asymmetric ones only.
        audience: claims that may say whom a token is for; the first that is there counts.
        machines_only: whether the issuer speaks for workloads alone.
        prefix_separator: what ends a name within a machine's id; empty unless `machines_only`.
        self_written: kinds whose bearers write all claims themselves, but for ids and times.
        multiple_audiences: whether `aud` may name others besides this server.
        id_tokens_allowed: whether access tokens bear the marks of ID tokens.
        typed_subject: whether the subject says its own type.
        hidden_exchange: whether a listed machine's id may stand on a person's token, since the issuer
            exchanges tokens without saying so.
        client_id: where the id of the client is that obtained the token; None if it is nowhere.
        machine_id: where a machine's own id is; None if it is the client's.
        user_id: where a person's stable id is.
        trust_domain: the flag with the SPIFFE trust domain by which tokens without `iss` are found.
        decodings: what is decoded, by name.
        tags: by kind, the claims that policies read as tags, as `ClaimPath.parse` reads them.
        client: the rule for machines; None if the issuer has none.
        user: the rule for humans; None if the issuer never speaks for any.
        refuse: rules that refuse a token, by detail code, in the order in which they are asked.
        actor: the member of `act` that names the acting client; None if the issuer doesn't write `act`.
        category: rules that tell what kind of machine it is.
        examples: one token of each kind, `client` and `user`.
        refused: tokens that must be refused.
    """

    name: str
    title: str
    documentation: DocumentationFile
    issuer_forms: tuple[Pattern, ...]
    typ: frozenset[str | None]
    required: tuple[str, ...]
    algorithms: tuple[str, ...]
    audience: tuple[str, ...]
    machines_only: bool
    prefix_separator: str
    self_written: frozenset[Kind]
    multiple_audiences: bool
    id_tokens_allowed: bool
    typed_subject: bool
    hidden_exchange: bool
    client_id: ClientIdSource | None
    machine_id: IdSource | None
    user_id: IdSource | None
    decodings: Mapping[str, Decoding]
    trust_domain: str | None
    tenant: Tenant | None
    listed: Listed | None
    tags: Mapping[Kind, Mapping[str, str]]
    flags: Mapping[str, Flag]
    client: Test | None
    user: Test | None
    refuse: Mapping[str, Test]
    native: tuple[Native, ...]
    scopes: ClaimPath
    actor: str | None
    category: Mapping[str, Test]
    examples: Mapping[Kind, Example]
    refused: tuple[Refused, ...]
