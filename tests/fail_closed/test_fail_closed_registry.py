"""The rows of docs/explanation/fail-closed.md about machines of our own authorization server."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine import PolicyEngine
from tests.conftest import CATALOGUE, RESOURCE

ENTRY = {"category": "service", "enabled": True, "groups": [], "attributes": {}}
NONE: dict[str, list[Any]] = {"subject": [], "jti": []}

Row = tuple[dict[str, Any], dict[str, Any], float, tuple[str, str | None, int]]

ROWS: dict[str, Row] = {
    "disabled": ({**ENTRY, "enabled": False}, NONE, 0, ("revoked_token", "client", 401)),
    "its tokens are denied": (
        ENTRY,
        {**NONE, "subject": [{"value": "ci-bot", "until": None}]},
        0,
        ("revoked_token", "subject", 401),
    ),
    "its token is denied": (
        ENTRY,
        {**NONE, "jti": [{"value": "t-1", "until": None}]},
        0,
        ("revoked_token", "jti", 401),
    ),
    "nobody could look for too long": (ENTRY, NONE, 61, ("registry_unavailable", None, 503)),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_a_machine_that_is_taken_back_is_refused(
    world: Any, call: Callable[..., Any], tmp_path: Path, row: Row
) -> None:
    """It was allowed before, and nothing is forwarded now."""
    entry, denied, later, expected = row
    machines = {**world.issuers()["machines"], "clients": "registry"}
    machines["registry"] = {"file": str(tmp_path / "registry.json")}
    issuers = {**world.issuers(), "machines": machines}

    def write(one: dict[str, Any], denials: dict[str, Any]) -> None:
        values = {"version": 1, "clients": {"ci-bot": one}, "denied": denials}
        (tmp_path / "registry.json").write_text(json.dumps(values))

    write(ENTRY, NONE)
    engine: PolicyEngine = world.engine(
        issuers=issuers,
        servers={"github": {"resource": RESOURCE, "catalogue": CATALOGUE}},
    )
    message = call("create_issue", repo="acme/app")
    assert engine.evaluate(world.machine(), message).allowed
    write(entry, denied)
    engine.stages.registries["machines"].refresh()
    engine.close()
    world.now += later

    decision = engine.evaluate(world.machine(), message)

    assert (decision.allowed, decision.forward) == (False, None)
    assert (decision.code, decision.detail, decision.status) == expected
