"""What is known of a recorded question in a world: all that the log and the configuration say, and no more.

Of a person, groups and roles aren't recorded; of a call, neither arguments nor scopes. What isn't known is
unknown to the fold, so what it says for certain holds whatever they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from policy_engine.cedar import (
    Entity,
    EntityHandle,
    Facts,
    KnownEntities,
    PartialRecord,
    PartialRequest,
    Record,
    Shape,
    Unknown,
    read_record,
    record,
    unknown_record,
)
from policy_engine.config import LoadedConfig, listed_client
from policy_engine.engine import questions
from policy_engine.harness.recording.exchange import Exchange
from policy_engine.harness.recording.messages import message_of
from policy_engine.harness.world import World
from policy_engine.mcp import LISTS, Server
from policy_engine.model import (
    AuthorizationRequest,
    CedarJson,
    Client,
    EntityUid,
    HttpFacts,
    Identity,
    Principal,
    TokenFacts,
    User,
)

__all__ = ["Gone", "Situation", "situation_of"]


@dataclass(frozen=True, slots=True)
class Gone:
    """Why something can't get to the policies of a world.

    Attributes:
        says: why.
        refused: whether it is certain that the world refuses it; else that can't be told.
    """

    says: str
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A question, as far as it is known.

    Attributes:
        request: for the fold.
        own: the principal, the action, the resource and the actor.
    """

    request: PartialRequest
    own: tuple[EntityUid, ...]

    def like(self, other: "Situation") -> bool:
        """Whether another world knows the same of all that is asked about."""
        if self.own != other.own or self.request.context != other.request.context:
            return False
        mine, others = self.request.entities, other.request.entities
        named = {*self.own, *(uid for uid in mine.facts if uid in others.facts)}
        return all(mine.of(uid) == others.of(uid) for uid in named)


def situation_of(
    world: World, exchange: Exchange, arguments: CedarJson | None = None, *, plain: bool = False
) -> Situation | Gone:
    """Put a recorded question to a world.

    Args:
        world: the world.
        exchange: the question.
        arguments: those arguments that are known after all, as policies see them.
        plain: whether it is taken for granted that the call brought no answers to a server's questions.
    """
    principal = _principal(world.loaded, exchange)
    if isinstance(principal, Gone):
        return principal
    server = world.engine.stages.servers.get(exchange.server)
    if server is None:
        return Gone(f"no server is named `{exchange.server}`", refused=True)
    asked = _asked(world, server, principal, exchange)
    if isinstance(asked, Gone):
        return asked
    request, type_ = asked
    handle = world.engine.stages.evaluator.entities(request, also=world.policies.literals)
    entities = _entities(world.loaded, handle, principal)
    context = _context(type_, principal, arguments, plain=plain)
    return Situation(
        request=PartialRequest(
            principal=Entity(principal.uid),
            action=Entity(request.action),
            resource=Entity(request.resource),
            context=context,
            entities=entities,
        ),
        own=tuple(
            uid
            for uid in (principal.uid, request.action, request.resource, exchange.actor)
            if uid is not None
        ),
    )


def _principal(loaded: LoadedConfig, exchange: Exchange) -> Principal | Gone:
    issuer, _, name = exchange.principal.id.partition("/")
    if issuer not in loaded.config.issuers:
        return Gone(f"no issuer is named `{issuer}`", refused=True)
    if exchange.principal.type == "Client":
        if listed_client(loaded, issuer, name) is None:
            return Gone(f"`{issuer}` lists no machine `{name}`", refused=True)
        return _machine(loaded, exchange.principal)
    if exchange.actor is None:
        return User(issuer=issuer, subject=name)
    acting = exchange.actor.id.partition("/")[0]
    if acting not in loaded.config.issuers:
        return Gone(f"no issuer is named `{acting}`", refused=True)
    return User(issuer=issuer, subject=name, actor=_machine(loaded, exchange.actor))


def _machine(loaded: LoadedConfig, uid: EntityUid) -> Client:
    """A machine with what is listed of it."""
    issuer, _, name = uid.id.partition("/")
    listed = listed_client(loaded, issuer, name)
    if listed is None:
        return Client(issuer=issuer, client_id=name)
    return Client(
        issuer=issuer, client_id=name, groups=frozenset(listed.groups), roles=frozenset(listed.roles)
    )


