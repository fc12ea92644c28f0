"""`diff`: what is allowed that wasn't before, and what isn't any more."""

from copy import deepcopy

from policy_engine.review import Outcome, Severity
from tests.review.questions.conftest import VALUES, Reviewed, about, said, subject, tool

BOT = '@id("bot") permit (principal == Client::"machines/bot", action == Action::"git/write", resource)'
SAME = {
    "Client: granted": ("proved", "machines can do nothing that they couldn't do before"),
    "Client: revoked": ("proved", "machines can still do all that they could do before"),
    "User: granted": ("proved", "people can do nothing that they couldn't do before"),
    "User: revoked": ("proved", "people can still do all that they could do before"),
}


def test_another_way_to_say_the_same_changes_nothing(reviewed: Reviewed) -> None:
    """De Morgan, and the order of the policies; formulas are compared, not texts."""
    other = '@id("people") permit (principal is User, action, resource);'
    before = f'{other} {BOT} unless {{ context.arguments.repo == "a" || context.arguments.repo == "b" }};'
    after = f'{BOT} when {{ context.arguments.repo != "b" && !(context.arguments.repo == "a") }}; {other}'

    assert said(reviewed("diff", after, before=subject(before))) == SAME


def test_the_same_text_needs_no_solver(reviewed: Reviewed) -> None:
    """Equal formulas are one, whatever is in them."""
    count = "context.arguments.count"
    text = f"{BOT} when {{ context.arguments has count && {count} * {count} == 49 }};"

    assert said(reviewed("diff", text, before=subject(text), timeout=None)) == SAME


def test_what_a_machine_may_newly_do_is_shown(reviewed: Reviewed) -> None:
    """It fails the gate, if there is one; what is lost never does."""
    before = subject(f'{BOT} when {{ context.arguments.repo == "a" }};')
    after = f'{BOT} when {{ context.arguments.repo == "b" }};'
    gated = reviewed("diff", after, before=before, no_widening=frozenset({"Client"}))
    told = reviewed("diff", after, before=before)

    granted = about(gated, "Client: granted")
    (witness,) = granted.witnesses
    assert said(gated) == SAME | {
        "Client: granted": ("violated", "machines can do what they couldn't before: `git/write`"),
        "Client: revoked": ("violated", "machines can't do any more what they could before: `git/write`"),
    }
    assert (witness.policies, witness.allowed, witness.context["arguments"]["repo"]) == (("bot",), True, "b")
    assert witness.note == "in what this is held against, it is permitted by nothing"
    assert (gated.outcome, told.outcome) == (Outcome.violated, Outcome.proved)
    severities = [about(found, "Client: granted").severity for found in (gated, told)]
    assert severities == [Severity.error, Severity.note]
    assert about(gated, "Client: revoked").severity is Severity.note


def test_a_forbid_that_goes_grants(reviewed: Reviewed) -> None:
    """The witness names the permit that now decides, and the forbid that did."""
    forbid = '@id("f") forbid (principal is Client, action, resource);'
    found = reviewed("diff", f"{BOT};", before=subject(f"{BOT}; {forbid}"))

    (witness,) = about(found, "Client: granted").witnesses
    assert (witness.policies, witness.note) == (
        ("bot",),
        "in what this is held against, it is denied by `f`",
    )


def test_what_agents_may_newly_do_for_people_is_told_as_theirs(reviewed: Reviewed) -> None:
    """People could do it before; now agents can, too."""
    permit = '@id("x") permit (principal is User, action == Action::"git/look", resource);'
    found = reviewed("diff", permit.replace("permit", "@delegable permit"), before=subject(permit))

    assert said(found) == SAME | {
        "User: granted": (
            "violated",
            "agents that act for people can do what they couldn't before: `git/look`",
        )
    }


def test_a_tool_that_is_new_counts(reviewed: Reviewed) -> None:
    """Whoever may call every tool may call one more; one that is gone is lost."""
    more = deepcopy(VALUES["servers"])
    more["git"]["catalogue"]["tools"].append(tool("purge", destructiveHint=True))
    policies = '@id("all") permit (principal is Client, action in Action::"call_tool", resource);'
    wider = reviewed("diff", policies, before=subject(policies), of={"servers": more})
    narrower = reviewed("diff", policies, before=subject(policies, servers=more))

    assert said(wider) == SAME | {
        "Client: granted": ("violated", "machines can do what they couldn't before: `git/purge`")
    }
    assert said(narrower) == SAME | {
        "Client: revoked": ("violated", "machines can't do any more what they could before: `git/purge`")
    }


def test_an_argument_of_another_type_makes_another_request(reviewed: Reviewed) -> None:
    """What was refused before any policy is allowed now; and that arguments changed is told in any case."""
    changed = deepcopy(VALUES["servers"])
    properties = changed["git"]["catalogue"]["tools"][1]["item"]["inputSchema"]["properties"]
    properties["repo"] = {"type": "integer"}
    before = subject(f'{BOT} when {{ context.arguments.repo == "a" }};')
    found = reviewed(
        "diff", f"{BOT} when {{ context.arguments.repo == 1 }};", before=before, of={"servers": changed}
    )

    granted = about(found, "Client: granted")
    other = "but there are other arguments than before for `git/write`"
    assert (granted.outcome, granted.statement, granted.details["arguments_changed"]) == (
        Outcome.violated,
        f"machines can do what they couldn't before: `git/write`; {other}",
        ["git/write"],
    )
    assert [witness.note for witness in granted.witnesses] == [
        "in what this is held against, there is no such request"
    ]
    assert said(found)["User: granted"] == (
        "proved",
        f"people can do nothing that they couldn't do before; {other}",
    )
