"""Secrets that were made elsewhere, such as by a secret manager."""

import re
from typing import Final

from policy_engine.authserver.clients.client_secrets import Secret
from policy_engine.errors import ConfigError

__all__ = ["given_secret"]

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43,512}")
"""The characters that form encoding leaves alone; 43 of them can hold 256 bits."""

_HEXADECIMAL: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_HEXADECIMAL_DIGITS: Final = 64

_FEWEST: Final = 10
"""Different characters: fewer are so unlikely in what chance made that a person made it."""


def given_secret(text: str) -> Secret:
    """Take a secret that can hold 256 random bits; whether it does, only its maker knows.

    Raises:
        ConfigError: it is too short, or can't have been made by chance; it isn't quoted.
    """
    long_enough = _SECRET.fullmatch(text) is not None and (
        len(text) >= _HEXADECIMAL_DIGITS or not _HEXADECIMAL.fullmatch(text)
    )
    if not long_enough or len(set(text)) < _FEWEST:
        raise ConfigError(
            "the secret isn't 256 random bits: 43 or more of A-Z a-z 0-9 _ -, or 64 hexadecimal digits",
            remedy="have one made: openssl rand -hex 32",
            code="weak_secret",
        )
    return Secret(text)
