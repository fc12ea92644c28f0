"""What clients may know of the server before they ask (RFC 8414 section 2).

Each list is the table that enforces it, so the document can't promise what the endpoint refuses. There is
one exception, by choice: MCP's client libraries don't take metadata without an `authorization_endpoint`,
though RFC 8414 lets a server without such grants leave it out.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.client_auth import ASSERTION_ALGORITHMS, METHODS
from policy_engine.authserver.issuer import Issuer
from policy_engine.model.claims import CLIENT_CREDENTIALS

__all__ = ["MetadataProfile", "metadata_document"]


class MetadataProfile(StrEnum):
    """What the metadata holds beyond the truth."""

    STRICT = "strict"
    """Nothing: as RFC 8414 has it."""
    SDK_COMPAT = "sdk_compat"
    """An `authorization_endpoint` that refuses everyone, for the client libraries of MCP."""
    CONFORMANCE = "conformance"
    """Also the response type and the PKCE method that MCP's conformance suite looks for."""


def metadata_document(issuer: Issuer, catalogue: Catalogue, profile: MetadataProfile) -> dict[str, Any]:
    """Write the metadata document.

    Args:
        issuer: the issuer.
        catalogue: what tokens can be had for.
        profile: what else to say.
    """
    return {
        "issuer": issuer.url,
        "token_endpoint": issuer.endpoint("token"),
        "jwks_uri": issuer.endpoint("jwks.json"),
        "grant_types_supported": [CLIENT_CREDENTIALS],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "scopes_supported": list(catalogue.scopes),
        "response_types_supported": [],
        "protected_resources": list(catalogue.resources),
        **_extras(issuer)[profile],
    }


def _extras(issuer: Issuer) -> Mapping[MetadataProfile, Mapping[str, Any]]:
    endpoint = {"authorization_endpoint": issuer.endpoint("authorize")}
    suite = {"response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"]}
    return MappingProxyType(
        {
            MetadataProfile.STRICT: {},
            MetadataProfile.SDK_COMPAT: endpoint,
            MetadataProfile.CONFORMANCE: {**endpoint, **suite},
        }
    )
