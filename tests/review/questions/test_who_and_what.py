"""`who_can` and `what_can`: for one action, who; and for one principal, what."""

import pytest

from policy_engine.errors import ConfigError
from policy_engine.review import Outcome
from tests.review.questions.conftest import Reviewed

POLICIES = """
@id("people-look") permit (principal is User, action in Action::"read_only", resource);
@id("bot-writes") permit (principal == Client::"machines/bot", action == Action::"git/write", resource)
when { context.token.scopes.contains("write") };
@id("not-alice") forbid (principal == User::"corp/alice", action, resource);
"""


def test_who_can_use_a_tool_is_told_of_kinds_and_names(reviewed: Reviewed) -> None:
    """With a request that shows it, and the permits that may let them."""
    found = reviewed("who_can", POLICIES, who_can=("git/write", "git/look"))

    rows = [
        (
            verdict.subject,
            verdict.details["principal"],
            verdict.details["can"],
            verdict.policies,
            len(verdict.witnesses),
        )
        for verdict in found.verdicts
    ]
    assert rows == [
        ("git/write", "User", False, (), 0),
        ("git/write", "Client", True, ("bot-writes",), 1),
        ("git/write", 'Client::"machines/bot"', True, ("bot-writes",), 1),
        ("git/write", 'User::"corp/alice"', False, (), 0),
        ("git/look", "User", True, ("people-look",), 1),
        ("git/look", "Client", False, (), 0),
        ("git/look", 'Client::"machines/bot"', False, (), 0),
        ("git/look", 'User::"corp/alice"', False, (), 0),
    ]
    assert [verdict.statement for verdict in found.verdicts[:3]] == [
        'people can never use `Action::"git/write"`',
        'machines can use `Action::"git/write"`',
        '`Client::"machines/bot"` can use `Action::"git/write"`',
    ]
    assert found.outcome is Outcome.proved


def test_what_somebody_can_use_is_told_of_each_action(reviewed: Reviewed) -> None:
    """Of a person, a machine, or a kind of them."""
    found = reviewed(
        "what_can", POLICIES, what_can=('Client::"machines/bot"', "Client", 'User::"corp/alice"')
    )

    can = {
        (verdict.details["principal"], verdict.subject)
        for verdict in found.verdicts
        if verdict.details["can"]
    }
    assert can == {('Client::"machines/bot"', "git/write"), ("Client", "git/write")}
    assert len(found.verdicts) == 3 * len({verdict.subject for verdict in found.verdicts})


def test_whom_nobody_can_be_is_refused(reviewed: Reviewed) -> None:
    """A group isn't who asks."""
    with pytest.raises(ConfigError) as caught:
        reviewed("what_can", POLICIES, what_can=('Group::"corp/a"',))

    assert caught.value.problem == '`Group::"corp/a"` is neither a kind of principal nor the id of one'
