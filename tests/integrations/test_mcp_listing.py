"""Servers are asked for their tools: real ones answer; who isn't strict, or costs too much, is refused."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policy_engine.errors import ConfigError
from policy_engine.integrations import mcp_process
from policy_engine.integrations.mcp_listing import Limits, lists_over_http, lists_over_stdio

Play = Callable[..., list[str]]
FEW = Limits(seconds=20.0, bytes=20_000, pages=3, items=4)


def tools_over_http(url: str, **more: Any) -> list[dict[str, Any]]:
    """Only the tools of a server."""
    return lists_over_http(url, **more).items["tools"]


def tools_over_stdio(command: list[str], **more: Any) -> list[dict[str, Any]]:
    """Only the tools of a server."""
    return lists_over_stdio(command, **more).items["tools"]


def item(name: str, **more: Any) -> dict[str, Any]:
    """An item of a list."""
    return {"name": name, "inputSchema": {"type": "object"}, **more}


def page(*items: Any, cursor: str | None = None) -> str:
    """An answer to `tools/list`, as text; `$id` stands for the id."""
    result = {"tools": list(items), **({} if cursor is None else {"nextCursor": cursor})}
    return json.dumps({"jsonrpc": "2.0", "id": "$id", "result": result}).replace('"$id"', "$id")


# --- real servers -------------------------------------------------------------------------------


def test_a_real_server_is_listed_over_stdio(time_server: list[str]) -> None:
    """A package from the registry, started as its users start it."""
    items = tools_over_stdio(time_server)

    assert [entry["name"] for entry in items] == ["get_current_time", "convert_time"]
    assert items[0]["inputSchema"]["required"] == ["timezone"]
    assert items[0]["annotations"]["readOnlyHint"] is True


def test_a_real_server_is_listed_over_http(sdk_server: str) -> None:
    """Streamable HTTP, in the revision that the two agree on."""
    (found,) = tools_over_http(sdk_server)

    assert (found["name"], found["description"]) == ("greet", "Say hello")
    assert set(found["inputSchema"]["properties"]) == {"name", "loudly"}


def test_all_that_a_server_has_is_listed_with_the_revision_and_its_name(sdk_server: str) -> None:
    """Tools, prompts, resources and templates, in the newer revision of the protocol."""
    found = lists_over_http(sdk_server)

    assert {member: [entry["name"] for entry in items] for member, items in found.items.items()} == {
        "tools": ["greet"],
        "prompts": ["greeting"],
        "resources": ["greetings"],
        "resourceTemplates": ["greetings_of"],
    }
    assert found.items["resources"][0]["uri"] == "greetings://all"
    assert found.items["resourceTemplates"][0]["uriTemplate"] == "greetings://{language}/all"
    assert (found.protocol, found.name) == ("2026-07-28", "sdk")


def listing(member: str, *items: Any, cursor: str | None = None) -> str:
    """An answer to another list's method, as text."""
    return page(*items, cursor=cursor).replace('"tools"', f'"{member}"')


PROMPTS = {"prompts/list": listing("prompts", {"name": "p", "x": None})}
RESOURCES = {"resources/list": listing("resources", {"name": "r", "uri": "a:b"})}


def test_only_what_a_server_declares_is_asked_for(play: Play) -> None:
    """Tools are asked for in any case: some servers declare nothing. Templates needn't be there."""
    nothing = play(page(item("a")), capabilities=(), lists=PROMPTS)
    no_tools = play(capabilities=("prompts", "resources"), lists={**PROMPTS, **RESOURCES})

    first, second = lists_over_stdio(nothing), lists_over_stdio(no_tools)

    assert (first.protocol, first.name, first.version) == ("2025-11-25", "player", "1")
    assert first.items == {"tools": [item("a")], "prompts": [], "resources": [], "resourceTemplates": []}
    assert second.items == {
        "tools": [],
        "prompts": [{"name": "p", "x": None}],
        "resources": [{"name": "r", "uri": "a:b"}],
        "resourceTemplates": [],
    }


