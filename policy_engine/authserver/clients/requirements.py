"""What a client must be to be registered, one function a requirement.

Each says what is wrong and how to mend it, since an operator reads it. `RegisteredClient` applies them, so
a client that breaks one can't exist, whichever way it was made.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from policy_engine.authserver.clients.client_secrets import MAX_SECRETS, SecretHash
from policy_engine.errors import ConfigError
from policy_engine.jose import ALGORITHMS, KeySet
from policy_engine.model.claims import CLIENT_CREDENTIALS, MACHINE_CATEGORIES

__all__ = ["AUTH_METHODS", "MAX_TTL", "is_client_id"]

AUTH_METHODS: Final = ("private_key_jwt", "client_secret_basic", "client_secret_post")
"""How a client may prove who it is; `none` isn't among them (OAuth 2.1 section 4.2)."""

MAX_TTL: Final = 3600
"""Seconds; what was issued can't be called back."""

_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}")

_KEY_METHOD: Final = "private_key_jwt"


def is_client_id(text: object) -> bool:
    """Whether a text can be a client's id: 1 to 128 of `[A-Za-z0-9._~-]`.

    These characters stay the same under form and URL encoding, and need no escape in a Cedar policy.
    """
    return isinstance(text, str) and _CLIENT_ID.fullmatch(text) is not None


def require_client_id(client_id: object) -> None:
    """The id is one that every encoding leaves alone."""
    if not is_client_id(client_id):
        raise _error(
            "client_id",
            "a client_id isn't 1 to 128 of A-Z a-z 0-9 . _ ~ -",
            "choose such an id, and never reuse one",
        )


def require_category(category: str) -> None:
    """The client says what kind of machine it is."""
    if category not in MACHINE_CATEGORIES:
        raise _error("client_category", f"`category` is none of {_names(MACHINE_CATEGORIES)}", "choose one")


def require_method(method: str) -> None:
    """The client can prove who it is."""
    if method == "none":
        raise _error(
            "public_client",
            "`token_endpoint_auth_method` is `none`: a public client can't use client_credentials",
            f"choose one of {_names(AUTH_METHODS)}",
        )
    if method not in AUTH_METHODS:
        raise _error(
            "auth_method",
            "`token_endpoint_auth_method` isn't supported",
            f"choose one of {_names(AUTH_METHODS)}",
        )


def require_grants(grants: Sequence[str]) -> None:
    """The client is a machine on its own behalf, and nothing else.

    A client that also got users' tokens could be taken for one of them.
    """
    only = f'write grant_types: ["{CLIENT_CREDENTIALS}"]'
    if not grants:
        raise _error("no_grant", "`grant_types` is missing, which RFC 7591 reads as authorization_code", only)
    if CLIENT_CREDENTIALS not in grants:
        raise _error(
            "other_grant", f"`grant_types` isn't {CLIENT_CREDENTIALS}, the one grant of this server", only
        )
    if list(grants) != [CLIENT_CREDENTIALS]:
        raise _error(
            "mixed_grants",
            f"`grant_types` mixes {CLIENT_CREDENTIALS} with others: a machine that acts for people too",
            f"{only}, and register another client at the server that signs people in",
        )


def require_credentials(method: str, jwks: Mapping[str, Any] | None, hashes: Sequence[SecretHash]) -> None:
    """The client has what its method needs, and nothing that another would need."""
    by_key = method == _KEY_METHOD
    if by_key and (hashes or jwks is None):
        raise _error(
            "credential_kind", f"{method} takes `jwks` and no secret", "give the client's public keys"
        )
    if not by_key and (jwks is not None or not hashes):
        raise _error(
            "credential_kind", f"{method} takes `secret_hashes` and no keys", "make the client a secret"
        )
    if len(hashes) > MAX_SECRETS:
        raise _error("client_secrets", f"more than {MAX_SECRETS} secrets", "drop the oldest")


def require_algorithm(algorithm: str | None, keys: KeySet) -> None:
    """The signature algorithm, where one is prescribed, is safe and goes with one of the client's keys."""
    if algorithm is None:
        return
    if algorithm not in ALGORITHMS:
        raise _error(
            "signing_algorithm",
            "`token_endpoint_auth_signing_alg` isn't an accepted asymmetric algorithm",
            f"choose one of {_names(ALGORITHMS)}",
        )
    if not any(algorithm in key.algorithms for key in keys.keys):
        raise _error(
            "signing_algorithm", "no key in `jwks` goes with `token_endpoint_auth_signing_alg`", "add one"
        )


def require_access(
    resources: Collection[str],
    scopes: Collection[str],
    default_scopes: frozenset[str],
    *,
    default_resource: bool,
) -> None:
    """What the client may ask for is written out."""
    if not resources:
        raise _error("empty_resources", "`resources` is empty", "name the resources that the client may call")
    if not scopes:
        raise _error("empty_scope", "`scope` is empty", "name the scopes that the client may have")
    if not default_scopes <= frozenset(scopes):
        raise _error(
            "default_scope", "`default_scope` holds what `scope` doesn't", "add it to `scope`, or drop it"
        )
    if default_resource and len(resources) != 1:
        raise _error(
            "default_resource", "`default_resource` needs exactly one resource", "drop it, or the others"
        )


def require_ttl(seconds: int) -> None:
    """Tokens end soon."""
    if type(seconds) is not int or not 0 < seconds <= MAX_TTL:
        raise _error(
            "access_token_ttl", f"`access_token_ttl` isn't 1 to {MAX_TTL} seconds", "300 is the default"
        )


def require_tags(groups: Collection[str], attributes: Mapping[str, Collection[str]]) -> None:
    """Groups and attributes have names."""
    if not all(groups) or not all(attributes):
        raise _error("client_attributes", "a group or an attribute has an empty name", "name it, or drop it")


def _names(names: Collection[str]) -> str:
    return ", ".join(names)


def _error(code: str, problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code=code)
