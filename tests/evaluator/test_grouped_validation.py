"""A policy is validated against some actions, and what is found is what Cedar finds of all of them."""

import random
from dataclasses import dataclass
from functools import cache

import pytest

from policy_engine.cedar import (
    Finding,
    Policy,
    Schema,
    parse_each,
    reachable,
    tree_of,
    validate,
)
from policy_engine.errors import PolicyError
from policy_engine.evaluator import Deployment
from policy_engine.evaluator.diagnosis import STAND_IN, diagnose
from policy_engine.evaluator.grouping import Alike, Grouping
from policy_engine.evaluator.grouping.context_splits import ContextSplits
from policy_engine.evaluator.grouping.context_types import ContextTypes
from policy_engine.evaluator.grouping.reduction import Reduced
from policy_engine.evaluator.validation import Validator
from policy_engine.model import CedarJson, EntityUid
from tests.plugins.samples import samples

CATALOGUES, CHUNKS = 12, 4
POLICIES = samples(30)
"""Policies for each of the catalogues, in each of the chunks."""

STRING: CedarJson = {"type": "String"}
INNER: CedarJson = {
    "type": "Record",
    "attributes": {"owner": STRING, "limit": {"type": "Long", "required": False}},
}
TYPES: list[CedarJson] = [
    STRING,
    STRING,
    {"type": "Long"},
    {"type": "Boolean"},
    {"type": "Set", "element": STRING},
    {"type": "Set", "element": {"type": "Long"}},
    {"type": "Extension", "name": "decimal"},
    {"type": "Entity", "name": "User"},
    {"type": "EntityOrCommon", "name": "Inner"},
    {"type": "Inner"},
    INNER,
    {**INNER, "attributes": {**INNER["attributes"], "deep": INNER}},
]
SIBLINGS: list[list[CedarJson]] = [
    [{"type": "Set", "element": STRING}, {"type": "Set", "element": {"type": "Long"}}],
    [{"type": "Entity", "name": "User"}, {"type": "Entity", "name": "Client"}],
    [{"type": "Extension", "name": "decimal"}, {"type": "Extension", "name": "datetime"}],
    [STRING, {"type": "Long"}],
    [{"type": "Inner"}, INNER],
]
"""Types that are much alike."""

ARGUMENTS = ("repo", "count", "annotations", "x-y", "filter")
TOOLS = ('one/get "x"', "one/annotations", "one/名前", "one/?", "two/a", "two/b", "two/type", "two/d")
GROUPS = ("read_only", "destructive")
METHODS = ("ping", "list_tools", "read_resource")
NAMED = (*TOOLS, *GROUPS, *METHODS, "one/*", "two/*", "call_tool", "session", "empty")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """A schema, whole and with each action alone."""

    schema: CedarJson
    whole: Schema
    grouping: Grouping
    alone: dict[str, Schema]


@cache
def catalogue(seed: int) -> Catalogue:
    """One of some schemas: few actions, so that several often agree in what a policy reads."""
    chance = random.Random(seed)
    actions: CedarJson = {
        "call_tool": {},
        "session": {},
        "empty": {},
        **{name: {} for name in GROUPS},
        **{f"{name}/*": {"memberOf": [{"id": "call_tool"}]} for name in ("one", "two")},
    }
    types = {name: chance.choice((*SIBLINGS, TYPES)) for name in ARGUMENTS}
    for name in TOOLS:
        member_of = [f"{name.partition('/')[0]}/*", *chance.sample(GROUPS, chance.randint(0, 2))]
        context = {"token": INNER, "arguments": arguments(chance, types)}
        actions[name] = action(member_of, ["Tool"], context, name)
    for name in METHODS:
        kind = chance.choice((["Server"], ["Resource"], ["Server", "Resource"]))
        actions[name] = action(chance.sample(["session"], chance.randint(0, 1)), kind, {"token": INNER}, name)
    if chance.random() < 0.5:
        actions["ping"]["appliesTo"]["context"] = {"type": "Common"}
    schema: CedarJson = {
        "": {
            "commonTypes": {"Inner": INNER, "Common": {"type": "Record", "attributes": {"token": INNER}}},
            "entityTypes": {
                "User": {"memberOfTypes": ["Group"], "shape": record(name=STRING), "tags": STRING},
                "Client": {"shape": record(name={"type": "Long"}, annotations=STRING)},
                "Group": {},
                "Server": {},
                "Tool": {"memberOfTypes": ["Server"], "shape": record(name=STRING)},
                "Resource": {"memberOfTypes": ["Server"]},
            },
            "actions": actions,
        }
    }
    asked = {name: row for name, row in actions.items() if "appliesTo" in row}
    muted = {name: {"memberOf": row.get("memberOf", [])} for name, row in actions.items()}
    alone = {name: {"": {**schema[""], "actions": {**muted, name: row}}} for name, row in asked.items()}
    return Catalogue(
        schema=schema,
        whole=Schema.from_json(schema),
        grouping=Grouping(schema),
        alone={name: Schema.from_json(one) for name, one in alone.items()},
    )


