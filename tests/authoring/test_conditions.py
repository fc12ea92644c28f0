"""Conditions that the validator refuses: each part that is wrong, and what its author should write."""

from collections.abc import Callable

import pytest

Seed = Callable[[str, str], list[str]]
Places = Callable[[str], list[str]]

HEADS = {
    "issue": 'permit (principal is User, action == Action::"github/create_issue", resource)',
    "deploy": 'permit (principal is User, action == Action::"github/deploy", resource)',
    "search": 'permit (principal is User, action == Action::"github/search", resource)',
    "odd": 'permit (principal is User, action == Action::"github/odd", resource)',
    "unpinned": 'permit (principal is User, action == Action::"github/?", resource)',
    "nothing yet": 'permit (principal is User, action in Action::"idempotent", resource)',
    "two tools": (
        "permit (principal is User, "
        'action in [Action::"github/create_issue", Action::"github/search"], resource)'
    ),
    "all tools": 'permit (principal is User, action in Action::"github/*", resource)',
    "anything": "permit (principal is User, action, resource)",
    "anyone": 'permit (principal, action == Action::"github/create_issue", resource)',
    "ping": 'permit (principal is User, action == Action::"ping", resource)',
    "two methods": 'permit (principal is User, action in [Action::"ping", Action::"list_tools"], resource)',
    "machine": 'permit (principal is Client, action == Action::"github/create_issue", resource)',
}

