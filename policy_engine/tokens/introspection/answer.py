"""What an introspection endpoint said, read strictly (RFC 7662 section 2.2).

What comes back is as good as a token only if it says so in so many words: `active` is `true`, not something
like it, and nothing says that another issuer, or another kind of token, is meant.
"""

from collections.abc import Mapping
from typing import Any, Final

from policy_engine.errors import TokenError
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens.fetching import Fetched, FetchFailed, FetchResult

__all__ = ["MAX_ANSWER_BYTES", "bound_claims", "introspection_unavailable", "read_answer"]

MAX_ANSWER_BYTES: Final = 64 * 1024
"""Of one token's claims; a JWT with as many wouldn't be read either."""

_OK: Final = 200
_UNAUTHORIZED: Final = 401

_BEARER: Final = "bearer"
_BOUND_TYPES: Final = frozenset({"dpop"})
"""Values of `token_type` that go with `cnf` (RFC 9449 section 6.2)."""

_ACCESS_TOKEN_KINDS: Final = frozenset(
    {"bearer", "dpop", "jwt", "at+jwt", "application/jwt", "application/at+jwt", "access_token"}
)
"""Values of `typ`, where an answer has the one of the token itself: its header's, or its own (Keycloak)."""

_ACCESS_TOKEN_USES: Final = ("access_token", "access")  # no set: what is compared may be no text


def introspection_unavailable(detail: str, note: str) -> TokenError:
    """The endpoint can't be asked, or its answer can't be read; `detail` says why."""
    return TokenError("introspection_unavailable", note, detail=detail)


def read_answer(result: FetchResult) -> dict[str, Any] | None:
    """The claims of an active token; None for a token that isn't active.

    Raises:
        TokenError: `introspection_unavailable` (`fetch_failed`, `http_status`, `not_json`).
    """
    if isinstance(result, FetchFailed):
        raise introspection_unavailable("fetch_failed", f"the endpoint didn't answer: {result}")
    if result.status == _UNAUTHORIZED:
        raise introspection_unavailable(
            "http_status", "the endpoint refuses our own credentials (status 401)"
        )
    if result.status != _OK:
        raise introspection_unavailable("http_status", f"the endpoint answered with status {result.status}")
    answer = _object(result)
    if answer.pop("active", None) is not True:  # not `"true"`, and not 1
        return None
    return answer


def bound_claims(answer: Mapping[str, Any], issuer: str) -> dict[str, Any]:
    """The claims of an answer, bound to the issuer that gave it.

    Args:
        answer: of an active token.
        issuer: the exact `iss` of the issuer that was asked; an answer that doesn't name one is given it.

    Raises:
        TokenError: `unknown_issuer`, `invalid_token_type` (`token_class`), `proof_required`.
    """
    if answer.get("iss", issuer) != issuer:
        raise TokenError("unknown_issuer", "the answer of the endpoint names another issuer")
    if answer.get("token_use", "access_token") not in _ACCESS_TOKEN_USES:
        # RFC 7662 lets an endpoint call a refresh token active.
        raise TokenError(
            "invalid_token_type", "`token_use` isn't that of access tokens", detail="token_class"
        )
    if "typ" in answer and _lower(answer["typ"]) not in _ACCESS_TOKEN_KINDS:
        # What may be a refresh token, an ID token or an event is no access token, whatever else it says.
        raise TokenError("invalid_token_type", "`typ` isn't that of access tokens", detail="token_class")
    _check_type(answer)
    return {**answer, "iss": issuer}


def _check_type(answer: Mapping[str, Any]) -> None:
    kind = _lower(answer.get("token_type", _BEARER))
    if kind in _BOUND_TYPES and "cnf" not in answer:
        raise TokenError("proof_required", "`token_type` says that the token is bound to a key, and to none")
    if kind != _BEARER and kind not in _BOUND_TYPES:
        raise TokenError("invalid_token_type", "`token_type` isn't `Bearer`", detail="token_class")


def _lower(value: object) -> str:
    """A word without regard to case; some letters outside ASCII lower-case to letters inside."""
    return value.lower() if isinstance(value, str) and value.isascii() else ""


def _object(result: Fetched) -> dict[str, Any]:
    try:
        answer = parse(result.body)
    except JsonError as error:
        note = f"the endpoint's answer isn't strict JSON: {error.code}"
        raise introspection_unavailable("not_json", note) from None
    if not isinstance(answer, dict):
        raise introspection_unavailable("not_json", "the endpoint's answer isn't a JSON object")
    return answer
