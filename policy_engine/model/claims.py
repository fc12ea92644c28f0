"""Names and values that the authorization server writes and the mapper reads.

The two packages never import each other; what they agree on has its home here, and one round-trip test.
"""

__all__ = [
    "CLIENT_CREDENTIALS",
    "GRANT_CLAIM",
    "MACHINE_CATEGORIES",
    "MACHINE_GRANTS",
    "PROFILE_CLAIM",
    "USER_GRANTS",
]

CLIENT_CREDENTIALS = "client_credentials"
"""RFC 6749 section 4.4: the grant of a machine on its own behalf."""

GRANT_CLAIM = "gty"
"""The grant that a token of ours was issued for."""

PROFILE_CLAIM = "sub_profile"
"""What the subject of a token of ours is (OAuth entity profiles draft)."""

MACHINE_CATEGORIES = ("service", "ai_agent")
"""Values of `sub_profile` that our server writes."""

MACHINE_GRANTS = frozenset({CLIENT_CREDENTIALS, "workload"})
"""Grants that make a listed client a machine on its own behalf."""

USER_GRANTS = frozenset(
    {
        "authorization_code",
        "implicit",
        "password",
        "device_code",
        "urn:ietf:params:oauth:grant-type:device_code",
        "refresh_token",
    }
)
"""Grants whose tokens speak for a person; none of them goes with a machine grant on one client."""