def _asked(
    world: World, server: Server, principal: Principal, exchange: Exchange
) -> tuple[AuthorizationRequest, CedarJson] | Gone:
    """A request for it, and the type of its context."""
    possibilities = world.engine.stages.possibilities
    if exchange.method == "tools/call":
        name = exchange.resource.id.partition("/")[2]
        (found,) = possibilities.of(server.name, LISTS["tools/list"], [name])
        if not found:
            return Gone(f"`{name}` isn't pinned at `{server.name}`, which denies what isn't", refused=True)
        (possible,) = found
        request = AuthorizationRequest(
            principal=principal,
            action=possible.action,
            resource=possible.resource or exchange.resource,
            context=_actor_context(principal),
            surroundings=possible.surroundings,
        )
        return request, possible.context
    message = message_of(exchange)
    if message is None:
        return Gone(f"a log doesn't say enough of `{exchange.method}`", refused=False)
    http = HttpFacts(method=exchange.method) if exchange.method in ("GET", "DELETE") else None
    identity = Identity(principal=principal, token=TokenFacts())
    body = None if http is not None else message
    asked = questions(world.engine.stages, identity, body, server.name, http, at=exchange.time)
    if len(asked) != 1 or (asked[0].action, asked[0].resource) != (exchange.action, exchange.resource):
        return Gone(f"a log doesn't say enough of `{exchange.method}`", refused=False)
    ((prompt,),) = (found[:1] for found in possibilities.of(server.name, LISTS["prompts/list"], ["x"]))
    return asked[0], prompt.context


def _actor_context(principal: Principal) -> CedarJson:
    actor = principal.actor if isinstance(principal, User) else None
    return {} if actor is None else {"actor": {"__entity": actor.uid.to_json()}}


def _context(
    type_: CedarJson, principal: Principal, arguments: CedarJson | None, *, plain: bool
) -> Record | PartialRecord:
    shape = unknown_record(type_)
    fields: dict[str, Shape] = dict(shape.fields)
    optional = frozenset(getattr(shape, "optional", ())) - {"actor"}
    fields.pop("actor", None)
    actor = principal.actor if isinstance(principal, User) else None
    if actor is not None:
        fields["actor"] = Entity(actor.uid)
    if plain:
        fields |= read_record({"input_responses": [], "has_request_state": False}).fields
    if arguments and "arguments" in fields:
        fields["arguments"] = _with(fields["arguments"], arguments)
    return record(fields, optional, open=getattr(shape, "open", False))


def _with(shape: Shape, arguments: CedarJson) -> Shape:
    """Arguments of which some are known."""
    known = read_record(arguments).fields
    fields: Mapping[str, Shape] = getattr(shape, "fields", {})
    optional: frozenset[str] = getattr(shape, "optional", frozenset())
    return record({**fields, **known}, optional - known.keys(), open=getattr(shape, "open", False))


def _entities(loaded: LoadedConfig, handle: EntityHandle, principal: Principal) -> KnownEntities:
    known = KnownEntities.from_json(handle.to_json())
    facts: dict[EntityUid, Facts] = dict(known.facts)
    actor = principal.actor if isinstance(principal, User) else None
    for each in (principal, actor):
        if each is not None:
            facts[each.uid] = _loose(loaded, each, facts[each.uid])
    return replace(known, facts=facts)


def _loose(loaded: LoadedConfig, principal: Principal, facts: Facts) -> Facts:
    """What is known of a principal of whom the log says but the name."""
    claims = loaded.config.issuers[principal.issuer].claims
    match principal:
        case User():
            read, group, role = claims.user, "Group", "Role"
        case Client():
            read, group, role = claims.client, "ClientGroup", "ClientRole"
        case _:
            assert_never(principal)
    # Groups that aren't read of tokens can be none but those that are listed.
    more = frozenset(
        type_ for type_, claim in ((group, read.groups), (role, read.roles)) if claim is not None
    )
    attributes: Mapping[str, Shape] = getattr(facts.attributes, "fields", {})
    fields = {name: value for name, value in attributes.items() if name != "category"}
    if "category" in attributes:
        fields["category"] = Unknown("string")
    return replace(
        facts,
        attributes=record(fields, open=True),
        tags=Unknown("record"),
        more=more,
    )
