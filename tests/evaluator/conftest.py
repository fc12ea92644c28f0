"""A small vocabulary of the same shape as stage 3's, and what every test here starts from."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.evaluator import (
    Evaluator,
    KnownNames,
    PolicySource,
    PolicyStore,
    StaticEntities,
    load_policies,
)
from policy_engine.model import (
    AuthorizationRequest,
    CedarJson,
    Client,
    EntityUid,
    Principal,
    Surroundings,
    User,
)

Load = Callable[..., PolicyStore]
Ask = Callable[..., AuthorizationRequest]
Build = Callable[..., Evaluator]

STRING: CedarJson = {"type": "String"}
STRINGS: CedarJson = {"type": "Set", "element": STRING}
CONTEXT: CedarJson = {
    "token": {"type": "Record", "attributes": {"scopes": STRINGS}},
    "actor": {"type": "Entity", "name": "Client", "required": False},
    "approver": {"type": "Entity", "name": "User", "required": False},
}
KINDS = ("read_only", "destructive", "idempotent", "open_world")
TOOLS: dict[str, tuple[tuple[str, ...], CedarJson]] = {
    "github/get_issue": (("read_only",), {"repo": STRING}),
    "github/create_issue": (("open_world",), {"repo": STRING, "labels": {**STRINGS, "required": False}}),
    "github/delete_repo": (("destructive", "open_world"), {"repo": STRING}),
    "github/?": (("destructive", "open_world"), {}),
}
SESSION = ("initialize", "ping")
LISTS = ("list_tools", "list_prompts", "list_resources", "list_resource_templates")


def record(**attributes: CedarJson) -> CedarJson:
    """A record type."""
    return {"type": "Record", "attributes": attributes}


def applies_to(resource: str, context: CedarJson) -> CedarJson:
    """What an action applies to."""
    return {
        "principalTypes": ["User", "Client"],
        "resourceTypes": [resource],
        "context": record(**CONTEXT, **context),
    }


def entity_types() -> CedarJson:
    """Types as in section 3 of the design."""
    someone: CedarJson = {"type": "Entity", "name": "User", "required": False}
    person = record(issuer=STRING, subject=STRING, email={**STRING, "required": False}, manager=someone)
    machine = record(issuer=STRING, client_id=STRING, category=STRING)
    pinned: CedarJson = {"type": "Boolean", "required": False}
    tool = record(name=STRING, read_only={"type": "Boolean"}, owner=someone, pinned=pinned)
    return {
        "User": {"memberOfTypes": ["Group", "Role"], "shape": person, "tags": STRINGS},
        "Client": {"memberOfTypes": ["ClientGroup", "ClientRole"], "shape": machine, "tags": STRINGS},
        **{
            name: {"memberOfTypes": [name]}
            for name in ("Group", "Role", "ClientGroup", "ClientRole", "ToolGroup")
        },
        "Server": {"shape": record(resource=STRING)},
        "Tool": {"memberOfTypes": ["Server", "ToolGroup"], "shape": tool, "tags": STRINGS},
    }


@pytest.fixture(scope="session")
def entity_schema() -> CedarJson:
    """Entity types alone."""
    return {"": {"entityTypes": entity_types(), "actions": {}}}


@pytest.fixture(scope="session")
def bare_schema() -> CedarJson:
    """Without a single tool: what there is before any server is configured."""
    groups: CedarJson = {name: {} for name in ("session", "call_tool", *KINDS)}
    session = {
        name: {"memberOf": [{"id": "session"}], "appliesTo": applies_to("Server", {})} for name in SESSION
    }
    lists = {name: {"appliesTo": applies_to("Server", {})} for name in LISTS}
    return {"": {"entityTypes": entity_types(), "actions": {**groups, **session, **lists}}}


@pytest.fixture(scope="session")
def full_schema(bare_schema: CedarJson) -> CedarJson:
    """With the tools of `github`, and the empty group of `gitlab`'s."""
    actions: CedarJson = {
        "github/*": {"memberOf": [{"id": "call_tool"}]},
        "gitlab/*": {"memberOf": [{"id": "call_tool"}]},
    }
    for name, (groups, arguments) in TOOLS.items():
        member_of = [{"id": group} for group in ("github/*", *groups)]
        actions[name] = {
            "memberOf": member_of,
            "appliesTo": applies_to("Tool", {"arguments": record(**arguments)}),
        }
    namespace = bare_schema[""]
    return {"": {**namespace, "actions": {**namespace["actions"], **actions}}}


