"""`policy-engine test --update`: what came of cases is written as expected, and nothing else is changed."""

from pathlib import Path

import pytest

from tests.cli.testing.conftest import POLICY, SCENARIO, TestRun

MATRIX = "  ci-bot: {allow by bot-deploys: [to staging]}  # and nowhere else"


def scenario(project: Path) -> Path:
    """The one file that is edited."""
    return project / "policies" / "deploy.scenario.yaml"


def test_a_row_of_a_matrix_is_brought_up_to_date(run: TestRun, broken: Path) -> None:
    """As exactly as the rest of it; the change is shown, and comments stay."""
    result = run("--update", "--yes")

    after = "  ci-bot: {allow by bot-deploys: [to staging, to production]}  # and nowhere else"
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-7:] == [
        "policies/deploy.scenario.yaml::ci-bot::to production",
        "  decision: expected deny, got allow",
        "--- policies/deploy.scenario.yaml",
        "+++ policies/deploy.scenario.yaml",
        f"-{MATRIX}",
        f"+{after}",
        "1 of 1 expectations are written",
    ]
    assert scenario(broken).read_text() == SCENARIO.replace(MATRIX, after)
    assert run().exit_code == 0


def test_a_denial_is_taken_out_of_its_row(run: TestRun, project: Path) -> None:
    """What a row doesn't name is denied."""
    (project / "policies" / "deploy.cedar").write_text(POLICY.replace("staging", "nowhere"))

    assert run("--update", "--yes").exit_code == 0
    assert scenario(project).read_text() == SCENARIO.replace("{allow by bot-deploys: [to staging]}", "{}")
    assert run().exit_code == 0


def test_nobody_is_asked_where_nobody_can_answer(run: TestRun, broken: Path) -> None:
    """Nothing is written without an answer."""
    result = run("--update")

    assert (result.exit_code, result.stderr) == (
        2,
        "error: nobody can be asked here (answer at a terminal, or accept all: --yes)\n",
    )
    assert scenario(broken).read_text() == SCENARIO


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_each_is_asked_for_at_a_terminal(
    run: TestRun, broken: Path, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    """No is what is meant by nothing."""
    monkeypatch.setattr("policy_engine.cli.test.updating.at_terminal", lambda: True)

    result = run("--update", stdin=answer)

    assert result.exit_code == status
    assert (scenario(broken).read_text() != SCENARIO) is (status == 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  - {who: ci-bot, asks: to production, expect: deny}  # c", "expect: allow}  # c"),
        ("  - {who: ci-bot, asks: to production, expect: no_permit}", "expect: allow}"),
        (
            "  - who: ci-bot\n    asks: to production\n    expect: {decision: deny}",
            "expect: {decision: allow}",
        ),
        (
            "  - {who: ci-bot, asks: to staging, expect: {outcome: allow, principal: none}}",
            """expect: {outcome: allow, principal: 'Client::"machines/ci-bot"'}}""",
        ),
        (
            "  - {who: ci-bot, asks: to production, expect: {decision: deny, status: 403}}",
            "expect: {decision: allow, status: 200}}",
        ),
    ],
)
def test_a_test_is_brought_up_to_date(run: TestRun, broken: Path, before: str, after: str) -> None:
    """In one line, or key by key, as it is written."""
    top, _, _ = SCENARIO.partition("matrix:")
    scenario(broken).write_text(f"{top}tests:\n{before}\n")

    result = run("--update", "--yes")

    assert result.exit_code == 0, result.output
    assert scenario(broken).read_text() == f"{top}tests:\n{before.partition('expect:')[0]}{after}\n"
    assert run().exit_code == 0


def test_a_cell_of_a_table_is_brought_up_to_date(run: TestRun, broken: Path) -> None:
    """Its column stays as wide as it is, if that will do."""
    top, _, _ = SCENARIO.partition("matrix:")
    table = (
        "table: |\n"
        "  who    | to staging           | to production\n"
        "  -------|----------------------|--------------\n"
        "  ci-bot | allow by bot-deploys | deny\n"
        "  alice  | no_permit            | deny\n"
    )
    scenario(broken).write_text(top + table)

    assert run("--update", "--yes").exit_code == 0
    assert scenario(broken).read_text() == top + table.replace(
        "  ci-bot | allow by bot-deploys | deny\n", "  ci-bot | allow by bot-deploys | allow\n"
    )
    assert run().exit_code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "matrix:\n  ci-bot: deny\n",
            "the row says the same of all calls (name the calls in it)",
        ),
        (
            "matrix:\n  ci-bot: {no_permit: [to production,  # here\n    to staging]}\n",
            "`matrix.ci-bot` is written in a way that can't be replaced (write it yourself: "
            "{no_permit: [to staging], allow: [to production]})",
        ),
        (
            "tests:\n  - {who: [ci-bot, alice], asks: to production, expect: deny}\n",
            "several cases share the expectation, and came out differently (write a test for each)",
        ),
        (
            "who: ci-bot\nasks: [to staging, to production]\n",
            "it is expected for want of another word (add it to the file)",
        ),
    ],
    ids=["one for all", "a comment", "shared", "no row"],
)
def test_what_cannot_be_written_is_told(run: TestRun, broken: Path, text: str, told: str) -> None:
    """And left as it is, which counts as a failure."""
    top, _, _ = SCENARIO.partition("matrix:")
    scenario(broken).write_text(top + text)

    result = run("--update", "--yes")

    assert result.exit_code == 1
    assert told in result.stdout
    assert scenario(broken).read_text() == top + text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "    allow: to staging  # here\n    no_permit: [to production]\n",
            "    allow: [to staging, to production]  # here\n",
        ),
        (
            "    allow by bot-deploys: to staging  # here\n    no_permit: to production  # there\n",
            None,
        ),
        ("    # above\n    no_permit: to production  # there\n    allow: to staging\n", None),
        (
            "    # above\n    allow: to staging  # here\n",
            "    # above\n    allow: [to staging, to production]  # here\n",
        ),
        ("    forbidden: to production\n    allow: to staging\n", "    allow: [to staging, to production]\n"),
        ("    no_permit: to production  # x\n", "    allow: to production  # x\n"),
    ],
)
def test_rows_of_several_lines_keep_them(run: TestRun, broken: Path, before: str, after: str | None) -> None:
    """Only the lines that differ are changed, and no comment is lost."""
    top, _, _ = SCENARIO.partition("matrix:")
    if "staging" not in before:
        top = top.replace("  to staging: {tool: deploy, arguments: {env: staging}}\n", "")
    scenario(broken).write_text(f"{top}matrix:\n  ci-bot:\n{before}")

    result = run("--update", "--yes")

    written = scenario(broken).read_text().removeprefix(f"{top}matrix:\n  ci-bot:\n")
    assert (result.exit_code, written) == ((1, before) if after is None else (0, after))
