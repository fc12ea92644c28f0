"""The matrix as CSV (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from policy_engine.review.access import Access, Applied
from policy_engine.review.report.words import visible

__all__ = ["access_csv"]

_HEADS: Final = (
    "who",
    "kind",
    "server",
    "what",
    "what kind",
    "action",
    "groups",
    "reach",
    "permits",
    "forbids",
    "depends on",
)

_FORMULA: Final = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that a spreadsheet computes: OWASP, "CSV injection"."""


def access_csv(access: Access) -> str:
    """A line for everybody and everything; no cell is one that a spreadsheet would compute."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_HEADS)
    for row, column, cell in access:
        conditions = dict.fromkeys(text for each in cell.permits for text in each.conditions)
        writer.writerow(
            map(
                _plain,
                (
                    row.id,
                    str(row.kind),
                    column.server,
                    column.name,
                    str(column.kind),
                    column.action,
                    " ".join(column.groups),
                    str(cell.reach),
                    _named(cell.permits),
                    _named(cell.forbids),
                    "; ".join(conditions),
                ),
            )
        )
    return text.getvalue()


def _named(policies: Sequence[Applied]) -> str:
    return ", ".join(each.policy for each in policies)


def _plain(text: str) -> str:
    shown = visible(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
