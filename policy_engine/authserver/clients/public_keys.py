"""The public keys that a client registers (RFC 7591 section 2, `jwks`).

An issuer's key set is read leniently, since others write it; this one the operator wrote, so a key that
can't be used, or shows its private half, is a mistake that is named.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import SECRET_MEMBERS, KeySet, VerificationKey
from policy_engine.model.strict_json import parse

__all__ = ["MAX_CLIENT_KEYS", "client_keys", "read_key_set"]

MAX_CLIENT_KEYS: Final = 5
"""More than one only while a key is replaced; every refused assertion costs as many signature checks."""


def client_keys(jwks: object) -> KeySet:
    """Read a client's key set.

    Args:
        jwks: `{"keys": [...]}`, as JSON gives it.

    Raises:
        ConfigError: it isn't a set of one to five public signature keys with different `kid`s.
    """
    members = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(members, list) or not 0 < len(members) <= MAX_CLIENT_KEYS:
        raise _error(f"`jwks` isn't a set of 1 to {MAX_CLIENT_KEYS} keys", 'write {"keys": [...]}')
    keys = tuple(_key(position, member) for position, member in enumerate(members))
    kids = [key.kid for key in keys if key.kid is not None]
    if len(set(kids)) != len(kids):
        raise _error("two keys in `jwks` share a `kid`", "give each its own")
    return KeySet(keys)


def read_key_set(file: Path) -> dict[str, Any]:
    """Read public keys from a file: a JWK Set, or one JWK, which becomes a set.

    Raises:
        ConfigError: it can't be read, or isn't JSON; it is never quoted.
    """
    try:
        data = parse(file.read_bytes())
    except OSError as error:
        raise _file_error(f"can't read the file: {error.strerror}", file) from None
    except ValueError:
        raise _file_error("the file isn't JSON", file) from None
    if not isinstance(data, dict):
        raise _file_error("the file holds neither a JWK Set nor a JWK", file)
    return {"keys": [data]} if "kty" in data else data


def _file_error(problem: str, file: Path) -> ConfigError:
    return ConfigError(problem, remedy="name a file with a JWK Set", file=file, code="client_keys")


def _key(position: int, member: Any) -> VerificationKey:  # noqa: ANN401 -- whatever the operator wrote
    if not isinstance(member, dict):
        raise _error(f"key {position} in `jwks` isn't an object", "write a JWK")
    if not SECRET_MEMBERS.isdisjoint(member):
        raise _error(
            f"key {position} in `jwks` holds private members",
            "register the public half; treat this key as disclosed and make a new one",
        )
    try:
        return VerificationKey.from_jwk(member)
    except JoseError as error:
        raise _error(
            f"key {position} in `jwks` can't be used: {error.note}", "use EC, RSA or Ed25519"
        ) from None


def _error(problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code="client_keys")
