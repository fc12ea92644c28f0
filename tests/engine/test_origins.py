"""A web page that may not call a server is refused before anything else, whoever looks at it."""

from pathlib import Path
from typing import Any

import pytest

from policy_engine import HttpFacts, PolicyEngine
from policy_engine.errors import ConfigError

PERMIT = '@id("all") @kinds("both") @delegable permit (principal, action, resource);'
RESOURCE = "https://mcp.example.com/github"
PING = {"jsonrpc": "2.0", "id": 7, "method": "ping"}


def engine(world: Any, *origins: str) -> PolicyEngine:
    """The world's server, with further pages that may call it."""
    made: PolicyEngine = world.engine(
        PERMIT, servers={"github": {"resource": RESOURCE, "origins": list(origins)}}
    )
    return made


def decided(engine: PolicyEngine, token: str | None, **headers: str) -> tuple[str, int]:
    """Twice, since what was decided once is told again."""
    first, second = (engine.evaluate(token, PING, http=HttpFacts(headers=headers)) for _ in range(2))
    assert (first.code, first.status) == (second.code, second.status)
    return first.code, first.status


def test_the_servers_own_pages_and_those_that_are_named_may_call_it(world: Any) -> None:
    """And whoever is no browser, and says nothing."""
    made = engine(world, "https://app.example.com", "http://localhost:5173")
    token = world.human()

    for origin in ("https://mcp.example.com", "https://app.example.com", "http://localhost:5173"):
        assert decided(made, token, Origin=origin) == ("allowed", 200)
        assert decided(made, token, ORIGIN=origin) == ("allowed", 200)
    assert decided(made, token) == ("allowed", 200)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://mcp.example.com",
        "https://mcp.example.com:8443",
        "https://mcp.example.com.evil.example",
        "https://MCP.example.com",
        "https://mcp.example.com/",
        "https://mcp.example.com, https://evil.example",
        "null",
        "",
    ],
)
def test_no_other_page_may(world: Any, origin: str) -> None:
    """Not with a good token either, nor where nobody knows what it would have been told."""
    made = engine(world)

    assert decided(made, world.human(), Origin=origin) == ("invalid_origin", 403)
    assert decided(made, None, Origin=origin) == ("invalid_origin", 403)
    assert decided(made, world.human(), origin=origin) == ("invalid_origin", 403)


def test_one_bad_origin_beside_a_good_one_is_refused(world: Any) -> None:
    """Whatever a proxy made of two headers."""
    headers = {"Origin": RESOURCE.removesuffix("/github"), "origin": "https://evil.example"}

    assert decided(engine(world), world.human(), **headers) == ("invalid_origin", 403)


def test_what_was_allowed_before_is_refused_to_another_page(world: Any, call: Any) -> None:
    """A decision that is told again is held against the page, too."""
    made = world.engine(PERMIT)
    token, message = world.human(), call("list_issues", repo="a")
    good, bad = (
        HttpFacts(headers={"Origin": each}) for each in ("https://mcp.example.com", "https://x.example")
    )

    codes = [made.evaluate(token, message, http=each).code for each in (good, good, bad, good)]

    assert codes == ["allowed", "allowed", "invalid_origin", "allowed"]


def test_streams_and_known_principals_are_held_to_it(world: Any) -> None:
    """GET, DELETE and `authorize` are requests of pages like any other."""
    made = engine(world)
    for method in ("GET", "DELETE"):
        http = HttpFacts(method=method, headers={"Origin": "https://x.example"})
        assert made.evaluate(world.human(), None, http=http).code == "invalid_origin"
    principal = made.identify(world.human())
    http = HttpFacts(headers={"Origin": "https://x.example"})
    assert made.authorize(principal, PING, http=http).code == "invalid_origin"


def test_the_check_is_said_to_be_skipped_only_where_nobody_knows_the_request(world: Any) -> None:
    """Of proofs of possession it always is."""
    made = engine(world)
    assert made.evaluate(world.human(), PING, http=HttpFacts()).checks_skipped == ("proof_of_possession",)
    assert "origin" in made.evaluate(world.human(), PING).checks_skipped


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "app.example.com",
        "https://app.example.com/",
        "https://App.example.com",
        "https://a.example:443",
    ],
)
def test_a_configured_origin_is_one_that_a_browser_writes(tmp_path: Path, origin: str) -> None:
    """Any other would never be one, and who wrote it would wonder."""
    file = tmp_path / "policy-engine.yaml"
    file.write_text(
        f"""\
version: 1
servers:
  github:
    resource: {RESOURCE}
    origins: ["{origin}"]
issuers:
  corp: {{issuer: https://login.example.com, profile: rfc9068, keys: {{jwks: {{keys: []}}}}}}
policies: []
"""
    )

    with pytest.raises(ConfigError) as caught:
        PolicyEngine.from_config(file)

    assert (caught.value.problem, caught.value.line) == ("not an origin as browsers write it", 5)
