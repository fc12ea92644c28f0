"""What a careful user writes without this engine: plain cedarpy, and PyJWT before it.

Each is given what `world` asks, with the same policies, entities and schema, and answers as the engine does.
Whatever can be prepared is prepared: keys, policies, entities and the schema are parsed, uids are dicts, and
the context is the JSON text of the one request that is asked again and again: `is_authorized` alone is left.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import cedarpy
import jwt

from policy_engine.config import config_from_values, protected_servers
from policy_engine.mcp import full_schema
from tests.benchmarks.world import AS, CATALOGUE, LIFETIME, NOW, RESOURCE, TOOL, Json, World, message

__all__ = ["Bare", "decoder", "from_text", "schema_of"]

ACTION = f"github/{TOOL}"
REQUIRED = ["exp", "iat", "aud", "iss", "sub", "jti"]


@dataclass(frozen=True, slots=True)
class Bare:
    """`cedarpy.is_authorized` with everything parsed."""

    policies: cedarpy.PolicySet
    entities: cedarpy.Entities
    schema: cedarpy.Schema
    request: Json

    @classmethod
    def of(cls, text: str, *, entities: Sequence[Json] | None = None, schema: Json | None = None) -> "Bare":
        """With these policies, and what the engine would hand Cedar of everything else."""
        parsed = cedarpy.Schema.from_json_str(json.dumps(schema or schema_of()))
        known = cedarpy.Entities.from_json_str(json.dumps(entities or entities_of_request()), parsed)
        return cls(cedarpy.PolicySet.from_str(text), known, parsed, request_of())

    def __call__(self) -> cedarpy.AuthzResult:
        """Decide."""
        return cedarpy.is_authorized(self.request, self.policies, self.entities, self.schema)


def from_text(text: str) -> Callable[[], cedarpy.AuthzResult]:
    """The same with everything as text, as most programs call it: parsed at each call."""
    schema, entities = json.dumps(schema_of()), json.dumps(entities_of_request())
    request = request_of()
    return lambda: cedarpy.is_authorized(request, text, entities, schema)


def decoder(world: World, algorithm: str) -> Callable[[str], Json]:
    """PyJWT with its key parsed, and everything checked that it can check."""
    public = jwt.PyJWK(world.keys[algorithm].public_jwk()).key

    def decode(token: str) -> Json:
        claims: Json = jwt.decode(
            token,
            public,
            algorithms=[algorithm],
            audience=RESOURCE,
            issuer=AS,
            options={"require": REQUIRED},
        )
        return claims

    return decode


def schema_of(catalogue: Json | None = None) -> Json:
    """The schema that the engine holds policies against."""
    server = {"resource": RESOURCE, "catalogue": catalogue or CATALOGUE}
    values = {"version": 1, "servers": {"github": server}, "issuers": World.new().issuers(), "policies": []}
    return full_schema(protected_servers(config_from_values(values, policy_text="")))


def request_of() -> Json:
    """The question, with a context that is whole and fits the schema."""
    context = {
        "arguments": message()["params"]["arguments"],
        "token": {
            "scopes": ["issues:read", "issues:write"],
            "client_id": "ci-0",
            "grant": "client_credentials",
            "issued_at": moment(NOW - 10),
            "expires_at": moment(NOW + LIFETIME),
        },
        "time": moment(NOW),
        "protocol_version": "2025-11-25",
        "input_responses": [],
        "has_request_state": False,
        "unrepresentable": [],
    }
    return {
        "principal": {"type": "Client", "id": "machines/ci-0"},
        "action": {"type": "Action", "id": ACTION},
        "resource": {"type": "Tool", "id": ACTION},
        "context": json.dumps(context),
    }


def moment(seconds: int) -> Json:
    """A time as Cedar's JSON format writes it."""
    text = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return {"__extn": {"fn": "datetime", "arg": f"{text}Z"}}


def entities_of_request() -> list[Json]:
    """The caller, the tool and its server; the schema brings the actions and their groups."""
    caller = {"issuer": "machines", "client_id": "ci-0", "category": "service"}
    kinds = {"read_only": False, "destructive": False, "idempotent": False, "open_world": True}
    return [
        entity("Client", "machines/ci-0", attrs=caller),
        entity("Tool", ACTION, ("Server", "github"), attrs={"name": TOOL, "pinned": True, **kinds}),
        entity("Server", "github", attrs={"resource": RESOURCE}),
    ]


def entity(kind: str, name: str, *parents: tuple[str, str], attrs: dict[str, Any] | None = None) -> Json:
    """One entity in Cedar's JSON format."""
    return {
        "uid": {"type": kind, "id": name},
        "attrs": attrs or {},
        "parents": [{"type": parent, "id": parent_id} for parent, parent_id in parents],
    }
