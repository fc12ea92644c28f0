"""Records sent to an OpenTelemetry collector: logs over OTLP/HTTP."""

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from policy_engine.audit import ListSink, OtelSink, SeveralSinks
from policy_engine.errors import AuditError

RECORD = {
    "time": 1_790_000_000.25,
    "decision": "deny",
    "code": "no_permit",
    "server": "github",
    "method": None,
    "principal": {"type": "Client", "id": "machines/bot", "evidence": ["a"]},
}


class Collector(ThreadingHTTPServer):
    """Takes logs, or refuses them with a status."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[ExportLogsServiceRequest] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1/logs"


class Answering(BaseHTTPRequestHandler):
    """One request."""

    server: Collector

    def do_POST(self) -> None:
        """Keep what was sent."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(ExportLogsServiceRequest.FromString(body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A real HTTP server on loopback."""
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_record_is_the_body_of_a_log(collector: Collector) -> None:
    """With what is searched by as attributes; it was sent when `write` returns."""
    OtelSink(collector.url, service="gateway").write(RECORD)

    (asked,) = collector.asked
    (resource,) = asked.resource_logs
    (log,) = resource.scope_logs[0].log_records
    names = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    body = {pair.key: pair.value for pair in log.body.kvlist_value.values}
    assert names["service.name"] == "gateway"
    assert (log.time_unix_nano, log.severity_text, log.event_name) == (
        1_790_000_000_250_000_000,
        "WARN",
        "policy_engine.decision",
    )
    assert {pair.key: pair.value.string_value for pair in log.attributes} == {
        "policy_engine.decision": "deny",
        "policy_engine.code": "no_permit",
        "policy_engine.server": "github",
    }
    assert body["time"].double_value == RECORD["time"]
    assert body["code"].string_value == "no_permit"
    assert {pair.key for pair in body["principal"].kvlist_value.values} == {"type", "id", "evidence"}


def test_a_collector_that_refuses_is_a_failed_sink_and_recovers(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    """The others get the record all the same."""
    caplog.set_level(logging.CRITICAL)
    other, sink = ListSink(), OtelSink(collector.url, timeout=0.5)
    several = SeveralSinks([sink, other])
    collector.status = 400
    with pytest.raises(AuditError, match="not every sink took the record"):
        several.write(RECORD)
    collector.status = 200
    with pytest.raises(AuditError):  # it rests
        several.write(RECORD)
    sink._rest._until = 0.0  # noqa: SLF001 -- instead of waiting
    several.write(RECORD)

    assert (len(collector.asked), len(other.records)) == (2, 3)
