"""The whole page."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files

from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.thresholds import Thresholds, shortfalls
from policy_engine.harness.coverage.views.html.gap_list import gap_list
from policy_engine.harness.coverage.views.html.policies import policies_of
from policy_engine.harness.coverage.views.html.tables import matrix_of, measures_in, tokens_of
from policy_engine.markup import Html, element, joined

__all__ = ["coverage_page"]


def coverage_page(
    projects: Sequence[tuple[str, Coverage]], thresholds: Thresholds, *, shown: Callable[[str], str] = str
) -> str:
    """A page that needs nothing else: no script, no font, no picture; readable in print and in the dark.

    Args:
        projects: what was counted of each, by the name of its configuration.
        thresholds: what should be reached.
        shown: how the path of a file is written.
    """
    style = files("policy_engine.harness.coverage.views.html").joinpath("page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=allowed),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", "Policy coverage"),
        Html(f"<style>{style}</style>"),
    )
    sections = [
        part
        for number, (name, coverage) in enumerate(projects)
        for part in _project(name, coverage, thresholds, f"a{number}", shown)
    ]
    body = element(
        "body",
        element("a", "Skip to what wasn't exercised", class_="skip", href="#a0-gaps"),
        element("header", element("h1", "Policy coverage"), _verdict(projects, thresholds)),
        element("main", *sections),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _verdict(projects: Sequence[tuple[str, Coverage]], thresholds: Thresholds) -> Html:
    short = [shortfall for _, coverage in projects for shortfall in shortfalls(coverage, thresholds)]
    if not thresholds.least:
        return joined(())
    if not short:
        return element("p", "All that is wanted is exercised.", class_="verdict full", role="status")
    said = [element("li", str(each)) for each in short]
    return element(
        "div", element("p", "Too little is exercised:"), element("ul", *said), class_="verdict never"
    )


def _project(
    name: str, coverage: Coverage, thresholds: Thresholds, project: str, shown: Callable[[str], str]
) -> Iterator[Html]:
    cases = "1 case" if coverage.cases == 1 else f"{coverage.cases} cases"
    policies = "1 policy" if len(coverage.policies) == 1 else f"{len(coverage.policies)} policies"
    told = [f"{cases}, {policies}, SHA-256 of the set: ", element("code", coverage.world.digest[:16], "…")]
    yield element("h2", element("code", shown(name)))
    yield element("p", *told, class_="dim")
    yield measures_in(coverage, thresholds)
    yield _section("gaps", "Not exercised", project, gap_list(coverage, project, shown))
    yield _section("policies", "Policies", project, [_legend(), *policies_of(coverage, project, shown)])
    yield _section("calls", "Who asked for what", project, matrix_of(coverage))
    yield _section("tokens", "Whose tokens", project, [tokens_of(coverage), *_refused(coverage)])


def _section(what: str, title: str, project: str, content: Iterator[Html] | Sequence[Html]) -> Html:
    name = f"{project}-{what}"
    heading = element("h3", title, id=f"{name}-title")
    return element("section", heading, *content, id=name, aria_labelledby=f"{name}-title", class_=what)


def _legend() -> Html:
    return element(
        "p",
        element("mark", "came out both ways", class_="full"),
        " ",
        element("mark", "came out one way", class_="partly"),
        " ",
        element("mark", "never looked at", class_="never"),
        class_="legend",
    )


def _refused(coverage: Coverage) -> Iterator[Html]:
    if coverage.refused:
        told = ", ".join(f"{code} {number}" for code, number in sorted(coverage.refused.items()))
        yield element("p", f"Refused before policies were asked: {told}.", class_="dim")
