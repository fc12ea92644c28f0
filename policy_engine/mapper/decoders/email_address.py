"""Email addresses, for issuers whose machines are known by a domain that nobody else can have.

Only what can't be misread is taken: one `@`, and a host name behind it. Quoted local parts, comments, address
literals and internationalised domains (RFC 5322 section 3.4.1, RFC 6531) are legal and aren't addresses here.
"""

import re

from policy_engine.mapper.decoders.decoder import Decoder, Fields

__all__ = ["EMAIL_ADDRESS"]

# RFC 5321 section 4.5.3.1.1 and RFC 1035 section 2.3.4: also what bounds the search.
_LOCAL = re.compile(r"[!-?A-~]{1,64}")
_MAX_DOMAIN = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def _decode(text: str) -> Fields | None:
    local, at, domain = text.partition("@")
    if not at or len(domain) > _MAX_DOMAIN or not domain.isascii():
        return None
    domain = domain.lower()
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return None
    return {"local": local, "domain": domain}


def _encode(fields: Fields) -> str:
    text = f"{fields.get('local', '')}@{fields.get('domain', '')}"
    if _decode(text) != dict(fields):
        raise ValueError("an address has a `local` part, and a `domain` in small letters")
    return text


EMAIL_ADDRESS = Decoder(fields=("local", "domain"), decode=_decode, encode=_encode)
"""What stands before the `@`, as written, and the domain in small letters."""
