"""Stage 1: verify a bearer token with its issuer's own keys and rules, for one server, now.

The core does no input or output; `drive` and `drive_async` run it with a fetcher. `http_fetcher` and its
`deadline` alone touch `httpx2` and the `httpcore2` beneath it.
"""

from policy_engine.tokens.checks import TOKEN_CHECKS
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
)
from policy_engine.tokens.http_fetcher import AsyncHttpFetcher, HttpFetcher
from policy_engine.tokens.issuers import Issuer
from policy_engine.tokens.key_sources import KeySource, NoKeys, StaticKeys
from policy_engine.tokens.remote_keys import RemoteKeys
from policy_engine.tokens.rules import TokenRules
from policy_engine.tokens.urls import parse_url
from policy_engine.tokens.verifier import Verifier

__all__ = [
    "MAX_BODY_BYTES",
    "TOKEN_CHECKS",
    "AsyncFetcher",
    "AsyncHttpFetcher",
    "Fetch",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Fetcher",
    "HttpFetcher",
    "Issuer",
    "KeySource",
    "NoKeys",
    "ReadToken",
    "RemoteKeys",
    "StaticKeys",
    "Steps",
    "TokenExamination",
    "TokenRules",
    "Verifier",
    "drive",
    "drive_async",
    "parse_url",
]
