"""Stage 2: from a verified token to a `User` or a `Client`, by evidence that only the issuer controls.

Each issuer has a *profile*: data in `profiles/*.yaml`, with rules in the language of `mapper.language`.
Exactly one of a profile's two rules must hold; a token for which neither or both hold is refused, and so is
one with anything in it that doesn't fit.
"""

from policy_engine.mapper.checks import MAPPING_CHECKS
from policy_engine.mapper.examination import Examination, TokenContent
from policy_engine.mapper.issuer import IssuerMapping, check_prefix, check_sources
from policy_engine.mapper.language import ClaimPath, Clause, Root
from policy_engine.mapper.mapper import Mapper
from policy_engine.mapper.markers import Kind
from policy_engine.mapper.profiles import Profile, ProfileFile, example_token, load_profile, profile_names
from policy_engine.mapper.registry import (
    EXCHANGE_GRANTS,
    KnownClient,
    LiveRegistry,
    Registry,
    check_clients,
)
from policy_engine.mapper.rehearsal import rehearse, rehearsed_profile
from policy_engine.mapper.sources import AttributeSource, ClaimSources, Sources

__all__ = [
    "EXCHANGE_GRANTS",
    "MAPPING_CHECKS",
    "AttributeSource",
    "ClaimPath",
    "ClaimSources",
    "Clause",
    "Examination",
    "IssuerMapping",
    "Kind",
    "KnownClient",
    "LiveRegistry",
    "Mapper",
    "Profile",
    "ProfileFile",
    "Registry",
    "Root",
    "Sources",
    "TokenContent",
    "check_clients",
    "check_prefix",
    "check_sources",
    "example_token",
    "load_profile",
    "profile_names",
    "rehearse",
    "rehearsed_profile",
]
