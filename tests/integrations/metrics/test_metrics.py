"""What Prometheus reads over HTTP, of a real engine."""

import http.client
import logging
import platform
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from policy_engine import PolicyEngine, __version__
from policy_engine.config import LoadedConfig, config_from_values
from policy_engine.errors import ConfigError
from policy_engine.integrations.metrics import Metrics
from policy_engine.integrations.telemetry import observers_of, watched
from tests.conftest import CATALOGUE, POLICIES, RESOURCE, World

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def loaded(world: World, **sections: Any) -> LoadedConfig:
    """The world's configuration with further sections."""
    values = {
        "version": 1,
        "servers": {"github": {"resource": RESOURCE, "catalogue": CATALOGUE}},
        "issuers": world.issuers(),
        "policies": [],
        **sections,
    }
    return config_from_values(values, policy_text=POLICIES)


@contextmanager
def scraped(config: LoadedConfig, caplog: pytest.LogCaptureFixture, **more: Any) -> Iterator[tuple[Any, int]]:
    """The observers, and the port where metrics are."""
    with caplog.at_level(logging.INFO, "policy_engine"), watched(config, **more) as observers:
        found = re.fullmatch(
            r"metrics are at http://127\.0\.0\.1:([0-9]+)/metrics", caplog.records[-1].getMessage()
        )
        assert found is not None
        yield observers, int(found[1])


def answer(port: int, method: str = "GET", path: str = "/metrics", **headers: str) -> tuple[Any, str]:
    """What the port answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


def samples(port: int) -> Samples:
    """Every sample that isn't a bucket, nor a time of making."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer(port)[1])
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_created"))
    }


def of(found: Samples, name: str) -> dict[tuple[str, ...], float]:
    """One metric, by the values of its labels in the order of their names."""
    return {tuple(value for _, value in labels): count for (of, labels), count in found.items() if of == name}