def action(groups: list[str], resources: list[str], context: CedarJson, doc: str) -> CedarJson:
    """An action that people and machines may ask for."""
    return {
        "memberOf": [{"id": group} for group in groups],
        "appliesTo": {
            "principalTypes": ["User", "Client"],
            "resourceTypes": resources,
            "context": record(**context),
        },
        "annotations": {"doc": doc},
    }


def record(**attributes: CedarJson) -> CedarJson:
    """A record type."""
    return {"type": "Record", "attributes": attributes}


def arguments(chance: random.Random, types: dict[str, list[CedarJson]]) -> CedarJson:
    """What a tool takes; often the same as another."""
    names = chance.sample(ARGUMENTS, chance.randint(0, 3))
    members = {name: {**chance.choice(types[name]), "required": chance.random() < 0.5} for name in names}
    return {**record(**members), "annotations": {"doc": "what it takes"}, "required": chance.random() < 0.8}


@cache
def heads() -> list[str]:
    """What heads may say of the action."""
    uids = [str(EntityUid("Action", name)) for name in NAMED]
    some = [f"[{', '.join(uids[start : start + 4])}]" for start in range(0, len(uids), 2)]
    return [
        *["action"] * 8,
        *(f"action in {uid}" for uid in uids),
        *(f"action == {uid}" for uid in uids),
        *(f"action in {several}" for several in some),
        'action == Action::"unknown"',
        *['action in Action::"call_tool"'] * 8,
    ]


PRINCIPALS = ("principal", "principal is User", 'principal in Group::"g"', 'principal == Client::"c"')
RESOURCES = (
    *["resource"] * 4,
    "resource is Tool",
    'resource in Server::"one"',
    'resource == Tool::"one/a"',
    "resource is Server",
    'resource is Resource in Server::"two"',
)
LEAVES = (
    "principal",
    "resource",
    "action",
    "context",
    "context.token",
    "context.token.owner",
    "context.arguments",
    "context.nothing",
    'User::"u"',
    'Tool::"one/a"',
    '"x"',
    "3",
    "true",
    "[1, 2]",
    '["a"]',
    '{owner: "x"}',
    '{repo: "x", count: 3}',
    'decimal("1.5")',
)
INFIX = ("==", "!=", "&&", "||", "<", "in", "+")


def policy_of(chance: random.Random) -> str:
    """A policy: wrong more often than not, as wrong ones tell more."""
    note = chance.choice(("", '@id("x") ', '@note("context.arguments.repo") '))
    effect = chance.choice(("permit", "forbid"))
    head = ", ".join(chance.choice(options) for options in (PRINCIPALS, heads(), RESOURCES))
    count = chance.choice((0, 1, 1, 1, 2))
    conditions = (f" {chance.choice(('when', 'unless'))} {{ {truth(chance, 2)} }}" for _ in range(count))
    return f"{note}{effect} ({head}){''.join(conditions)};"


def truth(chance: random.Random, depth: int) -> str:
    """Something that may be true."""
    if depth and chance.random() < 0.5:
        left, right = truth(chance, depth - 1), truth(chance, depth - 1)
        joined = ("({} && {})", "({} || {})", "(if {} then {} else true)", "(!{} && {})", "({} == {})")
        return chance.choice(joined).format(left, right)
    path, name = argument(chance), str(EntityUid("Action", chance.choice(NAMED)))
    value = chance.choice(('"x"', "3", "true", '["a"]', 'decimal("1.5")', 'User::"u"', "context.token"))
    forms = (
        f"{guard(chance)}",
        f"({guard(chance)} && {path} == {value})",
        f"{path} == {value}",
        f"{path}.contains({value})",
        f'{path} like "a*"',
        f"{path} < 3",
        f"{path} is User",
        f'{path} in Group::"g"',
        f'[{path}, {argument(chance)}].contains("x")',
        f"{path}.{chance.choice(('owner', 'limit', 'deep.limit', 'none'))} == {value}",
        f"{path} has {chance.choice(('owner', 'limit', 'deep.limit', 'none'))}",
        f"action == {name}",
        f"action in {name}",
        f"action in [{name}, {name}]",
        f"{name} in {EntityUid('Action', chance.choice(NAMED))}",
        f"context.arguments == {chance.choice(LEAVES)}",
        f"(if {guard(chance)} then context else context).token.owner == {value}",
        expression(chance, 2),
        "principal.name == 3",
        'principal has annotations && principal.annotations == "x"',
        'principal.hasTag("x")',
    )
    return chance.choice(forms)


