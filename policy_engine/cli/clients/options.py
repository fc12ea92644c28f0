"""Options that several subcommands of `clients` share."""

import re
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

import typer

from policy_engine.errors import ConfigError

__all__ = [
    "CONFIG",
    "AlgorithmOption",
    "GenerateKeyOption",
    "GraceOption",
    "IdArgument",
    "JwksOption",
    "SecretFileOption",
    "read_grace",
]

CONFIG: Final = Path("policy-engine.yaml")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The client's id.")]
JwksOption = Annotated[
    Path | None, typer.Option("--jwks", help="A file with its public keys: a JWK Set, or one JWK.")
]
GenerateKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--generate-key", help="Make a key: the private half is written to this file, which isn't there yet."
    ),
]
AlgorithmOption = Annotated[
    str, typer.Option("--algorithm", help="What a generated key signs with: ES256, EdDSA, RS256 …")
]
SecretFileOption = Annotated[
    Path | None,
    typer.Option("--secret-file", help="Write the secret to this file, which isn't there yet, unprinted."),
]
GraceOption = Annotated[
    str,
    typer.Option("--grace", help="How long a secret stays valid that is replaced: 90s, 30m, 24h, 7d, or 0."),
]

_GRACE: Final = re.compile(r"(?P<count>[0-9]{1,7})(?P<unit>[smhd]?)")
_SECONDS: Final = MappingProxyType({"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400})
_LONGEST: Final = 90 * 86_400


def read_grace(text: str) -> int:
    """Seconds, of `90s`, `30m`, `24h` or `7d`.

    Raises:
        ConfigError: it isn't one of these, or more than 90 days.
    """
    match = _GRACE.fullmatch(text)
    seconds = None if match is None else int(match["count"]) * _SECONDS[match["unit"]]
    if seconds is None or seconds > _LONGEST:
        raise ConfigError("--grace isn't a time of at most 90 days", remedy="write 90s, 30m, 24h, 7d, or 0")
    return seconds
