"""Fixes → files: each file with all of its edits, parsed again before it takes the place of the old one."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from policy_engine.cedar import parse_policies
from policy_engine.errors import ConfigError
from policy_engine.files import Edit, read_text, replace_file
from policy_engine.review.checks.finding import CheckFinding, TextEdit

__all__ = ["apply_fixes", "fixed_files"]

_MARK = "\ufeff"
"""What some editors begin a file with; it isn't counted among its characters."""


def fixed_files(findings: Iterable[CheckFinding]) -> tuple[tuple[CheckFinding, ...], Mapping[Path, Edit]]:
    """The findings that can be mended together, and the texts of their files before and after.

    Of two fixes that touch the same text the first is taken; what is left is found again by the next review.
    What somebody answered for stays as it is.

    Raises:
        ConfigError: a file can't be read, or has changed since it was reviewed.
    """
    taken: dict[str, list[TextEdit]] = {}
    mended: list[CheckFinding] = []
    for finding in findings:
        if finding.fix is None or finding.suppressed is not None:
            continue
        edits = finding.fix.edits
        others = [other for edit in edits for other in taken.get(edit.file, ())]
        if any(_touch(edit, other) for edit in edits for other in others):
            continue
        for edit in edits:
            taken.setdefault(edit.file, []).append(edit)
        mended.append(finding)
    return tuple(mended), {Path(file): _edited(Path(file), edits) for file, edits in taken.items()}


def apply_fixes(findings: Iterable[CheckFinding]) -> tuple[CheckFinding, ...]:
    """Mend what can be mended, and return what it was.

    Every file is checked before the first is written; each is replaced at once, with its mode and its owner.

    Raises:
        ConfigError: a file can't be read or written, has changed, or what it would become can't be parsed.
    """
    mended, files = fixed_files(findings)
    for write in (False, True):
        for file, edit in files.items():
            replace_file(file, edit, check=_parsed, write=write)
    return mended


def _touch(one: TextEdit, other: TextEdit) -> bool:
    return one.file == other.file and one.start <= other.end and other.start <= one.end


def _edited(file: Path, edits: Iterable[TextEdit]) -> Edit:
    before = after = read_text(file)
    shift = len(_MARK) if before.startswith(_MARK) else 0
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        start, end = edit.start + shift, edit.end + shift
        if after[start:end] != edit.before:
            raise ConfigError("the file was changed meanwhile", remedy="review it again", file=file)
        after = after[:start] + edit.after + after[end:]
    return Edit(before=before, after=after)


def _parsed(file: Path) -> None:
    parse_policies(read_text(file).removeprefix(_MARK), str(file))
