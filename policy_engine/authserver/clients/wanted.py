"""Clients as `clients.yaml` wants them: each entry checked as for registration, errors at their place."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from policy_engine.authserver.catalogue import Catalogue, canonical_resource
from policy_engine.authserver.clients.client_secrets import Secret, SecretHash
from policy_engine.authserver.clients.documents import checked_document, with_hashes
from policy_engine.authserver.clients.file import ClientEntry, ClientsFile, KeysSource, SecretSource
from policy_engine.authserver.clients.given_secrets import given_secret
from policy_engine.authserver.clients.public_keys import read_key_set
from policy_engine.authserver.clients.registration import refuse_foreign_members
from policy_engine.errors import ConfigError
from policy_engine.files import Document, check, read_document

__all__ = ["WantedClient", "read_clients", "resource_of"]

_NOBODYS: Final = SecretHash("0" * 64)
"""In the place of a secret that isn't known yet, while everything else is checked."""

_SECRET_METHODS: Final = ("client_secret_basic", "client_secret_post")

_PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "access_token_ttl": "access_token_ttl",
        "auth_method": "token_endpoint_auth_method",
        "client_attributes": "attributes",
        "client_category": "category",
        "client_id": "client_id",
        "client_keys": "jwks",
        "client_secrets": "secret_hashes",
        "credential_kind": "token_endpoint_auth_method",
        "default_resource": "default_resource",
        "default_scope": "default_scope",
        "duplicate_client": "client_id",
        "empty_resources": "resources",
        "empty_scope": "scope",
        "jwks_uri": "jwks_uri",
        "mixed_grants": "grant_types",
        "no_grant": "grant_types",
        "other_grant": "grant_types",
        "plain_secret": "client_secret",
        "public_client": "token_endpoint_auth_method",
        "redirect_uris": "redirect_uris",
        "response_types": "response_types",
        "rotation": "secret",
        "scope_form": "scope",
        "secret_source": "secret",
        "signing_algorithm": "token_endpoint_auth_signing_alg",
        "unknown_resource": "resources",
        "unknown_scope": "scope",
        "weak_secret": "secret",
    }
)
"""The member that each code is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedClient:
    """One entry, checked.

    Attributes:
        client_id: its id.
        document: what is to be registered; without hashes where there is a `secret`, or one is generated.
        secret: the secret that is to last.
        generates: whether a secret is made if it has none.
        says_enabled: whether the entry says if it is enabled.
        document_of_file: where it was written.
        position: its place in there.
    """

    client_id: str
    document: Mapping[str, Any] = field(repr=False)
    secret: Secret | None = None
    generates: bool = False
    says_enabled: bool = False
    document_of_file: Document = field(repr=False)
    position: int

    def error(self, error: ConfigError) -> ConfigError:
        """An error about this entry, at its place."""
        return _placed(error, self.document_of_file, self.position, self.client_id)


def read_clients(file: Path, catalogue: Catalogue, servers: Mapping[str, str]) -> tuple[WantedClient, ...]:
    """Read a `clients.yaml`.

    Args:
        file: where it is.
        catalogue: what clients may be allowed to ask for.
        servers: resources by the name of their server.

    Raises:
        ConfigError: something can't be used; the first problem, carrying those of other clients.
    """
    document = read_document(file)
    _refuse_by_name(document)
    written = check(ClientsFile, document)
    wanted: list[WantedClient] = []
    errors: list[ConfigError] = []
    seen: set[str] = set()
    for position, entry in enumerate(written.clients):
        try:
            _require_once(entry.client_id, seen)
            wanted.append(_wanted(entry, document, position, catalogue, servers))
        except ConfigError as error:
            errors.append(_placed(error, document, position, entry.client_id))
    if errors:
        raise ConfigError.first_of(errors)
    return tuple(wanted)


def resource_of(name: str, servers: Mapping[str, str]) -> str:
    """The resource that a server's name, or a URI, stands for.

    Raises:
        ConfigError: `unknown_resource`: it is neither.
    """
    if name in servers:
        return servers[name]
    if canonical_resource(name) is None:
        known = ", ".join(sorted(servers))
        raise ConfigError(
            f"`{name}` is neither a server nor a URI", remedy=f"servers: {known}", code="unknown_resource"
        )
    return name


def _require_once(client_id: str, seen: set[str]) -> None:
    if client_id in seen:
        raise ConfigError("the id is written twice", remedy="rename one", code="duplicate_client")
    seen.add(client_id)


def _wanted(
    entry: ClientEntry, document: Document, position: int, catalogue: Catalogue, servers: Mapping[str, str]
) -> WantedClient:
    folder = Path() if document.file is None else document.file.parent
    secret = _secret(entry, folder)
    members = {
        **entry.model_dump(include=_PLAIN),
        "grant_types": list(entry.grant_types),
        "resources": [resource_of(each, servers) for each in entry.resources],
        "groups": list(entry.groups),
        "attributes": {name: list(values) for name, values in entry.attributes.items()},
        "enabled": entry.enabled is not False,
        "jwks": None if entry.jwks is None else _keys(entry.jwks, folder),
        "secret_hashes": [item.model_dump() for item in entry.secret_hashes or ()],
    }
    if entry.secret is not None:
        members = with_hashes(members, (_NOBODYS,))
    checked = checked_document(members, catalogue)
    if entry.secret is not None:
        del checked["secret_hashes"]
    return WantedClient(
        client_id=entry.client_id,
        document=checked,
        secret=secret,
        generates=entry.secret is not None and entry.secret.generate,
        says_enabled=entry.enabled is not None,
        document_of_file=document,
        position=position,
    )


_PLAIN: Final = {
    "client_id",
    "client_name",
    "category",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "scope",
    "default_scope",
    "default_resource",
    "access_token_ttl",
}


def _secret(entry: ClientEntry, folder: Path) -> Secret | None:
    """The secret that an entry names, checked; it and its name are never quoted."""
    if entry.secret is not None and entry.secret_hashes is not None:
        raise _error("`secret` and `secret_hashes` both say what its secret is", "keep one of the two")
    if entry.secret is None:
        if entry.token_endpoint_auth_method in _SECRET_METHODS and entry.secret_hashes is None:
            raise _error(
                f"{entry.token_endpoint_auth_method} needs a secret",
                "write `secret: generate`, `secret: {env: NAME}` or `secret: {file: PATH}`",
            )
        return None
    return None if entry.secret.generate else given_secret(_secret_text(entry.secret, folder))


def _secret_text(source: SecretSource, folder: Path) -> str:
    if source.file is None:
        text = os.environ.get(source.env or "")
        if not text:
            raise _error("the environment variable that `secret.env` names isn't set", "export it")
        return text
    try:
        return (folder / source.file).read_text("ascii").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a secret"
        raise _error(
            f"can't read the file that `secret.file` names: {reason}",
            "its path starts from this file's folder",
        ) from None


def _keys(source: KeysSource, folder: Path) -> dict[str, Any]:
    return {"keys": source.keys} if source.file is None else read_key_set(folder / source.file)


_LONGEST_KEY: Final = max(map(len, ClientEntry.model_fields))


def _refuse_by_name(document: Document) -> None:
    """Refuse members of other kinds of clients with the reason, before they are unknown keys."""
    errors = []
    for position, entry in _entries(document.data):
        try:
            refuse_foreign_members(entry)
        except ConfigError as error:
            errors.append(_placed(error, document, position, entry.get("client_id")))
        for key in entry:
            if len(key) > _LONGEST_KEY or ":" in key:
                # It may be the secret itself: `{secret:hunter2}` lacks a blank. So it isn't repeated.
                path = ("clients", position, key)
                problem = f"unknown key below `clients.{position}`"
                errors.append(document.error(path, problem, "put a blank behind the colon, or correct it"))
    if errors:
        raise ConfigError.first_of(errors)


def _entries(data: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:  # noqa: ANN401 -- YAML data
    entries = data.get("clients") if isinstance(data, dict) else None
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield position, entry


def _placed(error: ConfigError, document: Document, position: int, client_id: object) -> ConfigError:
    """An error at the member that it is about."""
    if error.file is not None:
        return error
    path = ("clients", position, _PLACES.get(error.code, "client_id"))
    own = f"client `{client_id}`: "
    name = own if isinstance(client_id, str) and not error.problem.startswith(own) else ""
    placed = document.error(path, f"{name}{error.problem}", error.remedy)
    placed.code = error.code
    return placed


def _error(problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code="secret_source")
