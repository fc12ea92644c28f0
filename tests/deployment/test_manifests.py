"""The Kubernetes manifests: valid, restricted, and with a configuration that a gateway serves."""

import base64
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from policy_engine import Client, PolicyEngine
from policy_engine.config import load_config
from policy_engine.integrations.gateway import check_gateway

Manifests = list[dict[str, Any]]

KINDS = {
    "Namespace",
    "ConfigMap",
    "Deployment",
    "ServiceAccount",
    "Service",
    "PodDisruptionBudget",
    "NetworkPolicy",
}
PORTS = {"mcp": 8080, "metrics": 9464}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_issues"}}


def only(manifests: Manifests, kind: str) -> dict[str, Any]:
    """The one of a kind."""
    (found,) = (each for each in manifests if each["kind"] == kind)
    return found


def pod(manifests: Manifests) -> dict[str, Any]:
    """What the deployment runs."""
    spec: dict[str, Any] = only(manifests, "Deployment")["spec"]["template"]["spec"]
    return spec


def containers(manifests: Manifests) -> list[dict[str, Any]]:
    """All of them, those that begin first included."""
    return [*pod(manifests).get("initContainers", ()), *pod(manifests)["containers"]]


def engine_of(manifests: Manifests) -> dict[str, Any]:
    """The container that is ours."""
    (found,) = (each for each in containers(manifests) if each["name"] == "policy-engine")
    return found


@pytest.fixture
def mounted(manifests: Manifests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration as kubelet lays it out, with links; and the variables of the container."""
    hidden = tmp_path / "..2026_11_25"
    hidden.mkdir()
    (tmp_path / "..data").symlink_to(hidden.name)
    for name, text in only(manifests, "ConfigMap")["data"].items():
        (hidden / name).write_text(text)
        (tmp_path / name).symlink_to(f"..data/{name}")
    for variable in engine_of(manifests)["env"]:
        monkeypatch.setenv(variable["name"], base64.urlsafe_b64encode(bytes(32)).decode().rstrip("="))
    return tmp_path / "policy-engine.yaml"


@pytest.mark.parametrize("version", ["1.30", None])
def test_each_is_valid_by_kubernetes_own_schema(manifests: Manifests, version: str | None) -> None:
    """Strictly: no key that Kubernetes wouldn't know, in the oldest version that is meant and the newest."""
    if os.environ.get("CI") != "true":
        pytest.importorskip("kubernetes_validate", reason="kubernetes-validate isn't installed")
    import kubernetes_validate  # noqa: PLC0415 -- see above

    wanted = version or kubernetes_validate.latest_version()
    checked = [kubernetes_validate.validate(each, wanted, strict=True) for each in manifests]

    assert checked == [".".join(wanted.split(".")[:2])] * len(KINDS)
    assert {each["kind"] for each in manifests} == KINDS
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**manifests[0], "unknown": 1}, wanted, strict=True)


def test_the_gateway_could_serve_what_is_mounted(mounted: Path) -> None:
    """Policies, catalogue, servers and variables fit together, as links in a hidden folder."""
    assert [name for name, _, _ in check_gateway(mounted)] == ["issues"]


def test_its_policies_tell_machines_from_people(mounted: Path) -> None:
    """One machine may list issues, and no other."""
    engine = PolicyEngine.from_config(mounted)
    asked = {**CALL, "params": {"name": "list_issues", "arguments": {"repo": "acme/app"}}}
    codes = [
        engine.authorize(
            Client(issuer="machines", client_id=name, category="service"), asked, server="issues"
        ).code
        for name in ("ci-bot", "other")
    ]
    engine.close()

    assert codes == ["allowed", "no_permit"]


def test_the_command_is_one_that_there_is(manifests: Manifests, mounted: Path) -> None:
    """The container's arguments, with the option that only looks."""
    from typer.testing import CliRunner  # noqa: PLC0415 -- the command line, for this test alone

    from policy_engine.cli import app  # noqa: PLC0415 -- likewise

    arguments = engine_of(manifests)["args"]
    written = [
        str(mounted) if word == "/etc/policy-engine/policy-engine.yaml" else word for word in arguments
    ]
    result = CliRunner().invoke(app, [*written, "--check"])

    assert arguments == shlex.split("serve gateway --config /etc/policy-engine/policy-engine.yaml")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "the gateway could serve")


