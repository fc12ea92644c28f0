"""`policy-engine.yaml`: checked values, and what they mean to each stage."""

from policy_engine.config.audiences import Audiences
from policy_engine.config.issuers import (
    development_key,
    issuer_mappings,
    issuer_profile,
    verified_issuers,
)
from policy_engine.config.json_schema import config_json_schema
from policy_engine.config.loader import LoadedConfig, config_from_values, load_config
from policy_engine.config.report import Report, examine
from policy_engine.config.servers import protected_servers
from policy_engine.config.stages import Stages, assemble

__all__ = [
    "Audiences",
    "LoadedConfig",
    "Report",
    "Stages",
    "assemble",
    "config_from_values",
    "config_json_schema",
    "development_key",
    "examine",
    "issuer_mappings",
    "issuer_profile",
    "load_config",
    "protected_servers",
    "verified_issuers",
]
