"""A name for an issuer, guessed from where it is; `--name` says it better."""

import re
from collections.abc import Container
from typing import Final

__all__ = ["issuer_name"]

_LONGEST: Final = 63
_UNKNOWN: Final = "issuer"

_GENERIC: Final = re.compile(
    r"(www|login|signin|auth|authn|oauth2?|oidc|openid|sso|idp?|iam|identity|accounts?|sts|as|tokens?|api"
    r"|com?|org|net|gov|edu|[0-9]+)"
)
"""Labels of hosts that don't say whose they are."""


def issuer_name(issuer: str, taken: Container[str]) -> str:
    """`https://acme.eu.auth0.com/` → `acme`; with a number behind it where that is taken."""
    _, scheme, rest = issuer.rpartition("://")
    host = re.split(r"[/?#]", rest.rpartition("@")[2])[0]
    labels = re.sub(r":[0-9]*$", "", host).split(".")
    labels = labels[:-1] if scheme and len(labels) > 1 else labels
    names = [_slug(label) for label in labels if not _GENERIC.fullmatch(label.lower())]
    name = next(filter(None, names), _UNKNOWN)
    number = 2
    candidate = name
    while candidate in taken:
        candidate = f"{name[: _LONGEST - len(str(number)) - 1]}-{number}"
        number += 1
    return candidate


def _slug(text: str) -> str:
    """Lower-case letters, digits, `_` and `-`, a letter first."""
    name = re.sub(r"[^a-z0-9_]+", "-", text.lower()).lstrip("0123456789-_")
    return name[:_LONGEST].rstrip("-")
