"""Policy sets, entities and requests by chance: hierarchies deep enough for scopes to matter, and errors."""

from dataclasses import dataclass
from random import Random

from policy_engine.cedar import CedarRequest
from policy_engine.model import CedarJson, EntityUid

__all__ = ["World", "world"]

_PEOPLE = [EntityUid(kind, f"{kind[0]}{n}") for kind in ("User", "Client") for n in range(3)]
_GROUPS = [EntityUid("Group", f"g{n}") for n in range(4)]
_THINGS = [EntityUid("Tool", 't"0'), EntityUid("Tool", "t1"), EntityUid("NS::Tool", "t1")]
_SERVERS = [EntityUid("Server", "s0"), EntityUid("Server", "s1")]
_ACTIONS = [EntityUid("Action", name) for name in ("read", "write", "drop")]
_ACTION_GROUPS = [EntityUid("Action", name) for name in ("changes", "all", "empty")]
_OTHER_ACTION = EntityUid("NS::Action", "read")

_CONDITIONS = (
    "true", "false", "context.x == 1", "context.x", "context has x && context.x == 1", "context has r.a",
    "context.r.a == 1", 'context.r has "b c" && context.r["b c"] < 2', "context == {}",
    "{a: context}.a.x == 2",
    "principal.level > 1", "resource.level > principal.level", "principal.boss.level == 1",
    'principal.boss in Group::"g1"', 'context.who in Group::"g0"', "context.who.level < 2",
    'action in Action::"all"', 'User::"U0" in Group::"g2"', 'Group::"g1" in Group::"g0"',
    "9223372036854775807 + context.x > 0", "context.list.contains(principal)", "context.r == {a: 1}",
    "principal.hasTag(context.s)", "principal.getTag(context.s) == 1",
    "(if context.x == 1 then context.r else context).a == 1",
    'resource in Server::"s1"', 'principal is User in Group::"g0"', 'principal == Client::"C1"',
    'context.s like "a*"', 'context.when < datetime("2026-01-02")', "ip(context.s).isLoopback()",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One policy set and one set of entities.

    Attributes:
        policies: Cedar text; each policy has an `@id`, `p0` and so on.
        templates: by id, the slots of each.
        entities: Cedar's JSON entity format.
        requests: some questions.
    """

    policies: str
    templates: dict[str, frozenset[str]]
    entities: list[CedarJson]
    requests: list[CedarRequest]


def world(chance: Random, *, policies: int = 12, requests: int = 20) -> World:
    """Anything at all; the same for the same chance."""
    written, templates = [], {}
    for number in range(chance.randint(0, policies)):
        template = chance.random() < 0.1
        scope, slots = _scope(chance, template=template)
        if slots:
            templates[f"p{number}"] = slots
        when = [
            f" {chance.choice(['when', 'when', 'unless'])} {{ {chance.choice(_CONDITIONS)} }}"
            for _ in range(chance.choice([0, 1, 1, 2]))
        ]
        effect = chance.choice(["permit", "permit", "forbid"])
        written.append(f'@id("p{number}") {effect}({scope}){"".join(when)};')
    return World(
        policies="\n".join(written),
        templates=templates,
        entities=_entities(chance),
        requests=[_request(chance) for _ in range(requests)],
    )


def _scope(chance: Random, *, template: bool) -> tuple[str, frozenset[str]]:
    slots = set()
    parts = []
    for name, uids, kinds in (
        ("principal", [*_PEOPLE, *_GROUPS], ("User", "Client", "Group")),
        ("resource", [*_THINGS, *_SERVERS], ("Tool", "NS::Tool", "Server")),
    ):
        uid = str(chance.choice(uids))
        if template and chance.random() < 0.7:
            uid = f"?{name}"
            slots.add(uid)
        kind = chance.choice(kinds)
        forms = [f"{name} == {uid}", f"{name} in {uid}", f"{name} is {kind} in {uid}"]
        if uid[0] != "?":
            forms += [name, name, name, f"{name} is {kind}", f"{name} is {kind}"]
        parts.append(chance.choice(forms))
    some = chance.sample([*_ACTIONS, *_ACTION_GROUPS, _OTHER_ACTION], chance.randint(0, 3))
    one = chance.choice([*_ACTIONS, *_ACTION_GROUPS, _OTHER_ACTION])
    listed = ", ".join(map(str, some))
    action = chance.choice(
        ["action", "action", f"action == {one}", f"action in {one}", f"action in [{listed}]"]
    )
    return f"{parts[0]}, {action}, {parts[1]}", frozenset(slots)


def _entities(chance: Random) -> list[CedarJson]:
    """Some of them, in any order of groups; parents point forward, so that there is no cycle."""
    found = []
    for above, members in (
        (_GROUPS, [*_PEOPLE, *_GROUPS]),
        (_SERVERS, [*_THINGS, *_SERVERS]),
        (_ACTION_GROUPS, [*_ACTIONS, *_ACTION_GROUPS, _OTHER_ACTION]),
    ):
        order = members[:]
        for number, uid in enumerate(order):
            if chance.random() < 0.15:
                continue
            later = [parent for parent in above if parent in order[number + 1 :]]
            parents = chance.sample(later, chance.randint(0, min(2, len(later))))
            found.append(
                {
                    "uid": uid.to_json(),
                    "attrs": _attributes(chance),
                    "tags": {"a": 1} if chance.random() < 0.5 else {},
                    "parents": [parent.to_json() for parent in parents],
                }
            )
    chance.shuffle(found)
    return found


def _attributes(chance: Random) -> CedarJson:
    attributes: CedarJson = {}
    if chance.random() < 0.6:
        attributes["level"] = chance.choice([0, 1, 2, "high"])
    if chance.random() < 0.5:
        attributes["boss"] = {"__entity": chance.choice(_PEOPLE).to_json()}
    return attributes


def _request(chance: Random) -> CedarRequest:
    principals = [*_PEOPLE, *_PEOPLE, *_GROUPS]
    resources = [*_THINGS, *_THINGS, *_SERVERS]
    return CedarRequest(
        chance.choice(principals),
        chance.choice([*_ACTIONS, *_ACTIONS, *_ACTION_GROUPS, _OTHER_ACTION]),
        chance.choice(resources),
        _context(chance),
    )


def _context(chance: Random) -> CedarJson:
    values: dict[str, list[object]] = {
        "x": [1, 2, "one", True, {"__entity": _PEOPLE[0].to_json()}],
        "r": [{"a": 1}, {"a": 2, "b c": 1}, {}, 3, {"a": {"a": 1}},
              {"__extn": {"fn": "decimal", "arg": "1.0"}}],
        "a": [1, 2],
        "s": ["a", "abc", "127.0.0.1", 4],
        "who": [{"__entity": chance.choice([*_PEOPLE, *_GROUPS]).to_json()}, "nobody"],
        "list": [[{"__entity": chance.choice(_PEOPLE).to_json()}], [], [1, 1]],
        "when": [{"__extn": {"fn": "datetime", "arg": "2026-01-01"}}, 5],
        "unread": [{"deep": [{"a": 1}]}],
        "type": ["User"],
        "id": ["U0"],
    }  # fmt: skip
    return {name: chance.choice(some) for name, some in values.items() if chance.random() < 0.6}
