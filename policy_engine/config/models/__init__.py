"""The shape of `policy-engine.yaml`, version 1; `schemas/policy-engine.schema.json` is generated from it."""

from policy_engine.config.kept import KeptConfig
from policy_engine.config.models.attributes import AttributesConfig
from policy_engine.config.models.audit import AuditConfig
from policy_engine.config.models.gateway import GatewayConfig, UpstreamConfig, UpstreamTlsConfig
from policy_engine.config.models.issuers import (
    ClaimsConfig,
    ClientConfig,
    IssuerConfig,
    KeysConfig,
    KindClaims,
    PrefixConfig,
)
from policy_engine.config.models.reload import ReloadConfig
from policy_engine.config.models.reuse import ReuseConfig
from policy_engine.config.models.review import ReviewConfig
from policy_engine.config.models.servers import AudienceConfig, ServerConfig
from policy_engine.config.models.whole import Config

__all__ = [
    "AttributesConfig",
    "AudienceConfig",
    "AuditConfig",
    "ClaimsConfig",
    "ClientConfig",
    "Config",
    "GatewayConfig",
    "IssuerConfig",
    "KeptConfig",
    "KeysConfig",
    "KindClaims",
    "PrefixConfig",
    "ReloadConfig",
    "ReuseConfig",
    "ReviewConfig",
    "ServerConfig",
    "UpstreamConfig",
    "UpstreamTlsConfig",
]
