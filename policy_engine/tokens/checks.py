"""The checks of stage 1, in the order in which they are made; docs/reference/token-checks.md says more."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["OPAQUE_CHECKS", "TOKEN_CHECKS"]

TOKEN_CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "form": "three parts of base64url, with strict JSON in header and payload",
        "issuer": "`iss` is exactly that of a configured issuer",
        "algorithm": "the header extends nothing, and `alg` is one of the issuer's",
        "keys": "the issuer's keys are known, or can be had",
        "signature": "one of these keys made the signature",
        "type": "`typ` is one that the issuer's profile allows",
        "required_claims": "`exp` and the claims that the profile requires are there",
        "claim_types": "ids are strings, times are numbers, `aud` names somebody",
        "audience": "`aud` is one that opens this server",
        "times": "`exp` isn't over, `nbf` and `iat` have come",
    }
)
"""What each check asks, by name; the names are stable."""

OPAQUE_CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "form": "no JWS, and of the characters that tokens have",
        "issuer": "a rule names the one issuer that is asked about it",
        "introspection": "that issuer says that the token is active, and its own",
        **{name: TOKEN_CHECKS[name] for name in ("required_claims", "claim_types", "audience", "times")},
    }
)
"""The same of an opaque token that a rule is for; one without a rule fails the form of a signed one."""
