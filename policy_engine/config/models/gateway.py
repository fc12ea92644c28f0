"""The section `gateway`: where it listens, and which MCP servers are behind it."""

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from policy_engine.config.kept import KeptConfig
from policy_engine.config.texts import FilePath, Name, Networks, Text, Texts
from policy_engine.files import FileModel

__all__ = [
    "GatewayConfig",
    "TimeoutsConfig",
    "TlsConfig",
    "UpstreamConfig",
    "UpstreamTlsConfig",
]

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Path = Annotated[str, StringConstraints(pattern=r"^/[\x21\x22\x24-\x3e\x40-\x7e]*$")]
"""As it is sent: percent-encoded, without query and fragment."""


class UpstreamTlsConfig(FileModel):
    """How TLS is spoken with a server."""

    ca: FilePath | None = None
    """A PEM file with the certificates that its own is checked against; omitted: the system's."""
    certificate: FilePath | None = None
    """A PEM file with the certificate that the gateway shows."""
    key: FilePath | None = None
    """A PEM file with its key."""

    @model_validator(mode="after")
    def _both(self) -> "UpstreamTlsConfig":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("a certificate goes with its key: give both, or none")
        return self


class UpstreamConfig(FileModel):
    """One MCP server, and how it is reached."""

    url: Text
    """Its endpoint, `https://…` or `http://…`; redirects aren't followed."""
    path: Path | None = None
    """At which path of the gateway it is; omitted: that of the server's `resource`."""
    bearer: KeptConfig | None = None
    """The gateway's own token for it; omitted: none is sent. What callers bring is never passed on."""
    plain_http: bool = False
    """Whether that token may go to another machine without TLS."""
    tls: UpstreamTlsConfig = UpstreamTlsConfig()
    """How TLS is spoken with it."""
    connections: Annotated[int, Field(ge=1, le=10_000)] = 200
    """How many requests and streams it has at a time; half of them for one principal."""


class TimeoutsConfig(FileModel):
    """How long servers are waited for, in seconds."""

    connect: Seconds = 5.0
    """For a connection."""
    first_byte: Seconds = 120.0
    """For the beginning of an answer; for a list, for all of it."""
    idle: Seconds = 900.0
    """For more of an answer that has begun."""


class TlsConfig(FileModel):
    """With what the gateway ends TLS."""

    certificate: FilePath
    """A PEM file with the certificate chain."""
    key: FilePath
    """A PEM file with its key."""


class GatewayConfig(FileModel):
    """A reverse proxy in front of MCP servers, which `policy-engine serve gateway` runs."""

    listen: Text = "127.0.0.1:8080"
    """Address and port; port 0 for any that is free."""
    upstreams: Annotated[dict[Name, UpstreamConfig], Field(min_length=1)]
    """By the name under `servers`, the servers that are behind it; of others nothing is answered."""
    hosts: Texts = ()
    """What `Host` may say, port included, besides the hosts of the servers' `resource`."""
    session_key: KeptConfig | None = None
    """Seals ids of sessions; replicas need the same. Omitted: a key of this process, which they end with."""
    tls: TlsConfig | None = None
    """Omitted: plain HTTP, behind something that ends TLS."""
    timeouts: TimeoutsConfig = TimeoutsConfig()
    """How long servers are waited for."""
    trusted_proxies: Networks = ()
    """Networks of proxies in front; each may have as many connections as there are, others a quarter."""

    @field_validator("listen")
    @classmethod
    def _address(cls, written: str) -> str:
        host, separator, port = written.rpartition(":")
        if not separator or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:  # noqa: PLR2004 -- ports
            raise ValueError("should be an address and a port, such as 127.0.0.1:8080 or [::1]:8080")
        return written
