"""What is otherwise than in an earlier report: verdicts, findings and cells."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from policy_engine.errors import ConfigError
from policy_engine.review.report.record import FORMAT, VERSION

__all__ = ["Change", "Comparison", "Record", "compare", "read_baseline"]

Record = Mapping[str, Any]
"""What `record` makes of a review."""

How = Literal["new", "gone", "changed"]

_BADNESS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "violated": 3,
        "unknown": 2,
        "remark": 1,
        "waived": 1,
        "found": 1,
        "always": 2,
        "may": 1,
    }
)
"""How much there is to look at; nothing in whatever isn't listed, or isn't there."""

_RANKS: Final[Mapping[bool | None, int]] = MappingProxyType({True: 0, None: 1, False: 2})
_MAKE_ONE: Final = "write one with `policy-engine review --format json`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        how: what became of it.
        subject: what it is about; two names for a cell: who, and what.
        before: what it was; empty if new.
        after: what it is; empty if gone.
        worse: whether a reviewer should look at it first; None where it is neither worse nor better.
        note: one sentence, if there is more to say.
    """

    how: How
    subject: tuple[str, ...]
    before: str = ""
    after: str = ""
    worse: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that is otherwise.

    Attributes:
        before: SHA-256 of the policies of the earlier report.
        after: that of these.
        verdicts: by question and subject.
        findings: by code, policy and message.
        cells: by who and what.
    """

    before: str
    after: str
    verdicts: tuple[Change, ...]
    findings: tuple[Change, ...]
    cells: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether nothing is."""
        return not (self.verdicts or self.findings or self.cells)


def read_baseline(file: Path) -> Record:
    """The JSON of an earlier review.

    Raises:
        ConfigError: it can't be read, or isn't one.
    """
    try:
        data = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"can't be read: {error.strerror}", remedy=_MAKE_ONE, file=file) from None
    except (ValueError, RecursionError):
        raise ConfigError("isn't JSON", remedy=_MAKE_ONE, file=file) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("version") != VERSION:
        raise ConfigError("isn't the JSON of a review", remedy=_MAKE_ONE, file=file)
    try:
        compare(data, data)
    except (LookupError, TypeError, AttributeError, ValueError):
        raise ConfigError("isn't the JSON of a whole review", remedy=_MAKE_ONE, file=file) from None
    return MappingProxyType(data)


def compare(before: Record, after: Record) -> Comparison:
    """Tell what is otherwise in one review than in another, the worse first.

    Args:
        before: the record of the earlier one.
        after: that of the later one.
    """
    verdicts = _changes(_verdicts(before), _verdicts(after))
    findings = _changes(_findings(before), _findings(after))
    # Where one has no matrix, nothing is known of what became of its cells.
    known = before["access"] is not None and after["access"] is not None
    cells = _changes(_cells(before), _cells(after)) if known else ()
    return Comparison(
        before=str(before["digests"].get("policies", "")),
        after=str(after["digests"].get("policies", "")),
        verdicts=_sorted(verdicts),
        findings=_sorted(findings),
        # What was never possible, and now is spoken of, is no news; nor is the other way round.
        cells=_sorted(change for change in cells if {change.before, change.after} - {"", "never"}),
    )


Said = Mapping[tuple[str, ...], tuple[str, str]]
"""By subject: a word, and a sentence."""


def _verdicts(record: Record) -> Said:
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for verdict in record["verdicts"]:
        key: tuple[str, ...] = (str(verdict["question"]), str(verdict["subject"]))
        while key in found:
            key = (*key, "again")
        found[key] = str(verdict["standing"]), str(verdict["statement"])
    return found


def _findings(record: Record) -> Said:
    return {
        (str(each["code"]), str(each["policy"] or each["file"] or ""), str(each["message"])): (
            "found" if each["suppressed"] is None else "suppressed",
            str(each["remedy"]),
        )
        for each in record["findings"]
    }


def _cells(record: Record) -> Said:
    access = record["access"]
    reaches = [str(cell["reach"]) for cell in access["cells"]]
    columns = [str(column["id"]) for column in access["columns"]]
    return {
        (str(row["id"]), column): (reaches[number], "")
        for row, numbers in zip(access["rows"], access["grid"], strict=True)
        for column, number in zip(columns, numbers, strict=True)
    }


def _changes(before: Said, after: Said) -> Iterator[Change]:
    for key in {**before, **after}:
        old, new = before.get(key, ("", "")), after.get(key, ("", ""))
        if old[0] != new[0]:
            how: How = "new" if key not in before else "gone" if key not in after else "changed"
            yield Change(
                how=how,
                subject=key,
                before=old[0],
                after=new[0],
                worse=_worse(old[0], new[0]),
                note=new[1] or old[1],
            )


def _worse(before: str, after: str) -> bool | None:
    old, new = _BADNESS.get(before, 0), _BADNESS.get(after, 0)
    return None if old == new else new > old


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: (_RANKS[change.worse], change.subject)))
