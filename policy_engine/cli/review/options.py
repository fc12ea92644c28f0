"""What a review is asked on the command line, and how it is told: the options, as they were given."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.proofs import KindName, kinds_of
from policy_engine.review import QUESTIONS, Kind, Severity

__all__ = ["Asked", "ReviewFormat", "Told", "asked_options", "told_options"]


class ReviewFormat(StrEnum):
    """For people, for programs, for a pull request, or for code scanning."""

    text = "text"
    json = "json"
    markdown = "markdown"
    sarif = "sarif"


Name = StrEnum("Name", {name: name.replace("_", "-") for name in QUESTIONS})  # type: ignore[misc]  # of a table


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked; `policy_engine.review.Options` says what most of it means.

    Attributes:
        questions: which, if not those of a whole review.
        ceilings: files of bounds for machines.
        against: the policies or the configuration that it is compared with.
        timeout: seconds for one question; None for what the configuration says.
        solver: whether a solver may be asked.
        keep: a folder for what it is asked.
    """

    questions: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    ceilings: tuple[Path, ...] = ()
    who_can: tuple[str, ...] = ()
    what_can: tuple[str, ...] = ()
    against: str | None = None
    no_widening: frozenset[Kind] = frozenset()
    timeout: float | None = None
    solver: bool = True
    fail_on: Severity = Severity.error
    keep: Path | None = None

    @property
    def alone(self) -> bool:
        """Whether only questions are asked, and not what else a reviewer would look for."""
        return bool(self.questions or self.who_can or self.what_can)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How it is told.

    Attributes:
        reports: files that it is written to.
        baseline: an earlier report in JSON.
        scenario: the file to which what mustn't be allowed is added.
        everything: whether also what is proved is told one by one.
    """

    format: ReviewFormat
    reports: tuple[Path, ...]
    baseline: Path | None
    scenario: Path | None
    everything: bool


QuestionOption = Annotated[
    list[Name] | None,
    typer.Option(
        "--question", "-q", help="Ask only this, and check nothing else; may be given several times."
    ),
]
NeverOption = Annotated[
    list[str] | None,
    typer.Option("--never", help="A tool, an action or a group of actions that no machine may ever use."),
]
CeilingOption = Annotated[
    list[Path] | None,
    typer.Option("--ceiling", help="Cedar policies that say what machines may do at most."),
]
WhoCanOption = Annotated[
    list[str] | None, typer.Option("--who-can", help="Who can use this tool, action or group?")
]
WhatCanOption = Annotated[
    list[str] | None,
    typer.Option("--what-can", help="What can they use? Client, User, or one of them."),
]
AgainstOption = Annotated[
    str | None,
    typer.Option("--against", help="Policies or a configuration to compare with, also REVISION:PATH of git."),
]
NoWideningOption = Annotated[
    list[KindName] | None,
    typer.Option("--no-widening", help="With --against: who may be allowed nothing more than there."),
]
TimeoutOption = Annotated[
    float | None, typer.Option("--timeout", min=0.1, help="Seconds for one question to the solver.")
]
NoSolverOption = Annotated[
    bool, typer.Option("--no-solver", help="Decide what can be decided without one; the rest is unknown.")
]
FailOnOption = Annotated[
    Severity, typer.Option("--fail-on", help="What is at least this bad decides the exit status.")
]
KeepOption = Annotated[
    Path | None, typer.Option("--keep-smt2", help="A folder for everything that the solver is asked.")
]
ReportOption = Annotated[
    list[Path] | None,
    typer.Option("--report", help="Write it to a file: .html, .md, .json, .sarif or .csv; several times."),
]
BaselineOption = Annotated[
    Path | None, typer.Option("--baseline", help="An earlier report in JSON: what is otherwise now?")
]
ScenarioOption = Annotated[
    Path | None,
    typer.Option("--save-scenario", help="Add what mustn't be allowed to this *.scenario.yaml, as tests."),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Tell also of what is proved, one by one, and what it rests on.")
]
FormatOption = Annotated[
    ReviewFormat, typer.Option("--format", help="For people, programs, a pull request or code scanning.")
]


def asked_options(
    question: QuestionOption = None,
    never: NeverOption = None,
    ceiling: CeilingOption = None,
    who_can: WhoCanOption = None,
    what_can: WhatCanOption = None,
    against: AgainstOption = None,
    no_widening: NoWideningOption = None,
    timeout: TimeoutOption = None,
    no_solver: NoSolverOption = False,
    fail_on: FailOnOption = Severity.error,
    keep_smt2: KeepOption = None,
) -> Asked:
    """The options that say what is asked."""
    return Asked(
        questions=tuple(str(each).replace("-", "_") for each in question or ()),
        never=tuple(never or ()),
        ceilings=tuple(ceiling or ()),
        who_can=tuple(who_can or ()),
        what_can=tuple(what_can or ()),
        against=against,
        no_widening=kinds_of(no_widening),
        timeout=timeout,
        solver=not no_solver,
        fail_on=fail_on,
        keep=keep_smt2,
    )


def told_options(
    report: ReportOption = None,
    baseline: BaselineOption = None,
    scenario: ScenarioOption = None,
    everything: AllOption = False,
    format: FormatOption = ReviewFormat.text,  # noqa: A002 -- the option's name
) -> Told:
    """The options that say how it is told."""
    return Told(
        format=format,
        reports=tuple(report or ()),
        baseline=baseline,
        scenario=scenario,
        everything=everything,
    )
