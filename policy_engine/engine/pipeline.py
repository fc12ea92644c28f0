"""verify → map → build → evaluate: the only file that knows this order.

What a caller sent never leaves as an exception: an expected failure becomes a refusal that carries its code,
and a bug becomes a refusal that says `internal_error`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policy_engine.config import Stages
from policy_engine.engine.draft import Draft
from policy_engine.engine.drift import refuse_changed
from policy_engine.errors import TokenError
from policy_engine.evaluator import Verdict
from policy_engine.mcp import answer_id, parse_message
from policy_engine.model import ALLOWED, AuthorizationRequest, Decision, HttpFacts, Identity, PolicyMatch
from policy_engine.tokens import Steps

__all__ = ["Message", "decide", "identify"]

Message = Mapping[str, Any] | bytes | str | None
"""One MCP message: parsed, or as it came; None for GET and DELETE."""

_MAY_LACK_SCOPES = frozenset({"no_permit", "forbidden"})


def decide(
    draft: Draft, server: str, who: str | Identity | None, message: Message, http: HttpFacts | None
) -> Steps[Decision]:
    """Decide on a message; `who` is a token, or an identity that needs none. Never raises."""
    try:
        if isinstance(who, Identity):
            draft.known["principal"] = who.principal
            return _judge(draft, who, message, server, http)
        if server not in draft.stages.servers:
            return draft.decide("unknown_server")
        identity = yield from identify(draft.stages, server, who, draft)
        if identity.principal.sender_constrained:
            raise TokenError("proof_required", "the token has `cnf`")  # noqa: TRY301 -- told like the others
        return _judge(draft, identity, message, server, http)
    except Exception as error:  # noqa: BLE001 -- the outermost handler
        if draft.known.keys() & {"jti", "principal"}:  # nobody else learns how a message was read
            draft.known.setdefault("request_id", answer_id(message))
        return draft.refuse(error)


def identify(
    stages: Stages, server: str | None, token: str | None, draft: Draft | None = None
) -> Steps[Identity]:
    """Tell who a token speaks for, at one server or at any; what is found is noted in the draft.

    Raises:
        TokenError: the token opens nothing here.
        MappingError: it can't be told whether its bearer is a machine or a human.
    """
    audiences = stages.audiences(server)
    verified = yield from stages.verifier.verify(token or "", audiences.any_kind, server)
    if draft is not None:
        draft.known["jti"] = verified.claims.get("jti")
    identity = stages.mapper.map(verified)
    audiences.require(verified, identity.principal)
    if draft is not None:
        draft.known["principal"] = identity.principal
    return identity


def _judge(
    draft: Draft, identity: Identity, message: Message, server: str, http: HttpFacts | None
) -> Decision:
    parsed = parse_message(message, http)
    draft.known |= {"method": parsed.method, "request_id": parsed.request_id}
    draft.known["checks_skipped"] = parsed.checks_skipped
    call = draft.stages.builder.build(parsed, identity, server)
    draft.known["argument_names"] = call.argument_names
    refuse_changed(draft, server, call.requests)
    decided: dict[PolicyMatch, None] = {}
    for request in call.requests:
        verdict = draft.stages.evaluator.evaluate(request)
        draft.asked.append(request)
        draft.known |= {"action": request.action, "resource": request.resource, "errors": verdict.errors}
        if verdict.code != ALLOWED:
            return _refused(draft, verdict, call.requests)
        decided |= dict.fromkeys(verdict.policies)
    return draft.decide(ALLOWED, policies=tuple(decided), forward=call.forward, forward_headers=call.headers)


def _refused(draft: Draft, verdict: Verdict, requests: Sequence[AuthorizationRequest]) -> Decision:
    """The policies' refusal, or the scopes that would turn it round."""
    if draft.step_up and verdict.code in _MAY_LACK_SCOPES:
        scopes = draft.stages.evaluator.missing_scopes(requests)
        if scopes:
            note = f"the token lacks {', '.join(f'`{scope}`' for scope in scopes)}"
            return draft.decide("insufficient_scope", note=note, policies=verdict.policies, scopes=scopes)
    return draft.decide(verdict.code, policies=verdict.policies)
