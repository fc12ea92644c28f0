"""A span for each decision, and where it is sent; the only importer of OpenTelemetry's tracing."""

from typing import Final, Literal

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from policy_engine.model import Client, Decision, HttpFacts, Unobserved, User

__all__ = ["Callers", "Tracing", "otlp"]

Callers = Literal["link", "join", "ignore"]
"""What becomes of a `traceparent` (W3C Trace Context) that came with a request."""

_SPAN: Final = "policy_engine.decide"
_SERVER_ERROR: Final = 500

_PROPAGATOR: Final = TraceContextTextMapPropagator()


class Tracing(Unobserved):
    """An observer that makes a span of each decision.

    Where a span is current, as in an application that is traced itself, the decision is a part of that.

    Args:
        processor: takes the spans.
        service: `service.name` of the resource.
        sample: which part of the traces that begin here is sent, from 0 to 1.
        callers: what becomes of a caller's `traceparent`.
        people: whether spans name people.
    """

    def __init__(
        self,
        processor: SpanProcessor,
        *,
        service: str = "policy-engine",
        sample: float = 1.0,
        callers: Callers = "link",
        people: bool = False,
    ) -> None:
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(sample)),
            resource=Resource.create({"service.name": service}),
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("policy_engine")
        self._callers = callers
        self._people = people

    def decided(self, decision: Decision, http: HttpFacts | None, /) -> None:
        """Make the span of a decision, which has just ended."""
        context, links = self._around(http)
        began = int(decision.time * 1_000_000_000)
        span = self._tracer.start_span(_SPAN, context, SpanKind.INTERNAL, links=links, start_time=began)
        if span.is_recording():
            span.set_attributes(_attributes(decision))
            if self._people and isinstance(decision.principal, User):
                span.set_attribute("enduser.id", decision.principal.uid.id)
            if decision.status >= _SERVER_ERROR:  # a refusal is no error, a fault is
                span.set_status(Status(StatusCode.ERROR, decision.code))
        span.end(began + decision.latency_us * 1000)

    def close(self) -> None:
        """Send what wasn't sent yet."""
        self._provider.shutdown()

    def _around(self, http: HttpFacts | None) -> tuple[Context | None, tuple[Link, ...]]:
        """What the span is a part of, and what it is linked to."""
        if http is None or self._callers == "ignore" or get_current_span().get_span_context().is_valid:
            return None, ()
        written = http.header("traceparent")
        if written is None:
            return None, ()
        carrier = {"traceparent": written, "tracestate": http.header("tracestate") or ""}
        context = _PROPAGATOR.extract(carrier, Context())
        theirs = get_current_span(context).get_span_context()
        if not theirs.is_valid:
            return None, ()
        return (context, ()) if self._callers == "join" else (None, (Link(theirs),))


def otlp(endpoint: str | None, *, timeout: float) -> SpanProcessor:
    """What sends spans over OTLP/HTTP, in batches, beside decisions.

    Args:
        endpoint: where they are taken; None: what the environment variables of OpenTelemetry say.
        timeout: how long sending may take, in seconds.
    """
    exporter: SpanExporter = OTLPSpanExporter(endpoint=endpoint, timeout=timeout)
    return BatchSpanProcessor(exporter)


def _attributes(decision: Decision) -> dict[str, AttributeValue]:
    """Words of ours and of the configuration; of a caller only who they are, where that is a machine."""
    principal = decision.principal
    machine = principal if isinstance(principal, Client) else None if principal is None else principal.actor
    found: dict[str, AttributeValue | None] = {
        "code": decision.code,
        "detail": decision.detail,
        "allowed": decision.allowed,
        "kind": None if principal is None else principal.uid.type,
        "client": None if machine is None else machine.uid.id,
        "server": None if decision.resource_url is None else decision.server,
        "method": None if decision.action is None else decision.method,
        "action": None if decision.action is None else decision.action.id,
        "policies": tuple(match.id for match in decision.policies),
        "policy_digest": decision.policy_digest,
        "generation": decision.generation,
        "reused": decision.reused,
        "status": decision.status,
    }
    return {f"policy_engine.{name}": value for name, value in found.items() if value is not None}
