"""Every code a decision can carry: what it means, and how a proxy and a JSON-RPC client are told.

One row a code; a code without a row can't be raised (a test checks both ways). Details refine a code and are
listed in docs/reference/codes.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ALLOWED", "CODES", "Code"]

ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Code:
    """How one outcome is told.

    Attributes:
        status: HTTP status of the answer.
        rpc: code of the JSON-RPC error. Denials use 403 and 401: application space, where MCP reserves
            -32000…-32099 for itself (MCP 2026-07-28, "Error Codes").
        public: what the caller reads; one text for all denials, so that it says nothing about policies.
        meaning: what the operator reads.
    """

    status: int
    rpc: int
    public: str
    meaning: str


def _unauthorized(meaning: str) -> Code:
    return Code(401, 401, "Unauthorized", meaning)


def _denied(meaning: str) -> Code:
    return Code(403, 403, "Forbidden", meaning)


def _unavailable(meaning: str) -> Code:
    return Code(503, -32603, "Service unavailable", meaning)


CODES: Mapping[str, Code] = MappingProxyType(
    {
        ALLOWED: Code(200, 0, "", "a permit applied and no forbid did"),
        # the token doesn't open this server
        "missing_token": _unauthorized("the request carries no token"),
        "malformed_token": _unauthorized("the token isn't a strict compact JWS with JSON in it"),
        "unsupported_algorithm": _unauthorized("the token's `alg` isn't among those of its issuer"),
        "invalid_signature": _unauthorized("no key of the issuer verifies the token's signature"),
        "unknown_issuer": _unauthorized("no configured issuer has the token's `iss`"),
        "invalid_token_type": _unauthorized("the token isn't an access token as this issuer writes them"),
        "invalid_claim": _unauthorized("a required claim is missing, or a claim has the wrong type or form"),
        "invalid_audience": _unauthorized("the token is meant for another server"),
        "expired_token": _unauthorized("the token's time is over"),
        "not_yet_valid": _unauthorized("the token's time hasn't come"),
        "proof_required": _unauthorized("the token is bound to a key, and its proof wasn't given"),
        "keys_unavailable": _unavailable("the issuer's keys can't be had, and none are known"),
        # the token is good, but whose it is can't be decided
        "ambiguous_principal": _denied("no evidence, or contradictory evidence, for machine or human"),
        "unregistered_client": _denied("the machine isn't listed at its issuer in the configuration"),
        "invalid_actor": _denied("the `act` claim doesn't name a machine that may act for people"),
        # the message can't be decided on
        "malformed_message": Code(400, -32700, "Parse error", "the message isn't one strict JSON text"),
        "invalid_request": Code(400, -32600, "Invalid request", "the message isn't a JSON-RPC 2.0 message"),
        "unsupported_version": Code(
            400, -32022, "Unsupported protocol version", "the message is of a revision that isn't supported"
        ),
        "unknown_method": Code(
            404, -32601, "Method not found", "the method has no row in the methods table of its revision"
        ),
        "invalid_params": Code(
            400, -32602, "Invalid params", "a required parameter is missing, empty or of the wrong type"
        ),
        "invalid_arguments": Code(
            400,
            -32602,
            "Invalid arguments",
            "the arguments don't have the types that the tool was pinned with",
        ),
        "unknown_server": Code(404, -32601, "Not found", "no configured server has this name"),
        # the policies' answer
        "unpinned_tool": _denied("the tool isn't in the server's catalogue, and `unpinned` is `deny`"),
        "no_permit": _denied("no permit applied"),
        "forbidden": _denied("a forbid applied"),
        "policy_error": _denied("a forbid couldn't be evaluated"),
        # faults of ours
        "audit_failed": _unavailable("the decision couldn't be recorded, and `on_failure` is `deny`"),
        "internal_error": _unavailable("a bug; the request was refused"),
    }
)
