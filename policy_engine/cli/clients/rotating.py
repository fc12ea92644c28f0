"""`policy-engine clients rotate`: replace a secret or a key while the machine works."""

import time
from collections.abc import Collection, Mapping
from typing import Annotated, Any

import typer

from policy_engine.authserver import (
    cancel_rotation,
    checked_document,
    finish_rotation,
    with_keys,
    with_secret,
)
from policy_engine.cli.clients.credentials import Credential, credential_lines, read_credential
from policy_engine.cli.clients.kept_files import kept
from policy_engine.cli.clients.opened import Registry, opened
from policy_engine.cli.clients.options import (
    CONFIG,
    AlgorithmOption,
    GenerateKeyOption,
    GraceOption,
    IdArgument,
    JwksOption,
    SecretFileOption,
    read_grace,
)
from policy_engine.cli.clients.told import credentials_of, done_already, print_lines, record_of
from policy_engine.cli.console import Format, errors_explained, out, print_json
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.errors import ConfigError
from policy_engine.model.stored import StoredClient

__all__ = ["is_by_key", "renewed", "rotate"]


FinishOption = Annotated[
    bool, typer.Option("--finish", help="Drop the old secret or key now: the new one is in use.")
]
CancelOption = Annotated[
    bool, typer.Option("--cancel", help="Drop the new secret or key: the old one lasts again.")
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option("--keep", help="With --finish, the `kid` of a key to keep; by default the newest."),
]


def rotate(
    client_id: IdArgument,
    finish: FinishOption = False,
    cancel: CancelOption = False,
    keep: KeepOption = None,
    grace: GraceOption = "24h",
    jwks: JwksOption = None,
    generate_key: GenerateKeyOption = None,
    algorithm: AlgorithmOption = "ES256",
    secret_file: SecretFileOption = None,
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Give a machine a new secret or key beside the old one, so that it works all the time.

    An old secret ends after --grace, an old key with --finish. If the new one is lost before anybody uses it,
    --cancel takes it back.

    Exits with 0, or with 2 if there is nothing to rotate like that.

    Example: policy-engine clients rotate ci-bot --secret-file ci-bot.secret --grace 2h
    """
    with errors_explained():
        if (finish or cancel) and any((finish and cancel, jwks, generate_key, secret_file)):
            raise ConfigError(
                "--finish and --cancel take neither each other nor a new credential", remedy="give one alone"
            )
        if keep and not finish:
            raise ConfigError("--keep goes with --finish", remedy="add it, or drop --keep")
        seconds = read_grace(grace)
        with opened(config, create=True) as registry:
            if finish or cancel:
                document = _ended(registry, client_id, None if cancel else keep or ())
                _tell(client_id, document, None, "finished" if finish else "cancelled", format)
                return
            by_key = is_by_key(registry.find(client_id))
            credential = read_credential(by_key, jwks, generate_key, secret_file, algorithm)
            with kept(credential.file, credential.text):
                made = registry.amend(
                    [client_id], lambda stored: renewed(registry, stored, credential, grace=seconds)
                )
            lost = "; its new secret was lost" if credential.printed else ""
            remedy = f"take it back: policy-engine clients rotate {client_id} --cancel"
            with done_already(f"rotated {client_id}{lost}", remedy):
                _tell(client_id, made[client_id] or {}, credential, "rotated", format)


def _ended(registry: Registry, client_id: str, keep: Collection[str] | None) -> Mapping[str, Any]:
    """End a rotation: without the old credential, or, with None, without the new one.

    It takes something away only, so that it can be done whatever else is wrong with the client by now.
    """

    def amended(stored: StoredClient) -> Mapping[str, Any]:
        if keep is None:
            return cancel_rotation(stored.document, now=time.time())
        return finish_rotation(stored.document, keep)

    return registry.amend([client_id], amended)[client_id] or {}


def is_by_key(stored: StoredClient) -> bool:
    """Whether a client proves who it is by a key."""
    return "jwks" in stored.document


def renewed(
    registry: Registry, stored: StoredClient, credential: Credential, *, grace: float
) -> dict[str, Any]:
    """A client with a new credential beside the old one.

    Raises:
        ConfigError: two are valid already, or it breaks a requirement.
    """
    if credential.secret is None:
        document = with_keys(stored.document, credential.keys)
    else:
        document = with_secret(stored.document, credential.secret, now=time.time(), grace=grace)
    return checked_document(document, registry.catalogue)


def _tell(
    client_id: str, document: Mapping[str, Any], credential: Credential | None, what: str, format_: Format
) -> None:
    if format_ is Format.json:
        told: dict[str, Any] = {"client": record_of(document)}
        if credential is not None:
            told |= {"client_secret": credential.printed} if credential.printed else {}
            told |= {"file": str(credential.file)} if credential.file else {}
        print_json(told)
        return
    out().print(f"{what} {client_id}", style="bold green")
    lines = [] if credential is None else credential_lines(credential)
    lines.append(("valid", credentials_of(document, time.time())))
    if credential is not None:
        lines.append(("next", "hand the new one over, then: policy-engine clients rotate ID --finish"))
    print_lines([(label, text.replace(" ID ", f" {client_id} ")) for label, text in lines])
