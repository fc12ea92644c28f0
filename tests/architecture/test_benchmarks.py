"""Benchmarks run, however small, and what the page about speed shows is what they found."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks import (
    bounds,
    cedarling,
    decisions,
    gateway,
    harness,
    issuing,
    lists,
    loading,
    many,
    page,
    reloading,
    reviewing,
    scaling,
    shares,
    tokens,
)
from tests.benchmarks.chart import chart
from tests.benchmarks.everything import PARTS
from tests.benchmarks.table import Row, from_lines, missed, printed, to_line
from tests.benchmarks.timing import Pace, Way, in_turn
from tests.plugins.solver import require_cvc5

# Server processes fork before they have threads; those that run tests have some.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

QUICK = Pace(rounds=1, seconds=0.0)
HERE = Path(bounds.__file__).parent


@pytest.fixture(autouse=True)
def _no_cedarling(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whether it is installed beside the project must not matter here."""
    monkeypatch.setattr(cedarling, "PEERS", tmp_path)


def with_a_solver(measure: Callable[[], Iterable[Row]]) -> Iterable[Row]:
    """Measure where cvc5 is installed."""
    require_cvc5()
    return measure()


@pytest.mark.parametrize(
    ("measure", "parts"),
    [
        (lambda: decisions.of_size(3, QUICK), {"decisions"}),
        (lambda: decisions.of_size(40, QUICK), {"decisions"}),
        (lambda: tokens.never_seen("ES256", QUICK, 2), {"tokens"}),
        (lambda: tokens.seen("policy-engine", QUICK), {"tokens"}),
        (lambda: many.measure(QUICK), {"many calls at once"}),
        (lambda: lists.of_size(30, 10, QUICK), {"lists"}),
        (lambda: loading.of_size(5, 10), {"loading"}),
        (lambda: reloading.measure(3, 0.2, 2), {"reload under load"}),
        (lambda: scaling.measure(1, 0.01), {"several at once"}),
        (lambda: shares.measure(0.02, QUICK), {"where the time goes", "the floor"}),
        (lambda: bounds.measure(200), {"memory"}),
        (lambda: harness.measure(100, QUICK), {"scenarios"}),
        (lambda: issuing.measure(8, QUICK), {"issuing"}),
        (lambda: with_a_solver(lambda: reviewing.of_size(4, 6)), {"reviewing"}),
        (lambda: gateway.measure(16, 1), {"gateway"}),
    ],
    ids=[
        "3 policies",
        "40 policies",
        "new tokens",
        "seen tokens",
        "many",
        "lists",
        "loading",
        "reloading",
        "scaling",
        "shares",
        "bounds",
        "harness",
        "issuing",
        "reviewing",
        "gateway",
    ],
)
def test_a_benchmark_runs(measure: Callable[[], Iterable[Row]], parts: set[str]) -> None:
    """Each measures what it is for; every figure is one."""
    rows = [*measure()]

    assert {row.part for row in rows} == parts
    assert all(row.value >= 0 for row in rows if row.part != "memory")
    assert from_lines("".join(map(to_line, rows))) == rows


def test_make_bench_runs_each_of_them() -> None:
    """Every program but the one that takes minutes by itself."""
    programs = {path.name for path in HERE.glob("*.py") if "    run(measure)\n" in path.read_text()}

    assert programs == {*(part.split()[0] for part in PARTS), "bounds.py"}


def test_ways_have_their_turn_in_every_round() -> None:
    """A slow one sits out the rounds that are left; what each call takes is made outside of its time."""
    turns: list[str] = []
    ways = {
        "a": Way(lambda given: turns.append(f"a{given}"), lambda: 7, calls=2),
        "b": Way(lambda _: turns.append("b"), calls=1),
    }

    times = in_turn(ways, Pace(rounds=2, seconds=0.0))
    slow = in_turn(ways, Pace(rounds=5, seconds=0.0, longest=-1.0))

    assert turns[:6] == ["a7", "a7", "b", "a7", "a7", "b"]
    assert {name: len(found) for name, found in times.of.items()} == {"a": 2, "b": 2}
    assert {name: len(found) for name, found in slow.of.items()} == {"a": 1, "b": 1}


ROWS = [
    Row(part="decisions", policies=3, what="ours", value=12.34, unit="µs", line="hit"),
    Row(
        part="decisions",
        policies=3,
        what="ours",
        value=12.34,
        unit="µs",
        peer="bare",
        ratio=0.123,
        at_most=0.1,
    ),
    Row(part="decisions", policies=300, what="ours", value=1234.5, unit="µs", line="hit"),
    Row(part="decisions", what="rate", value=0.5, unit="/s", at_least=0.4),
]


def test_rows_are_shown_with_what_they_are_compared_with() -> None:
    """A ratio beside the name of the peer, and whether the target is reached."""
    assert [*printed(ROWS)] == [
        "",
        "DECISIONS",
        "policies  what  measured  ratio  to    target",
        "       3  ours   12.3 µs",
        "       3  ours   12.3 µs   0.12  bare   ≤ 0.1  missed",
        "     300  ours  1,234 µs",
        "          rate   0.50 /s                ≥ 0.4  ok",
    ]
    assert missed(ROWS) == [ROWS[1]]


def test_a_page_is_filled_at_its_marks() -> None:
    """Columns in which nothing stands are left out; the text around stays."""
    text = "# Page\n\n<!-- measured: decisions -->\nold\n<!-- end -->\nrest\n"

    once = page.filled(text, ROWS[:1])

    assert once == (
        "# Page\n\n<!-- measured: decisions -->\n"
        "| policies | what | measured |\n|---|---|---|\n| 3 | ours | 12.3 µs |\n<!-- end -->\nrest\n"
    )
    assert page.filled(once, ROWS[:1]) == once


def test_a_chart_says_what_it_shows() -> None:
    """It is XML, with a title, a description of every line, and a label beside each."""
    root = ET.fromstring(chart(ROWS))  # noqa: S314 -- our own
    texts = [
        (element.text or "").strip() for element in root.iter() if element.tag.endswith(("text", "desc"))
    ]

    assert root.attrib["role"] == "img"
    assert "Medians, in microseconds. policy_engine, answer reused: 12 at 3, 1234 at 300." in texts
    assert "policy_engine, answer reused" in texts


def test_the_page_shows_what_was_measured() -> None:
    """`python tests/benchmarks/page.py` has nothing to write, and each table has a place."""
    rows = from_lines(page.MEASURED.read_text("utf-8"))
    text = page.PAGE.read_text("utf-8")
    places = re.findall(r"<!-- measured: ([\w ]+) -->", text)

    assert page.filled(text, rows) == text
    assert page.CHART.read_text("utf-8") == chart(rows)
    assert sorted(places) == sorted({row.part for row in rows})
