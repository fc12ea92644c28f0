"""What is to be tested, and how it is told: the options, as they were given."""

from dataclasses import dataclass
from pathlib import Path

from policy_engine.cli.test.coverage import CoverageOptions
from policy_engine.cli.test.mutation import MutationOptions
from policy_engine.cli.test.options import (
    ConfigOption,
    FailFastOption,
    FilterOption,
    FormatOption,
    ListOption,
    OutputOption,
    PathsArgument,
    TestFormat,
    UpdateOption,
    WordsOption,
    YesOption,
)

__all__ = ["Wanted", "wanted_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted.

    Attributes:
        paths: scenario files, and folders that hold some.
        config: whose they are; None for the nearest above each.
        filters: which cases are meant, by what they are about.
        words: and by their ids.
        fail_fast: whether the first failure is the last.
        listing: whether cases are only listed.
        update: whether what came of them is written as expected.
        unasked: and nobody is asked about each.
        format: how it is told.
        output: the file in which that is written.
        twins: whether each case is asked again as somebody of the other kind.
        mutation: how policies are mutated, if they are.
        coverage: how it is told what was exercised, if it is.
    """

    paths: tuple[Path, ...]
    config: Path | None
    filters: tuple[str, ...]
    words: str
    fail_fast: bool
    listing: bool
    update: bool
    unasked: bool
    format: TestFormat
    output: Path | None
    twins: bool = False
    mutation: MutationOptions | None = None
    coverage: CoverageOptions | None = None


def wanted_options(
    paths: PathsArgument = None,
    filters: FilterOption = None,
    words: WordsOption = "",
    fail_fast: FailFastOption = False,
    listing: ListOption = False,
    updating: UpdateOption = False,
    unasked: YesOption = False,
    format: FormatOption = TestFormat.text,  # noqa: A002 -- the option's name
    output: OutputOption = None,
    config: ConfigOption = None,
) -> Wanted:
    """The options that say which cases are decided, and how it is told."""
    return Wanted(
        paths=tuple(paths or ()),
        config=config,
        filters=tuple(filters or ()),
        words=words,
        fail_fast=fail_fast,
        listing=listing,
        update=updating,
        unasked=unasked,
        format=format,
        output=output,
    )