ATTRIBUTES = [
    (
        "issue",
        'context.arguments.▸rep == "a"',
        [
            (
                "`context.arguments` has no `rep` in github/create_issue (did you mean `repo`? "
                "arguments of github/create_issue: count, labels, repo and title)"
            ),
        ],
    ),
    (
        "issue",
        'context.arguments.▸zzz == "a"',
        [
            (
                "`context.arguments` has no `zzz` in github/create_issue (arguments of "
                "github/create_issue: count, labels, repo and title)"
            ),
        ],
    ),
    (
        "issue",
        "context.arguments.▸count > 3",
        [
            (
                "`context.arguments.count`, an integer (Long), may be missing in github/create_issue "
                "(guard it: `context.arguments has count && …`)"
            ),
        ],
    ),
    (
        "issue",
        "context.arguments.▸isEmpty",
        [
            (
                "`context.arguments` has no `isEmpty` in github/create_issue (arguments of "
                "github/create_issue: count, labels, repo and title)"
            ),
        ],
    ),
    (
        "issue",
        'context.▸argument.repo == "a"',
        [
            "`context` has no `argument` in github/create_issue (did you mean `arguments`?)",
        ],
    ),
    (
        "issue",
        'context.token.▸scope.contains("a")',
        [
            "`context.token` has no `scope` in github/create_issue (did you mean `scopes`?)",
        ],
    ),
    (
        "issue",
        'principal.▸emial == "a"',
        [
            "a `User` has no attribute `emial` (did you mean `email`?)",
        ],
    ),
    (
        "issue",
        'principal.▸client_id == "a"',
        [
            (
                "a `User` has no attribute `client_id` (it has email, issuer and subject; only a "
                "`Client` has that)"
            ),
        ],
    ),
    (
        "issue",
        'principal.▸groups.contains("eng")',
        [
            ('a `User` has no attribute `groups` (ask whether they are in one: `principal in Group::"…"`)'),
        ],
    ),
    (
        "issue",
        'principal.▸department == "x"',
        [
            (
                "a `User` has no attribute `department` (it has email, issuer and subject; configured "
                'claims are tags: `principal.hasTag("department")`)'
            ),
        ],
    ),
    (
        "issue",
        '▸principal.getTag("department").contains("x")',
        [
            (
                '`principal` may not have the tag "department" (guard it: '
                '`principal.hasTag("department") && …`)'
            ),
        ],
    ),
    (
        "issue",
        '▸resource.getTag("a").contains("b")',
        [
            '`resource` may not have the tag "a" (guard it: `resource.hasTag("a") && …`)',
        ],
    ),
    (
        "issue",
        'context.▸actor.category == "ai_agent"',
        [
            "`context.actor` may be missing in github/create_issue (guard it: `context has actor && …`)",
        ],
    ),
    (
        "issue",
        'context.arguments[▸"re po"] == "a"',
        [
            (
                '`context.arguments` has no "re po" in github/create_issue (did you mean `repo`? '
                "arguments of github/create_issue: count, labels, repo and title)"
            ),
        ],
    ),
    (
        "issue",
        'resource.▸nam == "x"',
        [
            "a `Tool` has no attribute `nam` (did you mean `name`?)",
        ],
    ),
    (
        "issue",
        'action.▸name == "x"',
        [
            "an `Action` has no attribute `name` (it has none)",
        ],
    ),
    (
        "all tools",
        'context.arguments.▸repo == ▸"a"',
        [
            (
                "`context.arguments` has no `repo` in 3 of 5 tools: github/?, github/deploy and "
                "github/odd (guard it: `context.arguments has repo && …`, or name those that have it: "
                '`Action::"github/create_issue"` and `Action::"github/search"`)'
            ),
            (
                '`context.arguments.repo` is an integer (Long), `"a"` is a String: they are never '
                "equal in 1 of 5 tools: github/search (write a policy of its own for github/search)"
            ),
        ],
    ),
    (
        "all tools",
        'context.arguments.▸rep == "a"',
        [
            (
                "`context.arguments` has no `rep` in all 5 tools (did you mean `repo`? arguments of "
                "these tools: count, dry, env, labels, more, price, query, repo and title)"
            ),
        ],
    ),
    (
        "all tools",
        "context.arguments.▸level == 1",
        [
            (
                "`context.arguments` has no `level` in all 5 tools (arguments of these tools: count, "
                "dry, env, labels, more, price, query, repo and title)"
            ),
        ],
    ),
    (
        "anything",
        'context.▸arguments.▸repo == ▸"a"',
        [
            (
                "`context` has no `arguments` in 21 of 26 actions, first `initialize` "
                "(only calls of tools have arguments: name the tool, `action == "
                'Action::"github/create_issue"`, or guard it: `context has arguments && …`)'
            ),
            (
                "`context.arguments` has no `repo` in 3 of 26 actions: github/?, github/deploy and "
                "github/odd (guard it: `context.arguments has repo && …`, or name those that have it: "
                '`Action::"github/create_issue"` and `Action::"github/search"`)'
            ),
            (
                '`context.arguments.repo` is an integer (Long), `"a"` is a String: they are never '
                "equal in 1 of 26 actions: github/search (write a policy of its own for github/search)"
            ),
        ],
    ),
    (
        "ping",
        'context.▸arguments.repo == "a"',
        [
            (
                "`context` has no `arguments` in ping (only calls of tools have arguments: name the "
                'tool, `action == Action::"<server>/<tool>"`)'
            ),
        ],
    ),
    (
        "deploy",
        "context.arguments.▸more.level > 3",
        [
            (
                "`context.arguments.more`, a record, may be missing in github/deploy "
                "(guard it: `context.arguments has more && …`)"
            ),
        ],
    ),
    (
        "deploy",
        "context.arguments has more && context.arguments.more.▸lvel > 3",
        [
            "`context.arguments.more` has no `lvel` in github/deploy (did you mean `level`?)",
        ],
    ),
    (
        "deploy",
        'context.arguments has more && context.arguments.more.▸note == "x"',
        [
            (
                "`context.arguments.more.note`, a String, may be missing in github/deploy "
                "(guard it: `context.arguments.more has note && …`)"
            ),
        ],
    ),
    (
        "search",
        'context.arguments.▸filter == "x"',
        [
            (
                "policies can't see `filter` of github/search: it may be a string or a number (ask whether "
                'it was given: `context.unrepresentable.contains("filter")`)'
            ),
        ],
    ),
    (
        "odd",
        'context.arguments.▸x == "x"',
        [
            (
                "policies can't see `x` of github/odd: its `oneOf` isn't a list of schemas (ask whether "
                'it was given: `context.unrepresentable.contains("x")`)'
            ),
        ],
    ),
    (
        "unpinned",
        'context.arguments.▸x == "x"',
        [
            "policies can't see the arguments of tools that aren't pinned (pin the tool, and name it)",
        ],
    ),
    (
        "nothing yet",
        'context.arguments.▸repo == "a"',
        [
            "policies can't see the arguments of tools that aren't pinned (pin the tool, and name it)",
        ],
    ),
    (
        "two tools",
        'context.arguments.▸repo == ▸"a"',
        [
            (
                "`context.arguments.repo`, an integer (Long), may be missing in 1 of 2 tools: github/search "
                "(guard it: `context.arguments has repo && …`)"
            ),
            (
                '`context.arguments.repo` is an integer (Long), `"a"` is a String: they are never '
                "equal in 1 of 2 tools: github/search (write a policy of its own for github/search)"
            ),
        ],
    ),
    (
        "anyone",
        'principal.▸email == "x"',
        [
            (
                "a `Client` has no attribute `email` (only a `User` has it: write `principal is User` "
                "in the head)"
            ),
        ],
    ),
    (
        "anyone",
        'principal.▸client_id == "x"',
        [
            (
                "a `User` has no attribute `client_id` (only a `Client` has it: write `principal is "
                "Client` in the head)"
            ),
        ],
    ),
    (
        "anything",
        'resource.▸resource == "x"',
        [
            (
                "a `Prompt` has no attribute `resource` (only a `Server` has it: write `resource is "
                "Server` in the head)"
            ),
        ],
    ),
    (
        "anything",
        'resource.▸uri == "x"',
        [
            (
                "a `Prompt` has no attribute `uri` (only a `Resource` has it: write `resource is "
                "Resource` in the head)"
            ),
        ],
    ),
    (
        "ping",
        '▸resource.getTag("x").contains("y")',
        [
            "a `Server` has no tags (ask one of its attributes)",
        ],
    ),
    (
        "two methods",
        "context.▸argument == 3",
        [
            (
                "`context` has no `argument` in both actions (it has actor, has_request_state, "
                "input_responses, protocol_version, time, token and unrepresentable)"
            ),
        ],
    ),
    (
        "machine",
        'principal.▸email == "x"',
        [
            (
                "a `Client` has no attribute `email` (it has category, client_id and issuer; only a "
                "`User` has that)"
            ),
        ],
    ),
    (
        "machine",
        'principal.▸roles.contains("x")',
        [
            ('a `Client` has no attribute `roles` (ask whether they are in one: `principal in Role::"…"`)'),
        ],
    ),
    (
        "issue",
        'context has actor && context.actor.▸name == "x"',
        [
            (
                "a `Client` has no attribute `name` (it has category, client_id and issuer; only a "
                "`Tool` has that)"
            ),
        ],
    ),
    (
        "issue",
        'User::"corp/a".▸email == "x"',
        [
            (
                '`User::"corp/a".email` may be missing in github/create_issue (guard it: '
                '`User::"corp/a" has email && …`)'
            ),
        ],
    ),
    (
        "issue",
        '(if context.arguments.repo == "a" then context.token else context.token).▸scopez.contains("a")',
        [
            (
                '`if context.arguments.repo == "a" then context.token else co…` has no `scopez` in '
                "github/create_issue (did you mean `scopes`?)"
            ),
        ],
    ),
    (
        "two tools",
        "(context.arguments has count && context.arguments.count > 3) || context.arguments.▸count < 1",
        [
            (
                "`context.arguments` has no `count` in 1 of 2 tools: github/search (guard it: "
                "`context.arguments has count && …`, or name those that have it: "
                '`Action::"github/create_issue"`)'
            ),
        ],
    ),
    (
        "issue",
        'context.arguments.▸rep == "a" || context.arguments.▸rep == "b"',
        [
            (
                "`context.arguments` has no `rep` in github/create_issue (did you mean `repo`? "
                "arguments of github/create_issue: count, labels, repo and title)"
            ),
            (
                "`context.arguments` has no `rep` in github/create_issue (did you mean `repo`? "
                "arguments of github/create_issue: count, labels, repo and title)"
            ),
        ],
    ),
]

