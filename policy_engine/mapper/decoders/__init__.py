"""Claims that hold several fields in one string, taken apart by functions since no pattern can."""

from policy_engine.mapper.decoders.decoder import Decoder
from policy_engine.mapper.decoders.table import DECODERS

__all__ = ["DECODERS", "Decoder"]
