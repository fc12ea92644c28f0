"""`policy-engine clients add`: register a machine."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.authserver import checked_document, client_settings, resource_of, with_keys, with_secret
from policy_engine.cli.clients.credentials import Credential, credential_lines, read_credential
from policy_engine.cli.clients.kept_files import kept
from policy_engine.cli.clients.opened import Registry, opened
from policy_engine.cli.clients.options import (
    CONFIG,
    AlgorithmOption,
    GenerateKeyOption,
    IdArgument,
    JwksOption,
    SecretFileOption,
)
from policy_engine.cli.clients.told import done_already, print_lines, record_of
from policy_engine.cli.console import Format, errors_explained, out, print_json
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.errors import ConfigError, StaleError
from policy_engine.model.claims import CLIENT_CREDENTIALS
from policy_engine.model.stored import ClientChange

__all__ = ["add"]


class Category(StrEnum):
    """What kind of machine it is."""

    service = "service"
    ai_agent = "ai_agent"


class Method(StrEnum):
    """How it proves who it is."""

    private_key_jwt = "private_key_jwt"
    client_secret_basic = "client_secret_basic"  # noqa: S105 -- the name of a method
    client_secret_post = "client_secret_post"  # noqa: S105 -- the name of a method


ResourceOption = Annotated[
    list[str] | None,
    typer.Option("--resource", "-r", help="What its tokens may be for: a server's name, or a URI."),
]
CategoryOption = Annotated[Category, typer.Option("--category", help="What kind of machine it is.")]
MethodOption = Annotated[
    Method | None, typer.Option("--method", help="How it proves who it is; by its key, if there is one.")
]
ScopeOption = Annotated[
    str | None, typer.Option("--scope", help="What it may be permitted, separated by spaces.")
]
DefaultScopeOption = Annotated[
    bool, typer.Option("--default-scope", help="It gets all its scopes where it asks for none.")
]
DefaultResourceOption = Annotated[
    bool, typer.Option("--default-resource", help="It gets its one resource where it asks for none.")
]
GroupOption = Annotated[
    list[str] | None, typer.Option("--group", help="One of its groups; may be given several times.")
]
AttributeOption = Annotated[
    list[str] | None,
    typer.Option("--attribute", help="A tag for policies, as NAME=VALUE; may be given several times."),
]
TtlOption = Annotated[int, typer.Option("--ttl", help="Seconds that its tokens last, at most 3600.")]
NameOption = Annotated[str, typer.Option("--name", help="What people call it.")]


def add(
    client_id: IdArgument,
    category: CategoryOption,
    method: MethodOption = None,
    resource: ResourceOption = None,
    scope: ScopeOption = None,
    default_scope: DefaultScopeOption = False,
    default_resource: DefaultResourceOption = False,
    group: GroupOption = None,
    attribute: AttributeOption = None,
    ttl: TtlOption = 300,
    name: NameOption = "",
    jwks: JwksOption = None,
    generate_key: GenerateKeyOption = None,
    algorithm: AlgorithmOption = "ES256",
    secret_file: SecretFileOption = None,
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Register a machine, so that it gets tokens for what is written out here, and for nothing else.

    Without --resource it is the one server that tokens can be had for, and without --scope the one scope that
    there is; where there are several, they have to be named. With a key the method is private_key_jwt,
    otherwise client_secret_basic with a secret that is printed once, and kept only as a hash. An id is used
    once, for ever.

    Exits with 0, or with 2 if it can't be registered like that.

    Example: policy-engine clients add ci-bot --category service --scope issues:read --generate-key ci-bot.jwk
    """
    with errors_explained():
        chosen = method or _method(jwks, generate_key)
        by_key = chosen is Method.private_key_jwt
        credential = read_credential(by_key, jwks, generate_key, secret_file, algorithm)
        members = {
            "client_id": client_id,
            "client_name": name,
            "category": category.value,
            "token_endpoint_auth_method": chosen.value,
            "default_resource": default_resource,
            "access_token_ttl": ttl,
            "groups": group or [],
            "attributes": _attributes(attribute or []),
        }
        with opened(config, create=True) as registry:
            members |= _access(registry, resource, scope, default_scope=default_scope)
            _add(registry, members, credential)
            with done_already(*_done(client_id, credential)):
                _tell(registry, client_id, credential, as_json=format is Format.json)


