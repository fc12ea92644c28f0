"""Session ids that are of use to one caller alone.

A session id is no credential (MCP 2025-11-25, "Security Best Practices / Session Hijacking"): who learns one
mustn't get into a session of somebody else's. So callers get ids with the server's own id sealed in them,
together with whose session it is; nothing has to be remembered for that.
"""

import secrets
from typing import Final

from policy_engine.errors import JoseError
from policy_engine.jose import Sealer, base64url
from policy_engine.model import Principal, User

__all__ = ["Sessions"]

_LONGEST: Final = 4096


class Sessions:
    """Seals and opens session ids.

    Args:
        keys: of 32 bytes, the first seals; replicas need the same. Without any, ids are good for as long as
            this process runs.
    """

    __slots__ = ("_sealer",)

    def __init__(self, keys: tuple[bytes, ...] = ()) -> None:
        self._sealer = Sealer(keys or (secrets.token_bytes(32),))

    def given(self, own: str, server: str, principal: Principal) -> str:
        """The id that a caller gets for one of the server's."""
        sealed = self._sealer.seal(own.encode("latin-1"), context=_context(server, principal))
        return base64url.encode(sealed).decode("ascii")

    def own(self, given: str, server: str, principal: Principal) -> str | None:
        """The server's id for one that a caller brings; None if it isn't one of theirs."""
        if len(given) > _LONGEST:
            return None
        try:
            sealed = base64url.decode(given.encode("ascii"))
            return self._sealer.open(sealed, context=_context(server, principal)).decode("latin-1")
        except (JoseError, UnicodeEncodeError):
            return None


def _context(server: str, principal: Principal) -> str:
    """Whose: type and id, and who acts; a machine and a human of one name have no session in common."""
    actor = principal.actor if isinstance(principal, User) else None
    return f"mcp-session {server} {principal.uid} {'' if actor is None else actor.uid}"
