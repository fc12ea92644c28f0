"""The corpus: 305 requests that the conformance suite of MCP really sent, of both revisions.

Each line has the verb, the headers that repeat the message, the message, and the status that a server of the
official SDK answered. What is refused here, and by which code, is written out by hand from the specification.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from policy_engine import Client, Decision, HttpFacts, PolicyEngine
from policy_engine.jose import SigningKey
from policy_engine.mcp import Catalogue, RequestBuilder, Server, parse_message
from policy_engine.model import Identity, TokenFacts

CORPUS = Path(__file__).parents[1] / "vectors" / "mcp_corpus.jsonl"
LINES: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
WHO = Client(issuer="corp", client_id="conformance")
EVERYTHING = '@id("all") permit (principal, action, resource);'

META, UNKNOWN = ("invalid_params", "meta", 400, -32602), ("unknown_method", None, 404, -32601)
DIFFERENT, MISSING, MALFORMED = (
    ("header_mismatch", detail, 400, -32020) for detail in ("different", "missing", "malformed")
)
REFUSED: dict[int, tuple[str, str | None, int, int]] = {
    **dict.fromkeys((172, 173, 174), META),  # no `_meta`, no version in it, no capabilities in it
    179: ("unsupported_version", None, 400, -32022),
    180: DIFFERENT,  # the version of the header isn't that of `_meta`
    **dict.fromkeys(range(182, 188), UNKNOWN),  # five that 2026-07-28 has no more, and one that never was
    271: DIFFERENT,  # `Mcp-Method: tasks/get` on tools/call
    **dict.fromkeys((272, 273), UNKNOWN),  # tasks/result and tasks/list
    287: DIFFERENT,
    288: MISSING,  # no `Mcp-Method`
    289: DIFFERENT,  # `Mcp-Name: wrong_tool_name`
    291: MISSING,  # no `Mcp-Name`
    294: DIFFERENT,  # `TOOLS/LIST`
    297: MALFORMED,  # Base64 without its padding
    298: MALFORMED,  # Base64 with `!!!` in it
    301: MISSING,  # `region` isn't in `Mcp-Param-Region`
}
"""Lines that a decision point has to refuse, as numbered from 0."""

THE_SERVERS = {
    154, 219,  # a Host of another site
    160,  # a session that is over
    181,  # a tool that needs a capability which the client hasn't
    213,  # a resource that isn't there
    246, 249,  # answers, or a state, that the tool can't use
    258, 259, 260, 282,  # tasks that aren't there, of a server that had none
}  # fmt: skip
"""Lines that the server refused for what it alone knows."""

ACTIONS = {
    "GET": "open_stream", "DELETE": "end_session", "answer": "answer_request", "initialize": "initialize",
    "notifications/initialized": "notify", "server/discover": "discover", "ping": "ping",
    "logging/setLevel": "set_log_level", "completion/complete": "complete", "tools/list": "list_tools",
    "prompts/list": "list_prompts", "prompts/get": "get_prompt", "resources/list": "list_resources",
    "resources/templates/list": "list_resource_templates", "resources/read": "read_resource",
    "resources/subscribe": "subscribe_resource", "resources/unsubscribe": "subscribe_resource",
    "tasks/get": "get_task", "tasks/update": "update_task", "tasks/cancel": "cancel_task",
    "subscriptions/listen": "listen",
}  # fmt: skip
FLAGS = {"toolsListChanged": "list_tools", "promptsListChanged": "list_prompts"}
KINDS = {"prompts/get": "Prompt", "resources/read": "Resource", "resources/subscribe": "Resource",
         "resources/unsubscribe": "Resource", "completion/complete": "Prompt", "tasks/get": "Task",
         "tasks/update": "Task", "tasks/cancel": "Task"}  # fmt: skip
NAMES = ("name", "uri", "taskId")


def asked(line: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Action and resource of every question that a line has to be, read without the engine."""
    body = line["body"] or {}
    method, params = body.get("method", "answer" if body else line["http"]), body.get("params", {})
    if method == "tools/call":
        yield f"demo/{params['name']}", f'Tool::"demo/{params["name"]}"'
        return
    named = params.get("ref", params)
    name = next((named[member] for member in NAMES if member in named), "")
    kind = KINDS.get(method)
    yield ACTIONS[method], 'Server::"demo"' if kind is None else f'{kind}::"demo/{name}"'
    for flag in params.get("notifications", {}):
        yield FLAGS[flag], 'Server::"demo"'


ASKED = {number: set(asked(line)) for number, line in enumerate(LINES) if number not in REFUSED}


@pytest.fixture(scope="module")
def tools() -> list[dict[str, Any]]:
    """The tools that the corpus calls; one of them wants an argument repeated in a header."""
    region = {"type": "string", "x-mcp-header": "Region"}
    names = {
        resource.split("/")[1][:-1] for pairs in ASKED.values() for _, resource in pairs if "Tool" in resource
    }
    return [
        {
            "name": name,
            "inputSchema": {
                "type": "object",
                "properties": {"region": region} if name == "test_x_mcp_header" else {},
                "additionalProperties": True,
            },
        }
        for name in sorted(names)
    ]


