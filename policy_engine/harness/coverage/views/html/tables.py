"""The numbers: measures, who called what, and whose tokens were used."""

from collections.abc import Iterable, Iterator

from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.kinds import KINDS, Kind
from policy_engine.harness.coverage.matrix import Called
from policy_engine.harness.coverage.measures import Measure, told_measures
from policy_engine.harness.coverage.thresholds import Thresholds, shortfalls
from policy_engine.harness.coverage.tokens import TAKEN
from policy_engine.markup import Html, element

__all__ = ["matrix_of", "measures_in", "tokens_of"]

_ALL = 100.0


def measures_in(coverage: Coverage, thresholds: Thresholds) -> Html:
    """A card a measure."""
    short = {shortfall.name for shortfall in shortfalls(coverage, thresholds)}
    cards = [
        _measure(measure, name in short, thresholds.least.get(name))
        for name, measure in told_measures(coverage).items()
    ]
    return element("dl", *cards, class_="measures")


def _measure(measure: Measure, short: bool, least: float | None) -> Html:  # noqa: FBT001 -- private
    state = "never" if short or measure.percent == 0 else "full" if measure.percent >= _ALL else "partly"
    wanted = [] if least is None else [element("span", f"{least:g} % wanted", class_="wanted")]
    bar = element(
        "svg",
        element("rect", class_="track", width="100", height="6"),
        element("rect", class_="fill", width=f"{measure.percent:g}", height="6"),
        class_="bar",
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
    value = element("dd", element("strong", f"{measure.percent:g} %"), class_="percent")
    count = element("dd", f"{measure.covered} of {measure.total}", *wanted, class_="count")
    return element("div", element("dt", measure.says), value, bar, count, class_=f"measure {state}")


def matrix_of(coverage: Coverage) -> Iterator[Html]:
    """A table a server: tools and methods, by kind."""
    for server, rows in coverage.matrix.by_server.items():
        body = [
            element("tr", _named(row), *(_cell(row, kind) for kind in KINDS), class_=_asked(row))
            for row in rows
        ]
        yield _table(f"Asked of {server}", ["tool or method", *KINDS], body)


def _asked(row: Called) -> str:
    return "asked" if any(map(row.asked, KINDS)) else "unasked"


def _named(row: Called) -> Html:
    name = row.action.partition("/")[2] if row.tool else row.action
    tag = [] if row.tool else [" ", element("span", "method", class_="tag")]
    return element("th", element("code", name), *tag, scope="row")


def _cell(row: Called, kind: Kind) -> Html:
    if not row.asked(kind):
        return element("td", "never", class_="never")
    allowed, denied = row.allowed[kind], row.denied[kind]
    return element(
        "td",
        element("span", f"{allowed} allowed", class_="allowed" if allowed else "denied"),
        " ",
        element("span", f"{denied} denied", class_="denied"),
    )


def tokens_of(coverage: Coverage) -> Html:
    """Whose tokens were used, and what their bearers were taken for."""
    body = []
    for use in coverage.tokens.rows:
        said = [use.issuer] if use.issuer is not None else ["without a token"]
        profile = [" ", element("span", use.profile, class_="tag")] if use.profile else []
        cells = [
            element("td", str(use.taken[column]))
            if use.taken[column]
            else element("td", "never", class_="never")
            for column in TAKEN
        ]
        body.append(element("tr", element("th", *said, *profile, scope="row"), *cells))
    return _table("Tokens, by issuer", ["issuer and profile", *TAKEN], body)


def _table(caption: str, heads: Iterable[str], rows: Iterable[Html]) -> Html:
    head = element("thead", element("tr", *(element("th", each, scope="col") for each in heads)))
    table = element("table", element("caption", caption), head, element("tbody", *rows), class_="grid")
    return element("div", table, class_="scroll")
