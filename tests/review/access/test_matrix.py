"""Who can do what: what is certain, what depends, and on what."""

from collections.abc import Callable
from textwrap import dedent
from typing import Any

from policy_engine.review import Subject
from policy_engine.review.access import Access, Applied, Cell, Column, ColumnKind, Reach, Row, RowKind, access

SubjectOf = Callable[..., Subject]

LOOK, WIPE = (f'Action::"shop/{name}" on Tool::"shop/{name}"' for name in ("look", "wipe"))
ANY_TOOL = 'Action::"lab/?" on any Tool of Server::"lab"'

POLICIES = """
@id("people") @delegable
permit (principal is User, action in Action::"call_tool", resource);
@id("stock")
permit (principal in ClientGroup::"machines/stock", action in Action::"read_only", resource);
@id("scope")
permit (principal is Client, action, resource) when { context.token.scopes.contains("all") };
@id("no-wiping")
forbid (principal is Client, action in Action::"destructive", resource);
@id("ann")
forbid (principal == User::"corp/ann", action, resource) when { resource is Tool && !resource.read_only };
"""


def table(found: Access, *columns: str) -> str:
    """A line for everybody, with what is known of some things."""
    lines = [
        "  ".join(
            [f"{row.id:<40}", *(f"{found.cell(row.id, column).reach:<6}" for column in columns)]
        ).rstrip()
        for row in found.rows
    ]
    return "\n".join([*lines, ""])


def test_everybody_and_the_tools(subject_of: SubjectOf) -> None:
    """The kinds, groups and people that policies name, listed machines, and agents by whom people ask."""
    assert table(access(subject_of(POLICIES)), LOOK, WIPE, ANY_TOOL) == dedent(
        """\
        User                                      always  may     may
        User::"corp/ann"                          always  never   never
        Client                                    may     never   never
        ClientGroup::"machines/stock"             always  never   never
        Client::"machines/bot"                    always  never   never
        Client::"machines/ci"                     may     never   never
        delegated                                 always  may     may
        delegated by Client::"corp/helper"        always  may     may
        delegated by Client::"machines/bot"       always  may     may
        delegated by Client::"machines/ci"        always  may     may
        """
    )


def test_a_cell_names_the_policies_and_what_they_depend_on(subject_of: SubjectOf) -> None:
    """Those that are certain, those that aren't, and those that stop."""
    found = access(subject_of(POLICIES))
    scope = 'context.token.scopes.contains("all")'

    assert found.cell("Client", LOOK) == Cell(
        reach=Reach.may,
        permits=(
            Applied(
                policy="stock", certain=False, conditions=('principal in ClientGroup::"machines/stock"',)
            ),
            Applied(policy="scope", certain=False, conditions=(scope,)),
        ),
    )
    assert found.cell("Client", WIPE) == Cell(
        reach=Reach.never,
        permits=(Applied(policy="scope", certain=False, conditions=(scope,)),),
        forbids=(Applied(policy="no-wiping", certain=True),),
    )
    assert found.cell("User", WIPE) == Cell(
        reach=Reach.may,
        permits=(Applied(policy="people", certain=True),),
        forbids=(Applied(policy="ann", certain=False, conditions=('principal == User::"corp/ann"',)),),
    )
    assert found.cell('User::"corp/ann"', LOOK) == Cell(
        reach=Reach.always, permits=(Applied(policy="people", certain=True),)
    )


def test_rows_and_columns_say_what_they_are(subject_of: SubjectOf) -> None:
    """Everything that a server exposes has a column; other methods have one a server."""
    found = access(subject_of(POLICIES))
    kinds = {
        kind: [c.name for c in found.columns if c.kind is kind and c.server == "shop"] for kind in ColumnKind
    }

    assert found.rows[0] == Row(id="User", kind=RowKind.User, label="any person", whole=True)
    assert found.rows[3] == Row(
        id='ClientGroup::"machines/stock"',
        kind=RowKind.Client,
        label='machine in ClientGroup::"machines/stock"',
        note="in no other group or role, but those that this one is in",
    )
    assert found.columns[1] == Column(
        id=WIPE,
        server="shop",
        kind=ColumnKind.tool,
        name="wipe",
        action="shop/wipe",
        type="Tool",
        groups=("call_tool", "destructive", "open_world"),
    )
    assert kinds[ColumnKind.tool] == ["look", "wipe"]
    assert kinds[ColumnKind.prompt] == ["greet"]
    assert kinds[ColumnKind.resource] == ["shop://menu"]
    assert kinds[ColumnKind.template] == []
    assert kinds[ColumnKind.method][-4:] == [
        "set_log_level",
        "get_task: any Task",
        "update_task: any Task",
        "cancel_task: any Task",
    ]
    assert next(c.name for c in found.columns if c.server == "lab") == "any unpinned tool"


