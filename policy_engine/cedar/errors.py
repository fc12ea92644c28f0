"""What happens when Cedar can't answer."""

from policy_engine.errors import PolicyEngineError

__all__ = ["CedarError"]


class CedarError(PolicyEngineError):
    """Cedar couldn't take what the engine handed it: a fault of ours, so the request is refused.

    The code is `internal_error`; the detail says what was refused: `cedar_request` (principal, action,
    resource or context), `cedar_entities`, `cedar_schema` or `cedar_answer` (diagnostics in a form that this
    version doesn't know). Cedar's own words are left out, since they print the whole context and entities.
    """

    def __init__(self, detail: str, note: str = "") -> None:
        super().__init__("internal_error", note, detail=detail)
