"""What a client proves who it is with: keys that are given or made, or a secret that is made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy_engine.authserver import Secret, generate_secret, read_key_set
from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import SigningKey

__all__ = ["Credential", "credential_lines", "made_key", "read_credential"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A new credential: keys, or a secret.

    Attributes:
        keys: public keys.
        secret: a secret; None where there are keys.
        file: where what is to be kept secret goes; None for nowhere, or to be printed.
        text: what goes there.
    """

    keys: Sequence[Mapping[str, Any]] = ()
    secret: Secret | None = None
    file: Path | None = None
    text: str = field(default="", repr=False)

    @property
    def printed(self) -> str | None:
        """The secret, if it has to be printed."""
        return None if self.secret is None or self.file is not None else self.secret.reveal()


def read_credential(
    by_key: bool, jwks: Path | None, generate_key: Path | None, secret_file: Path | None, algorithm: str
) -> Credential:
    """Read or make the credential that options name.

    Raises:
        ConfigError: they don't go with each other, or with how the client proves who it is.
    """
    if by_key:
        if (jwks is None) == (generate_key is None):
            remedy = "give either --jwks FILE or --generate-key FILE"
            raise ConfigError("private_key_jwt takes a key", remedy=remedy, code="credential_kind")
        if secret_file is not None:
            raise ConfigError("--secret-file goes with secrets", remedy="drop it", code="credential_kind")
        if jwks is not None:
            keys = read_key_set(jwks).get("keys")
            if not isinstance(keys, list):
                raise ConfigError("the file isn't a JWK Set", remedy='write {"keys": [...]}', file=jwks)
            return Credential(keys=keys)
        key = made_key(algorithm)
        text = json.dumps(key.to_jwk()) + "\n"
        return Credential(keys=[key.public_jwk()], file=generate_key, text=text)
    if jwks is not None or generate_key is not None:
        remedy = "take --method private_key_jwt, which is safer, or drop the key"
        raise ConfigError("a key doesn't go with a secret", remedy=remedy, code="credential_kind")
    secret = generate_secret()
    return Credential(secret=secret, file=secret_file, text=f"{secret.reveal()}\n")


def made_key(algorithm: str) -> SigningKey:
    """Make a key.

    Raises:
        ConfigError: the algorithm isn't supported.
    """
    try:
        return SigningKey.generate(algorithm)
    except JoseError as error:
        remedy = "take ES256, which is the default"
        raise ConfigError(f"--algorithm: {error.note}", remedy=remedy, code="signing_algorithm") from None


def credential_lines(credential: Credential) -> list[tuple[str, str]]:
    """What has become of a new credential."""
    if credential.secret is None:
        if credential.file is None:
            return [("key", "registered")]
        return [("key", f"the private half is in {credential.file}, for its owner alone; it is nowhere else")]
    if credential.file is not None:
        return [("secret", f"in {credential.file}, for its owner alone; here only its hash is kept")]
    return [("secret", str(credential.printed)), ("", "shown this once; only its hash is kept")]
