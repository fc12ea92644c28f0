"""Opaque tokens: the one issuer that a rule names is asked, and its answer is bound to it (RFC 7662)."""

from policy_engine.tokens.introspection.answer import bound_claims
from policy_engine.tokens.introspection.credentials import (
    ClientCredentials,
    NoCredentials,
    PrivateKeyJwt,
    SecretBasic,
    SecretPost,
    not_asked,
)
from policy_engine.tokens.introspection.introspection import Introspection
from policy_engine.tokens.introspection.opaque import is_prefix, opaque_text

__all__ = [
    "ClientCredentials",
    "Introspection",
    "NoCredentials",
    "PrivateKeyJwt",
    "SecretBasic",
    "SecretPost",
    "bound_claims",
    "is_prefix",
    "not_asked",
    "opaque_text",
]
