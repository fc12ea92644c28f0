"""The numbers of coverage on a terminal, with those that are too low."""

from collections.abc import Iterator
from typing import Final, Literal

from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.measures import told_measures
from policy_engine.harness.coverage.thresholds import Thresholds, shortfalls

__all__ = ["Line", "Style", "coverage_summary"]

Style = Literal["yes", "no", "partly", "heading", ""]
Line = tuple[str, Style]

_ALL: Final = 100.0
_BAR: Final = 20


def coverage_summary(coverage: Coverage, thresholds: Thresholds) -> Iterator[Line]:
    """A line a measure of which there is something to measure; then each policy that lacks too much."""
    short = {shortfall.name: shortfall for shortfall in shortfalls(coverage, thresholds)}
    measures = told_measures(coverage)
    says = max(len(each.says) for each in measures.values())
    digits = max(len(str(each.total)) for each in measures.values())
    for name, measure in measures.items():
        least = thresholds.least.get(name)
        wanted = "" if least is None else f"  (at least {least:g} % wanted)"
        style: Style = "no" if name in short else "yes" if measure.percent >= _ALL else "partly"
        number = f"{measure.covered:>{digits}} of {measure.total:>{digits}}"
        share = f"{_bar(measure.percent)} {measure.percent:5.1f} %"
        yield f"{measure.says:<{says}}  {share}  {number}{wanted}", style
    for shortfall in short.values():
        yield f"{shortfall}:", "no"
        for sentence in shortfall.lacking:
            yield f"  {sentence}", "no"


def _bar(percent: float) -> str:
    full = int(percent * _BAR // _ALL)
    return f"{'█' * full}{'░' * (_BAR - full)}"
