"""Why a request is refused, and what of it the client is told (RFC 6749 section 5.2, RFC 8707 section 2).

One row a reason. The reason goes to the operator's events; the client gets the error and a description. All
rows of one error that would tell clients, secrets, scopes or resources apart share one description.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from policy_engine.authserver.web.messages import HttpResponse, json_response
from policy_engine.errors import PolicyEngineError

__all__ = ["NO_STORE", "REFUSALS", "Refusal", "RefusedError", "refusal_response"]

NO_STORE: Final = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
"""RFC 6749 section 5.1: what the token endpoint says is for the one who asked."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one reason is told.

    Attributes:
        error: the OAuth error code.
        status: the HTTP status.
        description: ASCII without quotes and backslashes, as RFC 6749 section 5.2 asks.
    """

    error: str
    status: int
    description: str


def _request(description: str, status: int = 400) -> Refusal:
    return Refusal("invalid_request", status, description)


_CLIENT = Refusal("invalid_client", 401, "client authentication failed")
_TOO_MANY = Refusal("temporarily_unavailable", 429, "too many requests; wait before the next")
_SCOPE = Refusal("invalid_scope", 400, "the scope is missing, malformed or not available to this client")
_TARGET = Refusal("invalid_target", 400, "the resource is missing, malformed or not available to this client")

REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        # the request can't be read
        "method_not_allowed": _request("this endpoint does not answer this method", 405),
        "credentials_in_query": _request("credentials do not belong into the query"),
        "media_type": _request("the body must be application/x-www-form-urlencoded in UTF-8"),
        "body_too_large": _request("the body is too large", 413),
        "malformed_form": _request("the body is not a form"),
        "repeated_parameter": _request("a parameter is repeated"),
        "missing_parameter": _request("a required parameter is missing"),
        "several_credentials": _request("a client authenticates in one way a request"),
        "client_id_mismatch": _request("client_id differs from the authenticated client"),
        # who sent it isn't proven
        "no_credentials": _CLIENT,
        "unsupported_scheme": _CLIENT,
        "unsupported_assertion_type": _CLIENT,
        "malformed_basic": _CLIENT,
        "malformed_assertion": _CLIENT,
        "unknown_client": _CLIENT,
        "disabled_client": _CLIENT,
        "other_method": _CLIENT,
        "wrong_secret": _CLIENT,
        "expired_secret": _CLIENT,
        "assertion_unverified": _CLIENT,
        "assertion_typ": _CLIENT,
        "assertion_claims": _CLIENT,
        "assertion_identity": _CLIENT,
        "assertion_audience": _CLIENT,
        "assertion_expired": _CLIENT,
        "assertion_not_yet_valid": _CLIENT,
        "assertion_lifetime": _CLIENT,
        "assertion_jti": _CLIENT,
        "assertion_replayed": _CLIENT,
        # what it asks for isn't to be had
        "unsupported_grant": Refusal("unsupported_grant_type", 400, "only client_credentials is granted"),
        "grant_not_allowed": Refusal("unauthorized_client", 400, "the client may not use this grant"),
        "malformed_scope": _SCOPE,
        "scope_not_allowed": _SCOPE,
        "no_scope": _SCOPE,
        "no_resource": _TARGET,
        "malformed_resource": _TARGET,
        "unknown_resource": _TARGET,
        "resource_not_allowed": _TARGET,
        "several_resources": _TARGET,
        # there is no authorization endpoint; some clients need to be told where it isn't
        "no_authorization": Refusal("unsupported_response_type", 400, "no user is asked here"),
        # it, or what it was taken for, asks too often
        "rate_limited": _TOO_MANY,
        "replay_store_full": _TOO_MANY,
        # faults of ours
        "unavailable": Refusal("server_error", 503, "the server cannot answer now"),
    }
)


class RefusedError(PolicyEngineError):
    """A request that is refused; it never leaves the authorization server, which answers it.

    Attributes:
        code: the OAuth error code, for the client.
        detail: the reason, for the operator: a key of `REFUSALS`.
        wait: seconds after which another request may be answered; None where waiting doesn't help.
    """

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        row = REFUSALS[reason]
        super().__init__(row.error, row.description, detail=reason)
        self.reason = reason
        self.wait = wait


def refusal_response(reason: str, *, realm: str, wait: float | None = None) -> HttpResponse:
    """The answer to a refused request.

    Args:
        reason: a key of `REFUSALS`.
        realm: what the credentials are for, in the challenge of a 401.
        wait: seconds to wait, for `Retry-After` (RFC 9110 section 10.2.3); None for no such header.
    """
    row = REFUSALS[reason]
    # RFC 6749 section 5.2 asks for the challenge where Basic was used; RFC 9110 section 15.5.2, with any 401.
    challenge = (("WWW-Authenticate", f'Basic realm="{realm}"'),) if row is _CLIENT else ()
    retry = () if wait is None else (("Retry-After", str(max(1, math.ceil(wait)))),)
    body = {"error": row.error, "error_description": row.description}
    return json_response(row.status, body, NO_STORE + challenge + retry)
