"""The sections `metrics` and `tracing`: what is told of decisions, and to whom."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from policy_engine.config.texts import Text
from policy_engine.files import FileModel

__all__ = ["MetricsConfig", "TracingConfig"]


def _address(written: str) -> str:
    host, separator, port = written.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:  # noqa: PLR2004 -- ports
        raise ValueError("should be an address and a port, such as 127.0.0.1:9464 or [::1]:9464")
    return written


class MetricsConfig(FileModel):
    """Counters and latencies for Prometheus (extra `metrics`); they name no person, machine or argument."""

    listen: Annotated[Text, AfterValidator(_address)] = "127.0.0.1:9464"
    """Address and port of `/metrics`; port 0 for any that is free. Whoever can connect can read it."""
    tools: bool = False
    """Whether decisions are counted by tool, too; only pinned tools have a name there."""


class TracingConfig(FileModel):
    """A span for each decision, for an OpenTelemetry collector that takes OTLP/HTTP (extra `otel`)."""

    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^/@\s]+(/[^\s]*)?$")] | None = None
    """Where it takes them, as in `http://127.0.0.1:4318/v1/traces`; else what `OTEL_EXPORTER_OTLP_…` say."""
    service: Text = "policy-engine"
    """What this program is called there."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 2.0
    """Seconds that sending may take; no decision waits for it."""
    sample: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Which part of the traces that begin here is sent."""
    callers: Literal["link", "join", "ignore"] = "link"
    """What becomes of a `traceparent` that a caller sent: `join` makes the decision a part of the caller's
    trace, so that whoever calls says what is sent."""
    people: bool = False
    """Whether spans name people, as `enduser.id`; machines are always named."""
