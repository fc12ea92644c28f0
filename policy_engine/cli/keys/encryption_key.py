"""`policy-engine keys encryption-key`: what signing keys are sealed with."""

import os
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.console import errors_explained
from policy_engine.errors import ConfigError
from policy_engine.jose import new_sealing_key

__all__ = ["encryption_key"]

_OWNER = 0o600


def encryption_key(
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Write it to a new file that only you can read; print nothing."),
    ] = None,
) -> None:
    """Make an encryption key for `authserver.key_encryption`: 32 random bytes, in base64url.

    Whoever has it and the store can sign tokens, so keep it elsewhere than the store. Without it the signing
    keys are lost; then new ones have to be made.

    Example: policy-engine keys encryption-key --file authserver.key
    """
    with errors_explained():
        key = new_sealing_key()
        if file is None:
            typer.echo(key)
        else:
            _write(file, key)


def _write(file: Path, key: str) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
    except FileExistsError:
        remedy = "keys may be sealed with what it holds; name another"
        raise ConfigError("the file is there already", remedy=remedy, file=file) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(f"{key}\n")
