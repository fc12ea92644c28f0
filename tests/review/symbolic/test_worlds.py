"""What holds in every world, as a solver sees it: groups nest, numbers end, what is asked about exists."""

import random
from collections.abc import Iterator

import pytest

from policy_engine.cedar import parse_policies, tree_of
from policy_engine.evaluator import StaticEntities, Vocabulary
from policy_engine.mcp import Catalogue, Server, full_schema
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.solving import Sat, Solver, Unsat
from policy_engine.review.symbolic import (
    FALSE,
    TRUE,
    Environment,
    Ids,
    Setting,
    World,
    conjunction,
    constant,
    encode,
    environments,
    equal,
    leaves,
)
from tests.plugins.solver import require_cvc5
from tests.review.symbolic.generating.policies import policy
from tests.review.symbolic.generating.schemas import SCHEMAS, case

READ = Environment(principal="Account", action="read", resource="Doc")
MAX = 2**63 - 1


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    """A real one."""
    require_cvc5()
    with Solver(timeout=20, workers=1) as solver:
        yield solver


def possible(solver: Solver, world: World, condition: str) -> bool:
    """Whether there is a request for which a condition holds."""
    (parsed,) = parse_policies(f"permit (principal, action, resource) when {{ {condition} }};")
    holds = encode(tree_of(parsed.est), world).satisfied
    answer = solver.solve([world.wellformed(holds), holds])
    assert isinstance(answer, Sat | Unsat)
    return isinstance(answer, Sat)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # Groups.
        ('principal in Team::"a" && Team::"a" in Team::"b" && !(principal in Team::"b")', False),
        ('principal in Team::"a" && !(principal in Team::"b")', True),
        ('Team::"a" in Team::"b" && Team::"b" in Team::"a"', False),
        ('Team::"a" in Team::"b" && Team::"b" in Team::"c" && Team::"c" in Team::"a"', False),
        ('Doc::"a" in resource && resource in Doc::"b" && !(Doc::"a" in Doc::"b")', False),
        ('resource in Doc::"b" && Doc::"b" in resource && resource != Doc::"b"', False),
        ('resource in Doc::"b" && Doc::"b" in resource', True),
        ('resource.owner in Team::"a" && resource.owner == principal && !(principal in Team::"a")', False),
        # Numbers.
        (f"context.amount > {MAX - 1} && context.amount != {MAX}", False),
        (f"context.amount > {MAX - 1}", True),
        ("context.amount + 1 < context.amount", False),
        ("context.amount * 2 == 7", False),
        ("context.now.toDate() > context.now", False),
        ('context.now.toTime() >= duration("1d")', False),
        ('context.wait.toSeconds() > 0 && context.wait < duration("1s")', False),
        # What is there.
        ("resource.owner == principal && !(resource.owner has level)", False),
        ("!(resource.owner has level)", True),
        ("!(principal has level)", False),
        ("!(principal has boss)", True),
        ("principal has boss && principal.boss == principal && !(principal.boss has born)", False),
        ('principal.hasTag("k") && !(resource.owner.hasTag("k")) && resource.owner == principal', False),
        # Types with listed members.
        (
            'resource has colour && resource.colour != Colour::"red" && resource.colour != Colour::"green"'
            ' && resource.colour != Colour::"blue"',
            False,
        ),
        ('resource has colour && resource.colour == Colour::"blue"', True),
    ],
)
def test_conditions_hold_where_they_can(solver: Solver, condition: str, expected: bool) -> None:  # noqa: FBT001
    """In the open world, where little is said."""
    world = World(case("numbers").vocabulary, READ, Ids())
    assert possible(solver, world, condition) is expected


def test_in_a_closed_world_everything_exists() -> None:
    """What anything refers to is there; that is settled without a solver."""
    world = World(case("numbers").vocabulary, READ, Ids(), closed=True)
    (parsed,) = parse_policies('permit (principal, action, resource) when { Account::"x" has level };')
    found = encode(tree_of(parsed.est), world)
    assert (found.satisfied, found.errs) == (TRUE, FALSE)