@pytest.fixture(scope="session")
def placeholder() -> CedarJson:
    """What an unpinned tool applies to."""
    return applies_to("Tool", {"arguments": record()})


@pytest.fixture(scope="session")
def names() -> KnownNames:
    """Two issuers, two servers, two tool groups."""
    return KnownNames(
        issuers=frozenset({"corp", "machines"}),
        servers=frozenset({"github", "gitlab"}),
        tool_groups=frozenset({"payments", "other"}),
    )


@pytest.fixture(scope="session")
def load(full_schema: CedarJson, names: KnownNames, placeholder: CedarJson) -> Load:
    """Loads policies from texts: the files `0.cedar`, `1.cedar` and so on."""

    def loaded(*texts: str, schema: CedarJson | None = None) -> PolicyStore:
        sources = [PolicySource(text=text, file=f"{index}.cedar") for index, text in enumerate(texts)]
        return load_policies(sources, schema or full_schema, names, placeholder=placeholder)

    return loaded


@pytest.fixture(scope="session")
def build(load: Load, entity_schema: CedarJson, names: KnownNames) -> Build:
    """An evaluator from a text and static entities."""

    def built(text: str, static: list[CedarJson] | None = None, **options: Any) -> Evaluator:
        entities = StaticEntities.from_data(static or [], entity_schema, names)
        return Evaluator(load(text), entity_schema, entities, **options)

    return built


def entity(uid: EntityUid, *parents: EntityUid, **attrs: Any) -> CedarJson:
    """One entity in Cedar's format."""
    return {"uid": uid.to_json(), "attrs": attrs, "parents": [parent.to_json() for parent in parents]}


def around(action: str) -> Surroundings:
    """What stage 3 knows of an action and its resource: all ancestors."""
    server = entity(EntityUid("Server", "github"), resource="https://mcp.example.com")
    asked = EntityUid("Action", action)
    if action not in TOOLS:
        groups = [EntityUid("Action", "session")] if action in SESSION else []
        return Surroundings((server, entity(asked, *groups), *(entity(group) for group in groups)))
    kinds = [EntityUid("Action", kind) for kind in TOOLS[action][0]]
    every, call = EntityUid("Action", "github/*"), EntityUid("Action", "call_tool")
    tool = entity(
        EntityUid("Tool", action),
        EntityUid("Server", "github"),
        name=action[7:],
        read_only="read_only" in TOOLS[action][0],
    )
    return Surroundings(
        (server, tool, entity(asked, every, *kinds), entity(every, call), entity(call), *map(entity, kinds))
    )


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Makes the request that stage 3 would."""
    made = {action: around(action) for action in (*TOOLS, *SESSION, *LISTS)}

    def asked(principal: Principal, action: str, **more: Any) -> AuthorizationRequest:
        context: CedarJson = {"token": {"scopes": []}}
        if isinstance(principal, User) and principal.actor is not None:
            context["actor"] = {"__entity": principal.actor.uid.to_json()}
        if action in TOOLS:
            context["arguments"] = {"repo": "acme/app"}
        return AuthorizationRequest(
            principal=principal,
            action=EntityUid("Action", action),
            resource=EntityUid("Tool", action) if action in TOOLS else EntityUid("Server", "github"),
            context={**context, **more},
            surroundings=made[action],
        )

    return asked


@pytest.fixture(scope="session")
def alice() -> User:
    """A person."""
    return User(issuer="corp", subject="alice", groups=frozenset({"eng"}))


@pytest.fixture(scope="session")
def bot() -> Client:
    """A machine."""
    return Client(issuer="machines", client_id="ci-bot", groups=frozenset({"ci"}))


@pytest.fixture(scope="session")
def assisted(alice: User) -> User:
    """The same person, through an agent."""
    agent = Client(issuer="corp", client_id="assistant", category="ai_agent")
    return User(issuer=alice.issuer, subject=alice.subject, groups=alice.groups, actor=agent)
