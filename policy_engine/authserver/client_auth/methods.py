"""The methods of client authentication, one row each; the metadata lists these rows and no others."""

from collections.abc import Mapping
from types import MappingProxyType

from policy_engine.authserver.client_auth.client_secret import CLIENT_SECRET_BASIC, CLIENT_SECRET_POST
from policy_engine.authserver.client_auth.method import Method
from policy_engine.authserver.client_auth.private_key_jwt import PRIVATE_KEY_JWT

__all__ = ["METHODS"]

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "private_key_jwt": PRIVATE_KEY_JWT,
        "client_secret_basic": CLIENT_SECRET_BASIC,
        "client_secret_post": CLIENT_SECRET_POST,
    }
)
"""By the name that RFC 7591 section 2 and OpenID Connect give them."""
