"""The checks of stage 2, in the order in which they are made; docs/reference/token-checks.md says more."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["MAPPING_CHECKS"]

MAPPING_CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "access_token": "no mark of an ID token, an event or an assertion",
        "tenant": "it is of one of the operator's tenants, where tenants share the issuer",
        "ids": "the client's id is where the profile says, and ids have the form of ids",
        "rule_claims": "claims that the profile's rules mention have their types",
        "act": "`act`, if it is there, is as this issuer writes it",
        "refusals": "no rule of the profile refuses it",
        "marks": "the issuer's own marks have values that it writes",
        "kind": "exactly one holds: the rule for machines, or the rule for people",
        "contradictions": "no other mark reads as the other kind",
        "admission": "a machine is listed for itself, and wasn't withdrawn; a person's id isn't a machine's",
        "actor": "whoever acts for a person is listed and may; nobody acts for a machine",
        "configured_claims": "configured claims hold names, and none was left out",
        "token_facts": "what policies read of the token has its types",
    }
)
"""What each check asks, by name; the names are stable."""
