"""Cedar text → policies, or errors that say where."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Policy, PolicyScope, parse_each, parse_policies
from policy_engine.errors import PolicyError
from tests.plugins.samples import samples

ANY = "permit(principal, action, resource);"


def test_a_policy_is_read_whole() -> None:
    """Id, effect, annotations, syntax tree, text and place."""
    (policy,) = parse_policies(f'\n  @id("a") @bare {ANY}', "a.cedar")

    assert policy == Policy(
        id="a",
        effect="permit",
        annotations={"id": "a", "bare": ""},
        text=f'@id("a") @bare {ANY}',
        scope=PolicyScope((), ((),), ()),
        file="a.cedar",
        line=2,
        column=3,
    )
    assert policy.est == {
        "effect": "permit",
        "principal": {"op": "All"},
        "action": {"op": "All"},
        "resource": {"op": "All"},
        "conditions": [],
        "annotations": {"id": "a", "bare": None},
    }
    assert hash(policy) == hash(parse_policies(f'\n  @id("a") @bare {ANY}', "a.cedar")[0])


def test_two_policies_in_one_string_both_load() -> None:
    """None is lost after the first `;`."""
    assert [policy.effect for policy in parse_policies(f"{ANY} forbid(principal, action, resource);")] == [
        "permit",
        "forbid",
    ]


@pytest.mark.parametrize("annotation", ["", "@id ", '@id("") '])
def test_an_empty_id_is_none(annotation: str) -> None:
    """What names nothing is no name."""
    assert [policy.id for policy in parse_policies(annotation + ANY)] == [None]


@pytest.mark.parametrize("scope", ["principal == ?principal", "principal is User in ?principal"])
def test_templates_are_recognised(scope: str) -> None:
    """So that a loader can refuse them."""
    assert [policy.template for policy in parse_policies(f"permit({scope}, action, resource); {ANY}")] == [
        True,
        False,
    ]


def test_every_policy_that_does_not_parse_is_reported_at_its_place() -> None:
    """One error doesn't hide the next, nor the policies around it."""
    text = f"permit(principal, resource, action);\n{ANY}\n  @id(3) {ANY}\npermit(principal, action, resource)"

    parsed = parse_each(text, "a.cedar")
    with pytest.raises(PolicyError) as caught:
        parse_policies(text, "a.cedar")

    assert [item.effect if isinstance(item, Policy) else item.where for item in parsed] == [
        "a.cedar:1:19",
        "permit",
        "a.cedar:3:7",
        "a.cedar:4:36",
    ]
    assert str(caught.value) == (
        "a.cedar:1:19: expected `action` after `,`, found `resource` "
        "(the head names principal, action and resource, in this order)"
    )
    assert [other.where for other in caught.value.others] == ["a.cedar:3:7", "a.cedar:4:36"]
    assert caught.value.code == "policy_syntax"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"permit(principal, action, resource) when {{ {'(' * 2000} }};", "brackets nest deeper"),
        (f"permit(principal, action, resource) when {{ {'context.a || ' * 400} true }};", "nests too deep"),
        ('@id("\ud800") permit(principal, action, resource);', "isn't Unicode text"),
        (";", "expected `permit` or `forbid`"),
        ("@a", "but the policy ends"),
    ],
    ids=["crash", "deep", "surrogate", "empty", "annotation"],
)
def test_hostile_text_is_refused(text: str, problem: str) -> None:
    """A text that would end the process, or that Python can't read, is an error like any other."""
    with pytest.raises(PolicyError, match=problem):
        parse_policies(text)


def test_a_chain_of_three_hundred_alternatives_is_read() -> None:
    """The limit on depth is beyond what people write."""
    text = f"permit(principal, action, resource) when {{ {'context.a || ' * 290} true }};"

    assert len(parse_policies(text)) == 1


WORDS = (
    "permit forbid ( ) principal action , resource ; when unless { } "
    '@id ("a") // " \\ == in is User :: - ! if'
)
FRAGMENTS = st.sampled_from([*WORDS.split(), "?principal", "1", " ", "\n", "\ud800", "\0", "é"])


@given(st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=30).map("".join)))
@example("@id(\x85)")
@settings(max_examples=samples(300))
def test_random_text_is_parsed_or_refused(text: str) -> None:
    """Nothing but `PolicyError` comes of any text."""
    try:
        policies = parse_policies(text)
    except PolicyError as error:
        assert error.line is not None
    else:
        assert all(policy.effect in {"permit", "forbid"} for policy in policies)
