"""The text of a policy, with marks on its head, its clauses and their conditions."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy_engine.cedar import Span
from policy_engine.harness.coverage.gaps import gaps_of
from policy_engine.harness.coverage.places import Place, PolicyPlace, State
from policy_engine.harness.coverage.views.html.words import counted, state_of_head
from policy_engine.markup import Html, element, joined, text_of

__all__ = ["code_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What is said of a stretch of the text."""

    span: Span
    what: str
    state: State
    says: str
    note: str | None = None


def code_of(place: PolicyPlace, name: str) -> Html:
    """The text of a policy, a numbered line each.

    Args:
        place: the policy.
        name: of the policy on the page; what is said of its places stands at `<name>-<place>`.
    """
    text, first = place.policy.written.text, place.policy.written.line
    marks = sorted(_marks(place, name), key=lambda mark: (mark.span.start, -mark.span.end))
    lines: list[Html] = []
    start = 0
    for number, line in enumerate(text.split("\n"), first):
        end = start + len(line)
        shown = _stretch(text, start, end, marks)
        gutter = element("span", class_="no", aria_hidden="true", data_no=str(number))
        lines.append(element("span", gutter, shown, "\n", class_="line"))
        start = end + 1
    return element(
        "pre", element("code", *lines), class_="policy", tabindex="0", aria_label=f"text of {place.id}"
    )


def _marks(place: PolicyPlace, name: str) -> Iterator[_Mark]:
    undecided = next((gap.says for gap in gaps_of(place) if gap.subject == "policy"), None)
    admitted = f"admitted: {counted(place.evaluated)}; decided: {counted(place.exercised)}"
    says = admitted if undecided is None else f"{undecided}"
    yield _Mark(span=place.head, what="head", state=state_of_head(place), says=says)
    for number, clause in enumerate(place.clauses):
        note = f"{name}-{number}"
        yield _Mark(span=clause.whole, what=clause.word, state=clause.state, says=_said(clause), note=note)
        for at, part in enumerate(clause.parts):
            yield _Mark(
                span=part.span, what="condition", state=part.state, says=_said(part), note=f"{note}-{at}"
            )


def _said(place: Place) -> str:
    """For instance: `true: User 3; never false`."""
    if not place.possible:
        return "can't come out either way"
    if place.state == "never":
        return "never looked at"
    told = [f"{outcome}: {counted(counts)}" for outcome, counts in place.seen.items() if counts]
    return "; ".join([*told, *(f"never {outcome}" for outcome in place.missing)])


def _stretch(text: str, start: int, end: int, marks: list[_Mark]) -> Html:
    """A part of a line; marks that begin before it or end after it are cut to it."""
    parts: list[str] = []
    at, rest = start, list(marks)
    while rest:
        mark, *rest = rest
        left, right = max(mark.span.start, at), min(mark.span.end, end)
        if left >= right:
            continue
        if left == start and mark.span.start < start:
            # Not the white space before what goes on from the line above.
            left += len(text[left:right]) - len(text[left:right].lstrip())
        within = [other for other in rest if other.span.start < mark.span.end]
        rest = rest[len(within) :]
        if left < right:
            parts += [text_of(text[at:left]), _marked(mark, _stretch(text, left, right, within), left)]
            at = right
    return joined([*parts, text_of(text[at:end])])


def _marked(mark: _Mark, content: Html, left: int) -> Html:
    first = left == mark.span.start
    return element(
        "mark",
        content,
        class_=mark.state,
        data_place=mark.what,
        data_says=f"{mark.what} · {mark.says}",
        aria_describedby=mark.note,
        id=None if mark.note is None or not first else f"{mark.note}-text",
        tabindex="0" if first and mark.state != "full" else None,
    )
