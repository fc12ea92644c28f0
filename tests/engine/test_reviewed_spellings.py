"""One resource in two spellings: what a policy or a pin says of it holds, or the request is refused."""

from typing import Any

import pytest

from policy_engine import PolicyEngine, TokenFacts, User
from policy_engine.model import Identity

ALICE = User(issuer="corp", subject="alice")
TWINS = {
    "https://docs.example.com/": "https://docs.example.com",
    "file:///a(b)": "file:///a%28b%29",
    "file:///@private/x": "file:///%40private/x",
    "file:///caf%C3%A9": "file:///cafe%CC%81",
}
ALL = '@id("all") permit (principal, action, resource);'


def rpc(method: str, **params: Any) -> dict[str, Any]:
    """A request."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def engine(world: Any, policies: str, **catalogue: Any) -> PolicyEngine:
    """One server, with things pinned."""
    servers = {"github": {"resource": "https://mcp.example.com/github", "catalogue": catalogue}}
    built: PolicyEngine = world.engine(policies, servers=servers)
    return built


def read(deciding: PolicyEngine, uri: str) -> tuple[str, str | None]:
    """What becomes of a read."""
    decision = deciding.authorize(ALICE, rpc("resources/read", uri=uri))
    return decision.code, decision.detail


def listed(deciding: PolicyEngine, member: str, *items: dict[str, Any]) -> tuple[str, ...]:
    """What is left of a list."""
    method = {"resources": "resources/list", "resourceTemplates": "resources/templates/list"}[member]
    answer = {"jsonrpc": "2.0", "id": 1, "result": {member: list(items)}}
    identity = Identity(principal=ALICE, token=TokenFacts())
    return deciding.filter_list(identity, rpc(method), answer).shown


@pytest.mark.parametrize(("uri", "twin"), TWINS.items())
def test_a_forbid_on_a_resource_holds_for_its_twin(world: Any, uri: str, twin: str) -> None:
    """The other spelling is no resource at all."""
    deciding = engine(
        world, f'{ALL}@id("no") forbid (principal, action, resource == Resource::"github/{uri}");', tools=[]
    )

    assert (read(deciding, uri), read(deciding, twin)) == (
        ("forbidden", None),
        ("invalid_params", "uri_spelling"),
    )


@pytest.mark.parametrize(("uri", "twin"), TWINS.items())
def test_a_changed_resource_can_not_be_read_by_its_twin(world: Any, uri: str, twin: str) -> None:
    """The pin would not have held for the other spelling."""
    deciding = engine(world, ALL, resources=[{"uri": uri, "name": "n"}])
    before = read(deciding, uri)
    listed(deciding, "resources", {"uri": uri, "name": "other"})

    assert (before[0], read(deciding, uri)[0], read(deciding, twin)[0]) == (
        "allowed",
        "tool_changed",
        "invalid_params",
    )


@pytest.mark.parametrize(("uri", "twin"), TWINS.items())
def test_a_twin_that_is_pinned_is_in_no_list(world: Any, uri: str, twin: str) -> None:
    """Nobody can ask for it, so that a list that has it is of no use; it spoils nothing else."""
    items = [{"uri": uri, "name": "n"}, {"uri": twin, "name": "n"}]
    deciding = engine(world, ALL, resources=items)

    assert listed(deciding, "resources", *items) == (uri,)
    assert (read(deciding, uri)[0], read(deciding, twin)[0]) == ("allowed", "invalid_params")


def test_a_changed_template_stops_completion_and_no_read(world: Any) -> None:
    """Which URIs fit it isn't told from it; policies on their paths are what stops reads."""
    template = {"uriTemplate": "file:///t/{x}", "name": "n"}
    deciding = engine(world, ALL, resourceTemplates=[template])
    listed(deciding, "resourceTemplates", {**template, "name": "other"})
    ref = {"type": "ref/resource", "uri": "file:///t/{x}"}
    completed = deciding.authorize(
        ALICE, rpc("completion/complete", ref=ref, argument={"name": "x", "value": ""})
    )

    assert (completed.code, read(deciding, "file:///t/1")) == ("tool_changed", ("allowed", None))


@pytest.mark.parametrize("part", ["ref", "argument"])
def test_a_completion_has_no_prototype(world: Any, part: str) -> None:
    """In JavaScript, a prompt of another name could stand behind the one that was decided on."""
    params = {"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "x", "value": ""}}
    deciding = engine(world, ALL, prompts=[{"name": "p"}])
    params[part]["__proto__"] = {"name": "q"}  # type: ignore[assignment]
    decision = deciding.authorize(ALICE, rpc("completion/complete", **params))

    assert (decision.code, decision.detail) == ("invalid_params", "lookalike")
