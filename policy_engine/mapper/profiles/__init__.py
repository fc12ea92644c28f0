"""Profiles of issuers: the shipped ones as YAML, and what reads, checks and vets those and operators' own."""

from policy_engine.mapper.profiles.examples import example_token
from policy_engine.mapper.profiles.flags import check_flags
from policy_engine.mapper.profiles.loader import load_profile, profile_names
from policy_engine.mapper.profiles.profile import ClientIdSource, Native, Profile
from policy_engine.mapper.profiles.profile_file import ProfileFile

__all__ = [
    "ClientIdSource",
    "Native",
    "Profile",
    "ProfileFile",
    "check_flags",
    "example_token",
    "load_profile",
    "profile_names",
]