def test_ports_are_those_that_the_configuration_listens_at(manifests: Manifests, mounted: Path) -> None:
    """In the container, the service, the probes and the network policy."""
    config = load_config(mounted).config
    assert config.gateway is not None
    assert config.metrics is not None
    container = engine_of(manifests)
    policy = only(manifests, "NetworkPolicy")["spec"]

    assert (config.gateway.listen, config.metrics.listen) == ("0.0.0.0:8080", "0.0.0.0:9464")
    assert {each["name"]: each["containerPort"] for each in container["ports"]} == PORTS
    assert only(manifests, "Service")["spec"]["ports"] == [{"name": "mcp", "port": 8080, "targetPort": "mcp"}]
    assert [container[probe]["httpGet"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")] == [
        {"path": "/readyz", "port": "mcp"},
        {"path": "/readyz", "port": "mcp"},
        {"path": "/healthz", "port": "mcp"},
    ]
    assert [each["port"] for rule in policy["ingress"] for each in rule["ports"]] == [8080, 9464]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert all(rule.get("from") for rule in policy["ingress"])
    assert all(rule.get("to") for rule in policy["egress"])


def test_every_container_is_restricted(manifests: Manifests) -> None:
    """As the Pod Security Standard `restricted` wants it, and with a file system that can't be written to."""
    secure = pod(manifests)["securityContext"]

    assert only(manifests, "Namespace")["metadata"]["labels"] == {
        "pod-security.kubernetes.io/enforce": "restricted"
    }
    assert (secure["runAsNonRoot"], secure["runAsUser"] > 0) == (True, True)
    assert secure["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(manifests):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]
        assert container["image"].rpartition(":")[2][0].isdigit()
    assert pod(manifests)["automountServiceAccountToken"] is False
    assert only(manifests, "ServiceAccount")["automountServiceAccountToken"] is False


def test_secrets_are_named_and_never_written(manifests: Manifests) -> None:
    """Each variable is from a Secret, and no manifest holds one."""
    assert [list(variable["valueFrom"]) for variable in engine_of(manifests)["env"]] == [
        ["secretKeyRef"] for _ in engine_of(manifests)["env"]
    ]
    assert "Secret" not in {each["kind"] for each in manifests}


def test_it_ends_in_the_time_that_it_has(manifests: Manifests) -> None:
    """What waits, and what is answered meanwhile, is less than what Kubernetes gives it."""
    waits = engine_of(manifests)["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert waits + 10 < pod(manifests)["terminationGracePeriodSeconds"]
    assert only(manifests, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    assert only(manifests, "Deployment")["spec"]["replicas"] >= 2


def test_everything_selects_the_pods_that_there_are(manifests: Manifests) -> None:
    """A service, a budget or a policy for nobody would go unnoticed."""
    labels = only(manifests, "Deployment")["spec"]["template"]["metadata"]["labels"]

    assert only(manifests, "Service")["spec"]["selector"] == labels
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert only(manifests, kind)["spec"]["selector"] == {"matchLabels": labels}
    assert only(manifests, "NetworkPolicy")["spec"]["podSelector"] == {"matchLabels": labels}
    assert pod(manifests)["serviceAccountName"] == only(manifests, "ServiceAccount")["metadata"]["name"]
    (config,) = (each["configMap"]["name"] for each in pod(manifests)["volumes"] if "configMap" in each)
    assert config == only(manifests, "ConfigMap")["metadata"]["name"]
    namespace = only(manifests, "Namespace")["metadata"]["name"]
    assert {each["metadata"].get("namespace", namespace) for each in manifests} == {namespace}


def test_beside_a_gateway_a_server_is_reached_through_it_alone() -> None:
    """It listens at 127.0.0.1, and the gateway begins before it and ends after it."""
    from ruamel.yaml import YAML  # noqa: PLC0415 -- this file alone, not both

    text = (Path(__file__).parents[2] / "docs/deployment/sidecar.yaml").read_text()
    manifests = list(YAML(typ="safe").load_all(text))
    (gateway,), (server,) = pod(manifests)["initContainers"], pod(manifests)["containers"]

    assert (gateway["name"], gateway["restartPolicy"]) == ("policy-engine", "Always")
    assert server["args"] == ["--host", "127.0.0.1", "--port", "8000"]
    assert "ports" not in server
