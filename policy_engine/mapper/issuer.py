"""One issuer, its profile bound to what the operator configured for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import assert_never

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper.case import Case, CaseReader
from policy_engine.mapper.delegation import acting_client
from policy_engine.mapper.evidence import Evidence, Judge
from policy_engine.mapper.examination import Examination, TokenContent
from policy_engine.mapper.facts import ScopesReader, token_facts
from policy_engine.mapper.identifiers import missing
from policy_engine.mapper.language import Layout, Vocabulary
from policy_engine.mapper.listing import Listing
from policy_engine.mapper.markers import Kind, looks_like_machine
from policy_engine.mapper.profiles import Profile, check_flags
from policy_engine.mapper.registry import KnownClient, Registry
from policy_engine.mapper.sources import Attributes, ClaimSources, SourceReader, Sources
from policy_engine.model import Client, Identity, TokenFacts, User, VerifiedToken
from policy_engine.model.claims import MACHINE_GRANTS

__all__ = ["BoundIssuer", "IssuerMapping", "check_prefix", "check_sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerMapping:
    """How the tokens of one configured issuer are mapped.

    Attributes:
        name: the configured name, the left part of `User::"corp/alice"`.
        profile: how this kind of issuer marks machines and humans.
        flags: what the operator set of the profile's flags.
        clients: the clients known at this issuer; a mapping is checked, another registry must check its own,
            and may be a `LiveRegistry`.
        prefixes: machines by the beginning of their ids, at an issuer that speaks for machines alone.
        claims: where groups, roles and other facts are.
        foreign_marks: whether marks of other issuers that contradict a decision refuse the token.
    """

    name: str
    profile: Profile
    flags: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    clients: Registry = field(default_factory=lambda: MappingProxyType[str, KnownClient]({}))
    prefixes: Mapping[str, KnownClient] = field(default_factory=lambda: MappingProxyType({}))
    claims: ClaimSources = field(default_factory=ClaimSources)
    foreign_marks: bool = True


class BoundIssuer:
    """The pipeline of one issuer: class, ids, evidence, registry, delegation, attributes.

    Args:
        mapping: how its tokens are mapped.
        settled: the mark of what never changes.

    Raises:
        ConfigError: a flag, a client or a claim's name can't be used.
    """

    def __init__(self, mapping: IssuerMapping, *, settled: object) -> None:
        profile = mapping.profile
        self._name = mapping.name
        self._profile = profile
        self._scopes = ScopesReader(profile.scopes)
        flags = check_flags(profile, mapping.flags, of=f"issuer `{mapping.name}`")
        self._clients = Listing(mapping.name, profile, flags, mapping.clients, mapping.prefixes)
        # Of a registry that says nothing of its changes, nothing is remembered.
        self._settled = settled if self._clients.is_settled else None
        self._marked: tuple[object, object] = (None, None)
        layout = Layout()
        self._judge = Judge(profile, flags, layout, self._clients.grants, foreign_marks=mapping.foreign_marks)
        self._reader = CaseReader(profile, flags, layout)
        self._sources: Mapping[Kind, SourceReader] = {
            "client": _reader(profile, "client", mapping.claims.client),
            "user": _reader(profile, "user", mapping.claims.user),
        }

    def mark(self) -> object:
        """What is the same object for as long as a token of this issuer maps to the same; None for never.

        Raises:
            MappingError: `registry_unavailable`: it isn't known who is listed now.
        """
        live = self._clients.live
        if live is None:
            return self._settled
        theirs = live.mark()
        known, own = self._marked
        if known is not theirs:
            # An object of this mapping's own: after a reload the same registry may mean something else.
            own = object()
            self._marked = (theirs, own)
        return own

    def identify(self, token: VerifiedToken) -> Identity:
        """Tell whom a token speaks for.

        Raises:
            MappingError: that can't be told for certain.
        """
        return self._conclude(Case.of(token))

    def examine(self, token: TokenContent) -> Examination:
        """The same, with every clause of both rules; what comes of an unproven token is as unproven."""
        case = Case.of(token)
        identity: Identity | None = None
        problem: MappingError | None = None
        try:
            identity = self._conclude(case)
        except MappingError as error:
            problem = error
        return Examination(
            issuer=self._name,
            profile=self._profile.name,
            client_id=case.client_id if case.machine_id is None else case.machine_id,
            actor_id=None if case.actor is None else case.actor.client_id,
            client=self._judge.explain("client", case.frame) if case.frame else (),
            user=self._judge.explain("user", case.frame) if case.frame else (),
            identity=identity,
            check=None if problem is None else case.check,
            error=problem,
        )

    def _conclude(self, case: Case) -> Identity:
        """Make every check in order; `case.check` is the one that is being made."""
        self._reader.read(case)
        judge, frame = self._judge, case.frame
        case.check = "refusals"
        judge.refuse(frame)
        case.check = "marks"
        judge.check_marks(frame)
        case.check = "kind"
        evidence = judge.decide(frame)
        self._reader.check_tenant(case, evidence.kind)
        case.check = "contradictions"
        judge.cross_examine(evidence, frame, case.token.claims)
        case.check = "admission"
        if self._clients.live is not None:
            self._clients.live.refuse_revoked(case.machine_id, case.token.claims.get("jti"))
        match evidence.kind:
            case "client":
                return self._machine(case, evidence)
            case "user":
                return self._person(case, evidence)
            case _:
                assert_never(evidence.kind)

    def _machine(self, case: Case, evidence: Evidence) -> Identity:
        client_id = case.machine_id
        if client_id is None:
            raise missing("the client's id")
        if case.token.introspected and _names_somebody_else(case, client_id):
            case.check = "contradictions"
            raise _ambiguous("conflict", "`username` names somebody other than the machine", evidence)
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
            attributes={**said.tags, **known.attributes},
            typed_attributes={**said.typed_attributes, **known.typed_attributes},
            sender_constrained=case.token.sender_constrained,
            evidence=evidence.lines,
        )
        grants = known.grants & MACHINE_GRANTS
        grant = next(iter(grants)) if len(grants) == 1 else None
        return Identity(
            principal=principal, token=self._facts(case, "client", case.client_id or client_id, grant)
        )

    def _person(self, case: Case, evidence: Evidence) -> Identity:
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
            typed_attributes=said.typed_attributes,
            sender_constrained=case.token.sender_constrained,
            evidence=evidence.lines,
        )
        return Identity(principal=principal, token=self._facts(case, "user", case.client_id, None))

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

    def _actor(self, case: Case, *, subject: str | None) -> Client | None:
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
            typed_attributes=known.typed_attributes,
        )

    def _said(self, case: Case, kind: Kind) -> Attributes:
        case.check = "configured_claims"
        return self._sources[kind].read(case.token.header, case.token.claims, case.parts.decoded)

    def _facts(self, case: Case, kind: Kind, client_id: str | None, grant: str | None) -> TokenFacts:
        case.check = "token_facts"
        return token_facts(
            case.token.claims,
            scopes=self._scopes,
            client_id=client_id,
            grant=grant,
            self_written=kind in self._profile.self_written,
        )


def check_prefix(mapping: IssuerMapping, prefix: str, client: KnownClient) -> None:
    """Check that the machines whose ids begin in one way can be listed so.

    Raises:
        ConfigError: they can't.
    """
    flags = check_flags(mapping.profile, mapping.flags, of=f"issuer `{mapping.name}`")
    Listing(mapping.name, mapping.profile, flags, mapping.clients, {prefix: client})


def check_sources(profile: Profile, kind: Kind, sources: Sources) -> None:
    """Check that what an operator reads of one kind of token is there to be read, and to be believed.

    Raises:
        ConfigError: it isn't.
    """
    _reader(profile, kind, sources)


def _reader(profile: Profile, kind: Kind, sources: Sources) -> SourceReader:
    if kind == "client" and sources.email is not None:
        raise ConfigError("an email is read of machines", remedy="take it out: only people have one")
    if kind in profile.self_written and sources != Sources():
        raise ConfigError(
            f"with profile `{profile.name}`, a {kind} writes the claims of its token itself",
            remedy="take them out, and list groups, roles and attributes with each under `clients`",
        )
    decoded = {(name, part) for name, one in profile.decodings.items() for part in one.decoder.fields}
    # What the profile reads as tags, less what the operator reads under the same name.
    tags = MappingProxyType({**profile.tags[kind], **sources.tags})
    return SourceReader(replace(sources, tags=tags), Vocabulary(decoded=decoded))


def _names_somebody_else(case: Case, client_id: str) -> bool:
    """Whether an answer names somebody who authorized the token (RFC 7662 section 2.2), not the machine."""
    name = case.token.claims.get("username", "")
    own = ("", client_id, case.client_id)
    return not isinstance(name, str) or (name not in own and not looks_like_machine(name))


def _ambiguous(detail: str, note: str, evidence: Evidence) -> MappingError:
    return MappingError("ambiguous_principal", note, detail=detail, evidence=(*evidence.lines, note))
