"""Whatever is wrong with a scenario file is told with its place, what it is and how to mend it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from policy_engine.files import read_document

DATA: Any = read_document(Path(__file__).with_name("mistakes.yaml")).data
BASE: str = DATA["base"]


def mistakes_of_the_file() -> Iterator[Any]:
    """Each mistake with what is told of it."""
    for each in DATA["mistakes"]:
        yield pytest.param(each["text"].replace("<base>\n", BASE), each["told"], id=each["name"])


@pytest.mark.parametrize(("text", "told"), list(mistakes_of_the_file()))
def test_a_mistake_is_told_with_its_place(
    mistakes: Callable[[str], list[str]], text: str, told: list[str]
) -> None:
    """File, line and column, and nothing else is told."""
    assert mistakes(text) == told


def test_every_mistake_is_told_at_once(mistakes: Callable[[str], list[str]]) -> None:
    """Those of principals and calls together, and then those of expectations together."""
    told = mistakes(
        "principals:\n  a: {}\n  b: {client: ci-bot, issuer: none}\ncalls:\n  c: {tool: no_tool}\n"
    )

    assert [line.split(": ")[0] for line in told] == [
        "x.scenario.yaml:3:3",
        "x.scenario.yaml:4:23",
        "x.scenario.yaml:6:7",
    ]
    more = "matrix:\n  bot: {nonsense: list}\ntests:\n  - {who: nobody, asks: list, expect: allow}\n"
    assert [line.split(": ")[0] for line in mistakes(BASE + more)] == [
        "x.scenario.yaml:8:9",
        "x.scenario.yaml:10:6",
    ]
