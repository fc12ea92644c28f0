"""`policy-engine.yaml`: checked values, and what they mean to each stage."""

from policy_engine.config.attributes import check_listed, declared_attributes, listed_attributes
from policy_engine.config.audiences import Audiences
from policy_engine.config.authserver import AuthServerConfig
from policy_engine.config.gateway import served_hosts, served_path
from policy_engine.config.issuers import (
    development_key,
    issuer_mappings,
    issuer_profile,
    verified_issuers,
)
from policy_engine.config.json_schema import config_json_schema
from policy_engine.config.listed import listed_client, registered_clients
from policy_engine.config.loader import LoadedConfig, config_from_values, load_config
from policy_engine.config.models import (
    AuditConfig,
    ClientConfig,
    GatewayConfig,
    IssuerConfig,
    KeptConfig,
    KindClaims,
    UpstreamConfig,
    UpstreamTlsConfig,
)
from policy_engine.config.policies import (
    examine_policy_set,
    load_static_entities,
    policy_checker,
    policy_sources,
)
from policy_engine.config.report import Report, examine
from policy_engine.config.servers import introspected_at, protected_servers
from policy_engine.config.sinks import (
    AuditVerifier,
    audit_verifier,
    configured_verifier,
    new_audit_key,
    public_audit_key,
)
from policy_engine.config.stages import Check, Stages, assemble
from policy_engine.config.stores import (
    authserver_of,
    read_registry,
    sealer_of,
    sealing_keys,
    store_of,
    store_url,
)

__all__ = [
    "Audiences",
    "AuditConfig",
    "AuditVerifier",
    "AuthServerConfig",
    "Check",
    "ClientConfig",
    "GatewayConfig",
    "IssuerConfig",
    "KeptConfig",
    "KindClaims",
    "LoadedConfig",
    "Report",
    "Stages",
    "UpstreamConfig",
    "UpstreamTlsConfig",
    "assemble",
    "audit_verifier",
    "authserver_of",
    "check_listed",
    "config_from_values",
    "config_json_schema",
    "configured_verifier",
    "declared_attributes",
    "development_key",
    "examine",
    "examine_policy_set",
    "introspected_at",
    "issuer_mappings",
    "issuer_profile",
    "listed_attributes",
    "listed_client",
    "load_config",
    "load_static_entities",
    "new_audit_key",
    "policy_checker",
    "policy_sources",
    "protected_servers",
    "public_audit_key",
    "read_registry",
    "registered_clients",
    "sealer_of",
    "sealing_keys",
    "served_hosts",
    "served_path",
    "store_of",
    "store_url",
    "verified_issuers",
]
