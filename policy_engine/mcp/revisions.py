"""Which revision of the protocol a message is of: it says so itself, in `_meta` or in a header.

Revisions have methods in common but not their meaning, so their tables are never merged.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.headers import HeaderValues

__all__ = ["CAPABILITIES_KEY", "HANDSHAKE", "STATELESS", "VERSION_KEY", "negotiate", "require_meta"]

HANDSHAKE = "2025-11-25"
"""Sessions that begin with `initialize`; the table of this revision covers the older ones."""

STATELESS = "2026-07-28"
"""Every request says its version and the client's capabilities in `params._meta`."""

_VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "2025-03-26": HANDSHAKE,
        "2025-06-18": HANDSHAKE,
        HANDSHAKE: HANDSHAKE,
        STATELESS: STATELESS,
    }
)
"""Versions that are supported, and the table that each uses."""

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
_LONGEST = 64
"""How much of a version that nobody knows is told back."""


def negotiate(params: Mapping[str, Any], headers: HeaderValues | None) -> tuple[str, str]:
    """The revision whose table holds, and the version that the message states.

    `_meta` decides, and over HTTP the header has to repeat it; without it the header does; without both, the
    message is of the last revision that had neither in every message. `params.protocolVersion` of
    `initialize` is a proposal, and isn't read.

    Raises:
        MessageError: `header_mismatch` (`missing`, `different`), `invalid_params` (`meta`) or
            `unsupported_version`.
    """
    stated = None if headers is None else headers.version
    meta = params.get("_meta", {})
    if VERSION_KEY not in meta:
        version = HANDSHAKE if stated is None else stated
    else:
        version = meta[VERSION_KEY]
        if not isinstance(version, str):
            raise MessageError("invalid_params", "the version in `_meta` isn't a string", detail="meta")
        if headers is not None and stated is None:
            raise MessageError("header_mismatch", "there is no `MCP-Protocol-Version`", detail="missing")
        if stated not in (None, version):
            raise MessageError("header_mismatch", "header and `_meta` disagree", detail="different")
    # Only the stateless revision writes its version into `_meta`.
    if version not in _VERSIONS or (VERSION_KEY in meta and version != STATELESS):
        # What is offered is what may be stated in the same place.
        offered = [STATELESS] if VERSION_KEY in meta else sorted(_VERSIONS, reverse=True)
        raise MessageError("unsupported_version", data=_offer(version, offered))
    return _VERSIONS[version], version


def require_meta(params: Mapping[str, Any]) -> None:
    """Check that a request of the stateless revision says what each must (2026-07-28, `RequestMetaObject`).

    Raises:
        MessageError: `invalid_params` (`meta`).
    """
    meta = params.get("_meta", {})
    if VERSION_KEY not in meta or not isinstance(meta.get(CAPABILITIES_KEY), dict):
        raise MessageError("invalid_params", "`_meta` lacks version or client capabilities", detail="meta")


def _offer(version: str, offered: list[str]) -> Mapping[str, Any]:
    """What tells the caller how to go on (2026-07-28, `UnsupportedProtocolVersionError`)."""
    return {"supported": offered, "requested": version[:_LONGEST]}
