"""What becomes of each line between a client and a server, without either."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine import PolicyEngine
from policy_engine.integrations.stdio import Carried, Passage
from policy_engine.model import Client, Identity, TokenFacts, User
from tests.plugins.samples import samples

POLICIES = """
@id("session") @kinds("both") @delegable
permit (principal, action in [Action::"session", Action::"list_tools"], resource);
@id("machines-open-issues")
permit (principal is Client, action == Action::"github/create_issue", resource)
when { context.arguments.repo like "acme/*" && context.token.scopes.contains("issues:write") };
@id("people-answer")
permit (principal is User, action == Action::"answer_request", resource);
@id("people-list-issues")
permit (principal is User, action == Action::"github/list_issues", resource);
"""
MACHINE = Identity(
    principal=Client(issuer="machines", client_id="ci-bot"),
    token=TokenFacts(scopes=("issues:write",), client_id="ci-bot"),
)
PERSON = Identity(principal=User(issuer="corp", subject="ci-bot"), token=TokenFacts())


def text(**members: Any) -> bytes:
    """A message."""
    return json.dumps({"jsonrpc": "2.0", **members}, separators=(",", ":")).encode()


def call(request_id: Any, name: str, **arguments: Any) -> bytes:
    """A call of a tool."""
    return text(id=request_id, method="tools/call", params={"name": name, "arguments": arguments})


def error(request_id: Any, code: int, message: str) -> bytes:
    """An error."""
    own = {} if request_id is None else {"id": request_id}
    return text(**own, error={"code": code, "message": message})


@pytest.fixture(scope="module")
def engine(shared_world: Any) -> PolicyEngine:
    """One for many examples."""
    made: PolicyEngine = shared_world.engine(POLICIES)
    return made


@pytest.fixture
def passage(world: Any) -> Passage:
    """For a machine."""
    return Passage(world.engine(POLICIES), "github", MACHINE)


@pytest.fixture
def persons(world: Any) -> Passage:
    """For a person of the same name."""
    return Passage(world.engine(POLICIES), "github", PERSON)


def test_what_is_allowed_goes_on_as_it_was_decided_on(passage: Passage) -> None:
    """Serialised anew, and with the defaults of the catalogue."""
    spaced = b' {"jsonrpc": "2.0", "id": 1, "method": "ping"}\r'
    assert passage.from_client(spaced) == Carried(on=text(id=1, method="ping"))
    assert passage.from_client(call("a", "create_issue", repo="acme/app")) == Carried(
        on=call("a", "create_issue", repo="acme/app")
    )


def test_defaults_of_the_catalogue_are_filled_in(persons: Passage) -> None:
    """So that the tool can't have others."""
    carried = persons.from_client(call(1, "list_issues", repo="a"))
    assert carried == Carried(on=call(1, "list_issues", repo="a", limit=20))


def test_a_machine_and_a_person_of_one_name_are_two(passage: Passage, persons: Passage) -> None:
    """Each has what is theirs."""
    opens, lists = call(1, "create_issue", repo="acme/app"), call(2, "list_issues", repo="a")
    assert [passage.from_client(opens).back, passage.from_client(lists).back] == [
        None,
        error(2, 403, "Forbidden"),
    ]
    assert [persons.from_client(opens).back is None, persons.from_client(lists).back] == [False, None]


def test_what_scopes_would_allow_is_told_as_that(world: Any) -> None:
    """There is no challenge over standard input; the record has it."""
    facts = TokenFacts(client_id="ci-bot")
    passage = Passage(world.engine(POLICIES), "github", Identity(principal=MACHINE.principal, token=facts))
    carried = passage.from_client(call(1, "create_issue", repo="acme/app"))
    assert (carried.on, carried.note) == (None, "refused: insufficient_scope")
    assert world.sink.records[-1]["missing_scopes"] == ["issues:write"]


@pytest.mark.parametrize(
    ("line", "back"),
    [
        (b"nonsense", error(None, -32700, "Parse error")),
        (b"\xff", error(None, -32700, "Parse error")),
        (
            b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}',
            error(None, -32700, "Parse error"),
        ),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', error(None, -32700, "Parse error")),
        (text(id=1, method="admin/run"), error(1, -32601, "Method not found")),
        (text(id=None, method="ping"), error(None, -32600, "Invalid request")),
        (text(id=True, method="ping"), error(None, -32600, "Invalid request")),
        (call(1, "delete_repository", repo="acme/app"), error(1, 403, "Forbidden")),
        (call(1, "create_issue", repo=7), error(1, -32602, "Invalid arguments")),
        (text(method="notifications/admin"), None),
        (text(method="tools/call", params={"name": "create_issue"}), None),
        (b"", None),
    ],
)
def test_what_is_refused_never_goes_on(passage: Passage, line: bytes, back: bytes | None) -> None:
    """A request gets its error, what wants no answer nothing."""
    carried = passage.from_client(line)
    assert (carried.on, carried.back) == (None, back)


def test_a_line_that_is_too_long_is_refused(passage: Passage) -> None:
    """Whether it was read, or not to its end."""
    long = text(id=1, method="ping", params={"a": "x" * 1_100_000})
    assert passage.from_client(long).on is None
    assert passage.too_long().back == error(None, -32600, "Content too large")


# --- answers ------------------------------------------------------------------------------------


def tools(world: Any) -> list[Any]:
    """What the server lists."""
    written = world.engine(POLICIES).stages.loaded.config.servers["github"].catalogue
    return [tool.get("item", tool) for tool in written["tools"]]


