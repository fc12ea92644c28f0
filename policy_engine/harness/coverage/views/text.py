"""Coverage on a terminal: lines of policies with carets under what no case exercised, then the numbers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from policy_engine.evaluator import Remark, quoted
from policy_engine.harness.coverage.gaps import Gap, gaps_of
from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.kinds import KINDS, Counts, Kind
from policy_engine.harness.coverage.matrix import Called
from policy_engine.harness.coverage.places import ClausePlace, PolicyPlace, State
from policy_engine.harness.coverage.thresholds import Thresholds
from policy_engine.harness.coverage.tokens import TAKEN
from policy_engine.harness.coverage.views.summary import Line, Style, coverage_summary

__all__ = ["coverage_lines"]

_NOT_ABLE = "-"
"""Where a policy can't apply to a kind."""

_STATES: Mapping[State, Style] = MappingProxyType({"full": "yes", "partly": "partly", "never": "no"})


def coverage_lines(
    coverage: Coverage,
    thresholds: Thresholds,
    *,
    everything: bool = False,
    shown: Callable[[str], str] = str,
) -> Iterator[Line]:
    """What no case exercised, marked in the text of the policies, and how much that is of all.

    Args:
        coverage: what was counted.
        thresholds: what should be reached.
        everything: tell of what was exercised, too.
        shown: how the path of a file is written.
    """
    for place in coverage.policies.values():
        gaps = gaps_of(place)
        if gaps or everything:
            yield from _policy(place, gaps, shown, everything=everything)
    if everything:
        yield from _matrix(coverage.matrix.rows)
        yield from _tokens(coverage)
    yield from coverage_summary(coverage, thresholds)


def _policy(
    place: PolicyPlace, gaps: tuple[Gap, ...], shown: Callable[[str], str], *, everything: bool
) -> Iterator[Line]:
    written = place.policy.written
    where = f"{shown(written.file)}:{written.line}:{written.column}: " if written.file else ""
    mode = " (shadow)" if place.policy.shadow else ""
    did = "applied" if place.policy.shadow else "decided"
    told = _by_kind(place.exercised, place.kinds)
    yield f"{where}{written.effect} `{place.id}`{mode} {did}: {told}", _STATES[place.state]
    remarks = [Remark(gap.says, gap.span) for gap in gaps]
    if everything:
        remarks += [Remark(_seen(clause), clause.whole) for clause in place.clauses if not clause.missing]
    for line, is_remark in quoted(written.text, remarks):
        yield f"  {line}", "partly" if is_remark else ""
    yield "", ""


def _seen(clause: ClausePlace) -> str:
    told = [f"{outcome} {counts.total()}" for outcome, counts in clause.seen.items() if counts]
    return ", ".join(told) or "nothing to see"


def _by_kind(counts: Counts, able: Iterable[Kind]) -> str:
    return ", ".join(f"{kind} {counts[kind] if kind in able else _NOT_ABLE}" for kind in KINDS)


def _matrix(rows: tuple[Called, ...]) -> Iterator[Line]:
    if not rows:
        return
    width = max(len(_name(row)) for row in rows)
    yield f"{'allowed/denied':<{width}}{''.join(f'{kind:>12}' for kind in KINDS)}", "heading"
    for row in rows:
        cells = "".join(f"{_cell(row, kind):>12}" for kind in KINDS)
        yield f"{_name(row):<{width}}{cells}", "" if any(map(row.asked, KINDS)) else "partly"
    yield "", ""


def _tokens(coverage: Coverage) -> Iterator[Line]:
    rows = coverage.tokens.rows
    names = [
        "without a token" if use.issuer is None else f"{use.issuer} ({use.profile or 'unknown'})"
        for use in rows
    ]
    width = max(map(len, ["tokens taken for", *names]))
    yield f"{'tokens taken for':<{width}}{''.join(f'{name:>12}' for name in TAKEN)}", "heading"
    for name, use in zip(names, rows, strict=True):
        cells = "".join(f"{use.taken[column] or '.':>12}" for column in TAKEN)
        yield f"{name:<{width}}{cells}", "" if use.taken else "partly"
    yield "", ""


def _name(row: Called) -> str:
    return row.action if row.tool else f"{row.server}: {row.action}"


def _cell(row: Called, kind: Kind) -> str:
    return f"{row.allowed[kind]}/{row.denied[kind]}" if row.asked(kind) else "."
