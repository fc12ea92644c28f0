"""Each operator: what it makes of an example, all of it."""

import re
from pathlib import Path

import pytest

from policy_engine.cedar import parse_policies
from policy_engine.errors import ConfigError
from policy_engine.harness.mutation import OPERATORS, chosen_operators, mutants_of

_HEAD = "permit (principal, action, resource) "

EXAMPLES: dict[str, list[tuple[str, list[tuple[str, str]]]]] = {
    "effect-swapped": [
        ("forbid (principal, action, resource);", [("forbid", "permit")]),
        (
            '@delegable @reason("r") permit (principal, action, resource);',
            [('@delegable @reason("r") permit', '@reason("r") forbid')],
        ),
        (
            '@reason("r") @delegable permit (principal, action, resource);',
            [("@delegable permit", "forbid")],
        ),
    ],
    "policy-removed": [(f"{_HEAD};", [(f'@id("p") {_HEAD};', "")])],
    "shadow-added": [
        (f"{_HEAD};", [("", '@mode("shadow")\n')]),
        (f'@mode("shadow") {_HEAD};', []),
    ],
    "shadow-removed": [(f"{_HEAD};", []), (f'@mode("shadow")\n{_HEAD};', [('@mode("shadow")\n', "")])],
    "delegable-added": [
        (f"{_HEAD};", [("", "@delegable\n")]),
        (f"@delegable {_HEAD};", []),
        ("forbid (principal, action, resource);", []),
    ],
    "delegable-removed": [(f"{_HEAD};", []), (f"@delegable {_HEAD};", [("@delegable ", "")])],
    "kind-swapped": [
        ("permit (principal, action, resource);", []),
        ("permit (principal is User, action, resource);", [("principal is User", "principal is Client")]),
        (
            'permit (principal in ClientGroup::"m/g", action, resource);',
            [('principal in ClientGroup::"m/g"', 'principal in Group::"m/g"')],
        ),
        (
            'permit (principal is Client in ClientRole::"m/g", action, resource);',
            [('principal is Client in ClientRole::"m/g"', 'principal is User in Role::"m/g"')],
        ),
        (
            'permit (principal == Client::"m/b", action, resource);',
            [('principal == Client::"m/b"', 'principal == User::"m/b"')],
        ),
    ],
    "kind-dropped": [
        ("permit (principal is User, action, resource);", [("principal is User", "principal")]),
        (
            'permit (principal is User in Group::"c/g", action, resource);',
            [('principal is User in Group::"c/g"', 'principal in Group::"c/g"')],
        ),
        ('permit (principal == User::"c/a", action, resource);', []),
    ],
    "kind-required": [
        (
            "permit (principal, action, resource);",
            [("principal", "principal is User"), ("principal", "principal is Client")],
        ),
        ("permit (principal is User, action, resource);", []),
    ],
    "principal-widened": [
        ("permit (principal is User, action, resource);", []),
        (
            'permit (principal == Client::"m/b", action, resource);',
            [
                ('principal == Client::"m/b"', "principal is Client"),
                ('principal == Client::"m/b"', "principal"),
            ],
        ),
        (
            'permit (principal is User in Role::"c/r", action, resource);',
            [
                ('principal is User in Role::"c/r"', "principal is User"),
                ('principal is User in Role::"c/r"', "principal"),
            ],
        ),
    ],
    "action-widened": [
        ("permit (principal, action, resource);", []),
        (
            'permit (principal, action == Action::"s/t", resource);',
            [
                ('action == Action::"s/t"', 'action in Action::"s/*"'),
                ('action == Action::"s/t"', 'action in Action::"call_tool"'),
                ('action == Action::"s/t"', "action"),
            ],
        ),
        (
            'permit (principal, action in Action::"s/*", resource);',
            [
                ('action in Action::"s/*"', 'action in Action::"call_tool"'),
                ('action in Action::"s/*"', "action"),
            ],
        ),
        (
            'permit (principal, action in [Action::"read_only"], resource);',
            [
                ('action in [Action::"read_only"]', 'action in Action::"call_tool"'),
                ('action in [Action::"read_only"]', "action"),
            ],
        ),
        (
            'permit (principal, action == Action::"list_tools", resource);',
            [('action == Action::"list_tools"', "action")],
        ),
    ],
    "action-removed": [
        ('permit (principal, action in [Action::"a"], resource);', []),
        (
            'permit (principal, action in [Action::"a", Action::"b", Action::"c"], resource);',
            [
                ('action in [Action::"a", Action::"b", Action::"c"]', 'action in [Action::"b", Action::"c"]'),
                ('action in [Action::"a", Action::"b", Action::"c"]', 'action in [Action::"a", Action::"c"]'),
                ('action in [Action::"a", Action::"b", Action::"c"]', 'action in [Action::"a", Action::"b"]'),
            ],
        ),
    ],
    "resource-widened": [
        ("permit (principal, action, resource);", []),
        (
            'permit (principal, action, resource == Tool::"s/t");',
            [
                ('resource == Tool::"s/t"', 'resource in Server::"s"'),
                ('resource == Tool::"s/t"', "resource"),
            ],
        ),
        (
            'permit (principal, action, resource is Tool in Server::"s");',
            [
                ('resource is Tool in Server::"s"', "resource is Tool"),
                ('resource is Tool in Server::"s"', "resource"),
            ],
        ),
        (
            'permit (principal, action, resource in ToolGroup::"reports/x");',
            [('resource in ToolGroup::"reports/x"', "resource")],
        ),
    ],
    "resource-narrowed": [
        (
            'permit (principal, action, resource in Server::"s");',
            [('resource in Server::"s"', 'resource == Server::"s"')],
        ),
        (
            'permit (principal, action, resource == Server::"s");',
            [('resource == Server::"s"', 'resource in Server::"s"')],
        ),
        ('permit (principal, action, resource == Tool::"s/t");', []),
    ],
    "clause-negated": [
        (f"{_HEAD} when {{ 1 == 2 }} unless {{ 2 == 3 }};", [("when", "unless"), ("unless", "when")])
    ],
    "clause-removed": [
        (
            f"{_HEAD}when {{ 1 == 2 }}\nunless {{ 2 == 3 }};",
            [(" when { 1 == 2 }", ""), ("\nunless { 2 == 3 }", "")],
        )
    ],
    "and-or-swapped": [
        (
            f"{_HEAD} when {{ context.a && context.b }};",
            [("&&", "||")],
        ),
        (
            f"{_HEAD} when {{ context.a && context.b || (context.c) && context.d }};",
            [
                ("context.a && context.b", "(context.a || context.b)"),
                ("||", "&&"),
                ("(context.c) && context.d", "((context.c) || context.d)"),
            ],
        ),
        (f"{_HEAD} when {{ context has a.b.c }};", []),
        (
            f"{_HEAD} when {{ context.a // && and ||\n && context.b }};",
            [("&&", "||")],
        ),
    ],
    "operand-dropped": [
        (
            f"{_HEAD} when {{ context.a && context.b && context.c }};",
            [
                ("context.a && context.b && context.c", "context.a && context.b"),
                ("context.a && context.b", "context.b"),
                ("context.a && context.b", "context.a"),
            ],
        ),
        (
            f"{_HEAD} when {{ (context.a || context.b) && context.c }};",
            [
                ("(context.a || context.b) && context.c", "context.c"),
                ("(context.a || context.b) && context.c", "(context.a || context.b)"),
                ("context.a || context.b", "context.b"),
                ("context.a || context.b", "context.a"),
            ],
        ),
        (
            f"{_HEAD} when {{ context has a && context.a }};",
            [("context has a && context.a", "context has a")],
        ),
    ],
    "has-dropped": [
        (f"{_HEAD} when {{ context has a && context.a }};", [("context has a && context.a", "context.a")]),
        (
            f"{_HEAD} when {{ context has a.b && context.a.b }};",
            [("context has a.b && context.a.b", "context.a.b")],
        ),
        (
            f'{_HEAD} when {{ principal.hasTag("t") && context.a }};',
            [('principal.hasTag("t") && context.a', "context.a")],
        ),
    ],
    "has-shortened": [
        (f"{_HEAD} when {{ context has a }};", []),
        (f"{_HEAD} when {{ context has a.b.c }};", [("context has a.b.c", "context has a.b")]),
    ],
    "truth-negated": [
        (
            f'{_HEAD} when {{ context.a && context.b.contains("x") }};',
            [("context.a", "!context.a"), ('context.b.contains("x")', '!context.b.contains("x")')],
        ),
        (
            f'{_HEAD} when {{ principal in Group::"c/g" || context.s like "a*" }};',
            [
                ('principal in Group::"c/g"', '!(principal in Group::"c/g")'),
                ('context.s like "a*"', '!(context.s like "a*")'),
            ],
        ),
        (f"{_HEAD} when {{ context has a.b }};", [("context has a.b", "!(context has a.b)")]),
        (f"{_HEAD} when {{ !context.a && 1 == 2 }};", []),
        (
            f"{_HEAD} when {{ if principal is User then context.a else context.b }};",
            [
                ("principal is User", "!(principal is User)"),
                ("context.a", "!context.a"),
                ("context.b", "!context.b"),
            ],
        ),
    ],
    "not-dropped": [
        (f"{_HEAD} when {{ !context.a }};", [("!context.a", "context.a")]),
        (
            f"{_HEAD} when {{ context.b && !(context.a || context.c) }};",
            [("!(context.a || context.c)", "(context.a || context.c)")],
        ),
    ],
    "branches-swapped": [
        (
            f"{_HEAD} when {{ if context.a then context.b else context.c }};",
            [
                (
                    "if context.a then context.b else context.c",
                    "if context.a then context.c else context.b",
                )
            ],
        )
    ],
    "comparison-changed": [
        (f"{_HEAD} when {{ context.n < 5 }};", [("<", "<="), ("<", ">")]),
        (f"{_HEAD} when {{ context.n <= 5 }};", [("<=", "<"), ("<=", ">=")]),
        (f"{_HEAD} when {{ context.n > 5 }};", [(">", ">="), (">", "<")]),
        (f"{_HEAD} when {{ context.n >= 5 }};", [(">=", ">"), (">=", "<=")]),
        (f"{_HEAD} when {{ context.n == 5 }};", [("==", "!=")]),
        (f"{_HEAD} when {{ context.n != 5 }};", [("!=", "==")]),
        (
            f'{_HEAD} when {{ context.d.lessThan(decimal("1.0")) }};',
            [("lessThan", "lessThanOrEqual"), ("lessThan", "greaterThan")],
        ),
        (f"{_HEAD} when {{ context.i.isIpv4() }};", [("isIpv4", "isIpv6")]),
    ],
    "number-nudged": [
        (f"{_HEAD} when {{ context.n < 5 }};", [("5", "6"), ("5", "4")]),
        (f"{_HEAD} when {{ context.n < -1 }};", [("-1", "0"), ("-1", "-2")]),
        (
            f"{_HEAD} when {{ context.n < 9223372036854775807 }};",
            [("9223372036854775807", "9223372036854775806")],
        ),
    ],
    "literal-nudged": [
        (
            f'{_HEAD} when {{ context.d == decimal("1.5") }};',
            [('"1.5"', '"1.5001"'), ('"1.5"', '"1.4999"')],
        ),
        (
            f'{_HEAD} when {{ context.d == duration("1h30m") }};',
            [('"1h30m"', '"1h31m"'), ('"1h30m"', '"1h29m"')],
        ),
        (
            f'{_HEAD} when {{ context.t < datetime("2026-01-01") }};',
            [
                ('"2026-01-01"', '"2026-01-01T00:00:00.001Z"'),
                ('"2026-01-01"', '"2025-12-31T23:59:59.999Z"'),
            ],
        ),
        (
            f'{_HEAD} when {{ context.t < datetime("2026-01-01T10:00:00+0200") }};',
            [
                ('"2026-01-01T10:00:00+0200"', '"2026-01-01T10:00:00.001+0200"'),
                ('"2026-01-01T10:00:00+0200"', '"2026-01-01T09:59:59.999+0200"'),
            ],
        ),
        (
            f'{_HEAD} when {{ context.i.isInRange(ip("10.0.0.0/8")) }};',
            [('"10.0.0.0/8"', '"10.0.0.0/7"'), ('"10.0.0.0/8"', '"10.0.0.0/9"')],
        ),
        (f'{_HEAD} when {{ context.i == ip("10.0.0.1") }};', []),
    ],
    "arithmetic-swapped": [
        (f"{_HEAD} when {{ context.n + 1 == 5 }};", [("context.n + 1", "(context.n - 1)")]),
        (f"{_HEAD} when {{ context.n * 2 == 5 }};", [("context.n * 2", "(context.n + 2)")]),
    ],
    "sets-compared-otherwise": [
        (f'{_HEAD} when {{ context.s.containsAll(["a"]) }};', [("containsAll", "containsAny")]),
        (f'{_HEAD} when {{ context.s.containsAny(["a"]) }};', [("containsAny", "containsAll")]),
    ],
    "text-changed": [
        (f'{_HEAD} when {{ context.s == "a\\"b" }};', [('"a\\"b"', '"a\\"b~"')]),
        (f'{_HEAD} when {{ context.d == decimal("1.0") }};', []),
    ],
    "truth-flipped": [(f"{_HEAD} when {{ context.b == true }};", [("true", "false")])],
    "item-removed": [
        (
            f'{_HEAD} when {{ ["a", "b"].contains(context.s) }};',
            [('["a", "b"]', '["b"]'), ('["a", "b"]', '["a"]')],
        ),
        (f'{_HEAD} when {{ ["a"].contains(context.s) }};', [('["a"]', "[]")]),
    ],
    "kind-in-clause-swapped": [
        (
            f'{_HEAD} when {{ principal is User && context.actor == Client::"c/h" }};',
            [("User", "Client"), ('Client::"c/h"', 'User::"c/h"')],
        ),
        (f'{_HEAD} when {{ principal in Group::"c/g" }};', [('Group::"c/g"', 'ClientGroup::"c/g"')]),
        (f'{_HEAD} when {{ resource in Server::"s" }};', []),
    ],
    "pattern-widened": [
        (
            f'{_HEAD} when {{ context.s like "ab/*" }};',
            [
                ('context.s like "ab/*"', 'context.s like "*ab/*"'),
                ('context.s like "ab/*"', 'context.s like "ab*"'),
            ],
        ),
        (
            f'{_HEAD} when {{ context.s like "*.b" }};',
            [
                ('context.s like "*.b"', 'context.s like "*.b*"'),
                ('context.s like "*.b"', 'context.s like "*b"'),
            ],
        ),
    ],
    "pattern-narrowed": [
        (
            f'{_HEAD} when {{ context.s like "a*b*" }};',
            [
                ('context.s like "a*b*"', 'context.s like "ab*"'),
                ('context.s like "a*b*"', 'context.s like "a*b"'),
            ],
        ),
    ],
}


