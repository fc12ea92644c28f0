"""Replace a client's secret or key while it works: the new one is valid beside the old one for a while.

A secret that is replaced has an end, its successor hasn't; of keys, the last one is the newest. These are
functions of documents; what they give is still to be checked as for registration.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from policy_engine.authserver.clients.client_secrets import MAX_SECRETS, Secret, SecretHash
from policy_engine.authserver.clients.documents import hashes_of, with_hashes
from policy_engine.errors import ConfigError

__all__ = ["cancel_rotation", "finish_rotation", "with_keys", "with_secret"]

Document = Mapping[str, Any]
Hashes = tuple[SecretHash, ...]
Keys = Sequence[Mapping[str, Any]]

_KEY_METHOD = "private_key_jwt"


def with_secret(document: Document, secret: Secret, *, now: float, grace: float) -> dict[str, Any]:
    """The client with a secret that is to last; if it is the one that lasts already, as it is.

    Args:
        document: the client.
        secret: the secret.
        now: seconds since the epoch.
        grace: seconds that the one before it goes on to be valid.

    Raises:
        ConfigError: `rotation`: two are valid already, or this one was replaced, and doesn't come back.
    """
    hashes = hashes_of(document)
    for item in hashes:
        if item.matches(secret):
            if item.expires_at is None:
                return dict(document)
            raise _error("the secret was replaced by a newer one", "give the newer one, or a new one")
    return with_hashes(document, _replaced(hashes, secret, now=now, grace=grace))


def with_keys(document: Document, keys: Keys) -> dict[str, Any]:
    """The client with further keys."""
    return _with_key_list(document, [*_keys(document), *keys])


def finish_rotation(document: Document, keep: Collection[str] = ()) -> dict[str, Any]:
    """The client with its newest secret alone, or its newest key.

    Args:
        document: the client.
        keep: `kid`s of the keys to keep, where it isn't the newest alone.

    Raises:
        ConfigError: `rotation`: none is being replaced, or it can't be told which is the old one.
    """
    if _by_key(document):
        return _with_key_list(document, _newest(_keys(document), keep))
    hashes = hashes_of(document)
    lasting = tuple(item for item in hashes if item.expires_at is None)
    if not lasting or len(lasting) == len(hashes):
        raise _error("no secret is being replaced", "there is nothing to finish")
    return with_hashes(document, lasting)


def cancel_rotation(document: Document, *, now: float) -> dict[str, Any]:
    """The client without its newest secret, or key; the one before it lasts again.

    Raises:
        ConfigError: `rotation`: there is none before it that is still valid.
    """
    if _by_key(document):
        keys = _keys(document)
        if len(keys) < _TWO:
            raise _error("no key is being replaced", "there is nothing to cancel")
        return _with_key_list(document, keys[:-1])
    old = [item for item in hashes_of(document) if item.expires_at is not None and item.valid_at(now)]
    if not old:
        raise _error("no secret is being replaced", "there is nothing to cancel")
    return with_hashes(document, (SecretHash(old[-1].sha256),))


_TWO = 2
"""The old and the new one."""


def _replaced(hashes: Hashes, secret: Secret, *, now: float, grace: float) -> Hashes:
    """A new secret, and an end for those before it."""
    valid = [item for item in hashes if item.valid_at(now)]
    if grace <= 0:
        valid = []
    if len(valid) >= MAX_SECRETS:
        raise _error(
            "two secrets are valid already",
            "end the old one first, when nobody uses it: policy-engine clients rotate ID --finish",
        )
    end = int(now + grace)
    old = [
        SecretHash(item.sha256, end if item.expires_at is None else min(end, item.expires_at))
        for item in valid
    ]
    return (*old, SecretHash.of(secret))


def _newest(keys: Keys, keep: Collection[str]) -> Keys:
    names = [str(key.get("kid")) for key in keys]
    if unknown := sorted(set(keep) - set(names)):
        raise _error(f"the client has no key `{unknown[0]}`", f"its keys: {', '.join(names)}")
    if not keep and len(keys) > _TWO:
        raise _error("the client has more than two keys", f"say which to keep: --keep, of {', '.join(names)}")
    left = [key for key, name in zip(keys, names, strict=True) if name in keep] if keep else keys[-1:]
    if len(left) == len(keys):
        raise _error("no key is being replaced", "there is nothing to finish")
    return left


def _by_key(document: Document) -> bool:
    return bool(document.get("token_endpoint_auth_method") == _KEY_METHOD)


def _keys(document: Document) -> Keys:
    keys: Keys = document.get("jwks", {}).get("keys", [])
    return keys


def _with_key_list(document: Document, keys: Keys) -> dict[str, Any]:
    return {**document, "jwks": {**document.get("jwks", {}), "keys": list(keys)}}


def _error(problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code="rotation")
