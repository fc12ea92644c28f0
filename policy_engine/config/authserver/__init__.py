"""The section `authserver`: an authorization server of one's own for the machines of this configuration."""

from policy_engine.config.authserver.checking import check_authserver, check_registries
from policy_engine.config.authserver.model import (
    AuthServerConfig,
    EncryptionKeyConfig,
    EventsConfig,
    RateConfig,
    RateLimitsConfig,
)
from policy_engine.config.authserver.registry import REGISTRY, RegistryConfig, with_registry

__all__ = [
    "REGISTRY",
    "AuthServerConfig",
    "EncryptionKeyConfig",
    "EventsConfig",
    "RateConfig",
    "RateLimitsConfig",
    "RegistryConfig",
    "check_authserver",
    "check_registries",
    "with_registry",
]
