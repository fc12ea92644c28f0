"""Mutants as values: where they are, what they change, how they are shown."""

from itertools import chain
from pathlib import Path

from policy_engine.cedar import Span, parse_policies
from policy_engine.harness.mutation import chosen_operators, mutants_of

POLICIES = Path(__file__).parents[3] / "policies"

_TEXT = """\
// a file
@id("first") permit (principal, action, resource);

  @id("second")
  permit (
    principal is User,
    action,
    resource
  )
  when { context.n > 5 && context.n < 9 };
"""


def test_a_mutant_says_where_it_is_and_what_it_changes() -> None:
    """In lines and columns of the file, and offsets of the policy."""
    policies = parse_policies(_TEXT, "some.cedar")
    (mutant,) = mutants_of(policies, chosen_operators(["kind-dropped"]))
    assert (mutant.id, mutant.operator, mutant.policy, mutant.file) == (
        "second/kind-dropped/1",
        "kind-dropped",
        "second",
        "some.cedar",
    )
    assert mutant.span == Span(29, 46, 6, 5)
    assert (mutant.before, mutant.after) == ("principal is User", "principal")
    assert mutant.original is policies[1]
    assert mutant.says == "`second` holds for machines and for people"


def test_a_change_on_the_first_line_has_the_column_of_the_file() -> None:
    """A policy may begin within a line."""
    (policy,) = parse_policies('   @id("p") permit (principal is User, action, resource);')
    (mutant,) = mutants_of([policy], chosen_operators(["kind-dropped"]))
    assert (mutant.span.line, mutant.span.column) == (1, 21)


def test_a_diff_has_the_lines_of_the_file() -> None:
    """Two lines around what changed."""
    policies = parse_policies(_TEXT, "some.cedar")
    mutant = next(mutants_of(policies, chosen_operators(["number-*"])))
    assert mutant.diff() == (
        "--- some.cedar\n"
        "+++ some.cedar\n"
        "@@ -8,3 +8,3 @@\n"
        "     resource\n"
        "   )\n"
        "-  when { context.n > 5 && context.n < 9 };\n"
        "+  when { context.n > 6 && context.n < 9 };"
    )


def test_mutants_come_in_one_order_each_by_its_own_name() -> None:
    """Policy by policy, operator by operator, from left to right."""
    policies = parse_policies(_TEXT)
    ids = [mutant.id for mutant in mutants_of(policies, chosen_operators(["number-*", "policy-removed"]))]
    assert ids == [
        "first/policy-removed/1",
        "second/policy-removed/1",
        "second/number-nudged/1",
        "second/number-nudged/2",
        "second/number-nudged/3",
        "second/number-nudged/4",
    ]


def test_every_mutant_of_what_is_shipped_is_the_original_but_for_its_stretch() -> None:
    """Names, and digests, are of one mutant alone."""
    for folder in sorted(POLICIES.iterdir()):
        policies = [
            policy
            for file in sorted(folder.glob("*.cedar"))
            for policy in parse_policies(file.read_text("utf-8"), str(file))
        ]
        mutants = list(mutants_of(policies))
        for mutant in mutants:
            text, span = mutant.original.text, mutant.span
            assert text[span.start : span.end] == mutant.before != mutant.after
            assert mutant.text == text[: span.start] + mutant.after + text[span.end :]
        assert len({mutant.id for mutant in mutants}) == len(mutants)
        assert [mutant.digest for mutant in mutants_of(policies)] == [mutant.digest for mutant in mutants]


def test_what_an_operator_makes_twice_is_one_mutant() -> None:
    """Two places for one result."""
    (policy,) = parse_policies('@id("p") permit (principal, action in [Action::"a", Action::"a"], resource);')
    assert [mutant.after for mutant in mutants_of([policy], chosen_operators(["action-removed"]))] == [
        'action in Action::"a"'
    ]
    assert list(chain(mutants_of([]))) == []
