"""Spans of decisions, as OpenTelemetry's own exporter in memory gets them."""

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from policy_engine import HttpFacts, PolicyEngine
from policy_engine.config import config_from_values
from policy_engine.integrations.telemetry import watched
from policy_engine.integrations.tracing import Tracing
from tests.conftest import CATALOGUE, NOW, POLICIES, RESOURCE, World

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLED = HttpFacts(headers={"Traceparent": f"00-{TRACE}-{SPAN}-01", "TraceState": "vendor=1"})


def traced(world: World, **how: Any) -> tuple[PolicyEngine, InMemorySpanExporter]:
    """An engine whose spans are kept."""
    kept = InMemorySpanExporter()
    return world.engine(observers=[Tracing(SimpleSpanProcessor(kept), **how)]), kept


def attributes(span: ReadableSpan) -> dict[str, Any]:
    """What a span says, without what names the policy set."""
    found = dict(span.attributes or {})
    assert len(str(found.pop("policy_engine.policy_digest"))) == 64
    return found


def test_a_decision_is_a_span(world: World, call: Callable[..., Any]) -> None:
    """With its code, kind, server, method and policies, as long as it took; of people, no name."""
    engine, kept = traced(world)
    decision = engine.evaluate(world.human(), call("list_issues", repo="acme/app"))
    (span,) = kept.get_finished_spans()

    assert (span.name, span.parent, span.links) == ("policy_engine.decide", None, ())
    assert attributes(span) == {
        "policy_engine.code": "allowed",
        "policy_engine.allowed": True,
        "policy_engine.kind": "User",
        "policy_engine.server": "github",
        "policy_engine.method": "tools/call",
        "policy_engine.action": "github/list_issues",
        "policy_engine.policies": ("people-github",),
        "policy_engine.generation": 1,
        "policy_engine.reused": False,
        "policy_engine.status": 200,
    }
    assert span.start_time == NOW * 1_000_000_000
    assert (span.end_time or 0) - span.start_time == decision.latency_us * 1000
    assert span.status.status_code is StatusCode.UNSET
    assert span.resource.attributes["service.name"] == "policy-engine"


def test_machines_are_named_and_people_where_that_is_asked_for(
    world: World, call: Callable[..., Any]
) -> None:
    """Whoever acts for a person is a machine, too."""
    ask = call("list_issues", repo="acme/app")
    acting = world.human(act={"sub": "desktop-agent", "client_id": "desktop-agent"})
    named = []
    for people in (False, True):
        engine, kept = traced(world, people=people)
        for token in (world.machine(), acting, world.human()):
            engine.evaluate(token, ask)
        named += [
            [attributes(span).get(name) for name in ("policy_engine.client", "enduser.id")]
            for span in kept.get_finished_spans()
        ]

    assert named[0] == ["machines/ci-bot", None]
    assert named[1][1] is None
    assert named[2] == [None, None]
    assert named[3] == ["machines/ci-bot", None]
    assert named[5] == [None, "corp/alice"]
    assert named[1][0] == named[4][0]


def test_what_a_caller_invents_is_in_no_span(world: World, call: Callable[..., Any]) -> None:
    """Neither a method, nor a server, nor a tool, nor an argument."""
    engine, kept = traced(world)
    engine.evaluate(world.human(), {"jsonrpc": "2.0", "id": "evil", "method": "evil"})
    engine.evaluate(world.human(), call("evil", evil="evil"))
    engine.evaluate(world.human(), call("list_issues"), server="evil")
    engine.evaluate("evil", call("list_issues", repo="evil"))
    told = [attributes(span) for span in kept.get_finished_spans()]

    assert [span["policy_engine.code"] for span in told] == [
        "unknown_method",
        "tool_unpinned",
        "unknown_server",
        "malformed_token",
    ]
    assert "evil" not in str(told)


