"""`policy-engine clients export`: credentials as Kubernetes Secrets, or the registry as a file."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.authserver import (
    Secret,
    exported_registry,
    generate_secret,
    secret_manifest,
    secret_name,
)
from policy_engine.cli.clients.credentials import Credential, made_key
from policy_engine.cli.clients.kept_files import replaced
from policy_engine.cli.clients.opened import Registry, opened
from policy_engine.cli.clients.options import CONFIG, GraceOption, read_grace
from policy_engine.cli.clients.rotating import is_by_key, renewed
from policy_engine.cli.clients.told import done_already
from policy_engine.cli.console import errors_explained, out, visible
from policy_engine.cli.options import ConfigOption
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey
from policy_engine.model.stored import StoredClient
from policy_engine.registry import Entry

__all__ = ["export"]


IdsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]…", help="The clients, for --kubernetes-secret.")
]
KubernetesOption = Annotated[
    bool, typer.Option("--kubernetes-secret", help="Print a Secret for each client, as YAML.")
]
RegistryOption = Annotated[
    Path | None,
    typer.Option("--registry", help="Write the registry to this file, for `registry: {file: …}`."),
]
RotateOption = Annotated[
    bool, typer.Option("--rotate", help="Put a new secret or key into each, as `clients rotate` makes it.")
]
NamespaceOption = Annotated[
    str | None, typer.Option("--namespace", "-n", help="The namespace of the Secrets.")
]
NameOption = Annotated[
    str | None, typer.Option("--secret-name", help="The Secret's name; the client's id if left out.")
]


def export(
    ids: IdsArgument = None,
    kubernetes_secret: KubernetesOption = False,
    registry: RegistryOption = None,
    rotate: RotateOption = False,
    grace: GraceOption = "24h",
    namespace: NamespaceOption = None,
    name: NameOption = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Print Kubernetes Secrets, or write the registry to a file for engines that can't ask the store.

    A stored secret is a hash, so a Secret can hold only a new one: --rotate makes it, and the old one goes on
    for --grace. Without --rotate it holds what else the machine has to know: its id, the issuer, the token
    endpoint, resources and scopes.

    The file of --registry is replaced at once; it holds no credentials.

    Exits with 0, or with 2 if it can't be done.

    Example: policy-engine clients export --kubernetes-secret ci-bot --rotate | kubectl apply -f -
    """
    with errors_explained():
        if kubernetes_secret == (registry is not None):
            raise ConfigError("export what?", remedy="give either --kubernetes-secret ID or --registry FILE")
        if registry is not None:
            if ids or rotate:
                raise ConfigError("--registry takes all clients as they are", remedy="give it alone")
            with opened(config, create=False) as found:
                _write_registry(found, registry)
            return
        if not ids or len(set(ids)) != len(ids):
            raise ConfigError("--kubernetes-secret takes clients, each once", remedy="name them behind it")
        if name is not None and len(ids) > 1:
            raise ConfigError("--secret-name goes with one client", remedy="export them one by one")
        with opened(config, create=rotate) as found:
            lasting = read_grace(grace) if rotate else None
            manifests = _manifests(found, ids, grace=lasting, name=name, namespace=namespace)
        _print(manifests, ids if rotate else ())
    if not rotate:
        typer.echo("note: no secret or key is in it: none is stored; --rotate makes a new one", err=True)


def _print(manifests: Sequence[str], rotated: Sequence[str]) -> None:
    whole = "---\n".join(manifests)
    if not rotated:
        typer.echo(whole, nl=False)
        return
    remedy = "take it back: " + "; ".join(f"policy-engine clients rotate {each} --cancel" for each in rotated)
    with done_already(f"rotated {', '.join(rotated)}; what is new was lost", remedy):
        typer.echo(whole, nl=False)


def _write_registry(found: Registry, file: Path) -> None:
    assert found.store is not None  # noqa: S101 -- it was opened as one that is there
    denials = found.store.denials.all(time.time())
    stored = found.all()
    clients = [client for client in stored if _is_usable(client)]
    # One that can't be read is as good as unlisted for an engine, and would make it refuse the whole file.
    left = [visible(client.client_id) for client in stored if client not in clients]
    replaced(file, exported_registry(clients, denials))
    if left:
        typer.echo(f"note: left out, as they can't be used: {', '.join(left)}", err=True)
    out().print(f"{file}: {len(clients)} clients, {len(denials)} denials")


def _is_usable(client: StoredClient) -> bool:
    try:
        Entry.of(client.document)
    except ValueError:
        return False
    return True


def _manifests(
    found: Registry, ids: Sequence[str], *, grace: int | None, name: str | None, namespace: str | None
) -> list[str]:
    stored = {each: found.find(each) for each in ids}
    names = {each: name or secret_name(each) for each in ids}

    def manifest(each: str, document: Mapping[str, Any], made: Secret | SigningKey | None) -> str:
        return secret_manifest(
            document,
            issuer=found.issuer,
            name=names[each],
            namespace=namespace,
            secret=made if isinstance(made, Secret) else None,
            private_jwk=made.to_jwk() if isinstance(made, SigningKey) else None,
        )

    # Every name is looked at before anything is changed.
    manifests = [manifest(each, stored[each].document, None) for each in ids]
    if grace is None:
        return manifests
    made = {each: _made(client) for each, client in stored.items()}
    documents = found.amend(
        ids, lambda client: renewed(found, client, _credential(made[client.client_id]), grace=grace)
    )
    return [manifest(each, documents[each] or {}, made[each]) for each in ids]


def _made(client: StoredClient) -> Secret | SigningKey:
    if not is_by_key(client):
        return generate_secret()
    newest = client.document["jwks"]["keys"][-1]
    return made_key(client.document.get("token_endpoint_auth_signing_alg") or newest.get("alg") or "ES256")


def _credential(made: Secret | SigningKey) -> Credential:
    return Credential(secret=made) if isinstance(made, Secret) else Credential(keys=[made.public_jwk()])
