"""What policies are asked, for those who look at policies, not at decisions."""

from policy_engine.config import Stages
from policy_engine.engine.draft import Draft
from policy_engine.engine.pipeline import Message
from policy_engine.engine.running import Runner, Who
from policy_engine.evaluator import Explanation, explain_request
from policy_engine.model import (
    AuthorizationRequest,
    Client,
    Decision,
    HttpFacts,
    Identity,
    Principal,
    TokenFacts,
    User,
)

__all__ = ["decided", "explained", "questions"]


def questions(
    stages: Stages,
    who: Who,
    message: Message,
    server: str,
    http: HttpFacts | None = None,
    *,
    at: float,
) -> tuple[AuthorizationRequest, ...]:
    """What policies are asked of a message, in order, to the first question that isn't allowed.

    Most messages raise one question; what is refused before raises none. Takes as long as a decision, and
    nothing is recorded.

    Args:
        stages: what is decided with.
        who: the bearer token alone, or who asks where that is known without one.
        message: the JSON-RPC message; None for GET and DELETE.
        server: name of the server it is meant for.
        http: what is known of the HTTP request.
        at: when, in seconds since the epoch; tokens go by the clock of the stages.
    """
    return decided(stages, who, message, server, http, at=at)[1]


def decided(
    stages: Stages,
    who: Who,
    message: Message,
    server: str,
    http: HttpFacts | None = None,
    *,
    at: float,
) -> tuple[Decision, tuple[AuthorizationRequest, ...]]:
    """What `PolicyEngine` decides of a message, and what policies were asked for it; nothing is recorded.

    The arguments are those of `questions`.
    """
    draft, runner = Draft(stages, server, at), Runner()
    try:
        decision = runner.decide(draft, who, message, http)
    finally:
        runner.close()
    return decision, tuple(draft.asked)


def explained(
    draft: Draft,
    runner: Runner,
    who: str | Principal | None,
    token: TokenFacts | None,
    message: Message,
    *,
    http: HttpFacts | None,
) -> Explanation:
    """What is decided of a message, and why; the token's facts are those of a principal that is known."""
    draft.step_up = isinstance(who, str) or token is not None
    asker = Identity(principal=who, token=token or TokenFacts()) if isinstance(who, User | Client) else who
    decision = runner.decide(draft, asker, message, http)
    questions = tuple(explain_request(draft.stages.evaluator, request) for request in draft.asked)
    return Explanation(decision=decision, questions=questions)
