"""A matrix crosses principals with calls; what isn't written is denied, and every cell is a case."""

from collections.abc import Callable
from pathlib import Path

from policy_engine.harness import Case, Origin, World
from policy_engine.harness.running import decide
from policy_engine.harness.scenarios.expectations import DENIALS

Load = Callable[..., tuple[Case, ...]]

BASE = """\
principals:
  bot: {client: ci-bot, scope: "issues:write"}
  alice: {user: alice}
calls:
  list: {method: tools/list}
  create: {tool: create_issue, arguments: {title: a}}
"""

TABLE = """\
table: |
  |       | list           | create               |
  |-------|----------------|----------------------|
  | bot   | allow by lists | allow by bot-creates |
  | alice | allow          | no_permit            |
"""

BARE_TABLE = """\
table: |
  who   | list           | create
  bot   | allow by lists | allow by bot-creates
  alice | ✓              |
"""


def cells(
    cases: tuple[Case, ...],
) -> dict[tuple[str, str], tuple[bool | None, str | None, frozenset[str] | None]]:
    """Whether, by which code and by which policies, of each cell."""
    return {
        (case.who.name, case.asked.name): (case.expect.allowed, case.expect.code, case.expect.policies)
        for case in cases
    }


def test_what_a_row_does_not_name_is_denied(load: Load) -> None:
    """And so is everything of a principal without a row."""
    found = load(f"{BASE}matrix:\n  bot: {{allow by lists: list}}\n")

    assert cells(found) == {
        ("bot", "list"): (True, None, frozenset({"lists"})),
        ("bot", "create"): (False, None, None),
        ("alice", "list"): (False, None, None),
        ("alice", "create"): (False, None, None),
    }


def test_a_row_can_be_one_outcome_and_all_means_the_rest(load: Load) -> None:
    """`all` leaves alone what is named."""
    found = load(f"{BASE}matrix:\n  bot: allow\n  alice:\n    no_permit: create\n    allow: all\n")

    assert cells(found) == {
        ("bot", "list"): (True, None, None),
        ("bot", "create"): (True, None, None),
        ("alice", "list"): (True, None, None),
        ("alice", "create"): (False, "no_permit", None),
    }


def test_a_table_is_a_matrix(load: Load, project: Path) -> None:
    """Each cell is placed where it is written."""
    found = load(BASE + TABLE)

    assert cells(found) == {
        ("bot", "list"): (True, None, frozenset({"lists"})),
        ("bot", "create"): (True, None, frozenset({"bot-creates"})),
        ("alice", "list"): (True, None, None),
        ("alice", "create"): (False, "no_permit", None),
    }
    file = project / "x.scenario.yaml"
    assert [case.expect.origin for case in found] == [
        Origin(file, 11, 13),
        Origin(file, 11, 30),
        Origin(file, 12, 13),
        Origin(file, 12, 30),
    ]


def test_a_table_needs_no_strokes_at_its_ends_and_an_empty_cell_is_a_denial(load: Load) -> None:
    """As people write tables who don't know Markdown."""
    assert cells(load(BASE + BARE_TABLE)) == {
        ("bot", "list"): (True, None, frozenset({"lists"})),
        ("bot", "create"): (True, None, frozenset({"bot-creates"})),
        ("alice", "list"): (True, None, None),
        ("alice", "create"): (False, None, None),
    }


def test_a_group_crosses_what_it_names_and_no_more(load: Load) -> None:
    """With `who` and `asks` it names more; groups lie in groups, and ids say in which."""
    found = load(
        f"{BASE}groups:\n  a:\n    groups:\n      b: {{who: alice, matrix: {{bot: {{allow: list}}}}}}\n"
    )

    assert [(case.id, case.group, case.expect.allowed) for case in found] == [
        ("x.scenario.yaml::a::b::alice::list", ("a", "b"), False),
        ("x.scenario.yaml::a::b::bot::list", ("a", "b"), True),
    ]


def test_tests_stand_one_by_one(load: Load) -> None:
    """Of several principals and several calls each is a case; a name is part of the id."""
    text = (
        "tests:\n  - {who: [bot, alice], asks: list, expect: allow}\n"
        "  - {name: n, who: bot, asks: create, expect: allow by bot-creates}\n"
    )

    assert [case.id for case in load(BASE + text)] == [
        "x.scenario.yaml::bot::list",
        "x.scenario.yaml::alice::list",
        "x.scenario.yaml::n::bot::create",
    ]


def test_what_is_skipped_says_why(load: Load) -> None:
    """A group's reason is that of all in it, unless they have their own."""
    text = (
        "groups:\n  g:\n    skip: not yet\n    matrix: {bot: {allow: list}}\n"
        "    tests: [{who: alice, asks: list, expect: allow, skip: never}]\n"
    )

    assert [case.skip for case in load(BASE + text)] == ["not yet", "never"]


def test_a_plain_denial_is_one_by_policies_of_somebody_known(load: Load, world: World) -> None:
    """A token that is refused, or arguments that are, don't pass for one."""
    text = (
        BASE.replace("title: a", "title: 7")
        + "  reads: {tool: list_issues}\n"
        + "groups:\n  g: {who: [bot, late], asks: [create, reads]}\n"
    ).replace("  alice:", "  late: {client: ci-bot, tamper: expired}\n  alice:")
    results = [decide(world, case) for case in load(text)]

    assert [case.case.expect.codes for case in results] == [DENIALS] * 4
    assert [[(each.what, each.actual) for each in result.failures] for result in results] == [
        [("code", "invalid_arguments")],
        [("decision", "allow")],
        [("code", "expired_token")],
        [("code", "expired_token")],
    ]


def test_whom_a_token_is_for_is_expected_by_default(load: Load) -> None:
    """Unless the token is refused, tampered with, or has claims that say who it is."""
    text = """\
  odd: {client: ci-bot, claims: {sub: other}}
  late: {client: ci-bot, tamper: expired}
calls:
  list: {method: tools/list}
matrix:
  bot: allow
  alice: deny
  odd: allow
  late: expired_token
tests:
  - {name: refused, who: bot, asks: list, expect: allow}
  - {name: any, who: bot, asks: list, expect: {decision: allow, principal: any}}
  - {name: none, who: late, asks: list, expect: {code: expired_token, principal: none}}
"""
    found = load(BASE.partition("calls:")[0] + text)

    assert [case.expect.principal for case in found] == [
        'Client::"machines/ci-bot"',
        'User::"corp/alice"',
        None,
        None,
        'Client::"machines/ci-bot"',
        None,
        "none",
    ]


def test_the_time_is_the_files(load: Load) -> None:
    """In any of its forms; without one, it is the first second of 2026."""
    forms = ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00+01:00", "'2026-03-02T09:00:00+00:00'", "1772442000"]

    assert {case.now for form in forms for case in load(f"now: {form}\n{BASE}matrix: {{bot: deny}}\n")} == {
        1772442000.0
    }
    assert {case.now for case in load(f"{BASE}matrix: {{bot: deny}}\n")} == {1767225600.0}
