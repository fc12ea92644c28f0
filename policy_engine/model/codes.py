"""Every code a decision can carry: what it means, and how a proxy and a JSON-RPC client are told.

One row a code; a code without a row can't be raised (a test checks both ways). Details refine a code and have
a table of their own (`details/`); both are printed in docs/reference/codes.md.
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
        example: what leads to it, in one line.
    """

    status: int
    rpc: int
    public: str
    meaning: str
    example: str


def _unauthorized(meaning: str, example: str) -> Code:
    return Code(401, 401, "Unauthorized", meaning, example)


def _denied(meaning: str, example: str) -> Code:
    return Code(403, 403, "Forbidden", meaning, example)


def _unavailable(meaning: str, example: str) -> Code:
    return Code(503, -32603, "Service unavailable", meaning, example)


CODES: Mapping[str, Code] = MappingProxyType(
    {
        ALLOWED: Code(
            200,
            0,
            "",
            "a permit applied and no forbid did",
            "a permit names what the token and the message say",
        ),
        # the token doesn't open this server
        "missing_token": _unauthorized("the request carries no token", "no `Authorization` header"),
        "malformed_token": _unauthorized(
            "the token isn't a strict compact JWS with JSON in it",
            "a token that was cut off when it was copied",
        ),
        "unsupported_algorithm": _unauthorized(
            "the token's `alg` isn't among those of its issuer", '`{"alg": "none"}`, `{"alg": "HS256"}`'
        ),
        "invalid_signature": _unauthorized(
            "no key of the issuer verifies the token's signature",
            "a token that the test environment's issuer signed",
        ),
        "unknown_issuer": _unauthorized(
            "no configured issuer has the token's `iss`",
            "`https://login.example.com/`, where `https://login.example.com` is configured",
        ),
        "invalid_token_type": _unauthorized(
            "the token isn't an access token as this issuer writes them",
            "an ID token, whose `typ` is `JWT` where access tokens have `at+jwt`",
        ),
        "invalid_claim": _unauthorized(
            "a required claim is missing, or a claim has the wrong type or form",
            '`{"exp": "soon"}`, or no `exp`',
        ),
        "invalid_audience": _unauthorized(
            "the token is meant for another server", '`{"aud": "https://mcp.example.com/other"}`'
        ),
        "expired_token": _unauthorized("the token's time is over", "`exp` was more than 30 seconds ago"),
        "not_yet_valid": _unauthorized(
            "the token's time hasn't come", "`nbf` or `iat` is more than 30 seconds ahead"
        ),
        "proof_required": _unauthorized(
            "the token is bound to a key, and its proof wasn't given", '`{"cnf": {"jkt": "…"}}`'
        ),
        "inactive_token": _unauthorized(
            "the issuer of the opaque token says that it isn't active",
            "a token that was revoked a minute ago",
        ),
        "revoked_token": _unauthorized(
            "our own authorization server takes the token back",
            "a token of a machine that was disabled a second ago",
        ),
        "registry_unavailable": _unavailable(
            "who is registered at our own authorization server isn't known any more",
            "the database hasn't answered for a minute",
        ),
        "introspection_unavailable": _unavailable(
            "the issuer of the opaque token can't be asked about it",
            "the endpoint refuses our own credentials",
        ),
        "keys_unavailable": _unavailable(
            "the issuer's keys can't be had, and none are known",
            "the issuer doesn't answer, and never has since the start",
        ),
        # the token is good, but whose it is can't be decided
        "ambiguous_principal": _denied(
            "no evidence, or contradictory evidence, for machine or human",
            "`sub` is the client's id, and `auth_time` says that a person logged in",
        ),
        "unregistered_client": _denied(
            "the machine isn't listed at its issuer in the configuration",
            "a machine's token of `robot`, which `clients` doesn't list",
        ),
        "invalid_actor": _denied(
            "the `act` claim doesn't name a machine that may act for people",
            '`{"sub": "alice", "act": {"sub": "bob"}}`, where `bob` isn\'t listed',
        ),
        # the message can't be decided on
        "malformed_message": Code(
            400,
            -32700,
            "Parse error",
            "the message isn't one strict JSON text",
            '`{"jsonrpc": "2.0", "jsonrpc": "2.0", …}`',
        ),
        "invalid_request": Code(
            400,
            -32600,
            "Invalid request",
            "the message isn't a JSON-RPC 2.0 message",
            '`{"id": 1, "method": "ping"}`',
        ),
        "unsupported_version": Code(
            400,
            -32022,
            "Unsupported protocol version",
            "the message is of a revision that isn't supported",
            "`MCP-Protocol-Version: 2024-11-05`",
        ),
        "header_mismatch": Code(
            400,
            -32020,
            "Header mismatch",
            "a header that repeats the message is missing, or says something else",
            "`Mcp-Name: list_issues`, where the message calls `delete_repository`",
        ),
        "invalid_origin": _denied(
            "a web page sent the request that may not call the server",
            "`Origin: https://evil.example`, of a page that a browser is looking at",
        ),
        "unknown_method": Code(
            404,
            -32601,
            "Method not found",
            "the method has no row in the methods table of its revision",
            '`{"jsonrpc": "2.0", "id": 1, "method": "tools/delete"}`',
        ),
        "unknown_notification": Code(
            400,
            -32601,
            "Method not found",
            "the notification has no row in the methods table of its revision",
            '`{"jsonrpc": "2.0", "method": "notifications/everything"}`',
        ),
        "invalid_params": Code(
            400,
            -32602,
            "Invalid params",
            "a required parameter is missing, empty or of the wrong type",
            "`tools/call` without `name`",
        ),
        "invalid_arguments": Code(
            400,
            -32602,
            "Invalid arguments",
            "the arguments don't have the types that the tool was pinned with",
            '`{"repo": 7}`, where `repo` is a string',
        ),
        "unknown_server": Code(
            404,
            -32601,
            "Not found",
            "no configured server has this name",
            '`server="gitlab"`, where only `github` is configured',
        ),
        # the policies' answer
        "foreign_task": _denied(
            "the task is known to be somebody else's",
            "`tasks/cancel` by `ci-bot` of a task that `alice` began",
        ),
        "tool_unpinned": _denied(
            "the tool isn't in the server's catalogue, and `unpinned` is `deny`",
            "`tools/call` of a tool that was added after the review",
        ),
        "tool_changed": _denied(
            "the server lists the tool (prompt, resource, template) otherwise than it was pinned, "
            "and `changed` is `deny`",
            "`tools/call` of a tool whose description was rewritten after the review",
        ),
        "no_permit": _denied("no permit applied", "a call that no policy mentions"),
        "forbidden": _denied(
            "a forbid applied", "a machine calls a destructive tool, and a forbid says that none may"
        ),
        "insufficient_scope": Code(
            403,
            403,
            "Insufficient scope",
            "policies would allow it if the token had more scopes, which the answer names (RFC 6750)",
            "`issues:write` is asked for by the one permit that fits, and the token has `issues:read`",
        ),
        "policy_error": _denied(
            "a forbid couldn't be evaluated", "a forbid multiplies an argument beyond 64 bits"
        ),
        # the server's answer can't be passed on
        "malformed_list": Code(
            502,
            -32603,
            "Bad gateway",
            "the server's list isn't one strict JSON-RPC answer to the request",
            '`{"tools": {}}`, or a tool without a name',
        ),
        # faults of ours
        "audit_failed": _unavailable(
            "the decision couldn't be recorded, and `on_failure` is `deny`", "the disk is full"
        ),
        "internal_error": _unavailable(
            "a bug; the request was refused", "none is known; the log names the place"
        ),
    }
)
