"""The fold is Cedar where everything is known, and never contradicts it where something isn't."""

import re
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from types import MappingProxyType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Authorizer, CedarRequest, parse_policies
from policy_engine.cedar.fold import (
    ANYTHING,
    NOTHING_KNOWN,
    Entity,
    Facts,
    Fields,
    KnownEntities,
    Outcome,
    PartialRequest,
    Record,
    Shape,
    Unknown,
    fold_policy,
    record,
)
from policy_engine.cedar.syntax import tree_of
from policy_engine.model import CedarJson, EntityUid
from tests.plugins.samples import samples

KIND_OF_FIELD = {
    "b": "bool",
    "n": "long",
    "s": "string",
    "e": "entity",
    "m": "entities",
    "l": "strings",
    "r": "record",
    "d": "decimal",
    "i": "ip",
    "t": "datetime",
    "p": "duration",
}
FIELDS = {kind: name for name, kind in KIND_OF_FIELD.items()}
KINDS = [*FIELDS]
WORDS: Mapping[str, list[str]] = {
    "LONG": ["0", "1", "-1", "3", "9223372036854775807", "(-9223372036854775808)"],
    "TEXT": ['""', '"a"', '"ab"', '"a*b"', r'"x\n\u{0}ä"'],
    "DECIMAL": ["0.0", "1.0", "1.00", "-1.5", "922337203685477.5807", "1.", "x", "1.00001"],
    "IP": ["127.0.0.1", "127.0.0.1/8", "10.0.0.0/8", "10.1.2.3", "::1", "ff00::/8", "::1/200", "1.2.3"],
    "DATETIME": ["2026-01-01", "1969-12-31T23:59:59.001Z", "2026-01-01T01:00:00+0100", "0000-02-29", "x"],
    "DURATION": ["1d", "-1d2h3m4s5ms", "90m", "9223372036854775807ms", "1d1d", "-1ms"],
    "TYPE": ["User", "Group", "Tool"],
    "NAME": [*KIND_OF_FIELD, "zz"],
    "UID": ['User::"a"', 'User::"b"', 'Group::"a"', 'Group::"b"', 'Tool::"a"', r'Tool::"c\"`\n"'],
    "ORDER": ["<", "<=", ">", ">="],
    "PATTERN": ['"*"', '"a*"', '"*b"', r'"a\*b"', '"*a*b*"', '"ab"'],
    "PLACE": ["context", "context", "principal", "resource", "context.r", 'User::"a"', "context.e"],
}
LEAVES: Mapping[str, list[str]] = {
    "bool": ["true", "false", "<PLACE>.b"],
    "long": ["<LONG>", "<PLACE>.n"],
    "string": ["<TEXT>", "<PLACE>.s"],
    "entity": ["principal", "resource", "action", "<UID>", "<PLACE>.e"],
    "entities": ["[]", "[<UID>]", "[<UID>, <UID>]", "<PLACE>.m"],
    "strings": ["[]", "[<TEXT>]", "[<TEXT>, <TEXT>]", "<PLACE>.l"],
    "record": ["context", "<PLACE>.r", "{}"],
    "decimal": ['decimal("<DECIMAL>")', "<PLACE>.d"],
    "ip": ['ip("<IP>")', "<PLACE>.i"],
    "datetime": ['datetime("<DATETIME>")', "<PLACE>.t"],
    "duration": ['duration("<DURATION>")', "<PLACE>.p"],
}
NODES: Mapping[str, list[str]] = {
    "bool": [
        *3 * ["(<bool> && <bool>)", "(<bool> || <bool>)", "!(<bool>)", "(<PLACE> has <NAME>)"],
        *3 * ["(<long> <ORDER> <long>)"],
        *("(<datetime> <ORDER> <datetime>)", "(<duration> <ORDER> <duration>)"),
        *(f"(<{kind}> {equal} <{kind}>)" for kind in KINDS for equal in ("==", "!=")),
        *2 * ["(<entity> in <entity>)", "(<entity> in <entities>)", "(<entity> is <TYPE>)"],
        *(
            "(<entity> is <TYPE> in <entity>)",
            "(<entity> is <TYPE> in <entities>)",
            "(<string> like <PATTERN>)",
        ),
        *(
            "(<record> has <NAME>)",
            "(<entity> has <NAME>)",
            "(<record> has r.<NAME>)",
            "<entity>.hasTag(<string>)",
        ),
        *("<strings>.contains(<string>)", "<entities>.contains(<entity>)", "[<record>].contains(<record>)"),
        *("<strings>.containsAll(<strings>)", "<strings>.containsAny(<strings>)", "<strings>.isEmpty()"),
        *("<decimal>.lessThan(<decimal>)", "<decimal>.greaterThanOrEqual(<decimal>)"),
        *("<decimal>.lessThanOrEqual(<decimal>)", "<decimal>.greaterThan(<decimal>)"),
        *(
            "<ip>.isIpv4()",
            "<ip>.isIpv6()",
            "<ip>.isLoopback()",
            "<ip>.isMulticast()",
            "<ip>.isInRange(<ip>)",
        ),
    ],
    "long": [
        *("(<long> + <long>)", "(<long> - <long>)", "(<long> * <long>)", "-(<long>)"),
        *("<duration>.toMilliseconds()", "<duration>.toSeconds()", "<duration>.toMinutes()"),
        *("<duration>.toHours()", "<duration>.toDays()"),
    ],
    "string": ["<entity>.getTag(<string>)"],
    "entity": [],
    "entities": ["[<entity>, <entity>]"],
    "strings": ["[<string>, <string>]", "<entity>.getTag(<string>)", "<entity>.getTag(<TEXT>)"],
    "record": ["{s: <string>, n: <long>}", "{r: <record>, b: <bool>}", '{n: <long>, "e": <entity>}'],
    "decimal": ["decimal(<string>)"],
    "ip": ["ip(<string>)"],
    "datetime": ["<datetime>.offset(<duration>)", "<datetime>.toDate()"],
    "duration": ["<datetime>.durationSince(<datetime>)", "<datetime>.toTime()"],
}


