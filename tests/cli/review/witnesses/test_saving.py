"""A witness as a scenario: it fails until the policies are mended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.cli.review.witnesses import save_scenario
from policy_engine.errors import ConfigError
from policy_engine.harness import World
from policy_engine.harness.running import Run, run_cases
from policy_engine.harness.scenarios import load_scenarios
from policy_engine.model import Client

Make = Callable[..., Any]
WRITE = {"token": {"scopes": ["issues:write"]}, "arguments": {"title": "x"}}

WRITTEN = """\
# What people may.
version: 1
now: 2026-03-02T09:00:00Z

principals:
  # the only one
  alice: {user: alice, scope: issues:write}
calls: {open: {tool: create_issue, arguments: {title: x}}}
tests:
  - {who: alice, asks: open, expect: allow}
# the end
"""


def outcome_of(file: Path, config: Path) -> Run:
    """What `policy-engine test` makes of a file."""
    world = World.load(config)
    return run_cases(world, load_scenarios([file], world))


def test_a_saved_witness_fails_until_the_policies_are_mended(make: Make) -> None:
    """The new file is one that `policy-engine test` reads; nothing else has to be written."""
    project = make()
    file = project.folder / "found.scenario.yaml"

    saved = save_scenario(project.world, [project.call("Client::e1", **WRITE)], file)

    assert (saved.file, saved.known, saved.left) == (file, (), ())
    run = outcome_of(file, project.config)
    assert (run.failed, run.passed) == (1, 0)
    (result,) = run.failures
    assert [failure.expected for failure in result.failures] == ["deny"]
    assert result.decision is not None
    assert isinstance(result.decision.principal, Client)
    policies = project.folder / "policies.cedar"
    loose = 'permit (principal, action in Action::"call_tool"'
    policies.write_text(policies.read_text().replace(loose, loose.replace("principal", "principal is User")))
    run = outcome_of(file, project.config)
    assert (run.failed, run.passed) == (0, 1)


def test_a_file_of_ones_own_is_added_to_and_keeps_all_that_it_says(make: Make) -> None:
    """Comments, layout and order stay; what is there already isn't written again."""
    project = make()
    file = project.folder / "own.scenario.yaml"
    file.write_text(WRITTEN)
    calls = [project.call("Client::e1", **WRITE), project.call("Client::e1", "ping")]

    saved = save_scenario(project.world, calls, file)
    once = file.read_text()
    again = save_scenario(project.world, calls, file)

    assert (len(saved.names), saved.known) == (2, ())
    assert (again.names, again.known) == ((), saved.names)
    assert file.read_text() == once
    assert [line for line in WRITTEN.splitlines() if line not in once.splitlines()] == [
        "calls: {open: {tool: create_issue, arguments: {title: x}}}"
    ]
    run = outcome_of(file, project.config)
    assert (run.failed, run.passed) == (2, 1)


def test_a_witness_that_nobody_has_a_token_for_is_saved_as_the_principal_itself(make: Make) -> None:
    """So that the policies are mended all the same."""
    project = make('@id("ghost") permit (principal == Client::"machines/ghost", action, resource);')
    file = project.folder / "ghost.scenario.yaml"

    save_scenario(project.world, [project.call("Client::machines/ghost", **WRITE)], file)

    assert 'entity: "Client::\\"machines/ghost\\""' in file.read_text()
    assert outcome_of(file, project.config).failed == 1


def test_a_stream_and_a_time_are_kept(make: Make) -> None:
    """What no command says, a scenario does."""
    project = make(
        '@id("later") permit (principal is Client, action, resource)'
        ' when { context.time > datetime("2040-01-01") };'
    )
    file = project.folder / "later.scenario.yaml"
    later = {"time": {"__extn": {"fn": "datetime", "arg": "2041-01-01T00:00:00.250Z"}}}

    saved = save_scenario(project.world, [project.call("Client::e1", "open_stream", **later)], file)

    assert len(saved.names) == 1
    assert "now: 2240611200.25" in file.read_text()
    assert outcome_of(file, project.config).failed == 1


def test_a_call_of_another_time_than_the_file_is_left_out_with_the_reason(make: Make) -> None:
    """A file has one `now`."""
    project = make(
        '@id("later") permit (principal is Client, action, resource)'
        ' when { context.time > datetime("2040-01-01") };'
        '@id("people") permit (principal is User, action, resource);'
    )
    file = project.folder / "own.scenario.yaml"
    file.write_text(WRITTEN)
    later = {"time": {"__extn": {"fn": "datetime", "arg": "2041-01-01"}}}
    call, denied = (
        project.call("Client::e1", "ping", **later),
        project.call("Client::e1", "ping", allowed=False),
    )

    saved = save_scenario(project.world, [call, denied], file)

    assert (saved.names, saved.known) == ((), ())
    assert saved.left == (
        (call, "it is allowed at another time than the file's `now`: name another file"),
        (denied, "it is denied already"),
    )
    assert file.read_text() == WRITTEN


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("found.yaml", None, "`found.yaml` isn't a name of a scenario file"),
        ("found.scenario.yaml", "version: 1\n", "nothing is expected here"),
        ("found.scenario.yaml", "version: [1\n", "not YAML"),
        ("none/found.scenario.yaml", None, "can't write the file: No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_refused_and_left_as_it_is(
    make: Make, name: str, text: str | None, problem: str
) -> None:
    """Nothing is half written."""
    project = make()
    file = project.folder / name
    if text is not None:
        file.write_text(text)

    with pytest.raises(ConfigError) as caught:
        save_scenario(project.world, [project.call("Client::e1", **WRITE)], file)

    assert problem in caught.value.problem
    assert (file.read_text() if file.exists() else None) == text
