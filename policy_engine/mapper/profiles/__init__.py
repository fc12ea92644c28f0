"""Profiles of issuers: the shipped ones as YAML, and what reads, checks and vets those and operators' own."""

from policy_engine.mapper.profiles.examples import (
    SAMPLE_APP,
    SAMPLE_AUDIENCE,
    SAMPLE_LIFETIME,
    SAMPLE_NOW,
    example_flags,
    example_token,
    fill,
    sample_values,
)
from policy_engine.mapper.profiles.flags import check_flags
from policy_engine.mapper.profiles.loader import load_profile, profile_names
from policy_engine.mapper.profiles.profile import ClientIdSource, Decoding, Example, IdSource, Native, Profile
from policy_engine.mapper.profiles.profile_file import ProfileFile

__all__ = [
    "SAMPLE_APP",
    "SAMPLE_AUDIENCE",
    "SAMPLE_LIFETIME",
    "SAMPLE_NOW",
    "ClientIdSource",
    "Decoding",
    "Example",
    "IdSource",
    "Native",
    "Profile",
    "ProfileFile",
    "check_flags",
    "example_flags",
    "example_token",
    "fill",
    "load_profile",
    "profile_names",
    "sample_values",
]
