"""Files of `cedar run-tests` are taken over as they are."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.errors import ConfigError
from policy_engine.harness import Case, World
from policy_engine.harness.running import decide
from policy_engine.harness.scenarios import load_scenarios
from policy_engine.model import User
from tests.plugins.samples import samples

TEST: dict[str, Any] = {
    "name": "a bot creates",
    "request": {
        "principal": 'Client::"machines/ci-bot"',
        "action": 'Action::"github/create_issue"',
        "resource": 'Tool::"github/create_issue"',
        "context": {"arguments": {"title": "a"}, "token": {"scopes": ["issues:write"]}},
    },
    "entities": [],
    "decision": "allow",
    "reason": ["bot-creates"],
    "num_errors": 0,
}

Load = Callable[..., tuple[Case, ...]]


@pytest.fixture
def load_tests(project: Path, world: World) -> Load:
    """The cases of a file with tests that differ from the one above."""

    def load(*changes: dict[str, Any]) -> tuple[Case, ...]:
        path = project / "tests.json"
        path.write_text(json.dumps([{**TEST, **change} for change in changes], indent=2), "utf-8")
        return load_scenarios([path], world)

    return load


def asking(**changes: Any) -> dict[str, Any]:
    """The request, changed."""
    return {**TEST["request"], **changes}


def test_a_test_is_a_case(load_tests: Load, world: World) -> None:
    """It passes where the Cedar command line passes it, and fails where that fails it."""
    (good, wrong, unreasoned) = load_tests(
        {},
        {"name": "wrong", "decision": "deny", "reason": []},
        {"name": "unreasoned", "reason": ["lists"]},
    )

    assert good.id == "tests.json::a bot creates"
    assert decide(world, good).failures == ()
    assert [(each.what, each.actual) for each in decide(world, wrong).failures] == [("decision", "allow")]
    assert [(each.what, each.expected, each.actual) for each in decide(world, unreasoned).failures] == [
        ("policies", "also lists", "bot-creates")
    ]


def test_attributes_groups_and_actors_are_taken_over(load_tests: Load, world: World, project: Path) -> None:
    """Of the principal's own entity, which may be in a file beside the tests."""
    entity = {
        "uid": {"type": "User", "id": "corp/alice"},
        "attrs": {"issuer": "corp", "subject": "alice", "email": "alice@example.com"},
        "tags": {"team": ["a"]},
        "parents": [{"type": "Group", "id": "corp/eng"}, {"type": "Role", "id": "corp/lead"}],
    }
    (project / "entities.json").write_text(json.dumps([entity]))
    actor = {"__entity": {"type": "Client", "id": "corp/desktop-agent"}}
    request = asking(
        principal='User::"corp/alice"',
        action='Action::"list_tools"',
        resource='Server::"github"',
        context={"actor": actor},
    )
    (case,) = load_tests({"request": request, "entities": "entities.json", "reason": ["lists"]})

    assert case.who.identity is not None
    principal = case.who.identity.principal
    assert isinstance(principal, User)
    assert (principal.groups, principal.roles, principal.email, principal.attributes) == (
        frozenset({"eng"}),
        frozenset({"lead"}),
        "alice@example.com",
        {"team": ("a",)},
    )
    assert str(principal.actor and principal.actor.uid) == 'Client::"corp/desktop-agent"'
    assert decide(world, case).failures == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"request": asking(principal="ci-bot")}, "tests.json:5:7: `ci-bot` names no entity"),
        ({"request": asking(action='Action::"fly"')}, 'tests.json:6:7: no message leads to `Action::"fly"`'),
        (
            {"request": asking(resource='Server::"gitlab"', action='Action::"list_tools"')},
            "no server is named",
        ),
        ({"reason": ["nothing"]}, "tests.json:22:7: no policy has the id `nothing`"),
        ({"num_errors": 1}, "which policies fail isn't said"),
        ({"entities": "../entities.json"}, "the entities aren't in a file below this folder"),
        ({"entities": {}}, "not a list of entities"),
        ({"decision": "Allow"}, "`tests.0.decision`: input should be 'allow' or 'deny'"),
        ({"more": 1}, "unknown key `tests.0.more`"),
    ],
)
def test_a_mistake_is_told_with_its_place(load_tests: Load, change: dict[str, Any], told: str) -> None:
    """As in a scenario."""
    with pytest.raises(ConfigError) as caught:
        load_tests(change)

    assert told in str(caught.value)
    assert caught.value.line is not None


def test_two_tests_of_one_name_are_told(load_tests: Load) -> None:
    """A result couldn't be told from another."""
    with pytest.raises(ConfigError, match="a test is called `a bot creates` already"):
        load_tests({}, {})


def parts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every part."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from parts(part, (*path, key))


WHOLE: dict[str, Any] = {
    **TEST,
    "entities": [
        {
            "uid": {"type": "Client", "id": "machines/ci-bot"},
            "attrs": {"level": 3, "category": "service"},
            "tags": {"team": ["a"]},
            "parents": [{"type": "ClientGroup", "id": "machines/ci"}],
        }
    ],
}
VALUES = (
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "x", [], {}, ["x", 1], {"x": 1}])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=samples(150))
@given(path=st.sampled_from(list(parts(WHOLE))), value=VALUES)
def test_whatever_is_wrong_in_a_test_is_told(
    world: World, project: Path, path: tuple[str | int, ...], value: Any
) -> None:
    """With its place; nothing else is raised."""
    test = deepcopy({"root": WHOLE})
    inner: Any = test
    for step in ("root", *path)[:-1]:
        inner = inner[step]
    inner[("root", *path)[-1]] = value
    (project / "tests.json").write_text(json.dumps([test["root"]]), "utf-8")
    try:
        load_scenarios([project / "tests.json"], world)
    except ConfigError as error:
        assert error.line is not None
