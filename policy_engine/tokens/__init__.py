"""Stage 1: verify a bearer token with its issuer's own keys and rules, for one server, now.

The core does no input or output; `drive` and `drive_async` run it with a fetcher. `http_fetcher` and its
`deadline` alone touch `httpx2` and the `httpcore2` beneath it.
"""

from policy_engine.tokens.checks import OPAQUE_CHECKS, TOKEN_CHECKS
from policy_engine.tokens.discovery import fetch_document, find_metadata, parse_key_set
from policy_engine.tokens.drivers import drive, drive_async
from policy_engine.tokens.examination import ReadToken, TokenExamination
from policy_engine.tokens.fetching import (
    MAX_BODY_BYTES,
    AsyncFetcher,
    Fetch,
    Fetched,
    Fetcher,
    FetchFailed,
    FetchResult,
    Steps,
    Wait,
)
from policy_engine.tokens.http_fetcher import AsyncHttpFetcher, HttpFetcher
from policy_engine.tokens.introspection import (
    ClientCredentials,
    Introspection,
    NoCredentials,
    PrivateKeyJwt,
    SecretBasic,
    SecretPost,
    is_prefix,
)
from policy_engine.tokens.issuers import Issuer
from policy_engine.tokens.key_sources import KeySource, NoKeys, StaticKeys
from policy_engine.tokens.remote_keys import RemoteKeys
from policy_engine.tokens.rules import TokenRules
from policy_engine.tokens.urls import parse_url
from policy_engine.tokens.verifier import Verifier

__all__ = [
    "MAX_BODY_BYTES",
    "OPAQUE_CHECKS",
    "TOKEN_CHECKS",
    "AsyncFetcher",
    "AsyncHttpFetcher",
    "ClientCredentials",
    "Fetch",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Fetcher",
    "HttpFetcher",
    "Introspection",
    "Issuer",
    "KeySource",
    "NoCredentials",
    "NoKeys",
    "PrivateKeyJwt",
    "ReadToken",
    "RemoteKeys",
    "SecretBasic",
    "SecretPost",
    "StaticKeys",
    "Steps",
    "TokenExamination",
    "TokenRules",
    "Verifier",
    "Wait",
    "drive",
    "drive_async",
    "fetch_document",
    "find_metadata",
    "is_prefix",
    "parse_key_set",
    "parse_url",
]
