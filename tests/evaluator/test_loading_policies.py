"""Sources → a checked set, or every error there is in them."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Finding, parse_policies, tree_of
from policy_engine.errors import PolicyError
from policy_engine.evaluator import Deployment, KnownNames, PolicySource, PolicyStore, load_policies
from policy_engine.evaluator.diagnosis import diagnose
from policy_engine.evaluator.grouping import Grouping
from policy_engine.model import CedarJson, EntityUid
from tests.plugins.samples import samples

Load = Callable[..., PolicyStore]
GUARD = " unless { context has actor };"


def test_a_permit_is_guarded_unless_it_is_delegable(load: Load) -> None:
    """What runs is plain Cedar; a forbid runs as it was written."""
    store = load("""
        @id("a") permit (principal is User, action, resource);
        @id("b") @delegable permit (principal is User, action, resource);
        @id("c") forbid (principal is Client, action, resource);
        @id("d") @mode("shadow") permit (principal is User, action, resource);
    """)

    assert store.effective_text() == (
        f'@id("a") permit (principal is User, action, resource){GUARD}\n\n'
        '@id("b") @delegable permit (principal is User, action, resource);\n\n'
        '@id("c") forbid (principal is Client, action, resource);\n'
    )
    assert [policy.shadow for policy in store.policies.values()] == [False, False, False, True]
    assert [policy.effect for policy in store.policies.values()] == ["permit", "permit", "forbid", "permit"]
    assert store.policies["a"].written.text == '@id("a") permit (principal is User, action, resource);'
    assert store.warnings == ()


def test_every_error_is_reported(load: Load) -> None:
    """In the order of the files, whatever kind it is; one policy's doesn't hide another's."""
    with pytest.raises(PolicyError) as caught:
        load(
            """permit (principal, resource, action);
@id("a") permit (principal is User, action, resource);
@id("b") permit (principal is User, action, resource) when { context.nothing };
@id("c") permit (principal == ?principal, action, resource);
""",
            """
  @id("a") forbid (principal is User, action, resource);
  @id("d") @nope permit (principal == User::"crop/alice", action == Action::"github/nope", resource);
""",
        )

    first, *others = (caught.value, *caught.value.others)
    assert str(first).startswith("0.cedar:1:20: ")
    assert [str(error) for error in others] == [
        "0.cedar:3:70: `context` has no `nothing` in all 10 actions "
        "(it has actor, approver, arguments and token)",
        "0.cedar:4:18: a template can't be used (write the policy out: nothing links templates of a file)",
        '1.cedar:2:3: `@id("a")` is also at 0.cedar:2:1 (give each policy an id of its own)',
        "1.cedar:3:12: unknown annotation `@nope` (known are `@advice`, `@delegable`, `@id`, `@kinds`, "
        "`@mode`, `@reason`; names that begin with `x_` are free)",
        '1.cedar:3:39: no issuer is named `crop` in `User::"crop/alice"` '
        '(did you mean `User::"corp/alice"`?)',
        '1.cedar:3:69: there is no `Action::"github/nope"` '
        "(pin `nope`: a tool has an action once it is in the catalogue of `github`)",
    ]
    assert [error.code for error in (first, *others)] == [
        "policy_syntax",
        "policy_schema",
        "policy_template",
        "policy_id",
        "policy_annotation",
        "policy_name",
        "policy_name",
    ]


def test_one_mistake_does_not_hide_another_in_the_same_policy(load: Load) -> None:
    """A wrong name, a wrong annotation and a wrong type are three errors, each at its place."""
    with pytest.raises(PolicyError) as caught:
        load(
            '@id("a") @nope permit (principal == User::"crop/x", action == Action::"ping", resource)\n'
            "  when { context.tokn == 3 };"
        )

    assert [(error.line, error.column, error.code) for error in (caught.value, *caught.value.others)] == [
        (1, 10, "policy_annotation"),
        (1, 37, "policy_name"),
        (2, 18, "policy_schema"),
    ]


