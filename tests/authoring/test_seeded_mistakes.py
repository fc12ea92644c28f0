"""Mistakes that authors make, one a file: each is told at its place, with how to mend it."""

from collections.abc import Callable

import pytest

Seed = Callable[[str, str], list[str]]
Places = Callable[[str], list[str]]

CONFIG = "policy-engine.yaml"

MISTAKES = {
    "a misspelt argument": (
        "policies/p.cedar",
        """\
@id("people-open-issues")
permit (principal is User, action == Action::"github/create_issue", resource)
when { context.arguments.▸rep == "acme/app" };
""",
        "policy_schema",
        (
            "`context.arguments` has no `rep` in github/create_issue (did you mean `repo`? arguments "
            "of github/create_issue: count, labels, repo and title)"
        ),
    ),
    "an argument of another type": (
        "policies/p.cedar",
        """\
@id("few-issues")
permit (principal is User, action == Action::"github/create_issue", resource)
when { context.arguments has count && context.arguments.count < ▸"10" };
""",
        "policy_schema",
        (
            '`context.arguments.count` is an integer (Long), `"10"` is a String: `<` can\'t compare '
            "them (write it without quotes: `10`)"
        ),
    ),
    "an optional argument without a guard": (
        "policies/p.cedar",
        """\
@id("few-issues")
permit (principal is User, action == Action::"github/create_issue", resource)
when { context.arguments.▸count < 10 };
""",
        "policy_schema",
        (
            "`context.arguments.count`, an integer (Long), may be missing in github/create_issue "
            "(guard it: `context.arguments has count && …`)"
        ),
    ),
    "a misspelt part of the context": (
        "policies/p.cedar",
        """\
@id("scoped")
permit (principal is User, action in Action::"github/*", resource)
when { context.token.▸scope.contains("issues:write") };
""",
        "policy_schema",
        "`context.token` has no `scope` in all 5 tools (did you mean `scopes`?)",
    ),
    "a claim that isn't there for everyone": (
        "policies/p.cedar",
        """\
@id("own-mail")
permit (principal is User, action in Action::"session", resource)
when { principal.▸email like "*@example.com" };
""",
        "policy_schema",
        "`principal.email` may be missing in all 6 actions (guard it: `principal has email && …`)",
    ),
    "a claim read as an attribute": (
        "policies/p.cedar",
        """\
@id("platform")
permit (principal is User, action in Action::"session", resource)
when { principal.▸department == "platform" };
""",
        "policy_schema",
        (
            "a `User` has no attribute `department` (it has email, issuer and subject; configured "
            'claims are tags: `principal.hasTag("department")`)'
        ),
    ),
    "an attribute of the other kind": (
        "policies/p.cedar",
        """\
@id("bot")
permit (principal, action in Action::"session", resource)
when { principal.▸client_id == "ci-bot" };
""",
        "policy_schema",
        (
            "a `User` has no attribute `client_id` (only a `Client` has it: write `principal is "
            "Client` in the head)"
        ),
    ),
    "`==` with a group of actions": (
        "policies/p.cedar",
        """\
@id("reads")
permit (principal is User, action == ▸Action::"read_only", resource);
""",
        "policy_schema",
        (
            '`Action::"read_only"` is a group of actions, and is never asked for itself (groups go '
            'with `in`: `action in Action::"read_only"`)'
        ),
    ),
    "`==` with a group of people": (
        "policies/p.cedar",
        """\
@id("eng")
permit (principal == ▸Group::"corp/eng", action in Action::"session", resource);
""",
        "policy_schema",
        'a `Group` never asks for anything (write `principal in Group::"corp/eng"`)',
    ),
    "a machine in a group of people": (
        "policies/p.cedar",
        """\
@id("ci")
permit (principal is Client in ▸Group::"machines/ci", action in Action::"session", resource);
""",
        "policy_schema",
        ("a `Client` is never in a `Group` (`Client` has groups of its own: `ClientGroup` and `ClientRole`)"),
    ),
    "`==` with a server": (
        "policies/p.cedar",
        """\
@id("github")
permit (principal is User, action == Action::"github/deploy", resource == ▸Server::"github");
""",
        "policy_schema",
        (
            '`Action::"github/deploy"` is done to a `Tool`, never to a `Server` (write `resource in '
            'Server::"github"`)'
        ),
    ),
    "a method and the wrong resource": (
        "policies/p.cedar",
        """\
@id("ping")
permit (principal is User, action == Action::"ping", ▸resource is Tool);
""",
        "policy_schema",
        (
            '`Action::"ping"` is done to a `Server`, never to a `Tool` (write `resource is Server`, or '
            "leave it open: `resource`)"
        ),
    ),
    "an unknown issuer": (
        "policies/p.cedar",
        """\
@id("alice")
permit (principal == ▸User::"crop/alice", action in Action::"session", resource);
""",
        "policy_name",
        'no issuer is named `crop` in `User::"crop/alice"` (did you mean `User::"corp/alice"`?)',
    ),
    "no issuer": (
        "policies/p.cedar",
        """\
@id("bot")
permit (principal == ▸Client::"ci-bot", action in Action::"session", resource);
""",
        "policy_name",
        (
            '`Client::"ci-bot"` isn\'t of the form `Client::"<issuer>/<name>"` (write '
            '`Client::"machines/ci-bot"`)'
        ),
    ),
    "a misspelt tool": (
        "policies/p.cedar",
        """\
@id("issues")
permit (principal is User, action == ▸Action::"github/create_isue", resource);
""",
        "policy_name",
        'there is no `Action::"github/create_isue"` (did you mean `Action::"github/create_issue"`?)',
    ),
    "a tool without its server": (
        "policies/p.cedar",
        """\
@id("issues")
permit (principal is User, action == ▸Action::"create_issue", resource);
""",
        "policy_name",
        'there is no `Action::"create_issue"` (did you mean `Action::"github/create_issue"`?)',
    ),
    "a tool that isn't pinned": (
        "policies/p.cedar",
        """\
@id("merge")
permit (principal is User, action == ▸Action::"github/merge_pull_request", resource);
""",
        "policy_name",
        (
            'there is no `Action::"github/merge_pull_request"` (pin `merge_pull_request`: a tool has '
            "an action once it is in the catalogue of `github`)"
        ),
    ),
    "a misspelt type": (
        "policies/p.cedar",
        """\
@id("eng")
permit (principal in ▸Gruop::"corp/eng", action in Action::"session", resource);
""",
        "policy_name",
        "`Gruop` isn't a type of entity (did you mean `Group`?)",
    ),
    "a misspelt type after `is`": (
        "policies/p.cedar",
        """\
@id("people")
permit (principal is ▸Users, action in Action::"session", resource);
""",
        "policy_schema",
        "`Users` isn't a type of entity (did you mean `User`?)",
    ),
    "a tool group that no file has": (
        "policies/p.cedar",
        """\
@id("tracking")
permit (principal is User, action in Action::"call_tool", resource in ▸ToolGroup::"issue-traking");
""",
        "policy_name",
        'no entity file has `ToolGroup::"issue-traking"` (did you mean `ToolGroup::"issue-tracking"`?)',
    ),
    "a misspelt annotation": (
        "policies/p.cedar",
        """\
@id("agents")
▸@delegateable
permit (principal is User, action in Action::"session", resource);
""",
        "policy_annotation",
        "unknown annotation `@delegateable` (did you mean `@delegable`?)",
    ),
    "an annotation with a value that it can't have": (
        "policies/p.cedar",
        """\
@id("try") ▸@mode("dry-run")
permit (principal is User, action in Action::"session", resource);
""",
        "policy_annotation",
        '`@mode` can\'t have this value (write @mode("shadow"), or remove it)',
    ),
    "an annotation on the wrong effect": (
        "policies/p.cedar",
        """\
@id("never") ▸@delegable
forbid (principal, action in Action::"destructive", resource);
""",
        "policy_annotation",
        "`@delegable` means nothing on a forbid (remove it)",
    ),
    "no id": (
        "policies/p.cedar",
        """\
▸permit (principal is User, action in Action::"session", resource);
""",
        "policy_annotation",
        (
            'a policy has no `@id` (write @id("people-read"): it names the policy in decisions and '
            "audit records; unique over the whole set)"
        ),
    ),
    "an id that is there twice": (
        "policies/p.cedar",
        """\
@id("session")
permit (principal is User, action in Action::"session", resource);

// for machines
▸@id("session")
permit (principal is Client, action in Action::"session", resource);
""",
        "policy_id",
        '`@id("session")` is also at policies/p.cedar:1:1 (give each policy an id of its own)',
    ),
    "a template": (
        "policies/p.cedar",
        """\
@id("each")
permit (▸principal == ?principal, action in Action::"session", resource);
""",
        "policy_template",
        "a template can't be used (write the policy out: nothing links templates of a file)",
    ),
    "an integer compared with a decimal": (
        "policies/p.cedar",
        """\
@id("cheap")
permit (principal is User, action == Action::"github/deploy", resource)
when { ▸context.arguments.price < 100 };
""",
        "policy_schema",
        (
            "`context.arguments.price` is a decimal, `100` is an integer (Long): `<` can't compare "
            'them (decimals have methods: `context.arguments.price.lessThan(decimal("100.0"))`)'
        ),
    ),
    "a text for true": (
        "policies/p.cedar",
        """\
@id("rehearse")
permit (principal is User, action == Action::"github/deploy", resource)
when { context.arguments.dry == ▸"true" };
""",
        "policy_schema",
        (
            '`context.arguments.dry` is a Bool, `"true"` is a String: they are never equal (write it '
            "without quotes: `true`)"
        ),
    ),
    "a set compared with one element": (
        "policies/p.cedar",
        """\
@id("bugs")
permit (principal is User, action == Action::"github/create_issue", resource)
when { ▸context.arguments.labels == "bug" };
""",
        "policy_schema",
        (
            '`context.arguments.labels` is a set of Strings, `"bug"` is a String: they are never equal '
            '(ask the set: `context.arguments.labels.contains("bug")`)'
        ),
    ),
    "`contains` on a text": (
        "policies/p.cedar",
        """\
@id("acme")
permit (principal is User, action == Action::"github/create_issue", resource)
when { ▸context.arguments.repo.contains("acme/") };
""",
        "policy_schema",
        (
            "`context.arguments.repo` is a String: `.contains` is for sets (compare it: "
            '`context.arguments.repo == "acme/"`, or a part of it: `context.arguments.repo like '
            '"*acme/*"`)'
        ),
    ),
    "`like` on a set": (
        "policies/p.cedar",
        """\
@id("bugs")
permit (principal is User, action == Action::"github/create_issue", resource)
when { ▸context.arguments.labels like "bug*" };
""",
        "policy_schema",
        (
            "`context.arguments.labels` is a set of Strings: `like` is for Strings (ask for one "
            'element: `context.arguments.labels.contains("…")`)'
        ),
    ),
    "`in` with texts": (
        "policies/p.cedar",
        """\
@id("environments")
permit (principal is User, action == Action::"github/deploy", resource)
when { ▸context.arguments.env in ["staging", "test"] };
""",
        "policy_schema",
        (
            "`context.arguments.env` is a String: `in` is for entities and their groups (ask the set: "
            '`["staging", "test"].contains(context.arguments.env)`)'
        ),
    ),
    "a date that isn't one": (
        "policies/p.cedar",
        """\
@id("until")
permit (principal is User, action in Action::"session", resource)
when { context.time < datetime(▸"2026-02-30") };
""",
        "policy_schema",
        (
            '`"2026-02-30"` isn\'t a datetime (write `datetime("2026-05-31")`, or '
            '`datetime("2026-05-31T12:00:00Z")`)'
        ),
    ),
    "a date as a text": (
        "policies/p.cedar",
        """\
@id("until")
permit (principal is User, action in Action::"session", resource)
when { context.time < ▸"2026-02-28" };
""",
        "policy_schema",
        (
            '`context.time` is a datetime, `"2026-02-28"` is a String: `<` can\'t compare them (write '
            '`datetime("2026-02-28")`)'
        ),
    ),
    "an argument that policies can't see": (
        "policies/p.cedar",
        """\
@id("searches")
permit (principal is User, action == Action::"github/search", resource)
when { context.arguments.▸filter == "mine" };
""",
        "policy_schema",
        (
            "policies can't see `filter` of github/search: it may be a string or a number (ask whether it "
            'was given: `context.unrepresentable.contains("filter")`)'
        ),
    ),
    "an argument that only some tools have": (
        "policies/p.cedar",
        """\
@id("acme")
permit (principal is User, action in [Action::"github/create_issue", Action::"github/deploy"], resource)
when { context.arguments.▸repo == "acme/app" };
""",
        "policy_schema",
        (
            "`context.arguments` has no `repo` in 1 of 2 tools: github/deploy (guard it: "
            "`context.arguments has repo && …`, or name those that have it: "
            '`Action::"github/create_issue"`)'
        ),
    ),
    "no semicolon": (
        "policies/p.cedar",
        """\
@id("people")
permit (principal is User, action in Action::"session", resource)

▸@id("machines")
permit (principal is Client, action in Action::"session", resource);
""",
        "policy_syntax",
        "expected `when`, `unless` or `;` after the head, found `@` (end the policy with `;`)",
    ),
    "a bracket that isn't closed": (
        "policies/p.cedar",
        """\
@id("acme")
permit (principal is User, action == Action::"github/create_issue", resource)
when { ▸(context.arguments.repo == "acme/app" };
""",
        "policy_syntax",
        "the `(` that stands here is never closed (write `)` where it ends)",
    ),
    "`=` for `==`": (
        "policies/p.cedar",
        """\
@id("acme")
permit (principal is User, action == Action::"github/create_issue", resource)
when { context.arguments.repo ▸= "acme/app" };
""",
        "policy_syntax",
        "`=` can't stand here (to compare, write `==`)",
    ),
    "single quotes": (
        "policies/p.cedar",
        """\
@id("acme")
permit (principal is User, action == Action::"github/create_issue", resource)
when { context.arguments.repo == ▸'acme/app' };
""",
        "policy_syntax",
        "`'` can't stand here (texts stand in double quotes, `\"…\"`)",
    ),
    "`and` for `&&`": (
        "policies/p.cedar",
        """\
@id("acme")
permit (principal is User, action == Action::"github/create_issue", resource)
when { context.arguments.repo == "acme/app" ▸and context.arguments.title == "x" };
""",
        "policy_syntax",
        'expected `}`, `&&` or `||` after `"acme/app"`, found `and` (write `&&`)',
    ),
    "a method that Cedar doesn't have": (
        "policies/p.cedar",
        """\
@id("acme")
permit (principal is User, action == Action::"github/create_issue", resource)
when { context.arguments.repo.▸startsWith("acme/") };
""",
        "policy_syntax",
        (
            "there is no method `startsWith` (they are listed at "
            "docs.cedarpolicy.com/policies/syntax-operators.html)"
        ),
    ),
    "`allow` for `permit`": (
        "policies/p.cedar",
        """\
@id("people")
▸allow (principal is User, action in Action::"session", resource);
""",
        "policy_syntax",
        "expected `permit` or `forbid` after the annotation, found `allow` (write `permit`)",
    ),
    "the head in another order": (
        "policies/p.cedar",
        """\
@id("people")
permit (principal is User, ▸resource, action in Action::"session");
""",
        "policy_syntax",
        (
            "expected `action` after `,`, found `resource` (the head names principal, action and "
            "resource, in this order)"
        ),
    ),
    "`null`": (
        "policies/p.cedar",
        """\
@id("titled")
permit (principal is User, action == Action::"github/create_issue", resource)
when { context.arguments.title != ▸null };
""",
        "policy_syntax",
        "`null` means nothing here (Cedar has no null: ask with `has` whether an attribute is there)",
    ),
    "a condition without braces": (
        "policies/p.cedar",
        """\
@id("acme")
permit (principal is User, action == Action::"github/create_issue", resource)
when ▸context.arguments.repo == "acme/app";
""",
        "policy_syntax",
        "expected `{` after `when`, found `context` (write the condition in braces, `when { … }`)",
    ),
    "a comment of another language": (
        "policies/p.cedar",
        """\
▸# people
@id("people")
permit (principal is User, action in Action::"session", resource);
""",
        "policy_syntax",
        "`#` can't stand here (a comment begins with `//`)",
    ),
    "an entity of an unknown issuer": (
        "entities.yaml",
        """\
- ▸uid: {type: Group, id: crop/backend}
  parents: [{type: Group, id: corp/eng}]
""",
        "config",
        (
            'entry 0: no issuer is named `crop` in `Group::"crop/backend"` (did you mean '
            '`Group::"corp/backend"`?)'
        ),
    ),
}

