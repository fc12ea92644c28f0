"""Outcomes, questions and the like in plain words, the same in every report."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.review.access import RowKind
from policy_engine.review.verdict import Outcome

__all__ = [
    "ANSWERS",
    "KINDS",
    "OUTCOMES",
    "QUESTIONS",
    "counted",
    "name_of",
    "question_of",
    "sentence",
    "visible",
]

OUTCOMES: Final[Mapping[Outcome, str]] = MappingProxyType(
    {Outcome.violated: "violated", Outcome.unknown: "not known", Outcome.proved: "proved"}
)
"""The worst first."""

QUESTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "separation": "Are machines and people kept apart?",
        "ceiling": "Does anybody reach beyond their bound?",
        "never": "Are machines kept from what they must never do?",
        "delegation": "What can agents do for people?",
        "diff": "What changes between the two policy sets?",
        "health": "Do the policies do what they are there for?",
        "who_can": "Who can do this?",
        "what_can": "What can they do?",
    }
)

ANSWERS: Final = frozenset({"who_can", "what_can"})
"""Questions of which every verdict is what was asked for, also a proved one."""

KINDS: Final[Mapping[RowKind, str]] = MappingProxyType(
    {
        RowKind.User: "People",
        RowKind.Client: "Machines",
        RowKind.delegated: "Agents, for people",
    }
)


def name_of(question: str) -> str:
    """What a question is called, as it is asked on the command line."""
    return question.replace("_", "-")


def question_of(name: str) -> str:
    """A question as a sentence; one that isn't listed by its name."""
    return QUESTIONS.get(name, name)


def counted(number: int, one: str, many: str = "") -> str:
    """For instance: `1 policy`, `2 policies`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def sentence(text: str) -> str:
    """A statement on its own: with a capital, unless it begins with a name."""
    return f"{text[:1].upper()}{text[1:]}"


def visible(text: str) -> str:
    """A text on one line in which nothing is hidden; what can't be seen, or turns others round, is spelt."""
    return "".join(char if char.isprintable() else f"\\u{{{ord(char):x}}}" for char in text)