def _done(client_id: str, credential: Credential) -> tuple[str, str]:
    """What was done, and what to do where nobody was told."""
    if credential.printed is None:
        return f"registered {client_id}", f"see it: policy-engine clients show {client_id}"
    return f"registered {client_id}; its secret was lost", f"policy-engine clients rotate {client_id}"


def _add(registry: Registry, members: Mapping[str, Any], credential: Credential) -> None:
    whole = {**members, "grant_types": [CLIENT_CREDENTIALS]}
    if credential.secret is None:
        whole = with_keys(whole, credential.keys)
    else:
        whole = with_secret(whole, credential.secret, now=0, grace=0)
    document = checked_document(whole, registry.catalogue)
    with kept(credential.file, credential.text):
        _register(registry, document)


def _method(jwks: Path | None, generate_key: Path | None) -> Method:
    return Method.client_secret_basic if jwks is generate_key is None else Method.private_key_jwt


def _access(
    registry: Registry, resource: list[str] | None, scope: str | None, *, default_scope: bool
) -> dict[str, Any]:
    """What it may ask for: all that was named, or the only thing that there is."""
    resources = _resources(registry, resource)
    scopes = _scope(registry, resources, scope)
    return {"resources": resources, "scope": scopes, "default_scope": scopes if default_scope else ""}


def _register(registry: Registry, document: Mapping[str, Any]) -> None:
    """Register it; again, if somebody else changed something meanwhile, unless it was this.

    Raises:
        ConfigError: `duplicate_client`.
    """
    client_id = document["client_id"]
    for _ in range(5):
        version, found = registry.snapshot([client_id])
        same = [each for each in found if each.client_id == client_id]
        if same and same[0].removed_at is None:
            raise ConfigError(
                f"a client is called `{client_id}` already",
                remedy=f"see it: policy-engine clients show {client_id}; or choose another id",
                code="duplicate_client",
            )
        try:
            registry.change([ClientChange(client_id=client_id, document=document)], expected_version=version)
        except StaleError:
            continue
        return
    raise StaleError


def _resources(registry: Registry, given: list[str] | None) -> list[str]:
    if given:
        return [resource_of(each, registry.servers) for each in given]
    if len(registry.servers) > 1:
        known = ", ".join(sorted(registry.servers))
        raise ConfigError(
            "tokens can be had for several servers", remedy=f"say for which: --resource, of {known}"
        )
    return list(registry.servers.values())


def _scope(registry: Registry, resources: list[str], given: str | None) -> str:
    if given is not None:
        return " ".join(given.split())
    offered = sorted({scope for each in resources for scope in registry.catalogue.scopes_of(each)})
    if len(offered) > 1:
        raise ConfigError(
            "there are several scopes", remedy=f'say which it may have, of: --scope "{" ".join(offered)}"'
        )
    return " ".join(offered)


def _attributes(given: list[str]) -> dict[str, list[str]]:
    attributes: dict[str, list[str]] = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not name or not separator:
            raise ConfigError("--attribute isn't NAME=VALUE", remedy="for example: --attribute region=eu")
        attributes.setdefault(name, []).append(value)
    return attributes


def _tell(registry: Registry, client_id: str, credential: Credential, *, as_json: bool) -> None:
    document = registry.find(client_id).document
    settings = client_settings(document, registry.issuer)
    if as_json:
        told: dict[str, Any] = {"client": record_of(document), "settings": settings}
        told |= {"client_secret": credential.printed} if credential.printed else {}
        told |= {"file": str(credential.file)} if credential.file else {}
        print_json(told)
        return
    out().print(f"registered {document['client_id']}", style="bold green")
    lines = [
        ("may", f"{document['category']}: {document['scope']} at {' '.join(document['resources'])}"),
        ("method", document["token_endpoint_auth_method"]),
        ("policies", f'Client::"{registry.issuer_name}/{document["client_id"]}"'),
    ]
    lines += credential_lines(credential)
    next_step = f"ask {settings['token_endpoint']} with grant_type=client_credentials"
    lines.append(("next", f"{next_step}, resource={document['resources'][0]}"))
    print_lines(lines)