IN_THE_CONFIGURATION = {
    "an unknown key": (
        "    resource: https",
        ("    ▸unpined: deny\n    resource: https"),
        "unknown key `servers.github.unpined` (did you mean `unpinned`?)",
    ),
    "an id that YAML reads as a number": (
        "      desktop:",
        "      ▸4711:",
        "the key `4711` is read as a number (put it in quotes)",
    ),
    "a name that YAML reads as a number": (
        "groups: [ci]",
        "groups: [▸7]",
        "`issuers.machines.clients.ci-bot.groups.0` is read as a number (put it in quotes)",
    ),
    "a flag that the profile doesn't have": (
        "    profile: rfc9068\n",
        ("    profile: rfc9068\n    ▸flags: {cc_refresh_disabled: true}\n"),
        (
            "issuer `corp` sets `cc_refresh_disabled`, which profile `rfc9068` doesn't have (its "
            "flags: it has none)"
        ),
    ),
    "a profile that isn't there": (
        "    profile: rfc9068",
        "    ▸profile: rfc9086",
        (
            "no profile is named `rfc9086` (did you mean `rfc9068`? `policy-engine issuers list-profiles` "
            "shows all; one's own is named by its .yaml file)"
        ),
    ),
    "grants of a machine and of people": (
        "      ci-bot: {grants: [client_credentials]",
        "      ▸ci-bot: {grants: [client_credentials, authorization_code]",
        (
            "client `ci-bot` of issuer `machines` has `client_credentials` and `authorization_code`: "
            "its tokens for itself can't be told from those for people (register two clients, one for "
            "each)"
        ),
    ),
    "a key that is written twice": (
        "  machines:",
        "  ▸corp:",
        "a key is written twice (keep one of the two)",
    ),
    "a catalogue that isn't there": (
        "    catalogue: github.json",
        "    ▸catalogue: gitub.json",
        "can't read `gitub.json`: No such file or directory",
    ),
    "an http address": (
        "    resource: https://",
        "    ▸resource: http://",
        "`servers.github.resource` isn't https (give the https URI)",
    ),
    "neither deny nor allow": (
        "    catalogue: github.json",
        ("    catalogue: github.json\n    ▸unpinned: maybe"),
        "`servers.github.unpinned`: input should be 'deny' or 'allow'",
    ),
}


@pytest.mark.parametrize(("file", "text", "code", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_at_its_place(
    *, seed: Seed, places: Places, file: str, text: str, code: str, message: str
) -> None:
    """Nothing else is told; ▸ marks the place."""
    (place,) = places(text)

    assert seed(file, text) == [f"{code} {file}:{place}: {message}"]


@pytest.mark.parametrize(
    ("right", "wrong", "message"), IN_THE_CONFIGURATION.values(), ids=IN_THE_CONFIGURATION.keys()
)
def test_a_mistake_in_the_configuration_is_told_at_its_place(
    *, seed: Seed, places: Places, config_text: str, right: str, wrong: str, message: str
) -> None:
    """In `policy-engine.yaml`, the same."""
    text = config_text.replace(right, wrong, 1)
    (place,) = places(text)

    assert seed(CONFIG, text) == [f"config {CONFIG}:{place}: {message}"]


def test_nothing_is_wrong_without_a_mistake(seed: Seed, config_text: str) -> None:
    """What the mistakes are put into is good."""
    assert seed(CONFIG, config_text) == []