@pytest.mark.parametrize(
    ("literal", "message"),
    [
        (
            'principal == User::"alice"',
            'isn\'t of the form `User::"<issuer>/<name>"` '
            "(name the issuer it is of; known are: corp, machines)",
        ),
        ('principal == User::"corp/"', "isn't of the form"),
        (
            'principal == User::"crop/alice"',
            'no issuer is named `crop` in `User::"crop/alice"` (did you mean `User::"corp/alice"`?)',
        ),
        ('principal in Group::"github/eng"', "no issuer is named `github`"),
        (
            'principal in ClientRole::"x/y"',
            'no issuer is named `x` in `ClientRole::"x/y"` (known are: corp, machines)',
        ),
        (
            'resource == Tool::"corp/x"',
            'no server is named `corp` in `Tool::"corp/x"` (known are: github, gitlab)',
        ),
        (
            'resource == Tool::"get_issue"',
            'isn\'t of the form `Tool::"<server>/<name>"` (write `Tool::"github/get_issue"`)',
        ),
        ('resource == Prompt::"x"', 'isn\'t of the form `Prompt::"<server>/<name>"`'),
        ('resource in Server::"github/x"', "no server is named `github/x`"),
        (
            'resource in Server::"gihtub"',
            'no server is named `gihtub` in `Server::"gihtub"` (did you mean `Server::"github"`?)',
        ),
        (
            'resource in ToolGroup::"paymets"',
            'no entity file has `ToolGroup::"paymets"` (did you mean `ToolGroup::"payments"`?)',
        ),
        (
            'action in Action::"readonly"',
            'there is no `Action::"readonly"` (did you mean `Action::"read_only"`?)',
        ),
        (
            'action == Action::"create_issue"',
            'there is no `Action::"create_issue"` (did you mean `Action::"github/create_issue"`?)',
        ),
        (
            'action == Action::"github/create_isue"',
            'there is no `Action::"github/create_isue"` (did you mean `Action::"github/create_issue"`?)',
        ),
        (
            'action == Action::"gitlab/merge"',
            'there is no `Action::"gitlab/merge"` '
            "(pin `merge`: a tool has an action once it is in the catalogue of `gitlab`)",
        ),
        ('principal in Gruop::"corp/eng"', "`Gruop` isn't a type of entity (did you mean `Group`?)"),
        ('principal in My::Group::"corp/eng"', "`My::Group` isn't a type of entity"),
    ],
)
def test_a_uid_that_nothing_can_have_is_refused(load: Load, literal: str, message: str) -> None:
    """At the literal, in the head or in a condition: it would be a policy that never applies, or always."""
    uid = literal.partition(" ")[2].partition(" ")[2]
    head = [literal if literal.startswith(name) else name for name in ("principal", "action", "resource")]
    for policy in (
        f"permit ({', '.join(head)});",
        f"forbid (principal is User, action, resource)\nunless {{ [{literal}].contains(true) }};",
    ):
        text = f'@id("a") {policy}'
        with pytest.raises(PolicyError) as caught:
            load(text)
        before = text[: text.index(uid)]
        assert message in str(caught.value)
        assert caught.value.code == "policy_name"
        assert caught.value.line == before.count("\n") + 1
        assert caught.value.column == len(before) - before.rfind("\n")


def test_each_place_of_a_wrong_name_is_told(load: Load) -> None:
    """So that all of them can be mended at once."""
    with pytest.raises(PolicyError) as caught:
        load(
            '@id("a") forbid (principal == User::"x/a", action, resource)\n'
            'unless { principal == User::"x/a" };'
        )

    errors = (caught.value, *caught.value.others)
    assert [(error.line, error.column) for error in errors] == [(1, 31), (2, 23)]


def test_names_without_any_known_one_say_so(full_schema: CedarJson, placeholder: CedarJson) -> None:
    """Nothing to compare with, or too much."""
    policy = '@id("a") forbid (principal in Group::"a/b", action, resource in ToolGroup::"z");'
    many = KnownNames(issuers=frozenset(f"issuer{number}" for number in range(9)), servers=frozenset())

    with pytest.raises(PolicyError) as caught:
        load_policies([PolicySource(text=policy)], full_schema, many, placeholder=placeholder)

    assert [str(error) for error in (caught.value, *caught.value.others)] == [
        '<values>:1:31: no issuer is named `a` in `Group::"a/b"` (compare with the configuration)',
        '<values>:1:65: no entity file has `ToolGroup::"z"` (none is configured)',
    ]


def test_a_server_named_like_a_group_is_no_group(load: Load) -> None:
    """`Action::"github/*"` is the group of a server's tools; `Server::"github"` is the server."""
    with pytest.raises(PolicyError, match='there is no `Action::"github"`'):
        load('@id("a") permit (principal is User, action in Action::"github", resource);')

    assert load('@id("a") permit (principal is User, action in Action::"github/*", resource);').warnings == ()


def test_two_policies_in_one_string_both_load(load: Load) -> None:
    """And an id with quotes, backticks and line ends is an id."""
    store = load(
        '@id("a") permit (principal is User, action, resource); '
        '@id("b`\\"\\n") forbid (principal is User, action, resource);'
    )

    assert list(store.policies) == ["a", 'b`"\n']


def test_an_id_is_unique_over_shadows_too(load: Load) -> None:
    """A shadow that is put into force must not take another's name."""
    with pytest.raises(PolicyError, match=r'`@id\("a"\)` is also at 0.cedar:1:1'):
        load(
            '@id("a") @mode("shadow") permit (principal is User, action, resource);'
            '@id("a") permit (principal is User, action, resource);'
        )


