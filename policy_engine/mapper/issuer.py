"""One issuer, its profile bound to what the operator configured for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import assert_never

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper.delegation import Actor, acting_client, read_actor
from policy_engine.mapper.evidence import Evidence, Judge
from policy_engine.mapper.examination import Examination, TokenContent
from policy_engine.mapper.facts import token_facts
from policy_engine.mapper.identifiers import client_id_of, id_at, missing
from policy_engine.mapper.language import Frame, Layout
from policy_engine.mapper.markers import Kind, looks_like_machine
from policy_engine.mapper.profiles import Profile, check_flags
from policy_engine.mapper.registry import KnownClient, Registry, check_clients
from policy_engine.mapper.sources import Attributes, ClaimSources, SourceReader
from policy_engine.mapper.token_class import check_class
from policy_engine.model import Client, Identity, TokenFacts, User, VerifiedToken
from policy_engine.model.claims import MACHINE_GRANTS

__all__ = ["BoundIssuer", "IssuerMapping"]


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
        self._sources: Mapping[Kind, SourceReader] = {
            "client": SourceReader(mapping.claims.client),
            "user": SourceReader(mapping.claims.user),
        }

    def identify(self, token: VerifiedToken) -> Identity:
        """Tell whom a token speaks for.

        Raises:
            MappingError: that can't be told for certain.
        """
        return self._conclude(_Case(token))

    def examine(self, token: TokenContent) -> Examination:
        """The same, with every clause of both rules; what comes of an unproven token is as unproven."""
        case = _Case(token)
        identity: Identity | None = None
        problem: MappingError | None = None
        try:
            identity = self._conclude(case)
        except MappingError as error:
            problem = error
        return Examination(
            issuer=self._name,
            profile=self._profile.name,
            client_id=case.client_id,
            actor_id=None if case.actor is None else case.actor.client_id,
            client=self._judge.explain("client", case.frame) if case.frame else (),
            user=self._judge.explain("user", case.frame) if case.frame else (),
            identity=identity,
            check=None if problem is None else case.check,
            error=problem,
        )

    def _conclude(self, case: "_Case") -> Identity:
        """Make every check in order; `case.check` is the one that is being made."""
        self._read(case)
        judge, frame = self._judge, case.frame
        case.check = "refusals"
        judge.refuse(frame)
        case.check = "marks"
        judge.check_marks(frame)
        case.check = "kind"
        evidence = judge.decide(frame)
        case.check = "contradictions"
        judge.cross_examine(evidence, frame, case.token.claims)
        case.check = "admission"
        match evidence.kind:
            case "client":
                return self._machine(case, evidence)
            case "user":
                return self._person(case, evidence)
            case _:
                assert_never(evidence.kind)

    def _read(self, case: "_Case") -> None:
        """Check the token's class, resolve its ids and read what the rules mention."""
        profile, header, claims = self._profile, case.token.header, case.token.claims
        typ = check_class(header, claims, allowed=profile.typ, id_tokens_allowed=profile.id_tokens_allowed)
        case.check = "ids"
        case.client_id = client_id_of(profile.client_id, typ, header, claims)
        case.user_id = None if profile.user_id is None else id_at(profile.user_id, header, claims)
        case.check = "rule_claims"
        case.frame = self._layout.fill(header, claims, client_id=case.client_id, user_id=case.user_id)
        case.check = "act"
        case.actor = read_actor(claims, profile.actor)

    def _machine(self, case: "_Case", evidence: Evidence) -> Identity:
        client_id = case.client_id
        if client_id is None:
            raise missing("the client's id")
        known = self._admitted(client_id, evidence)
        case.check = "actor"
        self._actor(case, subject=None)
        said = self._said(case, "client")
        principal = Client(
            issuer=self._name,
            client_id=client_id,
            category=known.category or self._judge.category(case.frame) or "service",
            groups=known.groups | said.groups,
            roles=known.roles | said.roles,
            # What the operator listed stands, whatever the token says under the same name.
            attributes=MappingProxyType({**said.tags, **known.attributes}),
            sender_constrained=case.token.sender_constrained,
            evidence=evidence.lines,
        )
        grants = known.grants & MACHINE_GRANTS
        grant = next(iter(grants)) if len(grants) == 1 else None
        return Identity(principal=principal, token=self._facts(case, client_id, grant))

    def _person(self, case: "_Case", evidence: Evidence) -> Identity:
        subject = case.user_id
        if subject is None:
            raise missing("the person's id")
        if not self._profile.typed_subject and looks_like_machine(subject):
            raise _ambiguous("lookalike_subject", "the person's id is spelt as a machine's", evidence)
        if self._clients.get(subject) is not None:
            raise _ambiguous("subject_is_client", "the person's id is that of a listed client", evidence)
        case.check = "actor"
        actor = self._actor(case, subject=subject)
        client = None if case.client_id is None else self._clients.get(case.client_id)
        if actor is None and client is not None and client.is_machine and not self._profile.hidden_exchange:
            note = "the client is listed as a machine only, so no person's token comes from it"
            raise _ambiguous("mixed_grant_client", note, evidence)
        said = self._said(case, "user")
        principal = User(
            issuer=self._name,
            subject=subject,
            actor=actor,
            email=said.email,
            groups=said.groups,
            roles=said.roles,
            attributes=said.tags,
            sender_constrained=case.token.sender_constrained,
            evidence=evidence.lines,
        )
        return Identity(principal=principal, token=self._facts(case, case.client_id, None))

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

    def _actor(self, case: "_Case", *, subject: str | None) -> Client | None:
        found = acting_client(case.actor, subject=subject, client_id=case.client_id, registry=self._clients)
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

    def _said(self, case: "_Case", kind: Kind) -> Attributes:
        case.check = "configured_claims"
        return self._sources[kind].read(case.token.header, case.token.claims)

    def _facts(self, case: "_Case", client_id: str | None, grant: str | None) -> TokenFacts:
        case.check = "token_facts"
        return token_facts(case.token.claims, scopes=self._profile.scopes, client_id=client_id, grant=grant)

    def _grants(self, client_id: str) -> frozenset[str] | None:
        known = self._clients.get(client_id)
        return None if known is None else known.grants


@dataclass(slots=True)
class _Case:
    """A token on its way: what was read of it so far, and the check that is being made.

    Attributes:
        frame: what the rules mention; empty until it is read.
    """

    token: TokenContent
    check: str = "access_token"
    client_id: str | None = None
    user_id: str | None = None
    actor: Actor | None = None
    frame: Frame = field(default_factory=list)


def _ambiguous(detail: str, note: str, evidence: Evidence) -> MappingError:
    return MappingError("ambiguous_principal", note, detail=detail, evidence=(*evidence.lines, note))
