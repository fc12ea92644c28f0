"""The seam: policies in, answers out, nothing of the request in any error."""

from typing import Any

import pytest

from policy_engine.cedar import (
    Answer,
    Authorizer,
    CedarError,
    CedarRequest,
    EntityHandle,
    Schema,
    parse_policies,
)
from policy_engine.errors import PolicyError
from policy_engine.model import EntityUid, PolicyFault

ANY = "permit(principal, action, resource);"
ACTION, TOOL = EntityUid("Action", "call"), EntityUid("Tool", "t")
ALICE = EntityUid("User", "alice")
REQUEST = CedarRequest(ALICE, ACTION, TOOL)


def test_the_policies_that_decide_are_named_in_order() -> None:
    """By `@id`, or by Cedar's own id."""
    text = f'{ANY} @id("never") permit(principal is Client, action, resource); @id("b") {ANY} @id("a") {ANY}'

    assert Authorizer.from_text(text).authorize(REQUEST) == Answer(
        allowed=True, policies=("policy0", "b", "a")
    )


def test_order_is_by_place_and_not_by_spelling() -> None:
    """The tenth comes after the second, among those that decide and among those that err."""
    places = [f"policy{index}" for index in range(12)]
    erring = Authorizer.from_text("permit(principal, action, resource) when { context.x };" * 12)

    assert list(Authorizer.from_text(ANY * 12).authorize(REQUEST).policies) == places
    assert [fault.policy for fault in erring.authorize(REQUEST).errors] == places


def test_a_forbid_wins_and_errors_are_reported() -> None:
    """Plain Cedar: an erring policy is skipped, and named."""
    text = f"""
        {ANY}
        @id("no") forbid(principal == User::"alice", action, resource);
        @id("errs") forbid(principal, action, resource) when {{ context.x }};
    """

    assert Authorizer.from_text(text).authorize(REQUEST) == Answer(
        allowed=False, policies=("no",), errors=(PolicyFault("errs", "missing_attribute"),)
    )


def test_nothing_applies_to_an_empty_set() -> None:
    """Deny by default."""
    assert Authorizer.from_text("").authorize(REQUEST) == Answer(allowed=False)


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (("a", "a", "b"), ("policy0", "policy1", "b")),
        (("policy1", None, "b"), ("policy0", "policy1", "b")),
        (("policy0", "policy9", ""), ("policy0", "policy9", "policy2")),
    ],
    ids=["twice", "Cedar's own of another", "Cedar's own"],
)
def test_policies_stay_distinguishable(ids: tuple[str | None, ...], names: tuple[str, ...]) -> None:
    """An `@id` that could mean two policies names neither; both have Cedar's own id then."""
    text = "".join(f'@id("{name}") {ANY}' if name is not None else ANY for name in ids)

    assert Authorizer.from_text(text).authorize(REQUEST).policies == names


def test_templates_authorize_nothing_and_count_for_numbering() -> None:
    """As in Cedar itself."""
    text = f"permit(principal == ?principal, action, resource); {ANY}"

    assert Authorizer.from_text(text).authorize(REQUEST) == Answer(allowed=True, policies=("policy1",))


@pytest.mark.parametrize("hostile", ["a`b", 'a"b', "a\nb\0", "policy0`: x", "é\u202e\U0001f600", "a\\"])
def test_hostile_ids_stay_what_they_are(hostile: str) -> None:
    """Quotes, backticks and line ends, in policies' ids and in entities'."""
    uid, policy = EntityUid("User", hostile), EntityUid("X", hostile)
    head = f"@id({str(policy)[3:]}) permit(principal == {uid}, action, resource)"
    text = f"{head} when {{ principal has a || context.x }};"
    authorizer = Authorizer.from_text(text)
    entities = [{"uid": uid.to_json(), "attrs": {"a": 1}, "parents": []}]

    assert authorizer.authorize(CedarRequest(uid, ACTION, TOOL), entities) == Answer(
        allowed=True, policies=(hostile,)
    )
    assert authorizer.authorize(CedarRequest(uid, ACTION, TOOL)) == Answer(
        allowed=False, policies=(), errors=(PolicyFault(hostile, "missing_attribute"),)
    )
    assert authorizer.authorize(REQUEST, entities) == Answer(allowed=False)


