"""Verdicts: how many of each question, then what stands against the policies, then all others in lists."""

from collections.abc import Iterator, Sequence
from itertools import count, groupby
from typing import Final

from policy_engine.markup import Html, element, joined, spoken
from policy_engine.review.report.html.site import Site, icon
from policy_engine.review.report.html.witnesses import witness_of
from policy_engine.review.report.standing import STANDINGS, Standing, by_standing
from policy_engine.review.report.words import ANSWERS, OUTCOMES, counted, name_of, question_of, sentence
from policy_engine.review.verdict import Outcome, Verdict

__all__ = ["verdicts_of"]

_MOST_CARDS: Final = 40
"""As many get a card each; the others are in a list."""

Groups = Sequence[tuple[str, dict[Standing, list[Verdict]]]]
"""Questions, and their verdicts by what they are to the whole."""


def verdicts_of(site: Site) -> Iterator[Html]:
    """All of them; who reads from the top reads the worst first."""
    review = site.review
    if not review.verdicts:
        yield element("p", "Nothing was asked.", class_="empty")
        return
    groups = [
        (name, by_standing(review, group))
        for name, group in groupby(review.verdicts, key=lambda verdict: verdict.question)
    ]
    yield element("div", *(_tile(name, group) for name, group in groups), class_="tiles")
    numbers = count(1)
    left = _MOST_CARDS
    for standing in (Standing.violated, Standing.unknown):
        for name, group in groups:
            cards, rest = group[standing][:left], group[standing][left:]
            left -= len(cards)
            yield from (_card(site, standing, verdict, f"v{next(numbers)}") for verdict in cards)
            if rest:
                yield _list(site, standing, name, rest, numbers)
    for standing in (Standing.remark, Standing.waived, Standing.proved):
        for name, group in groups:
            if group[standing]:
                yield _list(site, standing, name, group[standing], numbers)


def _tile(question: str, group: dict[Standing, list[Verdict]]) -> Html:
    """A question, and how many answers of each kind it has."""
    total = sum(map(len, group.values()))
    parts, rows, at = [], [], 0.0
    for standing, verdicts in group.items():
        if verdicts:
            width = 100 * len(verdicts) / total
            parts.append(element("rect", class_=standing, x=f"{at:g}", width=f"{width:g}", height="6"))
            says = f"{len(verdicts):,} {STANDINGS[standing]}"
            rows.append(element("li", icon(standing), says, class_=standing))
            at += width
    bar = element(
        "svg", *parts, class_="bar", viewBox="0 0 100 6", preserveAspectRatio="none", aria_hidden="true"
    )
    heading, says = element("h3", name_of(question)), element("p", question_of(question))
    return element("div", heading, says, bar, element("ul", *rows), class_="tile")


def _card(site: Site, standing: Standing, verdict: Verdict, name: str) -> Html:
    tags = [
        element("span", icon(standing), OUTCOMES[verdict.outcome], class_=f"badge {standing}"),
        element("span", name_of(verdict.question), class_="tag"),
        element("span", str(verdict.severity), class_="tag"),
    ]
    body = [element("h3", spoken(sentence(verdict.statement)), id=f"{name}-title"), *_about(site, verdict)]
    body += _witnesses(site, verdict, name)
    return element(
        "article",
        element("div", *tags, class_="tags"),
        *body,
        class_=f"verdict {standing}",
        id=name,
        aria_labelledby=f"{name}-title",
    )


def _witnesses(site: Site, verdict: Verdict, name: str) -> list[Html]:
    breaks = verdict.outcome is Outcome.violated
    return [
        witness_of(site, witness, f"{name}-w{number}", breaks=breaks)
        for number, witness in enumerate(verdict.witnesses)
    ]


def _about(site: Site, verdict: Verdict) -> Iterator[Html]:
    if verdict.policies:
        yield element("p", "Policies: ", site.named(verdict.policies), class_="about")
    if verdict.reason is not None:
        reason = element("strong", str(verdict.reason.reason))
        yield element("p", "Because: ", reason, " ", spoken(verdict.reason.detail), class_="about")


def _list(
    site: Site, standing: Standing, question: str, verdicts: Sequence[Verdict], numbers: Iterator[int]
) -> Html:
    rows = [_row(site, verdict, f"v{next(numbers)}") for verdict in verdicts]
    heads = [element("th", each, scope="col") for each in ("about", "says", "policies", "looked at")]
    word = STANDINGS[standing]
    table = element(
        "table",
        element("caption", f"{question}: {word}", class_="hidden"),
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
        class_="list",
    )
    number = element("strong", f"{len(verdicts):,} {word}", class_=standing)
    says = joined([icon(standing), number, " ", name_of(question)])
    table = element("div", table, class_="scroll")
    return element(
        "details",
        element("summary", says),
        table,
        class_="verdict-list",
        open="" if question in ANSWERS else None,
    )


def _row(site: Site, verdict: Verdict, name: str) -> Html:
    how = "by the solver" if verdict.solved else "without the solver"
    notes = []
    if verdict.vacuous:
        notes.append(element("small", "There is nothing yet that it is about."))
    if verdict.waived is not None:
        notes.append(element("small", "Waived by ", element("code", verdict.waived)))
    if verdict.reason is not None:
        notes.append(element("small", f"{verdict.reason.reason}: {verdict.reason.detail}"))
    witnesses = _witnesses(site, verdict, name)
    if witnesses:
        folded = element("summary", counted(len(witnesses), "request"))
        notes.append(element("details", folded, *witnesses))
    looked = counted(verdict.environments, "kind")
    return element(
        "tr",
        element("th", verdict.subject, scope="row"),
        element("td", spoken(sentence(verdict.statement)), *notes),
        element("td", site.named(verdict.policies)),
        element("td", f"{looked} of request, {how}", class_="dim"),
        id=name,
    )