class Maker:
    """Makes policies, entities and requests, mostly of types that fit: what can't but err says little."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def one_in(self, number: int) -> bool:
        """True once in so many times."""
        return self.chance.randrange(number) == 0

    def word(self, name: str) -> str:
        """One of the words of a sort."""
        return self.chance.choice(WORDS[name])

    def expression(self, kind: str, depth: int) -> str:
        """An expression that is mostly of this kind."""
        if self.one_in(25):
            kind = self.chance.choice(KINDS)
        if depth <= 0 or self.one_in(4):
            template = self.chance.choice(LEAVES[kind])
        elif self.one_in(8):
            template = f"(if <bool> then <{kind}> else <{kind}>)"
        else:
            template = self.chance.choice(NODES[kind] or LEAVES[kind])
        return self.filled_in(template, depth - 1)

    def filled_in(self, template: str, depth: int = 0) -> str:
        """A template with a word or an expression in each of its gaps."""

        def fill(gap: re.Match[str]) -> str:
            return self.word(gap[1]) if gap[1] in WORDS else self.expression(gap[1], depth)

        return re.sub(r"<(\w+)>", fill, template)

    def policies(self) -> str:
        """A set of a few policies."""
        return "\n".join(self.policy() for _ in range(self.chance.randint(1, 4)))

    def policy(self) -> str:
        """One policy; most scopes admit everything, or nothing would ever decide."""
        effect = self.chance.choice(["permit", "permit", "forbid"])
        clauses = [self.clause("principal"), self.clause("action"), self.clause("resource")]
        bodies = [
            self.expression("bool", self.chance.randint(0, 4))
            for _ in range(self.chance.choice([0, 1, 1, 1, 2]))
        ]
        conditions = "".join(
            f" {self.chance.choice(['when', 'when', 'unless'])} {{ {body} }}" for body in bodies
        )
        return f"{effect}({', '.join(clauses)}){conditions};"

    def clause(self, name: str) -> str:
        """What the head of a policy says of principal, action or resource."""
        if not self.one_in(4):
            return name
        if name == "action":
            return self.chance.choice(
                [
                    'action == Action::"read"',
                    'action in Action::"all"',
                    'action in [Action::"all", Action::"x"]',
                    "action in []",
                ]
            )
        return self.filled_in(
            name + self.chance.choice([" == <UID>", " in <UID>", " is <TYPE>", " is <TYPE> in <UID>"])
        )

    # --- worlds ---

    def uid(self) -> EntityUid:
        """An entity that is no action."""
        return EntityUid(
            self.chance.choice(["User", "Group", "Tool"]), self.chance.choice(["a", "b", 'c"`\n'])
        )

    def action(self) -> EntityUid:
        """An action."""
        return EntityUid("Action", self.chance.choice(["read", "all"]))

    def string(self) -> str:
        """A text, odd characters included."""
        return self.chance.choice(["", "a", "ab", "a*b", "x\n\0ä"])

    def json(self, kind: str) -> Any:
        """A value in Cedar's JSON format."""
        chance = self.chance
        match kind:
            case "bool":
                return chance.random() < 0.5
            case "long":
                return int(self.word("LONG").strip("()"))
            case "string":
                return self.string()
            case "entity":
                return {"__entity": self.uid().to_json()}
            case "entities" | "strings":
                one = "entity" if kind == "entities" else "string"
                return [self.json(one) for _ in range(chance.randint(0, 2))]
            case "record":
                return self.record(2)
            case _:
                text = chance.choice(WORDS[kind.upper()][:3])  # the first are good ones
                return {"__extn": {"fn": kind, "arg": text}}

    def record(self, most: int) -> CedarJson:
        """A record with some fields, mostly of the kinds that their names promise."""
        names = self.chance.sample([*KIND_OF_FIELD], self.chance.randint(0, most))
        return {
            name: self.json(self.chance.choice(KINDS) if self.one_in(12) else KIND_OF_FIELD[name])
            for name in names
        }

    def entities(self) -> list[CedarJson]:
        """Some entities; parents point forward, so that there is no cycle."""
        uids = list({*(self.uid() for _ in range(5)), self.action(), EntityUid("Action", "all")})
        self.chance.shuffle(uids)
        return [
            {
                "uid": uid.to_json(),
                "attrs": self.record(11),
                "tags": {
                    self.string(): self.json(self.chance.choice(["strings", "string"])) for _ in range(2)
                },
                "parents": [
                    later.to_json()
                    for later in uids[index + 1 :]
                    if (uid.type == "Action") <= (later.type == "Action") and self.one_in(2)
                ],
            }
            for index, uid in enumerate(uids)
        ]

    def request(self) -> CedarRequest:
        """A question, about entities that may not exist."""
        return CedarRequest(self.uid(), self.action(), self.uid(), self.record(11))