def test_a_list_is_cut_to_its_reader(world: Any, passage: Passage) -> None:
    """And only a list."""
    passage.from_client(text(id=1, method="tools/list"))
    passage.from_client(text(id=2, method="ping"))
    answer = text(id=1, result={"tools": tools(world)})
    listed = passage.from_server(answer)
    assert listed.on is not None
    assert [tool["name"] for tool in json.loads(listed.on)["result"]["tools"]] == ["create_issue"]
    assert passage.from_server(text(id=2, result={})) == Carried(on=text(id=2, result={}))


@pytest.mark.parametrize(
    "result", [b'{"tools":[{"name":7}]}', b'{"tools":{}}', b'{"tools":[],"tools":[]}', b"7"]
)
def test_a_list_that_cant_be_read_isnt_passed_on(passage: Passage, result: bytes) -> None:
    """Its reader gets an error, or nothing."""
    passage.from_client(text(id=1, method="tools/list"))
    carried = passage.from_server(b'{"jsonrpc":"2.0","id":1,"result":' + result + b"}")
    assert carried.on is None or json.loads(carried.on).keys() == {"jsonrpc", "id", "error"}


def test_an_error_in_place_of_a_list_is_passed_on(passage: Passage) -> None:
    """There is nothing to cut."""
    passage.from_client(text(id=1, method="tools/list"))
    told = passage.from_server(error(1, -32601, "Method not found")).on
    assert told is not None
    assert json.loads(told)["error"]["code"] == -32601


def test_an_answer_belongs_to_one_question(world: Any, passage: Passage) -> None:
    """Or a list could pass for another's answer: by an id in use, or of a question that was cancelled."""
    listed = text(id=1, result={"tools": tools(world)})
    used = error(1, -32600, "The id was used before")
    passage.from_client(text(id=1, method="tools/list"))
    assert passage.from_client(text(id=1, method="ping")).back == used
    cancel = text(method="notifications/cancelled", params={"requestId": 1})
    assert passage.from_client(cancel) == Carried(on=cancel)
    assert passage.from_client(text(id=1, method="ping")).back == used
    assert passage.from_server(listed).on is None
    # An integer and a string are two ids, and what nobody asked goes nowhere.
    assert passage.from_client(text(id="1", method="ping")).on is not None
    assert passage.from_server(listed).on is None
    assert passage.from_server(text(id="1", result={})).on is not None
    assert passage.from_server(text(id="1", result={})).on is None


def test_no_more_wait_than_can_be_remembered(passage: Passage) -> None:
    """A server that answers nothing fills no memory."""
    for number in range(1024):
        assert passage.from_client(text(id=number, method="ping")).on is not None
    refused = passage.from_client(text(id=2000, method="ping"))
    assert (refused.on, refused.back) == (None, error(2000, -32600, "Too many requests at once"))
    passage.from_server(text(id=5, result={}))
    assert passage.from_client(text(id=2000, method="ping")).on is not None


def test_the_server_asks_and_who_may_answers(passage: Passage, persons: Passage) -> None:
    """An answer can stand for somebody's consent; where it doesn't, the server learns that none comes."""
    asks = text(id="s1", method="elicitation/create", params={"message": "Sure?"})
    answer = text(id="s1", result={"action": "accept"})
    assert persons.from_server(asks) == Carried(on=asks)
    assert persons.from_client(answer) == Carried(on=answer)
    assert persons.from_client(answer).on is None
    assert passage.from_server(asks) == Carried(on=asks)
    assert passage.from_client(answer) == Carried(
        on=error("s1", -32603, "The answer isn't allowed"), note="refused: no_permit"
    )


def test_a_question_that_the_server_took_back_needs_no_answer(persons: Passage) -> None:
    """And one without an id that an answer could have isn't asked."""
    persons.from_server(text(id="s1", method="ping"))
    cancel = text(method="notifications/cancelled", params={"requestId": "s1"})
    assert persons.from_server(cancel) == Carried(on=cancel)
    assert persons.from_client(text(id="s1", result={})).on is None
    bad = persons.from_server(text(id=1.5, method="ping"))
    assert (bad.on, bad.back) == (None, error(None, -32600, "Invalid request"))


@pytest.mark.parametrize(
    "line", [b"Listening on stdio", b"[]", b'{"id":1,"id":2,"result":{}}', b"\xff", b"7"]
)
def test_what_the_server_says_that_is_no_message_goes_nowhere(passage: Passage, line: bytes) -> None:
    """Many print a greeting."""
    assert passage.from_server(line) == Carried(note="the server said what is no message")


def test_news_and_errors_about_nothing_go_on(passage: Passage) -> None:
    """The server's own."""
    for line in (
        text(method="notifications/message", params={"data": 1}),
        error(None, -32700, "Parse error"),
    ):
        assert passage.from_server(line) == Carried(on=line)


def test_numbers_that_the_engine_wouldnt_take_are_the_servers_own(passage: Passage) -> None:
    """In results nothing is decided by them."""
    passage.from_client(text(id=1, method="ping"))
    line = b'{"jsonrpc":"2.0","id":1,"result":{"n":12345678901234567891,"x":0.30000000000000000001}}'
    assert passage.from_server(line) == Carried(on=line)


@settings(max_examples=samples(60), deadline=None)
@given(
    st.binary(max_size=80)
    | st.text(max_size=80).map(str.encode)
    | st.dictionaries(
        st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=5)
        | st.just("2.0")
        | st.just("tools/call")
        | st.dictionaries(st.sampled_from(["name", "arguments"]), st.text(max_size=4)),
    ).map(lambda it: json.dumps(it).encode())
)
def test_nothing_that_is_said_raises(engine: PolicyEngine, line: bytes) -> None:
    """By either side; and no call of a tool goes on that way."""
    passage = Passage(engine, "github", MACHINE)
    carried = passage.from_client(line)
    assert carried.on is None or b"tools/call" not in carried.on
    passage.from_server(line)
