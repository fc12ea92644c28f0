"""How an error is told in the log: by what is ours to say, not by its message, which may quote a request."""

from policy_engine.errors import ConfigError, PolicyEngineError

__all__ = ["named"]


def named(error: BaseException) -> str:
    """Its type; of our own also its code, and how to mend it."""
    name = type(error).__name__
    if not isinstance(error, PolicyEngineError):
        return name
    code = error.code if error.detail is None else f"{error.code} ({error.detail})"
    remedy = f"; {error.remedy}" if isinstance(error, ConfigError) and error.remedy else ""
    return f"{name}: {code}{remedy}"
