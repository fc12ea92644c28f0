"""Stage 1: verify a bearer token with its issuer's own keys and rules, for one server, now.

The core does no input or output; `drive` and `drive_async` run it with a fetcher. The only package that
touches `httpx2`.
"""

from policy_engine.tokens.drivers import drive, drive_async
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
from policy_engine.tokens.key_sources import KeySource, StaticKeys
from policy_engine.tokens.remote_keys import RemoteKeys
from policy_engine.tokens.rules import TokenRules
from policy_engine.tokens.verifier import Verifier

__all__ = [
    "MAX_BODY_BYTES",
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
    "RemoteKeys",
    "StaticKeys",
    "Steps",
    "TokenRules",
    "Verifier",
    "drive",
    "drive_async",
]
