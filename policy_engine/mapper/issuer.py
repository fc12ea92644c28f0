"""One issuer, its profile bound to what the operator configured for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import assert_never

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper.delegation import Actor, acting_client, read_actor
from policy_engine.mapper.evidence import Evidence, Judge
from policy_engine.mapper.facts import token_facts
from policy_engine.mapper.identifiers import client_id_of, id_at, missing
from policy_engine.mapper.language import Clause, Frame, Layout
from policy_engine.mapper.markers import looks_like_machine
from policy_engine.mapper.profiles import Profile, check_flags
from policy_engine.mapper.registry import KnownClient, Registry, check_clients
from policy_engine.mapper.sources import ClaimSources, SourceReader
from policy_engine.mapper.token_class import check_class
from policy_engine.model import Client, Identity, TokenFacts, User, VerifiedToken
from policy_engine.model.claims import MACHINE_GRANTS

__all__ = ["BoundIssuer", "Examination", "IssuerMapping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerMapping:
    """How the tokens of one configured issuer are mapped.

    Attributes:
        name: the configured name, the left part of `User::"corp/alice"`.
        profile: how this kind of issuer marks machines and humans.
        flags: what the operator set of the profile's flags.
        clients: the clients known at this issuer; a mapping is checked, another registry must check its own.
        claims: where groups, roles and other facts are.
    """

    name: str
    profile: Profile
    flags: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    clients: Registry = field(default_factory=lambda: MappingProxyType[str, KnownClient]({}))
    claims: ClaimSources = field(default_factory=ClaimSources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A token under the light: what each rule says of it, and what came of it.

    Attributes:
        issuer: the configured name of its issuer.
        profile: the name of the issuer's profile.
        client: every clause of the rule for machines; empty if the token got no further than its form.
        user: every clause of the rule for humans.
        identity: whom it speaks for, if that could be told.
        error: why it couldn't, otherwise.
    """

    issuer: str
    profile: str
    client: tuple[Clause, ...]
    user: tuple[Clause, ...]
    identity: Identity | None
    error: MappingError | None