COMPARISONS = [
    (
        "issue",
        "context.arguments.repo == ▸3",
        [
            (
                "`context.arguments.repo` is a String, `3` is an integer (Long): they are never equal "
                '(put it in quotes: `"3"`)'
            ),
        ],
    ),
    (
        "issue",
        "context.arguments.repo == ▸true",
        [
            (
                "`context.arguments.repo` is a String, `true` is a Bool: they are never equal (put it "
                'in quotes: `"true"`)'
            ),
        ],
    ),
    (
        "issue",
        'context.arguments has count && context.arguments.count == ▸"3"',
        [
            (
                '`context.arguments.count` is an integer (Long), `"3"` is a String: they are never '
                "equal (write it without quotes: `3`)"
            ),
        ],
    ),
    (
        "issue",
        'context.arguments has count && context.arguments.count == ▸"many"',
        [
            (
                '`context.arguments.count` is an integer (Long), `"many"` is a String: they are never '
                "equal (write a number, such as `5`)"
            ),
        ],
    ),
    (
        "issue",
        '▸context.arguments.labels == "bug"',
        [
            (
                '`context.arguments.labels` is a set of Strings, `"bug"` is a String: they are never '
                'equal (ask the set: `context.arguments.labels.contains("bug")`)'
            ),
        ],
    ),
    (
        "issue",
        "context.arguments.labels.contains(▸3)",
        [
            ('`context.arguments.labels` holds Strings, `3` is an integer (Long) (put it in quotes: `"3"`)'),
        ],
    ),
    (
        "issue",
        "context.arguments.labels.containsAny(▸[1, 2])",
        [
            (
                "`context.arguments.labels` is a set of Strings, `[1, 2]` is a set of integers (Long): "
                'they have nothing in common (write one such as `["text"]`)'
            ),
        ],
    ),
    (
        "issue",
        'principal == ▸"corp/alice"',
        [
            (
                '`principal` is an entity (`User`), `"corp/alice"` is a String: they are never equal '
                '(name an entity: `User::"corp/alice"`)'
            ),
        ],
    ),
    (
        "issue",
        'principal == ▸"alice"',
        [
            (
                '`principal` is an entity (`User`), `"alice"` is a String: they are never equal (name '
                'an entity: `User::"…/alice"`)'
            ),
        ],
    ),
    (
        "issue",
        "▸principal.issuer == resource",
        [
            (
                "`principal.issuer` is a String, `resource` is an entity (`Tool`): they are never "
                'equal (compare `principal.issuer` with a String, such as `"text"`)'
            ),
        ],
    ),
    (
        "issue",
        'context.time == ▸"2026-05-31"',
        [
            (
                '`context.time` is a datetime, `"2026-05-31"` is a String: they are never equal (write '
                '`datetime("2026-05-31")`)'
            ),
        ],
    ),
    (
        "issue",
        'context.time == ▸"tomorrow"',
        [
            (
                '`context.time` is a datetime, `"tomorrow"` is a String: they are never equal (write '
                '`datetime("2026-05-31")`)'
            ),
        ],
    ),
    (
        "issue",
        "context.time == ▸3",
        [
            (
                "`context.time` is a datetime, `3` is an integer (Long): they are never equal (write "
                '`datetime("2026-05-31")`)'
            ),
        ],
    ),
    (
        "issue",
        '["a", ▸1].contains(context.arguments.repo)',
        [
            (
                'a set holds values of one type: `"a"` is a String, `1` is an integer (Long) (put it '
                'in quotes: `"1"`)'
            ),
        ],
    ),
    (
        "issue",
        "[principal, ▸resource].contains(principal)",
        [
            (
                "a set holds values of one type: `principal` is an entity (`User`), `resource` is an "
                "entity (`Tool`) (write a set for each type)"
            ),
        ],
    ),
    (
        "issue",
        '(if context.arguments.repo == "a" then "x" else ▸1) == "x"',
        [
            (
                "a choice has one type: `then` gives a String, `else` an integer (Long) (put it in "
                'quotes: `"1"`)'
            ),
        ],
    ),
    (
        "issue",
        '▸context.arguments == "x"',
        [
            (
                '`context.arguments` is a record, `"x"` is a String: they are never equal (compare '
                "with a value of the same type)"
            ),
        ],
    ),
    (
        "issue",
        "▸3 == context.arguments.repo",
        [
            (
                "`3` is an integer (Long), `context.arguments.repo` is a String: they are never equal "
                '(put it in quotes: `"3"`)'
            ),
        ],
    ),
    (
        "issue",
        'resource in Server::"github" && ▸resource.name == resource',
        [
            (
                "`resource.name` is a String, `resource` is an entity (`Tool`): they are never equal "
                '(compare `resource.name` with a String, such as `"text"`)'
            ),
        ],
    ),
    (
        "issue",
        "context.arguments.labels.containsAll(▸[principal])",
        [
            (
                "`context.arguments.labels` is a set of Strings, `[principal]` is a set of entities "
                '(`User`): they have nothing in common (write one such as `["text"]`)'
            ),
        ],
    ),
    (
        "issue",
        "▸context.token == context.arguments",
        [
            (
                "`context.token` is a record, `context.arguments` is a record: they are never equal "
                "(compare with a value of the same type)"
            ),
        ],
    ),
    (
        "issue",
        "context.arguments.repo != ▸3",
        [
            (
                "`context.arguments.repo` is a String, `3` is an integer (Long): they are never equal "
                '(put it in quotes: `"3"`)'
            ),
        ],
    ),
    (
        "issue",
        '▸"a" == context.arguments.labels',
        [
            (
                '`"a"` is a String, `context.arguments.labels` is a set of Strings: they are never '
                'equal (ask the set: `context.arguments.labels.contains("a")`)'
            ),
        ],
    ),
    (
        "issue",
        "▸{a: 1} == context.arguments.labels",
        [
            (
                "`{a: 1}` is a record, `context.arguments.labels` is a set of Strings: they are never "
                "equal (ask the set: `context.arguments.labels.contains({a: 1})`)"
            ),
        ],
    ),
    (
        "deploy",
        'context.arguments.dry == ▸"true"',
        [
            (
                '`context.arguments.dry` is a Bool, `"true"` is a String: they are never equal (write '
                "it without quotes: `true`)"
            ),
        ],
    ),
    (
        "deploy",
        'context.arguments.dry == ▸"yes"',
        [
            (
                '`context.arguments.dry` is a Bool, `"yes"` is a String: they are never equal (write '
                "`true` or `false`)"
            ),
        ],
    ),
    (
        "deploy",
        "context.arguments.dry == ▸1",
        [
            (
                "`context.arguments.dry` is a Bool, `1` is an integer (Long): they are never equal "
                "(write `true` or `false`)"
            ),
        ],
    ),
    (
        "deploy",
        "context.arguments.price == ▸3",
        [
            (
                "`context.arguments.price` is a decimal, `3` is an integer (Long): they are never "
                'equal (write `decimal("3.0")`)'
            ),
        ],
    ),
    (
        "deploy",
        'context.arguments.price == ▸"3.25"',
        [
            (
                '`context.arguments.price` is a decimal, `"3.25"` is a String: they are never equal '
                '(write `decimal("3.25")`)'
            ),
        ],
    ),
    (
        "deploy",
        "▸context.arguments.price < 3",
        [
            (
                "`context.arguments.price` is a decimal, `3` is an integer (Long): `<` can't compare "
                'them (decimals have methods: `context.arguments.price.lessThan(decimal("3.0"))`)'
            ),
        ],
    ),
    (
        "deploy",
        '▸context.arguments.price < decimal("3.0")',
        [
            (
                '`context.arguments.price` is a decimal, `decimal("3.0")` is a decimal: `<` can\'t '
                "compare them (decimals have methods: "
                '`context.arguments.price.lessThan(decimal("3.0"))`)'
            ),
        ],
    ),
    (
        "deploy",
        "▸context.arguments.price > context.arguments.price",
        [
            (
                "`context.arguments.price` is a decimal, `context.arguments.price` is a decimal: `>` "
                "can't compare them (decimals have methods: "
                "`context.arguments.price.greaterThan(context.arguments.price)`)"
            ),
        ],
    ),
    (
        "deploy",
        "context.arguments.price.lessThan(▸3)",
        [
            '`3` is an integer (Long): `.lessThan` takes a decimal (write `decimal("3.0")`)',
        ],
    ),
    (
        "deploy",
        'context.arguments.price.lessThan(▸"3")',
        [
            '`"3"` is a String: `.lessThan` takes a decimal (write `decimal("3.0")`)',
        ],
    ),
    (
        "deploy",
        'decimal(▸context.arguments.env).lessThan(decimal("1.0"))',
        [
            (
                "`decimal` reads only a text that is written out, not `context.arguments.env` (compare "
                "the text as it is)"
            ),
        ],
    ),
    (
        "deploy",
        'decimal(▸"3.12345").lessThan(context.arguments.price)',
        [
            '`"3.12345"` isn\'t a decimal (write one to four digits after the point: `decimal("3.5")`)',
        ],
    ),
    (
        "deploy",
        "decimal(▸3).lessThan(context.arguments.price)",
        [
            '`3` is an integer (Long): `decimal` takes a text (write `decimal("3.0")`)',
        ],
    ),
    (
        "two tools",
        'context.arguments has repo && context.arguments.repo == ▸"x"',
        [
            (
                '`context.arguments.repo` is an integer (Long), `"x"` is a String: they are never '
                "equal in 1 of 2 tools: github/search (write a policy of its own for github/search)"
            ),
        ],
    ),
    (
        "two tools",
        'context.arguments has repo && ["a"].contains(▸context.arguments.repo)',
        [
            (
                '`["a"]` holds Strings, `context.arguments.repo` is an integer (Long) in 1 of 2 tools: '
                "github/search (write a policy of its own for github/search)"
            ),
        ],
    ),
    (
        "two tools",
        "context.arguments has repo && context.arguments.repo < ▸3",
        [
            (
                "`context.arguments.repo` is a String, `3` is an integer (Long): `<` can't compare "
                "them in 1 of 2 tools: github/create_issue (write a policy of its own for "
                "github/create_issue)"
            ),
        ],
    ),
    (
        "two tools",
        'context.arguments has repo && ▸context.arguments.repo like "a*"',
        [
            (
                "`context.arguments.repo` is an integer (Long): `like` is for Strings in 1 of 2 tools: "
                "github/search (write a policy of its own for github/search)"
            ),
        ],
    ),
    (
        "two tools",
        'context.arguments has repo && ["a"].containsAny(▸[context.arguments.repo])',
        [
            (
                '`["a"]` is a set of Strings, `[context.arguments.repo]` is a set of integers (Long): '
                "they have nothing in common in 1 of 2 tools: github/search (write a policy of its own "
                "for github/search)"
            ),
        ],
    ),
    (
        "issue",
        "▸principal == 3",
        [
            (
                "`principal` is an entity (`User`), `3` is an integer (Long): they are never equal "
                '(compare `principal` with an entity (`User`), such as `User::"…"`)'
            ),
        ],
    ),
    (
        "ping",
        'resource == ▸"github"',
        [
            (
                '`resource` is an entity (`Server`), `"github"` is a String: they are never equal '
                '(name an entity: `Server::"github"`)'
            ),
        ],
    ),
    (
        "issue",
        "[true].contains(▸3)",
        [
            "`[true]` holds Bools, `3` is an integer (Long) (write `true` or `false`)",
        ],
    ),
    (
        "issue",
        '[["a"]].contains(▸3)',
        [
            '`[["a"]]` holds sets, `3` is an integer (Long) (write one such as `["text"]`)',
        ],
    ),
    (
        "issue",
        "[{a: 1}].contains(▸3)",
        [
            "`[{a: 1}]` holds records, `3` is an integer (Long) (compare with values of the same type)",
        ],
    ),
    (
        "issue",
        "[principal].contains(▸3)",
        [
            (
                "`[principal]` holds entities (`User`), `3` is an integer (Long) (write one such as "
                '`User::"…"`)'
            ),
        ],
    ),
    (
        "issue",
        '[ip("10.0.0.1")].contains(▸3)',
        [
            '`[ip("10.0.0.1")]` holds IP addresses, `3` is an integer (Long) (write `ip("192.0.2.1")`)',
        ],
    ),
    (
        "issue",
        "[[true]].containsAll(▸[3])",
        [
            (
                "`[[true]]` is a set of sets, `[3]` is a set of integers (Long): they have nothing in "
                "common (write one such as `[[true]]`)"
            ),
        ],
    ),
    (
        "issue",
        "▸[{a: 1}] == 3",
        [
            (
                "`[{a: 1}]` is a set of records, `3` is an integer (Long): they are never equal (ask "
                "the set: `[{a: 1}].contains(3)`)"
            ),
        ],
    ),
    (
        "issue",
        '[["a"], ▸[principal]].contains(["a"])',
        [
            (
                'a set holds values of one type: `["a"]` is a set of Strings, `[principal]` is a set '
                "of entities (`User`) (write a set for each type)"
            ),
        ],
    ),
]

