"""A slice answers as the whole set does, and a projected context as the whole one: errors and reasons too."""

import re
from random import Random

import cedarpy
import pytest

from policy_engine.cedar import Answer, Authorizer, CedarRequest, EntityHandle, Link, Placed, Slice
from policy_engine.cedar.authorizer import question
from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.json_text import to_text
from policy_engine.cedar.slicing import scope_of
from policy_engine.errors import PolicyError
from policy_engine.model import CedarJson, EntityUid
from tests.cedar.worlds import World, world

WORLDS, REQUESTS = 250, 20

Plain = tuple[bool, set[str], list[str]]


def plain(answer: Answer) -> Plain:
    """What an answer says, in the form that bare Cedar's is brought into."""
    return answer.allowed, set(answer.policies), sorted(fault.policy for fault in answer.errors)


def bare(
    policies: cedarpy.PolicySet, names: dict[str, str], entities: cedarpy.Entities, request: CedarRequest
) -> Plain:
    """What Cedar says of the whole set and the whole context."""
    asked = {name: getattr(request, name).to_json() for name in ("principal", "action", "resource")}
    result = cedarpy.is_authorized({**asked, "context": request.context}, policies, entities)
    assert result.decision is not cedarpy.Decision.NoDecision
    failed = [re.match(r".*? policy `([^`]*)`: ", error, re.DOTALL) for error in result.diagnostics.errors]
    erring = sorted(names.get(found[1], found[1]) for found in failed if found)
    assert len(erring) == len(failed)
    return result.allowed, {names.get(own, own) for own in result.diagnostics.reasons}, erring


def names_of(some: World) -> dict[str, str]:
    """The `@id` of each policy, by Cedar's own id."""
    return {f"policy{number}": f"p{number}" for number in range(some.policies.count("@id"))}


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 42))]
)
def test_slices_answer_as_the_whole_set(seed: int) -> None:
    """Generated sets and worlds, 5,000 requests a seed, many a set, so that slices are shared."""
    chance = Random(seed)
    for _ in range(WORLDS):
        some = world(chance, requests=REQUESTS)
        authorizer = Authorizer.from_text(some.policies)
        handle = EntityHandle.from_json(some.entities)
        whole = cedarpy.PolicySet.from_str(some.policies)
        for request in some.requests:
            expected = bare(whole, names_of(some), handle.handle, request)
            assert plain(authorizer.decide(request, handle)) == expected


def test_links_answer_as_cedars_own() -> None:
    """Policies made of templates, beside others; the same text linked by Cedar is the peer."""
    chance = Random(7)
    linked = 0
    for _ in range(150):
        some = world(chance, requests=10)
        links = [
            Link(
                template=template,
                id=f"link{number} of {template}",
                principal=EntityUid("User", f"U{number}") if "?principal" in slots else None,
                resource=EntityUid("Tool", "t1") if "?resource" in slots else None,
            )
            for template, slots in some.templates.items()
            for number in range(2)
        ]
        linked += len(links)
        authorizer = Authorizer.from_text(some.policies).with_links(links)
        handle = EntityHandle.from_json(some.entities)
        whole = cedarpy.PolicySet.from_str(some.policies).with_linked_batch(
            [
                {
                    "template_id": link.template,
                    "new_id": link.id,
                    "values": {
                        slot: uid.to_json()
                        for slot, uid in (("?principal", link.principal), ("?resource", link.resource))
                        if uid is not None
                    },
                }
                for link in links
            ]
        )
        for request in some.requests:
            expected = bare(whole, names_of(some), handle.handle, request)
            assert plain(authorizer.decide(request, handle)) == expected
    assert linked > 100


