"""verify → map → build → evaluate: the only file that knows this order.

What a caller sent never leaves as an exception: an expected failure becomes a refusal that carries its code,
and a bug becomes a refusal that says `internal_error`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from policy_engine.config import Audiences, Stages
from policy_engine.engine.draft import Draft
from policy_engine.engine.drift import refuse_changed
from policy_engine.errors import TokenError
from policy_engine.evaluator import Verdict
from policy_engine.mcp import answer_id, check_origin, parse_body, parse_message, read_body
from policy_engine.model import (
    ALLOWED,
    AuthorizationRequest,
    Decision,
    HttpFacts,
    Identity,
    PolicyMatch,
    VerifiedToken,
)
from policy_engine.tokens import Steps

__all__ = ["Message", "decide", "decide_at_once", "identify"]

Message = Mapping[str, Any] | bytes | str | None
"""One MCP message: parsed, or as it came; None for GET and DELETE."""

_MAY_LACK_SCOPES = frozenset({"no_permit", "forbidden"})


def decide(
    draft: Draft, who: str | Identity | None, message: Message, http: HttpFacts | None
) -> Steps[Decision]:
    """Decide on a message; `who` is a token, or an identity that needs none. Never raises."""
    try:
        _check_origin(draft, http)
        if isinstance(who, Identity):
            return _judge(draft, who, message, http)
        if draft.server not in draft.stages.servers:
            return draft.decide("unknown_server")
        identity = yield from identify(draft.stages, draft.server, who, draft)
        return _judge(draft, identity, message, http)
    except Exception as error:  # noqa: BLE001 -- the outermost handler
        return _refused_by(error, draft, message)


def decide_at_once(
    draft: Draft, who: str | Identity | None, message: Message, http: HttpFacts | None
) -> Decision | None:
    """The same where there is nothing to fetch or verify: of an identity, or a token that was proven before.

    Most calls are like that. None where `decide` has steps to take. Never raises.
    """
    try:
        _check_origin(draft, http)
        if isinstance(who, Identity):
            return _judge(draft, who, message, http)
        if draft.recall is not None and who and _is_posted(message, http):
            told, draft.body = draft.recall.tell(draft.server, who, message, http)
            if told is not None:
                return draft.finish(told)
        identity = _seen(draft, who)
        return None if identity is None else _judge(draft, identity, message, http)
    except Exception as error:  # noqa: BLE001 -- the outermost handler
        return _refused_by(error, draft, message)


def identify(
    stages: Stages, server: str | None, token: str | None, draft: Draft | None = None
) -> Steps[Identity]:
    """Tell who a token speaks for, at one server or at any; what is found is noted in the draft.

    With a draft, a token that is bound to a key is refused: nobody has asked for the proof.

    Raises:
        TokenError: the token opens nothing here.
        MappingError: it can't be told whether its bearer is a machine or a human.
    """
    audiences = stages.audiences(server)
    verified = yield from stages.verifier.verify(token or "", audiences.any_kind, server)
    return _identified(stages, audiences, verified, draft)


def _seen(draft: Draft, token: str | None) -> Identity | None:
    stages = draft.stages
    audiences = stages.audiences_by_server.get(draft.server)
    if not token or audiences is None:
        return None
    verified = stages.verifier.seen(token, audiences.any_kind)
    return None if verified is None else _identified(stages, audiences, verified, draft)


def _identified(
    stages: Stages, audiences: Audiences, verified: VerifiedToken, draft: Draft | None
) -> Identity:
    if draft is not None:
        draft.known["jti"] = verified.claims.get("jti")
    identity = stages.mapper.map(verified)
    principal = identity.principal
    audiences.require(verified, principal)
    if draft is not None:
        draft.known["principal"] = principal
        if principal.sender_constrained:
            raise TokenError("proof_required", "the token has `cnf`")
    return identity


def _check_origin(draft: Draft, http: HttpFacts | None) -> None:
    """Before anything else: what a page sends that may not is refused whoever looks at the page."""
    server = draft.stages.servers.get(draft.server)
    if http is not None and server is not None:
        check_origin(http, server.origins)


def _is_posted(message: Message, http: HttpFacts | None) -> TypeGuard[Mapping[str, Any] | bytes | str]:
    return message is not None and (http is None or http.method == "POST")


def _refused_by(error: Exception, draft: Draft, message: Message) -> Decision:
    if draft.known.keys() & {"jti", "principal"}:  # nobody else learns how a message was read
        draft.known.setdefault("request_id", answer_id(message))
    return draft.refuse(error)


def _judge(draft: Draft, identity: Identity, message: Message, http: HttpFacts | None) -> Decision:
    stages, known = draft.stages, draft.known
    known["principal"] = identity.principal
    body = draft.body
    if body is None and draft.recall is not None and _is_posted(message, http):
        body = read_body(message)
    parsed = parse_message(message, http) if body is None else parse_body(body, http)
    known["method"] = parsed.method
    known["request_id"] = parsed.request_id
    known["checks_skipped"] = parsed.checks_skipped
    call = stages.builder.build(parsed, identity, draft.server)
    known["argument_names"] = call.argument_names
    refuse_changed(draft, call.requests)
    evaluate = stages.evaluator.evaluate
    policies: tuple[PolicyMatch, ...] = ()
    reused = True
    shadows = stages.shadows
    for request in call.requests:
        verdict = evaluate(request)
        draft.asked.append(request)
        reused = reused and verdict.reused
        known["action"] = request.action
        known["resource"] = request.resource
        known["errors"] = verdict.errors
        known["reused"] = reused
        if verdict.code != ALLOWED:
            if shadows is not None:
                known["shadow"] = shadows.beside(call.requests, allowed=False)
            return _refused(draft, verdict, (request, *(r for r in call.requests if r is not request)))
        policies = verdict.policies if not policies else tuple(dict.fromkeys((*policies, *verdict.policies)))
    if shadows is not None:
        known["shadow"] = shadows.beside(call.requests, allowed=True)
    if body is not None and draft.recall is not None and len(call.requests) == 1:
        draft.recall.learn(draft.server, identity, known.get("jti"), body, call.requests[0])
    return draft.decide(ALLOWED, policies=policies, forward=call.forward, forward_headers=call.headers)


def _refused(draft: Draft, verdict: Verdict, requests: Sequence[AuthorizationRequest]) -> Decision:
    """The policies' refusal, or the scopes that would turn it round."""
    if draft.step_up and verdict.code in _MAY_LACK_SCOPES:
        scopes = draft.stages.evaluator.missing_scopes(requests)
        if scopes:
            note = f"the token lacks {', '.join(f'`{scope}`' for scope in scopes)}"
            return draft.decide("insufficient_scope", note=note, policies=verdict.policies, scopes=scopes)
    return draft.decide(verdict.code, policies=verdict.policies)
