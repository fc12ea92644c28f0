"""The page, in a real browser: exactly what is and isn't exercised is marked so, for every reader."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from policy_engine.harness.coverage import Coverage, Thresholds, coverage_page
from policy_engine.model import Client, User
from tests.plugins.browser import Browser, Page
from tests.plugins.contrasts import contrasts

BOT = Client(issuer="machines", client_id="bot")
ANN = User(issuer="corp", subject="ann", groups=frozenset({"staff"}))

STAGING, PRODUCTION = {"env": "staging"}, {"env": "prod"}

Cover = Callable[..., Coverage]

POLICIES = """\
// Above all policies.
@id("both-deploy") @kinds("both") // <b>
permit (principal, action == Action::"delivery/deploy", resource)
when {
  context.arguments.env == "staging" &&
  !(context.arguments has note)
}
unless { context.arguments has note && context.arguments.note like "<script>*" };
@id("never-in-prod")
forbid (principal is Client, action == Action::"delivery/deploy", resource)
when { context.arguments.env == "prod" };
@id("staff-restart")
permit (principal is User, action == Action::"delivery/restart", resource)
when { context.arguments.env == "staging" };
"""

MARKS = """
[...document.querySelectorAll('[data-policy]')].flatMap(policy =>
  [...policy.querySelectorAll('mark')].map(mark => [
    policy.dataset.policy, mark.dataset.place, mark.className,
    [...mark.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join('…'),
  ]))
"""
"""Of each mark: whose, of what, how, and its own text."""


@pytest.fixture
def opened(browser: Browser, cover: Cover, tmp_path: Path) -> Iterator[Page]:
    """The page of three policies and three calls."""
    covered = cover(POLICIES, (BOT, "deploy", STAGING), (BOT, "deploy", PRODUCTION), (ANN, "deploy", STAGING))
    file = tmp_path / "coverage.html"
    wanted = Thresholds(least={"Client": 100, "clause": 75})
    file.write_text(coverage_page([("policy-engine.yaml", covered)], wanted), "utf-8")
    page = browser.open(file.as_uri())
    yield page
    page.close()


def test_what_was_and_was_not_exercised_is_marked(opened: Page) -> None:
    """Clause by clause and condition by condition; a mark that goes over lines is cut into lines."""
    assert [tuple(mark) for mark in opened.value(MARKS)] == [
        ("both-deploy", "head", "full", 'permit (principal, action == Action::"delivery/deploy", resource)'),
        ("both-deploy", "when", "full", "when {"),
        ("both-deploy", "when", "full", "&&"),
        ("both-deploy", "condition", "full", 'context.arguments.env == "staging"'),
        ("both-deploy", "when", "full", "!(…)"),
        ("both-deploy", "condition", "partly", "context.arguments has note"),
        ("both-deploy", "when", "full", "}"),
        ("both-deploy", "unless", "partly", "unless {…&&…}"),
        ("both-deploy", "condition", "partly", "context.arguments has note"),
        ("both-deploy", "condition", "never", 'context.arguments.note like "<script>*"'),
        (
            "never-in-prod",
            "head",
            "full",
            'forbid (principal is Client, action == Action::"delivery/deploy", resource)',
        ),
        ("never-in-prod", "when", "full", 'when { context.arguments.env == "prod" }'),
        (
            "staff-restart",
            "head",
            "never",
            'permit (principal is User, action == Action::"delivery/restart", resource)',
        ),
        ("staff-restart", "when", "never", 'when { context.arguments.env == "staging" }'),
    ]


def test_the_text_is_that_of_the_policies(opened: Page) -> None:
    """Nothing is lost or added, whatever it looks like; lines have the numbers that they have in the file."""
    texts = opened.value("[...document.querySelectorAll('pre.policy')].map(pre => pre.textContent)")
    numbers = opened.value("[...document.querySelectorAll('.no')].map(no => +no.dataset.no)")
    written = POLICIES.split("\n", 1)[1]

    assert "".join(texts) == written
    assert numbers == list(range(2, 15))


def test_states_differ_to_the_eye_without_colour(opened: Page) -> None:
    """By the line below, and by their background."""
    seen = opened.value(
        """
        ['full', 'partly', 'never'].map(state => {
          const style = getComputedStyle(document.querySelector(`.policy mark.${state}`));
          return [style.textDecorationStyle, style.textDecorationLine, style.backgroundColor];
        })
        """
    )

    assert [tuple(each[:2]) for each in seen] == [
        ("solid", "none"),
        ("dashed", "underline"),
        ("wavy", "underline"),
    ]
    assert len({each[2] for each in seen}) == 3


def test_numbers_and_gaps_lead_to_their_places(opened: Page) -> None:
    """Measures with what is wanted; each gap a link to its policy, each note one to its place."""
    measures = opened.value(
        "[...document.querySelectorAll('.measure')].map(e => [e.querySelector('dt').innerText,"
        " e.querySelector('strong').innerText, e.className])"
    )
    links = opened.value(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => !!document.querySelector(a.hash))"
    )
    gaps = opened.value(
        "[...document.querySelectorAll('.gap-list li')].map(e => [e.querySelector('a').innerText,"
        " e.querySelector('strong').innerText])"
    )

    assert measures == [
        ["policies", "66.6 %", "measure partly"],
        ["clause outcomes", "62.5 %", "measure never"],
        ["condition outcomes", "50 %", "measure partly"],
        ["policies, by a User", "50 %", "measure partly"],
        ["policies, by a Client", "100 %", "measure full"],
    ]
    assert gaps == [
        ["both-deploy", "never true"],
        ["both-deploy", "never true"],
        ["both-deploy", "never true"],
        ["both-deploy", "never looked at"],
        ["staff-restart", "no case comes past its head"],
    ]
    assert set(links) == {True}


def test_nothing_else_is_asked_for(opened: Page) -> None:
    """One file: no request, nothing that its own policy (CSP) or the browser would complain of."""
    requested = [
        event["request"]["url"].rpartition("/")[2] for event in opened.events("Network.requestWillBeSent")
    ]

    assert requested == ["coverage.html"]
    assert opened.events("Log.entryAdded") == []
    assert opened.events("Audits.issueAdded") == []
    assert opened.value("document.scripts.length") == 0


def test_a_screen_reader_finds_its_way(opened: Page) -> None:
    """Headings in order, tables with captions, a place for everything that is said of a mark."""
    levels = opened.value("[...document.querySelectorAll('h1,h2,h3,h4,h5')].map(e => +e.tagName[1])")
    names = opened.call("Accessibility.getFullAXTree")["nodes"]
    tables = [_name(node) for node in names if node.get("role", {}).get("value") == "table"]
    described = opened.value(
        "[...document.querySelectorAll('mark[aria-describedby]')]"
        ".every(m => document.getElementById(m.getAttribute('aria-describedby')))"
    )

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert sorted(tables) == [
        "Asked of delivery",
        "Tokens, by issuer",
        "What the clauses of both-deploy came to",
        "What the clauses of never-in-prod came to",
        "What the clauses of staff-restart came to",
    ]
    assert described is True
    assert opened.value("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_by_night(opened: Page, scheme: str) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3), in marks, badges and tables."""
    opened.emulate(prefers_color_scheme=scheme)
    found = contrasts(opened)

    assert {name: ratio for name, ratio in found.items() if ratio < 4.5} == {}
    assert len(found) > 15


def test_it_fits_a_phone_and_a_sheet_of_paper(opened: Page) -> None:
    """Nothing is wider than a narrow window, and it prints."""
    opened.call("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)

    assert opened.value("document.documentElement.scrollWidth") <= 390
    assert opened.paper().startswith(b"%PDF-")


def test_what_is_said_of_a_mark_is_shown_beside_it(opened: Page) -> None:
    """On the innermost one alone, by counts and kinds."""
    said = opened.value("[...document.querySelectorAll('.policy mark')].map(mark => mark.dataset.says)")

    assert said[0] == "head · admitted: User 1, Client 2; decided: User 1, Client 1"
    assert said[3] == "condition · true: User 1, Client 1; false: Client 1"
    assert said[5] == "condition · false: User 1, Client 1; unreached: Client 1; never true"
    assert said[9] == "condition · never looked at"


def test_hostile_text_stays_text(browser: Browser, cover: Cover, tmp_path: Path) -> None:
    """Two projects on a page; what others wrote makes no element, and turns no direction."""
    policy = '@id("<img src=x>\\u{202e}") @reason("a\u202eb") permit (principal is User, action, resource);'
    covered = cover(policy, (ANN, "deploy", STAGING))
    file = tmp_path / "coverage.html"
    file.write_text(coverage_page([("<i>.yaml", covered), ("b.yaml", covered)], Thresholds()), "utf-8")
    page = browser.open(file.as_uri())

    ids = page.value("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert page.value("[document.images.length, document.querySelectorAll('i').length]") == [0, 0]
    assert page.value("document.querySelector('h2').textContent") == "<i>.yaml"
    assert page.value("document.querySelector('h5').textContent") == "<img src=x>\\u{202e}"
    assert page.value("document.body.textContent.includes('\\u202e')") is False
    assert len(ids) == len(set(ids))
    assert page.value("document.querySelectorAll('.verdict').length") == 0
    page.close()


def _name(node: dict[str, Any]) -> str:
    return str(node.get("name", {}).get("value", ""))
