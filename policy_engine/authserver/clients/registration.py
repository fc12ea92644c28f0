"""Clients as an operator writes them: `clients: [...]`, with the member names of RFC 7591 section 2.

Every member is known or refused. Those that RFC 7591 has and this server must not have (`redirect_uris`,
`response_types`, `jwks_uri`, `client_secret`) are known too, so that the refusal can say why.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from policy_engine.authserver.catalogue import Catalogue, parse_scope
from policy_engine.authserver.clients.client import DEFAULT_TTL, RegisteredClient
from policy_engine.authserver.clients.client_secrets import SecretHash
from policy_engine.errors import ConfigError

__all__ = ["load_clients", "refuse_foreign_members"]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class _SecretHash(_Written):
    sha256: str
    expires_at: int | None = None


class _Client(_Written):
    client_id: str
    client_name: str = ""
    category: str
    token_endpoint_auth_method: str
    token_endpoint_auth_signing_alg: str | None = None
    grant_types: list[str] = []
    jwks: dict[str, Any] | None = None
    secret_hashes: list[_SecretHash] = []
    resources: list[str] = []
    scope: str = ""
    default_scope: str = ""
    default_resource: bool = False
    enabled: bool = True
    access_token_ttl: int = DEFAULT_TTL
    groups: list[str] = []
    attributes: dict[str, list[str]] = {}
    # known so that they can be refused by name
    redirect_uris: list[str] = []
    response_types: list[str] = []
    jwks_uri: Any = None
    client_secret: Any = None


class _Clients(_Written):
    version: Literal[1] = 1
    clients: list[_Client]


def load_clients(
    data: object,
    catalogue: Catalogue,
    *,
    reserved_ids: Collection[str] = (),
    file: Path | str | None = None,
) -> tuple[RegisteredClient, ...]:
    """Check the clients that an operator wrote.

    Args:
        data: `{"clients": [{"client_id": …}, …]}`, as JSON or YAML gives it; `version: 1` may stand with it.
        catalogue: what clients may be allowed to ask for.
        reserved_ids: ids that no client may have: those of former clients, and names of people.
        file: where it was written, for the error.

    Raises:
        ConfigError: something can't be used; it names the client and says why.
    """
    try:
        written = _Clients.model_validate(data)
    except ValidationError as error:
        raise _form_error(error, data, file) from None
    clients: dict[str, RegisteredClient] = {}
    for entry in written.clients:
        try:
            _require_unused(entry.client_id, {*clients, *reserved_ids})
            clients[entry.client_id] = _client(entry, catalogue)
        except ConfigError as error:
            raise _named(error, entry.client_id, file) from None
    return tuple(clients.values())


def _client(entry: _Client, catalogue: Catalogue) -> RegisteredClient:
    refuse_foreign_members(entry.model_dump())
    client = RegisteredClient(
        client_id=entry.client_id,
        client_name=entry.client_name,
        category=entry.category,
        token_endpoint_auth_method=entry.token_endpoint_auth_method,
        token_endpoint_auth_signing_alg=entry.token_endpoint_auth_signing_alg,
        grant_types=tuple(entry.grant_types),
        jwks=entry.jwks,
        secret_hashes=tuple(SecretHash(item.sha256, item.expires_at) for item in entry.secret_hashes),
        resources=frozenset(entry.resources),
        scopes=_scopes("scope", entry.scope),
        default_scopes=_scopes("default_scope", entry.default_scope),
        default_resource=entry.default_resource,
        enabled=entry.enabled,
        access_token_ttl=entry.access_token_ttl,
        groups=frozenset(entry.groups),
        attributes=MappingProxyType({name: tuple(values) for name, values in entry.attributes.items()}),
    )
    _require_in_catalogue(client, catalogue)
    return client


def refuse_foreign_members(members: Mapping[str, object]) -> None:
    """Refuse what other servers' clients have, and say why this one's haven't.

    Raises:
        ConfigError: one of them is there, and isn't empty.
    """
    if members.get("redirect_uris"):
        raise _error("redirect_uris", "`redirect_uris` is for clients that send people to sign in", "drop it")
    if members.get("response_types"):
        raise _error("response_types", "`response_types` is for the authorization endpoint", "drop it")
    if members.get("jwks_uri") is not None:
        raise _error(
            "jwks_uri", "`jwks_uri` isn't supported: this server fetches nothing", "put the keys in `jwks`"
        )
    if members.get("client_secret") is not None:
        raise _error(
            "plain_secret",
            "`client_secret` is a secret in plain text",
            "make a new one, and write its `secret_hashes`",
        )


def _require_unused(client_id: str, used: Collection[str]) -> None:
    if client_id in used:
        raise _error(
            "duplicate_client", "the id is taken or reserved", "choose another; ids are never reused"
        )


def _require_in_catalogue(client: RegisteredClient, catalogue: Catalogue) -> None:
    """Each resource and each scope leads to some token, or it is a mistake."""
    offered = frozenset[str]()
    for resource in sorted(client.resources):
        if resource not in catalogue:
            raise _error(
                "unknown_resource", f"resource `{resource}` isn't in the catalogue", "add it there first"
            )
        if client.scopes.isdisjoint(catalogue.scopes_of(resource)):
            raise _error(
                "unknown_scope", f"no scope of the client is one of `{resource}`", "add one, or drop it"
            )
        offered |= catalogue.scopes_of(resource)
    for scope in sorted(client.scopes - offered):
        raise _error(
            "unknown_scope", f"scope `{scope}` is offered by none of its resources", "correct or drop it"
        )


def _scopes(member: str, text: str) -> frozenset[str]:
    scopes = parse_scope(text) if text else frozenset[str]()
    if scopes is None:
        raise _error(
            "scope_form", f"`{member}` isn't scopes with one space between", "see RFC 6749 section 3.3"
        )
    return scopes


def _form_error(error: ValidationError, data: object, file: Path | str | None) -> ConfigError:
    """The first of pydantic's errors, without the value it is about: that may be a secret."""
    first = error.errors(include_input=True, include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "the document"
    match first["type"]:
        case "extra_forbidden":
            problem, remedy = f"unknown member `{where}`", "correct its name, or drop it"
        case "missing":
            problem, remedy = f"`{where}` is missing", "write it"
        case "string_type" if isinstance(first["input"], bool | int | float):
            problem, remedy = f"`{where}` isn't text", "put it in quotes"
        case "model_type":
            problem, remedy = f"`{where}` isn't a mapping", "see the reference of clients.yaml"
        case _:
            problem, remedy = f"`{where}`: {first['msg'].lower()}", "see the reference of clients.yaml"
    return ConfigError(_prefix(first["loc"], data) + problem, remedy=remedy, file=file, code="client_form")


def _prefix(location: tuple[int | str, ...], data: object) -> str:
    """The name of the client that an error is in, if it has one that can be shown."""
    match location:
        case ("clients", int(position), *_) if isinstance(data, dict):
            entry = data["clients"][position]
            name = entry.get("client_id") if isinstance(entry, dict) else None
            return f"client `{name}`: " if isinstance(name, str) else ""
        case _:
            return ""


def _named(error: ConfigError, client_id: str, file: Path | str | None) -> ConfigError:
    return ConfigError(
        f"client `{client_id}`: {error.problem}", remedy=error.remedy, file=file, code=error.code
    )


def _error(code: str, problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code=code)
