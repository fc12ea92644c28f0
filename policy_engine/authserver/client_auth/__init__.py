"""How a client proves who it is: one method a file, a table of them, and the one who asks."""

from policy_engine.authserver.client_auth.authenticator import Authenticated, Authenticator, Claimed
from policy_engine.authserver.client_auth.method import Credentials, Method, Proof, Terms
from policy_engine.authserver.client_auth.methods import METHODS
from policy_engine.authserver.client_auth.private_key_jwt import ASSERTION_ALGORITHMS, ASSERTION_TYPE
from policy_engine.authserver.client_auth.replay import (
    SHARE,
    AssertionUse,
    MemoryReplayStore,
    ReplayStore,
    share_of,
)

__all__ = [
    "ASSERTION_ALGORITHMS",
    "ASSERTION_TYPE",
    "METHODS",
    "SHARE",
    "AssertionUse",
    "Authenticated",
    "Authenticator",
    "Claimed",
    "Credentials",
    "MemoryReplayStore",
    "Method",
    "Proof",
    "ReplayStore",
    "Terms",
    "share_of",
]
