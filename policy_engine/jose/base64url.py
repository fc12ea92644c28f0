"""Base64url without padding, one spelling for each value (RFC 7515 section 2, RFC 4648 sections 3.5 and 5).

Lenient decoders skip foreign characters and stray bits, so that many texts are one token; here one text is
one token, and a list of refused tokens can compare texts.
"""

import base64
import binascii

from policy_engine.errors import JoseError

__all__ = ["decode", "encode"]


def encode(data: bytes) -> bytes:
    """Encode without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def decode(text: bytes) -> bytes:
    """Decode the one text that `encode` writes.

    Raises:
        JoseError: `malformed_token` (`not_base64url`): padding, a foreign character, or stray bits.
    """
    try:
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        data = b""
    if encode(data) != text:
        raise JoseError("malformed_token", "a part isn't canonical base64url", detail="not_base64url")
    return data
