"""Keys that sign the audit log, and verify it: private and public JWKs (RFC 7517), and their compact JWSs."""

import base64
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from stat import S_IRWXG, S_IRWXO
from typing import Any, Final

from policy_engine.config.loader import LoadedConfig
from policy_engine.config.models.audit import AuditKeyConfig
from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import ALGORITHMS, SECRET_MEMBERS, KeySet, SigningKey, sign, verify

__all__ = [
    "AuditSigner",
    "AuditVerifier",
    "audit_signer",
    "audit_verifier",
    "configured_verifier",
    "mark_key",
    "new_audit_key",
    "public_audit_key",
]

_TYP: Final = "policy-engine-audit+jws"
_REMEDY: Final = "make one: policy-engine audit key FILE"
_MARK_REMEDY: Final = "make one: policy-engine keys encryption-key"
_MARK_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}=?")


class AuditSigner:
    """Signs checkpoints with a private key."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def sign(self, payload: bytes) -> str:
        """A compact JWS; its `typ` says what for, so that it is taken for nothing else (RFC 8725, 3.11)."""
        return sign(payload, self._key, typ=_TYP)


class AuditVerifier:
    """Verifies checkpoints with public keys."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    def verify(self, signature: str) -> bytes:
        """What is signed.

        Raises:
            JoseError: no key made the signature, or it is of something else.
        """
        verified = verify(signature, self._keys, ALGORITHMS)
        if verified.header.get("typ") != _TYP:
            raise JoseError("malformed_token", "it signs no audit log", detail="header_form")
        return verified.payload


def audit_signer(loaded: LoadedConfig) -> AuditSigner | None:
    """What the configuration has the file signed with, if anything.

    Raises:
        ConfigError: there is no key, others can read it, or it isn't one.
    """
    key = _signing_key(loaded)
    return None if key is None else AuditSigner(key)


def configured_verifier(loaded: LoadedConfig) -> AuditVerifier | None:
    """With the public half of what the configuration has the file signed with; raises the same."""
    key = _signing_key(loaded)
    return None if key is None else AuditVerifier(KeySet.from_jwk(key.public_jwk()))


def audit_verifier(file: Path) -> AuditVerifier:
    """With the public keys of a file: a JWK, or a JWK Set where the key was replaced.

    Raises:
        ConfigError: it holds no public key, or a private one.
    """
    value = _json_object(file, _read(file))
    members = value["keys"] if isinstance(value.get("keys"), list) else [value]
    if any(isinstance(member, Mapping) and not SECRET_MEMBERS.isdisjoint(member) for member in members):
        remedy = "whoever verifies needs the public one alone: policy-engine audit key --public FILE"
        raise ConfigError("this is the private key", remedy=remedy, file=file)
    try:
        keys = KeySet.from_jwks({"keys": members})
    except JoseError as error:
        raise ConfigError(f"no public JWK: {error.note}", remedy=_REMEDY, file=file) from error
    if not keys.keys:
        raise ConfigError("no public JWK that can be used", remedy=_REMEDY, file=file)
    return AuditVerifier(keys)


def new_audit_key() -> dict[str, Any]:
    """A new private JWK: Ed25519 (RFC 8037)."""
    return SigningKey.generate("EdDSA").to_jwk()


def public_audit_key(file: Path) -> dict[str, Any]:
    """The public half of the private JWK in a file.

    Raises:
        ConfigError: it holds none.
    """
    return _private(_read(file), file).public_jwk()


def mark_key(loaded: LoadedConfig) -> bytes | None:
    """What marks are made with, if the configuration says it.

    Raises:
        ConfigError: there is no key, others can read it, or it isn't one.
    """
    written = loaded.config.audit.redact_key
    if written is None:
        return None
    text = _kept(loaded, "redact_key", written, _MARK_REMEDY).strip()
    if not _MARK_KEY.fullmatch(text):
        place = ("audit", "redact_key")
        raise loaded.document.error(place, "the key isn't 32 bytes in base64url", _MARK_REMEDY)
    return base64.urlsafe_b64decode(f"{text[:43]}=")


def _signing_key(loaded: LoadedConfig) -> SigningKey | None:
    written = loaded.config.audit.sign
    if written is None:
        return None
    text = _kept(loaded, "sign", written, _REMEDY)
    return _private(text, f"${written.env}" if written.file is None else loaded.path(written.file))


def _kept(loaded: LoadedConfig, name: str, written: AuditKeyConfig, remedy: str) -> str:
    if written.file is not None:
        return _read(loaded.path(written.file), remedy, private=True)
    text = os.environ.get(written.env or "")
    if not text:
        problem = f"the environment variable `{written.env}` isn't set"
        raise loaded.document.error(("audit", name, "env"), problem, remedy)
    return text


def _read(path: Path, remedy: str = _REMEDY, *, private: bool = False) -> str:
    try:
        with path.open(encoding="utf-8") as stream:
            if private and os.fstat(stream.fileno()).st_mode & (S_IRWXG | S_IRWXO):
                raise ConfigError("others may read the file", remedy="chmod 600", file=path)
            return stream.read()
    except UnicodeDecodeError:
        raise ConfigError("the file holds no key", remedy=remedy, file=path) from None
    except OSError as error:
        raise ConfigError(f"can't read the key: {error.strerror}", remedy=remedy, file=path) from None


def _private(text: str, where: Path | str) -> SigningKey:
    try:
        return SigningKey.from_jwk(_json_object(where, text))
    except JoseError as error:
        raise ConfigError(f"no private JWK: {error.note}", remedy=_REMEDY, file=where) from None


def _json_object(where: Path | str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ConfigError("this is no JWK", remedy=_REMEDY, file=where)
    return value
