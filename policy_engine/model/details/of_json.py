"""Details of JSON that has more than one meaning, or none (RFC 7493); tokens and messages are read alike."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.model.details.detail import Detail

__all__ = ["JSON_DETAILS"]

JSON_DETAILS: Final[Mapping[str, Detail]] = MappingProxyType(
    {
        "not_utf8": Detail("it isn't UTF-8", "the byte FF in a name"),
        "not_json": Detail("it isn't JSON", '`{"id": 1,}`'),
        "duplicate_member": Detail("an object has one member twice", '`{"sub": "alice", "sub": "bob"}`'),
        "not_finite": Detail("a number is NaN or infinite", '`{"amount": 1e999}`'),
        "inexact_number": Detail(
            "a double can't hold a number exactly as it is written", '`{"amount": 0.30000000000000000001}`'
        ),
        "lone_surrogate": Detail("a string has half of a character", '`{"name": "\\ud83d"}`'),
        "too_deep": Detail("it has more than 64 levels", "`[[[[…]]]]`, sixty-five deep"),
    }
)
