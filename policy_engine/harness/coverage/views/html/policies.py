"""The policies of a project: what each did, its text, and notes on each clause."""

from collections.abc import Callable, Iterator
from itertools import groupby

from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.kinds import KINDS, SAID, Counts, Kind
from policy_engine.harness.coverage.places import ClausePlace, Outcome, Place, PolicyPlace
from policy_engine.harness.coverage.views.html.code import code_of
from policy_engine.harness.coverage.views.html.words import STATES, counted
from policy_engine.markup import Html, element

__all__ = ["named_places", "policies_of"]

_OUTCOMES: tuple[tuple[Outcome, str], ...] = (
    ("true", "true"),
    ("false", "false"),
    ("erred", "erred"),
    ("unreached", "not reached"),
)


def named_places(coverage: Coverage, project: str) -> Iterator[tuple[str, PolicyPlace]]:
    """The policies, each with what it is called on the page."""
    for number, place in enumerate(coverage.policies.values()):
        yield f"{project}-p{number}", place


def policies_of(coverage: Coverage, project: str, shown: Callable[[str], str]) -> Iterator[Html]:
    """The policies by their files."""
    for file, group in groupby(named_places(coverage, project), lambda named: named[1].policy.written.file):
        yield element("h4", element("code", shown(file) if file else "policies given as text"), class_="file")
        for name, place in group:
            yield _policy(place, name)


def _policy(place: PolicyPlace, name: str) -> Html:
    chips = [_chip(place, kind) for kind in KINDS]
    mode = [element("span", "shadow", class_="tag")] if place.policy.shadow else []
    heading = element(
        "summary",
        element("span", place.policy.effect, class_=f"effect {place.policy.effect}"),
        " ",
        element("h5", place.id),
        " ",
        *mode,
        element("span", STATES[place.state], class_=f"badge {place.state}"),
        element("span", *chips, class_="chips"),
    )
    notes = [_notes(place, name)] if place.clauses else []
    body = element("div", code_of(place, name), *notes, class_="body")
    return element(
        "details",
        heading,
        body,
        class_="card",
        id=name,
        open="",
        data_policy=place.id,
        data_state=place.state,
    )


def _chip(place: PolicyPlace, kind: Kind) -> Html:
    number = place.exercised[kind]
    if number == 0 and kind not in place.kinds:
        return element("span", f"{kind} -", class_="chip unable", title=f"can't apply to {SAID[kind]}")
    state = "full" if number else "never"
    return element("span", f"{kind} {number}", class_=f"chip {state}", title=f"decided for {SAID[kind]}")


def _notes(place: PolicyPlace, name: str) -> Html:
    heads = [element("th", says, scope="col") for _, says in _OUTCOMES]
    rows = [row for number, clause in enumerate(place.clauses) for row in _rows(clause, f"{name}-{number}")]
    table = element(
        "table",
        element("caption", f"What the clauses of {place.id} came to", class_="hidden"),
        element("thead", element("tr", element("th", "part", scope="col"), *heads)),
        element("tbody", *rows),
        class_="notes",
    )
    return element("div", table, class_="aside")


def _rows(clause: ClausePlace, note: str) -> Iterator[Html]:
    yield _row(clause, clause.word, clause.whole.line, note, "clause")
    for at, part in enumerate(clause.parts):
        yield _row(part, part.text, part.span.line, f"{note}-{at}", "part")


def _row(place: Place, said: str, number: int, note: str, class_: str) -> Html:
    cells = [_cell(place, outcome) for outcome, _ in _OUTCOMES]
    link = element("a", element("code", " ".join(said.split())), href=f"#{note}-text")
    line = element("span", f"line {number}", class_="where")
    head = element("th", link, " ", line, scope="row")
    return element("tr", head, *cells, id=note, class_=f"{class_} {place.state}")


def _cell(place: Place, outcome: Outcome) -> Html:
    counts: Counts = place.seen[outcome]
    if outcome in place.missing:
        return element("td", "never", class_="missing")
    if not counts:
        impossible = outcome in ("true", "false")
        return element("td", "can't be" if impossible else "", class_="nothing")
    return element(
        "td", element("span", str(counts.total()), class_="total"), " ", element("small", counted(counts))
    )
