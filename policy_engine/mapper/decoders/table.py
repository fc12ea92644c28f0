"""The decoders that a profile may name under `decode:`, a row each."""

from collections.abc import Mapping
from types import MappingProxyType

from policy_engine.mapper.decoders.decoder import Decoder
from policy_engine.mapper.decoders.dex_subject import DEX_SUBJECT
from policy_engine.mapper.decoders.email_address import EMAIL_ADDRESS
from policy_engine.mapper.decoders.spiffe_id import SPIFFE_ID

__all__ = ["DECODERS"]

DECODERS: Mapping[str, Decoder] = MappingProxyType(
    {
        "dex_subject": DEX_SUBJECT,
        "email_address": EMAIL_ADDRESS,
        "spiffe_id": SPIFFE_ID,
    }
)
"""Each decoder by its name."""
