"""The whole of `policy-engine.yaml`, section by section."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from policy_engine.config.authserver import AuthServerConfig
from policy_engine.config.models.attributes import AttributesConfig
from policy_engine.config.models.audit import AuditConfig
from policy_engine.config.models.gateway import GatewayConfig
from policy_engine.config.models.issuers import IssuerConfig
from policy_engine.config.models.metrics import MetricsConfig, TracingConfig
from policy_engine.config.models.reload import ReloadConfig
from policy_engine.config.models.reuse import ReuseConfig
from policy_engine.config.models.review import ReviewConfig
from policy_engine.config.models.servers import ServerConfig
from policy_engine.config.texts import FilePath, Name, Paths
from policy_engine.files import FileModel

__all__ = ["Config"]


def _as_issuers(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    if value is None or value == {}:
        raise ValueError("no issuers yet; add one: policy-engine issuers add URL --profile NAME")
    return value


def _as_version(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    return value if type(value) is int else str(value)  # `true` and `1.0` equal 1


class Config(FileModel):
    """The whole file."""

    version: Annotated[Literal[1], BeforeValidator(_as_version)]
    """Version of this format."""
    development: bool = False
    """Allows loopback http issuers and `token mint`; never use it where anything but you can connect."""
    servers: Annotated[dict[Name, ServerConfig], Field(min_length=1)]
    """What is protected; the names are the left part of `Tool::"github/…"`."""
    issuers: Annotated[dict[Name, IssuerConfig], Field(min_length=1), BeforeValidator(_as_issuers)]
    """Who may say who someone is; the names are the left part of `User::"corp/…"`."""
    attributes: AttributesConfig = AttributesConfig()
    """Attributes of people and machines, besides those that they always have."""
    policies: Paths
    """Folders and files of Cedar policies."""
    entities: FilePath | None = None
    """Static entities: nesting of groups, groups of tools, attributes."""
    audit: AuditConfig = AuditConfig()
    """Where decisions are recorded."""
    authserver: AuthServerConfig | None = None
    """An authorization server of one's own for machines; omitted: none is run."""
    gateway: GatewayConfig | None = None
    """A reverse proxy in front of the servers; omitted: none is run."""
    metrics: MetricsConfig | None = None
    """What is counted for Prometheus; omitted: nothing."""
    tracing: TracingConfig | None = None
    """What is told of each decision as a span; omitted: nothing."""
    reload: ReloadConfig = ReloadConfig()
    """When what a server decides with is replaced, and what has to hold before."""
    reuse: ReuseConfig = ReuseConfig()
    """What is kept between requests."""
    review: ReviewConfig = ReviewConfig()
    """What a review asks of the policies besides what it always asks."""
