"""`delegation`: what agents can do for people, and which permits don't care which agent it is."""

from policy_engine.review import Outcome, Severity
from tests.review.questions.conftest import Reviewed, about, said

SESSION = (
    '@id("session") @kinds("both") @delegable permit (principal, action in Action::"session", resource);'
)
LOOK = 'permit (principal is User, action == Action::"git/look", resource)'


def test_where_nothing_is_lent_no_agent_can_do_anything(reviewed: Reviewed) -> None:
    """Without `@delegable`, a permit is for people themselves."""
    found = reviewed("delegation", f'@id("x") {LOOK};', timeout=None)

    assert said(found) == {
        "every agent": ("proved", "no agent can do anything for anybody: no permit is `@delegable`")
    }


def test_to_begin_a_session_is_no_harm(reviewed: Reviewed) -> None:
    """It shows nothing, and changes nothing."""
    found = reviewed("delegation", SESSION)

    assert said(found) == {
        "every agent": ("proved", "agents can do no more for people than begin a session"),
        "session": ("proved", "`session` lets agents do no more for people than begin a session"),
    }


def test_a_permit_that_lends_to_every_agent_is_shown(reviewed: Reviewed) -> None:
    """An agent of whom nobody said anything does it, and the engine allows it."""
    found = reviewed("delegation", f'@id("x") @delegable {LOOK} when {{ context has actor }};')

    verdict = about(found, "x")
    (witness,) = verdict.witnesses
    assert (verdict.outcome, verdict.severity, verdict.statement) == (
        Outcome.violated,
        Severity.warning,
        "`x` lets every agent, whichever it is, act for people: `git/look`",
    )
    assert (witness.principal.type, witness.allowed, witness.policies) == ("User", True, ("x",))
    assert (witness.context["actor"]["__entity"]["type"], witness.note) == (
        "Client",
        "an agent acts for the person",
    )
    assert (
        about(found, "every agent").statement
        == "agents that nobody named can do 1 thing for people: `git/look`"
    )
    assert found.outcome is Outcome.proved  # a warning: `fail_on` is for errors


def test_a_look_at_the_actor_has_to_keep_some_out(reviewed: Reviewed) -> None:
    """By name or by group it does; by what any agent has, it doesn't."""
    conditions = {
        "by-name": 'when { context has actor && context.actor == Client::"corp/desktop" }',
        "by-group": 'when { context has actor && context.actor in ClientGroup::"corp/trusted" }',
        "by-category": 'when { context has actor && context.actor.category == "ai_agent" }',
        "all-but-one": 'when { context has actor && context.actor != Client::"corp/desktop" }',
    }
    policies = (f'@id("{name}") @delegable {LOOK} {condition};' for name, condition in conditions.items())
    found = reviewed("delegation", "\n".join(policies))

    named = "lets only agents act for people that somebody named or put into a group: `git/look`"
    unnamed = "lets agents that nobody named act for people: `git/look`"
    assert {name: said(found)[name] for name in conditions} == {
        "by-name": ("proved", f"`by-name` {named}"),
        "by-group": ("proved", f"`by-group` {named}"),
        "by-category": ("violated", f"`by-category` {unnamed}"),
        "all-but-one": ("violated", f"`all-but-one` {unnamed}"),
    }


def test_paths_say_which_agent_can_do_what(reviewed: Reviewed) -> None:
    """Those that are configured, and `None` for every other."""
    named = 'when { context has actor && context.actor == Client::"corp/desktop" }'
    found = reviewed("delegation", f'{SESSION} @id("x") @delegable {LOOK} {named};')

    paths = about(found, "every agent").details["paths"]
    assert [path for path in paths if path["policy"] == "x"] == [
        {"actor": 'Client::"corp/desktop"', "action": "git/look", "policy": "x", "certain": True}
    ]
    assert {path["actor"] for path in paths if path["policy"] == "session"} == {
        'Client::"corp/desktop"',
        None,
    }


def test_a_permit_may_be_delegable_in_vain(reviewed: Reviewed) -> None:
    """Its own condition, or a forbid, keeps every agent out."""
    vain = f'@id("x") @delegable {LOOK} unless {{ context has actor }};'
    no_agents = '@id("f") forbid (principal, action, resource) when { context has actor };'
    forbidden = f'@id("y") @delegable {LOOK}; {no_agents}'
    found = reviewed("delegation", vain + forbidden)

    assert {name: said(found)[name] for name in ("x", "y")} == {
        "x": ("proved", "`x` is `@delegable`, and yet no agent can do anything by it"),
        "y": ("proved", "`y` is `@delegable`, and yet no agent can do anything by it"),
    }
    assert about(found, "x").severity is Severity.note
