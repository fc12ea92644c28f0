"""The section `audit`."""

import re
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from policy_engine.config.kept import KeptConfig
from policy_engine.config.texts import FilePath, Text, Texts
from policy_engine.files import FileModel

__all__ = [
    "AuditConfig",
    "AuditKeyConfig",
    "CheckpointConfig",
    "OtelConfig",
    "RotateConfig",
    "SyslogConfig",
]

_ADDRESS: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_HIGHEST_PORT: Final = 65_535


class AuditKeyConfig(KeptConfig):
    """A key: exactly one of the two; it never stands in the configuration itself."""

    file: FilePath | None = None
    """A file that holds it, and that nobody but its owner can read."""


class CheckpointConfig(FileModel):
    """How much of the file may be unsigned."""

    lines: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Lines after which the file is signed."""
    seconds: Annotated[float, Field(ge=1, le=86_400)] = 60
    """Seconds after which it is, if a line came."""


class RotateConfig(FileModel):
    """When the file is moved aside, and a new one begun."""

    megabytes: Annotated[float, Field(gt=0, le=1_000_000)] = 100
    """Size from which it is."""
    keep: Annotated[int, Field(ge=1, le=100_000)] = 10
    """Files that are kept besides; the oldest of those beyond are removed."""


class SyslogConfig(FileModel):
    """A syslog server (RFC 5424): exactly one of the three addresses."""

    socket: FilePath | None = None
    """A Unix socket, such as `/dev/log`."""
    udp: Text | None = None
    """`host:port`; what is lost on the way isn't noticed."""
    tcp: Text | None = None
    """`host:port`, with the length before each record (RFC 6587)."""
    facility: Literal[
        "audit",
        "auth",
        "authpriv",
        "daemon",
        "user",
        "local0",
        "local1",
        "local2",
        "local3",
        "local4",
        "local5",
        "local6",
        "local7",
    ] = "audit"
    """What the server sorts it under."""
    app_name: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,48}$")] = "policy-engine"
    """What it calls this program."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 2.0
    """Seconds that one record may take."""

    @model_validator(mode="after")
    def _one_address(self) -> "SyslogConfig":
        if [self.socket, self.udp, self.tcp].count(None) != 2:  # noqa: PLR2004 -- all but one
            raise ValueError("give exactly one of `socket`, `udp` and `tcp`")
        for address in (self.udp, self.tcp):
            found = None if address is None else _ADDRESS.fullmatch(address)
            if address is not None and (found is None or not 0 < int(found[1]) <= _HIGHEST_PORT):
                raise ValueError("an address is written `host:port`, one of IPv6 `[address]:port`")
        return self


class OtelConfig(FileModel):
    """An OpenTelemetry collector that takes logs over OTLP/HTTP (extra `otel`)."""

    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^/@\s]+(/[^\s]*)?$")] | None = None
    """Where it takes them, as in `http://127.0.0.1:4318/v1/logs`; omitted: what its variables say."""
    service: Text = "policy-engine"
    """What this program is called there."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 2.0
    """Seconds that one record may take."""


class AuditConfig(FileModel):
    """Where the record of each decision goes; several places get each record."""

    file: FilePath | None = None
    """Appended to, one JSON line a decision, each chained to the one before."""
    stdout: bool = False
    """Write to standard output."""
    syslog: SyslogConfig | None = None
    """Send to a syslog server."""
    otel: OtelConfig | None = None
    """Send to an OpenTelemetry collector."""
    on_failure: Literal["deny", "allow"] = "deny"
    """What becomes of a request whose decision can't be recorded."""
    sign: AuditKeyConfig | None = None
    """The private JWK that the file is signed with, as `policy-engine audit key` makes it."""
    checkpoint: CheckpointConfig = CheckpointConfig()
    """When it is signed."""
    rotate: RotateConfig | None = None
    """When the file is moved aside; omitted: never."""
    redact: Texts = ()
    """Parts of the record that are marked instead of written, such as `principal.id`, `actor` and `jti`."""
    redact_key: AuditKeyConfig | None = None
    """What marks are made with, 32 bytes in base64url; omitted: a new one a process, so marks differ."""
    show: Texts = ()
    """Arguments that are written with their values: `server/tool.argument`."""
