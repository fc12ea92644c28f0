"""Which bearer tokens are opaque: what could be a token, and isn't a compact JWS."""

import re
from typing import Final

__all__ = ["MAX_OPAQUE_CHARS", "is_prefix", "opaque_text"]

MAX_OPAQUE_CHARS: Final = 4096
"""Real ones have a few dozen."""

_B64TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750 section 2.1."""

_JWS_DOTS: Final = 2


def opaque_text(token: object) -> str | None:
    """An opaque token as text; None for a JWS, and for what no issuer would have given out.

    Three parts are a JWS, however badly written: a token that is to be verified here is sent to nobody.
    """
    if not isinstance(token, str | bytes) or len(token) > MAX_OPAQUE_CHARS or not token.isascii():
        return None
    text = token.decode("ascii") if isinstance(token, bytes) else token
    if text.count(".") == _JWS_DOTS or _B64TOKEN.fullmatch(text) is None:
        return None
    return text


def is_prefix(text: str) -> bool:
    """Whether an opaque token may begin with this."""
    return len(text) <= MAX_OPAQUE_CHARS and _B64TOKEN.fullmatch(text) is not None and not text.endswith("=")
