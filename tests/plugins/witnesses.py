"""A project with a bit of everything that a witness can be made of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from policy_engine.config import LoadedConfig, config_from_values
from policy_engine.jose import SigningKey

__all__ = ["CONFIG", "NOW", "POLICIES", "TOKENS", "project"]

NOW = 1_790_000_100.0

POLICIES = """
@id("session") @kinds("both") @delegable
permit (principal, action in Action::"session", resource);
@id("people") @delegable
permit (principal in Group::"corp/eng", action in [Action::"call_tool", Action::"get_prompt"], resource);
@id("machines")
permit (principal in ClientGroup::"machines/ci", action in Action::"crm/*", resource)
when { context.token.scopes.contains("crm:write") };
@id("odd-hours") @kinds("both")
forbid (principal, action in Action::"destructive", resource)
when { context.time.toTime() > duration("20h") };
"""

_TEXT = {"type": "string"}
_CREATE = {
    "type": "object",
    "properties": {
        "repo": {"type": "string", "pattern": "^[a-z]+/[a-z]+$"},
        "title": {"type": "string", "minLength": 3, "maxLength": 20},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "amount": {"type": "number"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "draft": {"type": "boolean", "default": False},
        "labels": {"type": "array", "items": _TEXT},
        "author": {
            "type": "object",
            "properties": {"name": _TEXT, "age": {"type": "integer"}},
            "required": ["name"],
            "additionalProperties": False,
        },
        "anything": {},
    },
    "required": ["repo", "state"],
    "additionalProperties": _TEXT,
}


def _tool(name: str, schema: Mapping[str, Any], **hints: bool) -> dict[str, Any]:
    return {"reviewed": True, "item": {"name": name, "inputSchema": schema, "annotations": hints}}


_GITHUB = {
    "tools": [
        _tool("create_issue", _CREATE, destructiveHint=False),
        _tool("odd/name", {"type": "object", "properties": {"x": _TEXT}}, readOnlyHint=True),
        _tool("untyped", {"type": "object", "oneOf": [{"properties": {"x": _TEXT}}, {"$ref": "#/x"}]}),
    ],
    "prompts": [{"reviewed": True, "item": {"name": "summary"}}],
    "resources": [{"reviewed": True, "item": {"uri": "memo://notes/1", "name": "first"}}],
}
_CRM = {
    "tools": [
        _tool("delete_contact", {"type": "object", "properties": {"id": _TEXT}, "required": ["id"]}),
    ]
}

CONFIG: Mapping[str, Any] = MappingProxyType(
    {
        "version": 1,
        "servers": {
            "github": {
                "resource": "https://mcp.example.com/github",
                "catalogue": _GITHUB,
                "unpinned": "allow",
            },
            "crm": {"resource": "https://mcp.example.com/crm", "catalogue": _CRM},
        },
        "attributes": {"User": {"level": "long", "cleared": "bool"}, "Client": {"owner": "string"}},
        "issuers": {
            "corp": {
                "issuer": "https://login.example.com",
                "profile": "rfc9068",
                "claims": {
                    "user": {
                        "groups": "groups",
                        "roles": "realm_access.roles",
                        "email": "email",
                        "tags": {"department": "https://example.com/department"},
                        "attributes": {"level": "level", "cleared": "cleared"},
                    }
                },
                "clients": {
                    "desktop-agent": {
                        "grants": ["authorization_code"],
                        "acts_for_users": True,
                        "groups": ["agents"],
                        "category": "ai_agent",
                    },
                    "web-portal": {"grants": ["authorization_code"]},
                },
            },
            "partner": {
                "issuer": "https://partner.eu.auth0.com/",
                "profile": "auth0",
                "claims": {"user": {"groups": "https://partner.example/groups"}},
                "clients": {"importer": {"grants": ["client_credentials"]}},
            },
            "machines": {
                "issuer": "https://as.example.com",
                "profile": "policy-engine",
                "claims": {"client": {"groups": "groups", "tags": {"region": "region"}}},
                "clients": {
                    "ci-bot": {
                        "grants": ["client_credentials"],
                        "groups": ["ci"],
                        "attributes": {"owner": "team-a", "cost": "7"},
                    },
                    "nightly": {"grants": ["client_credentials"], "roles": ["reader"]},
                },
            },
        },
        "policies": [],
    }
)

_ENTITIES = [
    {
        "uid": {"type": "Group", "id": "corp/interns"},
        "parents": [{"type": "Group", "id": "corp/eng"}],
    },
    {
        "uid": {"type": "Tool", "id": "crm/delete_contact"},
        "parents": [{"type": "ToolGroup", "id": "personal-data"}],
    },
]


def project(policies: str = POLICIES, *, entities: bool = True, **changes: Any) -> LoadedConfig:
    """The project, perhaps without its entities; `changes` replaces sections of its configuration."""
    key = SigningKey.generate("ES256").public_jwk()
    values = {**CONFIG, **changes}
    issuers = {
        name: {"keys": {"jwks": {"keys": [key]}}, **issuer} for name, issuer in values["issuers"].items()
    }
    return config_from_values(
        {**values, "issuers": issuers}, policy_text=policies, entity_values=_ENTITIES if entities else None
    )


Words = st.SearchStrategy[dict[str, Any]]

_LISTS = st.lists(st.sampled_from(["eng", "interns", "x y", "ä"]), unique=True, max_size=2)
_PEOPLE: Words = st.fixed_dictionaries(
    {
        "issuer": st.just("corp"),
        "kind": st.just("user"),
        "id": st.sampled_from(["alice", "65f0", "bob@example.com"]),
        "through": st.sampled_from([None, "desktop-agent", "web-portal", "unknown-app"]),
        "scope": st.sampled_from([None, "a", "a crm:write"]),
        "claims": st.fixed_dictionaries(
            {},
            optional={
                "groups": _LISTS,
                "realm_access": st.fixed_dictionaries({"roles": _LISTS}),
                "https://example.com/department": st.just("sales"),
                "level": st.integers(-3, 3),
                "cleared": st.booleans(),
                "acr": st.just("gold"),
                "amr": st.just(["pwd", "otp"]),
                "iat": st.just(int(NOW) - 50),
                "exp": st.just(int(NOW) + 50),
            },
        ),
    }
)
_MACHINES: Words = st.fixed_dictionaries(
    {
        "issuer": st.just("machines"),
        "kind": st.just("client"),
        "id": st.sampled_from(["ci-bot", "nightly"]),
        "scope": st.sampled_from([None, "crm:write"]),
        "claims": st.fixed_dictionaries(
            {},
            optional={
                "groups": st.lists(st.sampled_from(["ci", "others"]), unique=True),
                "region": st.lists(st.sampled_from(["eu", "us"]), min_size=1, unique=True),
                "sub_profile": st.just("ai_agent"),
            },
        ),
    }
)
_PARTNERS: Words = st.fixed_dictionaries(
    {
        "issuer": st.just("partner"),
        "kind": st.just("user"),
        "id": st.sampled_from(["auth0|65f0", "google-oauth2|1"]),
        "claims": st.fixed_dictionaries({}, optional={"https://partner.example/groups": _LISTS}),
    }
)

TOKENS = _PEOPLE | _MACHINES | _PARTNERS
"""Words of `World.mint`, of everybody whom the project knows, with all that their tokens can say."""