ORDER = [
    (
        "issue",
        "context.arguments.repo > ▸3",
        [
            (
                "`context.arguments.repo` is a String, `3` is an integer (Long): `>` can't compare "
                'them (put it in quotes: `"3"`)'
            ),
        ],
    ),
    (
        "issue",
        '▸context.arguments.repo > "a"',
        [
            (
                '`context.arguments.repo` is a String, `"a"` is a String: `>` can\'t compare them '
                "(integers, datetimes and durations can be compared so)"
            ),
        ],
    ),
    (
        "issue",
        'context.time > ▸"2026-05-31"',
        [
            (
                '`context.time` is a datetime, `"2026-05-31"` is a String: `>` can\'t compare them '
                '(write `datetime("2026-05-31")`)'
            ),
        ],
    ),
    (
        "issue",
        'context.time > datetime(▸"2026-13-01")',
        [
            (
                '`"2026-13-01"` isn\'t a datetime (write `datetime("2026-05-31")`, or '
                '`datetime("2026-05-31T12:00:00Z")`)'
            ),
        ],
    ),
    (
        "issue",
        "▸context.time.durationSince(context.time) > context.time",
        [
            (
                "`context.time.durationSince(context.time)` is a duration, `context.time` is a "
                "datetime: `>` can't compare them (integers, datetimes and durations can be compared "
                "so)"
            ),
        ],
    ),
    (
        "issue",
        "context.time.durationSince(context.time) > ▸3600",
        [
            (
                "`context.time.durationSince(context.time)` is a duration, `3600` is an integer "
                '(Long): `>` can\'t compare them (write `duration("1h30m")`)'
            ),
        ],
    ),
    (
        "issue",
        "▸3 < context.time",
        [
            (
                "`3` is an integer (Long), `context.time` is a datetime: `<` can't compare them (write "
                '`datetime("2026-05-31")`)'
            ),
        ],
    ),
    (
        "issue",
        "▸principal < 3",
        [
            (
                "`principal` is an entity (`User`), `3` is an integer (Long): `<` can't compare them "
                "(integers, datetimes and durations can be compared so)"
            ),
        ],
    ),
    (
        "issue",
        'ip(▸"10.0.0.0/99").isIpv4()',
        [
            (
                '`"10.0.0.0/99"` isn\'t an IP address (write `ip("192.0.2.1")`, or a range: '
                '`ip("192.0.2.0/24")`)'
            ),
        ],
    ),
    (
        "issue",
        'duration(▸"1 hour") == duration("1h")',
        [
            (
                '`"1 hour"` isn\'t a duration (write `duration("1d2h30m")`: days, hours, minutes, '
                "seconds (s), ms)"
            ),
        ],
    ),
    (
        "issue",
        'context.time.offset(▸"1h") > context.time',
        [
            '`"1h"` is a String: `.offset` takes a duration (write `duration("1h")`)',
        ],
    ),
    (
        "issue",
        'ip("10.0.0.1").isInRange(▸"10.0.0.0/8")',
        [
            '`"10.0.0.0/8"` is a String: `.isInRange` takes an IP address (write `ip("10.0.0.0/8")`)',
        ],
    ),
    (
        "issue",
        "context.arguments has count && ▸context.arguments.count.lessThan(3)",
        [
            (
                "`context.arguments.count` is an integer (Long): `.lessThan` takes a decimal (compare "
                "integers with `<`: `context.arguments.count < 3`)"
            ),
        ],
    ),
    (
        "issue",
        "▸context.arguments.repo.isIpv4()",
        [
            (
                "`context.arguments.repo` is a String: `.isIpv4` takes an IP address (write one such "
                'as `ip("192.0.2.1")`)'
            ),
        ],
    ),
    (
        "issue",
        "▸true < false",
        [
            (
                "`true` is a Bool, `false` is a Bool: `<` can't compare them (integers, datetimes and "
                "durations can be compared so)"
            ),
        ],
    ),
]

