"""What it takes to find the scopes that a message of many questions lacks."""

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.evaluator import Evaluator
from policy_engine.evaluator.step_up import StepUp
from policy_engine.model import AuthorizationRequest, Client

Build = Callable[..., Evaluator]
Ask = Callable[..., AuthorizationRequest]

ACTION = "github/create_issue"
MANY = 256
ENOUGH = 192 + 2 * MANY
"""Evaluations beyond which nothing is looked for."""


def policy(name: str, repo: str, *scopes: str, effect: str = "permit") -> str:
    """Of one repository, for whoever has some scopes."""
    condition = " && ".join(
        (f'context.arguments.repo like "{repo}"', *(f'context.token.scopes.contains("{s}")' for s in scopes))
    )
    return (
        f'@id("{name}") {effect} (principal, action == Action::"{ACTION}", resource) when {{ {condition} }};'
    )


class Counted:
    """Looks for scopes with real policies, and counts what is asked for it."""

    def __init__(self, evaluator: Evaluator, ask: Ask, bot: Client) -> None:
        self._evaluator = evaluator
        self._ask = ask
        self._bot = bot
        self.asked = 0

    def missing(self, repos: Iterable[str], held: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The scopes that a message of these questions lacks; the first was refused."""
        requests = [
            self._ask(self._bot, ACTION, arguments={"repo": repo}, token={"scopes": list(held)})
            for repo in repos
        ]
        return StepUp(self._evaluator.store, self._allowed).missing(requests)

    def allowed(self, repos: Iterable[str], scopes: Iterable[str]) -> bool:
        """Whether all of these are allowed with some scopes."""
        return all(
            self._evaluator.evaluate(
                self._ask(self._bot, ACTION, arguments={"repo": repo}, token={"scopes": sorted(scopes)})
            ).allowed
            for repo in repos
        )

    def _allowed(self, request: AuthorizationRequest) -> bool:
        self.asked += 1
        return self._evaluator.evaluate(request).allowed


Counting = Callable[[list[str]], Counted]


@pytest.fixture(scope="module")
def counted(build: Build, ask: Ask, bot: Client) -> Counting:
    """Makes one of policies."""
    return lambda policies: Counted(build("".join(policies)), ask, bot)


MANY_SCOPES = tuple(f"s{n:02}" for n in range(20))
SIX = [policy(f"p{n}", f"{n}/*", f"s{n}") for n in range(6)]
OPEN = policy("o", "o/*")

ROWS: dict[str, tuple[list[str], list[str], tuple[str, ...], int]] = {
    "one of many lacks a lot": (
        [OPEN, policy("z", "z", *MANY_SCOPES)],
        ["z", *(f"o/{n}" for n in range(MANY - 1))],
        MANY_SCOPES,
        MANY + 60,
    ),
    "all lack the same": (
        [policy("o", "o/*", "b"), policy("x", "x", "a", "c")],
        [f"o/{n}" for n in range(MANY)],
        ("b",),
        MANY + 10,
    ),
    "each lacks one of six": (
        SIX,
        [f"{n % 6}/{n}" for n in range(MANY)],
        tuple(f"s{n}" for n in range(6)),
        ENOUGH,
    ),
    "the last ones lack one each": (
        SIX,
        ["0/x", *(f"0/{n}" for n in range(MANY - 6)), *(f"{n}/z" for n in range(1, 6))],
        tuple(f"s{n}" for n in range(6)),
        ENOUGH,
    ),
    "one can't be helped": (
        [policy("o", "o/*", "a", "b", "c")],
        ["o/0", "x", *(f"o/{n}" for n in range(MANY - 2))],
        (),
        30,
    ),
    "a scope that opens one closes another": (
        [policy("a", "a", "x"), policy("b", "b"), policy("f", "b", "x", effect="forbid")],
        ["a", "b"],
        (),
        10,
    ),
    "too much would have to be asked": (
        [policy(f"p{n}", f"{n}/*", *MANY_SCOPES[n:], "t") for n in range(20)],
        [f"{19 - n % 20}/{n}" for n in range(MANY)],
        (),
        ENOUGH,
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_what_is_asked_for_one_message_has_a_bound(
    counted: Counting, row: tuple[list[str], list[str], tuple[str, ...], int]
) -> None:
    """Of 256 questions, most are asked once or twice more, and not once for each set of scopes."""
    policies, repos, expected, most = row
    trial = counted(policies)

    found = trial.missing(repos)

    assert found == expected
    assert 0 < trial.asked <= most


SCOPES = "abcde"
WAYS = st.lists(st.sets(st.sampled_from(SCOPES), min_size=1, max_size=3), min_size=1, max_size=3)


@given(
    ways=WAYS, barred=st.none() | st.sampled_from(SCOPES), held=st.sets(st.sampled_from(SCOPES), max_size=2)
)
def test_what_is_told_of_several_questions_is_the_smallest(
    counted: Counting, ways: list[set[str]], barred: str | None, held: set[str]
) -> None:
    """Each question has a way of its own; a scope may also bar the first."""
    policies = [policy(f"p{n}", f"r{n}", *sorted(way)) for n, way in enumerate(ways)]
    if barred is not None:
        policies.append(policy("f", "r0", barred, effect="forbid"))
    trial = counted(policies)
    repos: list[Any] = [f"r{n}" for n in range(len(ways))]
    repos.sort(key=lambda repo: trial.allowed([repo], held))
    if trial.allowed(repos[:1], held):
        return

    told = trial.missing(repos, tuple(sorted(held)))

    if told:
        assert trial.allowed(repos, held.union(told))
        smaller = (
            more for size in range(len(told)) for more in combinations(sorted(set(SCOPES) - held), size)
        )
        assert not any(trial.allowed(repos, held.union(more)) for more in smaller)
    else:
        assert not trial.allowed(repos, held.union(*ways, barred or ()))