def argument(chance: random.Random) -> str:
    """A path that some tools have."""
    name = chance.choice(ARGUMENTS)
    return (
        f'context.arguments["{name}"]'
        if chance.random() < 0.9
        else f"context.{chance.choice(('arguments', 'token'))}"
    )


def guard(chance: random.Random) -> str:
    """The question whether there is such an argument."""
    name = chance.choice(ARGUMENTS)
    forms = (
        'context.arguments has "{}"',
        "context has arguments",
        'context has arguments && context.arguments has "{}"',
    )
    return chance.choice((*forms, *forms[:1] * 4, "context.arguments has filter.limit")).format(name)


def expression(chance: random.Random, depth: int) -> str:
    """Anything."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice((*LEAVES, argument(chance)))
    left, right = expression(chance, depth - 1), expression(chance, depth - 1)
    forms = (
        f"({left} {chance.choice(INFIX)} {right})",
        f"({left}).owner",
        f"({left} has owner)",
        f"[{left}, {right}]",
    )
    return chance.choice(forms)


def generated(seed: int) -> list[Policy]:
    """Policies that parse."""
    chance = random.Random(seed)
    found: list[Policy] = []
    while len(found) < POLICIES:
        (item,) = parse_each(policy_of(chance))
        found += [item] if isinstance(item, Policy) else []
    return found


def said(findings: tuple[Finding, ...], name: str) -> set[str]:
    """Sentences, with an action's name left out."""
    return {
        finding.message.replace(f"context for {EntityUid('Action', name)}", "context") for finding in findings
    }


CASES = pytest.mark.parametrize("number", range(CATALOGUES))
EACH = pytest.mark.parametrize("chunk", range(CHUNKS))


@EACH
@CASES
def test_what_is_found_of_one_holds_for_all_that_it_stands_for(number: int, chunk: int) -> None:
    """And nothing else is found of all actions; Cedar is asked about each action alone, and about all."""
    known = catalogue(number)
    for policy in generated(number * 1000 + chunk):
        alike = known.grouping.alike(tree_of(policy.est))
        each = {name: validate([policy], schema) for name, schema in known.alone.items()}
        standing = {name: alike.everyone([name]) for name in alike.classes}

        for one, members in standing.items():
            for name in members:
                assert said(each[name], name) == said(each[one], one), policy.text
        grouped = {name for members in standing.values() for name in members}
        assert all(any(finding.no_action for finding in each[name]) for name in each.keys() - grouped)
        theirs, ours = validate([policy], known.whole), validate([policy], alike.parsed)
        named = {message for name in alike.classes for message in said(ours, name)}
        assert bool(theirs) == bool(ours), policy.text
        assert {message for name in each for message in said(theirs, name)} >= named


@EACH
@CASES
def test_the_same_is_told_as_if_every_action_were_looked_at(number: int, chunk: int) -> None:
    """Place, sentence, tools and mend of every error; and whether a policy without one ever applies."""
    known = catalogue(number)
    validator = Validator(known.schema, PLACEHOLDER, Deployment())
    for policy in generated(number * 1000 + chunk):
        told = validator.validate(policy, policy)

        assert list(map(str, told)) == list(map(str, slowly(known, policy))), policy.text
        if not validate([policy], known.whole):
            assert validator.reaches(policy) == reachable(policy, known.whole), policy.text


PLACEHOLDER: CedarJson = {
    "principalTypes": ["User", "Client"],
    "resourceTypes": ["Tool"],
    "context": record(token=INNER, arguments=record()),
}


def slowly(known: Catalogue, policy: Policy) -> tuple[PolicyError, ...]:
    """The errors of a policy, if nothing stands for anything else."""
    schema, findings = known.schema, validate([policy], known.whole)
    scope = policy.est["action"]
    named = {uid["id"] for uid in scope.get("entities", [scope.get("entity", {"id": ""})])}
    empty = sorted(name for name in named if not known.grouping.index.holding(name))
    if any(finding.no_action for finding in findings) and scope["op"] == "in" and empty:
        stand_in = {"memberOf": [{"id": name} for name in empty], "appliesTo": PLACEHOLDER}
        schema = {"": {**schema[""], "actions": {**schema[""]["actions"], STAND_IN: stand_in}}}
        findings = validate([policy], Schema.from_json(schema))
    index = known.grouping.index
    contexts = ContextTypes(schema[""]["commonTypes"])
    types = [contexts.number(index.row(name)["appliesTo"]["context"]) for name in index.ids]
    having = {type_: sum(1 << at for at, one in enumerate(types) if one == type_) for type_ in types}
    classes = {name: index.bit(name) for name in index.ids}
    alike = Alike(index, ContextSplits(contexts, having), Reduced(schema), classes)
    return diagnose(policy, findings, alike, Deployment()) if findings else ()