@pytest.mark.parametrize(
    ("policy", "group"),
    [
        ('permit (principal is User, action in Action::"idempotent", resource);', "idempotent"),
        (
            'forbid (principal is Client, action in [Action::"gitlab/*", Action::"idempotent"], '
            'resource in Server::"gitlab");',
            "gitlab/*",
        ),
    ],
)
def test_a_group_without_a_member_is_a_warning(load: Load, policy: str, group: str) -> None:
    """The policy loads, and says that it applies to nothing yet."""
    text = f'@id("a") {policy}'
    store = load(f"\n{text}")

    column = text.index(f'Action::"{group}"') + 1
    assert str(store.warnings[0]) == (
        f'0.cedar:2:{column}: PS002 `a`: `Action::"{group}"` has no member '
        "(it applies to nothing until a pinned tool is in that group)"
    )


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            'permit (principal is User, action == Action::"idempotent", resource);',
            '1:47: `Action::"idempotent"` is a group of actions, and is never asked for itself '
            '(groups go with `in`: `action in Action::"idempotent"`)',
        ),
        (
            'permit (principal is Server, action in Action::"idempotent", resource);',
            "1:18: a `Server` never asks for anything (a principal is a `User` or a `Client`)",
        ),
        (
            'permit (principal == Group::"corp/eng", action, resource);',
            '1:31: a `Group` never asks for anything (write `principal in Group::"corp/eng"`)',
        ),
        (
            'permit (principal is Group in Group::"corp/eng", action, resource);',
            '1:40: a `Group` never asks for anything (write `principal in Group::"corp/eng"`)',
        ),
        (
            'permit (principal in Server::"github", action, resource);',
            "1:31: no principal is ever in a `Server` "
            "(it can be in a `ClientGroup`, a `ClientRole`, a `Group` or a `Role`)",
        ),
        (
            'permit (principal is Client in Group::"corp/eng", action in Action::"idempotent", resource);',
            "1:41: a `Client` is never in a `Group` "
            "(`Client` has groups of its own: `ClientGroup` and `ClientRole`)",
        ),
        (
            'permit (principal is User in ClientGroup::"corp/eng", action, resource);',
            "1:39: a `User` is never in a `ClientGroup` (`User` has groups of its own: `Group` and `Role`)",
        ),
        (
            'permit (principal is User, action in Action::"read_only", resource is Server);',
            '1:68: `Action::"read_only"` is done to a `Tool`, never to a `Server` '
            "(write `resource is Tool`, or leave it open: `resource`)",
        ),
        (
            'permit (principal is User, action == Action::"github/get_issue", resource == Server::"github");',
            '1:87: `Action::"github/get_issue"` is done to a `Tool`, never to a `Server` '
            '(write `resource in Server::"github"`)',
        ),
        (
            'permit (principal is User, action in [Action::"session", Action::"open_world"], '
            "resource is Prompt);",
            "1:102: `Prompt` isn't a type of entity (see the types: `policy-engine schema`)",
        ),
        (
            "permit (principal is User, action, resource) when { principal is\n  Usr };",
            "1:62: `Usr` isn't a type of entity (did you mean `User`?)",
        ),
        (
            'permit (principal is User, action, resource in ToolGroup::"payments") '
            'when { resource in Usr::"a/b" };',
            "1:99: `Usr` isn't a type of entity (did you mean `User`?)",
        ),
    ],
    ids=[
        "equal to a group",
        "no principal",
        "a group as principal",
        "a group in a group",
        "in a server",
        "a machine in a human group",
        "a human in a machines' group",
        "another resource",
        "a server as a tool",
        "unknown type",
        "unknown type on the next line",
        "unknown type in a condition",
    ],
)
def test_a_head_that_no_request_can_have_is_an_error(load: Load, policy: str, message: str) -> None:
    """At the part that is to blame; a group without a member excuses only its emptiness."""
    with pytest.raises(PolicyError) as caught:
        load(f'@id("a") {policy}')

    assert str(caught.value) == f"0.cedar:{message}"
    assert caught.value.others == ()


def test_conditions_of_policies_on_empty_groups_are_validated(load: Load) -> None:
    """The stand-in member has a context like any tool."""
    scope = '@id("a") permit (principal is User, action in Action::"idempotent", resource)'

    with pytest.raises(PolicyError) as caught:
        load(f"{scope} when {{ context.nope }};")
    assert str(caught.value) == (
        "0.cedar:1:94: `context` has no `nope` (it has actor, approver, arguments and token)"
    )
    assert list(load(f'{scope} when {{ context.token.scopes.contains("x") }};').policies) == ["a"]


