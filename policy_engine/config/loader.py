"""From a file, or from values, to a checked configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from policy_engine.config.attributes import check_attributes
from policy_engine.config.authserver import check_authserver, check_registries
from policy_engine.config.models import AuditConfig, ClientConfig, Config, KeysConfig
from policy_engine.config.rules import check_rules
from policy_engine.errors import ConfigError
from policy_engine.files import Document, check, read_document

__all__ = ["LoadedConfig", "config_from_values", "load_config"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """A checked configuration, and where it was written.

    Attributes:
        config: the values.
        document: for errors found later that should point at a line.
        folder: what relative paths start from.
        policy_text: policies that a program handed over as text.
        entity_values: static entities that a program handed over.
    """

    config: Config = field(repr=False)
    document: Document = field(repr=False)
    folder: Path
    policy_text: str | None = None
    entity_values: list[dict[str, Any]] | None = None

    def path(self, relative: Path) -> Path:
        """A path of the configuration, as the process can open it."""
        return self.folder / relative

    def with_keys(
        self, keys: Mapping[str, Mapping[str, Any]], registered: Mapping[str, Mapping[str, ClientConfig]]
    ) -> "LoadedConfig":
        """The same with other keys, for tests of it: nobody else is asked, and nothing is recorded.

        Args:
            keys: a JWK Set by the name of each issuer.
            registered: by the names of issuers whose machines are in a registry, what stands for that.
        """
        none = {"introspection": None, "development_key": None}
        issuers = {
            name: issuer.model_copy(update={**none, "keys": KeysConfig(jwks=dict(keys[name]))})
            for name, issuer in self.config.issuers.items()
        }
        servers = {
            name: server.model_copy(update={"introspection": None})
            for name, server in self.config.servers.items()
        }
        for name, clients in registered.items():
            listed = {"registry": None, "clients": dict(clients)}
            issuers[name] = issuers[name].model_copy(update=listed)
        changed = {"issuers": issuers, "servers": servers, "audit": AuditConfig()}
        return replace(self, config=self.config.model_copy(update=changed))


def load_config(file: Path) -> LoadedConfig:
    """Read and check a configuration file.

    Raises:
        ConfigError: the first problem with its place; all others are in its `others`.
    """
    if not file.is_file():
        remedy = "name it, or write one: docs/reference/configuration.md"
        raise ConfigError("there is no such configuration file", remedy=remedy, file=file)
    return _checked(read_document(file), file.resolve().parent)


def config_from_values(
    values: Mapping[str, Any],
    *,
    policy_text: str | None = None,
    entity_values: list[dict[str, Any]] | None = None,
) -> LoadedConfig:
    """Check a configuration that a program built; relative paths start from the working folder.

    Args:
        values: what the file would hold.
        policy_text: Cedar, besides the policies that `values` names.
        entity_values: static entities, besides those that `values` names.

    Raises:
        ConfigError: as for a file, without a place.
    """
    loaded = _checked(Document(data=dict(values)), Path.cwd())
    return replace(loaded, policy_text=policy_text, entity_values=entity_values)


def _checked(document: Document, folder: Path) -> LoadedConfig:
    config = check(Config, document)
    authserver = check_authserver(
        config.authserver,
        document,
        profiles={issuer.issuer: issuer.profile for issuer in config.issuers.values()},
        servers=frozenset(config.servers),
        development=config.development,
    )
    registries = {
        name: (issuer.issuer, issuer.profile, issuer.registry)
        for name, issuer in config.issuers.items()
        if issuer.registry is not None
    }
    registry = check_registries(registries, config.authserver, document)
    problems = (*check_rules(config), *check_attributes(config), *authserver, *registry)
    errors = [document.error(*problem) for problem in problems]
    if errors:
        raise ConfigError.first_of(errors)
    return LoadedConfig(config=config, document=document, folder=folder)
