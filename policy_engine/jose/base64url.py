"""Base64url without padding, one spelling for each value (RFC 7515 section 2, RFC 4648 sections 3.5 and 5).

Lenient decoders skip foreign characters and stray bits, so that many texts are one token; here one text is
one token, and a list of refused tokens can compare texts.
"""

import binascii
from typing import Final

from policy_engine.errors import JoseError

__all__ = ["decode", "encode"]


_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_STANDARD: Final = bytes.maketrans(b"-_+/=", b"+/***")
"""What isn't base64url becomes what isn't base64 either."""


def encode(data: bytes) -> bytes:
    """Encode without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_URL_SAFE)


def decode(text: bytes) -> bytes:
    """Decode the one text that `encode` writes.

    Raises:
        JoseError: `malformed_token` (`not_base64url`): padding, a foreign character, or stray bits.
    """
    padded = text.translate(_STANDARD) + b"=" * (-len(text) % 4)
    try:
        data = binascii.a2b_base64(padded)
    except binascii.Error:
        data = b""
    if binascii.b2a_base64(data, newline=False) != padded:
        raise JoseError("malformed_token", "a part isn't canonical base64url", detail="not_base64url")
    return data
