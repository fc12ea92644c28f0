"""Open what the section `authserver` names: the store, and what seals the signing keys in it."""

import base64
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from stat import S_IRWXG, S_IRWXO
from typing import TYPE_CHECKING, Final

from policy_engine.config.authserver import AuthServerConfig, EncryptionKeyConfig
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.models import KeptConfig
from policy_engine.errors import ConfigError
from policy_engine.jose import Sealer, new_sealing_key

if TYPE_CHECKING:
    from policy_engine.storage import Store

__all__ = ["authserver_of", "open_written", "sealer_of", "sealing_keys", "store_of", "store_url"]

_KEY_BYTES: Final = 32
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_REMEDY: Final = "write one there: policy-engine keys encryption-key"


def authserver_of(loaded: LoadedConfig) -> AuthServerConfig:
    """The section `authserver`.

    Raises:
        ConfigError: there is none.
    """
    if loaded.config.authserver is None:
        raise ConfigError(
            "the configuration has no `authserver`",
            remedy="add it: docs/how-to/run-the-authorization-server.md",
            file=loaded.document.file,
        )
    return loaded.config.authserver


def store_of(loaded: LoadedConfig, *, create: bool = True) -> "Store":
    """Open the store of the authorization server.

    Args:
        loaded: the configuration.
        create: whether to make it, or to bring it up to date, where that is needed.

    Raises:
        ConfigError: the configuration names none, it can't be used, or an extra isn't installed.
        StorageError: it can't be reached.
    """
    return open_written(loaded, ("authserver", "store"), authserver_of(loaded).store, create=create)


def open_written(
    loaded: LoadedConfig, place: tuple[str, ...], written: str, *, create: bool = False
) -> "Store":
    """Open the store that is named at a place of the configuration; raises what `store_of` does."""
    url = store_url(loaded, written)
    try:
        from policy_engine.storage import open_store  # noqa: PLC0415 -- of an extra

        return open_store(url, create=create)
    except ModuleNotFoundError as error:
        extra = "postgres" if str(error.name).startswith("psycopg") else "server"
        raise ConfigError(
            f"`{str(error.name).partition('.')[0]}` isn't installed, which the store needs",
            remedy=f"pip install 'policy-engine[{extra}]'",
            code="extra",
        ) from None
    except ConfigError as error:
        if error.file is not None:
            raise
        raise loaded.document.error(place, error.problem, error.remedy) from None


def store_url(loaded: LoadedConfig, written: str) -> str:
    """The URL of a store as a configuration has it: a path starts from the folder of the file."""
    scheme, separator, rest = written.partition("://")
    if separator and scheme != "sqlite":
        return written
    path = rest.removeprefix("/") if separator else written
    return f"sqlite:///{loaded.path(Path(path))}"


def sealer_of(loaded: LoadedConfig) -> Sealer:
    """What seals signing keys.

    With `development: true` a file that isn't there is made.

    Raises:
        ConfigError: there is no key, others can read it, or it isn't one.
    """
    return Sealer(
        sealing_keys(loaded, ("authserver", "key_encryption"), authserver_of(loaded).key_encryption)
    )


def sealing_keys(
    loaded: LoadedConfig, place: tuple[str, ...], written: EncryptionKeyConfig | KeptConfig
) -> list[bytes]:
    """Keys that a place of the configuration names, each of 32 bytes; the first seals. Raises the same."""
    if written.file is None:
        text = os.environ.get(written.env or "")
        if not text:
            problem = f"the environment variable `{written.env}` isn't set"
            raise loaded.document.error((*place, "env"), problem, _REMEDY)
    else:
        text = _from_file(loaded, written.file)
    words = text.replace(",", " ").split()
    if not words or not all(map(_KEY.fullmatch, words)):
        problem = f"the encryption key isn't {_KEY_BYTES} bytes in base64url"
        raise loaded.document.error((*place, "file" if written.env is None else "env"), problem, _REMEDY)
    return [base64.urlsafe_b64decode(f"{word}=") for word in words]


def _from_file(loaded: LoadedConfig, file: Path) -> str:
    path = loaded.path(file)
    if loaded.config.development:
        _make(path)
    try:
        with path.open(encoding="ascii") as stream:
            if os.fstat(stream.fileno()).st_mode & (S_IRWXG | S_IRWXO):
                raise ConfigError("others may read the file", remedy="chmod 600", file=path)
            return stream.read()
    except UnicodeDecodeError:
        raise ConfigError("the file holds no encryption key", remedy=_REMEDY, file=path) from None
    except OSError as error:
        problem = f"can't read the encryption key: {error.strerror}"
        raise ConfigError(problem, remedy=_REMEDY, file=path) from None


def _make(path: Path) -> None:
    """Make a key where there is none yet: written elsewhere first, so that nobody reads half of it."""
    if path.exists():
        return
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    with suppress(OSError):  # whoever reads it says why
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(f"{new_sealing_key()}\n".encode())
            with suppress(FileExistsError):
                os.link(beside, path)  # somebody else's stays
        finally:
            beside.unlink(missing_ok=True)
