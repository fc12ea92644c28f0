"""All benchmarks, one after another: `make bench`. What was found is kept for `page.py`, with a chart."""

import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.chart import chart
from tests.benchmarks.running import CHART, RESULTS
from tests.benchmarks.table import from_lines, missed, printed
from tests.benchmarks.world import SIZES

HERE = Path(__file__).parent
PARTS = (
    *(f"decisions.py {size}" for size in SIZES),
    "tokens.py",
    "many.py",
    "lists.py",
    "loading.py",
    "reloading.py",
    "scaling.py",
    "issuing.py",
    "shares.py",
    "harness.py",
    "reviewing.py",
    "gateway.py",
)


def main() -> None:
    """Run each part, and say which targets are missed."""
    started = time.monotonic()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.unlink(missing_ok=True)
    print(
        "medians of processor time; each ratio is the median of ratios within one round of the same run",
        flush=True,
    )
    for part in PARTS:
        subprocess.run([sys.executable, *_command(part), "--rows", str(RESULTS)], check=True)
    rows = from_lines(RESULTS.read_text())
    CHART.write_text(chart(rows))
    targets, failed = [row for row in rows if row.reached is not None], missed(rows)
    minutes = (time.monotonic() - started) / 60
    print(f"\n{len(targets) - len(failed)} of {len(targets)} targets are reached; {minutes:.1f} minutes")
    print("\n".join(printed(failed)))
    print(f"the chart is {CHART.relative_to(Path.cwd()) if CHART.is_relative_to(Path.cwd()) else CHART}")


def _command(part: str) -> list[str]:
    program, *numbers = part.split()
    return [str(HERE / program), *numbers]


if __name__ == "__main__":
    main()