TEMPLATE = '@id("t") permit(principal in ?principal, action, resource);'


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        (Link(template="u", id="a", principal=EntityUid("User", "x")), "there is no template `u`"),
        (Link(template="t", id="t", principal=EntityUid("User", "x")), "the id `t` is taken"),
        (Link(template="t", id="a"), "`a` leaves `?principal` empty"),
        (
            Link(template="t", id="a", principal=EntityUid("User", "x"), resource=EntityUid("Tool", "y")),
            "the template of `a` has no `?resource`",
        ),
    ],
)
def test_a_link_that_does_not_fit_is_refused(link: Link, problem: str) -> None:
    """All or nothing, as with Cedar's own."""
    with pytest.raises(PolicyError) as caught:
        Authorizer.from_text(TEMPLATE).with_links([link])
    assert (caught.value.code, caught.value.problem) == ("policy_template", problem)


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 20))]
)
def test_a_slice_answers_the_same_of_what_it_reads_of_the_context(seed: int) -> None:
    """The context without what no policy of the slice reads: missing, of another type, or erring alike."""
    chance = Random(seed + 100)
    shorter = 0
    for _ in range(100):
        some = world(chance, policies=6, requests=REQUESTS)
        authorizer = Authorizer.from_text(some.policies)
        handle = EntityHandle.from_json(some.entities)
        for request in some.requests:
            uids = request.principal, request.action, request.resource
            principal, action, resource = (Placed(uid, handle.ancestors(uid)) for uid in uids)
            part = authorizer.slice(authorizer.asker(principal), authorizer.target(action, resource))
            read = part.reads.of(request.context)
            shorter += len(read) < len(request.context)
            answer = authorizer.answer(part, question(*uids), to_text(read, "cedar_request"), handle)
            assert answer == authorizer.decide(request, handle)
    assert shorter > 1000


def test_what_nothing_reads_is_left_out() -> None:
    """Paths, `has` paths, records that are taken as a whole, and what isn't a record."""
    text = """
    permit(principal, action, resource) when { context.a.b == 1 && context.a has c.d };
    permit(principal, action, resource) when { context.e == {} || context.f.g == 1 };
    """
    part = part_of(text)
    context: CedarJson = {
        "a": {"b": 1, "c": {"d": 2, "e": 3}, "f": 4},
        "e": {"whole": {"record": 1}},
        "f": [{"g": 1}],
        "g": 1,
    }
    assert part.reads.of(context) == {
        "a": {"b": 1, "c": {"d": 2}},
        "e": {"whole": {"record": 1}},
        "f": [{"g": 1}],
    }


def test_a_context_taken_as_a_whole_is_handed_over_whole() -> None:
    """`context` by itself may be compared, or put into another record."""
    part = part_of("permit(principal, action, resource) when { context == {a: 1} || context.b };")
    assert part.reads.of({"a": 1, "b": 2}) == {"a": 1, "b": 2}


def part_of(text: str) -> Slice:
    """The slice of a request that every scope of a text admits."""
    authorizer = Authorizer.from_text(text)
    uid = EntityUid("User", "x")
    return authorizer.slice(authorizer.asker(Placed(uid)), authorizer.target(Placed(uid), Placed(uid)))


def test_only_the_policies_whose_scopes_admit_a_request_are_parsed() -> None:
    """And two kinds of requests with the same policies share one slice."""
    text = "".join(f'@id("p{n}") permit(principal == User::"u{n}", action, resource);' for n in range(50))
    authorizer = Authorizer.from_text(text + '@id("all") permit(principal, action in Action::"g", resource);')
    within = Placed(EntityUid("Action", "a"), frozenset({EntityUid("Action", "g")}))
    tool = Placed(EntityUid("Tool", "t"))

    def slice_of(name: str, action: Placed) -> Slice:
        return authorizer.slice(
            authorizer.asker(Placed(EntityUid("User", name))), authorizer.target(action, tool)
        )

    assert slice_of("u7", within).names == ("p7", "all")
    assert slice_of("u7", Placed(EntityUid("Action", "g"))) is slice_of("u7", within)
    assert slice_of("u7", tool).names == ("p7",)
    assert slice_of("nobody", within) is slice_of("somebody", within)
    assert len(slice_of("nobody", tool)) == 0


@pytest.mark.parametrize(
    "scope",
    [
        {"op": "near", "entity": {"type": "User", "id": "a"}},
        {"op": "is", "entity_type": "User", "in": {"slot": "?principal"}},
        {"op": "is", "entity_type": "User", "as": 1},
        {"op": "==", "entity": {"type": "User", "id": 1}},
        {"op": "All", "but": 1},
        {},
    ],
)
def test_a_scope_of_an_unknown_shape_is_an_error(scope: CedarJson) -> None:
    """Never taken for one that admits less than it does."""
    est = {"principal": scope, "action": {"op": "All"}, "resource": {"op": "All"}}
    with pytest.raises(CedarError) as caught:
        scope_of(est)
    assert caught.value.detail == "cedar_answer"
