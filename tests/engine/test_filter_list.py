"""Lists, less what the caller can never use: every kind, both revisions, both framings."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from policy_engine import Client, FilteredList, PolicyEngine, TokenFacts, User
from policy_engine.audit import AuditTrail, FileSink, ListSink
from policy_engine.model import Identity
from tests.conftest import CATALOGUE, POLICIES, RESOURCE

Filter = Callable[..., FilteredList]

LISTS = """
@id("lists") @kinds("both") @delegable permit (principal, action in [Action::"list_tools",
  Action::"list_prompts", Action::"list_resources", Action::"list_resource_templates"], resource);
"""
READING = 'Action::"read_resource", Action::"subscribe_resource"'
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
NAMES = ("list_issues", "create_issue", "delete_repository")
TOOLS = [{"name": name, "description": f"Does {name}."} for name in NAMES]
SERVER = {"resource": RESOURCE, "catalogue": CATALOGUE, "changed": "warn"}
"""Short items are listed here, other ones than those pinned: see `test_changed_tools.py`."""


def asks(method: str, *, stateless: bool = False, id_: Any = 1) -> dict[str, Any]:
    """A list request."""
    params = {"_meta": META} if stateless else {}
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}


def answers(id_: Any = 1, /, **result: Any) -> dict[str, Any]:
    """A server's answer."""
    return {"jsonrpc": "2.0", "id": id_, "result": result}


@pytest.fixture
def filtered(world: Any) -> Filter:
    """What `alice`, or another, gets of a list; `policies` are added to those of the world."""

    def ask(
        method: str,
        answer: Any,
        who: Any = None,
        /,
        *,
        policies: str = "",
        stateless: bool = False,
        id_: Any = 1,
        **changes: Any,
    ) -> FilteredList:
        values = {"servers": {"github": SERVER}, **changes}
        engine: PolicyEngine = world.engine(world_policies() + policies, **values)
        token = world.human() if who is None else who
        return engine.filter_list(token, asks(method, stateless=stateless, id_=id_), answer, "github")

    return ask


def world_policies() -> str:
    """Those of the world, and one that opens the lists."""
    return POLICIES + LISTS


def test_a_machine_sees_the_tools_that_it_may_call(world: Any, filtered: Filter) -> None:
    """What no arguments would open is left out; all else stays as it was."""
    answer = answers(tools=TOOLS, nextCursor="p2", more={"b": 1, "a": [2]})

    found = filtered("tools/list", json.dumps(answer).encode(), world.machine())

    assert found.shown == ("create_issue",)
    assert (found.hidden, found.media_type) == (2, "application/json")
    assert (found.unpinned, found.changed) == ((), NAMES)
    assert found.body == (
        b'{"jsonrpc":"2.0","id":1,"result":{"tools":'
        b'[{"name":"create_issue","description":"Does create_issue."}],'
        b'"nextCursor":"p2","more":{"b":1,"a":[2]}}}'
    )
    assert (found.decision.code, found.decision.status, found.decision.note) == (
        "allowed",
        200,
        "hid 2 of 3 items",
    )


def test_a_person_sees_what_people_may_call(filtered: Filter) -> None:
    """Of the same list; the order is the server's."""
    found = filtered("tools/list", answers(tools=TOOLS[::-1]))

    assert found.shown == NAMES[::-1]
    assert (found.hidden, found.decision.note) == (0, "")


def test_an_agent_sees_what_it_may_do_for_a_person(filtered: Filter) -> None:
    """Permits that aren't @delegable open nothing to it."""
    agent = Client(issuer="corp", client_id="desktop-agent", category="ai_agent")
    who = Identity(principal=User(issuer="corp", subject="alice", actor=agent), token=TokenFacts())
    policy = (
        '@id("a") @delegable permit (principal is User, action == Action::"github/list_issues", resource);'
    )

    assert filtered("tools/list", answers(tools=TOOLS), who, policies=policy).shown == ("list_issues",)


