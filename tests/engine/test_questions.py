"""What policies are asked of a message, for those who look at policies."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest

from policy_engine import Client, PolicyEngine, TokenFacts
from policy_engine.engine import questions
from policy_engine.model import Identity

NOW = 1790000100

BOT = Identity(principal=Client(issuer="machines", client_id="ci-bot"), token=TokenFacts())

Call = Callable[..., dict[str, Any]]


class World(Protocol):
    """As `tests/conftest.py` makes it."""

    def engine(self) -> PolicyEngine:
        """An engine."""

    def machine(self, client: str = "ci-bot", /, **claims: Any) -> str:
        """A machine's token."""

    sink: Any


def asked(engine: PolicyEngine, who: str | Identity | None, message: Any) -> list[tuple[str, str, str]]:
    """Who, does what, to what."""
    found = questions(engine.stages, who, message, "github", at=NOW)
    return [(str(each.principal.uid), str(each.action), str(each.resource)) for each in found]


@pytest.mark.parametrize("with_token", [True, False])
def test_a_call_raises_one_question(world: World, call: Call, with_token: bool) -> None:  # noqa: FBT001 -- two ways
    """With a token, or an identity that needs none; nothing is recorded."""
    who = world.machine() if with_token else BOT

    assert asked(world.engine(), who, call("create_issue", repo="acme/app")) == [
        ('Client::"machines/ci-bot"', 'Action::"github/create_issue"', 'Tool::"github/create_issue"')
    ]
    assert world.sink.records == []


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (None, {"jsonrpc": "2.0", "id": 7, "method": "ping"}),
        ("not.a.token", {"jsonrpc": "2.0", "id": 7, "method": "ping"}),
        ("good", {"jsonrpc": "2.0", "id": 7, "method": "no/such"}),
        ("good", b"{"),
    ],
)
def test_what_is_refused_before_raises_none(world: World, token: str | None, message: Any) -> None:
    """Policies never hear of it."""
    assert asked(world.engine(), world.machine() if token == "good" else token, message) == []
