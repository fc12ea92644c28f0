"""SPIFFE IDs of workloads (SPIFFE-ID specification, section 2): `spiffe://<trust domain>/<path>`.

Nothing is normalised: a path with `..` in it would fit a policy's prefix and name another workload.
"""

import re

from policy_engine.mapper.decoders.decoder import Decoder, Fields

__all__ = ["SPIFFE_ID"]

_MAX_BYTES = 2048
_ID = re.compile(r"spiffe://(?P<trust_domain>[a-z0-9._-]{1,255})(?P<path>(?:/[A-Za-z0-9._-]+)+)")


def _decode(text: str) -> Fields | None:
    found = _ID.fullmatch(text) if len(text) <= _MAX_BYTES else None
    if found is None or not {".", ".."}.isdisjoint(found["path"].split("/")):
        return None
    return found.groupdict()


def _encode(fields: Fields) -> str:
    text = f"spiffe://{fields.get('trust_domain', '')}{fields.get('path', '')}"
    if _decode(text) != dict(fields):
        raise ValueError("a SPIFFE ID has a `trust_domain` in small letters, and a `path` after it")
    return text


SPIFFE_ID = Decoder(fields=("trust_domain", "path"), decode=_decode, encode=_encode)
"""The trust domain, and the path with its first slash; an id without a path is the trust domain's own."""