makers = st.randoms(use_true_random=True).map(Maker)


def outcomes_of(text: str, request: PartialRequest) -> list[tuple[str, Outcome]]:
    """Effect and outcome of each policy of a text."""
    return [(policy.effect, fold_policy(tree_of(policy.est), request)) for policy in parse_policies(text)]


@given(makers)
@settings(max_examples=samples(400))
def test_where_everything_is_known_the_fold_is_cedar(make: Maker) -> None:
    """Decision, deciding policies, erring policies, and the code of each error."""
    text, entities, request = make.policies(), make.entities(), make.request()
    answer = Authorizer.from_text(text).authorize(request, entities)
    outcomes = outcomes_of(text, PartialRequest.of(request, KnownEntities.from_json(entities)))

    names: dict[str, list[str]] = {"permit": [], "forbid": []}
    errors = []
    for index, (effect, outcome) in enumerate(outcomes):
        if outcome.certainty == "satisfied":
            names[effect].append(f"policy{index}")
        elif outcome.certainty == "errs":
            errors.append((f"policy{index}", outcome.folded.error))
        else:
            assert outcome.certainty == "not_satisfied"

    assert answer.allowed == (bool(names["permit"]) and not names["forbid"])
    assert list(answer.policies) == (names["forbid"] or names["permit"])
    assert [(fault.policy, fault.code) for fault in answer.errors] == errors


