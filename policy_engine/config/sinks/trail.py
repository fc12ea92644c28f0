"""Where decisions are recorded, as a configuration says it."""

from collections.abc import Iterator, Mapping
from typing import Final

from policy_engine.audit import (
    AuditSink,
    AuditTrail,
    Checkpoints,
    FileSink,
    NullSink,
    OtelSink,
    Rotation,
    SeveralSinks,
    StreamSink,
    SyslogAddress,
    SyslogSink,
)
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.models.audit import SyslogConfig
from policy_engine.config.sinks.keys import audit_signer
from policy_engine.config.sinks.redaction import redaction_of
from policy_engine.errors import ConfigError
from policy_engine.mcp import Server

__all__ = ["audit_trail"]

_MEGABYTE: Final = 1024 * 1024


def audit_trail(
    loaded: LoadedConfig, servers: Mapping[str, Server], before: AuditTrail | None = None
) -> AuditTrail:
    """Where the configuration says that decisions go; nowhere if it doesn't say.

    Args:
        loaded: the configuration.
        servers: by name, for what is said of their tools' arguments.
        before: what was in force, if its sink is to be used on.

    Raises:
        ConfigError: a key can't be used, a path of `redact` or `show` isn't one, or a library isn't there.
    """
    redaction = redaction_of(loaded, servers, None if before is None else before.redaction)
    on_failure = loaded.config.audit.on_failure
    if before is not None:
        return AuditTrail(sink=before.sink, on_failure=on_failure, redaction=redaction)
    sinks = tuple(_sinks(loaded))
    sink: AuditSink = NullSink()
    if sinks:
        sink = sinks[0] if len(sinks) == 1 else SeveralSinks(sinks)
    return AuditTrail(sink=sink, on_failure=on_failure, redaction=redaction)


def _sinks(loaded: LoadedConfig) -> Iterator[AuditSink]:
    audit = loaded.config.audit
    if audit.file is not None:
        yield _file(loaded)
    if audit.stdout:
        yield StreamSink()
    if audit.syslog is not None:
        written = audit.syslog
        yield SyslogSink(
            _address(loaded, written),
            facility=written.facility,
            app_name=written.app_name,
            timeout=written.timeout,
        )
    if audit.otel is not None:
        try:
            yield OtelSink(audit.otel.endpoint, service=audit.otel.service, timeout=audit.otel.timeout)
        except ConfigError as error:
            raise loaded.document.error(("audit", "otel"), error.problem, error.remedy) from error


def _file(loaded: LoadedConfig) -> FileSink:
    audit = loaded.config.audit
    signer = audit_signer(loaded)
    checkpoints = rotation = None
    if signer is not None:
        checkpoints = Checkpoints(
            signer=signer, lines=audit.checkpoint.lines, seconds=audit.checkpoint.seconds
        )
    if audit.rotate is not None:
        size = int(audit.rotate.megabytes * _MEGABYTE)
        rotation = Rotation(size=size, keep=audit.rotate.keep)
    assert audit.file is not None  # noqa: S101 -- asked by the caller
    return FileSink(loaded.path(audit.file), checkpoints=checkpoints, rotation=rotation)


def _address(loaded: LoadedConfig, written: SyslogConfig) -> SyslogAddress:
    if written.socket is not None:
        return SyslogAddress(kind="unix", host=str(loaded.path(written.socket)))
    kind, address = ("udp", written.udp) if written.udp is not None else ("tcp", written.tcp or "")
    host, _, port = address.rpartition(":")
    return SyslogAddress(kind=kind, host=host.strip("[]"), port=int(port))
