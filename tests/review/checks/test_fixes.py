"""What a program mends: the text that comes out, and that it decides as before."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from stat import S_IMODE
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Answer, Authorizer, CedarRequest, parse_policies
from policy_engine.errors import ConfigError
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.checks import apply_fixes, fixed_files
from tests.plugins.samples import samples
from tests.review.checks.conftest import Reviewed

LIST = 'action == Action::"github/list_issues", resource'
REPO = 'context.arguments has repo && context.arguments.repo == "a"'

FIXED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "the first of several": (
            f'@id("a") forbid (principal, {LIST}) when {{ principal is Client && {REPO} }};',
            f'@id("a") forbid (principal is Client, {LIST}) when {{ {REPO} }};',
        ),
        "of a permit, over lines": (
            f'@id("a")\npermit (\n  principal,\n  {LIST}\n)\nwhen\n{{\n  principal is User\n  && {REPO}\n}}\n'
            'unless { context.token.scopes.contains("x") };\n',
            f'@id("a")\npermit (\n  principal is User,\n  {LIST}\n)\nwhen\n{{\n  {REPO}\n}}\n'
            'unless { context.token.scopes.contains("x") };\n',
        ),
        "the only one": (
            f'@id("a") forbid (principal, {LIST})\nwhen {{ principal is Client }} // all\nwhen {{ {REPO} }};',
            f'@id("a") forbid (principal is Client, {LIST}) // all\nwhen {{ {REPO} }};',
        ),
        "the only one, in brackets": (
            f'@id("a") permit (principal, {LIST}) when {{ (principal is User) }};',
            f'@id("a") permit (principal is User, {LIST});',
        ),
        "the only one, below a comment": (
            f'@id("a") permit (principal, {LIST})\n// people\nwhen {{ principal is User }};',
            f'@id("a") permit (principal is User, {LIST})\n// people\n;',
        ),
        "with a group": (
            f'@id("a") forbid (principal, {LIST}) when {{ principal is User in Group::"corp/x" '
            f"&& ({REPO}) }};",
            f'@id("a") forbid (principal is User in Group::"corp/x", {LIST}) when {{ ({REPO}) }};',
        ),
        "a waiver of nothing": (
            f'@id("a") @kinds("both")\npermit (principal is User, {LIST});',
            f'@id("a") permit (principal is User, {LIST});',
        ),
        "the same twice": (
            f'@id("a") permit (principal is User, {LIST});\n\n@id("b") permit (principal is '
            f"User, {LIST});\n\n"
            f'@id("c") forbid (principal is Client, {LIST});\n',
            f'@id("a") permit (principal is User, {LIST});\n\n@id("c") forbid (principal is '
            f"Client, {LIST});\n",
        ),
        "a comment in vain": (
            '// who\n  // policy-engine: allow PS001 -- because\n@id("a") permit (principal is '
            f"User, {LIST});",
            f'// who\n@id("a") permit (principal is User, {LIST});',
        ),
        "several at once, wide characters before them": (
            f'@id("é😀") @reason("😀") forbid (principal, {LIST}) when {{ principal is User && {REPO} }};\n'
            f'@id("b") forbid (principal, {LIST}) when {{ principal is Client && {REPO} }};\r\n',
            f'@id("é😀") @reason("😀") forbid (principal is User, {LIST}) when {{ {REPO} }};\n'
            f'@id("b") forbid (principal is Client, {LIST}) when {{ {REPO} }};\r\n',
        ),
    }
)

LEFT: Mapping[str, str] = MappingProxyType(
    {
        "a kind in brackets": (
            f'@id("a") forbid (principal, {LIST}) when {{ (principal is User && {REPO}) }};'
        ),
        "a kind with a comment after it": (
            f'@id("a") forbid (principal, {LIST}) when {{ principal is User // x\n && {REPO} }};'
        ),
        "a kind after an unless": (
            f'@id("a") forbid (principal, {LIST}) unless {{ {REPO} }} when {{ principal is User }};'
        ),
        "one side of an or": (
            f'@id("a") forbid (principal, {LIST}) when {{ principal is User && {REPO} || '
            "principal is Client };"
        ),
        "the same with another reason": (
            f'@id("a") permit (principal is User, {LIST});\n'
            f'@id("b") @reason("x") permit (principal is User, {LIST});'
        ),
        "the same below a comment": (
            f'@id("a") permit (principal is User, {LIST});\n// why\n@id("b") permit (principal '
            f"is User, {LIST});"
        ),
        "what somebody answered for": (
            "// policy-engine: allow PS106 -- we like it so\n"
            f'@id("a") forbid (principal, {LIST}) when {{ principal is Client && {REPO} }};'
        ),
    }
)


def files_of(folder: Path) -> str:
    """The policies of the folder, as they are on the disk."""
    return (folder / "policies.cedar").read_bytes().decode()


@pytest.mark.parametrize("case", FIXED)
def test_what_is_mended(reviewed: Reviewed, tmp_path: Path, case: str) -> None:
    """To the letter; and the next review finds nothing more to mend."""
    before, after = FIXED[case]
    file = tmp_path / "policies.cedar"
    findings = reviewed(before)
    file.chmod(0o640)

    mended = apply_fixes(findings)

    assert mended
    assert files_of(tmp_path) == after
    assert S_IMODE(file.stat().st_mode) == 0o640
    assert fixed_files(reviewed(after)) == ((), {})


@pytest.mark.parametrize("case", LEFT)
def test_what_is_left_to_people(reviewed: Reviewed, tmp_path: Path, case: str) -> None:
    """Where the text can't be edited with certainty, or somebody should look at it."""
    assert apply_fixes(reviewed(LEFT[case])) == ()
    assert files_of(tmp_path) == LEFT[case]