class Hider:
    """Takes away some of what is known of a request: what was there stays one way to fill it in."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def one_in(self, number: int) -> bool:
        """True once in so many times."""
        return self.chance.randrange(number) == 0

    def value(self, value: Shape) -> Shape:
        """A value, or less."""
        match value:
            case Record():
                return self.fields(value)
            case Entity() if self.one_in(3):
                return self.entity(value)
            case _ if self.one_in(4):
                return self.chance.choice([ANYTHING, Unknown(value.kind)])
            case _:
                return value

    def entity(self, value: Entity) -> Entity | Unknown:
        """An entity, its type, or not even that."""
        less: list[Entity | Unknown] = [Unknown("entity"), Unknown("entity", value.uid.type), value]
        return self.chance.choice(less)

    def fields(self, whole: Record) -> Fields:
        """A record, or less: no field at all, some that may be missing, others that may be there."""
        if self.one_in(8):
            return Unknown("record")
        fields: dict[str, Shape] = {name: self.value(value) for name, value in whole.fields.items()}
        optional = frozenset(name for name in fields if self.one_in(6))
        if self.one_in(4):
            absent = self.chance.choice([*KIND_OF_FIELD, "a", ""])
            if absent not in whole.fields:
                fields[absent] = ANYTHING
                optional |= {absent}
        dropped = [name for name in fields if self.one_in(6)] if self.one_in(3) else []
        for name in dropped:
            del fields[name]
        return record(fields, optional - {*dropped}, open=bool(dropped) or self.one_in(6))

    def facts(self, facts: Facts) -> Facts:
        """Facts of an entity, or less."""
        if self.one_in(6):
            return NOTHING_KNOWN
        kept = frozenset(ancestor for ancestor in facts.ancestors if not self.one_in(4))
        types = frozenset(ancestor.type for ancestor in facts.ancestors - kept)
        assert isinstance(facts.attributes, Record)
        assert isinstance(facts.tags, Record)
        return Facts(
            attributes=self.fields(facts.attributes),
            tags=self.fields(facts.tags),
            ancestors=kept,
            more=None if self.one_in(4) else types,
            exists=None if self.one_in(4) else facts.exists,
        )

    def request(self, whole: PartialRequest) -> PartialRequest:
        """The request with less known of it."""
        known = whole.entities
        assert isinstance(whole.context, Record)
        return PartialRequest(
            principal=self.entity(whole.principal)
            if isinstance(whole.principal, Entity)
            else whole.principal,
            action=self.entity(whole.action) if isinstance(whole.action, Entity) else whole.action,
            resource=self.entity(whole.resource) if isinstance(whole.resource, Entity) else whole.resource,
            context=self.fields(whole.context),
            entities=KnownEntities(
                facts=MappingProxyType({uid: self.facts(facts) for uid, facts in known.facts.items()}),
                unlisted=self.chance.choice([known.unlisted, NOTHING_KNOWN]),
                unnamed=lambda type_: _of_type(type_, known),
            ),
        )


def _of_type(type_: str | None, known: KnownEntities) -> Facts:
    """What holds of every entity of a type, those included that don't exist."""
    above = [facts.ancestors for uid, facts in known.facts.items() if type_ in (None, uid.type)]
    types = frozenset(ancestor.type for ancestors in above for ancestor in ancestors)
    return replace(NOTHING_KNOWN, more=types)


@given(makers, st.randoms(use_true_random=True).map(Hider))
@settings(max_examples=samples(400))
def test_what_the_fold_claims_of_the_unknown_is_never_contradicted(make: Maker, hide: Hider) -> None:
    """Whatever was hidden, Cedar's own outcome of each policy is among those that the fold allows."""
    text, entities, request = make.policy(), make.entities(), make.request()
    answer = Authorizer.from_text(text.replace("forbid", "permit", 1)).authorize(request, entities)
    whole = PartialRequest.of(request, KnownEntities.from_json(entities))
    ((_, outcome),) = outcomes_of(text, hide.request(whole))

    if answer.errors:
        assert outcome.may_err
        assert answer.errors[0].code in outcome.folded.errors
    elif answer.allowed:
        assert outcome.may_be_satisfied
    else:
        assert outcome.folded.value is not None
        assert outcome.folded.holds is not True


def test_the_unknown_is_mostly_less_than_everything() -> None:
    """The property above would also hold of a fold that always says `depends`."""
    counts = {"satisfied": 0, "not_satisfied": 0, "errs": 0, "depends": 0}
    for seed in range(300):
        make, hide = Maker(Random(seed)), Hider(Random(seed))
        whole = PartialRequest.of(make.request(), KnownEntities.from_json(make.entities()))
        for _, outcome in outcomes_of(make.policies(), hide.request(whole)):
            counts[outcome.certainty] += 1

    assert sum(counts.values()) > 700
    assert {name: count > 50 for name, count in counts.items()} == dict.fromkeys(counts, True)
    assert counts["depends"] < 300