def test_a_forbid_that_fails_stops(subject_of: SubjectOf) -> None:
    """The engine denies where a forbid can't be evaluated: for certain, or where that comes to it."""
    policies = """
    @id("all") permit (principal is User, action in Action::"call_tool", resource);
    @id("fails") forbid (principal is User, action == Action::"shop/look", resource)
    when { 9223372036854775807 + 1 == 0 };
    @id("may-fail") forbid (principal is User, action == Action::"shop/wipe", resource)
    when { context.token.scopes.contains("x") && 9223372036854775807 + 1 == 0 };
    """
    found = access(subject_of(policies))
    reasons = ('context.token.scopes.contains("x")', "9223372036854775807 + 1 == 0")
    permits = (Applied(policy="all", certain=True),)

    assert found.cell("User", LOOK) == Cell(
        reach=Reach.never, permits=permits, forbids=(Applied(policy="fails", certain=True),)
    )
    assert found.cell("User", WIPE) == Cell(
        reach=Reach.may,
        permits=permits,
        forbids=(Applied(policy="may-fail", certain=False, conditions=reasons),),
    )


def test_agents_are_let_in_only_by_policies_that_say_so(subject_of: SubjectOf) -> None:
    """The guard that the loader adds is part of what runs; who acts is known."""
    policies = """
    @id("plain") permit (principal is User, action == Action::"shop/look", resource);
    @id("helped") @delegable permit (principal is User, action == Action::"shop/wipe", resource)
    when { context has actor && context.actor == Client::"corp/helper" };
    """

    assert table(access(subject_of(policies)), LOOK, WIPE) == dedent(
        """\
        User                                      always  never
        Client                                    never   never
        Client::"machines/bot"                    never   never
        Client::"machines/ci"                     never   never
        delegated                                 never   may
        delegated by Client::"corp/helper"        never   always
        delegated by Client::"machines/bot"       never   never
        delegated by Client::"machines/ci"        never   never
        """
    )


def test_what_is_listed_of_machines_is_known(subject_of: SubjectOf) -> None:
    """Groups, categories and tags, as far as no token can say otherwise; static groups above them, too."""
    policies = """
    @id("above") permit (principal in ClientGroup::"machines/all", action == Action::"shop/look", resource);
    @id("kind") permit (principal is Client, action == Action::"shop/wipe", resource)
    when { principal.issuer == "machines" && principal.client_id == "ci" };
    """
    nested = [
        {
            "uid": {"type": "ClientGroup", "id": "machines/stock"},
            "parents": [{"type": "ClientGroup", "id": "machines/all"}],
        }
    ]
    found = access(subject_of(policies, nested))

    assert [found.cell(f'Client::"machines/{name}"', LOOK).reach for name in ("bot", "ci")] == [
        Reach.always,
        Reach.never,
    ]
    assert [found.cell(f'Client::"machines/{name}"', WIPE).reach for name in ("bot", "ci")] == [
        Reach.never,
        Reach.always,
    ]


def test_shadow_policies_are_shown_and_decide_nothing(subject_of: SubjectOf) -> None:
    """They have a text, and are in no cell; so have guarded ones, as they are written."""
    policies = '@id("a") permit (principal is User, action == Action::"shop/look", resource);\n'
    shadow = '@id("b") @mode("shadow") forbid (principal, action, resource);'
    found = access(subject_of(policies + shadow))
    texts: list[dict[str, Any]] = [policy.to_dict() for policy in found.policies.values()]

    assert found.cell("User", LOOK).reach is Reach.always
    assert texts == [
        {
            "id": "a",
            "effect": "permit",
            "text": policies.strip(),
            "file": None,
            "line": 1,
            "column": 1,
            "shadow": False,
            "guarded": True,
            "head": {"principal": ["User"], "action": ['Action::"shop/look"'], "resource": []},
        },
        {
            "id": "b",
            "effect": "forbid",
            "text": shadow,
            "file": None,
            "line": 2,
            "column": 1,
            "shadow": True,
            "guarded": False,
            "head": {"principal": [], "action": [], "resource": []},
        },
    ]


def test_a_thousand_policies_and_fifty_tools(thousand: Subject) -> None:
    """In as many seconds as a reader waits for; that it is right is shown elsewhere."""
    found = access(thousand)

    assert (len(found.policies), len([c for c in found.columns if c.kind is ColumnKind.tool])) == (1000, 50)
    assert len(found.rows) == 113
    assert {cell.reach for _, _, cell in found} == {Reach.always, Reach.may, Reach.never}
