"""A client's credentials as a Kubernetes `Secret`, to be mounted or read as variables by its workload."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from policy_engine.authserver.clients.client_secrets import Secret
from policy_engine.authserver.issuer import Issuer
from policy_engine.errors import ConfigError

__all__ = ["client_settings", "secret_manifest", "secret_name"]

_PART: Final = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z){_PART}(?:\.{_PART})*")
"""A DNS subdomain (RFC 1123), as names of most objects are."""

_NAMESPACE: Final = re.compile(rf"(?=.{{1,63}}\Z){_PART}")


def client_settings(document: Mapping[str, Any], issuer: str) -> dict[str, str]:
    """What a client has to be told, besides its secret or key: who it is, and where and how it asks."""
    return {
        "client_id": document["client_id"],
        "issuer": issuer,
        "token_endpoint": Issuer(issuer).endpoint("token"),
        "token_endpoint_auth_method": document["token_endpoint_auth_method"],
        "resource": " ".join(document["resources"]),
        "scope": document["scope"],
    }


def secret_name(client_id: str) -> str:
    """The name of a client's `Secret`: its id.

    Raises:
        ConfigError: Kubernetes takes no such name.
    """
    if not _NAME.fullmatch(client_id):
        raise _error(f"`{client_id}` can't be the name of a Secret", "choose one: --secret-name")
    return client_id


def secret_manifest(
    document: Mapping[str, Any],
    *,
    issuer: str,
    name: str,
    namespace: str | None = None,
    secret: Secret | None = None,
    private_jwk: Mapping[str, Any] | None = None,
) -> str:
    """Write the manifest, as YAML that every reader takes for the same.

    Args:
        document: the client.
        issuer: who it asks for tokens, and the audience of its assertions.
        name: the name of the `Secret`.
        namespace: where it is to be; None for that of whoever applies it.
        secret: its secret, if it is known; none is stored.
        private_jwk: its private key, likewise.

    Raises:
        ConfigError: Kubernetes takes no such name or namespace.
    """
    if not _NAME.fullmatch(name):
        raise _error("the name of the Secret isn't one", "use lower-case letters, digits, `-` and `.`")
    if namespace is not None and not _NAMESPACE.fullmatch(namespace):
        raise _error("the namespace isn't one", "use lower-case letters, digits and `-`, 63 at most")
    data = {
        **client_settings(document, issuer),
        "client_secret": None if secret is None else secret.reveal(),
        "private_key.jwk": None if private_jwk is None else json.dumps(private_jwk, separators=(",", ":")),
    }
    lines = ["apiVersion: v1", "kind: Secret", "metadata:"]
    lines += [f"  name: {json.dumps(name)}"]
    lines += [] if namespace is None else [f"  namespace: {json.dumps(namespace)}"]
    lines += ["  labels:", '    app.kubernetes.io/managed-by: "policy-engine"']
    lines += ["type: Opaque", "stringData:"]
    lines += [f"  {key}: {json.dumps(value)}" for key, value in data.items() if value is not None]
    return "\n".join(lines) + "\n"


def _error(problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code="kubernetes")
