"""The whole page."""

from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Final

from policy_engine.markup import (
    Html,
    data_block,
    element,
    inline,
    joined,
    source_hash,
)
from policy_engine.review.report.comparing import Comparison
from policy_engine.review.report.html.graph import graph_of
from policy_engine.review.report.html.matrix import matrix_of
from policy_engine.review.report.html.policies import policies_of
from policy_engine.review.report.html.site import Site, icon, section
from policy_engine.review.report.html.tables import basis_of, changes_of, delegation_of, findings_of
from policy_engine.review.report.html.verdicts import verdicts_of
from policy_engine.review.report.places import Places
from policy_engine.review.report.record import record
from policy_engine.review.report.standing import Standing, summary
from policy_engine.review.report.words import counted
from policy_engine.review.review import Review

__all__ = ["html"]

_HEADLINES: Final = {
    Standing.proved: (
        "Proved",
        "What was asked holds of all requests, and not only of those that were tested.",
    ),
    Standing.unknown: (
        "Not proved",
        "Nothing was found that breaks what was asked, but some of it couldn't be decided.",
    ),
    Standing.violated: (
        "Violated",
        "There are requests that break what was asked, and the engine was seen to decide them so.",
    ),
}

_SHAPES: Final = {
    Standing.proved: ("M12 1.5a10.5 10.5 0 1 0 0 21 10.5 10.5 0 0 0 0-21z", "M7 12.5l3.4 3.4L17.2 8.6"),
    Standing.unknown: (
        "M12 1.6q.9 0 1.4.8l10 17.4q.9 1.8-1.4 2.4H2Q-.3 21.6.6 19.8l10-17.4q.5-.8 1.4-.8z",
        "M12 8.6v6M12 18.4v.1",
    ),
    Standing.violated: ("M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z", "M8 8l8 8M16 8l-8 8"),
    Standing.remark: ("M12 5.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z", ""),
    Standing.waived: ("M4 10h16v4H4z", ""),
}


def html(review: Review, *, comparison: Comparison | None = None, shown: Callable[[str], str] = str) -> str:
    """One page that needs nothing else: style and script are in it, and it asks nobody for anything.

    Args:
        review: the review.
        comparison: with an earlier one.
        shown: how the path of a file is written.
    """
    site = Site.of(review, comparison, Places.of(review, shown))
    folder = files("policy_engine.review.report.html")
    style, script = (folder.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    sections = _sections(site)
    body = element(
        "body",
        element("a", "Skip to the verdicts", class_="skip", href="#verdicts"),
        _shapes(),
        _header(site),
        element(
            "div", _contents(sections), element("main", *(part for _, _, part in sections)), class_="page"
        ),
        element("div", id="said", class_="hidden", role="status", aria_live="polite"),
        data_block("review", record(review, shown=shown)),
        inline("script", script),
    )
    return f"<!DOCTYPE html>\n{element('html', _head(style, script), body, lang='en')}\n"


def _head(style: str, script: str) -> Html:
    allowed = (
        f"default-src 'none'; style-src {source_hash(style)}; script-src {source_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=allowed),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", "Policy review"),
        inline("style", style),
    )


def _shapes() -> Html:
    symbols = [
        element(
            "symbol",
            element("path", d=outline, class_="outline"),
            element("path", d=sign, class_="sign"),
            id=f"i-{standing}",
            viewBox="0 0 24 24",
        )
        for standing, (outline, sign) in _SHAPES.items()
    ]
    return element("svg", *symbols, class_="hidden", aria_hidden="true")


def _header(site: Site) -> Html:
    review = site.review
    outcome = Standing(review.outcome)
    word, sentence = _HEADLINES[outcome]
    digest = review.digests.get("policies", "")
    access = site.access
    sizes = [] if access is None else [counted(len(access.policies), "policy", "policies")]
    if access is not None:
        sizes.append(counted(len({column.server for column in access.columns}), "server"))
    told: list[str] = [f"{part} · " for part in sizes]
    return element(
        "header",
        element("h1", "Policy review"),
        element("p", *told, "policy set ", element("code", digest[:16], "…"), class_="dim"),
        element(
            "div",
            icon(outcome),
            element(
                "div",
                element("p", element("strong", word), " ", element("span", summary(review))),
                element("p", sentence),
            ),
            class_=f"banner {outcome}",
            role="status",
            data_outcome=str(outcome),
        ),
    )


Part = tuple[str, str, Html]
"""Its name, its title, and itself."""


def _sections(site: Site) -> list[Part]:
    parts: list[tuple[str, str, str, Iterable[Html]]] = [
        ("verdicts", "Verdicts", "", verdicts_of(site)),
        ("changes", "Since the earlier report", "", changes_of(site)),
        (
            "access",
            "Who can do what",
            "For all requests, whatever is in them: always and never are proofs, may is everything else.",
            matrix_of(site),
        ),
        (
            "delegation",
            "What agents reach for people",
            "Who acts for a person is let in only by policies that say so.",
            delegation_of(site),
        ),
        ("findings", "Findings of the checks", "", findings_of(site)),
        ("graph", "Policy graph", "", (graph_of(site),)),
        ("policies", "Policies", "As they are written.", policies_of(site)),
        (
            "basis",
            "What it rests on",
            "Proved means: true of all requests, as long as all of this is.",
            basis_of(site),
        ),
    ]
    without = {"changes"} if site.comparison is None else set()
    if site.access is None:
        without |= {"access", "delegation", "graph", "policies"}
    return [
        (name, title, section(name, title, *content, lead=lead))
        for name, title, lead, content in parts
        if name not in without
    ]


def _contents(sections: Iterable[Part]) -> Html:
    links = [element("li", element("a", title, href=f"#{name}")) for name, title, _ in sections]
    return joined([element("nav", element("ul", *links), aria_label="Contents")])