@pytest.mark.parametrize(
    ("method", "member", "key", "items", "policy", "shown"),
    [
        ("prompts/list", "prompts", "name", ["a", "b"],
         'action == Action::"get_prompt", resource == Prompt::"github/a"', ["a"]),
        ("prompts/list", "prompts", "name", ["a", "b"],
         'action == Action::"complete", resource == Prompt::"github/b"', ["b"]),
        ("resources/list", "resources", "uri", ["file:///a", "file:///b"],
         'action == Action::"read_resource", resource == Resource::"github/file:///b"', ["file:///b"]),
        ("resources/list", "resources", "uri", ["file:///a", "file:///b"],
         'action == Action::"subscribe_resource", resource == Resource::"github/file:///a"', ["file:///a"]),
        ("resources/list", "resources", "uri", ["file:///a/../b", "file:///b"],
         'action == Action::"read_resource", resource', ["file:///b"]),
        ("resources/templates/list", "resourceTemplates", "uriTemplate", ["file:///{a}", "x:{b}"],
         'action == Action::"complete", resource == ResourceTemplate::"github/x:{b}"', ["x:{b}"]),
        ("resources/templates/list", "resourceTemplates", "uriTemplate", ["file:///{a}", "x:{b}"],
         'action == Action::"read_resource", resource == Resource::"github/file:///a"',
         ["file:///{a}", "x:{b}"]),
        ("resources/templates/list", "resourceTemplates", "uriTemplate", ["file:///{a}", "x:{b}"],
         'action == Action::"get_prompt", resource', []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stateless", [False, True])
def test_prompts_resources_and_templates(
    *, world: Any, filtered: Filter, method: str, member: str, key: str, items: list[str], policy: str,
    shown: list[str], stateless: bool,
) -> None:  # fmt: skip
    """Shown is what can be got, read, subscribed to or completed; a template, if any resource can be read."""
    found = filtered(
        method,
        answers(**{member: [{key: item} for item in items]}),
        world.machine(),
        policies=f'@id("p") permit (principal, {policy});',
        stateless=stateless,
    )

    assert list(found.shown) == shown
    assert [item[key] for item in json.loads(found.body)["result"][member]] == shown


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ('context.arguments has title && context.arguments.title == "x"', True),
        ('context.time.toTime() < duration("1ms")', True),
        ('context.input_responses.contains("elicitation")', True),
        ('context.protocol_version == "2026-07-28"', True),
        ("context.has_request_state", True),
        ('context.token.scopes.contains("issues:write")', True),
        ('context.token.scopes.contains("admin")', False),
        ("resource.read_only", False),
        ("!(context has actor)", True),
        ("context has actor", False),
        ('resource.name == "create_issue"', True),
        ('principal.hasTag("team")', False),
        ("context.arguments has count && context.arguments.count * 4 > 0", True),
        ("9223372036854775807 + 1 == 0", False),
    ],
)  # fmt: skip
def test_what_could_hold_shows_and_what_cannot_hides(
    filtered: Filter,
    condition: str,
    shown: bool,  # noqa: FBT001 -- a column
) -> None:
    """Arguments, times, versions and answers are anything; the caller and their token are what they are."""
    who = Identity(
        principal=Client(issuer="machines", client_id="other"), token=TokenFacts(scopes=("issues:write",))
    )
    head = 'permit (principal is Client, action == Action::"github/create_issue", resource)'
    policy = f'@id("p") {head} when {{ {condition} }};'

    assert filtered("tools/list", answers(tools=TOOLS), who, policies=policy).shown == (
        ("create_issue",) if shown else ()
    )


@pytest.mark.parametrize(
    ("forbid", "shown"),
    [
        ("", False),
        ("when { context.arguments has repo }", False),
        ('when { context.arguments.repo == "x" }', True),
        ('unless { context.token.scopes.contains("admin") }', False),
        ("when { 9223372036854775807 + 1 == 0 }", False),
        ("when { context.arguments has count && context.arguments.count * 4 > 0 }", True),
        ('when { context.time < datetime("2000-01-01") }', True),
        ('when { principal.hasTag("team") }', True),
    ],
)  # fmt: skip
def test_only_a_forbid_that_stops_every_call_hides(
    filtered: Filter,
    forbid: str,
    shown: bool,  # noqa: FBT001 -- a column
) -> None:
    """It applies to all, or errs on all; what it does to some is decided when they come."""
    head = 'forbid (principal, action == Action::"github/create_issue", resource)'
    policy = f'@id("f") @kinds("both") {head} {forbid};'

    assert ("create_issue" in filtered("tools/list", answers(tools=TOOLS), policies=policy).shown) is shown


@pytest.mark.parametrize(
    ("forbid", "shown"),
    [
        ('resource == Resource::"github/file:///a")', True),
        ('resource in ToolGroup::"payments")', True),
        ('resource in Server::"github")', False),
        ('resource) when { resource.uri like "f*" }', True),
        ("resource is Resource)", False),
        ("resource)", False),
    ],
)
def test_a_template_is_hidden_only_if_nothing_can_be_read_at_all(
    filtered: Filter,
    forbid: str,
    shown: bool,  # noqa: FBT001 -- a column
) -> None:
    """Which resources there are, nobody knows but the server."""
    head = f"forbid (principal, action in [{READING}], {forbid}"
    listed = answers(resourceTemplates=[{"uriTemplate": "file:///{x}"}])
    entities = [{"uid": {"type": "ToolGroup", "id": "payments"}}]

    found = filtered(
        "resources/templates/list", listed, policies=f'@id("f") @kinds("both") {head};', entities=entities
    )

    assert found.shown == (("file:///{x}",) if shown else ())


@pytest.mark.parametrize(
    ("unpinned", "shown"), [("deny", ("list_issues",)), ("allow", ("list_issues", "new"))]
)
def test_tools_that_nobody_pinned(filtered: Filter, unpinned: str, shown: tuple[str, ...]) -> None:
    """They are shown if they may be called at all, and named for who keeps the catalogue."""
    servers = {"github": {**SERVER, "unpinned": unpinned}}
    tools = [{"name": name} for name in ("list_issues", "new", "List_Issues", "n" * 2000)]

    found = filtered("tools/list", answers(tools=tools), servers=servers)

    assert found.shown == shown
    assert found.unpinned == ("new", "List_Issues", "n" * 2000)


def test_no_cache_may_give_one_callers_list_to_another(filtered: Filter) -> None:
    """In the revision that has caches, and wherever a server says something of them."""
    public = answers(tools=[], cacheScope="public", ttlMs=60000)

    new = json.loads(filtered("tools/list", public, stateless=True).body)["result"]
    old = json.loads(filtered("tools/list", public).body)["result"]
    silent = json.loads(filtered("tools/list", answers(tools=[]), stateless=True).body)["result"]

    assert new == old == {"tools": [], "cacheScope": "private", "ttlMs": 60000}
    assert silent == {"tools": [], "cacheScope": "private"}
    assert json.loads(filtered("tools/list", answers(tools=[])).body)["result"] == {"tools": []}


def test_what_a_server_says_of_itself_is_private_too(filtered: Filter) -> None:
    """A caller who may not ask must not get it out of a cache."""
    answer = answers(supportedVersions=["2026-07-28"], cacheScope="public", tools="here it is no list")

    found = filtered("server/discover", answer, stateless=True)

    assert json.loads(found.body)["result"] == {**answer["result"], "cacheScope": "private"}
    assert (found.shown, found.hidden) == ((), 0)


def test_a_servers_error_is_passed_on(filtered: Filter) -> None:
    """Written anew."""
    error = {"code": -32602, "message": "Invalid cursor", "data": {"cursor": "x"}}

    found = filtered("tools/list", json.dumps({"id": 1, "error": error, "jsonrpc": "2.0"}, indent=1))

    assert json.loads(found.body) == {"jsonrpc": "2.0", "id": 1, "error": error}
    assert found.decision.allowed
    assert b"\n" not in found.body


def test_the_answer_is_written_for_the_one_who_asked(filtered: Filter) -> None:
    """Whatever the id is, and wherever the server puts it."""
    for id_ in (0, -7, "a", "x y", 'q"', 10**15):
        for answer in (answers(id_, tools=TOOLS), dict(reversed(answers(id_, tools=TOOLS).items()))):
            for text in (json.dumps(answer), json.dumps(answer, indent=2), answer):
                found = filtered("tools/list", text, id_=id_)

                assert json.loads(found.body) == answers(id_, tools=TOOLS)


@pytest.mark.parametrize("id_", [1, "1", 7], ids=repr)
@pytest.mark.parametrize("other", [2, True, 1.0, None, "2"], ids=repr)
def test_an_answer_to_another_request_is_refused(filtered: Filter, id_: Any, other: Any) -> None:
    """To Python, some of these are one."""
    for body in (answers(other, tools=TOOLS), {"id": other, "result": {"tools": []}, "jsonrpc": "2.0"}):
        found = filtered("tools/list", json.dumps(body), id_=id_)

        assert (found.decision.code, found.decision.detail) == ("malformed_list", "id")


def test_a_refused_list_says_nothing_of_itself(filtered: Filter) -> None:
    """Nothing of what the server sent gets through."""
    found = filtered("tools/list", answers(tools=[*TOOLS, {"title": "secret"}]))

    assert found == FilteredList.refused(found.decision)
    assert (found.decision.code, found.decision.detail, found.decision.status) == (
        "malformed_list",
        "item",
        502,
    )
    assert found.body == b'{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Bad gateway"}}'
    assert found.decision.forward is None


def test_whoever_may_not_ask_gets_the_refusal(world: Any) -> None:
    """The answer isn't even read."""
    engine = world.engine()
    found = engine.filter_list(world.machine(), asks("tools/list"), b"not JSON", "github")

    assert found.decision.code == "no_permit"
    assert json.loads(found.body) == found.decision.body()
    assert engine.filter_list("", asks("tools/list"), b"").decision.headers()["WWW-Authenticate"]


@pytest.mark.parametrize("answer", [None, 7, b"", [], object(), {"result": {}}, "\ud83d", b"\xef\xbb\xbf{}"])
def test_nothing_that_a_server_sends_raises(filtered: Filter, answer: Any) -> None:
    """It becomes a refusal."""
    assert filtered("tools/list", answer).decision.code == "malformed_list"


def test_a_list_in_a_stream_of_events(world: Any, filtered: Filter) -> None:
    """Any line ends, a mark, comments, ids, data on several lines; notifications stay."""
    answer = json.dumps(answers(tools=TOOLS), indent=1).replace("\n", "\r\ndata: ")
    stream = (
        "\ufeff: hello\r\nid: 1\ndata:\n\nretry: 100\r"
        'data: {"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "ä"}}\r\n\r\n'
        f"event: message\rid: 2\ndata:{answer}\n\n"
        'data: {"jsonrpc": "2.0", "id": 9, "method": "ping"}\n\n'
        'data: {"jsonrpc": "2.0", "method": "never/ended"}\n'
    )

    found = filtered("tools/list", stream.encode(), world.machine())

    assert found.media_type == "text/event-stream"
    assert found.shown == ("create_issue",)
    assert found.body.decode() == (
        "retry: 100\nevent: message\n"
        'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"ä"}}\n\n'
        'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{"tools":'
        '[{"name":"create_issue","description":"Does create_issue."}]}}\n\n'
        'event: message\ndata: {"jsonrpc":"2.0","id":9,"method":"ping"}\n\n'
    )


@pytest.mark.parametrize(
    "event",
    [
        'event: other\ndata: {"jsonrpc": "2.0", "method": "x"}\n\n',
        'data: {"jsonrpc": "2.0", "id": 1, "result": {"tools": []}}\n\n',
        'data: {"jsonrpc": "2.0", "id": 2, "result": {"tools": [{"name": "secret"}]}}\n\n',
        'data: {"jsonrpc": "2.0", "method": 7}\n\n',
        'data: {"jsonrpc": "2.0", "method": "x", "result": {}}\n\n',
        'data: {"jsonrpc": "2.0", "\\u006dethod": "x", "result": {}}\n\n',
        "data: []\n\n",
        "data: hello\n\n",
        'data: {"a": 1, "a": 2}\n\n',
    ],
)
def test_a_stream_with_anything_else_is_refused(filtered: Filter, event: str) -> None:
    """Nothing that wasn't understood gets through."""
    whole = f"data: {json.dumps(answers(tools=TOOLS))}\n\n{event}"

    assert filtered("tools/list", whole.encode()).decision.code == "malformed_list"


def test_servers_of_the_stateless_revision_ask_nothing(filtered: Filter) -> None:
    """In a stream of the other they may."""
    question = 'data: {"jsonrpc": "2.0", "id": 9, "method": "ping"}\n\n'
    whole = f"{question}data: {json.dumps(answers(tools=TOOLS))}\n\n".encode()

    assert filtered("tools/list", whole).decision.allowed
    assert filtered("tools/list", whole, stateless=True).decision.detail == "stream"


def test_the_decision_is_recorded_once_with_what_was_hidden(world: Any, filtered: Filter) -> None:
    """One record a request, whatever becomes of the answer."""
    sink = ListSink()
    for answer in (answers(tools=TOOLS), b"?"):
        filtered("tools/list", answer, world.machine(), audit=AuditTrail(sink=sink))

    assert [
        (record["code"], record["detail"], record["note"], record["action"]) for record in sink.records
    ] == [
        ("allowed", None, "hid 2 of 3 items", 'Action::"list_tools"'),
        ("malformed_list", "stream", "a stream without an answer", 'Action::"list_tools"'),
    ]


def test_what_cannot_be_recorded_is_not_shown(filtered: Filter, tmp_path: Any) -> None:
    """As for every decision."""
    trail = AuditTrail(sink=FileSink(tmp_path / "missing" / "audit.jsonl"))

    found = filtered("tools/list", answers(tools=TOOLS), audit=trail)

    assert found == FilteredList.refused(found.decision)
    assert found.decision.code == "audit_failed"


def test_the_same_in_an_event_loop(world: Any) -> None:
    """But for the time that it took."""
    engine = world.engine(world_policies(), servers={"github": SERVER})
    found = asyncio.run(
        engine.filter_list_async(world.machine(), asks("tools/list"), answers(tools=TOOLS), "github")
    )

    assert found.shown == ("create_issue",)


def test_a_reload_is_seen_by_the_next_list(world: Any, tmp_path: Any) -> None:
    """Proofs are of one policy set."""
    file = tmp_path / "p.cedar"
    file.write_text(LISTS)
    engine = world.engine(policies=file, servers={"github": SERVER})
    before = engine.filter_list(world.human(), asks("tools/list"), answers(tools=TOOLS)).shown
    file.write_text(world_policies())
    engine.reload()

    assert (before, engine.filter_list(world.human(), asks("tools/list"), answers(tools=TOOLS)).shown) == (
        (),
        NAMES,
    )


def test_callers_that_python_takes_for_one_see_their_own(world: Any) -> None:
    """`1 == True`, but an attribute that is 1 isn't one that is true; and names aren't shared by kinds."""
    policies = world_policies() + (
        '@id("p") permit (principal is Client, action == Action::"github/list_issues", resource)'
        " when { principal has level && principal.level == 1 };"
    )
    declared = {"Client": {"level": "long"}}
    engine = world.engine(policies, attributes=declared, servers={"github": SERVER})

    def shown(level: Any) -> tuple[str, ...]:
        machine = Client(issuer="machines", client_id="ci", typed_attributes={"level": level})
        who = Identity(principal=machine, token=TokenFacts())
        found: FilteredList = engine.filter_list(who, asks("tools/list"), answers(tools=TOOLS))
        return found.shown

    assert [shown(level) for level in (0, 1, 2, 1, 0)] == [(), ("list_issues",), (), ("list_issues",), ()]


def test_many_callers_at_once_each_see_their_own(world: Any) -> None:
    """Proofs are shared between threads, and belong to one caller each."""
    engine = world.engine(world_policies(), servers={"github": SERVER})
    names = [f"ci-{n}" for n in range(40)] + ["ci-bot"] * 10

    def shown(name: str) -> tuple[str, ...]:
        who = Identity(
            principal=Client(issuer="machines", client_id=name), token=TokenFacts(scopes=("issues:write",))
        )
        found: FilteredList = engine.filter_list(who, asks("tools/list"), answers(tools=TOOLS))
        return found.shown

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(shown, names * 4))

    assert seen == [("create_issue",) if name == "ci-bot" else () for name in names * 4]
