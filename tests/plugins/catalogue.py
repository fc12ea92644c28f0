"""The catalogue of identity providers' tokens, and how an operator configures an issuer for each of them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy_engine.mapper import Kind, Profile, example_token, load_profile, profile_names
from policy_engine.model.claims import MACHINE_GRANTS, USER_GRANTS

__all__ = [
    "NAMED",
    "NOW",
    "VECTORS",
    "Vector",
    "claims_of",
    "clients_of",
    "configuration",
    "example_settings",
    "example_vectors",
    "flags_of",
    "strings",
]

Vector = dict[str, Any]
"""A token, unsigned, with the configuration of its issuer, its true kind, and what must be made of it."""

NOW = 1790000100
"""The moment at which the catalogue judges."""

VECTORS: list[Vector] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "idp_tokens.json").read_text("utf-8")
)

NAMED: Mapping[str, str] = MappingProxyType(
    {
        "adfs-user": "adfs",
        "authentik-cc-app-password": "authentik",
        "authentik-code": "authentik",
        "aws-sts-outbound-listed": "aws-sts",
        "salesforce-cc-runas": "salesforce",
        "teleport-app-bot": "teleport",
        "teleport-app-user": "teleport",
        "vault-identity": "vault",
        "zitadel-machine": "zitadel",
    }
)
"""Tokens of products that write no mark of either kind, and the product's own profile."""

_SETTINGS = frozenset({"iss", "clients"})
_RESOURCE, _APP = "https://mcp.example.com/mcp", "example-app"


def claims_of(vector: Vector) -> dict[str, Any]:
    """The payload; of a raw one, what a parser makes of it that isn't strict."""
    claims: dict[str, Any] = vector["payload"] if "payload" in vector else json.loads(vector["raw_payload"])
    return claims


def flags_of(vector: Vector) -> dict[str, Any]:
    """What the operator set of the profile's flags."""
    return {name: value for name, value in vector["config"].items() if name not in _SETTINGS}


def strings(value: Any) -> Iterator[str]:
    """Every string within a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from strings(member)


def clients_of(vector: Vector) -> dict[str, list[str]]:
    """The listed clients with their grants.

    A client with grants of both kinds can't be listed, so it is left out; where the catalogue asks about the
    tokens of such a client, an operator would have listed it with those of people.
    """
    keep = vector["expected_code"] == "MIXED_GRANT_CLIENT"
    clients = {}
    for name, grants in vector["config"]["clients"].items():
        both = not (MACHINE_GRANTS.isdisjoint(grants) or USER_GRANTS.isdisjoint(grants))
        if keep or not both:
            clients[name] = [grant for grant in grants if not both or grant not in MACHINE_GRANTS]
    return clients


def configuration(
    vector: Vector,
    jwks: Mapping[str, Any],
    *,
    profile: str | None = None,
    flags: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`servers` and `issuers` as `PolicyEngine` takes them: one server, and one issuer named `idp`.

    Args:
        vector: whose issuer it is.
        jwks: the issuer's keys.
        profile: another profile than the one that the catalogue states.
        flags: other flags than those that the catalogue states.
    """
    # An issuer that writes no audience names the client in its place.
    audience = vector["expected_aud"] or [*vector["config"]["clients"]]
    named = load_profile(profile or vector["profile"])
    settings = dict(flags_of(vector) if flags is None else flags)
    clients = {name: {"grants": grants} for name, grants in clients_of(vector).items()}
    if named.machines_only:  # then machines are listed one by one, as everywhere
        clients |= {name: {"grants": ["workload"]} for name in settings.pop("machine_subjects", ())}
    return {
        "servers": {"mcp": {"resource": _RESOURCE, "audiences": {"idp": audience}}},
        "issuers": {
            "idp": {
                "issuer": vector["config"]["iss"],
                "profile": named.name,
                "keys": {"jwks": jwks},
                "flags": settings,
                "clients": clients,
            }
        },
    }


def example_vectors() -> list[Vector]:
    """Each shipped profile's own examples, in the catalogue's form."""
    profiles = map(load_profile, profile_names())
    return [_example(profile, kind) for profile in profiles for kind in profile.examples]


def example_settings(profile: Profile, ids: Mapping[Kind, str]) -> dict[str, Any]:
    """The flags of an operator who knows the machine and the person of a profile's examples, by these ids."""
    texts = {kind: json.dumps(dict(example.flags)) for kind, example in profile.examples.items()}
    settings: dict[str, Any] = {}
    for kind, text in texts.items():
        settings |= json.loads(text.replace('"$id"', json.dumps(ids[kind])))
    return settings


def _example(profile: Profile, kind: Kind) -> Vector:
    """One example, at an issuer that knows the machines and people of all of the profile's examples."""
    ids = {one: _id(profile, one) for one in profile.examples}
    flags = example_settings(profile, ids)
    issuer = profile.examples[kind].issuer
    grant = "workload" if profile.machines_only else "client_credentials"
    machines = {ids[one]: [grant] for one in ids if one == "client"}
    header, claims = example_token(
        profile, kind, id=ids[kind], client=_APP, issuer=issuer, audience=_RESOURCE, now=NOW - 100,
        lifetime=3600, jti=f"example-{kind}", flags=flags,
    )  # fmt: skip
    audience = claims.get("aud")
    return {
        "id": f"{profile.name}, {kind} of the profile",
        "profile": profile.name,
        "kind": "machine" if kind == "client" else "human",
        "header": {"alg": profile.algorithms[0], **header},
        "payload": claims,
        "expected": "machine" if kind == "client" else "human",
        "expected_code": None,
        "expected_principal": {"type": "Client" if kind == "client" else "User", "local": ids[kind]},
        "expected_aud": audience[0] if isinstance(audience, list) else audience,
        "config": {"iss": issuer, "clients": {**machines, _APP: ["authorization_code"]}, **flags},
    }


def _id(profile: Profile, kind: Kind) -> str:
    """The id of an example, as principals have it."""
    source = profile.machine_id if kind == "client" else profile.user_id
    prefix = "" if source is None else source.prefix
    return prefix + profile.examples[kind].id.removeprefix(prefix)