def test_what_is_known_is_no_question() -> None:
    """Attributes and groups of entities that are known are constants; of others, they are open."""
    known: dict[EntityUid, CedarJson] = {
        EntityUid("Team", "a"): {
            "uid": {"type": "Team", "id": "a"},
            "attrs": {"rank": 3},
            "parents": [{"type": "Team", "id": "b"}],
        }
    }
    ids = Ids()
    world = World(case("numbers").vocabulary, READ, ids, known)
    which = constant(ids.number("a"))
    assert world.attribute("Team", which, "rank").value.term is constant(3)  # type: ignore[union-attr]
    texts = {
        'Team::"a" in Team::"b"': TRUE,
        'Team::"a" in Team::"c"': FALSE,
        'Team::"a" has rank && Team::"a".rank == 3': TRUE,
    }
    for text, expected in texts.items():
        (parsed,) = parse_policies(f"permit (principal, action, resource) when {{ {text} }};")
        assert encode(tree_of(parsed.est), world).satisfied is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('principal in Group::"corp/eng" && !(principal in Group::"corp/all")', False),
        ('principal in Group::"corp/all" && !(principal in Group::"corp/eng")', True),
        ('principal == User::"corp/alice" && !(principal in Group::"corp/eng")', False),
        ('principal == User::"corp/alice" && !(principal in Group::"corp/all")', False),
        ('principal == User::"corp/bob" && !(principal in Group::"corp/eng")', True),
        ('principal == User::"corp/bob" && principal.subject != "bob"', False),
        ('principal.issuer == "corp" && principal.subject == "bob" && principal != User::"corp/bob"', False),
        ('resource.resource == "https://mcp.example.com/github"', True),
        ('resource.resource == "https://elsewhere.example.com"', False),
        ('resource == Server::"nowhere"', False),
    ],
)
def test_what_the_operator_says_holds(solver: Solver, condition: str, expected: bool) -> None:  # noqa: FBT001
    """Nesting of groups, groups of people, names, and servers."""
    servers = {"github": Server(name="github", resource="https://mcp.example.com/github")}
    parents = {
        EntityUid("Group", "corp/eng"): [{"type": "Group", "id": "corp/all"}],
        EntityUid("User", "corp/alice"): [{"type": "Group", "id": "corp/eng"}],
    }
    static = StaticEntities(
        {
            uid: {"uid": uid.to_json(), "attrs": {}, "parents": above, "tags": {}}
            for uid, above in parents.items()
        }
    )
    setting = Setting(Vocabulary(full_schema(servers)), servers, static)
    world = setting.world(Environment(principal="User", action="ping", resource="Server"))
    assert possible(solver, world, condition) is expected


def test_thousands_of_pinned_things_make_flat_formulas() -> None:
    """However many prompts a catalogue has, a question about their names is about those that are named."""
    prompts = [{"name": f"prompt{number}"} for number in range(3000)]
    catalogue = Catalogue.from_json("github", {"prompts": prompts})
    server = Server(name="github", resource="https://mcp.example.com/github", catalogue=catalogue)
    setting = Setting(Vocabulary(full_schema({"github": server})), {"github": server})
    world = setting.world(Environment(principal="User", action="get_prompt", resource="Prompt"))
    condition = 'resource.pinned && resource.name == "prompt7" && resource in Server::"github"'
    (parsed,) = parse_policies(f"permit (principal, action, resource) when {{ {condition} }};")
    found = encode(tree_of(parsed.est), world)
    is_it = equal(world.resource.term, constant(setting.ids.number("github/prompt7")))
    # Which is what the formula says, in as many words as there are prompts.
    assert found.errs is FALSE
    assert conjunction(is_it, found.satisfied) is is_it
    assert len([*leaves(found.satisfied)]) <= 3


def test_twins_share_all_but_who_they_are() -> None:
    """Context and resource are the same terms, the principals are two, and only one may have an actor."""
    servers = {"github": Server(name="github", resource="https://mcp.example.com/github")}
    setting = Setting(Vocabulary(full_schema(servers)), servers)
    person = setting.world(Environment(principal="User", action="ping", resource="Server"))
    machine = setting.world(Environment(principal="Client", action="ping", resource="Server"), twin=True)
    assert person.resource == machine.resource
    assert person.context.fields["token"] == machine.context.fields["token"]
    assert (person.principal.term.name, machine.principal.term.name) == (("principal",), ("twin",))
    assert machine.context.fields["actor"].there is FALSE
    # Each world speaks of its own principal, and of no other.
    named = equal(machine.principal.term, constant(setting.ids.number("corp/x")))
    issuer = equal(person.attribute("User", person.principal.term, "issuer").value.term, constant("c"))  # type: ignore[union-attr]
    assert person.wellformed(named, issuer) is TRUE


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_is_encoded_once_is_what_is_encoded_each_time(name: str) -> None:
    """Worlds that share what was encoded have the very same terms as worlds that don't."""
    vocabulary, ids, shared = case(name).vocabulary, Ids(), dict[object, object]()
    chance, found = random.Random(name), [*environments(case(name).vocabulary)]
    text = "\n".join(policy(vocabulary, chance.choice(found), chance) for _ in range(40))
    trees = [tree_of(parsed.est) for parsed in parse_policies(text)]
    for environment in found:
        sharing = World(vocabulary, environment, ids, cache=shared)
        alone = World(vocabulary, environment, ids)
        assert [encode(tree, sharing) for tree in trees] == [encode(tree, alone) for tree in trees]
