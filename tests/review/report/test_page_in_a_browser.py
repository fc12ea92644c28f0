"""The page, in a real browser: read from the top, filtered, asked about a cell, copied from, printed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from policy_engine.review import Outcome, Severity, Verdict
from policy_engine.review.report import compare, html, record
from tests.plugins.browser import Browser, Page
from tests.plugins.contrasts import contrasts
from tests.plugins.small_review import finding, review_of, shop, small_review, witness

CODES = {"Enter": 13, "Escape": 27}
"""Of keys by which the browser itself does something."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page of the small review, compared with one that had nothing."""
    review = small_review()
    before = record(small_review(verdicts=(), findings=()))
    file = tmp_path_factory.mktemp("review") / "review.html"
    file.write_text(html(review, comparison=compare(before, record(review))), "utf-8")
    return file.as_uri()


@pytest.fixture
def opened(browser: Browser, written: str) -> Iterator[Page]:
    """The page, for a test that does something with it."""
    page = browser.open(written)
    page.emulate(prefers_reduced_motion="reduce")
    yield page
    page.close()


@pytest.fixture(scope="module")
def seen(browser: Browser, written: str) -> Iterator[Page]:
    """The page, for tests that only look at it."""
    page = browser.open(written)
    yield page
    page.close()


def press(page: Page, *keys: str) -> None:
    """Press keys, one after another."""
    for key in keys:
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for type_ in ("keyDown", "keyUp"):
            code = CODES.get(key, 0)
            page.call(
                "Input.dispatchKeyEvent",
                type=type_,
                key=key,
                code=key,
                text=text,
                windowsVirtualKeyCode=code,
            )


