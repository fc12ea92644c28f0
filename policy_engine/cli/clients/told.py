"""A registered client as it is told: everything but its secrets' hashes."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from policy_engine.cli.clients.opened import Registry
from policy_engine.cli.console import out, visible
from policy_engine.errors import ConfigError
from policy_engine.model.stored import StoredClient

__all__ = ["credentials_of", "done_already", "lines_of", "moment", "print_lines", "record_of"]

Document = Mapping[str, Any]


@contextmanager
def done_already(what: str, remedy: str) -> Iterator[None]:
    """Where the answer can't be written, say that it was done all the same, and what to do then.

    Args:
        what: what was done, and what is lost without the answer.
        remedy: what to do about that.

    Raises:
        ConfigError: standard output can't be written.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        _drop_output()
        raise ConfigError(f"{what}: can't write the answer: {error.strerror}", remedy=remedy) from None


def _drop_output() -> None:
    """Let what couldn't be written go nowhere; it would be tried again at the end, with another error."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def moment(seconds: float) -> str:
    """A time as ISO 8601 has it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def record_of(document: Document, stored: StoredClient | None = None) -> dict[str, Any]:
    """For programs."""
    record = {name: value for name, value in document.items() if name != "secret_hashes"}
    ends = [item.get("expires_at") for item in document.get("secret_hashes", ())]
    if ends:
        record["secrets"] = [{"expires_at": None if end is None else moment(end)} for end in ends]
    if stored is not None:
        record["created_at"] = moment(stored.created_at)
        record["changed_at"] = moment(stored.changed_at)
    return record


def credentials_of(document: Document, now: float) -> str:
    """Its keys, or its secrets and when they end, in a few words."""
    keys = document.get("jwks", {}).get("keys", ())
    if keys:
        return "1 key" if len(keys) == 1 else f"{len(keys)} keys"
    ends = [item.get("expires_at") for item in document.get("secret_hashes", ())]
    return ", ".join("secret" if end is None else _end(end, now) for end in ends)


def _end(end: float, now: float) -> str:
    return f"secret {'until' if end > now else 'expired'} {moment(end)}"


def lines_of(
    document: Document, stored: StoredClient, registry: Registry, now: float
) -> Iterator[tuple[str, str]]:
    """For people: a label and a text each."""
    client_id = document["client_id"]
    name = document.get("client_name", "")
    yield "client", f"{client_id} ({name})" if name else client_id
    yield "state", "enabled" if document["enabled"] else "disabled: it gets no tokens"
    yield "category", document["category"]
    yield "policies", f'Client::"{registry.issuer_name}/{client_id}"'
    algorithm = document.get("token_endpoint_auth_signing_alg")
    method = document["token_endpoint_auth_method"]
    yield "method", method if algorithm is None else f"{method}, {algorithm} only"
    for key in document.get("jwks", {}).get("keys", ()):
        yield "key", f"{key.get('kid', 'without kid')} ({key.get('alg', key.get('kty'))})"
    for item in document.get("secret_hashes", ()):
        end = item.get("expires_at")
        yield "secret", "doesn't expire" if end is None else _end(end, now).removeprefix("secret ")
    names = {resource: server for server, resource in registry.servers.items()}
    for resource in document["resources"]:
        yield "resource", f"{resource} ({names[resource]})" if resource in names else resource
    yield "scopes", document["scope"]
    if document.get("default_scope"):
        yield "default", f"{document['default_scope']}, where it asks for no scope"
    if document.get("default_resource"):
        yield "default", "its resource, where it asks for none"
    yield "tokens", f"last {document['access_token_ttl']} s"
    if document.get("groups"):
        yield "groups", " ".join(document["groups"])
    for attribute, values in document.get("attributes", {}).items():
        yield "attribute", f"{attribute}={','.join(values)}"
    yield "created", moment(stored.created_at)
    yield "changed", moment(stored.changed_at)


def print_lines(lines: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> None:
    """Print labels and texts."""
    console = out()
    for label, text in lines:
        console.print(f"{label:<10}", style="bold", end="")
        console.print(visible(text))
