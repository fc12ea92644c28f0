"""The bearer token of a request: in one `Authorization` header, and nowhere else (RFC 6750, section 2.1)."""

from policy_engine.integrations.exchange.messages import Request

__all__ = ["bearer_token"]


def bearer_token(request: Request) -> str | None:
    """The token alone; None if the request brings none, or credentials of another scheme.

    Raises:
        ValueError: there is more than one; nothing is quoted.
    """
    values = request.values("authorization")
    if len(values) > 1 or any("," in value for value in values):
        raise ValueError("more than one credential")
    scheme, _, token = values[0].strip(" \t").partition(" ") if values else ("", "", "")
    return (token.strip(" ") or None) if scheme.lower() == "bearer" else None