def test_ids_of_policies_that_nest_deep_are_read() -> None:
    """Also of those that Python's JSON parser couldn't read."""
    text = f'@id("deep") permit(principal, action, resource) when {{ {"true && " * 1500} true }};'

    assert Authorizer.from_text(text).authorize(REQUEST) == Answer(allowed=True, policies=("deep",))


def test_a_set_of_parsed_policies_answers_as_its_text_does() -> None:
    """Both ways into an authorizer come to the same."""
    text = f'// c\n@id("a") {ANY}// d;\nforbid(principal is Client, action, resource);{ANY}//'
    both = (Authorizer.from_text(text), Authorizer.from_policies(parse_policies(text)))

    assert [authorizer.authorize(REQUEST) for authorizer in both] == [
        Answer(allowed=True, policies=("a", "policy2"))
    ] * 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"{ANY}\npermit(principal, resource, action);", (2, 19)),
        (f"{ANY} permit(principal, action, resource) when {{ {'[' * 5000} }};", (1, 38)),
        ("// \ud800", (None, None)),
    ],
    ids=["syntax", "crash", "surrogate"],
)
def test_text_that_does_not_parse_is_refused(text: str, place: tuple[int | None, int | None]) -> None:
    """With its place, where it has one."""
    with pytest.raises(PolicyError) as caught:
        Authorizer.from_text(text)

    assert (caught.value.line, caught.value.column) == place
    assert caught.value.code == "policy_syntax"


SECRET = "hunter2"


@pytest.mark.parametrize(
    "context",
    [
        {"a": None, "b": SECRET},
        {"a": 1.5, "b": SECRET},
        {"a": 2**63, "b": SECRET},
        {"a": f"\ud800{SECRET}"},
        {"a": float("nan"), "b": SECRET},
        {"a": {SECRET}},
        {"a": {"__extn": {"fn": "decimal", "arg": f"1.{SECRET}"}}},
        [SECRET],
    ],
)
def test_a_context_that_cedar_cannot_read_is_refused_without_showing_it(context: Any) -> None:
    """Cedar's own error prints the whole context."""
    with pytest.raises(CedarError) as caught:
        Authorizer.from_text(ANY).authorize(CedarRequest(ALICE, ACTION, TOOL, context))

    assert (caught.value.code, caught.value.detail) == ("internal_error", "cedar_request")
    assert SECRET not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("uid", [EntityUid("9x", "a"), EntityUid("User", "\ud800"), EntityUid("", "")])
def test_a_uid_that_cedar_cannot_read_is_refused(uid: EntityUid) -> None:
    """A type that is no type, an id that is no text."""
    with pytest.raises(CedarError) as caught:
        Authorizer.from_text(ANY).authorize(CedarRequest(uid, ACTION, TOOL))

    assert caught.value.detail == "cedar_request"


SCHEMA = (
    "entity User; entity Tool; "
    "action call appliesTo { principal: User, resource: Tool, context: {n?: Long} };"
)


@pytest.mark.parametrize("schema", [SCHEMA, Schema.from_text(SCHEMA)], ids=["text", "parsed"])
def test_with_a_schema_requests_and_entities_are_checked(schema: Schema | str) -> None:
    """As Cedar does when it is given one."""
    authorizer = Authorizer.from_text(ANY, schema)

    assert authorizer.authorize(CedarRequest(ALICE, ACTION, TOOL, {"n": 1})).allowed
    for request, entities, detail in (
        (CedarRequest(TOOL, ACTION, TOOL), [], "cedar_request"),
        (CedarRequest(ALICE, ACTION, TOOL, {"n": "1"}), [], "cedar_request"),
        (REQUEST, [{"uid": ALICE.to_json(), "attrs": {"x": 1}, "parents": []}], "cedar_entities"),
    ):
        with pytest.raises(CedarError) as caught:
            authorizer.authorize(request, entities)
        assert caught.value.detail == detail


def test_prepared_entities_give_the_same_answer() -> None:
    """A handle is made once and used by many requests."""
    text = 'permit(principal in Group::"g", action, resource);'
    entities = [{"uid": ALICE.to_json(), "attrs": {}, "parents": [{"type": "Group", "id": "g"}]}]
    authorizer, handle = Authorizer.from_text(text), EntityHandle.from_json(entities)

    assert (
        authorizer.decide(REQUEST, handle)
        == authorizer.authorize(REQUEST, entities)
        == Answer(allowed=True, policies=("policy0",))
    )
    assert authorizer.decide(REQUEST, EntityHandle.from_json([])) == Answer(allowed=False)
