"""Write what `make bench` found into docs/explanation/performance.md, and the chart beside it.

The figures are kept in `measured.jsonl`, so that a test can say whether page and chart are those of one run.
"""

import re
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from tests.benchmarks.chart import chart
from tests.benchmarks.running import RESULTS
from tests.benchmarks.table import HEADINGS, Row, cells, from_lines, to_line

__all__ = ["CHART", "MEASURED", "PAGE", "filled"]

DOCS = Path(__file__).parents[2] / "docs" / "explanation"
PAGE, CHART = DOCS / "performance.md", DOCS / "performance.svg"
MEASURED = Path(__file__).with_name("measured.jsonl")

_PLACE = re.compile(r"(<!-- measured: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, rows: Sequence[Row]) -> str:
    """The page with a table at each place that is marked for a part."""
    by_part = {part: [*of_part] for part, of_part in groupby(sorted(rows, key=_part), key=_part)}

    def table(place: re.Match[str]) -> str:
        return f"{place[1]}{_table(by_part.get(place[2], []))}{place[3]}"

    return _PLACE.sub(table, page)


def _part(row: Row) -> str:
    return row.part


def _table(rows: Sequence[Row]) -> str:
    """Without columns in which nothing stands."""
    lines = [HEADINGS, *map(cells, rows)]
    used = [column for column in range(len(HEADINGS)) if any(line[column] for line in lines[1:])]
    texts = [f"| {' | '.join(line[column] for column in used)} |" for line in lines]
    return "\n".join([texts[0], f"|{'---|' * len(used)}", *texts[1:]]) + "\n"


def main() -> None:
    """Take over what was found last, or only write the page anew if nothing was."""
    if RESULTS.exists():
        # What was measured again counts: `make bench-memory` adds to what `make bench` found.
        found = {(row.part, row.policies, row.what, row.peer): row for row in from_lines(RESULTS.read_text())}
        MEASURED.write_text("".join(map(to_line, found.values())))
    rows = from_lines(MEASURED.read_text())
    PAGE.write_text(filled(PAGE.read_text(), rows))
    CHART.write_text(chart(rows))
    sys.stdout.write(f"{len(rows)} figures\n")


if __name__ == "__main__":
    main()