class BoundIssuer:
    """The pipeline of one issuer: class, ids, evidence, registry, delegation, attributes.

    Raises:
        ConfigError: a flag, a client or a claim's name can't be used.
    """

    def __init__(self, mapping: IssuerMapping) -> None:
        self._name = mapping.name
        self._profile = mapping.profile
        self._clients = mapping.clients
        if isinstance(mapping.clients, Mapping):
            check_clients(mapping.clients, issuer=mapping.name)
        if mapping.claims.client.email is not None:
            raise ConfigError(f"issuer `{mapping.name}` reads an email of machines", remedy="take it out")
        self._layout = Layout()
        self._judge = Judge(
            mapping.profile,
            check_flags(mapping.profile, mapping.flags, issuer=mapping.name),
            self._layout,
            self._grants,
        )
        self._sources = {
            "client": SourceReader(mapping.claims.client),
            "user": SourceReader(mapping.claims.user),
        }

    def identify(self, token: VerifiedToken) -> Identity:
        """Tell whom a token speaks for.

        Raises:
            MappingError: that can't be told for certain.
        """
        return self._conclude(token, self._read(token))

    def examine(self, token: VerifiedToken) -> Examination:
        """The same, with every clause of both rules."""
        reading: _Reading | None = None
        identity: Identity | None = None
        problem: MappingError | None = None
        try:
            reading = self._read(token)
            identity = self._conclude(token, reading)
        except MappingError as error:
            problem = error
        return Examination(
            issuer=self._name,
            profile=self._profile.name,
            client=() if reading is None else self._judge.explain("client", reading.frame),
            user=() if reading is None else self._judge.explain("user", reading.frame),
            identity=identity,
            error=problem,
        )

    def _read(self, token: VerifiedToken) -> "_Reading":
        """Check the token's class, resolve its ids and read what the rules mention."""
        profile, header, claims = self._profile, token.header, token.claims
        typ = check_class(header, claims, allowed=profile.typ, id_tokens_allowed=profile.id_tokens_allowed)
        client_id = client_id_of(profile.client_id, typ, header, claims)
        user_id = None if profile.user_id is None else id_at(profile.user_id, header, claims)
        frame = self._layout.fill(header, claims, client_id=client_id, user_id=user_id)
        return _Reading(client_id, user_id, read_actor(claims, profile.actor), frame)

    def _conclude(self, token: VerifiedToken, reading: "_Reading") -> Identity:
        evidence = self._judge.decide(reading.frame, token.claims)
        match evidence.kind:
            case "client":
                return self._machine(token, reading, evidence)
            case "user":
                return self._person(token, reading, evidence)
            case _:
                assert_never(evidence.kind)

    def _machine(self, token: VerifiedToken, reading: "_Reading", evidence: Evidence) -> Identity:
        client_id = reading.client_id
        if client_id is None:
            raise missing("the client's id")
        known = self._admitted(client_id, evidence)
        self._actor(reading, subject=None)
        said = self._sources["client"].read(token.header, token.claims)
        principal = Client(
            issuer=self._name,
            client_id=client_id,
            category=known.category or self._judge.category(reading.frame) or "service",
            groups=known.groups | said.groups,
            roles=known.roles | said.roles,
            # What the operator listed stands, whatever the token says under the same name.
            attributes=MappingProxyType({**said.tags, **known.attributes}),
            sender_constrained=token.sender_constrained,
            evidence=evidence.lines,
        )
        grants = known.grants & MACHINE_GRANTS
        grant = next(iter(grants)) if len(grants) == 1 else None
        return Identity(principal=principal, token=self._facts(token, client_id, grant))

    def _person(self, token: VerifiedToken, reading: "_Reading", evidence: Evidence) -> Identity:
        subject = reading.user_id
        if subject is None:
            raise missing("the person's id")
        if not self._profile.typed_subject and looks_like_machine(subject):
            raise _ambiguous("lookalike_subject", "the person's id is spelt as a machine's", evidence)
        if self._clients.get(subject) is not None:
            raise _ambiguous("subject_is_client", "the person's id is that of a listed client", evidence)
        actor = self._actor(reading, subject=subject)
        said = self._sources["user"].read(token.header, token.claims)
        principal = User(
            issuer=self._name,
            subject=subject,
            actor=actor,
            email=said.email,
            groups=said.groups,
            roles=said.roles,
            attributes=said.tags,
            sender_constrained=token.sender_constrained,
            evidence=evidence.lines,
        )
        return Identity(principal=principal, token=self._facts(token, reading.client_id, None))

    def _admitted(self, client_id: str, evidence: Evidence) -> KnownClient:
        """The listed machine; no machine is admitted unlisted, and none that also obtains people's tokens."""
        known = self._clients.get(client_id)
        if known is not None and known.serves_people:
            note = "the client is listed with a grant of people, so its token may be a person's"
            raise _ambiguous("mixed_grant_client", note, evidence)
        if known is None or not known.is_machine:
            note = "the machine isn't listed with a machine's grant"
            raise MappingError("unregistered_client", note, evidence=(*evidence.lines, note))
        return known

    def _actor(self, reading: "_Reading", *, subject: str | None) -> Client | None:
        found = acting_client(
            reading.actor, subject=subject, client_id=reading.client_id, registry=self._clients
        )
        if found is None:
            return None
        client_id, known = found
        return Client(
            issuer=self._name,
            client_id=client_id,
            category=known.category or "service",
            groups=known.groups,
            roles=known.roles,
            attributes=known.attributes,
        )

    def _facts(self, token: VerifiedToken, client_id: str | None, grant: str | None) -> TokenFacts:
        return token_facts(token.claims, scopes=self._profile.scopes, client_id=client_id, grant=grant)

    def _grants(self, client_id: str) -> frozenset[str] | None:
        known = self._clients.get(client_id)
        return None if known is None else known.grants


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of a token, all of it of the right type and form."""

    client_id: str | None
    user_id: str | None
    actor: Actor | None
    frame: Frame


def _ambiguous(detail: str, note: str, evidence: Evidence) -> MappingError:
    return MappingError("ambiguous_principal", note, detail=detail, evidence=(*evidence.lines, note))