def test_every_operator_has_an_example() -> None:
    """A new operator is shown at work here."""
    assert list(EXAMPLES) == list(OPERATORS)


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [(operator, text, expected) for operator, examples in EXAMPLES.items() for text, expected in examples],
)
def test_an_operator_makes_exactly_these(operator: str, text: str, expected: list[tuple[str, str]]) -> None:
    """Each place is found, and no other."""
    made = mutants_of(parse_policies(f'@id("p") {text}'), chosen_operators([operator]))
    assert [(mutant.before, mutant.after) for mutant in made] == expected


@pytest.mark.parametrize("text", sorted({text for examples in EXAMPLES.values() for text, _ in examples}))
def test_every_mutant_is_one_policy_that_parses(text: str) -> None:
    """Brackets are where they are needed: nothing is refused but for what it means."""
    (policy,) = parse_policies(f'@id("p") {text}')
    for mutant in mutants_of([policy]):
        assert len(parse_policies(mutant.text)) == (mutant.operator != "policy-removed"), mutant


def test_operators_are_chosen_by_pattern() -> None:
    """In the order of the table, whatever order they are named in."""
    assert list(chosen_operators(["number-*", "kind-*"])) == [
        "kind-swapped",
        "kind-dropped",
        "kind-required",
        "number-nudged",
        "kind-in-clause-swapped",
    ]
    assert chosen_operators([]) == OPERATORS


def test_an_unknown_operator_is_refused() -> None:
    """With those that there are."""
    with pytest.raises(ConfigError, match="no mutation operator is named `kinds`") as caught:
        chosen_operators(["kinds"])
    assert caught.value.remedy == f"known are: {', '.join(OPERATORS)}"


def test_the_page_on_mutation_testing_names_every_operator() -> None:
    """In a table by what goes wrong."""
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "mutation-testing.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    named = re.findall(r"`([a-z-]+)`", "\n".join(row.split("|")[2] for row in rows))
    assert sorted(named) == sorted(OPERATORS)
