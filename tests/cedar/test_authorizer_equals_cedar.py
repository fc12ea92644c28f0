"""The seam changes nothing: its answers are Cedar's own, for every policy set."""

import re
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Authorizer, CedarRequest
from policy_engine.errors import PolicyEngineError
from policy_engine.model import CedarJson, EntityUid
from tests.plugins.samples import samples

TYPES = ("User", "Group", "Tool")
UIDS = st.builds(EntityUid, st.sampled_from(TYPES), st.sampled_from(["a", 'b"`\n']))
ACTIONS = st.builds(EntityUid, st.just("Action"), st.sampled_from(["read", "all"]))
ATTRIBUTES = st.sampled_from(["x", "y"])

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-2, 2),
        st.sampled_from(["", "a"]),
        UIDS.map(lambda uid: {"__entity": uid.to_json()}),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(ATTRIBUTES, inner, max_size=2)),
    max_leaves=3,
)
RECORDS = st.dictionaries(ATTRIBUTES, VALUES, max_size=2)


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = [f"({{}} {op} {{}})" for op in ("==", "&&", "||", "<", "+", "in")]
    shapes = [*pairs, "{}.contains({})", "{}.containsAny({})", "{}.hasTag({})", "{}.getTag({})", "[{}, {}]"]
    return st.one_of(
        st.builds(lambda shape, one, two: shape.format(one, two), st.sampled_from(shapes), inner, inner),
        st.builds(lambda one, name: f"({one} has {name})", inner, ATTRIBUTES),
        st.builds(lambda one, name: f"{one}.{name}", inner, ATTRIBUTES),
        st.builds(lambda one, kind: f"({one} is {kind})", inner, st.sampled_from(TYPES)),
        st.builds(lambda one, kind, two: f"({one} is {kind} in {two})", inner, st.sampled_from(TYPES), inner),
        st.builds(lambda one, two, three: f"(if {one} then {two} else {three})", inner, inner, inner),
        inner.map(lambda one: f"!({one})"),
        inner.map(lambda one: f"{{x: {one}}}"),
        inner.map(lambda one: f"ip({one}).isLoopback()"),
    )


EXPRESSIONS = st.recursive(
    st.one_of(
        st.sampled_from(["principal", "resource", "action", "context", "true", "false", "1", '"a"']),
        st.sampled_from(["context.x", "principal.x", "(context has x)", "9223372036854775807"]),
        UIDS.map(str),
    ),
    _longer,
    max_leaves=5,
)


def _scope(name: str, uids: st.SearchStrategy[EntityUid], slot: str = "") -> st.SearchStrategy[str]:
    shapes = [f"{name} == {{}}", f"{name} in {{}}"]
    kinds = st.sampled_from(TYPES)
    choices = [st.just(name), st.builds(str.format, st.sampled_from(shapes), uids)]
    if name == "action":
        lists = st.lists(uids.map(str), min_size=1, max_size=2)
        choices.append(lists.map(lambda some: f"action in [{', '.join(some)}]"))
    else:
        choices.append(kinds.map(lambda kind: f"{name} is {kind}"))
        choices.append(st.builds(lambda kind, uid: f"{name} is {kind} in {uid}", kinds, uids))
    if slot:
        choices.append(st.just(f"{name} == {slot}"))
    # Most scopes admit everything, or nothing would ever decide.
    return st.integers(0, 4).flatmap(lambda chance: st.one_of(choices) if chance == 0 else st.just(name))


IDS = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "policy1", "", 'd`: "\n']))


@st.composite
def policy_sets(draw: st.DrawFn) -> tuple[str, list[str | None]]:
    """A text of a few policies and templates, and the `@id` of each."""
    text, ids = "", draw(st.lists(IDS, min_size=1, max_size=5))
    for name in ids:
        effect = draw(st.sampled_from(["permit", "forbid"]))
        principal = draw(_scope("principal", UIDS, "?principal"))
        scope = f"{principal}, {draw(_scope('action', ACTIONS))}, {draw(_scope('resource', UIDS))}"
        conditions = "".join(
            f" {draw(st.sampled_from(['when', 'unless']))} {{ {draw(EXPRESSIONS)} }}"
            for _ in range(draw(st.sampled_from([0, 0, 1, 2])))
        )
        annotation = "" if name is None else f"@id({str(EntityUid('X', name))[3:]}) "
        text += f"{annotation}{effect}({scope}){conditions};{draw(st.sampled_from(['', '// ;', ' ']))}\n"
    return text, ids


@st.composite
def entity_sets(draw: st.DrawFn) -> list[CedarJson]:
    """Some entities; parents point forward, so that there is no cycle."""
    uids = draw(st.lists(st.one_of(UIDS, ACTIONS), max_size=5, unique=True))
    return [
        {
            "uid": uid.to_json(),
            "attrs": draw(RECORDS),
            "tags": draw(RECORDS),
            "parents": [
                later.to_json()
                for later in uids[index + 1 :]
                if draw(st.booleans()) and not (uid.type == "Action" != later.type)
            ],
        }
        for index, uid in enumerate(uids)
    ]


REQUESTS = st.builds(CedarRequest, UIDS, ACTIONS, UIDS, RECORDS)


def _names(ids: list[str | None]) -> list[str]:
    """The rule, spelt out: an `@id` names its policy if no other policy could be meant by it."""
    names = []
    for index, name in enumerate(ids):
        others = {other for place, other in enumerate(ids) if place != index}
        others |= {f"policy{place}" for place in range(len(ids)) if place != index}
        names.append(f"policy{index}" if not name or name in others else name)
    return names


@given(policy_sets(), entity_sets(), REQUESTS)
@settings(max_examples=samples(400))
def test_answers_are_cedars_own(
    policies: tuple[str, list[str | None]], entities: list[CedarJson], request: CedarRequest
) -> None:
    """Decision, deciding policies and erring policies, templates and odd ids included."""
    text, ids = policies
    asked = {name: getattr(request, name).to_json() for name in ("principal", "action", "resource")}
    expected = cedarpy.is_authorized({**asked, "context": request.context}, text, entities)
    erring = [re.match(r".*? `policy(\d+)`: ", error, re.DOTALL) for error in expected.diagnostics.errors]
    names = _names(ids)

    if expected.decision is cedarpy.Decision.NoDecision:
        with pytest.raises(PolicyEngineError):
            Authorizer.from_text(text).authorize(request, entities)
        return
    answer = Authorizer.from_text(text).authorize(request, entities)

    assert answer.allowed == expected.allowed
    assert set(answer.policies) == {names[int(own[6:])] for own in expected.diagnostics.reasons}
    assert {fault.policy for fault in answer.errors} == {names[int(match[1])] for match in erring if match}
    assert len(answer.errors) == len(erring)
    assert len(set(names)) == len(names)