@pytest.mark.parametrize(
    ("policy", "warned"),
    [
        ("permit (principal, action, resource);", True),
        ("permit (principal, action, resource) when { principal is User };", True),
        ('@mode("shadow") permit (principal, action, resource);', True),
        ('@kinds("both") permit (principal, action, resource);', False),
        ("permit (principal is User, action, resource);", False),
        ('permit (principal in Group::"corp/eng", action, resource);', False),
        ("forbid (principal, action, resource);", False),
    ],
)
def test_a_permit_for_both_kinds_has_to_say_so(load: Load, policy: str, warned: bool) -> None:  # noqa: FBT001 -- a table
    """Or its author is told; a forbid is meant for everyone."""
    text = f'@id("a") {policy}'
    warnings = load(text).warnings

    assert [str(warning) for warning in warnings] == [
        f"0.cedar:1:{text.index('principal') + 1}: PS001 `a`: the permit is open to people and to machines "
        '(write `principal is User` or `principal is Client`, or say so: `@kinds("both")`)'
    ] * warned


def test_hundreds_of_operators_do_not_hinder(load: Load) -> None:
    """What nests too deep for the search of the place is told in Cedar's words, at the condition."""
    chain = " && ".join(['context.token.scopes.contains("x")'] * 240)

    with pytest.raises(PolicyError) as caught:
        load(
            '@id("a") forbid (principal is User, action == Action::"ping", resource)\n'
            f"when {{ {chain} && context.nope }};"
        )

    assert str(caught.value) == (
        '0.cedar:2:8: attribute `nope` in context for Action::"ping" not found '
        "(compare with the schema: `policy-engine schema`)"
    )


def test_a_sentence_that_is_not_known_is_told_as_it_is(full_schema: CedarJson) -> None:
    """A later version of Cedar may find what this one doesn't."""
    (policy,) = parse_policies('@id("a") permit (principal is User, action, resource);')
    finding = Finding(0, "something new")

    (error,) = diagnose(policy, [finding], Grouping(full_schema).alike(tree_of(policy.est)), Deployment())

    assert str(error) == "<values>:1:1: something new (compare with the schema: `policy-engine schema`)"


def test_shadow_policies_are_checked_like_any_other(load: Load) -> None:
    """They never decide, but they have to be right."""
    with pytest.raises(PolicyError, match="`context` has no `nope`"):
        load(
            '@id("a") @mode("shadow") permit (principal is User, action == Action::"ping", resource) '
            "when { context.nope };"
        )


def test_the_store_knows_what_its_policies_name(load: Load) -> None:
    """Entities that a deciding policy names, and the groups of the actions among them."""
    store = load(
        '@id("a") permit (principal in Group::"corp/eng", action == Action::"github/get_issue", resource);'
        '@id("b") @mode("shadow") permit (principal in Group::"corp/ops", action, resource);'
    )

    assert store.literals == {EntityUid("Group", "corp/eng"), EntityUid("Action", "github/get_issue")}
    assert {uid.id for uid in store.actions} == {"github/get_issue", "github/*", "call_tool", "read_only"}


def test_the_digest_is_of_what_is_said(load: Load) -> None:
    """Order, layout and comments don't change it; every word does."""
    one, two = (
        f'@id("{name}") permit (principal is User, action, resource) when {{ resource.name == "{name}" }};'
        if name == "z"
        else f'@id("{name}") permit (principal is User, action == Action::"ping", resource);'
        for name in ("a", "b")
    )
    digest = load(one, two).digest

    assert len(digest) == 64
    assert load(f"// c\n{two}\n\n{one}").digest == digest
    assert load(one).digest != digest
    assert load(one, two.replace("@id", "@delegable @id")).digest != digest
    assert load(one, two.replace("@id", '@mode("shadow") @id')).digest != digest
    assert load(one, two.replace("permit", "forbid")).digest != digest


def test_no_sources_are_a_set_that_denies(load: Load) -> None:
    """Nothing is permitted."""
    assert load().policies == {}
    assert load("// nothing").effective_text() == "\n"


LITERALS = [
    'User::"corp/a"',
    'Tool::"x"',
    'Action::"ping"',
    '("a")',
    "?principal",
    "principal",
    "context.actor",
]
SYNTAX = [
    "@id",
    "@delegable ",
    "permit",
    "forbid",
    "(principal, action, resource)",
    " when { ",
    " }",
    ";",
    " == ",
]
WORDS = st.sampled_from([*LITERALS, *SYNTAX, "\n", "//", '"'])


@given(st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=14).map("".join)))
@settings(max_examples=samples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_text_loads_or_is_refused(load: Load, text: str) -> None:
    """Nothing but `PolicyError` comes of any text."""
    try:
        store = load(text)
    except PolicyError as error:
        assert all(isinstance(other, PolicyError) for other in error.others)
    else:
        assert all(policy.id == name for name, policy in store.policies.items())
        assert all(warning.policy in store.policies for warning in store.warnings)
