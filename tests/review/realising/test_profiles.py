"""Of every shipped profile, somebody is found whose token its mapper takes for the witness' principal."""

import pytest

from policy_engine import PolicyEngine
from policy_engine.cedar import CedarRequest
from policy_engine.harness import World
from policy_engine.jose import SigningKey
from policy_engine.model import EntityUid
from policy_engine.review.subject import Subject
from policy_engine.review.witness import Realiser
from tests.plugins.catalogue import NOW, Vector, configuration, example_vectors

KEY = SigningKey.generate("ES256")
POLICY = '@id("all") @kinds("both") permit (principal, action, resource);'
VECTORS = [vector for vector in example_vectors() if vector["expected"] != "refuse"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_an_invented_principal_becomes_one_that_the_issuer_has(vector: Vector) -> None:
    """Whatever a solver calls them, the call is of a principal of that kind, with a token that is signed."""
    engine = PolicyEngine(
        policies=POLICY, now=lambda: NOW, **configuration(vector, {"keys": [KEY.public_jwk()]})
    )
    kind = "Client" if vector["kind"] == "machine" else "User"
    request = CedarRequest(
        EntityUid(kind, "e17"), EntityUid("Action", "list_tools"), EntityUid("Server", "mcp"), {}
    )

    call = Realiser(Subject.of_engine(engine), now=NOW).realise(request, [])

    assert (call.note, call.reachable, call.decision.code, call.exact) == ("", True, "allowed", False)
    assert (call.principal.uid.type, call.principal.issuer) == (kind, "idp")
    world = World.of(engine.stages.loaded, now=NOW)
    bearer = call.bearer
    assert bearer is not None
    token = world.mint(
        issuer=bearer.issuer,
        kind=bearer.kind,
        id=bearer.id,
        through=bearer.through,
        claims=bearer.claims,
        header=bearer.header,
        scope=bearer.scope,
    )
    decision = world.engine.evaluate(token, call.message)
    assert (decision.code, decision.principal) == ("allowed", call.principal)