BROKEN = {
    "a declared list without its method": (("tools",), (), {}, "JSON-RPC error -32601"),
    "too many prompts": (
        ("prompts",),
        (),
        {"prompts/list": listing("prompts", *map(item, "abcde"))},
        "the server lists more than 4 prompts",
    ),
    "resources without an end": (
        ("resources",),
        (),
        {"resources/list": listing("resources", cursor="again")},
        "the server's list of resources has no end",
    ),
    "another list's items": (
        ("prompts",),
        (),
        {"prompts/list": listing("resources")},
        "isn't one that MCP knows",
    ),
}


@pytest.mark.parametrize(("declared", "answers", "lists", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_every_list_is_bounded_and_complete(
    play: Play, declared: tuple[str, ...], answers: tuple[str, ...], lists: dict[str, str], says: str
) -> None:
    """A list that can't be had as a whole is none."""
    with pytest.raises(ConfigError, match=says):
        lists_over_stdio(play(*answers, capabilities=declared, lists=lists), limits=FEW)


# --- what is kept -------------------------------------------------------------------------------


def test_pages_are_put_together_and_items_kept_as_they_are(play: Play) -> None:
    """Members that the SDK doesn't know included: the digest of a tool covers all of it."""
    odd = item("odd", **{"x-odd": {"deep": [1, None, "\u202e"]}, "description": "$\x1b[2J"})

    assert tools_over_stdio(play(page(item("a"), odd, cursor="2"), page(item("b")))) == [
        item("a"),
        odd,
        item("b"),
    ]


@pytest.mark.parametrize("events", [False, True], ids=["JSON", "events"])
def test_both_forms_of_an_http_answer_are_read(http_player: Any, events: bool) -> None:  # noqa: FBT001 -- a parameter
    """One JSON text, or a stream of events; a comment, an id and an empty event mean nothing."""
    http_player.events = events
    text = page(item("a")).encode()
    if events:
        text = b": hello\nid: 7\ndata:\n\nevent: message\ndata: " + text + b"\n\n"
    kind = "text/event-stream" if events else "application/json; charset=utf-8"
    http_player.answer = (200, {"Content-Type": kind}, text)

    assert tools_over_http(http_player.url) == [item("a")]


def test_a_token_is_sent_and_nothing_is_unpacked(http_player: Any) -> None:
    """In the header that it belongs in."""
    http_player.answer = (200, {"Content-Type": "application/json"}, page().encode())

    assert tools_over_http(http_player.url, token="t-1") == []
    assert {heard["Authorization"] for heard in http_player.heard} == {"Bearer t-1"}
    assert {heard["Accept-Encoding"] for heard in http_player.heard} == {"identity"}


def test_what_a_server_asks_for_is_not_given(play: Play) -> None:
    """A question in return gets an error, and the list goes on."""
    ask = (
        'print(json.dumps({"jsonrpc": "2.0", "id": "q", "method": "sampling/createMessage",'
        ' "params": {"messages": [], "maxTokens": 1}}), flush=True)\n'
        "told = json.loads(sys.stdin.readline())\n"
        'answers[:] = [answers[0].replace("$told", str("error" in told))]'
    )

    assert tools_over_stdio(play(page(item("$told")), before=ask)) == [item("True")]


def test_a_server_gets_no_secrets_from_the_environment(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the SDK holds harmless."""
    monkeypatch.setenv("A_SECRET", "s3cret")
    tell = 'answers[:] = [answers[0].replace("$told", "A_SECRET" in os.environ and "yes" or "no")]'

    assert tools_over_stdio(play(page(item("$told")), before=tell)) == [item("no")]


# --- what is refused ----------------------------------------------------------------------------

TWICE = page(item("a")).replace('"name": "a"', '"name": "a", "name": "b"')
STDIO = {
    "a member twice": ((TWICE,), "isn't strict JSON (duplicate_member)"),
    "noise": (("Listening on stdio…",), "isn't strict JSON (not_json)"),
    "not a number": ((page(item("a", x="NaN")).replace('"NaN"', "NaN"),), "isn't strict JSON (not_finite)"),
    "half a character": ((page(item("\ud800")),), "isn't strict JSON (lone_surrogate)"),
    "no message": (("[1, 2]",), "isn't one that MCP knows"),
    "no list": (('{"jsonrpc": "2.0", "id": $id, "result": {}}',), "isn't one that MCP knows"),
    "items that are none": ((page("a"),), "isn't one that MCP knows"),
    "an error": (
        ('{"jsonrpc": "2.0", "id": $id, "error": {"code": -32603, "message": "\\u202e"}}',),
        "the server doesn't list what it has (JSON-RPC error -32603)",
    ),
    "too many tools": ((page(*map(item, "abcde")),), "lists more than 4 tools"),
    "too many pages": (
        tuple(page(cursor=str(number)) for number in range(9)),
        "list of tools has more than 3 pages",
    ),
    "no end": ((page(cursor="again"),), "list of tools has no end: a `nextCursor` came twice"),
    "too much at once": ((page(item("a", description="x" * 30_000)),), "says more than 20000 bytes"),
    "too much in all": (
        (page(item("a", description="x" * 12_000), cursor="2"), page(item("b", description="x" * 12_000))),
        "says more than 20000 bytes",
    ),
}


@pytest.mark.parametrize(("answers", "says"), STDIO.values(), ids=STDIO.keys())
def test_a_server_that_is_not_strict_or_costs_too_much_is_refused(
    play: Play, capfd: pytest.CaptureFixture[str], answers: tuple[str, ...], says: str
) -> None:
    """One sentence of ours; nothing that it said is shown."""
    with pytest.raises(ConfigError) as caught:
        tools_over_stdio(play(*answers), limits=FEW)

    assert says in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["no-such-command-anywhere"], "the server can't be started: No such file or directory"),
        ([sys.executable, "-c", "pass"], "the server ended, or hung up, before it had listed everything"),
        ([sys.executable, "-c", "import sys; sys.stdin.read()"], "the server gave no list within 1 seconds"),
    ],
    ids=["not there", "ends", "silent"],
)
def test_a_server_that_does_not_answer_is_told_from_one_that_is_not_there(
    command: list[str], says: str
) -> None:
    """Each in a sentence, and in time."""
    with pytest.raises(ConfigError, match="^" + says.replace("(", r"\(")):
        tools_over_stdio(command, limits=replace(FEW, seconds=1.0))


def test_a_server_of_another_age_is_not_asked(play: Play) -> None:
    """A revision that the SDK doesn't know."""
    with pytest.raises(ConfigError, match=r"^the server can't be asked \(RuntimeError\)"):
        tools_over_stdio(play(page(), version="1999-01-01"), limits=FEW)


JSON, EVENTS = {"Content-Type": "application/json"}, {"Content-Type": "text/event-stream"}
HTTP = {
    "a member twice": ((200, JSON, TWICE.encode()), "isn't strict JSON (duplicate_member)"),
    "a member twice in an event": (
        (200, EVENTS, b"data: " + TWICE.encode() + b"\n\n"),
        "isn't strict JSON (duplicate_member)",
    ),
    "another encoding of an event": (
        (200, {"Content-Type": "text/event-stream; charset=utf-16"}, f"data: {TWICE}\n\n".encode("utf-16")),
        "isn't UTF-8",
    ),
    "a compressed answer": ((200, {**JSON, "Content-Encoding": "gzip"}, b"x"), "compresses its answer"),
    "too much": ((200, JSON, b" " * 30_000), "says more than 20000 bytes"),
    "too much in an event": ((200, EVENTS, b": " + b"x" * 30_000), "says more than 20000 bytes"),
    "events without an answer": ((200, EVENTS, b": bye\n\n"), "the server ended, or hung up"),
    "text": ((200, {"Content-Type": "text/plain"}, b"hello"), "the server doesn't list what it has"),
    "nothing": ((202, {}, b""), "the server doesn't list what it has"),
    "no entry": ((401, {"WWW-Authenticate": "Bearer"}, b""), "answers with HTTP status 401"),
    "elsewhere": ((307, {"Location": "https://example.com/mcp"}, b""), "the server doesn't list what it has"),
}


@pytest.mark.parametrize(("answer", "says"), HTTP.values(), ids=HTTP.keys())
def test_an_http_server_that_is_not_strict_or_costs_too_much_is_refused(
    http_player: Any, capfd: pytest.CaptureFixture[str], answer: Any, says: str
) -> None:
    """The same, over HTTP."""
    http_player.answer = answer

    with pytest.raises(ConfigError) as caught:
        tools_over_http(http_player.url, limits=FEW)

    assert says in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_slow_http_server_is_not_waited_for(http_player: Any) -> None:
    """Time is for everything together."""
    http_player.delay = 1.5

    with pytest.raises(ConfigError, match=r"^the server gave no list within 0\.7 seconds"):
        tools_over_http(http_player.url, limits=replace(FEW, seconds=0.7))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/mcp", "http://[::1", "nonsense"])
def test_an_address_where_nothing_is_cannot_be_reached(url: str) -> None:
    """Nobody listens there, or nobody could."""
    with pytest.raises(ConfigError, match=r"^the server can't be reached"):
        tools_over_http(url, limits=FEW)


def test_without_the_extra_it_says_what_to_install(
    time_server: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the command line works without it."""
    monkeypatch.setitem(sys.modules, "mcp", None)

    with pytest.raises(ConfigError) as caught:
        tools_over_stdio(time_server)

    assert caught.value.remedy == "pip install 'policy-engine[mcp]'"


# --- the process --------------------------------------------------------------------------------


def ended(pid_file: Path) -> bool:
    """Whether the process that wrote its id into a file ends in a moment; one that nobody reaps has ended."""
    for _ in range(40):
        found = subprocess.run(
            ["ps", "-o", "stat=", "-p", pid_file.read_text()], capture_output=True, text=True, check=False
        )
        if found.stdout.strip()[:1] in {"", "Z"}:
            return True
        time.sleep(0.05)
    return False


DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
WAIT = "import time; time.sleep(60)"
CHILD = (
    "import subprocess\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "open(play['pid'] + '.child', 'w').write(str(child.pid))"
)
ENDS = {
    "that ends by itself": {},
    "that has to be told": {"last": WAIT},
    "that doesn't listen": {"first": DEAF, "last": WAIT},
    "that says more than anybody reads": {"last": "while True: print('x' * 10000)"},
}


@pytest.mark.parametrize("how", ENDS.values(), ids=ENDS.keys())
def test_no_server_outlives_its_list(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, str]
) -> None:
    """It is asked to end, told to end, and ended."""
    monkeypatch.setattr(mcp_process, "_GRACE", 0.3)

    assert tools_over_stdio(play(page(item("a")), pid=tmp_path / "pid", **how)) == [item("a")]
    assert ended(tmp_path / "pid")


def test_a_process_that_goes_on_is_told(play: Play, tmp_path: Path) -> None:
    """What the tests around it rely on: a process that nobody ends is seen."""
    with subprocess.Popen(play(pid=tmp_path / "pid", first=WAIT)) as process:
        # The file is there a moment before anything is in it.
        while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
            time.sleep(0.02)
        seen = ended(tmp_path / "pid")
        process.kill()

    assert seen is False
    assert ended(tmp_path / "pid")


def test_what_a_server_started_ends_with_it(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A launcher is often between us and the server."""
    monkeypatch.setattr(mcp_process, "_GRACE", 0.3)

    tools_over_stdio(play(page(item("a")), pid=tmp_path / "pid", first=CHILD, last=WAIT))

    assert ended(tmp_path / "pid")
    assert ended(tmp_path / "pid.child")


def test_a_refused_server_is_ended_too(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason."""
    monkeypatch.setattr(mcp_process, "_GRACE", 0.3)

    with pytest.raises(ConfigError):
        tools_over_stdio(play(TWICE, pid=tmp_path / "pid", last=WAIT), limits=FEW)

    assert ended(tmp_path / "pid")