@pytest.mark.parametrize(
    ("callers", "parent", "linked"), [("link", None, [SPAN]), ("join", SPAN, []), ("ignore", None, [])]
)
def test_a_callers_trace_is_linked_joined_or_ignored(
    world: World, call: Callable[..., Any], callers: Any, parent: str | None, linked: list[str]
) -> None:
    """W3C Trace Context; a malformed one is none."""
    engine, kept = traced(world, callers=callers)
    ask = call("list_issues", repo="acme/app")
    engine.evaluate(world.human(), ask, http=CALLED)
    engine.evaluate(world.human(), ask, http=HttpFacts(headers={"traceparent": "00-0-0-01"}))
    first, second = kept.get_finished_spans()

    assert (None if first.parent is None else f"{first.parent.span_id:016x}") == parent
    assert [f"{link.context.span_id:016x}" for link in first.links] == linked
    context = first.get_span_context()
    assert context is not None
    assert (f"{context.trace_id:032x}" == TRACE) is (callers == "join")
    assert (second.parent, second.links) == (None, ())


def test_a_caller_whose_trace_is_not_joined_does_not_say_what_is_sent(
    world: World, call: Callable[..., Any]
) -> None:
    """The flag `sampled` of a linked trace counts for nothing; that of a joined one does."""
    sent = {}
    for callers in ("link", "join"):
        engine, kept = traced(world, callers=callers, sample=0.0)
        engine.evaluate(world.human(), call("list_issues", repo="acme/app"), http=CALLED)
        sent[callers] = len(kept.get_finished_spans())

    assert sent == {"link": 0, "join": 1}


def test_in_a_traced_application_a_decision_is_a_part_of_what_it_does(
    world: World, call: Callable[..., Any]
) -> None:
    """Whatever the caller sent: the application has its own word on that."""
    engine, kept = traced(world, callers="join")
    with TracerProvider().get_tracer("application").start_as_current_span("request") as outer:
        engine.evaluate(world.human(), call("list_issues", repo="acme/app"), http=CALLED)
    (span,) = kept.get_finished_spans()

    assert span.parent == outer.get_span_context()


def test_a_fault_of_ours_is_an_error_and_a_refusal_is_none(world: World, call: Callable[..., Any]) -> None:
    """So that alerts on errors don't tell of callers who may not."""
    kept = InMemorySpanExporter()
    tracing = Tracing(SimpleSpanProcessor(kept))
    refused = world.engine().evaluate(world.machine(), call("list_issues", repo="acme/app"))
    tracing.decided(refused, None)
    tracing.decided(refused.refused("audit_failed"), None)
    statuses = [(span.status.status_code, span.status.description) for span in kept.get_finished_spans()]

    assert statuses == [(StatusCode.UNSET, None), (StatusCode.ERROR, "audit_failed")]


def test_spans_are_sent_to_the_collector_of_the_configuration(world: World, call: Callable[..., Any]) -> None:
    """Over OTLP/HTTP, and at the end what is left; a collector that is down holds nothing up."""
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    decide(world, call, f"http://127.0.0.1:{server.server_port}/v1/traces")
    server.shutdown()
    server.server_close()

    ((path, body),) = received
    assert path == "/v1/traces"
    assert [word in body for word in (b"acme-gateway", b"people-github", b"alice")] == [True, True, False]


def test_a_collector_that_is_down_holds_nothing_up(world: World, call: Callable[..., Any]) -> None:
    """Neither a decision, nor the end for longer than it may take."""
    started = time.monotonic()
    decide(world, call, "http://127.0.0.1:9/v1/traces")

    assert time.monotonic() - started < 10


def decide(world: World, call: Callable[..., Any], endpoint: str) -> None:
    """One decision, whose span goes there."""
    values = {
        "version": 1,
        "servers": {"github": {"resource": RESOURCE, "catalogue": CATALOGUE}},
        "issuers": world.issuers(),
        "policies": [],
        "tracing": {"endpoint": endpoint, "service": "acme-gateway", "timeout": 0.5},
    }
    config = config_from_values(values, policy_text=POLICIES)
    with watched(config) as observers:
        engine = PolicyEngine.from_config(config, observers=observers, now=lambda: world.now)
        assert engine.evaluate(world.human(), call("list_issues", repo="acme/app")).allowed
        engine.close()