OPERANDS = [
    (
        "issue",
        "▸context.arguments.repo",
        [
            (
                "`context.arguments.repo` is a String: this has to be true or false (compare it: "
                '`context.arguments.repo == "text"`)'
            ),
        ],
    ),
    (
        "issue",
        "!▸context.arguments.repo",
        [
            (
                "`context.arguments.repo` is a String: this has to be true or false (compare it: "
                '`context.arguments.repo == "text"`)'
            ),
        ],
    ),
    (
        "issue",
        "▸context.arguments.labels",
        [
            (
                "`context.arguments.labels` is a set of Strings: this has to be true or false (ask it: "
                "`context.arguments.labels.contains(…)`)"
            ),
        ],
    ),
    (
        "issue",
        "▸3",
        [
            "`3` is an integer (Long): this has to be true or false (compare something with it)",
        ],
    ),
    (
        "issue",
        "▸context.arguments",
        [
            "`context.arguments` is a record: this has to be true or false (ask one of its attributes)",
        ],
    ),
    (
        "issue",
        'context.arguments.repo == "a" && ▸context.arguments.title',
        [
            (
                "`context.arguments.title` is a String: this has to be true or false (compare it: "
                '`context.arguments.title == "text"`)'
            ),
        ],
    ),
    (
        "issue",
        "if ▸context.arguments.repo then true else false",
        [
            (
                "`context.arguments.repo` is a String: this has to be true or false (compare it: "
                '`context.arguments.repo == "text"`)'
            ),
        ],
    ),
    (
        "issue",
        "-▸context.arguments.repo == 3",
        [
            "`context.arguments.repo` is a String: only integers are counted with (leave it out)",
        ],
    ),
    (
        "issue",
        "▸context.arguments.repo + 1 == 2",
        [
            "`context.arguments.repo` is a String: only integers are counted with (leave it out)",
        ],
    ),
    (
        "issue",
        'context.arguments has count && context.arguments.count + ▸"1" == 2',
        [
            '`"1"` is a String: only integers are counted with (write it without quotes: `1`)',
        ],
    ),
    (
        "issue",
        '▸context.arguments.repo in ["a", "b"]',
        [
            (
                "`context.arguments.repo` is a String: `in` is for entities and their groups (ask the "
                'set: `["a", "b"].contains(context.arguments.repo)`)'
            ),
        ],
    ),
    (
        "issue",
        "▸context.arguments.repo in context.arguments.labels",
        [
            (
                "`context.arguments.repo` is a String: `in` is for entities and their groups (ask the "
                "set: `context.arguments.labels.contains(context.arguments.repo)`)"
            ),
        ],
    ),
    (
        "issue",
        '▸context.arguments.repo in Group::"corp/eng"',
        [
            (
                "`context.arguments.repo` is a String: `in` is for entities and their groups (compare "
                'a value with `==`, or ask an entity: `principal in Group::"corp/eng"`)'
            ),
        ],
    ),
    (
        "issue",
        'principal in ▸"eng"',
        [
            ('`"eng"` is a String: `in` is for entities and their groups (name an entity: `Group::"…/eng"`)'),
        ],
    ),
    (
        "issue",
        'principal in ▸["corp/eng"]',
        [
            (
                '`["corp/eng"]` is a set of Strings: `in` is for entities and their groups (name a '
                "group, or a set of entities)"
            ),
        ],
    ),
    (
        "issue",
        '▸context.arguments.repo.contains("a")',
        [
            (
                "`context.arguments.repo` is a String: `.contains` is for sets (compare it: "
                '`context.arguments.repo == "a"`, or a part of it: `context.arguments.repo like "*a*"`)'
            ),
        ],
    ),
    (
        "issue",
        "▸context.arguments.repo.contains(context.arguments.title)",
        [
            (
                "`context.arguments.repo` is a String: `.contains` is for sets (compare it: "
                "`context.arguments.repo == …`)"
            ),
        ],
    ),
    (
        "issue",
        'context.arguments.labels.containsAny(▸"bug")',
        [
            (
                '`"bug"` is a String: `.containsAny` is for sets (write a set: '
                '`context.arguments.labels.containsAny(["bug"])`)'
            ),
        ],
    ),
    (
        "issue",
        '▸principal.containsAll(["x"])',
        [
            (
                "`principal` is an entity (`User`): `.containsAll` is for sets (ask whether it is in a "
                'group: `principal in Group::"…"`)'
            ),
        ],
    ),
    (
        "issue",
        '▸principal.contains("x")',
        [
            (
                "`principal` is an entity (`User`): `.contains` is for sets (ask whether it is in a "
                'group: `principal in Group::"…"`)'
            ),
        ],
    ),
    (
        "issue",
        '▸context.arguments.labels like "a*"',
        [
            (
                "`context.arguments.labels` is a set of Strings: `like` is for Strings (ask for one "
                'element: `context.arguments.labels.contains("…")`)'
            ),
        ],
    ),
    (
        "issue",
        '▸principal like "a*"',
        [
            (
                "`principal` is an entity (`User`): `like` is for Strings (ask an attribute, or "
                "whether it is in a group)"
            ),
        ],
    ),
    (
        "issue",
        'context.arguments has count && ▸context.arguments.count like "1*"',
        [
            (
                "`context.arguments.count` is an integer (Long): `like` is for Strings (compare it: "
                "`context.arguments.count == 5`)"
            ),
        ],
    ),
    (
        "issue",
        '▸context.arguments like "x"',
        [
            "`context.arguments` is a record: `like` is for Strings (ask one of its attributes)",
        ],
    ),
    (
        "issue",
        "▸context.arguments.repo is User",
        [
            (
                "`context.arguments.repo` is a String: `is` asks for the type of an entity (compare a "
                "value with `==`)"
            ),
        ],
    ),
    (
        "issue",
        'principal is User in ▸"eng"',
        [
            '`"eng"` is a String: `in` is for entities and their groups (name a group)',
        ],
    ),
    (
        "issue",
        "▸context.arguments.repo has x",
        [
            (
                "`context.arguments.repo` is a String: only records and entities have attributes (ask "
                "the record that it is in)"
            ),
        ],
    ),
    (
        "issue",
        "▸context.arguments.labels.isEmpty",
        [
            (
                "`context.arguments.labels` is a set of Strings: only records and entities have "
                "attributes (`.isEmpty` is a method: `context.arguments.labels.isEmpty()`)"
            ),
        ],
    ),
    (
        "issue",
        "▸context.arguments.repo.size == 3",
        [
            (
                "`context.arguments.repo` is a String: only records and entities have attributes "
                "(compare it as a whole: `context.arguments.repo == …`)"
            ),
        ],
    ),
    (
        "issue",
        "▸context.arguments.repo.isEmpty()",
        [
            (
                "`context.arguments.repo` is a String: `.isEmpty` is for sets (compare it: "
                '`context.arguments.repo == ""`)'
            ),
        ],
    ),
    (
        "issue",
        '▸context.arguments.repo.hasTag("x")',
        [
            ("`context.arguments.repo` is a String: only entities have tags (ask `principal` or `resource`)"),
        ],
    ),
    (
        "issue",
        "principal.hasTag(▸3)",
        [
            '`3` is an integer (Long): a tag\'s name is a String (put it in quotes: `"3"`)',
        ],
    ),
    (
        "issue",
        "▸[].contains(principal)",
        [
            "an empty set holds values of no type (put a value in, or ask another set: `.isEmpty()`)",
        ],
    ),
    (
        "issue",
        "principal in ▸[]",
        [
            "an empty set holds values of no type (put a value in, or ask another set: `.isEmpty()`)",
        ],
    ),
    (
        "issue",
        '▸principal.getTag(▸3).contains("x")',
        [
            "`principal` may not have the tag 3 (guard it: `principal.hasTag(3) && …`)",
            '`3` is an integer (Long): a tag\'s name is a String (put it in quotes: `"3"`)',
        ],
    ),
    (
        "issue",
        "▸context.arguments.labels.contains == 3",
        [
            (
                "`context.arguments.labels` is a set of Strings: only records and entities have "
                "attributes (`.contains` is a method: `context.arguments.labels.contains(…)`)"
            ),
        ],
    ),
]


@pytest.mark.parametrize(
    ("head", "condition", "messages"),
    [*ATTRIBUTES, *COMPARISONS, *ORDER, *OPERANDS],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told_at_its_place(
    seed: Seed, places: Places, head: str, condition: str, messages: list[str]
) -> None:
    """At the part that is wrong, marked by ▸; in an author's words; and once, in however many tools."""
    text = f'@id("x") {HEADS[head]}\nwhen {{ {condition} }};'

    said = seed("policies/p.cedar", text)

    assert said == [
        f"policy_schema policies/p.cedar:{place}: {message}"
        for place, message in zip(places(text), messages, strict=True)
    ]