def test_a_mark_at_the_beginning_of_the_file_stays(reviewed: Reviewed, tmp_path: Path) -> None:
    """Some editors write one; it isn't counted."""
    before, after = FIXED["the first of several"]

    apply_fixes(reviewed(f"\ufeff{before}"))

    assert files_of(tmp_path) == f"\ufeff{after}"


def test_a_file_that_changed_meanwhile_is_left_alone(reviewed: Reviewed, tmp_path: Path) -> None:
    """And so is everything else."""
    findings = reviewed(FIXED["the first of several"][0])
    (tmp_path / "policies.cedar").write_text("// somebody else's\n")

    with pytest.raises(ConfigError, match="the file was changed meanwhile"):
        apply_fixes(findings)

    assert files_of(tmp_path) == "// somebody else's\n"


def test_of_two_mends_of_one_text_the_first_is_made(reviewed: Reviewed, tmp_path: Path) -> None:
    """A policy that goes needn't be mended; the next review tells."""
    policy = f"forbid (principal, {LIST}) when {{ principal is Client && {REPO} }};\n"

    mended = apply_fixes(reviewed(f'@id("a") {policy}@id("b") {policy}'))

    assert [(one.code, one.policy) for one in mended] == [("PS106", "a"), ("PS120", "b")]
    assert files_of(tmp_path) == (f'@id("a") forbid (principal is Client, {LIST}) when {{ {REPO} }};\n')


KINDS = ("User", "Client", "Server")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[CedarRequest, list[CedarJson]]:
    """Any request, of a schema or not: who asks may be unknown, what conditions read may be missing."""
    principal = EntityUid(draw(st.sampled_from(KINDS)), "corp/a")
    arguments = draw(st.sampled_from([{}, {"repo": "a"}, {"repo": "b"}, {"repo": 1}]))
    token = draw(st.sampled_from([{}, {"scopes": ["x"]}, {"scopes": []}]))
    context = draw(
        st.sampled_from(
            [{}, {"arguments": arguments}, {"token": token}, {"arguments": arguments, "token": token}]
        )
    )
    parents = draw(st.sampled_from([[], [{"type": "Group", "id": "corp/x"}]]))
    entities = draw(st.sampled_from([[], [{"uid": principal.to_json(), "attrs": {}, "parents": parents}]]))
    action = EntityUid("Action", draw(st.sampled_from(["github/list_issues", "ping"])))
    request = CedarRequest(
        principal=principal, action=action, resource=EntityUid("Tool", "github/list_issues"), context=context
    )
    return request, entities


def decided(answer: Answer, but: frozenset[str]) -> tuple[bool, frozenset[str], frozenset[str]]:
    """What was decided by whom, and who couldn't be asked, less policies that are gone."""
    errors = frozenset(error.policy or "" for error in answer.errors)
    return answer.allowed, frozenset(answer.policies) - but, errors - but


@cache
def pairs() -> tuple[tuple[Authorizer, Authorizer, frozenset[str]], ...]:
    """Who decides before and after each mend, and the policies that are gone."""
    return tuple(
        (Authorizer.from_text(before), Authorizer.from_text(after), ids_of(before) - ids_of(after))
        for before, after in FIXED.values()
    )


def ids_of(text: str) -> frozenset[str]:
    """The ids of the policies of a text."""
    return frozenset(str(policy.id) for policy in parse_policies(text))


@settings(max_examples=samples(100))
@given(world=worlds())
def test_no_mend_changes_an_answer(world: tuple[CedarRequest, list[CedarJson]]) -> None:
    """Cedar decides alike, by the same policies, and errs alike, with and without."""
    request, entities = world
    for before, after, gone in pairs():
        answers = [decided(one.authorize(request, entities), gone) for one in (before, after)]
        assert answers[0] == answers[1]


def test_what_is_left_to_people_would_change_answers() -> None:
    """Where a kind stands after another condition, that one errs for everybody; in the head, for one kind."""
    left = LEFT["a kind after an unless"]
    moved = left.replace("(principal,", "(principal is User,").replace(" when { principal is User }", "")
    asked = CedarRequest(
        principal=EntityUid("Client", "corp/a"),
        action=EntityUid("Action", "github/list_issues"),
        resource=EntityUid("Tool", "github/list_issues"),
        context={},
    )
    answers = [
        decided(Authorizer.from_text(text).authorize(asked, []), frozenset()) for text in (left, moved)
    ]

    assert answers == [(False, frozenset(), frozenset({"a"})), (False, frozenset(), frozenset())]
