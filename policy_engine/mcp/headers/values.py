"""The headers of MCP, by lower-case name, each there once and of visible ASCII."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.errors import MessageError
from policy_engine.model import HttpFacts

__all__ = ["HeaderValues"]

_VERSION, _METHOD, _NAME, _PARAM = "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-param-"
_COMPARED = (_VERSION, _METHOD, _NAME, _PARAM)

_PLAIN = re.compile(r"[\t\x20-\x7e]*")
"""Characters of a header's value (RFC 9110 section 5.5, as MCP narrows it)."""

_BEFORE, _AFTER = "=?base64?", "?="
"""What marks a value that is Base64 of UTF-8; in exactly this case."""


@dataclass(frozen=True, slots=True)
class HeaderValues:
    """Values of the headers that repeat something of the message, without the white space around them."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, http: HttpFacts) -> "HeaderValues":
        """Read them from a request.

        Raises:
            MessageError: `header_mismatch`; detail: `repeated` or `malformed`.
        """
        found: dict[str, str] = {}
        for name, value in http.headers.items():
            lower = name.lower()
            if not lower.replace("_", "-").startswith(_COMPARED):
                continue
            # CGI and its heirs write both as one variable: `Mcp_Name` would be a second `Mcp-Name`.
            if "_" in lower[: len(_PARAM)]:
                raise MessageError("header_mismatch", "a header is spelt with `_`", detail="malformed")
            if lower in found:
                raise MessageError("header_mismatch", "a header is there twice", detail="repeated")
            if not _PLAIN.fullmatch(value):
                raise MessageError("header_mismatch", "a header isn't visible ASCII", detail="malformed")
            found[lower] = value.strip(" \t")
        return cls(MappingProxyType(found))

    @property
    def version(self) -> str | None:
        """`MCP-Protocol-Version`."""
        return self.values.get(_VERSION)

    @property
    def method(self) -> str | None:
        """`Mcp-Method`."""
        return self.values.get(_METHOD)

    @property
    def name(self) -> str | None:
        """`Mcp-Name`, decoded.

        Raises:
            MessageError: `header_mismatch` (`malformed`).
        """
        return _decoded(self.values.get(_NAME))

    def argument(self, name: str) -> str | None:
        """`Mcp-Param-<name>`, decoded.

        Raises:
            MessageError: `header_mismatch` (`malformed`).
        """
        return _decoded(self.values.get(f"{_PARAM}{name.lower()}"))


def _decoded(value: str | None) -> str | None:
    """The value without its Base64 form, of which each value has just one."""
    if value is None or not (value.startswith(_BEFORE) and value.endswith(_AFTER)):
        return value
    encoded = value[len(_BEFORE) : -len(_AFTER)]
    try:
        plain = base64.b64decode(encoded, validate=True)
        text = plain.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise MessageError("header_mismatch", "a header isn't Base64 of UTF-8", detail="malformed") from None
    # Decoders overlook bits that the last letter has too many: the same name would have several spellings.
    if base64.b64encode(plain).decode() != encoded:
        raise MessageError("header_mismatch", "a header isn't canonical Base64", detail="malformed")
    return text
