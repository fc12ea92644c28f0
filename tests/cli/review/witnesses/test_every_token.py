"""Whatever is made of a question, a token that is really signed shows it."""

from typing import Any

from hypothesis import given, settings

from policy_engine.cedar import CedarRequest
from policy_engine.cli.review.witnesses import prove
from policy_engine.engine import decided
from policy_engine.harness import World
from policy_engine.harness.strategies import calls
from policy_engine.review.subject import Subject
from policy_engine.review.witness import Realiser
from tests.plugins.samples import samples
from tests.plugins.witnesses import NOW, TOKENS, project

WORLD = World.of(project(), now=NOW)
REALISER = Realiser(Subject.of_engine(WORLD.engine), now=NOW)


@given(words=TOKENS, message=calls(WORLD, server="github"))
@settings(max_examples=samples(40))
def test_the_engine_decides_of_the_token_as_of_the_call(
    words: dict[str, Any], message: dict[str, Any]
) -> None:
    """With the same principal and policies, whoever asks, and whatever for."""
    WORLD.clock.set(NOW)
    token = WORLD.mint(**words, server="github")
    decision, asked = decided(WORLD.engine.stages, token, message, "github", at=NOW)
    (request,) = asked
    question = CedarRequest(request.principal.uid, request.action, request.resource, request.context)

    call = REALISER.realise(question, REALISER.bench.entities(request), allowed=decision.allowed)
    proof = prove(WORLD, call)

    assert call.reachable
    assert proof is not None
    assert proof.holds
    assert proof.decision.allowed is decision.allowed
