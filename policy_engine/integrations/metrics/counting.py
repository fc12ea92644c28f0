"""Counts for Prometheus: decisions, latencies, tokens, keys, reloads, streams."""

import platform
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from policy_engine.integrations.metrics.labels import UNKNOWN, Labels, labels_of
from policy_engine.model import CODES, Decision, HttpFacts

__all__ = ["Metrics"]

_MICROSECONDS: Final = 1_000_000

_BUCKETS: Final = tuple(
    micro / _MICROSECONDS
    for micro in (10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 1_000_000)
)
"""From what an answer costs that is told again, to what an issuer takes that is asked for its keys."""

_MOST_SERIES: Final = 10_000
"""Combinations of labels; a policy set with thousands of pinned tools has many."""


class Metrics:
    """An observer that counts.

    In several processes each has one; where the variable `PROMETHEUS_MULTIPROC_DIR` names a folder they share
    it, and `of_processes` adds up what is there.

    Args:
        version: of this program, for `policy_engine_build_info`.
        tools: whether decisions are counted by tool, too.

    Attributes:
        registry: holds all of it, of this process alone.
    """

    def __init__(self, version: str, *, tools: bool = False) -> None:
        self.registry = registry = CollectorRegistry()
        self._tools = tools
        self._of: dict[Labels, Counter] = {}
        labels = ("code", "kind", "server", "action", *(("tool",) if tools else ()))
        self._decisions = Counter(
            "policy_engine_decisions", "Decisions, by code and kind.", labels, registry=registry
        )
        seconds = Histogram(
            "policy_engine_decision_seconds",
            "What decisions took; a hit is one that policies had given before.",
            ("reuse",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._hit, self._miss = seconds.labels("hit"), seconds.labels("miss")
        self._tokens = Counter(
            "policy_engine_tokens_verified",
            "Signatures of tokens that held; those proven before aren't checked again.",
            ("issuer",),
            registry=registry,
        )
        self._keys = Counter(
            "policy_engine_key_refreshes",
            "Times that an issuer was asked for its keys.",
            ("issuer", "outcome"),
            registry=registry,
        )
        self._audit = Counter(
            "policy_engine_audit_failures", "Decisions that couldn't be recorded.", registry=registry
        )
        self._loading(registry)
        self._streaming(registry)
        built = Gauge(
            "policy_engine_build_info",
            "What runs here; always 1.",
            ("version", "python"),
            multiprocess_mode="max",
            registry=registry,
        )
        built.labels(version, platform.python_version()).set(1)

    def decided(self, decision: Decision, _http: HttpFacts | None, /) -> None:
        """Count a decision, and what it took."""
        labels = labels_of(decision, tools=self._tools)
        counter = self._of.get(labels)
        if counter is None:
            counter = self._counter(labels)
        counter.inc()
        (self._hit if decision.reused else self._miss).observe(decision.latency_us / _MICROSECONDS)

    def reloaded(self, generation: int, seconds: float, error: Exception | None, /, *, policies: int) -> None:
        """Count a reload; the first time isn't one."""
        self._generation.set(generation)
        self._policies.set(policies)
        if error is not None or generation > 1:
            self._reloads.labels("ok" if error is None else "failed").inc()
        self._load_seconds.set(seconds)

    def token_verified(self, issuer: str, /) -> None:
        """Count a signature."""
        self._tokens.labels(issuer).inc()

    def keys_refreshed(self, issuer: str, ok: bool, /) -> None:  # noqa: FBT001 -- never named
        """Count an attempt to fetch keys."""
        self._keys.labels(issuer, "ok" if ok else "failed").inc()

    def audit_failed(self) -> None:
        """Count a decision that couldn't be recorded."""
        self._audit.inc()

    def stream_opened(self, server: str, /) -> None:
        """Count a stream."""
        self._open.labels(server).inc()

    def stream_ended(self, server: str, reason: str | None, /) -> None:
        """Count it no longer, and who cut it."""
        self._open.labels(server).dec()
        if reason is not None:
            self._cut.labels(server, reason if reason in CODES else UNKNOWN).inc()

    def _loading(self, registry: CollectorRegistry) -> None:
        self._reloads = Counter(
            "policy_engine_reloads", "Times that everything was loaded anew.", ("outcome",), registry=registry
        )
        for outcome in ("ok", "failed"):  # so that a rate of failures is there before the first
            self._reloads.labels(outcome)
        self._load_seconds = Gauge(
            "policy_engine_load_seconds",
            "What loading took the last time.",
            multiprocess_mode="livemax",
            registry=registry,
        )
        self._generation = Gauge(
            "policy_engine_generation",
            "Which generation is in force; of several processes, that of the last to follow.",
            multiprocess_mode="livemin",
            registry=registry,
        )
        self._policies = Gauge(
            "policy_engine_policies",
            "Policies in force, shadow policies included.",
            multiprocess_mode="livemin",
            registry=registry,
        )

    def _streaming(self, registry: CollectorRegistry) -> None:
        self._open = Gauge(
            "policy_engine_streams",
            "Answers that are being passed on.",
            ("server",),
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._cut = Counter(
            "policy_engine_streams_cut",
            "Answers that weren't passed on to their end, by the code of the decision.",
            ("server", "reason"),
            registry=registry,
        )

    def _counter(self, labels: Labels) -> Counter:
        if len(self._of) >= _MOST_SERIES:
            labels = (UNKNOWN,) * len(labels)
        counter = self._decisions.labels(*labels)
        self._of[labels] = counter
        return counter
