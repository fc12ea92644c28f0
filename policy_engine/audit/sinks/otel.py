"""A sink that sends records to an OpenTelemetry collector, as logs over OTLP/HTTP (extra `otel`).

Each record is exported before the decision is given: a batch that is sent later could be lost unseen.
"""

from typing import TYPE_CHECKING, Final

from policy_engine.audit.sinks.resting import Rest
from policy_engine.audit.sinks.sink import Record
from policy_engine.errors import AuditError, ConfigError

if TYPE_CHECKING:
    from opentelemetry.sdk._logs import ReadableLogRecord

__all__ = ["OtelSink"]

_MICROSECONDS: Final = 1_000_000
_ATTRIBUTES: Final = ("decision", "code", "server", "method", "event")


class OtelSink:
    """Exports each record by itself; its body is the record, its attributes what is searched by.

    A collector that doesn't answer isn't tried again for a second.

    Args:
        endpoint: where it takes logs, as in `http://127.0.0.1:4318/v1/logs`; None: what the environment
            variables of OpenTelemetry say.
        service: `service.name` of the resource.
        timeout: how long one record may take, in seconds.

    Raises:
        ConfigError: the extra isn't installed.
    """

    def __init__(
        self, endpoint: str | None = None, *, service: str = "policy-engine", timeout: float = 2.0
    ) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http._log_exporter import (  # noqa: PLC0415 -- an extra
                OTLPLogExporter,
            )
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 -- an extra
        except ImportError as error:
            remedy = "pip install 'policy-engine[otel]'"
            raise ConfigError("OpenTelemetry isn't installed", remedy=remedy) from error
        self._exporter = OTLPLogExporter(endpoint=endpoint, timeout=timeout)
        self._resource = Resource.create({"service.name": service})
        self._rest = Rest()

    def write(self, record: Record) -> None:
        """Send one record.

        Raises:
            AuditError: the collector didn't take it.
        """
        from opentelemetry.sdk._logs.export import LogRecordExportResult  # noqa: PLC0415 -- an extra

        if self._rest.lasts:
            raise AuditError("audit_failed", "the collector can't be reached")
        if self._exporter.export([self._log(record)]) is not LogRecordExportResult.SUCCESS:
            self._rest.begin()
            raise AuditError("audit_failed", "the collector didn't take the record")

    def close(self) -> None:
        """Nothing is held back that would have to be sent; connections end with the process."""

    def _log(self, record: Record) -> "ReadableLogRecord":
        from opentelemetry._logs import LogRecord, SeverityNumber  # noqa: PLC0415 -- an extra
        from opentelemetry.sdk._logs import ReadableLogRecord  # noqa: PLC0415 -- an extra

        time = round(record.get("time", 0) * _MICROSECONDS) * 1000
        denied = record.get("decision") == "deny"
        log = LogRecord(
            timestamp=time,
            observed_timestamp=time,
            severity_number=SeverityNumber.WARN if denied else SeverityNumber.INFO,
            severity_text="WARN" if denied else "INFO",
            body=dict(record),
            attributes={
                f"policy_engine.{name}": record[name] for name in _ATTRIBUTES if record.get(name) is not None
            },
            event_name=f"policy_engine.{record.get('event', 'decision')}",
        )
        return ReadableLogRecord(log_record=log, resource=self._resource)
