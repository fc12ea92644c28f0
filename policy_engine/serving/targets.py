"""The target of a request as it was sent, before any framework has had its own view of it."""

import re
from typing import Final

__all__ = ["authority", "origin_form"]

_AUTHORITY: Final = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)


def origin_form(target: bytes) -> bytes:
    """The path of a target, which may come with a scheme and a host before it (RFC 9112 section 3.2.2)."""
    found = _AUTHORITY.match(target)
    return target if found is None else target[found.end() :] or b"/"


def authority(target: bytes) -> bytes | None:
    """The host that a target names; None if it is a path alone."""
    found = _AUTHORITY.match(target)
    return None if found is None else found[1]
