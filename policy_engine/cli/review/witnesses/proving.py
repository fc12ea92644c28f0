"""A call with a token that is really signed, through the whole engine: what it decides is the proof."""

from dataclasses import dataclass, field

from policy_engine.errors import ConfigError
from policy_engine.harness import World
from policy_engine.model import Decision
from policy_engine.review.witness import Call

__all__ = ["Proof", "prove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of a call with its token.

    Attributes:
        token: signed with the test's key; never shown.
        decision: what the engine decided.
        holds: whether that is what the call says: the same principal, the same outcome, by the same policies.
    """

    token: str = field(repr=False)
    decision: Decision
    holds: bool


def prove(world: World, call: Call, *, at: float | None = None) -> Proof | None:
    """Send a call with its token.

    Args:
        world: the project's own engine, with keys of the test's own; its clock is set.
        call: what is sent.
        at: another time than that of the call, in seconds since the epoch.

    Returns:
        None where nobody has such a token.
    """
    bearer = call.bearer
    if bearer is None:
        return None
    world.clock.set(call.at if at is None else at)
    try:
        token = world.mint(
            issuer=bearer.issuer,
            kind=bearer.kind,
            id=bearer.id,
            through=bearer.through,
            claims=bearer.claims,
            header=bearer.header,
            scope=bearer.scope,
            server=call.server,
        )
    except ConfigError:  # another configuration than the call is of
        return None
    decision = world.engine.evaluate(token, call.message, server=call.server, http=call.http)
    meant = call.decision
    return Proof(
        token=token,
        decision=decision,
        holds=decision.allowed is meant.allowed
        and decision.principal == call.principal
        and decision.policies == meant.policies,
    )
