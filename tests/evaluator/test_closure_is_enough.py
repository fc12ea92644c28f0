"""The small set of entities that a request is given decides like all entities there are."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Authorizer, CedarRequest
from policy_engine.evaluator import Evaluator, KnownNames, PolicyStore, StaticEntities
from policy_engine.evaluator.entities import merged, principal_entity
from policy_engine.model import AuthorizationRequest, CedarJson, Client, EntityUid, Principal, User
from tests.plugins.samples import samples

Load = Callable[..., PolicyStore]
Ask = Callable[..., AuthorizationRequest]

GROUPS = [EntityUid("Group", f"corp/{name}") for name in "abc"]
CLIENT_GROUPS = [EntityUid("ClientGroup", f"corp/{name}") for name in "abc"]
TOOL_GROUPS = [EntityUid("ToolGroup", name) for name in ("payments", "other")]
PEOPLE = [EntityUid("User", f"corp/{name}") for name in "xy"]
MACHINES = [EntityUid("Client", f"corp/{name}") for name in "xy"]
TOOLS = [EntityUid("Tool", f"github/{name}") for name in ("get_issue", "delete_repo")]
PARENTS = {"User": GROUPS, "Client": CLIENT_GROUPS, "Tool": TOOL_GROUPS}


@st.composite
def statics(draw: st.DrawFn) -> list[CedarJson]:
    """Nesting without cycles, and further parents of people, machines and tools."""
    entries = []
    for row in (GROUPS, CLIENT_GROUPS, TOOL_GROUPS):
        for index, uid in enumerate(row):
            entries.append((uid, [above for above in row[index + 1 :] if draw(st.booleans())]))
    entries += [
        (uid, [parent for parent in PARENTS[uid.type] if draw(st.booleans())])
        for uid in (*PEOPLE, *MACHINES, *TOOLS)
    ]
    return [
        {"uid": uid.to_json(), "parents": [parent.to_json() for parent in parents], **_tags(draw, uid)}
        for uid, parents in entries
        if draw(st.integers(0, 3))
    ]


def _tags(draw: st.DrawFn, uid: EntityUid) -> CedarJson:
    return {"tags": {"t": ["v"]}} if uid.type in PARENTS and draw(st.booleans()) else {}


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    """People, machines, and people through machines."""
    names, groups = st.sampled_from("xyz"), st.frozensets(st.sampled_from("abc"), max_size=2)
    client = Client(issuer="corp", client_id=draw(names), groups=draw(groups))
    actor = draw(st.sampled_from([None, client]))
    person = User(issuer="corp", subject=draw(names), groups=draw(groups), actor=actor)
    either: list[Principal] = [person, client]
    return draw(st.sampled_from(either))


EVERYONE = st.sampled_from([*GROUPS, *PEOPLE])
TESTS = st.one_of(
    st.builds("principal in {}".format, st.sampled_from([*GROUPS, *CLIENT_GROUPS])),
    st.builds("resource in {}".format, st.sampled_from(TOOL_GROUPS)),
    st.builds("{} in {}".format, st.sampled_from([*PEOPLE, *GROUPS]), st.sampled_from(GROUPS)),
    st.builds(
        "{} in {}".format, st.sampled_from([*MACHINES, *CLIENT_GROUPS]), st.sampled_from(CLIENT_GROUPS)
    ),
    st.builds("{} in {}".format, st.sampled_from([*TOOLS, *TOOL_GROUPS]), st.sampled_from(TOOL_GROUPS)),
    st.builds("context has actor && context.actor in {}".format, st.sampled_from(CLIENT_GROUPS)),
    st.builds('{}.hasTag("t")'.format, st.sampled_from([*PEOPLE, *MACHINES, *TOOLS, "principal"])),
    st.just('context has actor && context.actor.hasTag("t")'),
)
POLICIES = st.lists(
    st.tuples(st.sampled_from(["permit", "forbid"]), st.lists(TESTS, max_size=2)), min_size=1, max_size=4
)


def everything(
    static: list[CedarJson], request: AuthorizationRequest, tables: StaticEntities
) -> list[CedarJson]:
    """All entities, merged by hand."""
    own: dict[EntityUid, CedarJson] = {request.principal.uid: principal_entity(request.principal)}
    if isinstance(request.principal, User) and request.principal.actor is not None:
        own[request.principal.actor.uid] = principal_entity(request.principal.actor)
    own |= {EntityUid(**entity["uid"]): entity for entity in request.surroundings.entities}
    uids = {*own, *(EntityUid(**entry["uid"]) for entry in static)}
    entities: list[Any] = [merged(own.get(uid), tables.find(uid)) for uid in uids]
    return entities


@given(
    policies=POLICIES,
    static=statics(),
    principal=principals(),
    action=st.sampled_from(["ping", "github/get_issue"]),
)
@settings(max_examples=samples(120), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_closure_decides_like_all_entities(
    *,
    load: Load,
    ask: Ask,
    entity_schema: CedarJson,
    names: KnownNames,
    policies: list[tuple[str, list[str]]],
    static: list[CedarJson],
    principal: Principal,
    action: str,
) -> None:
    """Decision, deciding policies and errors, for policies that name anybody anywhere."""
    text = "".join(
        f'@id("p{index}") {effect} (principal, action, resource) {_when(tests)};'
        for index, (effect, tests) in enumerate(policies)
    )
    store = load(text)
    tables = StaticEntities.from_data(static, entity_schema, names)
    request = ask(principal, action)
    asked = CedarRequest(principal.uid, request.action, request.resource, request.context)

    expected = Authorizer.from_text(store.effective_text()).authorize(
        asked, everything(static, request, tables)
    )
    verdict = Evaluator(store, entity_schema, tables).evaluate(request)

    assert verdict.allowed == expected.allowed
    assert tuple(match.id for match in verdict.policies) == expected.policies
    assert verdict.errors == expected.errors == ()


def _when(tests: list[str]) -> str:
    return f"when {{ {' && '.join(f'({test})' for test in tests)} }}" if tests else ""