def click(page: Page, selector: str) -> None:
    """Click into the middle of an element, as a mouse does."""
    x, y = page.value(
        f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
        " e.scrollIntoView({block: 'center'});"
        " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
    )
    for type_ in ("mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=type_, x=x, y=y, button="left", clickCount=1)


SHOWN = """
[...document.querySelectorAll('.matrix')].filter(table => table.checkVisibility()).map(table => [
  table.caption.innerText,
  [...table.tHead.rows[0].cells].filter(e => !e.hidden).map(e => e.querySelector('.name')?.innerText ?? ''),
  [...table.querySelectorAll('tr[data-r]')].filter(row => row.checkVisibility()).map(row =>
    [...row.cells].filter(e => !e.hidden).map(e => e.innerText.trim())),
])
"""
"""Of each table that is seen: its name, its heads, its rows."""


def test_the_verdict_is_told_first_in_words_and_shapes(seen: Page) -> None:
    """What is violated and what isn't known have cards; all others are in lists."""
    banner = seen.value("document.querySelector('.banner').innerText.replace(/\\s+/g, ' ')")
    cards = seen.value(
        "[...document.querySelectorAll('article.verdict')].map(e => [e.querySelector('.badge').innerText,"
        " e.querySelector('use').href.baseVal, e.querySelector('h3').innerText])"
    )
    lists = seen.value("[...document.querySelectorAll('.verdict-list summary')].map(e => e.innerText.trim())")

    assert banner.startswith("Violated 1 violated, 1 not known, 1 waived, 1 proved There are requests")
    assert cards == [
        ["violated", "#i-violated", "anybody-wipes treats a machine as it treats a person."],
        ["not known", "#i-unknown", "Whether a machine can do anything destructive isn't known."],
    ]
    assert lists == ["1 waived health", "1 proved separation"]


def test_the_matrix_has_everybody_and_everything(seen: Page) -> None:
    """In words, so that nobody needs the colours; other methods are folded."""
    assert seen.value(SHOWN) == [
        [
            "Tools of shop",
            ["", "look", "wipe"],
            [
                ["any person", "always", "may"],
                ["any machine", "may", "may"],
                ['machine in ClientGroup::"machines/stock"', "may", "may"],
                ['Client::"machines/bot"', "may", "may"],
                ["any person, through any agent", "always", "never"],
                ['any person, through Client::"corp/helper"', "always", "never"],
                ['any person, through Client::"machines/bot"', "always", "never"],
            ],
        ]
    ]
    assert seen.value("document.querySelectorAll('td.hot').length") == 3


def test_a_filter_leaves_what_fits(opened: Page) -> None:
    """Every word must be found; what is counted is told to who doesn't see it."""
    click(opened, "#filter-what")
    opened.call("Input.insertText", text="destructive")
    click(opened, "#filter-who")
    opened.call("Input.insertText", text="machine client::")
    narrowed = opened.value(SHOWN)
    status = opened.value("document.getElementById('filter-status').innerText")
    opened.call("Input.insertText", text=" nobody")

    assert narrowed == [
        [
            "Tools of shop",
            ["", "wipe"],
            [['Client::"machines/bot"', "may"], ['any person, through Client::"machines/bot"', "never"]],
        ]
    ]
    assert status == "2 of 7 rows, 1 of 24 columns"
    assert opened.value(SHOWN) == []
    assert opened.value("document.getElementById('no-cells').innerText") == "Nothing fits the filter."


def test_machines_at_destructive_tools_are_found(opened: Page) -> None:
    """One box, and only they are left."""
    click(opened, "#filter-hot")

    assert opened.value(SHOWN) == [
        [
            "Tools of shop",
            ["", "wipe"],
            [
                ["any machine", "may"],
                ['machine in ClientGroup::"machines/stock"', "may"],
                ['Client::"machines/bot"', "may"],
            ],
        ]
    ]


CELL = """
(() => {
  const cell = document.getElementById('cell');
  return cell.open && [
    cell.querySelector('h2').innerText,
    [...cell.querySelectorAll('.applied')].map(e => [
      e.querySelector('p').innerText.replace(/\\s+/g, ' '),
      [...e.querySelectorAll('li')].map(li => li.innerText),
      [...e.querySelectorAll('mark.depends')].map(mark => mark.innerText),
    ]),
  ];
})()
"""
"""What an open cell tells; false if none is open."""

DECIDED = [
    [
        "forbid never-in-prod may stop it, if line 10",
        ['context.arguments.env == "prod"'],
        ['context.arguments.env == "prod"'],
    ],
    [
        "permit anybody-wipes applies, if line 2",
        ['context.arguments.env == "staging"', 'context.token.scopes.contains("wipe")'],
        ['context.arguments.env == "staging"', 'context.token.scopes.contains("wipe")'],
    ],
]


def test_a_cell_leads_to_the_policies_by_mouse(opened: Page) -> None:
    """With what they depend on marked in their text; closing gives the focus back."""
    click(opened, "tr[data-r='1'] td.hot")
    told = opened.value(CELL)
    click(opened, "#cell-close")

    assert told == ["any machine · shop/wipe", DECIDED]
    assert opened.value(CELL) is False
    assert opened.value("document.activeElement.innerText") == "may"


def test_a_cell_leads_to_the_policies_by_keyboard(opened: Page) -> None:
    """Arrows go from cell to cell, Enter opens one, Escape closes it; one cell at a time can be tabbed to."""
    opened.value("document.querySelector('td[tabindex=\"0\"]').focus()")
    press(opened, "ArrowDown", "ArrowRight", "ArrowDown", "ArrowUp", "Enter")
    told = opened.value(CELL)
    press(opened, "Escape")

    assert told == ["any machine · shop/wipe", DECIDED]
    assert opened.value(CELL) is False
    assert opened.value(
        "[...document.querySelectorAll('.matrix')].map(t => t.querySelectorAll('td[tabindex=\"0\"]').length)"
    ) == [1, 1]
    assert opened.value("document.activeElement.className") == "m hot"


def test_a_counterexample_is_copied(opened: Page) -> None:
    """To the clipboard; where there is none, it is selected for the keyboard."""
    opened.value(
        "window.taken = []; navigator.clipboard.writeText = async text => { window.taken.push(text); }"
    )
    click(opened, ".copy")
    taken = opened.value("window.taken")
    opened.value("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    opened.value("document.addEventListener('copy', () => window.taken.push(String(getSelection())))")
    click(opened, ".copy")
    fallen_back = opened.value("new Promise(done => setTimeout(() => done(window.taken[1]), 100))")

    assert taken == [
        "policy-engine explain --client machines/bot --scope wipe --tool wipe "
        """--args '{"env": "staging"}'"""
    ]
    assert fallen_back == taken[0]
    assert opened.value("document.getElementById('said').innerText") == "Copied to the clipboard."


def test_links_lead_to_their_places(opened: Page) -> None:
    """A policy's link unfolds its text."""
    links = opened.value(
        "[...document.querySelectorAll('a[href^=\"#\"]')]"
        ".every(a => document.querySelector(a.getAttribute('href')))"
    )
    click(opened, ".verdict .policy-link")

    assert links is True
    unfolded = "document.querySelector('.policy-card[open]')?.dataset.policy"
    waited = f"new Promise(done => setTimeout(() => done({unfolded}), 100))"
    assert opened.value(waited) == "anybody-wipes"


def test_nothing_else_is_asked_for(seen: Page) -> None:
    """One file: no request, nothing that its own policy (CSP) or the browser would complain of."""
    requested = [
        event["request"]["url"].rpartition("/")[2] for event in seen.events("Network.requestWillBeSent")
    ]

    assert requested == ["review.html"]
    assert seen.events("Log.entryAdded") == []
    assert seen.events("Runtime.exceptionThrown") == []
    assert seen.events("Runtime.consoleAPICalled") == []
    assert seen.events("Audits.issueAdded") == []


def test_a_program_reads_the_review_off_the_page(seen: Page) -> None:
    """The JSON in it is that of the record."""
    assert json.loads(seen.value("document.getElementById('review').textContent")) == record(small_review())


def test_a_screen_reader_finds_its_way(seen: Page) -> None:
    """Headings in order, tables with names, heads that say what they head."""
    levels = seen.value("[...document.querySelectorAll('h1,h2,h3,h4,h5')].map(e => +e.tagName[1])")
    nodes = seen.call("Accessibility.getFullAXTree")["nodes"]
    named = [_name(node) for node in nodes if node.get("role", {}).get("value") in ("table", "grid")]
    ids = seen.value("[...document.querySelectorAll('[id]')].map(e => e.id)")

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert sorted(named) == [
        "1 finding",
        "Assumptions",
        "Findings: 1 change",
        "Tools of shop",
        "Verdicts: 4 changes",
    ]
    assert seen.value("[...document.querySelectorAll('th')].every(th => th.scope)") is True
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_by_night(opened: Page, scheme: str) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3), everything unfolded."""
    opened.emulate(prefers_color_scheme=scheme)
    opened.value("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    opened.value("document.querySelector('td.hot').click()")
    found = contrasts(opened)

    assert {name: ratio for name, ratio in found.items() if ratio < 4.5} == {}
    assert len(found) > 40


def test_it_fits_a_phone_and_a_sheet_of_paper(opened: Page) -> None:
    """Nothing is wider than a narrow window; on paper, what is folded is read as well."""
    opened.call("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
    width = opened.value("document.documentElement.scrollWidth")
    opened.value(
        "addEventListener('beforeprint', () =>"
        " { window.seen = document.querySelectorAll('details[open]').length; })"
    )

    assert width <= 390
    assert opened.paper().startswith(b"%PDF-")
    assert opened.value("window.seen") == 7
    assert opened.value("document.querySelectorAll('details[open]').length") == 0


def test_a_review_without_a_matrix_is_a_page_too(browser: Browser, tmp_path: Path) -> None:
    """As when policies have errors: verdicts, findings and what it rests on."""
    file = tmp_path / "review.html"
    file.write_text(html(replace(small_review(), access=None)), "utf-8")
    page = browser.open(file.as_uri())

    assert page.value("[...document.querySelectorAll('h2')].map(e => e.innerText)") == [
        "Verdicts",
        "Findings of the checks",
        "What it rests on",
    ]
    assert page.events("Runtime.exceptionThrown") == []
    page.close()


HOSTILE = "</script><img src=x onerror=alert(1)>\u202e\"'`<!--"


def test_hostile_text_stays_text(browser: Browser, tmp_path: Path) -> None:
    """Tools, policies, statements and notes that others named make no element, run nothing, turn nothing."""
    written = HOSTILE.replace("\\", "\\\\").replace('"', '\\"').replace("\u202e", "\\u{202e}")
    policies = (
        f'@id("{written}") permit (principal is Client, action == Action::"shop/{written}", resource)\n'
        f'when {{ context.arguments.env == "{written}" }};'
    )
    verdict = Verdict(
        question=HOSTILE,
        subject=HOSTILE,
        outcome=Outcome.violated,
        statement=HOSTILE,
        policies=(HOSTILE,),
        witnesses=(witness(note=HOSTILE, context={HOSTILE: HOSTILE}),),
        waived=None,
        severity=Severity.error,
    )
    findings = (finding(policy=HOSTILE, message=HOSTILE, remedy=HOSTILE, file=f"{HOSTILE}.cedar"),)
    review = review_of(shop(HOSTILE), policies, verdict, findings=findings, notes=(HOSTILE,))
    file = tmp_path / "review.html"
    file.write_text(html(review, comparison=compare(record(review_of(shop(), "")), record(review))), "utf-8")
    page = browser.open(file.as_uri())
    page.emulate(prefers_reduced_motion="reduce")
    click(page, "tr[data-r='1'] td.hot")
    shown = "shop/</script><img src=x onerror=alert(1)>\\u{202e}\"'`<!--"

    assert page.value("document.images.length") == 0
    assert page.value("document.scripts.length") == 2
    assert page.value("document.getElementById('cell').querySelector('mark.depends') !== null") is True
    assert page.value("document.querySelector('.matrix .name[title*=script]').innerText") in shown
    assert page.value("document.querySelector('main').innerText.includes('\\u202e')") is False
    assert (
        page.value("JSON.parse(document.getElementById('review').textContent).verdicts[0].subject") == HOSTILE
    )
    assert page.events("Log.entryAdded") == []
    assert page.events("Runtime.exceptionThrown") == []
    assert page.events("Page.javascriptDialogOpening") == []
    page.close()


def _name(node: dict[str, Any]) -> str:
    return str(node.get("name", {}).get("value", ""))