@pytest.fixture(scope="module")
def engine(tools: list[dict[str, Any]]) -> Callable[[str], PolicyEngine]:
    """Makes an engine of policies, in front of a server with these tools."""
    key = SigningKey.generate("ES256").public_jwk()
    issuer = {"issuer": "https://login.example.com", "profile": "rfc9068", "keys": {"jwks": {"keys": [key]}}}
    server = {"resource": "https://mcp.example.com/demo", "catalogue": {"tools": tools}}
    return lambda policies: PolicyEngine(
        policies=policies, servers={"demo": server}, issuers={"corp": issuer}
    )


def sent(engine: PolicyEngine, line: dict[str, Any]) -> Decision:
    """What the engine decides on a line."""
    return engine.authorize(WHO, line["body"], http=_http(line))


def _http(line: dict[str, Any]) -> HttpFacts:
    return HttpFacts(method=line["http"], headers=line["headers"])


def test_the_corpus_is_whole() -> None:
    """Every request that the server refused is accounted for, and nothing else is refused here."""
    assert len(LINES) == 305
    assert {
        number for number, line in enumerate(LINES) if line["status"] >= 400
    } == REFUSED.keys() | THE_SERVERS
    assert all(LINES[number]["status"] == status for number, (_, _, status, _) in REFUSED.items())


def test_every_line_comes_to_what_the_specification_demands(engine: Callable[[str], PolicyEngine]) -> None:
    """Under a policy that permits everything: code, detail, status, JSON-RPC error, and what is forwarded."""
    permissive = engine(EVERYTHING)
    for number, line in enumerate(LINES):
        decision = sent(permissive, line)
        forward = None if decision.forward is None else json.loads(decision.forward or b"null")
        body = decision.body()
        if number in REFUSED:
            assert body is not None, number
            told = (decision.code, decision.detail, decision.status, body["error"]["code"])
            assert (told, body["id"], forward) == (REFUSED[number], line["body"]["id"], None), number
        else:
            assert (decision.code, body, forward) == ("allowed", None, line["body"]), number
        assert decision.checks_skipped in ((), ("proof_of_possession",)), number


def test_every_line_asks_for_what_it_names(tools: list[dict[str, Any]]) -> None:
    """No question more, and none less."""
    catalogue = Catalogue.from_json("demo", {"tools": tools})
    server = Server(name="demo", resource="https://mcp.example.com/demo", catalogue=catalogue)
    builder = RequestBuilder({"demo": server}, now=lambda: 0)
    who = Identity(principal=WHO, token=TokenFacts())
    for number, pairs in ASKED.items():
        line = LINES[number]
        requests = builder.build(parse_message(line["body"], _http(line)), who, "demo").requests

        assert {(request.action.id, str(request.resource)) for request in requests} == pairs, number


FORBIDS = {
    **{f'action == Action::"{action}", resource': {action} for action, _ in set().union(*ASKED.values())},
    **{
        f"action, resource == {resource}": {resource}
        for _, resource in set().union(*ASKED.values())
        if not resource.startswith("Tool")
    },
    **{
        f"action, resource is {kind}": {f"{kind}::"}
        for kind in ("Tool", "Prompt", "Resource", "Task", "Server")
    },
}
"""Scopes of forbids, and what stands in the questions that each is about."""


ALONE = [
    'action == Action::"demo/greet", resource',
    'action == Action::"listen", resource',
    'action == Action::"list_tools", resource',
    'action == Action::"read_resource", resource',
    "action, resource is Server",
    "action, resource is Tool",
]
"""Forbids that are tried one by one; the others are told apart by what a decision says of them."""


@pytest.mark.parametrize("scope", ALONE)
def test_a_single_forbid_changes_exactly_the_lines_it_is_about(
    scope: str, engine: Callable[[str], PolicyEngine]
) -> None:
    """And lines that ask several questions change if one of them is forbidden."""
    strict = engine(f'{EVERYTHING}\n@id("no") forbid (principal, {scope});')
    changed = {number for number in ASKED if sent(strict, LINES[number]).code == "forbidden"}

    assert changed
    assert changed == {number for number in ASKED if _is_about(ASKED[number], FORBIDS[scope])}


def test_of_many_forbids_exactly_those_decide_that_are_about_a_line(
    engine: Callable[[str], PolicyEngine],
) -> None:
    """One for every action, tool, resource and kind of resource in the corpus, all at once."""
    texts = [f'@id("{number}") forbid (principal, {scope});' for number, scope in enumerate(FORBIDS)]
    strict = engine("\n".join([EVERYTHING, *texts]))
    for line, pairs in ASKED.items():
        if len(pairs) > 1:
            continue  # decided by the first question that is denied
        decided = {int(policy.id) for policy in sent(strict, LINES[line]).policies}

        assert decided == {
            number for number, words in enumerate(FORBIDS.values()) if _is_about(pairs, words)
        }, line


def _is_about(pairs: set[tuple[str, str]], words: set[str]) -> bool:
    return any(
        not words.isdisjoint({action, resource, f"{resource.partition('::')[0]}::"})
        for action, resource in pairs
    )


def test_what_is_refused_stays_refused_for_the_same_reason(engine: Callable[[str], PolicyEngine]) -> None:
    """No policy is asked about what can't be decided on."""
    strict = engine('@id("nothing") forbid (principal, action, resource);')
    told = {number: sent(strict, LINES[number]) for number in range(len(LINES))}

    assert {number: decision.code for number, decision in told.items() if decision.code != "forbidden"} == {
        number: code for number, (code, *_) in REFUSED.items()
    }