def test_decisions_are_counted_by_code_kind_server_and_action(
    world: World, call: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Labels hold words of ours alone: no caller can make a new one."""
    config = loaded(world, metrics={"listen": "127.0.0.1:0"})
    with scraped(config, caplog) as (observers, port):
        engine = PolicyEngine.from_config(config, observers=observers, now=lambda: world.now)
        ask, alice = call("list_issues", repo="acme/app"), world.human()
        for token in (alice, alice, world.human("bob"), world.machine(), "spoilt"):
            engine.evaluate(token, ask)
        engine.evaluate(alice, {"jsonrpc": "2.0", "id": 1, "method": "evil/method"})
        engine.evaluate(alice, call("evil_tool"))
        engine.evaluate(alice, ask, server="evil-server")
        engine.evaluate(alice, {"jsonrpc": "2.0", "id": 1, "method": "ping"})
        found, text = samples(port), answer(port)[1]
        engine.close()

    assert of(found, "policy_engine_decisions_total") == {
        # action, code, kind, server
        ("call_tool", "allowed", "User", "github"): 3,
        ("call_tool", "no_permit", "Client", "github"): 1,
        ("none", "malformed_token", "none", "github"): 1,
        ("none", "unknown_method", "User", "github"): 1,
        ("none", "tool_unpinned", "User", "github"): 1,
        ("none", "unknown_server", "none", "unknown"): 1,
        ("ping", "allowed", "User", "github"): 1,
    }
    assert of(found, "policy_engine_decision_seconds_count") == {("hit",): 1, ("miss",): 8}
    assert of(found, "policy_engine_tokens_verified_total") == {("corp",): 2, ("machines",): 1}
    for name in ("policy_engine_generation", "policy_engine_policies"):
        assert of(found, name) == {(): 5 if name.endswith("policies") else 1}
    assert of(found, "policy_engine_build_info") == {(platform.python_version(), __version__): 1}
    assert of(found, "policy_engine_reloads_total") == {("failed",): 0, ("ok",): 0}
    assert [word for word in ("alice", "ci-bot", "evil", "acme", "t-1", "list_issues") if word in text] == []


def test_what_happens_besides_decisions_is_counted(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Reloads, keys, the audit log, streams; a reason that is no code of ours is none."""
    config = loaded(world, metrics={"listen": "127.0.0.1:0"})
    with scraped(config, caplog) as (observers, port):
        engine = PolicyEngine.from_config(config, observers=observers, now=lambda: world.now)
        engine.reload()
        told = engine.observer
        told.reloaded(2, 0.5, ConfigError("spoilt"), policies=5)
        told.keys_refreshed("corp", True)  # noqa: FBT003 -- its only argument
        told.keys_refreshed("corp", False)  # noqa: FBT003 -- likewise
        told.audit_failed()
        for _ in range(3):
            told.stream_opened("github")
        told.stream_ended("github", None)
        told.stream_ended("github", "expired_token")
        told.stream_ended("github", "whatever a caller writes")
        told.stream_opened("github")
        found = samples(port)
        engine.close()

    assert of(found, "policy_engine_reloads_total") == {("failed",): 1, ("ok",): 1}
    assert of(found, "policy_engine_generation") == {(): 2}
    assert of(found, "policy_engine_load_seconds") == {(): 0.5}
    assert of(found, "policy_engine_key_refreshes_total") == {("corp", "failed"): 1, ("corp", "ok"): 1}
    assert of(found, "policy_engine_audit_failures_total") == {(): 1}
    assert of(found, "policy_engine_streams") == {("github",): 1}
    assert of(found, "policy_engine_streams_cut_total") == {
        ("expired_token", "github"): 1,
        ("unknown", "github"): 1,
    }


def test_pinned_tools_are_told_apart_where_that_is_asked_for(
    world: World, call: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """What isn't pinned has no name of its own."""
    github = {"resource": RESOURCE, "catalogue": CATALOGUE, "unpinned": "allow"}
    metrics = {"listen": "127.0.0.1:0", "tools": True}
    config = loaded(world, servers={"github": github}, metrics=metrics)
    with scraped(config, caplog) as (observers, port):
        engine = PolicyEngine.from_config(config, observers=observers, now=lambda: world.now)
        for name in ("list_issues", "evil_tool"):
            engine.evaluate(world.human(), call(name, repo="acme/app"))
        engine.evaluate(None, call("list_issues", repo="acme/app"))
        found = of(samples(port), "policy_engine_decisions_total")
        engine.close()

    assert found == {
        ("call_tool", "allowed", "User", "github", "list_issues"): 1,
        ("call_tool", "allowed", "User", "github", "unknown"): 1,
        ("none", "missing_token", "none", "github", "none"): 1,
    }


def test_latencies_have_buckets_from_ten_microseconds(
    world: World, call: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """So that an answer that is told again is seen apart from one that is found."""
    config = loaded(world, metrics={"listen": "127.0.0.1:0"})
    with scraped(config, caplog) as (observers, port):
        engine = PolicyEngine.from_config(config, observers=observers, now=lambda: world.now)
        engine.evaluate(world.human(), call("list_issues", repo="acme/app"))
        text = answer(port)[1]
        engine.close()
    buckets = {
        sample.labels["le"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "policy_engine_decision_seconds_bucket" and sample.labels["reuse"] == "miss"
    }

    assert list(buckets)[:3] == ["1e-05", "2.5e-05", "5e-05"]
    assert buckets["+Inf"] == 1


def test_nothing_but_metrics_is_answered(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Other paths and methods aren't; what is may not be kept."""
    with scraped(loaded(world, metrics={"listen": "127.0.0.1:0"}), caplog) as (_, port):
        told, body = answer(port)
        head, nothing = answer(port, "HEAD")
        openly, _ = answer(port, accept="application/openmetrics-text; version=1.0.0")
        statuses = [
            answer(port, *asked)[0].status for asked in (("POST",), ("GET", "/"), ("GET", "/metrics/"))
        ]

    assert (told.status, head.status, statuses) == (200, 200, [405, 404, 404])
    assert told.getheader("content-type").startswith("text/plain; version=")
    assert openly.getheader("content-type").startswith("application/openmetrics-text; version=1.0.0")
    assert told.getheader("cache-control") == "no-store"
    assert (nothing, head.getheader("content-length")) == ("", told.getheader("content-length"))
    assert body.startswith("# HELP policy_engine_")
    with pytest.raises(ConnectionRefusedError):
        answer(port)


def test_a_caller_cannot_make_time_series_without_end(world: World) -> None:
    """Beyond some thousands, decisions are counted together; none is lost."""
    metrics, engine = Metrics("0"), world.engine()
    decision = engine.evaluate(None, b"")
    for number in range(10_050):
        metrics.decided(type(decision)(**{**decision.__dict__, "server": f"s{number}"}), None)
    series = metrics.registry.get_sample_value
    (family,) = (each for each in metrics.registry.collect() if each.name == "policy_engine_decisions")
    counts = [sample.value for sample in family.samples if sample.name.endswith("_total")]

    assert (len(counts), sum(counts)) == (10_001, 10_050)
    unknown = dict.fromkeys(("code", "kind", "server", "action"), "unknown")
    assert series("policy_engine_decisions_total", unknown) == 50


def test_processes_count_together(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """What one counted stays when it has ended; what stood for its present goes with it."""
    config = loaded(world, metrics={"listen": "127.0.0.1:0"})
    with scraped(config, caplog, workers=2) as (observers, port):
        assert observers == ()
        ends = [subprocess.Popen([sys.executable, "-c", WORKER], stdin=-1, stdout=-1) for _ in range(2)]
        for end in ends:
            assert end.stdout is not None
            assert end.stdout.readline() == b"counted\n"
        both = samples(port)
        for end in ends:
            end.communicate()
        after = samples(port)

    assert of(both, "policy_engine_audit_failures_total") == {(): 4}
    assert of(both, "policy_engine_streams") == {("github",): 2}
    assert of(both, "policy_engine_generation") == {(): 3}
    assert of(after, "policy_engine_audit_failures_total") == {(): 4}
    assert of(after, "policy_engine_streams") == {}


WORKER = """
import sys
from policy_engine.integrations.metrics import Metrics
metrics = Metrics("0")
metrics.audit_failed()
metrics.audit_failed()
metrics.stream_opened("github")
metrics.reloaded(3, 0.1, None, policies=5)
print("counted", flush=True)
sys.stdin.read()
"""


def test_a_port_that_is_taken_or_open_to_others_is_told(world: World) -> None:
    """Metrics that can't be served stop the start; a configuration for development binds loopback alone."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = loaded(world, metrics={"listen": f"127.0.0.1:{taken.getsockname()[1]}"})
        with pytest.raises(OSError, match="in use"), watched(config):
            pass
    config = loaded(world, development=True, metrics={"listen": "0.0.0.0:0"})
    with pytest.raises(ConfigError, match="binds loopback addresses only"), watched(config):
        pass


@pytest.mark.parametrize("listen", ["9464", "127.0.0.1", "127.0.0.1:", ":9464", "127.0.0.1:66000", "[::1]:x"])
def test_where_nobody_can_listen_is_refused(world: World, listen: str) -> None:
    """When the file is read, at its place."""
    with pytest.raises(ConfigError) as raised:
        loaded(world, metrics={"listen": listen})

    assert raised.value.problem.startswith("`metrics.listen`: should be an address and a port, such as")


@pytest.mark.parametrize(
    ("section", "missing", "extra"),
    [("metrics", "prometheus_client", "metrics"), ("tracing", "opentelemetry.sdk.resources", "otel")],
)
def test_a_missing_extra_is_told_with_its_name(
    world: World, monkeypatch: pytest.MonkeyPatch, section: str, missing: str, extra: str
) -> None:
    """What was asked for isn't left out silently."""
    config = loaded(world, **{section: {}})
    ours = ("policy_engine.integrations.metrics", "policy_engine.integrations.tracing")
    for name in [name for name in sys.modules if name.startswith(ours)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConfigError) as raised:
        observers_of(config)

    assert raised.value.problem == f"`{missing.partition('.')[0]}` isn't installed"
    assert raised.value.remedy == f"pip install 'policy-engine[{extra}]'"


def test_nothing_is_observed_unless_it_is_configured(world: World) -> None:
    """No port, no observer."""
    with watched(loaded(world)) as observers:
        assert observers == ()
    with watched(loaded(world), workers=3) as observers:
        assert (observers, observers_of(loaded(world))) == ((), ())
