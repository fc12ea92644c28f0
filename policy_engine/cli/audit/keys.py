"""`policy-engine audit key`: what the audit log is signed with."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from policy_engine.cli.console import errors_explained, print_json, visible
from policy_engine.config import new_audit_key, public_audit_key
from policy_engine.errors import ConfigError

__all__ = ["key"]

_OWNER = 0o600


def key(
    file: Annotated[Path, typer.Argument(help="The file of the private key.")],
    public: Annotated[
        bool, typer.Option("--public", help="Print the public part of a key that is there; make none.")
    ] = False,
) -> None:
    """Make a key that the audit log is signed with, and print its public part.

    The private key (a JWK, Ed25519) is written to a new file that only you can read: name it as `audit.sign`.
    Keep the public part where whoever can write the log can't: it is what `audit verify --key` takes.

    Example: policy-engine audit key audit-key.jwk > audit-key.public.jwk
    """
    with errors_explained():
        if not public:
            _write(file, json.dumps(new_audit_key(), indent=2))
        print_json(public_audit_key(file))
        if not public:
            console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
            console.print(
                visible(
                    f"{file} is private: name it as `audit: {{sign: {{file: {file}}}}}`;"
                    " keep what is printed elsewhere, and verify with it: policy-engine audit verify --key"
                ),
                style="dim",
            )


def _write(file: Path, text: str) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
    except FileExistsError:
        remedy = "a log may be signed with what it holds; name another, or ask for its public part: --public"
        raise ConfigError("the file is there already", remedy=remedy, file=file) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(f"{text}\n")
