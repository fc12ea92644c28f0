"""Which revision of the protocol a message is of: it says so itself, in `_meta` or in a header.

Revisions have methods in common but not their meaning, so their tables are never merged.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.model import HttpFacts

__all__ = ["HANDSHAKE", "STATELESS", "VERSION_KEY", "negotiate", "require_meta"]

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
_CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
_VERSION_HEADER = "mcp-protocol-version"


def negotiate(params: Mapping[str, Any], http: HttpFacts | None) -> tuple[str, str]:
    """The revision whose table holds, and the version that the message states.

    `_meta` decides; without it the header does; without both, the message is of the last revision that had
    neither in every message. `params.protocolVersion` of `initialize` is a proposal, and isn't read.

    Raises:
        MessageError: `invalid_request` (`header_mismatch`), `invalid_params` (`meta`) or
            `unsupported_version`.
    """
    header = _header(http)
    meta = params.get("_meta", {})
    if VERSION_KEY not in meta:
        version = HANDSHAKE if header is None else header
    else:
        version = meta[VERSION_KEY]
        if not isinstance(version, str):
            raise MessageError("invalid_params", "the version in `_meta` isn't a string", detail="meta")
        if header not in (None, version):
            raise MessageError("invalid_request", "header and `_meta` disagree", detail="header_mismatch")
        if version != STATELESS:  # only this revision writes its version there
            raise MessageError("unsupported_version")
    if version not in _VERSIONS:
        raise MessageError("unsupported_version")
    return _VERSIONS[version], version


def require_meta(params: Mapping[str, Any]) -> None:
    """Check that a request of the stateless revision says what each must (2026-07-28, `RequestMetaObject`).

    Raises:
        MessageError: `invalid_params` (`meta`).
    """
    meta = params.get("_meta", {})
    if VERSION_KEY not in meta or not isinstance(meta.get(_CAPABILITIES_KEY), dict):
        raise MessageError("invalid_params", "`_meta` lacks version or client capabilities", detail="meta")


def _header(http: HttpFacts | None) -> str | None:
    if http is None:
        return None
    values = {value.strip(" \t") for name, value in http.headers.items() if name.lower() == _VERSION_HEADER}
    if len(values) > 1:
        raise MessageError("invalid_request", "two version headers", detail="header_mismatch")
    return next(iter(values), None)
